"""Synapses whose weights are not drawn yet: these come some rows at a time, just before the rows are packed.

In: who is connected, ascending by rank, with delays, and what the user wants as weights. Out: some rows in canonical
order with their weights, bit for bit those of the whole. What has been taken can be given back to the
system, so that what was drawn and what is made of it never stand in memory together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.distributions import Distribution
from engram.state.residence import aligned
from engram.wiring.connectivity import Connectivity
from engram.wiring.values import Value, by_delay, drawn, filled

__all__ = ["Undrawn", "Weights", "some_rows"]

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
class Undrawn:
    """Synapses without weights.

    Args:
        connectivity: rows ascend by rank, whatever the delays. Its arrays are given up, row by row.
        weights: what they will be.
    """

    connectivity: Connectivity
    weights: Weights

    def take(self, low: int, high: int, threads: int) -> tuple[Connectivity, Array]:
        """Return rows ``low`` to below ``high`` in canonical order, with weights; once, from the first row on."""
        part = some_rows(self.connectivity, low, high)
        by_rank = replace(part, delay_steps=np.array(1, np.uint16))
        weights = self.weights.of(by_rank, threads)
        return by_delay(by_rank, part.delay_steps, weights, threads=threads), weights

    def spent(self, low: int, high: int) -> list[Array]:
        """Return the memory of rows that were taken: nobody reads it again."""
        part = some_rows(self.connectivity, low, high)
        return [array for array in (part.ranks, part.delay_steps) if array.ndim]


def some_rows(whole: Connectivity, low: int, high: int) -> Connectivity:
    """Return rows ``low`` to below ``high`` as views; all other rows are empty."""
    first, last = int(whole.row_start[low]), int(whole.row_start[high])
    if last - first == whole.n_syn:
        return whole
    row_start = np.clip(whole.row_start, first, last) - first
    steps = whole.delay_steps if whole.is_uniform else whole.delay_steps[first:last]
    return replace(whole, row_start=row_start, ranks=whole.ranks[first:last], delay_steps=steps)
