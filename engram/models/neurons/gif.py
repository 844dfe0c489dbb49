"""Generalized integrate-and-fire neurons: a leaky potential, a moving threshold, spikes at random."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.models.definition import Neuron
from engram.models.parameters import number, resting
from engram.state.limits import Limit, first_misfit, refusal

__all__ = ["GIF_curr", "GIF_curr_exp"]


@checked_calls
class GIF_curr(Neuron):  # noqa: N801  a name of ANNarchy's
    """Generalized integrate-and-fire neuron with escape noise and a moving threshold; inputs act in one step.

    Equations (u and v are advanced together, by the network's method)::

        tau_m*du/dt = -u + u_r + R*I_ext + R*(g_exc - g_inh)
        tau_v*dv/dt = -(v - u_th)
        Lambda = c*exp((u - v)/delta_u)                hazard in Hz
        p = Uniform(0.0, 1.0)*1000/dt
        spike when p < Lambda: u = u_r, v += J_v/tau_v, u held for refractory_period

    u starts at u_r, v at u_th. All parameters are one for the population; among them R = tau_m/C_m stands for C_m. The
    threshold decays in the refractory period too.

    Args:
        C_m: membrane capacity in pF (250.0).
        tau_m: membrane time constant in ms (10.0).
        tau_v: time constant of the threshold in ms (1000.0).
        J_v: strength of the threshold's jump in mV*ms: it jumps by J_v/tau_v (1000.0).
        u_r: potential at rest and after a spike in mV (-65.0).
        u_th: threshold at rest in mV (-50.0).
        c: hazard at the threshold in Hz (10.0).
        delta_u: width of the escape noise in mV (5.0).
        I_ext: constant current in pA (375.0).
        current: text, the input from synapses in mV; ``R*(g_exc - g_inh)`` by default.
        refractory_period: ms (0.0).
        refractoriness: ``published``, or ``annarchy``, where v is held too.

    Source:
        Schwalger T, Deger M, Gerstner W (2017) Towards a theory of cortical columns: from spiking neurons to
        interacting neural populations of finite size. PLoS Comput Biol 13(4):e1005507.
    """

    _positive = "tau_m tau_v delta_u"
    _finite = "tau_m"
    _not_negative = "c"

    def __init__(
        self,
        C_m: float = 250.0,
        tau_m: float = 10.0,
        tau_v: float = 1000.0,
        J_v: float = 1000.0,
        u_r: float = -65.0,
        u_th: float = -50.0,
        c: float = 10.0,
        delta_u: float = 5.0,
        I_ext: float = 375.0,
        current: str = "R*(g_exc - g_inh)",
        refractory_period: float = 0.0,
        refractoriness: str = "published",
    ) -> None:
        flag = resting("GIF_curr", refractoriness)
        super().__init__(
            parameters={
                "tau_m": tau_m,
                "tau_v": tau_v,
                "J_v": J_v,
                "u_r": u_r,
                "u_th": u_th,
                "c": c,
                "delta_u": delta_u,
                "I_ext": I_ext,
                "R": _resistance("GIF_curr", tau_m, C_m),
            },
            equations=f"""
                tau_m*du/dt = -u + u_r + R*I_ext + ({current}) : init=u_r
                tau_v*dv/dt = -(v - u_th) : init=u_th, {flag}
                Lambda = c*exp((u - v)/delta_u)
                p = Uniform(0.0, 1.0)*1000.0/dt
            """,
            spike="p < Lambda",
            reset="u = u_r; v += J_v/tau_v",
            refractory=refractory_period,
            name="GIF_curr",
            description="Generalized integrate-and-fire neuron with instantaneous synaptic currents.",
        )


@checked_calls
class GIF_curr_exp(Neuron):  # noqa: N801  a name of ANNarchy's
    """Generalized integrate-and-fire neuron with escape noise, a moving threshold and decaying currents.

    Equations (u and v are advanced together, and so are g_exc and g_inh after them, by the network's method)::

        tau_m*du/dt = -u + u_r + R*I_ext + R*(g_exc - g_inh)
        tau_v*dv/dt = -(v - u_th)
        Lambda = c*exp((u - v)/delta_u)                hazard in Hz
        p = Uniform(0.0, 1.0)*1000/dt
        tau_g_exc*dg_exc/dt = -g_exc
        tau_g_inh*dg_inh/dt = -g_inh
        spike when p < Lambda: u = u_r, v += J_v/tau_v, u held for refractory_period

    u starts at u_r, v at u_th. All parameters are one for the population; among them R = tau_m/C_m stands for C_m. The
    threshold decays in the refractory period too.

    Args:
        C_m: membrane capacity in pF (250.0).
        tau_m: membrane time constant in ms (10.0).
        tau_v: time constant of the threshold in ms (1000.0).
        J_v: strength of the threshold's jump in mV*ms: it jumps by J_v/tau_v (1000.0).
        u_r: potential at rest and after a spike in mV (-65.0).
        u_th: threshold at rest in mV (-50.0).
        c: hazard at the threshold in Hz (10.0).
        delta_u: width of the escape noise in mV (5.0).
        I_ext: constant current in pA (375.0).
        current: text, the input from synapses in mV; ``R*(g_exc - g_inh)`` by default.
        refractory_period: ms (0.0).
        tau_g_exc: decay time of the excitatory current in ms (5.0).
        tau_g_inh: decay time of the inhibitory current in ms (5.0).
        refractoriness: ``published``, or ``annarchy``, where v is held too.

    Source:
        Schwalger T, Deger M, Gerstner W (2017) Towards a theory of cortical columns: from spiking neurons to
        interacting neural populations of finite size. PLoS Comput Biol 13(4):e1005507.
    """

    _positive = "tau_m tau_v delta_u tau_g_exc tau_g_inh"
    _finite = "tau_m"
    _not_negative = "c"

    def __init__(
        self,
        C_m: float = 250.0,
        tau_m: float = 10.0,
        tau_v: float = 1000.0,
        J_v: float = 1000.0,
        u_r: float = -65.0,
        u_th: float = -50.0,
        c: float = 10.0,
        delta_u: float = 5.0,
        I_ext: float = 375.0,
        current: str = "R*(g_exc - g_inh)",
        refractory_period: float = 0.0,
        tau_g_exc: float = 5.0,
        tau_g_inh: float = 5.0,
        refractoriness: str = "published",
    ) -> None:
        flag = resting("GIF_curr_exp", refractoriness)
        super().__init__(
            parameters={
                "tau_m": tau_m,
                "tau_v": tau_v,
                "J_v": J_v,
                "u_r": u_r,
                "u_th": u_th,
                "c": c,
                "delta_u": delta_u,
                "I_ext": I_ext,
                "R": _resistance("GIF_curr_exp", tau_m, C_m),
                "tau_g_exc": tau_g_exc,
                "tau_g_inh": tau_g_inh,
            },
            equations=f"""
                tau_m*du/dt = -u + u_r + R*I_ext + ({current}) : init=u_r
                tau_v*dv/dt = -(v - u_th) : init=u_th, {flag}
                Lambda = c*exp((u - v)/delta_u)
                p = Uniform(0.0, 1.0)*1000.0/dt
                tau_g_exc*dg_exc/dt = -g_exc
                tau_g_inh*dg_inh/dt = -g_inh
            """,
            spike="p < Lambda",
            reset="u = u_r; v += J_v/tau_v",
            refractory=refractory_period,
            name="GIF_curr_exp",
            description="Generalized integrate-and-fire neuron with exponentially decaying synaptic currents.",
        )


def _resistance(model: str, tau_m: float, capacitance: float) -> float:
    """Return the resistance of the membrane, from its time constant in ms and its capacity in pF."""
    divisor, numerator = number(model, "C_m", capacitance), number(model, "tau_m", tau_m)
    for limit, value in ((Limit("C_m", "positive"), divisor), (Limit("tau_m", "positive, finite"), numerator)):
        if first_misfit(limit, value) is not None:
            raise refusal(model, limit, value)
    return numerator / divisor
