"""Histories: how far back spikes and rates are remembered, as long as the longest delay or window asks for."""

from __future__ import annotations

from collections.abc import Iterable

from engram.program.in_flight import forget_flights
from engram.program.neurons import Neurons
from engram.program.packing import longest_delay
from engram.program.synapses import Synapses
from engram.program.units import in_ms
from engram.state import names

__all__ = ["fit_histories", "forget_history", "remember"]


def fit_histories(populations: Iterable[Neurons]) -> None:
    """Lengthen histories that are shorter than what delays and windows ask for now."""
    for population in populations:
        population.longest_delay = longest_delay(population)
        _remember(population, max(population.longest_delay, population.rate_window + 1))


def remember(projection: Synapses, steps: int) -> None:
    """Lengthen what the populations of a projection remember, as far as it reads that, for delays of so many steps.

    Raises:
        MemoryError: if there is no memory for it.
    """
    for population in (projection.pre, *((projection.post,) if projection.spec.compares_spikes else ())):
        _remember(population, steps)


def _remember(population: Neurons, steps: int) -> None:
    state = population.program.state
    for path in population.pasts:
        if len(state.array(path)) < steps:
            try:
                state.lengthen(path, steps)
            except MemoryError as error:
                ms = in_ms(steps, population.program.dt)
                what = f"no memory for the last {ms:g} ms of population {population.name!r}: {error}"
                raise MemoryError(f"{what}\n  help: {_way_out(population, steps)}") from None


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
