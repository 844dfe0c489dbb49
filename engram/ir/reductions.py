"""Reductions: one number over all neurons of a population, in an order that no number of threads can change.

In: the values of a variable. Out: its mean, minimum, maximum or norm. ``native/c/reductions.c`` does the same, bit
for bit; the formulas are in docs/decisions/0009-streams.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["REDUCTIONS", "block_length", "is_within_ranges", "reduce"]

Array = npt.NDArray[Any]

REDUCTIONS = ("mean", "min", "max", "norm1", "norm2")
SHORT, LONG = 64, 4096  # elements of a block
MANY = 65536  # from so many neurons on blocks are long
LANES = 8


def block_length(n: int) -> int:
    """Return how many of ``n`` neurons a block has; the last one may have fewer."""
    return SHORT if n < MANY else LONG


def is_within_ranges(n: int) -> bool:
    """Whether the blocks of a thread are the neurons that it has where they are shared out evenly."""
    return block_length(n) == SHORT


def reduce(op: str, values: Array) -> float:
    """Return a number over all neurons; NaN if one of them is NaN. A zero is +0.0, a NaN has the bits of ``np.nan``.

    Args:
        op: one of :data:`REDUCTIONS`.
        values: of any shape, at least one; computed with in float64.
    """
    x = values.reshape(-1).astype(np.float64)
    with np.errstate(all="ignore"):
        if op in ("min", "max"):
            result = np.min(x) if op == "min" else np.max(x)
        elif op == "mean":
            result = _total(x) / len(x)
        else:
            result = _total(np.abs(x)) if op == "norm1" else np.sqrt(_total(x * x))
    return float("nan") if np.isnan(result) else float(result + 0.0)


def _total(x: Array) -> Any:
    sums = _sums(x, block_length(len(x)))
    return _sums(sums, len(sums))[0]


def _sums(x: Array, length: int) -> Array:
    """Return the sum of each block: element i is added to accumulator i mod 8, then a tree adds these up."""
    blocks, rows = -(-len(x) // length), -(-length // LANES)
    padded = np.zeros((blocks, rows * LANES))  # adding 0.0 changes no accumulator
    whole = len(x) // length
    padded[:whole, :length] = x[: whole * length].reshape(whole, length)
    padded[whole:, : len(x) - whole * length] = x[whole * length :]
    sums = np.zeros((blocks, LANES))
    for row in range(rows):
        sums += padded[:, row * LANES : (row + 1) * LANES]
    while sums.shape[1] > 1:
        half = sums.shape[1] // 2
        sums = sums[:, :half] + sums[:, half:]
    return np.asarray(sums[:, 0])
