"""Neurons of Hodgkin and Huxley's kind."""

from __future__ import annotations

from engram.models.definition import Neuron
from engram.models.parameters import local

__all__ = ["HH_cond_exp"]


class HH_cond_exp(Neuron):  # noqa: N801  a name of PyNN's
    """A single-compartment neuron with sodium and potassium channels, and conductances that decay exponentially.

    Equations (the ODEs are one block, all exponential)::

        x = v - v_offset
        an = 0.032*(15 - x)/(exp((15 - x)/5) - 1)      bn = 0.5*exp((10 - x)/40)
        am = 0.32*(13 - x)/(exp((13 - x)/4) - 1)       bm = 0.28*(x - 40)/(exp((x - 40)/5) - 1)
        ah = 0.128*exp((17 - x)/18)                    bh = 4/(1 + exp(10 - x))
        dn/dt = an*(1 - n) - bn*n,  dm/dt and dh/dt alike
        cm*dv/dt = gleak*(e_rev_leak - v) + gbar_K*n^4*(e_rev_K - v) + gbar_Na*m^3*h*(e_rev_Na - v)
                   + g_exc*(e_rev_E - v) + g_inh*(e_rev_I - v) + i_offset
        tau_syn_E*dg_exc/dt = -g_exc
        tau_syn_I*dg_inh/dt = -g_inh
        spike when v rises above v_thresh; nothing is reset

    an, am and bm are 0/0 at x = 15, 13 and 40, where their limits stand in. v starts at e_rev_leak, n and m at 0, h
    at 1. All parameters are local. bh has no divisor in its exponential: it follows ANNarchy.

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

    Source:
        Traub RD, Miles R (1991) Neuronal Networks of the Hippocampus. Cambridge University Press.
        Brette R et al. (2007) Simulation of networks of spiking neurons: a review of tools and strategies.
        J Comput Neurosci 23:349-398.
    """

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
    ) -> None:
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
            equations="""
                prev_v = v
                x = v - v_offset
                an = if x == 15.0: 0.16 else: 0.032*(15.0 - x)/(exp((15.0 - x)/5.0) - 1.0)
                am = if x == 13.0: 1.28 else: 0.32*(13.0 - x)/(exp((13.0 - x)/4.0) - 1.0)
                ah = 0.128*exp((17.0 - x)/18.0)
                bn = 0.5*exp((10.0 - x)/40.0)
                bm = if x == 40.0: 1.4 else: 0.28*(x - 40.0)/(exp((x - 40.0)/5.0) - 1.0)
                bh = 4.0/(1.0 + exp(10.0 - x))
                dn/dt = an*(1.0 - n) - bn*n : exponential, init=0.0
                dm/dt = am*(1.0 - m) - bm*m : exponential, init=0.0
                dh/dt = ah*(1.0 - h) - bh*h : exponential, init=1.0
                cm*dv/dt = gleak*(e_rev_leak - v) + gbar_K*n^4*(e_rev_K - v) + gbar_Na*m^3*h*(e_rev_Na - v)
                    + g_exc*(e_rev_E - v) + g_inh*(e_rev_I - v) + i_offset : exponential, init=e_rev_leak
                tau_syn_E*dg_exc/dt = -g_exc : exponential
                tau_syn_I*dg_inh/dt = -g_inh : exponential
            """,
            spike="(v > v_thresh) and (prev_v <= v_thresh)",
            name="HH_cond_exp",
            description="Hodgkin-Huxley neuron with exponentially decaying synaptic conductances.",
        )
