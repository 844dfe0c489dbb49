"""The neuron of Izhikevich."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.models.definition import Neuron
from engram.models.parameters import local, number

__all__ = ["Izhikevich"]


@checked_calls
class Izhikevich(Neuron):
    """A quadratic spiking neuron with a recovery variable; four numbers choose among twenty firing patterns.

    Equations (v and u are advanced together)::

        I = g_exc - g_inh + noise*Normal(0.0, 1.0) + i_offset
        dv/dt = 0.04*v^2 + 5*v + 140 - u + I           (explicit)
        du/dt = a*(b*v - u)                            (explicit)
        spike when v > v_thresh: v = c, u += d

    Inputs act in the one step in which they arrive. v starts at c, u at b*c.

    Args:
        a: rate of the recovery variable in 1/ms (0.02).
        b: coupling of the recovery variable to the potential (0.2).
        c: potential after a spike in mV (-65.0).
        d: jump of the recovery variable at a spike (8.0).
        v_thresh: potential at which a spike is emitted in mV (30.0).
        i_offset: constant input in mV/ms (0.0).
        noise: standard deviation of the input drawn in every step (0.0).
        tau_refrac: refractory period in ms (0.0).
        conductance: text, the input from synapses; ``g_exc - g_inh`` by default.

    Source:
        Izhikevich EM (2003) Simple model of spiking neurons. IEEE Trans Neural Netw 14(6):1569-1572.
    """

    _positive = ""

    def __init__(
        self,
        a: float = 0.02,
        b: float = 0.2,
        c: float = -65.0,
        d: float = 8.0,
        v_thresh: float = 30.0,
        i_offset: float = 0.0,
        noise: float = 0.0,
        tau_refrac: float = 0.0,
        conductance: str = "g_exc - g_inh",
    ) -> None:
        u_at_rest = number("Izhikevich", "b", b) * number("Izhikevich", "c", c)
        super().__init__(
            parameters=local(
                a=a, b=b, c=c, d=d, v_thresh=v_thresh, i_offset=i_offset, noise=noise, tau_refrac=tau_refrac
            ),
            equations=f"""
                I = ({conductance}) + noise*Normal(0.0, 1.0) + i_offset
                dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u + I : init=c
                du/dt = a*(b*v - u) : init={u_at_rest!r}
            """,
            spike="v > v_thresh",
            reset="v = c; u += d",
            refractory="tau_refrac",
            name="Izhikevich",
            description="Quadratic integrate-and-fire neuron with adaptation.",
        )
