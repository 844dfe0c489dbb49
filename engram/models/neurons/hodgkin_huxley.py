"""Neurons of Hodgkin and Huxley's kind."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.models.definition import Neuron
from engram.models.parameters import choice, local

__all__ = ["HH_cond_exp"]

_INACTIVATION = {"traub": "(40.0 - v + v_offset)/5.0", "annarchy": "10.0 - v + v_offset"}
_REMEMBER = "prev_v = v"  # an assignment ends a block of simultaneous equations


@checked_calls
class HH_cond_exp(Neuron):  # noqa: N801  a name of PyNN's
    """A single-compartment neuron with sodium and potassium channels, and conductances that decay exponentially.

    Equations (all exponential; the gates first, and v with their new values: spike times are some fifty times closer to
    the exact ones so than if all were advanced at once)::

        an = 0.032*vtrap(15 - x, 5)                    bn = 0.5*exp((10 - x)/40)
        am = 0.32*vtrap(13 - x, 4)                     bm = 0.28*vtrap(x - 40, 5)
        ah = 0.128*exp((17 - x)/18)                    bh = 4/(1 + exp((40 - x)/5))
        dn/dt = an*(1 - n) - bn*n,  dm/dt and dh/dt alike
        cm*dv/dt = gleak*(e_rev_leak - v) + gbar_K*n^4*(e_rev_K - v) + gbar_Na*m^3*h*(e_rev_Na - v)
                   + g_exc*(e_rev_E - v) + g_inh*(e_rev_I - v) + i_offset
        tau_syn_E*dg_exc/dt = -g_exc
        tau_syn_I*dg_inh/dt = -g_inh
        spike when v rises above v_thresh; nothing is reset

    A dt of 0.01 or 0.02 ms is usual; from 0.1 ms on rates are wrong.

    where x = v - v_offset and vtrap(x, y) = x/(exp(x/y) - 1), which is y at x = 0. v starts at e_rev_leak, n and m at
    0, h at 1. All parameters are local.

    ANNarchy's model of this name has bh = 4/(1 + exp(10 - x)): sodium inactivates 30 mV lower, and a constant current
    gives one spike at most, where Traub and Miles's neuron fires again and again. It advances gates and v at once.

    Args:
        gbar_Na: peak conductance of sodium in uS (20.0).
        gbar_K: peak conductance of potassium in uS (6.0).
        gleak: leak conductance in uS (0.01).
        cm: membrane capacity in nF (0.2).
        v_offset: shift of the potential in the channels' rates in mV (-63.0).
        e_rev_Na: reversal potential of sodium in mV (50.0).
        e_rev_K: reversal potential of potassium in mV (-90.0).
        e_rev_leak: reversal potential of the leak in mV (-65.0).
        e_rev_E: reversal potential of excitation in mV (0.0).
        e_rev_I: reversal potential of inhibition in mV (-80.0).
        tau_syn_E: decay time of the excitatory conductance in ms (0.2).
        tau_syn_I: decay time of the inhibitory conductance in ms (2.0).
        i_offset: constant current in nA (0.0).
        v_thresh: potential above which a spike is emitted in mV (0.0).
        rates: ``traub``, or ``annarchy`` for the bh and the order of ANNarchy.

    Source:
        Traub RD, Miles R (1991) Neuronal Networks of the Hippocampus. Cambridge University Press.
        Brette R et al. (2007) Simulation of networks of spiking neurons: a review of tools and strategies.
        J Comput Neurosci 23:349-398.
    """

    _positive = "cm tau_syn_E tau_syn_I"

    def __init__(
        self,
        gbar_Na: float = 20.0,
        gbar_K: float = 6.0,
        gleak: float = 0.01,
        cm: float = 0.2,
        v_offset: float = -63.0,
        e_rev_Na: float = 50.0,
        e_rev_K: float = -90.0,
        e_rev_leak: float = -65.0,
        e_rev_E: float = 0.0,
        e_rev_I: float = -80.0,
        tau_syn_E: float = 0.2,
        tau_syn_I: float = 2.0,
        i_offset: float = 0.0,
        v_thresh: float = 0.0,
        rates: str = "traub",
    ) -> None:
        above = _INACTIVATION[choice("HH_cond_exp", "rates", rates, ("traub", "annarchy"))]
        at_once = rates == "annarchy"
        super().__init__(
            parameters=local(
                gbar_Na=gbar_Na,
                gbar_K=gbar_K,
                gleak=gleak,
                cm=cm,
                v_offset=v_offset,
                e_rev_Na=e_rev_Na,
                e_rev_K=e_rev_K,
                e_rev_leak=e_rev_leak,
                e_rev_E=e_rev_E,
                e_rev_I=e_rev_I,
                tau_syn_E=tau_syn_E,
                tau_syn_I=tau_syn_I,
                i_offset=i_offset,
                v_thresh=v_thresh,
            ),
            equations=f"""
                {_REMEMBER if at_once else ""}
                an = 0.032*vtrap(15.0 - v + v_offset, 5.0)
                am = 0.32*vtrap(13.0 - v + v_offset, 4.0)
                ah = 0.128*exp((17.0 - v + v_offset)/18.0)
                bn = 0.5*exp((10.0 - v + v_offset)/40.0)
                bm = 0.28*vtrap(v - v_offset - 40.0, 5.0)
                bh = 4.0/(1.0 + exp({above}))
                dn/dt = an*(1.0 - n) - bn*n : exponential, init=0.0
                dm/dt = am*(1.0 - m) - bm*m : exponential, init=0.0
                dh/dt = ah*(1.0 - h) - bh*h : exponential, init=1.0
                {"" if at_once else _REMEMBER}
                cm*dv/dt = gleak*(e_rev_leak - v) + gbar_K*n^4*(e_rev_K - v) + gbar_Na*m^3*h*(e_rev_Na - v)
                    + g_exc*(e_rev_E - v) + g_inh*(e_rev_I - v) + i_offset : exponential, init=e_rev_leak
                tau_syn_E*dg_exc/dt = -g_exc : exponential
                tau_syn_I*dg_inh/dt = -g_inh : exponential
            """,
            functions="vtrap(x, y) = if x == 0.0: y else: x/(exp(x/y) - 1.0)",
            spike="(v > v_thresh) and (prev_v <= v_thresh)",
            name="HH_cond_exp",
            description="Hodgkin-Huxley neuron with exponentially decaying synaptic conductances.",
        )
