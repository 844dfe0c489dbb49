"""Ready-made neurons driven by a current and by spikes: simulated by engram, and integrated independently.

Called by ``figures.py``, which draws them, and by ``tests/models``, which bound the errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

import engram as eg
from benchmarks import published
from benchmarks.independent import Array, Arrival, Cell, Trace, integrate
from engram import models

__all__ = ["DRIVEN", "Driven", "reference", "simulated", "slope", "spike_errors", "trace_error"]

DELAY_MS = 1.0
EXC_MS, INH_MS = (10.0, 14.0, 18.0, 40.0, 42.0, 44.0), (30.0, 45.0)  # arrivals of spikes


@dataclass(frozen=True)
class Driven:
    """One driven neuron.

    Args:
        neuron: engram's model.
        cell: the published neuron with the same arguments.
        order: of convergence that the model's method has.
        until_ms: end of the simulation.
        smooth_ms: end of the time in which the trace is compared: before the first reset, if there is one.
        coarse_ms: step from which on the error falls as the order says.
        settings: arguments of the model.
        weights: of the arriving excitatory and inhibitory spikes.
        inputs: the states of the cell that they are added to.
    """

    neuron: type[eg.Neuron]
    cell: Cell
    order: int
    until_ms: float
    smooth_ms: float
    coarse_ms: float
    settings: dict[str, Any] = field(default_factory=dict)
    weights: tuple[float, float] = (0.0, 0.0)
    inputs: tuple[int, int] = (0, 0)

    @property
    def steps_ms(self) -> list[float]:
        """The steps with which the neuron is simulated, each half of the one before."""
        return [self.coarse_ms / 2**k for k in range(5)]

    @property
    def arrivals(self) -> list[Arrival]:
        """The arriving spikes, by time."""
        exc = [Arrival(t, self.inputs[0], self.weights[0]) for t in EXC_MS]
        inh = [Arrival(t, self.inputs[1], self.weights[1]) for t in INH_MS]
        return sorted(exc + inh, key=lambda a: a.time_ms) if any(self.weights) else []


# -- what is driven ----------------------------------------------------------------------------------------

PULSED = {"i_offset": 0.9, "tau_refrac": 2.0}
ADAPTING = {"i_offset": 1.0, "tau_refrac": 2.0}
DRIVEN = {
    "Izhikevich": Driven(
        models.Izhikevich, published.izhikevich(i_offset=10.0), 1, 200.0, 2.0, 0.05, {"i_offset": 10.0}
    ),
    "IF_curr_exp": Driven(
        models.IF_curr_exp, published.leaky("curr", "exp", **PULSED), 1, 100.0, 14.0, 0.1, PULSED, (0.5, 1.0), (1, 2)
    ),
    "IF_cond_exp": Driven(
        models.IF_cond_exp, published.leaky("cond", "exp", **PULSED), 1, 100.0, 14.0, 0.1, PULSED, (0.01, 0.05), (1, 2)
    ),
    "IF_curr_alpha": Driven(
        models.IF_curr_alpha,
        published.leaky("curr", "alpha", **PULSED),
        1,
        100.0,
        14.0,
        0.1,
        PULSED,
        (0.3, 0.5),
        (1, 2),
    ),
    "IF_cond_alpha": Driven(
        models.IF_cond_alpha,
        published.leaky("cond", "alpha", **PULSED),
        1,
        100.0,
        14.0,
        0.1,
        PULSED,
        (0.006, 0.03),
        (1, 2),
    ),
    "EIF_cond_exp_isfa_ista": Driven(
        models.EIF_cond_exp_isfa_ista,
        published.adaptive("exp", **ADAPTING),
        1,
        250.0,
        9.0,
        0.05,
        ADAPTING,
        (0.01, 0.02),
        (2, 3),
    ),
    "EIF_cond_alpha_isfa_ista": Driven(
        models.EIF_cond_alpha_isfa_ista,
        published.adaptive("alpha", **ADAPTING),
        1,
        250.0,
        9.0,
        0.05,
        ADAPTING,
        (0.005, 0.01),
        (2, 3),
    ),
    "HH_cond_exp": Driven(
        models.HH_cond_exp,
        published.hodgkin_huxley(i_offset=0.3),
        1,
        60.0,
        3.0,
        0.01,
        {"i_offset": 0.3},
        (0.02, 0.1),
        (4, 5),
    ),
}
"""Driven neurons by the name of their model."""


# -- what is compared -------------------------------------------------------------------------------------


@cache
def reference(name: str, dt_ms: float) -> Trace:
    """Return the independent integration, sampled where engram's is with steps of ``dt_ms``."""
    driven = DRIVEN[name]
    times = dt_ms * np.arange(1, round(driven.until_ms / dt_ms) + 1, dtype=np.float64)
    return integrate(driven.cell, times, driven.arrivals)


@cache
def simulated(name: str, dt_ms: float, backend: str = "c") -> Trace:
    """Return engram's potential as (steps, 1), the value at the end of each step, and its spike times in ms."""
    driven = DRIVEN[name]
    net = eg.Network(dt=dt_ms, seed=1)
    population = net.create(1, driven.neuron(**driven.settings), name="driven")
    for target, times, weight in zip(("exc", "inh"), (EXC_MS, INH_MS), driven.weights, strict=True):
        if weight:
            once = eg.Neuron(parameters="at = 0.0", spike="abs(t - at) < dt/2.0", name="spikes at a given time")
            clock = net.create(len(times), once, name=f"{target} spikes")
            clock.at = np.array(times) - DELAY_MS
            net.connect(clock, population, target).all_to_all(weights=weight, delays=DELAY_MS)
    monitor = net.monitor(population, ["v", "spike"])
    net.compile(backend=backend)
    net.simulate(driven.until_ms)
    return Trace(monitor.get("v"), (np.array(monitor.get("spike")[0], float) + 1.0) * dt_ms)


def trace_error(name: str, dt_ms: float) -> float:
    """Return the largest error of the potential, in mV, while the trace is smooth."""
    n = round(DRIVEN[name].smooth_ms / dt_ms)
    difference = simulated(name, dt_ms).states[:n, 0] - reference(name, dt_ms).states[:n, 0]
    return float(np.abs(difference).max())


def spike_errors(name: str, dt_ms: float) -> Array:
    """Return the error of each spike's time in ms; infinite if their number is wrong."""
    ours, theirs = simulated(name, dt_ms).spikes, reference(name, dt_ms).spikes
    return ours - theirs if len(ours) == len(theirs) else np.full(len(theirs), np.inf)


def slope(steps_ms: Sequence[float], errors: Sequence[float]) -> float:
    """Return the order of convergence: the slope of the line through log(error) over log(dt)."""
    return float(np.polyfit(np.log(steps_ms), np.log(errors), 1)[0])
