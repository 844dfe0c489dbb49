"""Arrays with room: memory somewhat larger than what stands in it, so that arrays grow and shrink where they are.

How much room there is is no part of a value: an array has its own length. Memory changes in place only while nobody but
its owner looks at it, which reference counts say.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["in_place", "roomy", "spare_bytes"]

Array = npt.NDArray[Any]
SLACK = 8  # one part in so many more than needed
WASTE = 1.5  # times what is needed: memory that is larger is given back
ALIGNED = 64  # bytes


def roomy(n: int, dtype: npt.DTypeLike) -> Array:
    """Return an array of ``n`` elements, not zeroed, with room for more, whose data start at a multiple of 64 bytes."""
    nbytes = n * np.dtype(dtype).itemsize
    raw = np.empty(nbytes + nbytes // SLACK + ALIGNED, np.uint8)
    start = -raw.ctypes.data % ALIGNED
    return raw[start : start + nbytes].view(dtype)


def in_place(views: Sequence[Array], n: int) -> Array | None:
    """Return the array of ``n`` elements that begins where another does; None if it needs memory of its own: somebody
    looks at that of the other, there is no room in it, or far too much.

    Args:
        views: all that its owner has of the memory, each of them held once and in this list; first the whole array.
    """
    if not _is_allocated(views[0]) or _counts(views) != _counts_of_sample(len(views)):
        return None
    whole, raw = views[0], views[0].base
    assert raw is not None, "it is a view"
    begin, nbytes = whole.ctypes.data - raw.ctypes.data, n * whole.itemsize
    if begin + nbytes > raw.nbytes or raw.nbytes > WASTE * (nbytes + ALIGNED):
        return None
    return raw[begin : begin + nbytes].view(whole.dtype)


def spare_bytes(array: Array) -> int:
    """Return how many bytes of room an array has, if its memory is its own."""
    base = array.base
    return max(0, base.nbytes - array.nbytes - ALIGNED) if base is not None and _is_allocated(array) else 0


def _is_allocated(array: Array) -> bool:
    """Whether an array lies in memory as it is allocated here, and in ``aligned`` of the residences."""
    base = array.base
    is_memory = isinstance(base, np.ndarray) and base.dtype == np.uint8 and base.ndim == 1 and base.flags.owndata
    return is_memory and array.ndim == 1 and array.flags.c_contiguous


def _counts(views: Sequence[Array]) -> list[int]:
    """Return how often memory, and the views of it, are referred to."""
    return [sys.getrefcount(views[0].base), *[sys.getrefcount(view) for view in views]]


def _counts_of_sample(n: int) -> list[int]:
    """Return the same of so many views at which nobody else looks."""
    raw = np.empty(8, np.uint8)
    held = [raw[:] for _ in range(n)]
    del raw
    return _counts([*held])
