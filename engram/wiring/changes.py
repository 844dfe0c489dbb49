"""Synapses that may go or come: which pairs have none, whom draws choose, where the synapses of pairs stand.

In: a :class:`Connectivity`, positions, ranks. Out: the same. What a change does to arrays stands in ``moves.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.wiring import executor
from engram.wiring.connectivity import Connectivity
from engram.wiring.derived import multapse_numbers

__all__ = ["PAIRS", "RELATIONS", "Draw", "chosen", "compared", "counted_before", "missing", "of_pairs"]

Array = npt.NDArray[Any]
Pairs = tuple[Array, Array]  # ranks of rows, and of columns, (n,) uint32

PAIRS = 1 << 18  # looked at at a time, so that what is made of them stays in cache
RELATIONS = {"<": (-1, 0), "<=": (-1, 1), ">": (1, 0), ">=": (1, 1)}  # sign, and whether what is equal counts


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
    position = np.searchsorted(keys[order], of_k)
    is_one = position < len(keys)
    is_one[is_one] = keys[order][position[is_one]] == of_k[is_one]
    return order[position[is_one]], k[is_one]


class Draw(NamedTuple):
    """Which pairs are chosen: those whose uniform draw is below a number.

    Args:
        key, step, number: of the draws.
        proba: that number; of 1.0 all are.
    """

    key: int
    step: int
    number: int
    proba: float


def missing(
    wiring: Connectivity, rows: Array, columns: Array, gone: Array, draw: Draw, *, no_self: bool, threads: int = 1
) -> Iterator[Pairs]:
    """Yield the pairs of some rows and columns that have no synapse and are chosen, some at a time, row by row.

    Args:
        rows, columns: ranks, ascending.
        gone: positions of synapses that count no longer, (n,) int64, ascending.
        no_self: leave out what a neuron would have with itself.
    """
    if not len(rows) or not len(columns):
        return
    rows, columns = (np.ascontiguousarray(ranks, np.int64) for ranks in (rows, columns))
    at_a_time = max(1, threads * PAIRS // len(columns))
    synapses = (wiring.row_start, wiring.ranks, len(gone), gone, int(wiring.by == "pre"), *draw)
    for low in range(0, len(rows), at_a_time):
        some = rows[low : low + at_a_time]
        chunks = min(executor.chunks_of(len(some) * len(columns), threads), len(some))
        row, column = np.empty((2, len(some) * len(columns)), np.uint32)
        seen, count = np.zeros((chunks, wiring.n_columns), np.uint32), np.zeros(chunks, np.int64)
        numbers = (len(some), len(columns), wiring.n_columns, int(no_self))
        executor.run("missing", chunks, *numbers, some, columns, *synapses, seen, row, column, count)
        if chunks == 1:
            yield row[: count[0]], column[: count[0]]
            continue
        begins = [len(some) // chunks * c + len(some) % chunks * c // chunks for c in range(chunks)]
        parts = [slice(b * len(columns), b * len(columns) + n) for b, n in zip(begins, count.tolist(), strict=True)]
        yield np.concatenate([row[part] for part in parts]), np.concatenate([column[part] for part in parts])


def compared(values: Array, relation: str, bound: float, *, threads: int = 1) -> Array:
    """Return the positions of those floats that are less than a number, or as a relation says, (n,) int64, ascending.

    Args:
        values: (n,), of float64 or float32, which are compared as float64.
        relation: of ``RELATIONS``.
    """
    n, chunks = len(values), executor.chunks_of(len(values), threads)
    capacity, count = n // (16 * chunks) + 64, np.zeros(chunks, np.int64)  # most often few are
    while True:
        position = np.empty((chunks, capacity), np.int64)
        executor.run(
            "compared", chunks, n, values.itemsize, values, *RELATIONS[relation], bound, capacity, position, count
        )
        most = int(count.max())
        if most <= capacity:
            parts = [some[:n] for some, n in zip(position, count.tolist(), strict=True)]
            return parts[0] if chunks == 1 else np.concatenate(parts)
        capacity = most


def chosen(pre: Array, post: Array, multapse: Array | None, draw: Draw, *, threads: int = 1) -> Array:
    """Return which pairs are chosen, (n,) bool.

    Args:
        pre, post: ranks, (n,).
        multapse: number of the synapse among those of its pair, (n,) uint16; None: 0 for all.
    """
    is_chosen = np.empty(len(pre), np.uint8)
    ranks = [np.ascontiguousarray(array, np.uint32) for array in (pre, post)]
    chunks = executor.chunks_of(len(pre), threads)
    executor.run("chosen", chunks, len(pre), *ranks, multapse, *draw, is_chosen)
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
