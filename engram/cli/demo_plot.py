"""The demo's picture: spikes over time, and the weights at the end."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import engram as eg
from engram.analysis.optional import optional

__all__ = ["plot_run"]


def plot_run(
    file: str | os.PathLike[str],
    *,
    spikes: Mapping[str, Sequence[Sequence[int]]],
    dt_ms: float,
    marks: Mapping[str, float],
    weights: Mapping[str, npt.NDArray[Any]],
) -> None:
    """Write the picture.

    Args:
        file: its suffix says which kind of picture: ``.png``, ``.svg``, ``.pdf``.
        spikes: (step, rank) of each, by population.
        dt_ms: step in ms.
        marks: moments to be marked, in ms, by their label.
        weights: (n_syn,) by projection.

    Raises:
        MissingLibrary: without matplotlib.
    """
    # a figure of its own, outside pyplot: no window opens, no back-end is chosen
    figure = optional("matplotlib.figure", '"engram[plot]"').Figure(figsize=(11, 6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[3, 1])
    eg.plot.raster({name: _arrays(pairs, dt_ms) for name, pairs in spikes.items()}, dt_ms, ax=left)
    eg.plot.weights(dict(weights), ax=right)
    left.set_title("spikes", loc="left")
    right.set_title("weights at the end")
    for label, moment_ms in marks.items():
        left.axvline(moment_ms, color="black", linewidth=1.0)
        place = {"xycoords": ("data", "axes fraction"), "xytext": (4, 5), "textcoords": "offset points"}
        left.annotate(label, (moment_ms, 1.0), annotation_clip=False, **place)
    figure.savefig(file, dpi=120)


def _arrays(pairs: Sequence[Sequence[int]], dt_ms: float) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    found = np.asarray(pairs, np.int64).reshape(-1, 2)
    return found[:, 0] * dt_ms, found[:, 1]
