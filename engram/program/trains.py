"""Spike trains of several neurons, and how they stand in one table: one after another, each with an end behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["emitted", "several", "split", "with_ends"]

Array = npt.NDArray[Any]
LATEST_MS = 1e12  # 30 years: any step of it is a whole number that a float can be


def several(times: Any, size: int | None) -> list[Array]:
    """Return the trains that a user gives: ascending times in ms, float64, one array for each neuron.

    Args:
        times: a list for one neuron, or a list of lists.
        size: number of neurons; there may be fewer lists, and the others are silent. None: as many as there are lists.

    Raises:
        InvalidArgument: if there are more lists than neurons, or a time is negative, infinite or no number.
    """
    if not isinstance(times, list | tuple | np.ndarray) or (isinstance(times, np.ndarray) and times.ndim == 0):
        raise InvalidArgument(
            f"spike times must be a list of ms, or one for each neuron, not {told(times)}"
            "\n  help: [5.0, 10.0] for one neuron, [[5.0], [7.0, 9.0]] for two."
        )
    is_single = len(times) > 0 and all(isinstance(t, int | float | np.number) for t in times[:1])
    trains = [_train(rank, one) for rank, one in enumerate([times] if is_single else times)]
    if size is None and not trains:
        raise InvalidArgument("spike times must be given for one neuron or more\n  help: [[]] is one that is silent.")
    if size is not None and len(trains) > size:
        raise InvalidArgument(
            f"spike times are given for {len(trains)} neurons, and there are {size}"
            "\n  help: give a list for each neuron, [] for one that is silent."
        )
    return trains + [np.empty(0)] * ((size or 0) - len(trains))


def _train(rank: int, times: Any) -> Array:
    try:
        train = np.asarray(times, np.float64)
    except (ValueError, TypeError):
        train = np.empty((0, 0))
    if train.ndim != 1:
        raise InvalidArgument(
            f"spike times of neuron {rank} must be a list of ms, not {told(times)}"
            "\n  help: a list for each neuron: [[5.0], [7.0, 9.0]]."
        )
    wrong = train[~((train >= 0) & (train < LATEST_MS))]
    if len(wrong):
        what = f"spike times of neuron {rank}: expected ms, 0 to {LATEST_MS:g}, got {wrong[0]:g}"
        raise InvalidArgument(f"{what}\n  help: they count from the time 0 of the network; [] is a silent neuron.")
    return np.sort(train)


def with_ends(trains: Iterable[Array]) -> tuple[Array, Array]:
    """Return all times with NaN behind each train, and where each begins."""
    parts = list(trains)
    first = np.cumsum([0, *(len(train) + 1 for train in parts[:-1])])
    return np.concatenate([part for train in parts for part in (train, [np.nan])]), first


def split(steps: Array, first: Array) -> list[Array]:
    """Return the steps of each neuron from their table, (-1: none)."""
    return [train[train >= 0] for train in np.split(steps, first[1:])]


def emitted(steps: Array, first: Array, clock: int) -> Array:
    """Return how many of its steps each neuron has behind it before step ``clock`` is run."""
    return np.add.reduceat((steps >= 0) & (steps < clock), first).astype(np.int64)
