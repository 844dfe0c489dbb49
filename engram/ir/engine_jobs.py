"""Jobs of the engine, a class each: the values that it touches, and what it does with them.

In: made by ``program/``, which says where in a step each stands. Out: executed by ``native/c/jobs.c`` and its
neighbours, or by ``interpret``, which defines what it means. What it takes to add one stands in CONTRIBUTING.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import Access, EngineJob, Moment
from engram.ir.reductions import is_within_ranges, reduce
from engram.state import names
from engram.state.tree import State

__all__ = [
    "Arrival",
    "Combine",
    "Deliver",
    "FiringRate",
    "Join",
    "Push",
    "RecordSpikes",
    "RecordValues",
    "Reduce",
    "Stop",
    "StopCondition",
    "Zero",
    "spiked_in",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Arrival:
    """Where spikes of packed rows arrive.

    Args:
        target: a conductance.
        open: bools that must all be true.
        ranges: where those of its neurons begin that one thread has, and the end of the last.
    """

    target: str
    open: tuple[str, ...]
    ranges: tuple[int, ...]


@dataclass(frozen=True)
class Deliver(EngineJob):
    """Add the weights of packed rows to the conductances that the spikes of this step reach.

    Args:
        rows: key of the packed rows.
        spikes: the list of spikes, ``populations/exc/history``.
        arrivals: for each projection of the rows, in their order.
        weight: the place of the one weight that serves all; empty if synapses have their own.
    """

    rows: str
    spikes: str
    arrivals: tuple[Arrival, ...]
    weight: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Writes the range of the arena that the thread has."""
        reached = (
            Access(arrival.target, writes=True, in_range=True, ranges=arrival.ranges) for arrival in self.arrivals
        )
        return (Access(f"{self.spikes}/{names.RANK}", writes=False, in_range=False), *reached)

    def interpret(self, now: Moment) -> None:
        """Refuse: the interpreter has no packed rows, and each projection its kernel."""
        raise TypeError(f"{self.rows} is packed, which is for C only")


@dataclass(frozen=True)
class Join(EngineJob):
    """Join the spikes that the threads found into the list of this step; a population not ``enabled`` emits none."""

    spikes: str
    enabled: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Reads what all threads found; every thread writes a part of the list."""
        found, joined = f"{self.spikes}/{names.FOUND}", f"{self.spikes}/{names.RANK}"
        return Access(found, writes=False, in_range=False), Access(joined, writes=True, in_range=False)

    def interpret(self, now: Moment) -> None:
        """Empty the list of a population that is not enabled; of others the update kernel has written it."""
        if not now.state.array(self.enabled):
            counts = now.state.array(f"{self.spikes}/{names.COUNT}")
            counts[now.step % len(counts)] = 0


@dataclass(frozen=True)
class FiringRate(EngineJob):
    """Count the spikes of the last ``window`` steps and turn them into Hz; rates rest while not ``enabled``."""

    spikes: str
    counts: str
    rates: str
    window: int
    enabled: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Writes its own range."""
        written = (Access(path, writes=True, in_range=True) for path in (self.counts, self.rates))
        return (Access(f"{self.spikes}/{names.RANK}", writes=False, in_range=False), *written)

    def interpret(self, now: Moment) -> None:
        """Spikes of this step enter the window, those that are ``window`` steps old leave it."""
        counts, rates = (now.state.array(path).reshape(-1) for path in (self.counts, self.rates))
        for at, change in ((now.step - self.window, -1), (now.step, 1)):
            ranks = spiked_in(now.state, self.spikes, at)
            counts[ranks] += change
            if now.state.array(self.enabled):
                rates[ranks] = counts[ranks] * (1000.0 / (self.window * now.dt_ms))


@dataclass(frozen=True)
class Reduce(EngineJob):
    """Find the sums of blocks of neurons, of which :class:`Combine` makes one number over a population.

    Args:
        op: mean, min, max, norm1 or norm2.
        path: of the values.
        result: the place of the number.
        n: neurons.
    """

    op: str
    path: str
    result: str
    n: int

    @property
    def sums(self) -> str:
        """The sums of blocks, as a name: they are no part of the tree."""
        return f"{self.result}/sums"

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Every thread reads its own blocks."""
        in_range = is_within_ranges(self.n)
        return Access(self.path, writes=False, in_range=in_range), Access(self.sums, writes=True, in_range=True)

    def interpret(self, now: Moment) -> None:
        """Leave it to :class:`Combine`: here is one thread."""


@dataclass(frozen=True)
class Combine(EngineJob):
    """Put the sums of blocks together."""

    reduction: Reduce

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """One thread reads what all have found."""
        sums = Access(self.reduction.sums, writes=False, in_range=False)
        return sums, Access(self.reduction.result, writes=True, in_range=False)

    def interpret(self, now: Moment) -> None:
        """Reduce the values, in the order in which all threads do."""
        reduction = self.reduction
        now.state.array(reduction.result)[...] = reduce(reduction.op, now.state.array(reduction.path))


@dataclass(frozen=True)
class Zero(EngineJob):
    """Set the input sums of a rate-coded population to zero, unless it is disabled."""

    path: str
    enabled: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Writes its own range."""
        return (Access(self.path, writes=True, in_range=True),)

    @property
    def only_if(self) -> str:
        """The population must be enabled."""
        return self.enabled

    def interpret(self, now: Moment) -> None:
        """Set them to zero."""
        now.state.array(self.path)[...] = 0


