"""Histories: how far back spikes and rates are remembered, as long as the longest delay or window asks for."""

from __future__ import annotations

from collections.abc import Iterable

from engram.program.in_flight import forget_flights
from engram.program.neurons import Neurons
from engram.program.packing import longest_delay
from engram.program.units import in_ms
from engram.state import names

__all__ = ["fit_histories", "forget_history"]


def fit_histories(populations: Iterable[Neurons]) -> None:
    """Lengthen histories that are shorter than what delays and windows ask for now."""
    for population in populations:
        state = population.program.state
        population.longest_delay = longest_delay(population)
        longest = max(population.longest_delay, population.rate_window + 1)
        for path in population.pasts:
            if len(state.array(path)) < longest:
                try:
                    state.lengthen(path, longest)
                except MemoryError as error:
                    ms = in_ms(longest, population.program.dt)
                    what = f"no memory for the last {ms:g} ms of population {population.name!r}: {error}"
                    raise MemoryError(f"{what}\n  help: {_way_out(population)}") from None


def _way_out(population: Neurons) -> str:
    if population.rate_window >= population.longest_delay:
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
