"""The firing rate ``r`` of spiking neurons: spikes of a window, counted in every step by a job of the engine.

Here stands what is left to do when the window changes, or when a population takes part again after a rest.
"""

from __future__ import annotations

import numpy as np

from engram.program.neurons import Neurons
from engram.state import names

__all__ = ["count_spikes", "show_rate"]


def count_spikes(population: Neurons) -> None:
    """Let ``r`` be what the spikes say that are remembered."""
    ranks, number = (population.value(f"{names.HISTORY}/{name}") for name in (names.RANK, names.COUNT))
    step = population.program.state.step
    rows = np.arange(step - population.rate_window, step) % len(number)
    spikes = [ranks[row, : number[row]] for row in rows[number[rows] > 0]]
    counts = np.bincount(np.concatenate([np.empty(0, np.uint32), *spikes]), minlength=population.size)
    population.write(names.RATE_COUNT, counts.reshape(population.geometry))
    show_rate(population)


def show_rate(population: Neurons) -> None:
    """Let ``r`` be what has been counted."""
    hertz = 1000.0 / (population.rate_window * population.program.dt)
    population.write("r", population.value(names.RATE_COUNT) * hertz)