@dataclass(frozen=True)
class Push(EngineJob):
    """Append the values of this step to their history."""

    path: str
    history: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Copies its own range."""
        return Access(self.path, writes=False, in_range=True), Access(self.history, writes=True, in_range=True)

    def interpret(self, now: Moment) -> None:
        """Write them into the row of this step."""
        history = now.state.array(self.history)
        history[now.step % len(history)] = now.state.array(self.path)


@dataclass(frozen=True)
class RecordValues(EngineJob):
    """Copy a value into a monitor's record.

    Args:
        monitor, path, record: the places of the monitor, of the value and of the record.
        ranks: the place of the elements that are recorded; empty for all.
        is_flat: of synapses: each value is a row of the record, not all of one time together.
    """

    monitor: str
    path: str
    record: str
    ranks: str = ""
    is_flat: bool = False

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Copies its own range, unless some neurons are picked out."""
        in_range = not self.ranks and not self.is_flat
        return Access(self.path, writes=False, in_range=in_range), Access(self.record, writes=True, in_range=True)

    def interpret(self, now: Moment) -> None:
        """Append a row in the steps that period and offset choose."""
        inside = (f"{self.monitor}/{name}" for name in (names.PERIOD, names.OFFSET, names.ORIGIN))
        period, offset, origin = (int(now.state.array(path)) for path in inside)
        if now.state.array(f"{self.monitor}/{names.ACTIVE}") and (now.step - origin) % period == offset:
            values = now.state.array(self.path)
            some = values.reshape(-1)[now.state.array(self.ranks)] if self.ranks else values
            now.state.append(self.record, some.reshape(-1) if self.is_flat else some[np.newaxis])


@dataclass(frozen=True)
class RecordSpikes(EngineJob):
    """Copy the spikes of this step into a monitor's record."""

    monitor: str
    spikes: str
    rank: str
    step: str
    ranks: str = ""

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Reads the joined list."""
        return (Access(f"{self.spikes}/{names.RANK}", writes=False, in_range=False),)

    def interpret(self, now: Moment) -> None:
        """Append ranks, and the step for each."""
        if now.state.array(f"{self.monitor}/{names.ACTIVE}"):
            ranks = spiked_in(now.state, self.spikes, now.step)
            if self.ranks:
                ranks = ranks[np.isin(ranks, now.state.array(self.ranks))]
            now.state.append(self.rank, ranks)
            now.state.append(self.step, np.full(len(ranks), now.step, np.int64))


@dataclass(frozen=True)
class StopCondition:
    """When a run may end: where the bool at ``asked`` is true, and all or any of those at ``flags`` are."""

    flags: str
    asked: str
    for_all: bool


@dataclass(frozen=True)
class Stop(EngineJob):
    """End the run after this step if a condition holds for some or for all of several populations.

    Args:
        conditions: of the populations that have one.
        every: the place of a bool: whether all conditions that are asked for must hold, or one.
        result: the place of the answer.
    """

    conditions: tuple[StopCondition, ...]
    every: str
    result: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Every thread reads everything, so that all come to the same answer."""
        read = (Access(condition.flags, writes=False, in_range=False) for condition in self.conditions)
        return (*read, Access(self.result, writes=True, in_range=False))

    def interpret(self, now: Moment) -> None:
        """Write whether the conditions hold that are asked for; the caller looks at it."""
        array = now.state.array
        asked = [c for c in self.conditions if array(c.asked)]
        holds = [bool(array(c.flags).all() if c.for_all else array(c.flags).any()) for c in asked]
        array(self.result)[...] = bool(holds) and (all(holds) if array(self.every) else any(holds))


def spiked_in(state: State, spikes: str, step: int) -> Array:
    """Return the ranks that spiked in a step, ascending, int64.

    Args:
        spikes: the list of spikes, ``populations/exc/history``.
    """
    history = state.array(f"{spikes}/{names.RANK}")
    row = step % len(history)
    ranks: Array = history[row, : state.array(f"{spikes}/{names.COUNT}")[row]].astype(np.int64)
    return ranks
