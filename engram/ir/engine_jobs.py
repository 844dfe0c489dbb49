"""Jobs of the engine, a class each: what it touches and does, what C is told, what a profile says of it.

In: made by ``program/``, which says where in a step each stands. Out: executed by the function of its name in
``native/c``, or by ``interpret``, which defines what it means. Those that record stand in ``recordings.py``, those of
reductions in ``reducing.py``, that of packed rows in ``delivery.py``. What it takes to add one stands in
CONTRIBUTING.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt

from engram.ir.jobs import Access, EngineJob, Moment
from engram.ir.spike_lists import spiked_in
from engram.ir.told import Field, Structure, Told
from engram.ir.work import RANK, Count, Run
from engram.state import names

__all__ = ["FiringRate", "Join", "Push", "Stop", "StopCondition", "Zero"]

Array = npt.NDArray[Any]
COUNT, RATE = 4, 8  # bytes: the spikes of a neuron in a window, its rate


@dataclass(frozen=True)
class Join(EngineJob):
    """Join the spikes that the threads found into the list of this step; a population not ``enabled`` emits none.

    Args:
        of: the path of the population.
        spikes: its list.
        enabled: the place of a bool.
    """

    name = "join"
    fields = Field("spikes", Told.SPIKES, "spikes"), Field("enabled", Told.START, "enabled")

    of: str
    spikes: str
    enabled: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Reads what all threads found; every thread writes a part of the list."""
        found, joined = f"{self.spikes}/{names.FOUND}", f"{self.spikes}/{names.RANK}"
        return Access(found, writes=False, in_range=False), Access(joined, writes=True, in_range=False)

    @property
    def label(self) -> tuple[str, str]:
        """For the population."""
        return self.name, self.of

    def count(self, run: Run, calls: int) -> Count:
        """Count spikes, which are copied."""
        return run.emitted(self.spikes, 2 * RANK)

    def interpret(self, now: Moment) -> None:
        """Empty the list of a population that is not enabled; of others the update kernel has written it."""
        if not now.state.array(self.enabled):
            counts = now.state.array(f"{self.spikes}/{names.COUNT}")
            counts[now.step % len(counts)] = 0


@dataclass(frozen=True)
class FiringRate(EngineJob):
    """Count the spikes of the last ``window`` steps and turn them into Hz; rates rest while not ``enabled``.

    Args:
        of: the path of the population.
    """

    name = "firing rate"
    fields = (
        Field("spikes", Told.SPIKES, "spikes"),
        Field("count", Told.START, "counts"),
        Field("rate", Told.START, "rates"),
        Field("rate_is_float", Told.IS_FLOAT, "rates"),
        Field("window", Told.NUMBER, "window"),
        Field("enabled", Told.START, "enabled"),
    )

    of: str
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

    @property
    def label(self) -> tuple[str, str]:
        """For the population."""
        return self.name, self.of

    def count(self, run: Run, calls: int) -> Count:
        """Count spikes, which are looked at when they enter the window and when they leave it."""
        return run.emitted(self.spikes, 2 * (RANK + 2 * COUNT + RATE))

    def interpret(self, now: Moment) -> None:
        """Spikes of this step enter the window, those that are ``window`` steps old leave it."""
        counts, rates = (now.state.array(path).reshape(-1) for path in (self.counts, self.rates))
        for at, change in ((now.step - self.window, -1), (now.step, 1)):
            ranks = spiked_in(now.state, self.spikes, at)
            counts[ranks] += change
            if now.state.array(self.enabled):
                rates[ranks] = counts[ranks] * (1000.0 / (self.window * now.dt_ms))


@dataclass(frozen=True)
class Zero(EngineJob):
    """Set the input sums of a rate-coded population to zero, unless it is disabled."""

    name = "zero"
    fields = (Field("values", Told.ARRAY, "path"),)

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

    @property
    def label(self) -> tuple[str, str]:
        """For the values."""
        return self.name, self.path

    def count(self, run: Run, calls: int) -> Count:
        """Count values, which are written."""
        return run.values([self.path], calls)

    def interpret(self, now: Moment) -> None:
        """Set them to zero."""
        now.state.array(self.path)[...] = 0


@dataclass(frozen=True)
class Push(EngineJob):
    """Append the values of this step to their history."""

    name = "push"
    fields = (
        Field("from", Told.ARRAY, "path"),
        Field("ring", Told.START, "history"),
        Field("length", Told.LENGTH, "history"),
    )

    path: str
    history: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Copies its own range."""
        return Access(self.path, writes=False, in_range=True), Access(self.history, writes=True, in_range=True)

    @property
    def label(self) -> tuple[str, str]:
        """For the values."""
        return self.name, self.path

    def count(self, run: Run, calls: int) -> Count:
        """Count values, which are copied."""
        return run.values([self.path], calls, 2)

    def interpret(self, now: Moment) -> None:
        """Write them into the row of this step."""
        history = now.state.array(self.history)
        history[now.step % len(history)] = now.state.array(self.path)


@dataclass(frozen=True)
class StopCondition(Structure):
    """When a run may end: where the bool at ``asked`` is true, and all or any of those at ``flags`` are."""

    name = "condition"
    fields = (
        Field("flag", Told.START, "flags"),
        Field("asked", Told.START, "asked"),
        Field("n", Told.SIZE, "flags"),
        Field("all", Told.NUMBER, "for_all"),
    )

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

    name = "stop"
    fields = (
        Field("condition", StopCondition, "conditions"),
        Field("n", Told.COUNT, "conditions"),
        Field("every", Told.START, "every"),
        Field("result", Told.START, "result"),
    )

    conditions: tuple[StopCondition, ...]
    every: str
    result: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Every thread reads everything, so that all come to the same answer."""
        read = (Access(condition.flags, writes=False, in_range=False) for condition in self.conditions)
        return (*read, Access(self.result, writes=True, in_range=False))

    @property
    def label(self) -> tuple[str, str]:
        """For the network."""
        return self.name, "network"

    def count(self, run: Run, calls: int) -> Count:
        """Count the answers of neurons."""
        return run.values([condition.flags for condition in self.conditions], calls)

    def interpret(self, now: Moment) -> None:
        """Write whether the conditions hold that are asked for; the caller looks at it."""
        array = now.state.array
        asked = [c for c in self.conditions if array(c.asked)]
        holds = [bool(array(c.flags).all() if c.for_all else array(c.flags).any()) for c in asked]
        array(self.result)[...] = bool(holds) and (all(holds) if array(self.every) else any(holds))
