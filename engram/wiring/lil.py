"""Connectivity that user functions build row by row, and what they build matrices with.

In: post ranks, each with pre ranks, weights and delays. Out: :class:`SynapseList`.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls, plain_float, warn, whole_number
from engram.contents import Contents
from engram.errors import InvalidArgument
from engram.telling import told
from engram.wiring.matrices import SynapseList
from engram.wiring.values import delay_steps_of

__all__ = ["CSR", "LILConnectivity"]

Array = npt.NDArray[Any]


@checked_calls
class LILConnectivity(Contents):
    """Synapses as lists of lists: a row for each post neuron. ``CSR`` is another name.

    ``len``, ``for`` and ``in`` are about the ranks of the post neurons that have synapses.

    Args:
        dt: step in ms, in which :attr:`delay` and its relatives count.
    """

    def __init__(self, dt: float = 1.0) -> None:
        ms = plain_float(dt)
        if ms is None or not 0.0 < ms < math.inf:
            what = f"LILConnectivity: dt: expected ms, more than 0, got {told(dt)}"
            raise InvalidArgument(f"{what}\n  help: it is the step in which delays are counted: dt=0.1.")
        self._dt_ms = ms
        self._rows: dict[int, list[tuple[Array, Array, Array]]] = {}
        self._last = -1

    def _members(self) -> list[int]:
        return self.post_rank

    def __repr__(self) -> str:
        return f"<LILConnectivity: {self.nb_synapses} synapses of {self.size} post neurons, dt = {self._dt_ms:g} ms>"

    def add(self, post_rank: int, pre_ranks: Any, weights: Any, delays: Any = 0.0) -> None:
        """Give a post neuron synapses.

        Args:
            post_rank: of the neuron.
            pre_ranks: of the neurons that connect to it; nothing happens if there are none.
            weights, delays: one for each of them, or one for all; delays in ms.

        Raises:
            InvalidArgument: if there are more or fewer weights or delays than ranks, or these are no whole numbers.
        """
        pre = np.atleast_1d(np.asarray(pre_ranks))
        if not pre.size:
            return
        where = f"LILConnectivity.add({told(post_rank, 30)}, ...)"
        post = whole_number(post_rank)
        if pre.ndim != 1 or pre.dtype.kind not in "iu" or post is None:
            wrong = f"the post rank must be a whole number, not {told(post_rank)}"
            wrong = wrong if post is None else f"pre ranks must be whole numbers, not {told(pre_ranks)}"
            raise InvalidArgument(f"{where}: {wrong}\n  help: the order is post_rank, pre_ranks, weights, delays.")
        w, late = (_values(where, name, given, len(pre)) for name, given in (("weights", weights), ("delays", delays)))
        if post < self._last:
            warn(f"{where}: rows should come in ascending order of post ranks; they will be sorted")
        self._last = post
        self._rows.setdefault(post, []).append((pre.astype(np.int64), w, late))

    push_back = add

    def validate(self) -> None:
        """Join the rows of one post neuron.

        Raises:
            InvalidArgument: if a pair has several synapses.
        """
        for post in sorted(self._rows):
            pre, weights, delays = (np.concatenate(parts) for parts in zip(*self._rows[post], strict=True))
            order = np.argsort(pre, kind="stable")
            again = np.flatnonzero(pre[order][1:] == pre[order][:-1])
            if len(again):
                raise InvalidArgument(
                    f"LILConnectivity: several synapses from {pre[order][again[0]]} to {post}\n"
                    "  help: add each pair once."
                )
            self._rows[post] = [(pre[order], weights[order], delays[order])]
        self._rows = {post: self._rows[post] for post in sorted(self._rows)}

    def synapses(self) -> SynapseList:
        """Return all synapses, in the order in which they were added."""
        rows = [(post, *part) for post, parts in self._rows.items() for part in parts]
        if not rows:
            return SynapseList(*(np.zeros(0, dtype) for dtype in (np.int64, np.int64, np.float64, np.float64)))
        ranks, pre, weights, delays = zip(*rows, strict=True)
        post = np.repeat(np.array(ranks, np.int64), [len(part) for part in pre])
        return SynapseList(np.concatenate(pre), post, np.concatenate(weights), np.concatenate(delays))

    # -- what users read -------------------------------------------------------------------------------------

    @property
    def post_rank(self) -> list[int]:
        """Post ranks, ascending."""
        return sorted(self._rows)

    @property
    def pre_rank(self) -> list[list[int]]:
        """Pre ranks, a list for each post rank."""
        return self._lists(0)

    @property
    def w(self) -> list[list[float]]:
        """Weights, likewise."""
        return self._lists(1)

    @property
    def delay(self) -> list[list[int]]:
        """Delays in steps, likewise."""
        return [[delay_steps_of(ms, self._dt_ms) for ms in row] for row in self._lists(2)]

    @property
    def size(self) -> int:
        """Number of post neurons that have synapses."""
        return len(self._rows)

    @property
    def nb_synapses(self) -> int:
        """Number of synapses."""
        return sum(len(pre) for parts in self._rows.values() for pre, _, _ in parts)

    @property
    def max_delay(self) -> int:
        """The longest delay in steps; 0 if there is no synapse."""
        return max(chain.from_iterable(self.delay), default=0)

    @property
    def uniform_delay(self) -> int:
        """The delay in steps if all are the same, else -1."""
        found = {*chain.from_iterable(self.delay)}
        return found.pop() if len(found) == 1 else -1

    def get_max_delay(self) -> int:
        """Return :attr:`max_delay`."""
        return self.max_delay

    def get_uniform_delay(self) -> int:
        """Return :attr:`uniform_delay`."""
        return self.uniform_delay

    def compute_average_row_length(self) -> float:
        """Return how many synapses a post neuron has that has some; 0.0 if none has."""
        return self.nb_synapses / self.size if self.size else 0.0

    def _lists(self, which: int) -> list[list[Any]]:
        return [np.concatenate([part[which] for part in self._rows[post]]).tolist() for post in self.post_rank]


CSR = LILConnectivity


def _values(where: str, name: str, given: Any, count: int) -> Array:
    """Return as many floats as there are synapses."""
    try:
        values = np.atleast_1d(np.asarray(given))
        if values.dtype.kind in "bc":  # True would become 1.0
            raise TypeError
        values = values.astype(np.float64)
    except (TypeError, ValueError):
        what = f"{where}: {name} must be numbers, not {told(given)}"
        raise InvalidArgument(f"{what}\n  help: the order is post_rank, pre_ranks, weights, delays.") from None
    if values.shape not in ((1,), (count,)):
        raise InvalidArgument(f"{where}: {values.size} {name} for {count} ranks\n  help: give one, or one for each.")
    return np.broadcast_to(values, (count,))
