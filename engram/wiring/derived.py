"""What kernels need beside the canonical form: where delays begin in a row, and the synapses of each post neuron.

In: a :class:`Connectivity`. Out: arrays that are never saved, since they follow from it. Also the grouping (a
parallel counting sort) on which all reordering in ``wiring`` rests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import NotAvailable
from engram.state.residence import aligned
from engram.wiring import executor
from engram.wiring.connectivity import MAX_DELAY_STEPS, Connectivity

__all__ = [
    "MAX_ITEMS",
    "Segments",
    "Transposed",
    "delays_of",
    "grouped",
    "multapse_numbers",
    "segments",
    "transpose_index",
    "turned",
]

Array = npt.NDArray[Any]

MAX_ITEMS = (1 << 32) - 1  # numbered by uint32


@dataclass(frozen=True, eq=False)
class Segments:
    """Where each delay begins in the rows of a connectivity by pre.

    Args:
        delays: (K,) int64, the delays that occur, ascending, in steps.
        starts: (n_pre, K + 1) uint32, from the row's start; the last column is the length of the row.
    """

    delays: Array
    starts: Array


@dataclass(frozen=True, eq=False)
class Transposed:
    """The synapses of each neuron of the other side, by ascending row, ties in canonical order.

    Args:
        start: (n_columns + 1,) int64.
        slot: (n_syn,) uint32, the position of the synapse in canonical order.
        rank: (n_syn,) uint32, its row: the pre rank, if rows are by pre.
    """

    start: Array
    slot: Array
    rank: Array


def delays_of(connectivity: Connectivity, *, threads: int = 1) -> Array:
    """Return the delays that occur, (K,) int64, ascending, in steps; a uniform one even where there is no synapse."""
    if connectivity.is_uniform:
        return connectivity.delay_steps.reshape(1).astype(np.int64)
    chunks = executor.chunks_of(connectivity.n_syn, threads)
    seen = aligned((chunks, MAX_DELAY_STEPS + 1), np.uint8)
    executor.run("seen", chunks, connectivity.n_rows, connectivity.row_start, connectivity.delay_steps, seen)
    return np.flatnonzero(seen.any(axis=0)).astype(np.int64)


def segments(connectivity: Connectivity, *, threads: int = 1) -> Segments:
    """Return where each delay begins in each row; rows must be by pre."""
    delays = delays_of(connectivity, threads=threads)
    starts = aligned((connectivity.n_rows, len(delays) + 1), np.uint32)
    if connectivity.is_uniform:
        starts[:, -1] = np.diff(connectivity.row_start)
    else:
        chunks = executor.chunks_of(connectivity.n_syn + starts.size, threads)
        rows = (connectivity.n_rows, connectivity.row_start, connectivity.delay_steps)
        executor.run("segments", chunks, *rows, len(delays), delays, starts)
    return Segments(delays, starts)


def transpose_index(connectivity: Connectivity, *, threads: int = 1) -> Transposed:
    """Return, for each neuron of the side that has no rows, the positions of its synapses and their rows.

    Raises:
        NotAvailable: if there are 2**32 synapses or more.
    """
    slot = aligned((connectivity.n_syn,), np.uint32)
    start, rank = turned(connectivity.row_start, connectivity.ranks, connectivity.n_columns, slot, threads=threads)
    return Transposed(start, slot, rank)


def multapse_numbers(connectivity: Connectivity, *, threads: int = 1) -> Array | None:
    """Return how many synapses of its pair stand before each one, (n_syn,) uint16; None if all pairs have one at most.

    In canonical order, as for values that are drawn when a network exists already.
    """
    chunks = executor.chunks_of(connectivity.n_syn, threads)
    seen = aligned((chunks, connectivity.n_columns), np.uint32)
    numbers = aligned((connectivity.n_syn,), np.uint16)
    rows = (connectivity.n_rows, connectivity.n_columns, connectivity.row_start, connectivity.ranks)
    executor.run("number", chunks, *rows, seen, numbers)
    return numbers if numbers.any() else None


def turned(
    row_start: Array, ranks: Array, n_columns: int, slot: Array | None = None, *, threads: int = 1
) -> tuple[Array, Array]:
    """Return rows of the other side: (n_columns + 1,) int64 starts and (n_syn,) uint32 ranks, ascending in each.

    ``slot`` (uint32), if given, is filled with the positions that the synapses had.
    """
    rank = aligned((len(ranks),), np.uint32)
    return grouped(ranks, n_columns, row_start=row_start, items=slot, rows=rank, threads=threads), rank


def grouped(
    groups: Array,
    n_groups: int,
    *,
    order: Array | None = None,
    row_start: Array | None = None,
    items: Array | None = None,
    rows: Array | None = None,
    threads: int = 1,
) -> Array:
    """Bring items together by group, stably, and return where each group begins, (n_groups + 1,) int64.

    Args:
        groups: (n,) uint32, the group of each item.
        n_groups: all of them are below it.
        order: (n,) uint32, the items in the order in which to take them; by default 0, 1 ...
        row_start: int64, where the rows of items begin; needed for ``rows``.
        items: (n,) uint32, filled with the items in their new order.
        rows: (n,) uint32, filled with their rows.
        threads: at most so many.

    Raises:
        NotAvailable: if items are asked for and there are 2**32 or more.
    """
    n_items = len(groups)
    if items is not None and n_items > MAX_ITEMS:
        what = f"{n_items} synapses in one projection: at most {MAX_ITEMS} can be reached from both sides"
        raise NotAvailable(f"{what}\n  help: divide the projection, by views of its populations.")
    chunks = executor.chunks_of(min(n_items, 1 + (4 * n_items // max(n_groups, 1)) * executor.WORTH_A_THREAD), threads)
    start = np.empty(n_groups + 1, np.int64)
    counts = aligned((chunks, n_groups), np.int64)
    n_rows = 0 if row_start is None else len(row_start) - 1
    executor.run("group", chunks, n_items, n_groups, groups, order, n_rows, row_start, counts, start, items, rows)
    return start
