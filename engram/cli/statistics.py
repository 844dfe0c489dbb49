"""Least, mean and greatest of each value of a file, and whether it is what was saved, in one pass of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import DamagedFile
from engram.storage.stored import StoredFile

__all__ = ["DAMAGED", "UNREAD", "WHOLE", "Statistics", "statistics_of"]

WHOLE, DAMAGED, UNREAD = "whole", "damaged", "unread"

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Statistics:
    """Of one value; without a finite element the first three are None.

    Args:
        least, mean, greatest: of its finite elements.
        not_finite: how many elements are infinite or no number.
        state: of its digest: ``whole``, ``damaged``, or ``unread`` where the file ended or broke before it.
    """

    least: float | int | None = None
    mean: float | None = None
    greatest: float | int | None = None
    not_finite: int = 0
    state: str = UNREAD


def statistics_of(file: StoredFile) -> tuple[dict[str, Statistics], tuple[str, ...]]:
    """Return the statistics of all values by path, and a line for each fault that was met."""
    found = {entry.slot.path: Statistics() for entry in file.manifest.entries}
    faults = []
    try:
        for path, pieces in file.stream():
            try:
                found[path] = _statistics(pieces)
            except DamagedFile as error:
                found[path] = Statistics(state=DAMAGED)
                faults.append(str(error))
    except DamagedFile as error:
        faults.append(str(error))
    return found, tuple(dict.fromkeys(faults))


def _statistics(pieces: Iterator[Array]) -> Statistics:
    least: Any = None
    greatest: Any = None
    total, count, other = 0.0, 0, 0
    for piece in pieces:
        values = piece[np.isfinite(piece)] if piece.dtype.kind == "f" else piece
        other += piece.size - values.size
        if values.size:
            low, high = values.min().item(), values.max().item()
            least = low if least is None else min(least, low)
            greatest = high if greatest is None else max(greatest, high)
            with np.errstate(over="ignore"):
                total += float(values.sum(dtype=np.float64))
            count += values.size
    mean = total / count if count and np.isfinite(total) else None
    return Statistics(least, mean, greatest, other, WHOLE)
