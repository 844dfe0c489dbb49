"""The cells of a pattern in NumPy, bit for bit those of ``native/c/wiring.c``; here those that are whole rows.

In: a :class:`Pattern`. Out: its synapses, some cells at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.wiring.blocks import AT_ONCE, probability, some_at_once, total
from engram.wiring.integers import below, is_refused, stream, words_of
from engram.wiring.kinds import ALL, NUMBER, ONE_TO_ONE, PROBABILITY, TOTAL
from engram.wiring.pattern import Pattern

__all__ = ["drawn_cells"]

Array = npt.NDArray[Any]

_LARGEST_TABLE = 1 << 24  # bytes of a table of which columns are chosen


def drawn_cells(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Yield the synapses, some cells at a time: (n,) int64 numbers of cells and columns, ascending."""
    return _RULES[pattern.kind](pattern)


def _all(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    columns = np.arange(*pattern.drawn_columns)
    for numbers in some_at_once(pattern.n_cells, 4 * AT_ONCE // max(len(columns), 1)):
        taken = columns != pattern.cells(numbers).excluded[:, np.newaxis]
        at, column = np.nonzero(taken)
        yield numbers[at], columns[column]


def _one_to_one(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    (low, high), (first, last) = pattern.row_range, pattern.drawn_columns
    both = np.arange(max(low, first), min(high, last), dtype=np.int64)
    yield both - low, both


# ---- a number of distinct columns -----------------------------------------------------------------------------


def _number(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Choose sets by Floyd's algorithm (Bentley & Floyd 1987, Commun. ACM 30:754), many rows side by side."""
    number, most = pattern.number, max(pattern.n_columns, 1)
    if number == 0:
        return
    for numbers in some_at_once(pattern.n_cells, min(4 * AT_ONCE // number, _LARGEST_TABLE // most)):
        cells = pattern.cells(numbers)
        rows, excluded, available = cells.rows, cells.excluded, cells.available
        chosen = np.empty((len(rows), number), np.int64)
        for count in np.unique(available):  # a part's rows need not all have a neuron of their own
            mine = available == count
            chosen[mine] = _sets(pattern.key, rows[mine], number, int(count))
        chosen += chosen >= excluded[:, np.newaxis]  # the available ones, with the own one left out
        yield np.repeat(numbers, number), chosen.reshape(-1)


def _sets(key: int, rows: Array, number: int, available: int) -> Array:
    """Return ``number`` distinct integers below ``available`` for each row, ascending, (n_rows, number) int64."""
    limits = np.arange(available - number + 1, available + 1, dtype=np.uint64)
    products = words_of(key, rows, np.zeros_like(rows), 0, number) * limits
    is_odd = np.any(is_refused(products, limits), axis=1)
    if available > _LARGEST_TABLE:
        is_odd[:] = True
    sets = np.empty((len(rows), number), np.int64)
    sets[~is_odd] = _side_by_side((products[~is_odd] >> np.uint64(32)).astype(np.int64), available)
    for row in np.flatnonzero(is_odd):
        sets[row] = _one_set(key, int(rows[row]), number, available)
    return np.sort(sets, axis=1)


def _side_by_side(integers: Array, available: int) -> Array:
    """Make each row's integers distinct: one that was chosen before gives way to the largest possible."""
    n_rows, number = integers.shape
    is_chosen = np.zeros((n_rows, available), np.bool_)
    row = np.arange(n_rows)
    for k, last in enumerate(range(available - number, available)):
        drawn = integers[:, k]
        drawn[is_chosen[row, drawn]] = last
        is_chosen[row, drawn] = True
    return integers


def _one_set(key: int, row: int, number: int, available: int) -> list[int]:
    """Choose the set of a single row, whatever its size, and whichever words are refused."""
    words, chosen = stream(key, row, 0), set[int]()
    for last in range(available - number, available):
        integer = below(words, last + 1)
        chosen.add(last if integer in chosen else integer)
    return sorted(chosen)


_RULES: dict[int, Callable[[Pattern], Iterator[tuple[Array, Array]]]] = {
    ALL: _all,
    ONE_TO_ONE: _one_to_one,
    PROBABILITY: probability,
    NUMBER: _number,
    TOTAL: total,
}
