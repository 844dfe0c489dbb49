"""The cells of connectors that draw in column blocks, in NumPy.

In: a :class:`Pattern`. Out: its synapses, some cells at a time, bit for bit those of ``native/c/engram_blocks.h`` and
``engram_totals.h``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.elementary import draw_log
from engram.state.rejection import log_of_complement
from engram.state.words import unit53
from engram.wiring.integers import below, calls_of, is_refused, stream, words_of
from engram.wiring.pattern import Cells, Pattern
from engram.wiring.totals import shared_out

__all__ = ["AT_ONCE", "probability", "some_at_once", "total"]

Array = npt.NDArray[Any]

AT_ONCE = 1 << 14  # calls of the generator; their words stay in cache
_BEYOND = 2.0**33  # beyond the last column of any row


def some_at_once(n: int, size: int) -> Iterator[Array]:
    """Yield 0 ... n - 1 in pieces of ``size``, or of 1 at least, (size,) int64."""
    for low in range(0, n, max(1, size)):
        yield np.arange(low, min(low + max(1, size), n), dtype=np.int64)


# ---- each column with a probability ---------------------------------------------------------------------------


def probability(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Leap from connection to connection through each cell; the gaps are geometric: floor(log u * (1 / log(1 - p)))."""
    mean = min(pattern.width, pattern.n_columns) * pattern.p
    usual = int(mean + 1.5 * math.sqrt(mean) + 2.0) // 2 + 1  # calls, of two steps each
    for numbers in some_at_once(pattern.n_cells, AT_ONCE // usual):
        waiting, calls, found = np.arange(len(numbers)), usual, []
        cells = pattern.cells(numbers)
        while waiting.size:
            those = cells.some(waiting)
            columns = _leaps(pattern, those, calls)
            is_over = columns[:, -1] >= those.high
            is_in = (columns < those.high[:, np.newaxis]) & (columns != those.excluded[:, np.newaxis])
            at, step = np.nonzero(is_in & is_over[:, np.newaxis])
            found.append((waiting[at], columns[at, step]))
            waiting, calls = waiting[~is_over], 2 * calls
        at, ranks = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        order = np.argsort(at, kind="stable")
        yield numbers[at[order]], ranks[order]


def _leaps(pattern: Pattern, cells: Cells, calls: int) -> Array:
    """Return the columns to which the first leaps in each cell lead, (n_cells, 2 * calls) int64."""
    words = calls_of(pattern.key, cells.rows, cells.blocks, 0, calls)
    units = np.stack([unit53(words[0], words[1]), unit53(words[2], words[3])], axis=1)
    with np.errstate(over="ignore", divide="ignore"):  # a denormal probability, or none
        inverse = 1.0 / log_of_complement(np.array(pattern.p))
        gaps = draw_log(units.reshape(len(cells.rows), 2 * calls)) * inverse
    steps = 1 + np.minimum(gaps, _BEYOND).astype(np.int64)
    return np.asarray(np.cumsum(steps, axis=1) + cells.low[:, np.newaxis] - 1)


# ---- a number of synapses in all ------------------------------------------------------------------------------


def total(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Draw each cell's columns independently of each other, many cells side by side."""
    lengths = shared_out(pattern)
    longest = int(lengths.max(initial=0))
    if longest == 0:
        return
    for numbers in some_at_once(pattern.n_cells, 4 * AT_ONCE // longest):
        cells, length = pattern.cells(numbers), lengths[numbers]
        n = cells.available.astype(np.uint64)[:, np.newaxis]
        is_wanted = np.arange(longest) < length[:, np.newaxis]
        products = words_of(pattern.key, cells.rows, cells.blocks, 0, longest) * n
        columns = (products >> np.uint64(32)).astype(np.int64)
        for at in np.flatnonzero((is_refused(products, np.maximum(n, 1)) & is_wanted).any(axis=1)):
            words = stream(pattern.key, int(cells.rows[at]), int(cells.blocks[at]))
            columns[at, : length[at]] = [below(words, int(n[at, 0])) for _ in range(length[at])]
        columns += cells.low[:, np.newaxis]
        columns += (columns >= cells.excluded[:, np.newaxis]) & (cells.excluded >= cells.low)[:, np.newaxis]
        columns[~is_wanted] = pattern.n_columns  # behind all others
        columns.sort(axis=1)
        yield np.repeat(numbers, length), columns[is_wanted]
