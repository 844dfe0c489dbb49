"""Spikes counted: rasters, histograms, mean rates. In: spikes in any form (``forms``). Out: arrays and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.analysis.forms import checked_window, positive_ms, spikes_of
from engram.analysis.spikes import Spikes
from engram.callers import checked, plain_float
from engram.errors import InvalidArgument
from engram.program.units import in_ms
from engram.telling import told

__all__ = ["histogram", "mean_fr", "raster_plot"]

Array = npt.NDArray[Any]


@checked
def raster_plot(spikes: Any, dt: float = 1.0) -> tuple[Array, Array]:
    """Return the times (n,) of all spikes in ms, and their ranks (n,), by neuron and then by time.

    Args:
        spikes: a dictionary ``{rank: [steps]}``, or what else ``monitor.get("spike")`` can give.
        dt: ms per step.
    """
    found = spikes_of(spikes, dt)
    return in_ms(found.steps, positive_ms(dt, "dt")), found.ranks


@checked
def histogram(
    spikes: Any,
    bins: float | None = None,
    per_neuron: bool = False,
    recording_window: tuple[int, int] | None = None,
    dt: float = 1.0,
    ranks: Any = None,
) -> Array:
    """Count spikes over time.

    Args:
        spikes: as in :func:`raster_plot`.
        bins: ms of one bin, a multiple of ``dt``; one step by default.
        per_neuron: (neurons, bins) instead of (bins,), neurons in the order of the recording.
        recording_window: the first step and the last one that count; those of the first and the last spike by default.
        dt: ms per step.
        ranks: neurons that count; all recorded ones by default.

    Returns:
        (bins,) int64; empty if there is no spike and no window.
    """
    found = spikes_of(spikes, dt)
    found = found.of_recorded(ranks) if per_neuron else found.of(ranks)
    bin_steps = _steps_of_bin(bins, positive_ms(dt, "dt"))
    span = _span(found) if recording_window is None else checked_window(recording_window)
    first, last = span or (0, -1)
    n_bins = (last - first) // bin_steps + 1
    inside = (found.steps >= first) & (found.steps <= last)
    places = ((found.steps - first) // bin_steps)[inside]
    if not per_neuron:
        return np.bincount(places, minlength=n_bins)
    flat = found.rows[inside] * n_bins + places
    return np.bincount(flat, minlength=len(found.counts) * n_bins).reshape(len(found.counts), n_bins)


@checked
def mean_fr(spikes: Any, duration: float | None = None, dt: float = 1.0, ranks: Any = None) -> float:
    """Return the mean firing rate of the recorded neurons in Hz.

    Args:
        spikes: as in :func:`raster_plot`.
        duration: of the recording, in steps, as ``monitor.times()`` gives them; from the first spike to the last one
            by default.
        dt: ms per step.
        ranks: neurons that count; all recorded ones by default.

    Raises:
        InvalidArgument: if there are no neurons, or no time passed.
    """
    found = spikes_of(spikes, dt).of_recorded(ranks)
    if len(found.counts) == 0:
        raise InvalidArgument("mean_fr(): there is no neuron whose rate could be taken\n  help: record one or more.")
    if duration is None:
        span = _span(found)
        if span is None:
            return 0.0
        steps = float(span[1] - span[0])
        advice = "all spikes are in one step\n  help: give the duration of the recording in steps, duration=1000."
    else:
        steps, advice = _number(duration), f"expected steps above 0, got {told(duration)}"
    if not 0 < steps < np.inf:
        raise InvalidArgument(f"mean_fr(): duration: {advice}")
    return len(found.steps) / len(found.counts) / (steps * positive_ms(dt, "dt")) * 1000.0


def _number(value: Any) -> float:
    number = plain_float(value)
    return 0.0 if number is None else number


def _span(spikes: Spikes) -> tuple[int, int] | None:
    """The steps of the first and the last spike."""
    return (int(spikes.steps.min()), int(spikes.steps.max())) if len(spikes.steps) else None


def _steps_of_bin(bins: Any, dt_ms: float) -> int:
    if bins is None:
        return 1
    exact = positive_ms(bins, "bins") / dt_ms
    whole = round(exact)
    if whole < 1 or abs(exact - whole) > 1e-6 * whole:
        nearest = " or ".join(f"{k * dt_ms:g}" for k in sorted({max(1, int(exact)), int(exact) + 1}))
        raise InvalidArgument(
            f"bins: expected a multiple of dt={dt_ms:g} ms, got {told(bins)}, which is {exact:g} steps\n"
            f"  help: give {nearest} ms."
        )
    return min(whole, 2**62)  # one bin then holds all steps that there can be
