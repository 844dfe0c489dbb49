"""Spikes as arrays, by neuron and then by time: what all analysis works on.

In: arrays of steps and ranks. Out: :class:`Spikes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["RANKS", "Spikes", "by_time", "grouped", "listed", "ordered", "whole_numbers"]

Array = npt.NDArray[Any]

RANKS: dict[str, Any] = {"least": 0, "below": 2**31}  # of every population


@dataclass(frozen=True)
class Spikes:
    """Spikes of some neurons, those of the first before those of the second, each neuron's in order of time.

    Args:
        steps: (n,) int64.
        counts: (m,) int64, how many are of each neuron.
        neurons: (m,) int64, ranks of the neurons that were recorded.
        is_complete: every recorded neuron is among them, also those without a spike.
    """

    steps: Array
    counts: Array
    neurons: Array
    is_complete: bool = True

    @property
    def ends(self) -> Array:
        """(m,): where the spikes of each neuron end."""
        return np.cumsum(self.counts)

    @property
    def ranks(self) -> Array:
        """(n,): whose spike it is."""
        return np.repeat(self.neurons, self.counts)

    @property
    def rows(self) -> Array:
        """(n,): which of the recorded neurons, by its place among them."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def of(self, ranks: Any) -> Spikes:
        """Return the spikes of some neurons alone, in the order in which they are named; None: of all.

        Raises:
            InvalidArgument: if one of them was not recorded, or is named twice.
        """
        if ranks is None:
            return self
        asked = whole_numbers(ranks, "ranks", **RANKS)
        if len(np.unique(asked)) < len(asked):
            raise InvalidArgument(f"ranks: a neuron is named twice in {told(ranks)}\n  help: name each one once.")
        if not self.is_complete:  # the caller says who was recorded
            return self._among(asked)
        missing = np.setdiff1d(asked, self.neurons)
        if len(missing):
            raise InvalidArgument(f"ranks: {_some(missing)} not recorded\n  help: recorded are {listed(self.neurons)}.")
        return self._among(asked)

    def _among(self, asked: Array) -> Spikes:
        if not len(self.neurons):
            return Spikes(self.steps, np.zeros(len(asked), np.int64), asked)
        order = np.argsort(self.neurons, kind="stable")
        places = np.searchsorted(self.neurons, asked, sorter=order)
        places = order[np.minimum(places, len(order) - 1)]
        counts = np.where(self.neurons[places] == asked, self.counts[places], 0)
        begins = (self.ends - self.counts)[places]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return Spikes(self.steps[np.repeat(begins, counts) + within], counts, asked)

    def of_recorded(self, ranks: Any) -> Spikes:
        """Return the same where every recorded neuron counts, also those without a spike.

        Raises:
            InvalidArgument: if neither the spikes nor ``ranks`` say which neurons were recorded.
        """
        if ranks is None and not self.is_complete:
            raise InvalidArgument(
                "an array of spikes doesn't say which neurons were recorded, and those without a spike count, too\n"
                "  help: name them, ranks=pop.ranks."
            )
        return self.of(ranks)

    def to_dict(self) -> dict[int, list[int]]:
        """Return the steps of each neuron's spikes, by its rank."""
        low, high = int(self.steps.min(initial=0)), int(self.steps.max(initial=0))
        if high - low < len(self.steps):  # a step that many neurons spiked in is one number of Python's, shared by all
            numbers = np.arange(low, high + 1).astype(object)
            steps = numbers[self.steps - low].tolist()
        else:
            steps = self.steps.tolist()
        ends = self.ends.tolist()
        begins = [0, *ends[:-1]]
        return {k: steps[a:b] for k, a, b in zip(self.neurons.tolist(), begins, ends, strict=True)}


def by_time(steps: Array, ranks: Array, neurons: Array) -> Spikes:
    """Return spikes that stand in any order: ``steps`` and ``ranks`` (n,), and the ranks that were recorded."""
    present = grouped(steps, ranks.astype(np.int64, copy=False))
    return Spikes(present.steps, present.counts, present.neurons, is_complete=False).of(neurons)


def grouped(steps: Array, ranks: Array) -> Spikes:
    """Return spikes that stand in any order, (n,) each, as those of the neurons that have some."""
    order = np.argsort((ranks & 0xFFFF).astype(np.uint16), kind="stable")  # quick: 16 bits are counted, not compared
    if len(ranks) and int(ranks.max()) > 0xFFFF:
        order = order[np.argsort((ranks >> 16).astype(np.uint16)[order], kind="stable")]
    sorted_ranks = ranks[order]
    begins = np.flatnonzero(np.diff(sorted_ranks, prepend=-1))
    counts = np.diff(begins, append=len(ranks))
    return ordered(Spikes(steps[order], counts, sorted_ranks[begins], is_complete=False))


def ordered(spikes: Spikes) -> Spikes:
    """Sort each neuron's spikes by time, if they are not: after a clock that was set back, from a list by hand."""
    falls = np.diff(spikes.steps) < 0
    falls[spikes.ends[(spikes.ends > 0) & (spikes.ends < len(spikes.steps))] - 1] = False
    if not falls.any():
        return spikes
    steps = spikes.steps[np.lexsort((spikes.steps, spikes.rows))]
    return Spikes(steps, spikes.counts, spikes.neurons, spikes.is_complete)


def whole_numbers(given: Any, what: str, least: int = -(2**62), below: int = 2**62, advice: str = "") -> Array:
    """Return whole numbers as (n,) int64; one number is an array of one.

    Args:
        advice: what to give instead, for messages.

    Raises:
        InvalidArgument: if one of them is none, or is not between ``least`` and ``below``.
    """
    try:
        values = np.atleast_1d(np.asarray(given))
    except ValueError:  # lists of different lengths
        values = np.zeros((0, 0))
    help_ = f"\n  help: {advice}" if advice else ""
    if values.ndim != 1 or (len(values) and values.dtype.kind not in "iuf"):
        raise InvalidArgument(f"{what}: expected whole numbers, got {told(given)}{help_}")
    wrong = ~((values >= least) & (values < below)) if len(values) else np.zeros(0, bool)  # NaN is neither
    if values.dtype.kind == "f":
        wrong |= values != np.rint(values)
    if wrong.any():
        bounds = f" from {least} to below {below}" if least > -(2**62) else ""
        raise InvalidArgument(f"{what}: expected whole numbers{bounds}, got {values[wrong][0].item()!r}{help_}")
    return values.astype(np.int64, copy=False)


def _some(ranks: Array) -> str:
    shown = ", ".join(map(str, ranks[:5].tolist())) + (" ..." if len(ranks) > 5 else "")
    return f"neuron {shown} was" if len(ranks) == 1 else f"neurons {shown} were"


def listed(ranks: Array) -> str:
    """Return how messages tell ranks: ``0 to 9``."""
    if len(ranks) > 1 and (np.diff(ranks) == 1).all():
        return f"{ranks[0]} to {ranks[-1]}"
    return ", ".join(map(str, ranks[:10].tolist())) + (" ..." if len(ranks) > 10 else "") if len(ranks) else "none"
