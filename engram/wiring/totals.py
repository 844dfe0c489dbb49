"""A fixed number of synapses in all, shared out among rows, in NumPy: bit for bit what ``native/c/wiring.c`` does.

In: a :class:`Pattern` of the kind ``TOTAL``. Out: how many synapses each row has. Called by ``wiring/without_c.py`` and
``rows.py``.

Whoever draws ``number`` pairs one after the other finds a binomial number of them in the first half of all rows, and so
on within each half; here the binomials are drawn instead of the pairs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.rejection import binomial
from engram.wiring.pattern import Pattern

__all__ = ["shared_out"]

Array = npt.NDArray[Any]

_HALVING = 1  # number of the draw that shares a range's synapses out among its halves


def shared_out(pattern: Pattern) -> Array:
    """Return how many synapses each row has, (n_rows,) int64; their sum is ``pattern.number``."""
    pairs = _pairs_before(pattern)
    length = np.zeros(pattern.n_rows, np.int64)
    low, high = np.zeros(1, np.int64), np.full(1, pattern.n_rows, np.int64)
    number = np.full(1, pattern.number, np.int64)
    while low.size:
        is_row = high - low == 1
        length[low[is_row]] = number[is_row]
        goes_on = ~is_row & (number > 0)
        low, high, number = low[goes_on], high[goes_on], number[goes_on]
        middle = low + (high - low) // 2
        share = (pairs[middle] - pairs[low]).astype(np.float64) / (pairs[high] - pairs[low]).astype(np.float64)
        first = binomial(number.astype(np.float64), share, pattern.key, low, high, 0, _HALVING).astype(np.int64)
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
        number = np.concatenate([first, number - first])
    return length


def _pairs_before(pattern: Pattern) -> Array:
    """Return how many pairs the rows before each have, (n_rows + 1,) uint64."""
    rows = np.arange(pattern.n_rows, dtype=np.int64)
    of_row = pattern.n_columns - (pattern.left_out(rows) < pattern.n_columns).astype(np.int64)
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(of_row.astype(np.uint64))])
