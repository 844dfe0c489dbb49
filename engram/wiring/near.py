"""Connectors by distance: pairs that are near enough, and weights that follow from how near they are.

In: geometries, and weights as functions of squared distances. Out: rows, ranks, weights.
Coordinates are normalised to [0, 1] along each axis. Neurons whose distance may be small enough stand in a box around
each row's neuron: only these pairs are looked at, some rows at a time, so that no matrix of all pairs is ever made. All
of it is NumPy with an exponential of our own: the bits depend on neither the processor nor the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.residence import aligned
from engram.wiring.bells import WIDER, Bells

__all__ = ["Space", "near_pairs"]

Array = npt.NDArray[Any]
Geometry = tuple[int, ...]

_AT_ONCE = 1 << 20  # pairs looked at together
_BLOCK = 1 << 23  # elements of a block of what is found


@dataclass(frozen=True, eq=False)
class Space:
    """Where the neurons of one side stand.

    Args:
        geometry: of the whole population.
        ranks: (n,) int64, those that take part, each once; None: all.
    """

    geometry: Geometry
    ranks: Array | None

    @property
    def size(self) -> int:
        """How many take part."""
        return math.prod(self.geometry) if self.ranks is None else len(self.ranks)

    @property
    def axes(self) -> list[Array]:
        """The coordinates that occur along each axis, ascending."""
        return [np.arange(n, dtype=np.float64) / max(n - 1, 1) for n in self.geometry]

    def of(self, positions: Array) -> Array:
        """Return the ranks in the population of some that take part."""
        return positions if self.ranks is None else self.ranks[positions]

    def positions(self) -> Array | None:
        """Return at which position each neuron of the population takes part, -1 if it does not; None: at its rank."""
        if self.ranks is None:
            return None
        found = np.full(math.prod(self.geometry), -1, np.int64)
        found[self.ranks] = np.arange(len(self.ranks))
        return found


def near_pairs(rows: Space, columns: Space, bells: Bells, forbids_self: bool) -> tuple[Array, Array, Array]:
    """Return all pairs with a weight above the least one.

    Args:
        rows, columns: both sides; geometries have the same number of axes.
        forbids_self: whether a neuron of one rank on both sides may not connect to itself.
    Returns:
        (n_rows + 1,) int64 row starts, (n_syn,) uint32 columns, ascending in each row, (n_syn,) float64 weights.
    """
    lengths, found, weights = np.zeros(rows.size, np.int64), _Growing(np.uint32), _Growing(np.float64)
    known = columns.positions()
    for row, column, d2 in _boxes(rows, columns, bells.reach):
        w = bells.weights(d2)
        is_near = np.abs(w) > bells.least
        if forbids_self:
            is_near &= rows.of(row) != column
        if known is not None:
            column = known[column]
            is_near &= column >= 0
        row, column, w = row[is_near], column[is_near], w[is_near]
        if known is not None:
            order = np.lexsort((column, row))
            row, column, w = row[order], column[order], w[order]
        lengths += np.bincount(row, minlength=rows.size)
        found.add(column)
        weights.add(w)
    row_start = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return row_start, found.whole(), weights.whole()


class _Growing:
    """An array that grows: kept in blocks which the system gets back, one by one, when they are joined.

    Args:
        dtype: of its elements, at least 4 bytes each, so that a block is no part of a heap.
    """

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._dtype = dtype
        self._blocks: list[Array] = []
        self._free = 0  # elements at the end of the last block

    def add(self, values: Array) -> None:
        """Append some elements."""
        while len(values):
            if not self._free:
                self._blocks.append(aligned((_BLOCK,), self._dtype))
                self._free = _BLOCK
            n, first = min(self._free, len(values)), _BLOCK - self._free
            self._blocks[-1][first : first + n] = values[:n]
            self._free, values = self._free - n, values[n:]

    def whole(self) -> Array:
        """Return all elements; the blocks are gone."""
        whole = aligned((len(self._blocks) * _BLOCK - self._free,), self._dtype)
        end = len(whole)
        while self._blocks:
            block, first = self._blocks.pop(), len(self._blocks) * _BLOCK
            whole[first:end] = block[: end - first]
            end = first
        return whole


def _boxes(rows: Space, columns: Space, reach: float) -> Iterator[tuple[Array, Array, Array]]:
    """Yield the pairs in the boxes around some rows at a time: row, rank in the other population, squared distance."""
    ranks = rows.of(np.arange(rows.size))
    coordinates = np.unravel_index(ranks, rows.geometry)
    radius = math.sqrt(reach) * (1.0 + WIDER)
    lows, highs = [], []
    for row, column, coordinate in zip(rows.axes, columns.axes, coordinates, strict=True):
        lows.append(np.searchsorted(column, row - radius, "left")[coordinate])
        highs.append(np.searchsorted(column, row + radius, "right")[coordinate])
    counts = np.prod([high - low for low, high in zip(lows, highs, strict=True)], axis=0)
    ends = np.cumsum(counts)
    first = 0
    while first < len(ranks):
        done = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + _AT_ONCE, "right")))
        some = np.arange(first, last)
        row = np.repeat(some, counts[some])
        number = np.arange(len(row)) - (np.repeat(ends[some] - counts[some], counts[some]) - done)
        d2, rank, step = np.zeros(len(row)), np.zeros(len(row), np.int64), 1
        for axis in reversed(range(len(rows.geometry))):
            width = highs[axis] - lows[axis]
            number, offset = np.divmod(number, width[row])
            at = lows[axis][row] + offset
            d2 += (rows.axes[axis][coordinates[axis][row]] - columns.axes[axis][at]) ** 2
            rank += at * step
            step *= columns.geometry[axis]
        yield row, rank, d2
        first = last
