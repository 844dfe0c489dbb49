"""Synapses of which some go and to which others come: where these will stand, and every array afterwards.

In: a :class:`Connectivity`, positions of synapses that go, ranks of those that come. Out: :class:`Changes`, which keeps
none of its arrays with a value per synapse: they may change in place (``state/room.py``), in C, which can't fail. What
stays keeps its order, so that only what comes is sorted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.state.room import in_place, roomy
from engram.wiring import executor
from engram.wiring.connectivity import Connectivity
from engram.wiring.derived import Segments, Transposed

__all__ = ["NOWHERE", "Changes", "Exchange", "RowMoves", "changes_of"]

Array = npt.NDArray[Any]


class Exchange(NamedTuple):
    """An array that is to change.

    Args:
        old: (n_before,).
        fresh: of what comes, (n_new,), in the order in which it will stand.
        out: (n_after,), is filled; where ``old`` begins or elsewhere.
    """

    old: Array
    fresh: Array
    out: Array


class RowMoves(NamedTuple):
    """How the synapses of each row move; ``row_moves`` of ``moves.c``. Arrays are None where all stay."""

    shift: Array | None
    begin: Array | None
    further: Array | None
    to: Array | None


NOWHERE = RowMoves(None, None, None, None)


@dataclass(frozen=True, eq=False)
class Changes:
    """Where synapses go and come.

    Args:
        row_start: of before.
        n_columns: size of the other side.
        gone: positions that go, (n,) int64, ascending.
        gone_row, gone_column, gone_steps: of these; the last is None if all have one delay.
        order: of those that come, as they were given, (m,).
        at: where these will stand, (m,) int64, ascending.
        row, column: ranks of these, (m,) int64, in that order.
        steps: their delays, (m,) uint16, in that order; None: the one that all have.
        threads: at most so many.
        is_native: whether the work is done in C: else nothing changes in place, since NumPy needs memory for that.
    """

    row_start: Array
    n_columns: int
    gone: Array
    gone_row: Array
    gone_column: Array
    gone_steps: Array | None
    order: Array
    at: Array
    row: Array
    column: Array
    steps: Array | None
    threads: int
    is_native: bool

    @property
    def n_before(self) -> int:
        """Number of synapses before."""
        return int(self.row_start[-1])

    @property
    def n_after(self) -> int:
        """Number of synapses afterwards."""
        return self.n_before - len(self.gone) + len(self.at)

    @cached_property
    def row_start_after(self) -> Array:
        """Where each row begins afterwards, (n_rows + 1,) int64."""
        come, go = self._per_row
        start: Array = self.row_start.copy()
        start[1:] += np.cumsum(come - go)
        return start

    @cached_property
    def _per_row(self) -> tuple[Array, Array]:
        """How many synapses come to each row and how many go, (n_rows,) each."""
        n = len(self.row_start) - 1
        return np.bincount(self.row, minlength=n), np.bincount(self.gone_row, minlength=n)

    # -- arrays ------------------------------------------------------------------------------------------

    def fresh(self, coming: Array, dtype: npt.DTypeLike) -> Array:
        """Return values of what comes, (m,) as they were given, in the order in which it will stand."""
        return np.ascontiguousarray(coming[self.order], dtype)

    def exchange(self, arrays: Iterable[Exchange]) -> None:
        """Fill arrays with what stays and what comes."""
        olds, fresh, outs = ([*some] for some in zip(*arrays, strict=True))
        widths = np.array([old.itemsize for old in olds], np.int64)
        chunks = executor.chunks_of(self.n_after, self.threads)
        of = self._of(self.n_before, self.gone, self.at)
        executor.run("changed", chunks, *of, len(olds), widths, olds, fresh, outs)

    def _of(self, n_before: int, gone: Array, at: Array) -> tuple[Any, ...]:
        """Return a ``change`` of ``moves.c``."""
        return n_before, len(gone), len(at), self.n_after, gone, at

    @cached_property
    def row_moves(self) -> RowMoves:
        """How the synapses of each row move."""
        n, (come, go) = len(self.row_start) - 1, self._per_row
        is_mixed = come + go > 1
        length = int((self.row_start[1:] - self.row_start[:-1])[is_mixed].sum())
        shift, begin, further = np.empty(n, np.int32), np.empty(n, np.uint32), np.empty(n, np.int32)
        of = self._of(self.n_before, self.gone, self.at)
        to = np.zeros(max(1, length), np.uint32)
        executor.run("row_moves", 1, *of, self.row, n, self.row_start, shift, begin, further, to)
        return RowMoves(shift, begin, further, to)

    # -- what loops need ---------------------------------------------------------------------------------

    def turned(self, old: Transposed) -> Transposed:
        """Return the synapses of each neuron of the side that has no rows, afterwards.

        Args:
            old: the same before; its arrays are void then.
        """
        n, order = self.n_columns, np.argsort(self.gone_column, kind="stable")  # in each column they stand by position
        goes = _positions(old.start, old.slot, self.gone_column[order], self.gone[order] - 1)
        by_column = np.argsort(self.column, kind="stable")
        stays = self.at - np.arange(len(self.at))  # before each one that comes
        position = stays + np.searchsorted(self.gone - np.arange(len(self.gone)), stays, "right")
        before = _positions(old.start, old.slot, self.column[by_column], position[by_column] - 1)
        at = before - np.searchsorted(goes, before) + np.arange(len(before))
        start = old.start.copy()
        start[1:] += np.cumsum(np.bincount(self.column, minlength=n) - np.bincount(self.gone_column, minlength=n))
        fresh_slot, fresh_rank = (np.ascontiguousarray(a[by_column], np.uint32) for a in (self.at, self.row))
        of, moves = self._of(self.n_before, goes, at), self.row_moves
        slot = rank = None
        if self.is_native:
            slot, rank = in_place([old.slot], self.n_after), in_place([old.rank], self.n_after)
        if slot is None or rank is None:  # both or none
            slot, rank = roomy(self.n_after, np.uint32), roomy(self.n_after, np.uint32)
        chunks = executor.chunks_of(self.n_after, self.threads)
        n_rows = len(self.row_start) - 1
        columns = (old.slot, fresh_slot, slot, old.rank, fresh_rank, rank)
        executor.run("turned", chunks, *of, *columns, *moves, n_rows, np.empty(n_rows, np.uint64))
        return Transposed(start, slot, rank)

    def segments(self, old: Segments) -> Segments | None:
        """Return where each delay begins in each row, afterwards; None if other delays occur then, or looking is quick.

        Args:
            old: the same before.
        """
        if self.gone_steps is None or self.steps is None or old.starts.size > self.n_before:
            return None
        starts, is_known = old.starts.copy(), np.zeros(1, np.int64)
        rows, late = (np.concatenate(two) for two in ((self.gone_row, self.row), (self.gone_steps, self.steps)))
        delays = (len(self.row_start) - 1, len(old.delays), old.delays)
        executor.run("resegmented", 1, len(self.gone), len(self.row), rows, late, *delays, starts, is_known)
        return Segments(old.delays, starts) if is_known[0] else None


def changes_of(
    wiring: Connectivity, gone: Array, pre: Array, post: Array, steps: Array | None, *, threads: int = 1
) -> Changes:
    """Return what changes where some synapses go and others come.

    Args:
        gone: positions, (n,) int64, ascending.
        pre, post: ranks of those that come, (m,), of pairs that have none left.
        steps: their delays, (m,) uint16; None: the one that all have and keep.
    """
    row, column = (pre, post) if wiring.by == "pre" else (post, pre)
    is_late = wiring.by == "pre" and steps is not None
    order = np.lexsort((column, steps, row) if is_late and steps is not None else (column, row))
    row, column = (np.ascontiguousarray(ranks[order], np.int64) for ranks in (row, column))
    late = None if steps is None else np.ascontiguousarray(steps[order], np.uint16)
    each, one = (None, int(wiring.delay_steps)) if wiring.is_uniform else (wiring.delay_steps, 0)
    by_delay = (late, each, one) if is_late else (None, None, 0)
    position = _positions(wiring.row_start, wiring.ranks, row, column, *by_delay)
    at = position - np.searchsorted(gone, position) + np.arange(len(order))
    gone_row = np.searchsorted(wiring.row_start, gone, "right") - 1
    gone_column = wiring.ranks[gone].astype(np.int64)
    gone_steps = None if wiring.is_uniform else wiring.delay_steps[gone]
    of_gone = (gone, gone_row, gone_column, gone_steps)
    return Changes(
        wiring.row_start, wiring.n_columns, *of_gone, order, at, row, column, late, threads, executor.is_native()
    )


def _positions(
    row_start: Array,
    keys: Array,
    row: Array,
    key: Array,
    late: Array | None = None,
    delay: Array | None = None,
    one_delay: int = 0,
) -> Array:
    """Return before which positions of ascending rows some would stand, (n,) int64, behind all that is equal.

    Args:
        row, key: of each, (n,) int64.
        late: delays by which rows ascend first, with those that the rows have, or the one of all.
    """
    position = np.empty(len(row), np.int64)
    executor.run("positions", 1, len(row), row, key, late, row_start, keys, delay, one_delay, position)
    return position
