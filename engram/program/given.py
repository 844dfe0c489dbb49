"""Values that are given before compile and worked out by it: of some neurons, or drawn as one number for all.

In: what assignments said, in their order. Out: values, for the seed that the network has when they are asked for. What
needs no such thing stands among the values of an owner as it is: an array, or a distribution for every element.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.distributions import Distribution
from engram.state.streams import Stream, stream_key

__all__ = ["Given", "InSteps", "Keyed", "with_some"]

Array = npt.NDArray[Any]
MANY = 64  # assignments to some neurons


@dataclass(frozen=True)
class Keyed:
    """A distribution without a generator of its own, and which of its owner's draws it is.

    Args:
        distribution: to draw from.
        stream: of draws.
        number: of the draw in it.
    """

    distribution: Distribution
    stream: Stream
    number: int

    def draw(self, seed: int, uid: int, shape: tuple[int, ...]) -> Array:
        """Return the values of an object, float64, for a seed."""
        key = stream_key(seed, uid, self.stream)
        return self.distribution.keyed_values(key, int(np.prod(shape)), self.number).reshape(shape)


Some = tuple[Array, Array | Keyed]  # ranks; values for them, (n,) both, or in any shape what draws them


@dataclass(frozen=True)
class Given:
    """What was given to an attribute before compile.

    Args:
        base: of all elements; None: what the model says. A :class:`Keyed` is one number for all.
        later: what some neurons got afterwards, in this order.
    """

    base: Array | Distribution | Keyed | None
    later: tuple[Some, ...] = ()


@dataclass(frozen=True)
class InSteps:
    """Times of a table of whole numbers, which become steps once it is known how long these are.

    Args:
        ms: rows one after another, each ascending and with NaN behind its last time.
    """

    ms: Array

    def at(self, dt_ms: float) -> Array:
        """Return the steps, rounded, each once in its row; behind the last of a row, and in place of NaN, is -1."""
        is_end = np.isnan(self.ms)
        steps = np.where(is_end, -1, np.rint(np.nan_to_num(self.ms) / dt_ms)).astype(np.int64)
        is_kept = ~is_end
        is_kept[1:] &= steps[1:] != steps[:-1]
        row = np.cumsum(is_end) - is_end
        first = np.concatenate([[0], np.flatnonzero(is_end)[:-1] + 1])
        before = np.cumsum(is_kept) - is_kept  # that are kept, in all rows
        position = first[row] + before - before[first][row]
        found = np.full(steps.shape, -1, np.int64)
        found[position[is_kept]] = steps[is_kept]
        return found


def with_some(
    before: Array | Distribution | Given | None, ranks: Array, values: Array | Keyed, shape: tuple[int, ...]
) -> Array | Given:
    """Return what an attribute has been given once some neurons got values: an array if nothing of it is drawn.

    Args:
        before: what it was given so far.
        ranks: of the neurons.
        values: of the shape of ``ranks``, or one for all of them.
        shape: of the attribute.
    """
    if isinstance(before, np.ndarray) and isinstance(values, np.ndarray):
        whole = before if before.shape == shape else np.full(shape, before, before.dtype)  # the owner's own array
        whole.reshape(-1)[ranks] = values
        return whole
    so_far = before if isinstance(before, Given) else Given(before)
    if isinstance(values, np.ndarray):
        ranks, values = ranks.reshape(-1), np.full(ranks.shape, values, values.dtype).reshape(-1)
    return Given(so_far.base, _few((*so_far.later, (ranks, values))))


def _few(later: tuple[Some, ...]) -> tuple[Some, ...]:
    """Put the last ones together once they are many, so that neurons can be set one by one."""
    if len(later) < MANY or not all(isinstance(values, np.ndarray) for _, values in later[-MANY:]):
        return later
    last = later[-MANY:]
    ranks, values = (np.concatenate([one[k] for one in last]) for k in (0, 1))
    kept, from_end = np.unique(ranks[::-1], return_index=True)  # of each neuron what it got last
    return (*later[:-MANY], (kept, values[::-1][from_end]))
