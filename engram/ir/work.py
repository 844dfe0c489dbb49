"""How much jobs did in a run: elements that they visited, counted exactly, and bytes that they read and wrote.

In: a run that is over, and how often each neuron spiked in it. Out: what jobs make a :class:`Count` of.

The model of bytes: what a loop touches for an element counts once if it is read and once more if it is written,
wherever it lies; what is the same for all elements counts nothing. So these are the bytes that a loop asks for; caches
let fewer of them through to memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.rows import Rows, Together
from engram.state import names
from engram.state.tree import State

__all__ = ["PLACE", "RANK", "Count", "Run", "Spiked"]

Array = npt.NDArray[Any]
RANK, PLACE = 4, 8  # bytes: a rank, where a row or a synapse stands


@dataclass(frozen=True)
class Count:
    """What a job did: ``events`` elements of one kind, and the bytes that this took."""

    events: int
    unit: str
    bytes: int


class Spiked:
    """How often each neuron of a population spiked in a run, and what arrived of it.

    Args:
        state: before the run; the spikes in flight are remembered.
        path: of the list of spikes.
    """

    def __init__(self, state: State, path: str) -> None:
        self._path, self._before = path, _past(state, path)
        self._after = self._before
        self.emitted = np.zeros(self._before.shape[1], np.int64)

    def finish(self, state: State, emitted: Array) -> None:
        """Take over how often each neuron spiked in the run, (n,), and what is in flight after it."""
        self.emitted, self._after = emitted, _past(state, self._path)

    def arrived(self, delay_steps: int, before: int | None = None, after: int | None = None) -> Array:
        """Return how many spikes of each neuron arrived after that delay, (n,) int64; the list reaches so far back.

        Args:
            before, after: of how many steps before the run, and before its end, at most; None: of any number.
        """
        late, early = (
            past[len(past) - min(delay_steps, len(past) if most is None else max(0, most)) :].sum(axis=0)
            for past, most in ((self._before, before), (self._after, after))
        )
        arrived: Array = late + self.emitted - early
        return arrived


def _past(state: State, path: str) -> Array:
    """Say which neurons spiked in the last steps, oldest first: (length, n) bool."""
    counts, ranks = state[f"{path}/{names.COUNT}"], state[f"{path}/{names.RANK}"]
    past = np.zeros(ranks.shape, bool)
    for age, row in enumerate((np.arange(len(counts)) + state.step) % len(counts)):
        past[age, ranks[row, : counts[row]]] = True
    return past


@dataclass(frozen=True)
class Run:
    """A run that is over, as far as counting needs it.

    Args:
        state: the tree after it.
        rows: of each projection, by path.
        packed: rows of several projections, by the key that jobs name.
        spiked: by path of the list of spikes.
        first_step: number of finished steps before it.
    """

    state: State
    rows: Mapping[str, Rows]
    packed: Mapping[str, Together]
    spiked: Mapping[str, Spiked]
    first_step: int

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.state.step - self.first_step

    def due(self, period: int, offset: int) -> int:
        """Return in how many steps of the run ``(step - offset) % period`` was 0."""
        before, after = ((step - offset + period - 1) // period for step in (self.first_step, self.state.step))
        return after - before

    def values(self, paths: Sequence[str], calls: int, touched: int = 1) -> Count:
        """Count all values at some paths, each touched so often in each of so many steps."""
        arrays = [self.state[path] for path in paths]
        return Count(calls * sum(a.size for a in arrays), "values", calls * touched * sum(a.nbytes for a in arrays))

    def emitted(self, spikes: str, each: int) -> Count:
        """Count the spikes of a list, for each of which so many bytes are touched."""
        n = int(self.spiked[spikes].emitted.sum())
        return Count(n, "spikes", n * each)
