"""Plasticity of spiking synapses: short-term, and by the timing of spikes."""

from __future__ import annotations

from engram.callers import checked_calls
from engram.models.definition import Synapse
from engram.models.parameters import local

__all__ = ["STDP", "STP"]


@checked_calls
class STP(Synapse):
    """Short-term plasticity: depression as resources x run out, facilitation as their use u grows.

    Equations (event-driven: evaluated when a spike arrives)::

        dx/dt = (1 - x)/tau_rec                        (starts at 1)
        du/dt = (U - u)/tau_facil                      (starts at U)
        at a presynaptic spike: g_target += w*u*x, x *= 1 - u, u += U*(1 - u)

    Args:
        tau_rec: time constant of recovery in ms, one for the projection (100.0).
        tau_facil: time constant of facilitation in ms, one for the projection; a small one is none (0.01).
        U: use of resources at rest, from 0 to 1, per synapse (0.5).

    Source:
        Tsodyks MV, Markram H (1997) The neural code between neocortical pyramidal neurons depends on neurotransmitter
        release probability. PNAS 94:719-723.
        Markram H, Wang Y, Tsodyks M (1998) Differential signaling via the same axon of neocortical pyramidal neurons.
        PNAS 95:5323-5328.
    """

    _positive = "tau_rec tau_facil"
    _shares = "U"

    def __init__(self, tau_rec: float = 100.0, tau_facil: float = 0.01, U: float = 0.5) -> None:
        super().__init__(
            parameters={"tau_rec": tau_rec, "tau_facil": tau_facil, **local(U=U)},
            equations="""
                dx/dt = (1.0 - x)/tau_rec : event-driven, init=1.0
                du/dt = (U - u)/tau_facil : event-driven, init=U
            """,
            pre_spike="""
                g_target += w*u*x
                x *= 1.0 - u
                u += U*(1.0 - u)
            """,
            name="STP",
            description="Short-term plasticity: depression and facilitation.",
        )


@checked_calls
class STDP(Synapse):
    """Spike-timing dependent plasticity: pre before post strengthens, post before pre weakens; all pairs count.

    Equations (event-driven: evaluated when either neuron spikes)::

        tau_plus*dx/dt = -x
        tau_minus*dy/dt = -y
        at a presynaptic spike: g_target += w, x += A_plus*w_max, w = clip(w + y, w_min, w_max)
        at a postsynaptic spike: y -= A_minus*w_max, w = clip(w + x, w_min, w_max)

    A pair changes w by A_plus*w_max*exp(-s/tau_plus) when the postsynaptic neuron spikes s ms after the arrival of the
    presynaptic spike, and by -A_minus*w_max*exp(-s/tau_minus) when it spikes s ms before.

    Args:
        tau_plus: width of the strengthening window in ms, one for the projection (20.0).
        tau_minus: width of the weakening window in ms, one for the projection (20.0).
        A_plus: strengthening by a pair, as a fraction of w_max, one for the projection (0.01).
        A_minus: weakening by a pair, as a fraction of w_max, one for the projection (0.01).
        w_min: smallest weight, one for the projection (0.0).
        w_max: largest weight, one for the projection (1.0).

    Source:
        Song S, Miller KD, Abbott LF (2000) Competitive Hebbian learning through spike-timing-dependent synaptic
        plasticity. Nat Neurosci 3:919-926.
    """

    _positive = "tau_plus tau_minus"

    def __init__(
        self,
        tau_plus: float = 20.0,
        tau_minus: float = 20.0,
        A_plus: float = 0.01,
        A_minus: float = 0.01,
        w_min: float = 0.0,
        w_max: float = 1.0,
    ) -> None:
        super().__init__(
            parameters={
                "tau_plus": tau_plus,
                "tau_minus": tau_minus,
                "A_plus": A_plus,
                "A_minus": A_minus,
                "w_min": w_min,
                "w_max": w_max,
            },
            equations="""
                tau_plus*dx/dt = -x : event-driven
                tau_minus*dy/dt = -y : event-driven
            """,
            pre_spike="""
                g_target += w
                x += A_plus*w_max
                w = clip(w + y, w_min, w_max)
            """,
            post_spike="""
                y -= A_minus*w_max
                w = clip(w + x, w_min, w_max)
            """,
            name="STDP",
            description="Spike-timing dependent plasticity, online.",
        )
