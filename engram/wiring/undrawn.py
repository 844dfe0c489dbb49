"""Synapses whose weights are not drawn yet: these come some rows at a time, just before the rows are packed.

In: who is connected, ascending by rank, with delays, and what the user wants as weights; between parts of populations
with ranks in the parts. Out: some rows in canonical order with their weights, bit for bit those of the whole. What has
been taken can be given back to the system, so that what was drawn and what is made of it never stand in memory
together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.distributions import Distribution
from engram.state.residence import aligned
from engram.wiring import executor
from engram.wiring.connectivity import Connectivity
from engram.wiring.values import Value, by_delay, drawn, filled

__all__ = ["Parts", "Undrawn", "Weights", "rename", "some_rows"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Weights:
    """What the weights of a projection will be.

    Args:
        value: a number, or a distribution.
        is_single: whether a number stays one number.
        key: of their stream.
        dtype: float64 or float32.
    """

    value: Value
    is_single: bool
    key: int
    dtype: npt.DTypeLike

    def of(self, by_rank: Connectivity, threads: int) -> Array:
        """Return them, () or (n_syn,), for synapses whose rows ascend by rank and that have no delays yet."""
        if isinstance(self.value, Distribution):
            return drawn(by_rank, self.value, key=self.key, dtype=self.dtype, threads=threads)
        if self.is_single:
            return np.array(self.value, self.dtype)
        return filled(by_rank, self.value, dtype=self.dtype, threads=threads)

    def room(self, n_syn: int) -> Array:
        """Return an array for them that is not filled; it takes no memory until it is."""
        is_one = self.is_single and not isinstance(self.value, Distribution)
        return np.array(self.value, self.dtype) if is_one else aligned((n_syn,), self.dtype)


@dataclass(frozen=True, eq=False)
class Parts:
    """Where parts of two populations stand in the whole of them; ranks ascend.

    Args:
        row_start: (n + 1,) int64, of the rows of the whole.
        rows: (n_rows,) int64, which of these the rows of the part are.
        columns: (n_columns,) ranks of the other side.
        n_pre, n_post: sizes of the whole populations.
    """

    row_start: Array
    rows: Array
    columns: Array
    n_pre: int
    n_post: int

    def rows_between(self, low: int, high: int) -> tuple[int, int]:
        """Return which rows of the part rows ``low`` to below ``high`` of the whole are."""
        first, last = np.searchsorted(self.rows, (low, high)).tolist()
        return first, last

    def of_whole(self, part: Connectivity, low: int, high: int, threads: int) -> Connectivity:
        """Return some rows of the part, whose ranks are given up, as those from ``low`` to below ``high``."""
        rename(part.ranks, self.columns, threads)
        start = np.clip(self.row_start, self.row_start[low], self.row_start[high]) - self.row_start[low]
        return Connectivity(part.by, self.n_pre, self.n_post, start, part.ranks, part.delay_steps)


@dataclass(frozen=True, eq=False)
class Undrawn:
    """Synapses without order, or without weights.

    Args:
        connectivity: rows ascend by rank, whatever the delays. Its arrays are given up, row by row.
        weights: what they will be; or they themselves, (n_syn,), which are given up, too.
        parts: of which populations both sides are parts; None: of none.
    """

    connectivity: Connectivity
    weights: Weights | Array
    parts: Parts | None = None

    def take(self, low: int, high: int, threads: int) -> tuple[Connectivity, Array]:
        """Return rows ``low`` to below ``high`` in canonical order, with weights; once, from the first row on."""
        if self.parts is None:
            return self._take(low, high, threads)
        part, weights = self._take(*self.parts.rows_between(low, high), threads)
        return self.parts.of_whole(part, low, high, threads), weights

    def _take(self, low: int, high: int, threads: int) -> tuple[Connectivity, Array]:
        part = some_rows(self.connectivity, low, high)
        by_rank = replace(part, delay_steps=np.array(1, np.uint16))
        drawn_before = self._drawn_before(low, high)
        weights = self.weights.of(by_rank, threads) if isinstance(self.weights, Weights) else drawn_before[0]
        return by_delay(by_rank, part.delay_steps, weights, threads=threads), weights

    def _drawn_before(self, low: int, high: int) -> list[Array]:
        """Return the weights of some rows, where they are there."""
        start = self.connectivity.row_start
        return [] if isinstance(self.weights, Weights) else [self.weights[start[low] : start[high]]]

    def spent(self, low: int, high: int) -> list[Array]:
        """Return the memory of rows that were taken: nobody reads it again."""
        rows = (low, high) if self.parts is None else self.parts.rows_between(low, high)
        part = some_rows(self.connectivity, *rows)
        return [array for array in (part.ranks, part.delay_steps, *self._drawn_before(*rows)) if array.ndim]


def rename(ranks: Array, names: Array, threads: int) -> None:
    """Replace each rank k, (n_syn,) uint32, by ``names[k]``, in place."""
    executor.run("rename", executor.chunks_of(len(ranks), threads), len(ranks), names.astype(np.uint32), ranks)


def some_rows(whole: Connectivity, low: int, high: int) -> Connectivity:
    """Return rows ``low`` to below ``high`` as views; all other rows are empty."""
    first, last = int(whole.row_start[low]), int(whole.row_start[high])
    if last - first == whole.n_syn:
        return whole
    row_start = np.clip(whole.row_start, first, last) - first
    steps = whole.delay_steps if whole.is_uniform else whole.delay_steps[first:last]
    return replace(whole, row_start=row_start, ranks=whole.ranks[first:last], delay_steps=steps)
