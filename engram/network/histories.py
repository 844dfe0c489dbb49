"""Histories: how far back spikes and rates are remembered, as long as the longest delay or window asks for.

Called by ``network/compiling.py`` when a network begins, and by :class:`Network` after a load or a change of delays.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engram.network.packing import longest_delay
from engram.state import names

if TYPE_CHECKING:
    from engram.network.population import Population

__all__ = ["fit_histories", "forget_history"]


def fit_histories(populations: Iterable[Population]) -> None:
    """Lengthen histories that are shorter than what delays and windows ask for now."""
    for population in populations:
        state = population._network._state
        population._longest_delay = longest_delay(population)
        longest = max(population._longest_delay, population._rate_window + 1)
        for path in population._pasts:
            if len(state.array(path)) < longest:
                state.lengthen(path, longest)


def forget_history(population: Population) -> None:
    """Drop the spikes in flight and those of firing rates; for rates, let the past have been as the present."""
    if population._rate_window:
        population._write(names.RATE_COUNT, 0)
        population._write("r", 0)
    for path in population._pasts:
        population._network._state.forget(path)
