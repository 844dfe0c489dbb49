"""Leaky integrate-and-fire neurons of PyNN: currents or conductances, exponential or alpha-shaped."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.models.definition import Neuron
from engram.models.parameters import local, resting

__all__ = ["IF_cond_alpha", "IF_cond_exp", "IF_curr_alpha", "IF_curr_exp"]


@checked_calls
class IF_curr_exp(Neuron):  # noqa: N801  a name of PyNN's
    """Leaky integrate-and-fire neuron with synaptic currents that jump and decay exponentially.

    Equations (one block: v sees the currents before their decay; all exponential)::

        cm*dv/dt = cm/tau_m*(v_rest - v) + g_exc - g_inh + i_offset
        tau_syn_E*dg_exc/dt = -g_exc
        tau_syn_I*dg_inh/dt = -g_inh
        spike when v > v_thresh: v = v_reset, held for tau_refrac

    v starts at v_reset. All parameters are local.

    Args:
        v_rest: resting potential in mV (-65.0).
        cm: membrane capacity in nF (1.0).
        tau_m: membrane time constant in ms (20.0).
        tau_refrac: refractory period in ms (0.0).
        tau_syn_E: decay time of the excitatory current in ms (5.0).
        tau_syn_I: decay time of the inhibitory current in ms (5.0).
        v_thresh: spike threshold in mV (-50.0).
        v_reset: potential after a spike in mV (-65.0).
        i_offset: constant current in nA (0.0).

    Source:
        Davison AP et al. (2009) PyNN: a common interface for neuronal network simulators. Front Neuroinform 2:11.
        Method: Rotter S, Diesmann M (1999) Biol Cybern 81:381-402.
    """

    _positive = "cm tau_m tau_syn_E tau_syn_I"
    _finite = "cm"

    def __init__(
        self,
        v_rest: float = -65.0,
        cm: float = 1.0,
        tau_m: float = 20.0,
        tau_refrac: float = 0.0,
        tau_syn_E: float = 5.0,
        tau_syn_I: float = 5.0,
        v_thresh: float = -50.0,
        v_reset: float = -65.0,
        i_offset: float = 0.0,
    ) -> None:
        super().__init__(
            parameters=local(
                v_rest=v_rest,
                cm=cm,
                tau_m=tau_m,
                tau_refrac=tau_refrac,
                tau_syn_E=tau_syn_E,
                tau_syn_I=tau_syn_I,
                v_thresh=v_thresh,
                v_reset=v_reset,
                i_offset=i_offset,
            ),
            equations="""
                cm*dv/dt = cm/tau_m*(v_rest - v) + g_exc - g_inh + i_offset : exponential, init=v_reset
                tau_syn_E*dg_exc/dt = -g_exc : exponential
                tau_syn_I*dg_inh/dt = -g_inh : exponential
            """,
            spike="v > v_thresh",
            reset="v = v_reset",
            refractory="tau_refrac",
            name="IF_curr_exp",
            description="Leaky integrate-and-fire neuron with exponentially decaying synaptic currents.",
        )


@checked_calls
class IF_cond_exp(Neuron):  # noqa: N801  a name of PyNN's
    """Leaky integrate-and-fire neuron with synaptic conductances that jump and decay exponentially.

    Equations (one block: v sees the conductances before their decay; all exponential)::

        cm*dv/dt = cm/tau_m*(v_rest - v) + g_exc*(e_rev_E - v) + g_inh*(e_rev_I - v) + i_offset
        tau_syn_E*dg_exc/dt = -g_exc
        tau_syn_I*dg_inh/dt = -g_inh
        spike when v > v_thresh: v = v_reset, held for tau_refrac

    v starts at v_reset. All parameters are local.

    Args:
        v_rest: resting potential in mV (-65.0).
        cm: membrane capacity in nF (1.0).
        tau_m: membrane time constant in ms (20.0).
        tau_refrac: refractory period in ms (0.0).
        tau_syn_E: decay time of the excitatory conductance in ms (5.0).
        tau_syn_I: decay time of the inhibitory conductance in ms (5.0).
        e_rev_E: reversal potential of excitation in mV (0.0).
        e_rev_I: reversal potential of inhibition in mV (-70.0).
        v_thresh: spike threshold in mV (-50.0).
        v_reset: potential after a spike in mV (-65.0).
        i_offset: constant current in nA (0.0).

    Weights, and g, are in uS.

    Source:
        Davison AP et al. (2009) PyNN: a common interface for neuronal network simulators. Front Neuroinform 2:11.
    """

    _positive = "cm tau_m tau_syn_E tau_syn_I"
    _finite = "cm"

    def __init__(
        self,
        v_rest: float = -65.0,
        cm: float = 1.0,
        tau_m: float = 20.0,
        tau_refrac: float = 0.0,
        tau_syn_E: float = 5.0,
        tau_syn_I: float = 5.0,
        e_rev_E: float = 0.0,
        e_rev_I: float = -70.0,
        v_thresh: float = -50.0,
        v_reset: float = -65.0,
        i_offset: float = 0.0,
    ) -> None:
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
                v_thresh=v_thresh,
                v_reset=v_reset,
                i_offset=i_offset,
            ),
            equations="""
                cm*dv/dt = cm/tau_m*(v_rest - v) + g_exc*(e_rev_E - v) + g_inh*(e_rev_I - v) + i_offset
                    : exponential, init=v_reset
                tau_syn_E*dg_exc/dt = -g_exc : exponential
                tau_syn_I*dg_inh/dt = -g_inh : exponential
            """,
            spike="v > v_thresh",
            reset="v = v_reset",
            refractory="tau_refrac",
            name="IF_cond_exp",
            description="Leaky integrate-and-fire neuron with exponentially decaying synaptic conductances.",
        )


@checked_calls
class IF_curr_alpha(Neuron):  # noqa: N801  a name of PyNN's
    """Leaky integrate-and-fire neuron with alpha-shaped synaptic currents.

    Equations (the ODEs are one block, all exponential; X is exc with tau_syn_E, or inh with tau_syn_I)::

        gmax_X = exp((tau_syn_X - dt/2)/tau_syn_X)
        cm*dv/dt = cm/tau_m*(v_rest - v) + alpha_exc - alpha_inh + i_offset
        tau_syn_X*dg_X/dt = -g_X
        tau_syn_X*dalpha_X/dt = gmax_X*g_X - alpha_X
        spike when v > v_thresh: v = v_reset, v held for tau_refrac

    A spike of weight w makes alpha_X follow w*(s/tau_syn_X)*exp(1 - s/tau_syn_X), s ms after it: its peak is w. The
    dt in gmax_X makes this right to second order in dt. In the refractory period only v is held. v starts at v_reset.
    All parameters are local.

    Args:
        v_rest: resting potential in mV (-65.0).
        cm: membrane capacity in nF (1.0).
        tau_m: membrane time constant in ms (20.0).
        tau_refrac: refractory period in ms (0.0).
        tau_syn_E: rise time of the excitatory current in ms (5.0).
        tau_syn_I: rise time of the inhibitory current in ms (5.0).
        v_thresh: spike threshold in mV (-50.0).
        v_reset: potential after a spike in mV (-65.0).
        i_offset: constant current in nA (0.0).
        refractoriness: ``published``, or ``annarchy``, where alpha_X is held too.

    Source:
        Rall W (1967) Distinguishing theoretical synaptic potentials computed for different soma-dendritic
        distributions of synaptic input. J Neurophysiol 30:1138-1168.
        Davison AP et al. (2009) PyNN: a common interface for neuronal network simulators. Front Neuroinform 2:11.
    """

    _positive = "cm tau_m tau_syn_E tau_syn_I"
    _finite = "cm tau_syn_E tau_syn_I"

    def __init__(
        self,
        v_rest: float = -65.0,
        cm: float = 1.0,
        tau_m: float = 20.0,
        tau_refrac: float = 0.0,
        tau_syn_E: float = 5.0,
        tau_syn_I: float = 5.0,
        v_thresh: float = -50.0,
        v_reset: float = -65.0,
        i_offset: float = 0.0,
        refractoriness: str = "published",
    ) -> None:
        flag = resting("IF_curr_alpha", refractoriness)
        super().__init__(
            parameters=local(
                v_rest=v_rest,
                cm=cm,
                tau_m=tau_m,
                tau_refrac=tau_refrac,
                tau_syn_E=tau_syn_E,
                tau_syn_I=tau_syn_I,
                v_thresh=v_thresh,
                v_reset=v_reset,
                i_offset=i_offset,
            ),
            equations=f"""
                gmax_exc = exp((tau_syn_E - dt/2.0)/tau_syn_E) : {flag}
                gmax_inh = exp((tau_syn_I - dt/2.0)/tau_syn_I) : {flag}
                cm*dv/dt = cm/tau_m*(v_rest - v) + alpha_exc - alpha_inh + i_offset : exponential, init=v_reset
                tau_syn_E*dg_exc/dt = -g_exc : exponential
                tau_syn_I*dg_inh/dt = -g_inh : exponential
                tau_syn_E*dalpha_exc/dt = gmax_exc*g_exc - alpha_exc : exponential, {flag}
                tau_syn_I*dalpha_inh/dt = gmax_inh*g_inh - alpha_inh : exponential, {flag}
            """,
            spike="v > v_thresh",
            reset="v = v_reset",
            refractory="tau_refrac",
            name="IF_curr_alpha",
            description="Leaky integrate-and-fire neuron with alpha-shaped synaptic currents.",
        )


@checked_calls
class IF_cond_alpha(Neuron):  # noqa: N801  a name of PyNN's
    """Leaky integrate-and-fire neuron with alpha-shaped synaptic conductances.

    Equations (the ODEs are one block, all exponential; X is exc with tau_syn_E, or inh with tau_syn_I)::

        gmax_X = exp((tau_syn_X - dt/2)/tau_syn_X)
        cm*dv/dt = cm/tau_m*(v_rest - v) + alpha_exc*(e_rev_E - v) + alpha_inh*(e_rev_I - v) + i_offset
        tau_syn_X*dg_X/dt = -g_X
        tau_syn_X*dalpha_X/dt = gmax_X*g_X - alpha_X
        spike when v > v_thresh: v = v_reset, v held for tau_refrac

    A spike of weight w makes alpha_X follow w*(s/tau_syn_X)*exp(1 - s/tau_syn_X), s ms after it: its peak is w. The
    dt in gmax_X makes this right to second order in dt. In the refractory period only v is held. v starts at v_reset.
    All parameters are local.

    Args:
        v_rest: resting potential in mV (-65.0).
        cm: membrane capacity in nF (1.0).
        tau_m: membrane time constant in ms (20.0).
        tau_refrac: refractory period in ms (0.0).
        tau_syn_E: rise time of the excitatory conductance in ms (5.0).
        tau_syn_I: rise time of the inhibitory conductance in ms (5.0).
        e_rev_E: reversal potential of excitation in mV (0.0).
        e_rev_I: reversal potential of inhibition in mV (-70.0).
        v_thresh: spike threshold in mV (-50.0).
        v_reset: potential after a spike in mV (-65.0).
        i_offset: constant current in nA (0.0).
        refractoriness: ``published``, or ``annarchy``, where alpha_X is held too.

    Weights, g and alpha are in uS.

    Source:
        Rall W (1967) Distinguishing theoretical synaptic potentials computed for different soma-dendritic
        distributions of synaptic input. J Neurophysiol 30:1138-1168.
        Davison AP et al. (2009) PyNN: a common interface for neuronal network simulators. Front Neuroinform 2:11.
    """

    _positive = "cm tau_m tau_syn_E tau_syn_I"
    _finite = "cm tau_syn_E tau_syn_I"

    def __init__(
        self,
        v_rest: float = -65.0,
        cm: float = 1.0,
        tau_m: float = 20.0,
        tau_refrac: float = 0.0,
        tau_syn_E: float = 5.0,
        tau_syn_I: float = 5.0,
        e_rev_E: float = 0.0,
        e_rev_I: float = -70.0,
        v_thresh: float = -50.0,
        v_reset: float = -65.0,
        i_offset: float = 0.0,
        refractoriness: str = "published",
    ) -> None:
        flag = resting("IF_cond_alpha", refractoriness)
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
                v_thresh=v_thresh,
                v_reset=v_reset,
                i_offset=i_offset,
            ),
            equations=f"""
                gmax_exc = exp((tau_syn_E - dt/2.0)/tau_syn_E) : {flag}
                gmax_inh = exp((tau_syn_I - dt/2.0)/tau_syn_I) : {flag}
                cm*dv/dt = cm/tau_m*(v_rest - v) + alpha_exc*(e_rev_E - v) + alpha_inh*(e_rev_I - v) + i_offset
                    : exponential, init=v_reset
                tau_syn_E*dg_exc/dt = -g_exc : exponential
                tau_syn_I*dg_inh/dt = -g_inh : exponential
                tau_syn_E*dalpha_exc/dt = gmax_exc*g_exc - alpha_exc : exponential, {flag}
                tau_syn_I*dalpha_inh/dt = gmax_inh*g_inh - alpha_inh : exponential, {flag}
            """,
            spike="v > v_thresh",
            reset="v = v_reset",
            refractory="tau_refrac",
            name="IF_cond_alpha",
            description="Leaky integrate-and-fire neuron with alpha-shaped synaptic conductances.",
        )
