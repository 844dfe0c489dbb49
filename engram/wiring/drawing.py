"""The synapses of a pattern: its cells are counted, then filled, and what was not wanted is taken away.

In: a :class:`Pattern`. Out: rows and columns. Ranges end where they end, but draws are made for whole blocks; so of a
range the blocks at its borders are drawn whole, some rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.residence import aligned
from engram.wiring import executor
from engram.wiring.kinds import KINDS
from engram.wiring.pattern import Pattern

__all__ = ["draw"]

Array = npt.NDArray[Any]

_AT_ONCE = 1 << 22  # synapses drawn before those that are not wanted are taken away


def draw(pattern: Pattern, threads: int) -> tuple[Array, Array]:
    """Return the synapses of the rows and columns that are wanted, in rows of the whole.

    Args:
        pattern: with its ranges.
        threads: at most so many; the result does not depend on it.
    Returns:
        (n_rows + 1,) int64 row starts, and (n_syn,) uint32 columns, ascending in each row.
    """
    low, high = pattern.column_range
    first, last = pattern.row_range
    if low < high and pattern.drawn_columns == (low, high) and last - first == pattern.n_rows:
        return _whole_blocks(pattern, threads)
    lengths, columns = [np.zeros(first + 1, np.int64)], [np.empty(0, np.uint32)]
    for row_start, some in _pieces(pattern, threads):
        lengths.append(np.diff(row_start))
        columns.append(some)
    row_start = np.zeros(pattern.n_rows + 1, np.int64)
    wanted = np.concatenate(lengths)
    row_start[: len(wanted)] = wanted
    return np.cumsum(row_start), np.concatenate(columns)


def _pieces(pattern: Pattern, threads: int) -> Iterator[tuple[Array, Array]]:
    """Yield what is wanted, some rows at a time: where they begin, and their columns."""
    (first, last), (low, high) = pattern.row_range, pattern.column_range
    if low == high:
        return
    size = max(1, int(_AT_ONCE // (1.0 + _mean(pattern))))
    for row in range(first, last, size):
        row_start, columns = _whole_blocks(replace(pattern, rows=(row, min(row + size, last))), threads)
        is_wanted = (columns >= low) & (columns < high)
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_wanted)])
        yield before[row_start], columns[is_wanted]


def _mean(pattern: Pattern) -> float:
    """Return how many synapses a row has on average in the columns that are drawn, about."""
    low, high = pattern.drawn_columns
    return KINDS[pattern.kind].of_row(pattern) * (high - low) / max(pattern.n_columns, 1)


def _whole_blocks(pattern: Pattern, threads: int) -> tuple[Array, Array]:
    """Return where the rows that are drawn begin, (n_drawn + 1,) int64, and their columns in all blocks drawn."""
    n_cells = pattern.n_cells
    start = np.zeros(n_cells + 1, np.int64)
    lengths = start[1:]
    executor.run("count", executor.chunks_of(n_cells * 16, threads), pattern, lengths)
    longest = int(lengths.max(initial=0))
    np.cumsum(lengths, out=lengths)
    columns = aligned((int(start[-1]),), np.uint32)
    chunks = executor.chunks_of(len(columns), threads)
    executor.run("fill", chunks, pattern, start, longest, executor.scratch(pattern, longest, chunks), columns)
    first, last = pattern.blocks
    return np.ascontiguousarray(start[:: last - first]), columns
