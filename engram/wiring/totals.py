"""A fixed number of synapses in all, shared out among cells, in NumPy, bit for bit as in ``native/c/engram_totals.h``.

In: a :class:`Pattern` of the kind ``TOTAL``. Out: how many synapses each cell has.

Whoever draws ``number`` pairs one after the other finds a binomial number of them in the first half of all blocks, and
so on within each half, and then in each block in the first half of all rows; here the binomials are drawn instead of
the pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.rejection import binomial
from engram.wiring.pattern import Pattern

__all__ = ["shared_out"]

Array = npt.NDArray[Any]
_Pairs = Callable[[Array, Array, Array], Array]

_AMONG_ROWS, _AMONG_BLOCKS = 1, 2  # numbers of the draws


def shared_out(pattern: Pattern) -> Array:
    """Return how many synapses each cell has that is drawn, (n_cells,) int64; of all cells: ``pattern.number``."""
    (first, last), (low, high) = pattern.blocks, pattern.row_range
    n_blocks = -(-pattern.n_columns // pattern.width)
    excluded = pattern.left_out(np.arange(pattern.n_rows, dtype=np.int64))
    blocks_with_excluded = np.sort(excluded[excluded < pattern.n_columns] // pattern.width)

    def of_blocks(_: Array, low: Array, high: Array) -> Array:
        columns = np.minimum(high * pattern.width, pattern.n_columns) - low * pattern.width
        left_out = np.searchsorted(blocks_with_excluded, high) - np.searchsorted(blocks_with_excluded, low)
        return np.asarray(columns.astype(np.uint64) * np.uint64(pattern.n_rows) - left_out.astype(np.uint64))

    whole, number = np.zeros(1, np.int64), np.full(1, pattern.number, np.int64)
    of_block = _halved(pattern, whole, number, n_blocks, (first, last), _AMONG_BLOCKS, of_blocks)
    blocks = np.arange(first, last)
    pairs = _pairs_of_rows(pattern, excluded)
    of_cell = _halved(pattern, blocks, of_block[0], pattern.n_rows, (low, high), _AMONG_ROWS, pairs)
    return np.ascontiguousarray(of_cell.T).reshape(-1)


def _pairs_of_rows(pattern: Pattern, excluded: Array) -> _Pairs:
    """Return the function from blocks and ranges of rows to the pairs that they have."""
    has_excluded = np.flatnonzero(excluded < pattern.n_columns)
    stride = np.int64(pattern.n_rows + 1)
    # of each excluded column: by block, then by row
    position = np.sort(excluded[has_excluded] // pattern.width * stride + has_excluded)

    def pairs(block: Array, low: Array, high: Array) -> Array:
        columns = np.minimum((block + 1) * pattern.width, pattern.n_columns) - block * pattern.width
        left_out = np.searchsorted(position, block * stride + high) - np.searchsorted(position, block * stride + low)
        return np.asarray(columns.astype(np.uint64) * (high - low).astype(np.uint64) - left_out.astype(np.uint64))

    return pairs


def _halved(
    pattern: Pattern, block: Array, number: Array, n: int, wanted: tuple[int, int], draw: int, pairs: _Pairs
) -> Array:
    """Share each block's synapses out among n rows (or blocks): binomially among two halves, and so on.

    Returns:
        (n_blocks, n_wanted) int64.
    """
    shares = np.zeros((len(block), wanted[1] - wanted[0]), np.int64)
    of, low, high = np.arange(len(block)), np.zeros(len(block), np.int64), np.full(len(block), n, np.int64)
    while of.size:
        is_one = (high - low == 1) & (low >= wanted[0]) & (low < wanted[1])
        shares[of[is_one], low[is_one] - wanted[0]] = number[is_one]
        goes_on = (high - low > 1) & (number > 0) & (high > wanted[0]) & (low < wanted[1])
        of, low, high, number = of[goes_on], low[goes_on], high[goes_on], number[goes_on]
        middle = low + (high - low) // 2
        share = pairs(block[of], low, middle).astype(np.float64) / pairs(block[of], low, high).astype(np.float64)
        of_first = binomial(number.astype(np.float64), share, pattern.key, middle, block[of], 0, draw)
        first = of_first.astype(np.int64)
        of, low, high = np.tile(of, 2), np.concatenate([low, middle]), np.concatenate([middle, high])
        number = np.concatenate([first, number - first])
    return shares
