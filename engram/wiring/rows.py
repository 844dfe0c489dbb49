"""The rows of a pattern in NumPy, bit for bit those of ``native/c/wiring.c``.

In: a :class:`Pattern`. Out: its synapses, block by block. Called by ``wiring/without_c.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.elementary import draw_log
from engram.state.words import threefry, unit53
from engram.wiring.pattern import ALL, NUMBER, ONE_TO_ONE, PROBABILITY, TOTAL, Pattern
from engram.wiring.totals import shared_out

__all__ = ["drawn_rows"]

Array = npt.NDArray[Any]

_AT_ONCE = 1 << 14  # calls of the generator; their words stay in cache
_LARGEST_TABLE = 1 << 24  # bytes of a table of which columns are chosen
_BEYOND = 2.0**33  # beyond the last column of any row


def drawn_rows(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Yield the synapses in blocks of whole rows: (n,) int64 rows and columns, by ascending row, then column."""
    return _RULES[pattern.kind](pattern)


def _blocks(n_rows: int, at_once: int) -> Iterator[Array]:
    size = max(1, at_once)
    for low in range(0, n_rows, size):
        yield np.arange(low, min(low + size, n_rows), dtype=np.int64)


def _all(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    columns = np.arange(pattern.n_columns)
    for rows in _blocks(pattern.n_rows, 4 * _AT_ONCE // max(pattern.n_columns, 1)):
        taken = columns != pattern.left_out(rows)[:, np.newaxis]
        at, column = np.nonzero(taken)
        yield rows[at], column


def _one_to_one(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    both = np.arange(min(pattern.n_rows, pattern.n_columns), dtype=np.int64)
    yield both, both


# ---- each column with a probability ---------------------------------------------------------------------------


def _probability(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Walk from connection to connection; the gaps are geometric: floor(log u / log(1 - p))."""
    p, n_columns = pattern.p, pattern.n_columns
    if p <= 0.0:
        return
    if p >= 1.0:
        yield from _all(pattern)
        return
    enough = n_columns // 2 + 1  # a call gives two steps, and each is 1 at least
    mean = n_columns * p
    usual = min(enough, int(mean + 6.0 * math.sqrt(mean) + 8.0) // 2)
    for rows in _blocks(pattern.n_rows, _AT_ONCE // usual):
        columns = _walks(pattern, rows, usual)
        if columns[:, -1].min() < n_columns:  # about one row in 10^9 needs more
            columns = _walks(pattern, rows, enough)
        at, step = np.nonzero((columns < n_columns) & (columns != pattern.left_out(rows)[:, np.newaxis]))
        yield rows[at], columns[at, step]


def _walks(pattern: Pattern, rows: Array, calls: int) -> Array:
    """Return where the first steps of each row lead, (n_rows, 2 * calls) int64."""
    words = threefry(pattern.key, np.repeat(rows, calls), np.tile(np.arange(calls), len(rows)), 0, 0)
    units = np.stack([unit53(words[0], words[1]), unit53(words[2], words[3])], axis=1)
    with np.errstate(over="ignore"):  # a denormal probability
        gaps = draw_log(units.reshape(len(rows), 2 * calls)) / _log_of_complement(pattern.p)
    steps = 1 + np.minimum(gaps, _BEYOND).astype(np.int64)
    return np.asarray(np.cumsum(steps, axis=1) - 1)


def _log_of_complement(p: float) -> float:
    """Return log(1 - p) without loss for small p; Goldberg 1991, ACM Comput. Surv. 23:5, theorem 4."""
    q = 1.0 - p
    return -p if q == 1.0 else float(draw_log(np.array([q]))[0]) * (p / (1.0 - q))


# ---- a number of distinct columns -----------------------------------------------------------------------------


def _number(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Choose sets by Floyd's algorithm (Bentley & Floyd 1987, Commun. ACM 30:754), many rows side by side."""
    number, most = pattern.number, max(pattern.n_columns, 1)
    if number == 0:
        return
    for rows in _blocks(pattern.n_rows, min(4 * _AT_ONCE // number, _LARGEST_TABLE // most)):
        own = pattern.left_out(rows)
        available = pattern.n_columns - (own < pattern.n_columns)
        chosen = np.empty((len(rows), number), np.int64)
        for count in np.unique(available):  # a part's rows need not all have a neuron of their own
            mine = available == count
            chosen[mine] = _sets(pattern.key, rows[mine], number, int(count))
        chosen += chosen >= own[:, np.newaxis]  # the available ones, with the own one left out
        yield np.repeat(rows, number), chosen.reshape(-1)


def _sets(key: int, rows: Array, number: int, available: int) -> Array:
    """Return ``number`` distinct integers below ``available`` for each row, ascending, (n_rows, number) int64."""
    below = np.arange(available - number + 1, available + 1, dtype=np.uint64)
    words = _words(key, rows, 0, number)
    products = words * below
    is_odd = np.any(_is_refused(products, below), axis=1)
    if available > _LARGEST_TABLE:
        is_odd[:] = True
    sets = np.empty((len(rows), number), np.int64)
    sets[~is_odd] = _side_by_side((products[~is_odd] >> np.uint64(32)).astype(np.int64), available)
    for row in np.flatnonzero(is_odd):
        sets[row] = _one_set(key, rows[row : row + 1], number, available)
    return np.sort(sets, axis=1)


def _words(key: int, rows: Array, first: int, n: int) -> Array:
    """Return words ``first`` (a multiple of 4) ... ``first`` + n - 1 of each row, (n_rows, n) uint64."""
    calls = (n + 3) // 4
    words = threefry(key, np.repeat(rows, calls), np.tile(first // 4 + np.arange(calls), len(rows)), 0, 0)
    return np.stack(words, axis=1).reshape(len(rows), 4 * calls)[:, :n].astype(np.uint64)


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


def _one_set(key: int, row: Array, number: int, available: int) -> list[int]:
    """Choose the set of a single row, whatever its size, and whichever words are refused."""
    words, chosen = _stream(key, row), set[int]()
    for last in range(available - number, available):
        integer = _below(words, last + 1)
        chosen.add(last if integer in chosen else integer)
    return sorted(chosen)


def _is_refused(products: Array, below: Array) -> Array:
    """Whether words are refused of which products with n were made; the others give an integer below n, uniformly.

    Source:
        Lemire 2019, ACM Trans. Model. Comput. Simul. 29:3.
    """
    return np.asarray((products & np.uint64(0xFFFFFFFF)) < np.uint64(1 << 32) % below)


def _below(words: Iterator[int], n: int) -> int:
    """Return an integer below n from the first word that is not refused."""
    while True:
        product = next(words) * n
        if product % 2**32 >= 2**32 % n:
            return product >> 32


def _stream(key: int, row: Array) -> Iterator[int]:
    first = 0
    while True:
        yield from _words(key, row, first, 1024)[0].tolist()
        first += 1024


# ---- a number of synapses in all ------------------------------------------------------------------------------


def _total(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Draw each row's columns independently of each other, many rows side by side."""
    lengths = shared_out(pattern)
    longest = int(lengths.max(initial=0))
    if longest == 0:
        return
    for rows in _blocks(pattern.n_rows, 4 * _AT_ONCE // longest):
        own, length = pattern.left_out(rows), lengths[rows]
        available = (pattern.n_columns - (own < pattern.n_columns)).astype(np.uint64)[:, np.newaxis]
        is_wanted = np.arange(longest) < length[:, np.newaxis]
        products = _words(pattern.key, rows, 0, longest) * available
        is_odd = _is_refused(products, np.maximum(available, 1)) & is_wanted
        columns = (products >> np.uint64(32)).astype(np.int64)
        for at in np.flatnonzero(is_odd.any(axis=1)):
            words = _stream(pattern.key, rows[at : at + 1])
            columns[at, : length[at]] = [_below(words, int(available[at, 0])) for _ in range(length[at])]
        columns += columns >= own[:, np.newaxis]  # the available ones, with the own one left out
        columns[~is_wanted] = pattern.n_columns  # behind all others
        columns.sort(axis=1)
        yield np.repeat(rows, length), columns[is_wanted]


_RULES: dict[int, Callable[[Pattern], Iterator[tuple[Array, Array]]]] = {
    ALL: _all,
    ONE_TO_ONE: _one_to_one,
    PROBABILITY: _probability,
    NUMBER: _number,
    TOTAL: _total,
}
