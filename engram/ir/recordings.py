"""Jobs of the engine that record, a class each, as in ``engine_jobs.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engram.ir.jobs import Access, EngineJob, Moment
from engram.ir.spike_lists import spiked_in
from engram.ir.told import Field, RecordPlaces, Told
from engram.ir.work import RANK, Count, Run
from engram.state import names
from engram.state.tree import State

__all__ = ["RecordSpikes", "RecordValues"]

STEP = 8  # bytes of the step of a recorded spike


@dataclass(frozen=True)
class RecordValues(EngineJob):
    """Copy a value into a monitor's record.

    Args:
        what: is recorded, as users call it.
        monitor, path, record: the places of the monitor, of the value and of the record.
        ranks: the place of the elements that are recorded; empty for all.
        is_flat: of synapses: each value is a row of the record, not all of one time together.
    """

    name = "record values"
    fields = (
        Field("from", Told.ARRAY, "path"),
        Field("block", Told.RECORD, "recorded"),
        Field("ranks", Told.START, "ranks"),
        Field("n_ranks", Told.SIZE, "ranks"),
        Field("is_flat", Told.NUMBER, "is_flat"),
    )

    what: str
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

    @property
    def recorded(self) -> RecordPlaces:
        """Where a row goes."""
        return RecordPlaces(self.monitor, (self.record,))

    def room(self, state: State) -> int:
        """One row, or one for each value."""
        return state.array(self.ranks or self.path).size if self.is_flat else 1

    @property
    def label(self) -> tuple[str, str]:
        """What is recorded, for the monitor."""
        return f"record {self.what}", self.monitor

    def count(self, run: Run, calls: int) -> Count:
        """Count values, which are copied in the steps that period and offset choose."""
        array, inside = run.state[self.path], self.monitor
        names_of_due = (names.PERIOD, names.OFFSET, names.ORIGIN)
        period, offset, origin = (int(run.state[f"{inside}/{name}"]) for name in names_of_due)
        is_active = calls and run.state[f"{inside}/{names.ACTIVE}"]
        samples = run.due(period, origin + offset) if is_active else 0
        n = samples * (len(run.state[self.ranks]) if self.ranks else array.size)
        return Count(n, "values", n * 2 * array.itemsize)

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
    """Copy the spikes of this step into a monitor's record.

    Args:
        what: is recorded, as users call it.
        monitor, spikes, rank, step: the places of the monitor, of the list of spikes, and of both parts of the record.
        ranks: the place of the neurons that are recorded; empty for all.
    """

    name = "record spikes"
    fields = (
        Field("spikes", Told.SPIKES, "spikes"),
        Field("block", Told.RECORD, "recorded"),
        Field("ranks", Told.START, "ranks"),
        Field("n_ranks", Told.SIZE, "ranks"),
    )

    what: str
    monitor: str
    spikes: str
    rank: str
    step: str
    ranks: str = ""

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Reads the joined list; the first thread alone writes, and nobody else touches what it does."""
        written = (Access(path, writes=True, in_range=True) for path in (self.rank, self.step))
        return (Access(f"{self.spikes}/{names.RANK}", writes=False, in_range=False), *written)

    @property
    def recorded(self) -> RecordPlaces:
        """Where ranks and steps go."""
        return RecordPlaces(self.monitor, (self.rank, self.step))

    def room(self, state: State) -> int:
        """One row for each neuron."""
        return int(state.array(f"{self.spikes}/{names.RANK}").shape[1])

    @property
    def label(self) -> tuple[str, str]:
        """What is recorded, for the monitor."""
        return f"record {self.what}", self.monitor

    def count(self, run: Run, calls: int) -> Count:
        """Count spikes, which are copied with their step."""
        emitted = run.spiked[self.spikes].emitted
        if self.ranks:
            emitted = emitted[run.state[self.ranks]]
        n = int(emitted.sum()) if run.state[f"{self.monitor}/{names.ACTIVE}"] else 0
        return Count(n, "spikes", n * (2 * RANK + STEP))

    def interpret(self, now: Moment) -> None:
        """Append ranks, and the step for each."""
        if now.state.array(f"{self.monitor}/{names.ACTIVE}"):
            ranks = spiked_in(now.state, self.spikes, now.step)
            if self.ranks:
                ranks = ranks[np.isin(ranks, now.state.array(self.ranks))]
            now.state.append(self.rank, ranks)
            now.state.append(self.step, np.full(len(ranks), now.step, np.int64))
