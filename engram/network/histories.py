"""Histories: how far back spikes and rates are remembered, as long as the longest delay or window asks for.

Called by ``network/compiling.py`` at compile and by :class:`Network` after a load or a change of delays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engram.network.packing import longest_delay
from engram.state.slots import Layout
from engram.state.tree import aligned

if TYPE_CHECKING:
    from engram.network.network import Network
    from engram.network.population import Population

__all__ = ["find_histories", "fit_histories", "forget_history"]


def find_histories(network: Network) -> None:
    """Find how long histories must be, and which inputs populations have, from the synapses that were drawn."""
    for population in network._populations.values():
        population._longest_delay = _longest_delay(population)
        population._history_length = max(population._longest_delay, population._rate_window + 1)


def _longest_delay(population: Population) -> int:
    """The longest delay of the projections that read what the population emitted, in steps, at least 1."""
    readers = [
        p
        for p in population._network._projections.values()
        if p._pre is population or (p._post is population and p._spec.compares_spikes)
    ]
    return max([1, *map(longest_delay, readers)])


def fit_histories(network: Network) -> None:
    """Lengthen histories that are shorter than the delays which projections have now, after a load or a new draw."""
    state = network._state
    for population in network._populations.values():
        population._longest_delay = _longest_delay(population)
        longest = max(population._longest_delay, population._rate_window + 1)
        for path, slot in state.slots().items():
            if slot.owner == population._path and slot.layout in (Layout.RING, Layout.SPIKES):
                old = state[path]
                if len(old) < longest:
                    state.put(slot.with_shape((longest, *old.shape[1:])), _lengthened(old, longest, state.step, path))


def _lengthened(ring: np.ndarray, length: int, step: int, path: str) -> np.ndarray:
    """Return a longer ring; before what is known nothing spiked, and rates were the oldest that is known."""
    longer = aligned((length, *ring.shape[1:]), ring.dtype)
    if path.rsplit("/", 1)[1] not in ("count", "rank"):
        longer[...] = ring[step % len(ring)]
    for past in range(step - len(ring), step):
        longer[past % length] = ring[past % len(ring)]
    return longer


def forget_history(population: Population) -> None:
    """Drop the spikes in flight and those of firing rates; for rates, let the past have been as the present."""
    state = population._network._state
    if population._rate_window:
        state[f"{population._path}/internal/rate/count"][...] = 0
        state[f"{population._path}/r"][...] = 0
    for path, slot in state.slots().items():
        if slot.owner == population._path and slot.layout is Layout.RING:
            now = f"{slot.owner}/{slot.name.removeprefix('history/')}"
            state[path][...] = 0 if slot.name.endswith("/count") else state[now]
