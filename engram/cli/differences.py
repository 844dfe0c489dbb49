"""How far apart the elements of two stored values are, piece by piece, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Apart", "apart"]

Array = npt.NDArray[Any]
_UNSIGNED = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}


@dataclass(frozen=True)
class Apart:
    """What differs between two values of one shape and dtype.

    Args:
        size: elements of each.
        count: of them, those whose bits differ; 0.0 and -0.0 do, and so do two NaN of other bits.
        largest: difference of two finite elements.
        ulp: the most floating-point numbers from one to the other, of two finite elements; None of other dtypes.
        not_finite: elements of ``count`` that are infinite or no number on a side.
        first: the first element that differs, by its place in C order, and both values there; None if none does.
    """

    size: int
    count: int
    largest: float | int
    ulp: int | None
    not_finite: int
    first: tuple[int, Any, Any] | None


def apart(ours: Iterator[Array], theirs: Iterator[Array]) -> Apart:
    """Compare two values, given as flat pieces of any length."""
    count = not_finite = begin = 0
    largest: float | int = 0
    ulp: int | None = None
    first: tuple[int, Any, Any] | None = None
    for one, other in _aligned(ours, theirs):
        keys = [values.view(_UNSIGNED[values.dtype.itemsize]) for values in (one, other)]
        at = np.flatnonzero(keys[0] != keys[1])
        if at.size:
            a, b = one[at], other[at]
            if first is None:
                first = begin + int(at[0]), a[0].item(), b[0].item()
            count += at.size
            if a.dtype.kind == "f":
                is_finite = np.isfinite(a) & np.isfinite(b)
                not_finite += int(at.size - is_finite.sum())
                a, b = a[is_finite], b[is_finite]
                ulp = max(ulp or 0, _distance(_ordered(a), _ordered(b)))
            largest = max(largest, _largest(a, b))
        begin += one.size
    return Apart(begin, count, largest, ulp, not_finite, first)


def _aligned(ours: Iterator[Array], theirs: Iterator[Array]) -> Iterator[tuple[Array, Array]]:
    """Give pieces of equal length of two values that are equally long."""
    one = other = np.empty(0)
    while True:
        one = one if one.size else next(ours, one)
        other = other if other.size else next(theirs, other)
        size = min(one.size, other.size)
        if not size:
            for rest in (ours, theirs):  # both are at their end, where they are verified
                next(rest, None)
            return
        yield one[:size], other[:size]
        one, other = one[size:], other[size:]


def _largest(a: Array, b: Array) -> float | int:
    if not a.size:
        return 0
    if a.dtype.kind == "f":
        with np.errstate(over="ignore"):
            return float(np.abs(a.astype(np.float64) - b).max())
    return _distance(a, b)


def _distance(a: Array, b: Array) -> int:
    """Return the largest difference of whole numbers; unsigned ones hold that of any two."""
    if not a.size:
        return 0
    unsigned = _UNSIGNED[a.dtype.itemsize]
    low, high = (found.view(unsigned) for found in (np.minimum(a, b), np.maximum(a, b)))
    return int((high - low).max())


def _ordered(values: Array) -> Array:
    """Return whole numbers that are ordered as floats are, one apart for neighbours."""
    bits = values.view(_UNSIGNED[values.dtype.itemsize])
    sign = bits.dtype.type(1 << (8 * bits.dtype.itemsize - 1))
    return np.where(bits & sign, ~bits, bits | sign)
