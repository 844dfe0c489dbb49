"""Adaptive exponential integrate-and-fire neurons (AdEx)."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.models.definition import Neuron
from engram.models.parameters import local, resting

__all__ = ["EIF_cond_alpha_isfa_ista", "EIF_cond_exp_isfa_ista"]

# The limit for delta_T -> 0 is a wall at v_thresh: what reaches it spikes.
_ONSET = "ite(delta_T > 0.0, delta_T*exp((v - v_thresh)/delta_T), 0.0)"
_SPIKE = "v > ite(delta_T > 0.0, v_spike, v_thresh)"


@checked_calls
class EIF_cond_exp_isfa_ista(Neuron):  # noqa: N801  a name of PyNN's
    """Adaptive exponential integrate-and-fire neuron (AdEx) with conductances that jump and decay exponentially.

    Equations (the ODEs are one block; v and w explicit, conductances exponential)::

        I = g_exc*(e_rev_E - v) + g_inh*(e_rev_I - v) + i_offset
        tau_m*dv/dt = v_rest - v + delta_T*exp((v - v_thresh)/delta_T) + tau_m/cm*(I - w)
        tau_w*dw/dt = a*(v - v_rest)/1000 - w
        tau_syn_E*dg_exc/dt = -g_exc
        tau_syn_I*dg_inh/dt = -g_inh
        spike when v > v_spike: v = v_reset, w += b, v held for tau_refrac

    v starts at v_reset. All parameters are local. Spike-frequency adaptation (isfa) is b, subthreshold adaptation
    (ista) is a. In the refractory period only v is held. Where delta_T is 0, its limit stands: no onset, and a spike
    when v > v_thresh.

    Args:
        v_rest: resting potential in mV (-70.6).
        cm: membrane capacity in nF (0.281).
        tau_m: membrane time constant in ms (9.3667).
        tau_refrac: refractory period in ms (0.1).
        tau_syn_E: decay time of the excitatory conductance in ms (5.0).
        tau_syn_I: decay time of the inhibitory conductance in ms (5.0).
        e_rev_E: reversal potential of excitation in mV (0.0).
        e_rev_I: reversal potential of inhibition in mV (-80.0).
        tau_w: time constant of the adaptation in ms (144.0).
        a: subthreshold adaptation in nS (4.0).
        b: jump of the adaptation at a spike in nA (0.0805).
        i_offset: constant current in nA (0.0).
        delta_T: sharpness of the spike onset in mV, 0 for a spike at v_thresh (2.0).
        v_thresh: potential of the spike onset in mV (-50.4).
        v_reset: potential after a spike in mV (-70.6).
        v_spike: potential at which a spike is emitted in mV (-40.0).
        refractoriness: ``published``, or ``annarchy``, where w is held too.

    Source:
        Brette R, Gerstner W (2005) Adaptive exponential integrate-and-fire model as an effective description of
        neuronal activity. J Neurophysiol 94:3637-3642.
    """

    _positive = "cm tau_m tau_syn_E tau_syn_I tau_w"
    _finite = "tau_m"
    _not_negative = "delta_T"

    def __init__(
        self,
        v_rest: float = -70.6,
        cm: float = 0.281,
        tau_m: float = 9.3667,
        tau_refrac: float = 0.1,
        tau_syn_E: float = 5.0,
        tau_syn_I: float = 5.0,
        e_rev_E: float = 0.0,
        e_rev_I: float = -80.0,
        tau_w: float = 144.0,
        a: float = 4.0,
        b: float = 0.0805,
        i_offset: float = 0.0,
        delta_T: float = 2.0,
        v_thresh: float = -50.4,
        v_reset: float = -70.6,
        v_spike: float = -40.0,
        refractoriness: str = "published",
    ) -> None:
        flag = resting("EIF_cond_exp_isfa_ista", refractoriness)
        super().__init__(
            parameters=local(
                v_rest=v_rest,
                cm=cm,
                tau_m=tau_m,
                tau_refrac=tau_refrac,
                tau_syn_E=tau_syn_E,
                tau_syn_I=tau_syn_I,
                e_rev_E=e_rev_E,
                e_rev_I=e_rev_I,
                tau_w=tau_w,
                a=a,
                b=b,
                i_offset=i_offset,
                delta_T=delta_T,
                v_thresh=v_thresh,
                v_reset=v_reset,
                v_spike=v_spike,
            ),
            equations=f"""
                I = g_exc*(e_rev_E - v) + g_inh*(e_rev_I - v) + i_offset : {flag}
                tau_m*dv/dt = v_rest - v + {_ONSET} + tau_m/cm*(I - w)
                    : explicit, init=v_reset
                tau_w*dw/dt = a*(v - v_rest)/1000.0 - w : explicit, {flag}
                tau_syn_E*dg_exc/dt = -g_exc : exponential
                tau_syn_I*dg_inh/dt = -g_inh : exponential
            """,
            spike=_SPIKE,
            reset="v = v_reset; w += b",
            refractory="tau_refrac",
            name="EIF_cond_exp_isfa_ista",
            description="Adaptive exponential integrate-and-fire neuron with exponentially decaying conductances.",
        )


@checked_calls
class EIF_cond_alpha_isfa_ista(Neuron):  # noqa: N801  a name of PyNN's
    """Adaptive exponential integrate-and-fire neuron (AdEx) with alpha-shaped conductances.

    Equations (the ODEs are one block; v and w explicit, the others exponential; X is exc with tau_syn_E, or inh with
    tau_syn_I)::

        gmax_X = exp((tau_syn_X - dt/2)/tau_syn_X)
        I = alpha_exc*(e_rev_E - v) + alpha_inh*(e_rev_I - v) + i_offset
        tau_m*dv/dt = v_rest - v + delta_T*exp((v - v_thresh)/delta_T) + tau_m/cm*(I - w)
        tau_w*dw/dt = a*(v - v_rest)/1000 - w
        tau_syn_X*dg_X/dt = -g_X
        tau_syn_X*dalpha_X/dt = gmax_X*g_X - alpha_X
        spike when v > v_spike: v = v_reset, w += b, v held for tau_refrac

    v starts at v_reset. All parameters are local. The conductance after a spike of weight w peaks at w. In the
    refractory period only v is held. Where delta_T is 0, its limit stands: no onset, and a spike when v > v_thresh.

    Args:
        v_rest: resting potential in mV (-70.6).
        cm: membrane capacity in nF (0.281).
        tau_m: membrane time constant in ms (9.3667).
        tau_refrac: refractory period in ms (0.1).
        tau_syn_E: rise time of the excitatory conductance in ms (5.0).
        tau_syn_I: rise time of the inhibitory conductance in ms (5.0).
        e_rev_E: reversal potential of excitation in mV (0.0).
        e_rev_I: reversal potential of inhibition in mV (-80.0).
        tau_w: time constant of the adaptation in ms (144.0).
        a: subthreshold adaptation in nS (4.0).
        b: jump of the adaptation at a spike in nA (0.0805).
        i_offset: constant current in nA (0.0).
        delta_T: sharpness of the spike onset in mV, 0 for a spike at v_thresh (2.0).
        v_thresh: potential of the spike onset in mV (-50.4).
        v_reset: potential after a spike in mV (-70.6).
        v_spike: potential at which a spike is emitted in mV (-40.0).
        refractoriness: ``published``, or ``annarchy``, where w and alpha_X are held too.

    Source:
        Brette R, Gerstner W (2005) Adaptive exponential integrate-and-fire model as an effective description of
        neuronal activity. J Neurophysiol 94:3637-3642.
        Rall W (1967) Distinguishing theoretical synaptic potentials computed for different soma-dendritic
        distributions of synaptic input. J Neurophysiol 30:1138-1168.
    """

    _positive = "cm tau_m tau_syn_E tau_syn_I tau_w"
    _finite = "tau_m tau_syn_E tau_syn_I"
    _not_negative = "delta_T"

    def __init__(
        self,
        v_rest: float = -70.6,
        cm: float = 0.281,
        tau_m: float = 9.3667,
        tau_refrac: float = 0.1,
        tau_syn_E: float = 5.0,
        tau_syn_I: float = 5.0,
        e_rev_E: float = 0.0,
        e_rev_I: float = -80.0,
        tau_w: float = 144.0,
        a: float = 4.0,
        b: float = 0.0805,
        i_offset: float = 0.0,
        delta_T: float = 2.0,
        v_thresh: float = -50.4,
        v_reset: float = -70.6,
        v_spike: float = -40.0,
        refractoriness: str = "published",
    ) -> None:
        flag = resting("EIF_cond_alpha_isfa_ista", refractoriness)
        super().__init__(
            parameters=local(
                v_rest=v_rest,
                cm=cm,
                tau_m=tau_m,
                tau_refrac=tau_refrac,
                tau_syn_E=tau_syn_E,
                tau_syn_I=tau_syn_I,
                e_rev_E=e_rev_E,
                e_rev_I=e_rev_I,
                tau_w=tau_w,
                a=a,
                b=b,
                i_offset=i_offset,
                delta_T=delta_T,
                v_thresh=v_thresh,
                v_reset=v_reset,
                v_spike=v_spike,
            ),
            equations=f"""
                gmax_exc = exp((tau_syn_E - dt/2.0)/tau_syn_E) : {flag}
                gmax_inh = exp((tau_syn_I - dt/2.0)/tau_syn_I) : {flag}
                I = alpha_exc*(e_rev_E - v) + alpha_inh*(e_rev_I - v) + i_offset : {flag}
                tau_m*dv/dt = v_rest - v + {_ONSET} + tau_m/cm*(I - w)
                    : explicit, init=v_reset
                tau_w*dw/dt = a*(v - v_rest)/1000.0 - w : explicit, {flag}
                tau_syn_E*dg_exc/dt = -g_exc : exponential
                tau_syn_I*dg_inh/dt = -g_inh : exponential
                tau_syn_E*dalpha_exc/dt = gmax_exc*g_exc - alpha_exc : exponential, {flag}
                tau_syn_I*dalpha_inh/dt = gmax_inh*g_inh - alpha_inh : exponential, {flag}
            """,
            spike=_SPIKE,
            reset="v = v_reset; w += b",
            refractory="tau_refrac",
            name="EIF_cond_alpha_isfa_ista",
            description="Adaptive exponential integrate-and-fire neuron with alpha-shaped conductances.",
        )
