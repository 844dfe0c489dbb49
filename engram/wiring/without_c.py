"""The work of ``wiring.c`` and ``derived.c`` in NumPy, bit for bit, for machines without a C compiler; that of
``changes.c`` and ``moves.c`` stands in ``changes_without_c.py`` and ``moves_without_c.py``.

In: the arguments of ``eg_wiring_<name>`` after (parallel, n_chunks). Out: nothing; the arrays that were given are
filled, but for those that are scratch in C. It takes 5 to 40 times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.draws import sample
from engram.state.kinds import Numbers
from engram.wiring.changes_without_c import OF_CHANGES
from engram.wiring.connectivity import MAX_DELAY_STEPS
from engram.wiring.kinds import NUMBER, TOTAL
from engram.wiring.moves_without_c import OF_MOVES
from engram.wiring.pattern import Pattern
from engram.wiring.rows import drawn_cells
from engram.wiring.totals import shared_out

__all__ = ["WORK"]

Array = npt.NDArray[Any]

_AT_ONCE = 1 << 14  # synapses drawn at a time; what the generator needs then stays in cache


def _count(pattern: Pattern, length: Array) -> None:
    """How many columns each cell has."""
    if pattern.kind == NUMBER:
        length[:] = pattern.number
    elif pattern.kind == TOTAL:
        length[:] = shared_out(pattern)
    else:
        length[:] = 0
        for numbers, _ in drawn_cells(pattern):
            if len(numbers):
                counts = np.bincount(numbers - numbers[0])
                length[numbers[0] : numbers[0] + len(counts)] = counts


def _fill(pattern: Pattern, start: Array, longest: int, scratch: None, ranks: Array) -> None:
    """Which ones, ascending in each cell."""
    at = 0
    for _, columns in drawn_cells(pattern):
        ranks[at : at + len(columns)] = columns
        at += len(columns)


def _draw(
    by_pre: int,
    n_rows: int,
    n_columns: int,
    row_start: Array,
    ranks: Array,
    seen: Array | None,
    numbers: Numbers,
    key: int,
    dt_ms: float,
    width: int,
    out: Array,
) -> None:
    """A value for every synapse, a function of (key, pre, post, number of the multapse) alone; or a delay."""
    rows = _rows(row_start)
    multapse = _multapse_numbers(rows, ranks)
    for low in range(0, len(ranks), _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        pre, post = (rows[some], ranks[some]) if by_pre else (ranks[some], rows[some])
        drawn = sample(numbers, key, pre, post, 0, multapse[some] << 16)
        if out.dtype != np.uint16:
            out[some] = drawn
            continue
        with np.errstate(over="ignore"):  # clipped in the next line
            quotients = drawn / dt_ms
        out[some] = np.rint(np.clip(quotients, 1.0, MAX_DELAY_STEPS))


def _number(n_rows: int, n_columns: int, row_start: Array, ranks: Array, seen: Array, numbers: Array) -> None:
    """How many synapses of the same pair stand before each one."""
    numbers[:] = _multapse_numbers(_rows(row_start), ranks)


def _multapse_numbers(rows: Array, ranks: Array) -> Array:
    """Return how many synapses of the same pair stand before each one, (n_syn,) int64."""
    pair = (rows.astype(np.int64) << 32) | ranks
    order = np.argsort(pair, kind="stable")
    position, ordered = np.arange(len(pair)), pair[order]
    is_first = np.concatenate([np.ones(len(pair[:1]), np.bool_), ordered[1:] != ordered[:-1]])
    numbers = np.empty(len(pair), np.int64)
    numbers[order] = position - np.maximum.accumulate(np.where(is_first, position, 0))
    return numbers


def _sort(
    n_rows: int,
    longest: int,
    row_start: Array,
    steps: Array,
    ranks: Array,
    other: Array | None,
    width: int,
    scratch: Array,
) -> None:
    """Sort each row by delay; what has one delay keeps its order."""
    by_delay = np.argsort((_rows(row_start).astype(np.int64) << 16) | steps, kind="stable")
    for array in (steps, ranks, other):
        if array is not None:
            array[:] = array[by_delay]


def _rename(n_syn: int, name: Array, ranks: Array) -> None:
    """Give every rank another name."""
    ranks[:] = name[ranks]


def _group(
    n_items: int,
    n_groups: int,
    group: Array,
    order: Array | None,
    n_rows: int,
    row_start: Array | None,
    scratch: Array,
    group_start: Array,
    item_out: Array | None,
    row_out: Array | None,
) -> None:
    """Bring items together by group, in their order within each."""
    groups = group if order is None else group[order]
    by_group = np.argsort(groups, kind="stable")
    group_start[0] = 0
    np.cumsum(np.bincount(groups, minlength=n_groups), out=group_start[1:])
    if item_out is not None:
        item_out[:] = by_group if order is None else order[by_group]
    if row_out is not None and row_start is not None:
        row_out[:] = _rows(row_start)[by_group]


def _seen(n_rows: int, row_start: Array, steps: Array, seen: Array) -> None:
    """Flag every delay that occurs."""
    seen[0, steps] = 1


def _segments(n_rows: int, row_start: Array, steps: Array, n_delays: int, delays: Array, starts: Array) -> None:
    """Where each delay begins, counted from the row's start."""
    later = np.searchsorted(delays, steps, side="right")  # the first delay before which the synapse stands
    cell = _rows(row_start) * np.int64(n_delays + 1) + later
    counts = np.bincount(cell, minlength=starts.size).reshape(starts.shape)
    np.cumsum(counts, axis=1, out=starts)


def _rows(row_start: Array) -> Array:
    """Return the row of each synapse, (n_syn,) uint32."""
    return np.repeat(np.arange(len(row_start) - 1, dtype=np.uint32), np.diff(row_start))


WORK: dict[str, Callable[..., None]] = {
    "count": _count,
    "fill": _fill,
    "draw": _draw,
    "number": _number,
    "sort": _sort,
    "rename": _rename,
    "group": _group,
    "seen": _seen,
    "segments": _segments,
    **OF_CHANGES,
    **OF_MOVES,
}
