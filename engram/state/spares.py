"""Memory of arrays that were replaced, for those that replace the next ones.

Fresh pages of the system cost more than what is written to them. Where arrays are replaced again and again by others of
about that size, two pieces of memory take turns, somewhat larger than needed: what stands in them has its own length.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Spares"]

Array = npt.NDArray[Any]
SLACK = 8  # one part in so many more than needed


class Spares:
    """Spare memory, by the name of what stood in it; none is kept unless ``keeps``."""

    def __init__(self) -> None:
        self.keeps = False
        self._raw: dict[str, Array] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of all that is spare."""
        return sum(raw.nbytes for raw in self._raw.values())

    def take(self, name: str, n: int, dtype: npt.DTypeLike) -> Array:
        """Return an array of ``n`` elements, not zeroed, whose data start at a multiple of 64 bytes.

        Args:
            name: of what will stand in it. Memory that anybody still looks at is not used again.
        """
        nbytes = n * np.dtype(dtype).itemsize
        raw, mine = self._raw.pop(name, None), np.empty(0, np.uint8)  # nobody else looks at that
        if raw is None or raw.nbytes < nbytes + 64 or sys.getrefcount(raw) > sys.getrefcount(mine):
            raw = np.empty(nbytes + (nbytes // SLACK if self.keeps else 0) + 64, np.uint8)
        start = -raw.ctypes.data % 64
        return raw[start : start + nbytes].view(dtype)

    def give(self, name: str, array: Array | None) -> None:
        """Take back the memory of an array that was replaced."""
        base = None if array is None else array.base
        if self.keeps and isinstance(base, np.ndarray) and base.dtype == np.uint8 and base.flags.owndata:
            self._raw[name] = base

    def clear(self) -> None:
        """Give all of it back to the system, and keep none."""
        self.keeps = False
        self._raw.clear()
