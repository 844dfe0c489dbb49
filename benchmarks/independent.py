"""Neurons integrated by SciPy to ten digits, with spikes found as events: what engram's traces are compared with.

In: a :class:`Cell`, its right side written anew and not taken from engram. Out: a :class:`Trace`. Called by
``driven.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp

__all__ = ["Arrival", "Cell", "Trace", "integrate"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """The ODEs of a neuron and what happens at its spikes.

    Args:
        rate: derivative of the state, per ms. State 0 is the potential.
        start: the state at time 0.
        threshold: a spike is emitted when the potential rises through it.
        reset: the state after a spike; None if the equations go on.
        refractory_ms: how long some states keep their values after a spike.
        held: those states.
        moving_threshold: a state that is added to the threshold, where it moves.
    """

    rate: Callable[[Array], Array]
    start: tuple[float, ...]
    threshold: float
    reset: Callable[[Array], Array] | None = None
    refractory_ms: float = 0.0
    held: tuple[int, ...] = ()
    moving_threshold: int | None = None

    def margin(self, state: Array) -> float:
        """Return how far the potential is above the threshold."""
        moved = 0.0 if self.moving_threshold is None else state[self.moving_threshold]
        return float(state[0] - self.threshold - moved)


@dataclass(frozen=True)
class Arrival:
    """At ``time_ms``, ``amount`` is added to a state."""

    time_ms: float
    state: int
    amount: float


@dataclass(frozen=True)
class Trace:
    """The states at given times, (times, states), and the times of the spikes in ms."""

    states: Array
    spikes: Array


def integrate(cell: Cell, times_ms: Array, arrivals: Sequence[Arrival] = ()) -> Trace:
    """Integrate from 0 with a Runge-Kutta method of order 8, relative tolerance 1e-10.

    Args:
        times_ms: ascending, above 0. What arrives at one of them is not in its sample yet.
        arrivals: by ascending time. One that lifts the potential over the threshold makes a spike, where there is a
            reset; one that is added to a state that is being held is lost.
    """
    states = np.empty((len(times_ms), len(cell.start)))
    state, now, end, spikes = np.array(cell.start), 0.0, float(times_ms[-1]), list[float]()
    waiting, awake_at = list(arrivals), 0.0
    while now < end:
        while waiting and waiting[0].time_ms <= now:
            arrival = waiting.pop(0)
            if awake_at <= now or arrival.state not in cell.held:
                state[arrival.state] += arrival.amount
        if cell.reset is not None and awake_at <= now and cell.margin(state) > 0.0:
            spikes.append(now)
            state, awake_at = cell.reset(state), now + cell.refractory_ms
        stops = [end] + [a.time_ms for a in waiting[:1]] + ([awake_at] if awake_at > now else [])
        part = _solve(cell, state, now, min(stops), resting=awake_at > now)
        before, now, state = now, float(part.t[-1]), part.y[:, -1].copy()
        inside = (times_ms > before) & (times_ms <= now)
        if inside.any():
            states[inside] = part.sol(times_ms[inside]).T
        spikes += [float(t) for t in part.t_events[0]] if part.t_events else []
        if part.status == 1 and cell.reset is not None:
            state, awake_at = cell.reset(state), now + cell.refractory_ms
    return Trace(states, np.array(spikes))


def _solve(cell: Cell, state: Array, start_ms: float, end_ms: float, resting: bool) -> Any:
    """Integrate to ``end_ms`` or to the next spike."""
    moves = np.ones(len(state))
    if resting:
        moves[list(cell.held)] = 0.0

    def crosses(t_ms: float, y: Array) -> float:
        return cell.margin(y)

    crosses.terminal = cell.reset is not None  # type: ignore[attr-defined]  # how solve_ivp is told
    crosses.direction = 1.0  # type: ignore[attr-defined]  # upwards
    return solve_ivp(
        lambda t_ms, y: moves * cell.rate(y),
        (start_ms, end_ms),
        state,
        method="DOP853",
        rtol=1e-10,
        atol=1e-12,
        dense_output=True,
        events=None if resting else crosses,
    )
