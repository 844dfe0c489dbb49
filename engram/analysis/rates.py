"""Firing rates over time. In: spikes in any form (``forms``). Out: arrays with a value for each step."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.analysis.forms import checked_window, positive_ms, spikes_of
from engram.analysis.intervals import Intervals, parts_of
from engram.analysis.spikes import Spikes
from engram.callers import checked, plain_float
from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["population_rate", "smoothed_rate"]

Array = npt.NDArray[Any]


@checked
def smoothed_rate(
    spikes: Any,
    smooth: float = 0.0,
    dt: float = 1.0,
    recording_window: tuple[int, int] | None = None,
    ranks: Any = None,
    recorded: Intervals | None = None,
) -> Array:
    """Return the rate of each neuron in Hz: one over the interval between two spikes, for as long as it lasts.

    It is 0 before a neuron's first spike and from its last one on; so it is around a pause of the recording.

    Args:
        spikes: a dictionary ``{rank: [steps]}``, or what else ``monitor.get("spike")`` can give.
        smooth: ms, time constant of a low-pass, ``y[t+1] = y[t] + (x[t+1] - y[t])*dt/smooth``; none if it is not
            above ``dt``.
        dt: ms per step.
        recording_window: the first step, and the one before which it ends; those of the first and the last spike by
            default.
        ranks: neurons that count; all recorded ones by default.
        recorded: from which step to before which one was recorded, [(start, stop)], if there were pauses: what reaches
            over one is no interval.

    Returns:
        (neurons, steps) float64, neurons in the order of the recording.
    """
    found = spikes_of(spikes, dt).of_recorded(ranks)
    dt_ms, smooth_ms = positive_ms(dt, "dt"), _smooth(smooth)
    rates = _held(found, *_span(found, recording_window), dt_ms, recorded)
    return _low_pass(rates, dt_ms, smooth_ms)


@checked
def population_rate(
    spikes: Any,
    smooth: float = 0.0,
    dt: float = 1.0,
    recording_window: tuple[int, int] | None = None,
    ranks: Any = None,
) -> Array:
    """Return the mean rate of the recorded neurons in Hz, step by step.

    Args:
        spikes, smooth, dt, ranks: as in :func:`smoothed_rate`.
        recording_window: the first step and the last one; those of the first and the last spike by default.

    Returns:
        (steps + 1,) float64, where a recording from step a to step b has b - a steps; empty without spikes and window.
    """
    found = spikes_of(spikes, dt).of_recorded(ranks)
    dt_ms, smooth_ms = positive_ms(dt, "dt"), _smooth(smooth)
    if recording_window is None and not len(found.steps):
        return np.zeros(0)
    first, last = _span(found, recording_window)
    steps = found.steps[(found.steps >= first) & (found.steps <= last)] - first
    counts = np.bincount(steps, minlength=last - first + 1)
    return _low_pass(counts * (1000.0 / dt_ms / max(1, len(found.counts))), dt_ms, smooth_ms)


def _held(spikes: Spikes, first: int, end: int, dt_ms: float, recorded: Intervals | None) -> Array:
    """Rates (neurons, steps) from ``first`` to before ``end``: each neuron's time is cut into pieces at its spikes."""
    n_neurons, row = len(spikes.counts), np.arange(len(spikes.counts))
    edges = np.empty(len(spikes.steps) + 2 * n_neurons, np.int64)  # of a neuron: first, its spikes, end
    edges[np.arange(len(spikes.steps)) + 2 * spikes.rows + 1] = spikes.steps
    begins, ends = spikes.ends - spikes.counts + 2 * row, spikes.ends + 2 * row + 1
    edges[begins], edges[ends] = first, end
    is_interval = np.ones(max(0, len(edges) - 1), bool)
    is_interval[begins] = is_interval[ends - 1] = False
    is_interval &= np.diff(parts_of(edges, recorded)) == 0
    lasts = np.diff(edges)
    values = np.zeros(len(lasts))
    values[is_interval] = 1000.0 / (np.maximum(lasts[is_interval], 1) * dt_ms)  # two spikes in one step: lasts no step
    lasts = np.diff(np.clip(edges, first, end))
    lasts[ends[:-1]] = 0  # from the end of one neuron to the beginning of the next
    return np.repeat(values, lasts).reshape(n_neurons, end - first)


def _low_pass(values: Array, dt_ms: float, smooth_ms: float) -> Array:
    """Smooth along the last axis, from the first value on."""
    if smooth_ms <= dt_ms or values.size == 0:
        return values
    from scipy.signal import lfilter  # which most scripts never need

    part = dt_ms / smooth_ms
    smoothed: Array = lfilter([part], [1.0, part - 1.0], values, zi=(1.0 - part) * values[..., :1])[0]
    return smoothed


def _span(spikes: Spikes, window: Any) -> tuple[int, int]:
    if window is not None:
        return checked_window(window)
    return (int(spikes.steps.min()), int(spikes.steps.max())) if len(spikes.steps) else (0, 0)


def _smooth(given: Any) -> float:
    number = plain_float(given)
    if number is None or not 0 <= number < np.inf:
        raise InvalidArgument(f"smooth: expected ms, 0 or more, got {told(given)}")
    return number
