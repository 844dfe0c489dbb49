"""Histories: how far back spikes and rates are remembered, as long as the longest delay or window asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from engram.program.in_flight import forget_flights
from engram.program.neurons import Neurons
from engram.program.packing import longest_delay
from engram.program.synapses import Synapses
from engram.program.units import in_ms
from engram.state import names
from engram.state.tree import State

__all__ = ["fit_histories", "forget_history", "remember"]


def fit_histories(populations: Iterable[Neurons]) -> None:
    """Lengthen histories that are shorter than what delays and windows ask for now."""
    asked = {}
    for population in populations:
        population.longest_delay = longest_delay(population)
        asked[population] = max(population.longest_delay, population.rate_window + 1)
    _remember(asked)


def remember(longest: Mapping[Synapses, int], others: Collection[str] = ()) -> Callable[[], None]:
    """Lengthen what the populations of projections remember, as far as these read it, for delays of so many steps.

    Args:
        longest: delays in steps.
        others: paths of populations whose past will be another one.

    Returns:
        What takes that back, as long as no step was run.

    Raises:
        MemoryError: if there is no memory for it; nothing has changed.
    """
    asked: dict[Neurons, int] = {}
    for projection, steps in longest.items():
        for population in (projection.pre, *((projection.post,) if projection.spec.compares_spikes else ())):
            if population.path not in others:
                asked[population] = max(steps, asked.get(population, 0))
    return _remember(asked)


def _remember(asked: Mapping[Neurons, int]) -> Callable[[], None]:
    longer: dict[str, tuple[State, Any]] = {}
    for population, steps in asked.items():
        state = population.program.state
        for path in population.pasts:
            if len(state.array(path)) < steps:
                try:
                    longer[path] = state, state.longer(path, steps)
                except MemoryError as error:
                    ms = in_ms(steps, population.program.dt)
                    what = f"no memory for the last {ms:g} ms of population {population.name!r}: {error}"
                    raise MemoryError(f"{what}\n  help: {_way_out(population, steps)}") from None
    before = {path: (state, state.slot(path), state.array(path)) for path, (state, _) in longer.items()}
    for path, (state, ring) in longer.items():
        state.lengthen(path, ring)

    def take_back() -> None:
        for state, slot, ring in before.values():
            state.put(slot, ring)

    return take_back


def _way_out(population: Neurons, steps: int) -> str:
    if population.rate_window + 1 >= steps:
        return "give compute_firing_rate() a shorter window; monitor.smoothed_rate() smooths recorded spikes, too."
    return "its projections have delays as long as that: give shorter ones."


def forget_history(population: Neurons) -> None:
    """Drop the spikes in flight and those of firing rates; for rates, let the past have been as the present."""
    if population.rate_window:
        population.write(names.RATE_COUNT, 0)
        population.write("r", 0)
    for path in population.pasts:
        population.program.state.forget(path)
    for projection in population.outgoing:
        forget_flights(projection)
