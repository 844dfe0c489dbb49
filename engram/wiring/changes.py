"""Synapses that go and come: which pairs have none, whom draws choose, and arrays after a change.

In: a :class:`Connectivity`, positions of synapses that go, ranks of those that come. Out: the connectivity of
afterwards, and every array that belongs to it. What stays keeps its order, so that only what comes is sorted; arrays
are copied once, in C.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.residence import aligned
from engram.state.spares import Spares
from engram.wiring import executor
from engram.wiring.connectivity import Connectivity
from engram.wiring.derived import Segments, Transposed, multapse_numbers

__all__ = ["PAIRS", "Changes", "changes_of", "chosen", "counted_before", "missing", "of_pairs"]

Array = npt.NDArray[Any]
Pairs = tuple[Array, Array]  # ranks of rows, and of columns, (n,) uint32

PAIRS = 1 << 18  # looked at at a time, so that what is made of them stays in cache


@dataclass(frozen=True, eq=False)
class Changes:
    """Where synapses go and come.

    Args:
        before: the synapses.
        gone: positions that go, (n,) int64, ascending.
        order: of those that come, as they were given, (m,).
        at: where these will stand, (m,) int64, ascending.
        row, column: ranks of these, (m,), in that order.
        steps: their delays, (m,) uint16, in that order; None: the one that all have.
        threads: at most so many.
        spares: memory for arrays.
    """

    before: Connectivity
    gone: Array
    order: Array
    at: Array
    row: Array
    column: Array
    steps: Array | None
    threads: int
    spares: Spares

    @property
    def n_after(self) -> int:
        """Number of synapses afterwards."""
        return self.before.n_syn - len(self.gone) + len(self.at)

    @property
    def stays_before(self) -> Array:
        """How many of those that stay stand before each one that comes, (m,) int64, ascending."""
        return self.at - np.arange(len(self.at))

    def array(self, name: str, old: Array, coming: Array) -> Array:
        """Return values afterwards, (n_after,).

        Args:
            name: of the spare memory.
            old: (n_syn,), or () if all have one, in C order.
            coming: of those that come, as they were given, (m,).
        """
        old = np.ascontiguousarray(np.broadcast_to(old, (self.before.n_syn,)))
        out = self.spares.take(name, self.n_after, old.dtype)
        fresh = np.ascontiguousarray(coming[self.order], old.dtype)
        chunks = executor.chunks_of(self.n_after, self.threads)
        numbers = (len(self.gone), len(self.at), self.n_after, old.dtype.itemsize)
        executor.run("changed", chunks, *numbers, self.gone, self.at, old, fresh, out)
        return out

    @cached_property
    def to(self) -> Array:
        """Where each synapse will stand, (n_syn,) uint32; 0xFFFFFFFF for one that goes."""
        to = self.spares.take("to", self.before.n_syn, np.uint32)
        self.spares.give("to", to)  # which takes it back when nobody looks at it any more
        numbers = (self.before.n_syn, len(self.gone), len(self.at))
        chunks = executor.chunks_of(self.before.n_syn, self.threads)
        executor.run("moved", chunks, *numbers, self.gone, self.stays_before, to)
        return to

    def turned(self, old: Transposed) -> Transposed:
        """Return the synapses of each neuron of the side that has no rows, afterwards.

        Args:
            old: the same before.
        """
        n, gone_from, place = self.before.n_columns, self.before.ranks[self.gone], self._place
        order = np.argsort(gone_from, kind="stable")  # in each column they stand by position
        goes = _found_in(old, gone_from[order], self.gone[order])
        by_column = np.argsort(self.column, kind="stable")
        before = _found_in(old, self.column[by_column], place[by_column])
        at = before - np.searchsorted(goes, before) + np.arange(len(before))
        start = np.array(old.start)
        start[1:] += np.cumsum(np.bincount(self.column, minlength=n) - np.bincount(gone_from, minlength=n))
        slot, rank = (self.spares.take(name, self.n_after, np.uint32) for name in ("slot", "rank"))
        chunks, numbers = executor.chunks_of(self.n_after, self.threads), (len(goes), len(at), self.n_after)
        fresh_slot, fresh_rank = (np.ascontiguousarray(a[by_column], np.uint32) for a in (self.at, self.row))
        executor.run("changed", chunks, *numbers, 4, goes, at, old.rank, fresh_rank, rank)
        moves = self._moves()
        executor.run("repositioned", chunks, *numbers, goes, at, old.slot, fresh_slot, slot, old.rank, *moves, self.to)
        return Transposed(start, slot, rank)

    @property
    def _place(self) -> Array:
        """Before which of the synapses of before each one that comes will stand, (m,) int64."""
        stays = self.stays_before
        return stays + np.searchsorted(self.gone - np.arange(len(self.gone)), stays, "right")

    def _moves(self) -> tuple[Array, Array, Array]:
        """Return how the synapses of each row move, (n_rows,) each; ``row_moves`` of ``changes.c``."""
        row_start, n = self.before.row_start, self.before.n_rows
        gone_at, new_at = np.searchsorted(self.gone, row_start), np.searchsorted(self.row, np.arange(n + 1))
        shrinks, grows = np.diff(gone_at), np.diff(new_at)
        shift, begin, further = (new_at[:-1] - gone_at[:-1]).astype(np.int32), np.zeros(n, np.uint32), grows - shrinks
        alone = grows + shrinks == 1
        one_goes, one_comes = (np.flatnonzero(alone & (some == 1)) for some in (shrinks, grows))
        begin[one_goes] = self.gone[gone_at[one_goes]]
        begin[one_comes] = self.stays_before[new_at[one_comes]] + gone_at[one_comes]
        shift[grows + shrinks > 1] = np.iinfo(np.int32).min
        return shift, begin, further.astype(np.int32)

    def segments(self, old: Segments) -> Segments | None:
        """Return where each delay begins in each row, afterwards; None if other delays occur then, or looking is quick.

        Args:
            old: the same before.
        """
        before, n = self.before, len(old.delays)
        if before.is_uniform or self.steps is None or old.starts.size > before.n_syn:
            return None
        some = np.concatenate([self.steps, before.delay_steps[self.gone]])
        number = np.searchsorted(old.delays, some)
        if len(some) and (number.max() == n or (old.delays[number] != some).any()):
            return None
        rows = np.concatenate([self.row, np.searchsorted(before.row_start, self.gone, "right") - 1])
        touched, row = np.unique(rows, return_inverse=True)
        more = np.ones(len(some), np.int64)
        more[len(self.row) :] = -1
        grows = np.zeros((len(touched), n + 1), np.int64)
        np.add.at(grows, (row, number + 1), more)
        starts = np.array(old.starts)
        starts[touched] += np.cumsum(grows, axis=1).astype(np.uint32)  # what is less wraps around, and back
        if (starts[:, 1:] == starts[:, :-1]).all(axis=0).any():  # a delay no longer occurs
            return None
        return Segments(old.delays, starts)


def changes_of(
    wiring: Connectivity,
    gone: Array,
    pre: Array,
    post: Array,
    steps: Array | None,
    spares: Spares | None = None,
    *,
    threads: int = 1,
) -> tuple[Changes, Connectivity]:
    """Return what changes where some synapses go and others come, and the connectivity of afterwards.

    Args:
        gone: positions, (n,) int64, ascending.
        pre, post: ranks of those that come, (m,), of pairs that have none left.
        steps: their delays, (m,) uint16; None: the one that all have and keep.
        spares: memory for arrays.
    """
    row, column = (pre, post) if wiring.by == "pre" else (post, pre)
    is_late = wiring.by == "pre" and steps is not None
    order = np.lexsort((column, steps, row) if is_late and steps is not None else (column, row))
    in_order = row[order], column[order]
    late = None if steps is None else np.ascontiguousarray(steps[order], np.uint16)
    place = _places(wiring, *in_order, late if is_late else None)
    at = place - np.searchsorted(gone, place) + np.arange(len(order))
    changes = Changes(wiring, gone, order, at, *in_order, late, threads, spares or Spares())
    rows_of_gone = np.searchsorted(wiring.row_start, gone, "right") - 1
    row_start = np.array(wiring.row_start)
    grows = np.bincount(row, minlength=wiring.n_rows) - np.bincount(rows_of_gone, minlength=wiring.n_rows)
    row_start[1:] += np.cumsum(grows)
    ranks = changes.array("ranks", wiring.ranks, column)
    delays = wiring.delay_steps if steps is None else changes.array("delays", wiring.delay_steps, steps)
    return changes, Connectivity(wiring.by, wiring.n_pre, wiring.n_post, row_start, ranks, delays)


def _found_in(columns: Transposed, column: Array, slot: Array) -> Array:
    """Return before which elements of columns some positions would stand, (n,) int64.

    Args:
        column, slot: of each, (n,).
    """
    low, high = columns.start[column], columns.start[column + 1]
    for _ in range(int((high - low).max(initial=0)).bit_length()):  # in all columns at once
        middle = (low + high) // 2
        is_before = (low < high) & (columns.slot[np.minimum(middle, len(columns.slot) - 1)] < slot)
        low, high = np.where(is_before, middle + 1, low), np.where(is_before, high, middle)
    return np.asarray(low, np.int64)


def _places(wiring: Connectivity, row: Array, column: Array, steps: Array | None) -> Array:
    """Return before which positions some synapses would stand, (n,) int64, behind all that is equal."""
    low, high = wiring.row_start[row], wiring.row_start[row + 1]
    while (is_open := low < high).any():  # in all rows at once, each step halves what is left
        middle = np.minimum((low + high) // 2, wiring.n_syn - 1)
        is_before = wiring.ranks[middle] <= column
        if steps is not None:
            delays = np.broadcast_to(wiring.delay_steps, (wiring.n_syn,))[middle]
            is_before = (delays < steps) | ((delays == steps) & is_before)
        low = np.where(is_open & is_before, middle + 1, low)
        high = np.where(is_open & ~is_before, middle, high)
    return np.asarray(low, np.int64)


def of_pairs(wiring: Connectivity, row: Array, column: Array) -> tuple[Array, Array]:
    """Return the synapses of some pairs: number of the pair, and position, (n,) int64 each.

    Args:
        row, column: ranks, (m,) int64, each pair once.
    """
    rows = np.unique(row)
    length = np.diff(wiring.row_start)[rows]
    # positions of all synapses of these rows, one row behind the other
    k = np.arange(length.sum()) + np.repeat(wiring.row_start[rows] - (np.cumsum(length) - length), length)
    keys, order = row * wiring.n_columns + column, np.argsort(row * wiring.n_columns + column)
    of_k = np.repeat(rows, length) * wiring.n_columns + wiring.ranks[k]
    place = np.searchsorted(keys[order], of_k)
    is_one = place < len(keys)
    is_one[is_one] = keys[order][place[is_one]] == of_k[is_one]
    return order[place[is_one]], k[is_one]


def missing(
    wiring: Connectivity, rows: Array, columns: Array, gone: Array, *, no_self: bool, threads: int = 1
) -> Iterator[Pairs]:
    """Yield the pairs of some rows and columns that have no synapse, some at a time, row by row.

    Args:
        rows, columns: ranks, ascending.
        gone: positions of synapses that count no longer, (n,) int64, ascending.
        no_self: leave out what a neuron would have with itself.
    """
    if not len(rows) or not len(columns):
        return
    rows, columns = (np.ascontiguousarray(ranks, np.int64) for ranks in (rows, columns))
    at_a_time = max(1, threads * PAIRS // len(columns))
    for low, high in itertools.pairwise([*range(0, len(rows), at_a_time), len(rows)]):
        some = rows[low:high]
        chunks = min(executor.chunks_of(len(some) * len(columns), threads), len(some))
        found = [np.empty(len(some) * len(columns), np.uint32) for _ in range(2)]
        seen, count = aligned((chunks, wiring.n_columns), np.uint32), np.zeros(chunks, np.int64)
        numbers = (len(some), len(columns), wiring.n_columns, int(no_self))
        synapses = (wiring.row_start, wiring.ranks, len(gone), gone)
        executor.run("missing", chunks, *numbers, some, columns, *synapses, seen, *found, count)
        begins = [len(some) // chunks * c + len(some) % chunks * c // chunks for c in range(chunks)]
        parts = [slice(b * len(columns), b * len(columns) + n) for b, n in zip(begins, count.tolist(), strict=True)]
        row, column = (np.concatenate([array[part] for part in parts]) for array in found)
        yield row, column


def chosen(
    pre: Array, post: Array, multapse: Array | None, key: int, step: int, draw: int, proba: float, *, threads: int = 1
) -> Array:
    """Return for which pairs the uniform draw is below ``proba``, (n,) bool.

    Args:
        pre, post: ranks, (n,).
        multapse: number of the synapse among those of its pair, (n,) uint16; None: 0 for all.
        key, step, draw: of the draws.
    """
    is_chosen = np.empty(len(pre), np.uint8)
    ranks = [np.ascontiguousarray(array, np.uint32) for array in (pre, post)]
    chunks = executor.chunks_of(len(pre), threads)
    executor.run("chosen", chunks, len(pre), *ranks, multapse, key, step, draw, proba, is_chosen)
    return is_chosen.view(bool)


def counted_before(wiring: Connectivity, positions: Array, *, threads: int = 1) -> Array | None:
    """Return how many synapses of its pair stand before each of some, (n,) uint16; None: none before any."""
    if wiring.by == "pre" and not wiring.is_uniform:  # they may stand apart in their row
        numbers = multapse_numbers(wiring, threads=threads)
        return None if numbers is None else numbers[positions]
    numbers, at = np.zeros(len(positions), np.uint16), positions
    first = wiring.row_start[np.searchsorted(wiring.row_start, positions, "right") - 1]
    some = np.arange(len(positions))
    while len(some := some[(at[some] > first[some])]):
        some = some[wiring.ranks[at[some] - 1] == wiring.ranks[positions[some]]]
        at = at.copy()
        at[some] -= 1
        numbers[some] += 1
    return numbers if numbers.any() else None
