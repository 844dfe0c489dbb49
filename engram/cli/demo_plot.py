"""The demo's picture: what was resumed from a file over what ran without a break, and what the synapses learned."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import engram as eg
from engram.optional import PLOT, optional

__all__ = ["Picture", "plot_run"]

Spikes = Mapping[str, Sequence[Sequence[int]]]
Array = npt.NDArray[Any]

UNBROKEN, RESUMED = "0.55", "tab:orange"
BIN_MS = 5.0  # of the rates


@dataclass(frozen=True)
class Picture:
    """What is drawn.

    Args:
        sizes: neurons by population; they are stacked in this order.
        unbroken: (step, rank) of each spike of the run without a break, by population.
        resumed: of the run that went on from a file, what came after the save; None: no file could be resumed.
        resumed_from: that file.
        verdict: "0 of 4,711 spikes differ", the title.
        dt_ms: step in ms.
        saved_ms: when the network was saved.
        duration_ms: of both halves together.
        pulses_ms: begin and end of each stimulus.
        weights: of the synapses by what they are called: before, after.
    """

    sizes: Mapping[str, int]
    unbroken: Spikes
    resumed: Spikes | None
    resumed_from: str
    verdict: str
    dt_ms: float
    saved_ms: float
    duration_ms: float
    pulses_ms: Sequence[tuple[float, float]]
    weights: Mapping[str, Array]


def plot_run(file: str | os.PathLike[str], picture: Picture) -> None:
    """Write the picture; the suffix of the file says which kind: ``.png``, ``.svg``, ``.pdf``.

    Raises:
        MissingLibrary: without matplotlib.
    """
    # a figure of its own, outside pyplot: no window opens, no back-end is chosen
    figure = optional("matplotlib.figure", PLOT).Figure(figsize=(11, 6), layout="constrained")
    axes = figure.subplot_mosaic(
        [["raster", "weights"], ["rate", "weights"]], width_ratios=[3, 1], height_ratios=[3, 1]
    )
    raster, rate = axes["raster"], axes["rate"]
    rate.sharex(raster)
    runs = {"without a break": (picture.unbroken, UNBROKEN, 5.0, 3.0)}
    if picture.resumed is not None:
        runs[f"resumed from {picture.resumed_from}"] = (picture.resumed, RESUMED, 2.0, 1.0)
    for label, (spikes, color, size, width) in runs.items():
        begin = picture.saved_ms if color == RESUMED else 0.0
        times, neurons = _stacked(spikes, picture)
        raster.plot(
            times, neurons, ".", color=color, markersize=size, markeredgewidth=0.0, rasterized=True, label=label
        )
        rate.stairs(*_rates(times, begin, picture), color=color, linewidth=width, baseline=None)
    _mark(raster, rate, picture)
    eg.plot.weights(dict(picture.weights), ax=axes["weights"])
    axes["weights"].set_title("what the synapses learned", loc="left", fontsize="medium")
    figure.savefig(file, dpi=120)


def _mark(raster: Any, rate: Any, picture: Picture) -> None:
    """Name what is seen: populations, pulses, the moment of the save."""
    raster.set_title(picture.verdict, loc="left", fontsize="medium")
    raster.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, markerscale=3, borderpad=0.1)
    floors = np.cumsum([0, *picture.sizes.values()])
    raster.set_yticks((floors[:-1] + floors[1:]) / 2, [*picture.sizes], rotation=90, va="center")
    raster.tick_params(axis="y", length=0)
    raster.tick_params(axis="x", labelbottom=False)
    raster.set(xlim=(0.0, picture.duration_ms), ylim=(0, floors[-1]))
    for floor in floors[1:-1]:
        raster.axhline(floor, color="0.3", linewidth=0.8)
    for axes in (raster, rate):
        axes.axvline(picture.saved_ms, color="black", linewidth=1.0)
        for begin, end in picture.pulses_ms:
            axes.axvspan(begin, end, color="tab:blue", alpha=0.08, linewidth=0.0)
    place = {"xytext": (4, -4), "textcoords": "offset points", "va": "top"}
    rate.annotate("saved", (picture.saved_ms, 1.0), xycoords=("data", "axes fraction"), **place)
    rate.annotate("stimulus", (picture.pulses_ms[0][1], 1.0), xycoords=("data", "axes fraction"), **place)
    rate.set(xlabel="time (ms)", ylabel="rate (Hz)")
    rate.set_ylim(bottom=0.0)


def _stacked(spikes: Spikes, picture: Picture) -> tuple[Array, Array]:
    """Times in ms and heights of the spikes: populations stand above each other, each as high as it has neurons."""
    floor, times, neurons = 0, [], []
    for name, size in picture.sizes.items():
        found = np.asarray(spikes.get(name, ()), np.int64).reshape(-1, 2)
        times.append(found[:, 0] * picture.dt_ms)
        neurons.append(found[:, 1] + floor)
        floor += size
    return np.concatenate(times), np.concatenate(neurons)


def _rates(times: Array, begin: float, picture: Picture) -> tuple[Array, Array]:
    """Mean rate in Hz of all neurons in each bin, and the edges of the bins in ms."""
    edges = np.arange(begin, picture.duration_ms + BIN_MS, BIN_MS)
    counts = np.histogram(times, edges)[0]
    return counts / (BIN_MS / 1000.0 * sum(picture.sizes.values())), edges
