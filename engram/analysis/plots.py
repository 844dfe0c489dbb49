"""Plots of a run, written as files. In: plain lists and arrays. Out: a picture. Called by the ``engram`` command.

Needs matplotlib (``pip install 'engram[plot]'``), without its global state: no window opens, no back-end is chosen.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["draw_histogram", "draw_raster", "plot_run"]

COLOURS = ("#1f5fa8", "#b5382a", "#3c8d40", "#8a5aa5")
BINS = 60


def plot_run(
    file: str | os.PathLike[str],
    *,
    spikes: Mapping[str, Sequence[Sequence[int]]],
    dt_ms: float,
    marks: Mapping[str, float],
    weights: Mapping[str, npt.NDArray[Any]],
) -> None:
    """Write a picture of a run: its spikes over time, and the distribution of its weights.

    Args:
        file: its suffix says which kind of picture: ``.png``, ``.svg``, ``.pdf``.
        spikes: (step, rank) of each, by population.
        dt_ms: step in ms.
        marks: moments to be marked, in ms, by their label.
        weights: (n_syn,) by projection.
    """
    figure = Figure(figsize=(11, 6), layout="constrained")
    raster, histogram = figure.subplots(1, 2, width_ratios=[3, 1])
    draw_raster(raster, spikes, dt_ms, marks)
    draw_histogram(histogram, weights)
    figure.savefig(file, dpi=120)


def draw_raster(
    axes: Axes, spikes: Mapping[str, Sequence[Sequence[int]]], dt_ms: float, marks: Mapping[str, float]
) -> None:
    """Draw one dot per spike, populations above each other; see :func:`plot_run`."""
    floor = 0
    for (population, pairs), colour in zip(spikes.items(), _colours(len(spikes)), strict=True):
        found = np.asarray(pairs, np.int64).reshape(-1, 2)
        axes.plot(found[:, 0] * dt_ms, found[:, 1] + floor, ".", markersize=1.2, color=colour, label=population)
        floor += int(found[:, 1].max(initial=0)) + 1
    for label, moment_ms in marks.items():
        axes.axvline(moment_ms, color="black", linewidth=1.0)
        axes.annotate(
            label,
            (moment_ms, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, 5),
            textcoords="offset points",
            annotation_clip=False,
        )
    axes.set(xlabel="time (ms)", ylabel="neuron")
    axes.set_title("spikes", loc="left")
    axes.margins(0.01)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=4, markerscale=8, frameon=False)


def draw_histogram(axes: Axes, weights: Mapping[str, npt.NDArray[Any]]) -> None:
    """Draw how often each weight occurs; see :func:`plot_run`."""
    for (projection, values), colour in zip(weights.items(), _colours(len(weights)), strict=True):
        axes.hist(values, bins=BINS, color=colour, label=projection)
    axes.set(xlabel="weight", ylabel="synapses", title="weights at the end")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), frameon=False)


def _colours(n: int) -> list[str]:
    return [COLOURS[k % len(COLOURS)] for k in range(n)]
