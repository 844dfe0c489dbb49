"""Whether all numbers are finite: one sum for many values, and a closer look where that is infinite or NaN.

In: extents of a tree. Out: the values in which there is one that isn't.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engram.state.extents import Extent
from engram.state.residence import Array
from engram.state.tree import State

__all__ = ["Damage", "damaged"]


@dataclass(frozen=True)
class Damage:
    """A value that has an infinite element, or one that is NaN.

    Args:
        path: of it.
        elements: which they are, ascending; positions in memory.
    """

    path: str
    elements: Array


def damaged(state: State, parts: Iterable[Extent]) -> list[Damage]:
    """Return the values of the extents that aren't finite."""
    found = []
    with np.errstate(over="ignore", invalid="ignore"):
        off = [part for part in parts if not np.isfinite(np.add.reduce(part.values(state)))]
    for path in (path for part in off for path in part.paths):
        wrong = np.flatnonzero(~np.isfinite(state.array(path).reshape(-1)))
        if len(wrong):
            found.append(Damage(path, wrong))
    return found
