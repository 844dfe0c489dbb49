"""Intervals between spikes. In: spikes in any form (``forms``). Out: lists of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.analysis.forms import positive_ms, spikes_of
from engram.analysis.spikes import Spikes
from engram.callers import checked
from engram.program.units import in_ms

__all__ = ["Intervals", "coefficient_of_variation", "inter_spike_interval", "parts_of"]

Array = npt.NDArray[Any]
Intervals = Sequence[tuple[int, int]]


@checked
def inter_spike_interval(
    spikes: Any,
    ranks: Any = None,
    per_neuron: bool = False,
    dt: float = 1.0,
    recorded: Intervals | None = None,
) -> Any:
    """Return the intervals between successive spikes of a neuron in ms, those of the first neuron first.

    Args:
        spikes: a dictionary ``{rank: [steps]}``, or what else ``monitor.get("spike")`` can give.
        ranks: neurons that count; all by default.
        per_neuron: a dictionary ``{rank: [ms]}`` of the neurons with two spikes or more, instead of one list.
        dt: ms per step.
        recorded: from which step to before which one was recorded, [(start, stop)], if there were pauses: what reaches
            over one is no interval.
    """
    found = spikes_of(spikes, dt).of(ranks)
    steps, counts = _intervals(found, recorded)
    listed: list[float] = in_ms(steps, positive_ms(dt, "dt")).tolist()
    if not per_neuron:
        return listed
    ends = np.cumsum(counts).tolist()
    of_each = zip(found.neurons.tolist(), [0, *ends[:-1]], ends, strict=True)
    return {rank: listed[begin:end] for rank, begin, end in of_each if end > begin}


@checked
def coefficient_of_variation(
    spikes: Any,
    ranks: Any = None,
    per_neuron: bool = False,
    dt: float = 1.0,
    recorded: Intervals | None = None,
) -> Any:
    """Return the standard deviation of each neuron's intervals over their mean; of neurons with two intervals or more.

    Args:
        spikes, ranks, recorded: as in :func:`inter_spike_interval`.
        per_neuron: a dictionary by rank instead of a list.
        dt: ms per step, by which times in ms are steps; the result doesn't depend on it.
    """
    found = spikes_of(spikes, dt).of(ranks)
    steps, counts = _intervals(found, recorded)
    enough = counts >= 2
    rows, n = np.repeat(np.arange(len(counts)), counts), np.maximum(counts, 1)
    means = np.bincount(rows, steps, len(counts)) / n
    variances = np.bincount(rows, (steps - means[rows]) ** 2, len(counts)) / n
    some = means > 0  # all spikes in one step have no mean interval to compare with
    found_values = np.full(len(counts), np.nan)
    found_values[some] = np.sqrt(variances[some]) / means[some]
    values: list[float] = found_values[enough].tolist()
    return dict(zip(found.neurons[enough].tolist(), values, strict=True)) if per_neuron else values


def _intervals(spikes: Spikes, recorded: Intervals | None) -> tuple[Array, Array]:
    """Steps between successive spikes (k,), and how many intervals each neuron has (m,)."""
    rows, part = spikes.rows, parts_of(spikes.steps, recorded)
    is_interval = (rows[1:] == rows[:-1]) & (part[1:] == part[:-1])
    return np.diff(spikes.steps)[is_interval], np.bincount(rows[1:][is_interval], minlength=len(spikes.counts))


def parts_of(steps: Array, recorded: Intervals | None) -> Array:
    """Return by number in which part of a recording steps are: another one begins behind each pause."""
    ends = {end for _, end in recorded or ()}  # where another begins at once, nothing was missed
    begins = sorted(begin for begin, _ in recorded or () if begin not in ends)
    return np.searchsorted(np.array(begins, np.int64), steps, side="right")
