"""The firing rate ``r`` of spiking neurons: spikes of a window, counted in every step by a job of the engine.

Here stands what is left to do when the window changes, or when a population takes part again after a rest. Called by
:class:`Population`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engram.state import names

if TYPE_CHECKING:
    from engram.network.population import Population

__all__ = ["count_spikes", "show_rate"]


def count_spikes(population: Population) -> None:
    """Let ``r`` be what the spikes say that are remembered."""
    ranks, number = (population._value(f"{names.HISTORY}/{name}") for name in (names.RANK, names.COUNT))
    step = population._network._state.step
    rows = np.arange(step - population._rate_window, step) % len(number)
    spikes = [ranks[row, : number[row]] for row in rows[number[rows] > 0]]
    counts = np.bincount(np.concatenate([np.empty(0, np.uint32), *spikes]), minlength=population.size)
    population._write(names.RATE_COUNT, counts.reshape(population.geometry))
    show_rate(population)


def show_rate(population: Population) -> None:
    """Let ``r`` be what has been counted."""
    hertz = 1000.0 / (population._rate_window * population._network.dt)
    population._write("r", population._value(names.RATE_COUNT) * hertz)
