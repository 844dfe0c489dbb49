"""Monitors below their handles: what is recorded of whom, in which rhythm, and the records in the tree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from engram.errors import BrokenNetwork, DamagedFile, InvalidArgument, NotAvailable
from engram.program.drafts import MonitorDraft
from engram.program.neurons import Neurons
from engram.program.recordable import Sample, beside_samples, counts_synapses, quantity_of, recordable
from engram.program.synapses import Synapses
from engram.program.units import steps_exactly
from engram.state import names
from engram.telling import told

if TYPE_CHECKING:
    from engram.program.program import Program
    from engram.state.residence import Blocks

__all__ = ["Intervals", "Recorder", "copy_blocks"]

Array = npt.NDArray[Any]
Intervals = tuple[list[int], list[int]]  # where they begin and end, in steps


class Recorder:
    """Records variables of a population, and its spikes; or variables of a projection.

    Args:
        program: that it belongs to.
        name: ``Monitor_<population>`` for None, numbered if there are several.
        population: that is recorded, or at which the projection ends.
        ranks: of the neurons, or of those whose synapses are recorded; None: of all.
        variables: names of variables, ``spike``, ``axon_spike``, ``sum(target)``.
        draft: when it records.
        projection: whose synapses are recorded; None: neurons are.
        instead_of: a monitor that will be removed, whose name it gets.

    Raises:
        InvalidArgument: if something can't be recorded, or a time is no whole number of steps.
    """

    section: ClassVar[Literal["monitors"]] = "monitors"

    def __init__(
        self,
        program: Program,
        name: str | None,
        population: Neurons,
        ranks: Array | None,
        variables: tuple[str, ...],
        draft: MonitorDraft,
        projection: Synapses | None = None,
        instead_of: Recorder | None = None,
    ) -> None:
        self.program, self.population, self.ranks, self.projection = program, population, ranks, projection
        self.variables, self.draft = variables, draft
        self.check_variables(variables)
        self.steps_at_start(program.dt)
        self.name: str = instead_of.name if instead_of else program.monitor_name(name, self.whom.name)
        self.path = f"{self.section}/{self.name}"

    def check_variables(self, named: tuple[str, ...]) -> None:
        """Refuse variables that can't be recorded.

        Raises:
            EngramError: if there is no such variable, or one is named twice.
        """
        for name in named:
            recordable(self.whom, name)
            if self.ranks is not None and counts_synapses(self.whom, name):
                what = f"monitor of a dendrite of {self.whom.name!r}: {name!r} is recorded of whole projections"
                raise InvalidArgument(f"{what}\n  help: net.monitor({self.whom.name}, {name!r}).")
        if len(set(named)) < len(named):
            raise InvalidArgument(
                f"monitor of {self.whom.name!r}: a variable is named twice in {[*named]}\n  help: name each once."
            )

    def __repr__(self) -> str:
        return f"<Monitor {self.name!r}: {', '.join(self.variables)} of {self.whom.name!r}>"

    @property
    def whom(self) -> Neurons | Synapses:
        """The population or projection that is recorded."""
        return self.projection or self.population

    def steps_at_start(self, dt_ms: float) -> tuple[int, int]:
        """The period and its offset that were given, in steps of ``dt_ms``.

        Raises:
            InvalidArgument: if they are no whole numbers of steps, or the offset is not below the period.
        """
        draft, where = self.draft, f"monitor of {self.whom.name!r}"
        given = draft.period_ms, draft.offset_ms
        period = 1 if given[0] is None else steps_exactly(given[0], dt_ms, f"{where}: period", least=1)
        offset = 0 if given[1] is None else steps_exactly(given[1], dt_ms, f"{where}: period_offset")
        if period < 1 or offset >= period:
            what = f"period must be at least one step ({dt_ms:g} ms), and period_offset below it"
            got = f"not period={told(given[0])}, period_offset={told(given[1])}"
            raise InvalidArgument(f"{where}: {what}, {got}\n  help: period=10.0, in ms; left out, in every step.")
        return period, offset

    @property
    def rhythm(self) -> tuple[int, int]:
        """The period and its offset in steps."""
        if not self.program.compiled:
            return self.steps_at_start(self.program.dt)
        return int(self.value(names.PERIOD)), int(self.value(names.OFFSET))

    def check_there(self) -> None:
        """Refuse what is asked of a monitor that was removed."""
        self.program.there()
        if self.program.monitors.get(self.name) is not self:
            raise InvalidArgument(f"monitor {self.name!r} was removed\n  help: create another one.")

    # -- values ------------------------------------------------------------------------------------------

    def place(self, name: str) -> str:
        """The path of a slot of the monitor."""
        return f"{self.path}/{name}"

    def value(self, name: str) -> Array:
        """Show the value of a slot."""
        self.check_there()
        return self.program.state[self.place(name)]

    def write(self, name: str, value: Any) -> None:
        """Give a slot another value."""
        self.program.state.write(self.place(name), value)

    def paths(self, name: str) -> list[str]:
        """Paths of the records of a variable; of synapses that come and go also of which synapses they are."""
        path = self.place(name)
        if self.is_event(name):
            return [f"{path}/{names.RANK}", f"{path}/{names.STEP}"]
        return [path, *map(self.place, beside_samples(self.whom, name))]

    def records(self) -> list[str]:
        """Paths of all records."""
        return [path for name in self.variables for path in self.paths(name)]

    @property
    def has_samples(self) -> bool:
        """Whether anything was recorded that was not fetched yet."""
        return self.program.compiled and any(self.program.state.blocks(path).rows for path in self.records())

    def is_event(self, name: str) -> bool:
        """Whether what is recorded are events, each with its neuron and its time."""
        return quantity_of(self.whom, name).sample is None

    def sample(self, name: str) -> Sample:
        """Shape and dtype of one row of a record: of a sample, or of what is recorded of synapses a single value."""
        of_all = quantity_of(self.whom, name).sample
        assert of_all is not None, "events have no samples"
        shape, dtype = of_all(self.whom, name)
        return (shape if self.ranks is None or shape == () else (len(self.ranks),)), dtype

    def events(self, name: str) -> tuple[Blocks, Blocks]:
        """Return the records of events: ranks and steps, in the order of time."""
        self.check_there()
        rank, step = (self.program.state.blocks(path) for path in self.paths(name))
        return rank, step

    def samples(self, name: str) -> Array:
        """Return what was recorded of a variable, (time, *geometry), (time, n) of a view, or (time,); of synapses all
        values one behind the other: see ``recorded_synapses.py``.
        """
        self.check_there()
        blocks = self.program.state.blocks(self.paths(name)[0])
        ranks = np.arange(0) if self.ranks is None else self.ranks
        if not blocks.row_shape or np.all(ranks[1:] > ranks[:-1]):
            return blocks.copy()
        values = np.empty((blocks.rows, *blocks.row_shape), blocks.dtype)
        copy_blocks(blocks, values, np.argsort(np.argsort(ranks)))  # recorded by ascending rank
        return values

    def sample_steps(self, name: str, n: int) -> Array:
        """Return the steps at which the last ``n`` samples of a variable that are recorded were taken.

        Raises:
            NotAvailable: if the clock was set meanwhile, so that they are not known.
        """
        period, offset, origin = (int(self.value(name)) for name in (names.PERIOD, names.OFFSET, names.ORIGIN))
        starts, stops = (np.array(ends, np.int64) for ends in self.intervals(name))
        firsts = starts + (offset + origin - starts) % period
        counts = np.maximum(0, (stops - firsts + period - 1) // period)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        steps: Array = np.repeat(firsts, counts) + within * period
        if len(steps) < n:
            what = f"monitor {self.name!r}: when its samples were taken is not known, as the clock was set meanwhile"
            raise NotAvailable(f"{what}\n  help: fetch them with get() before the clock is set.")
        return steps[len(steps) - n :]

    # -- switched on and off -----------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        """Whether it records now."""
        return bool(self.value(names.ACTIVE)) if self.program.compiled else self.draft.active

    def switch(self, on: bool) -> None:
        """Let it record, or not."""
        self.check_there()
        if not self.program.compiled:
            self.draft.active = on
            return
        if on == self.active:
            return
        step = self.program.state.step
        for name in self.variables:
            rows = self._intervals(name).rows
            if on:
                self._append_interval(name, step)
            elif rows:  # the last one ends
                self.program.state.write(self.place(names.intervals(name)), step, np.array([2 * rows - 1]))
        self.write(names.ACTIVE, on)

    def change_period(self, period_ms: float) -> None:
        """Take samples in another rhythm.

        Raises:
            InvalidArgument: if it can't be, or there are samples of the present one; nothing has changed.
        """
        self.check_there()
        before, self.draft = self.draft, replace(self.draft, period_ms=period_ms)
        try:
            period, _ = self.steps_at_start(self.program.dt)
            if self.program.compiled and period != int(self.value(names.PERIOD)):
                if any(self._intervals(name).rows for name in self.variables):
                    advice = "pause() it and then fetch them with get(), or stop() it, which drops them."
                    what = f"monitor {self.name!r} has begun to record with another period"
                    raise InvalidArgument(f"{what}\n  help: {advice}")
                self.write(names.PERIOD, period)
        except BaseException:
            self.draft = before
            raise

    def move(self, steps: int) -> None:
        """Go on in the same rhythm when the network's clock is set; what was recorded keeps its time."""
        if self.active:
            self.switch(False)
            for name in self.variables:
                self._append_interval(name, self.program.state.step + steps)
            self.write(names.ACTIVE, True)
        self.write(names.ORIGIN, self.value(names.ORIGIN) + steps)

    def begin(self) -> None:
        """Set the slots when they have been allocated: at compile, or when the monitor is made after it."""
        state = self.program.state
        period, offset = self.steps_at_start(self.program.dt)
        active = self.draft.active
        values = {names.ACTIVE: active, names.PERIOD: period, names.OFFSET: offset, names.ORIGIN: state.step}
        for name, value in values.items():
            self.write(name, value)
        if self.ranks is not None:
            self.write(names.RANKS, np.sort(self.ranks))
        self.begin_intervals(self.variables)

    def begin_intervals(self, variables: tuple[str, ...]) -> None:
        """Note that samples of some variables are taken from now on, if the monitor records."""
        for name in variables if self.active else ():
            self._append_interval(name, self.program.state.step)

    def loaded(self) -> None:
        """Take over what a file has brought; if it has brought no samples, begin anew."""
        if self.ranks is not None and not np.array_equal(self.value(names.RANKS), np.sort(self.ranks)):
            raise DamagedFile(f"{self.path}: the file has records of other neurons than the monitor's")
        for name in self.variables if self.active else ():
            if not self._intervals(name).rows:
                self._append_interval(name, self.program.state.step)

    def drop(self, variables: tuple[str, ...] | None = None) -> None:
        """Drop what was recorded, of all variables by default; their intervals begin anew."""
        self.check_there()
        state = self.program.state
        for name in self.variables if variables is None else variables:
            for path in (*self.paths(name), self.place(names.intervals(name))):
                state.clear(path)
            if self.active:
                self._append_interval(name, state.step)

    def intervals(self, name: str) -> Intervals:
        """Where the intervals of what is recorded of a variable begin and end, in steps."""
        self.check_there()
        if not self.program.compiled:
            return [], []
        step, intervals = self.program.state.step, self.program.state.read(self.place(names.intervals(name))).tolist()
        return [begin for begin, _ in intervals], [end if end >= 0 else step for _, end in intervals]

    def _intervals(self, name: str) -> Blocks:
        return self.program.state.blocks(self.place(names.intervals(name)))

    def _append_interval(self, name: str, step: int) -> None:
        """Note that samples are taken from a step on."""
        self.program.state.append(self.place(names.intervals(name)), [(step, -1)])


def copy_blocks(blocks: Blocks, values: Array, columns: Array | None = None) -> None:
    """Copy a record, or some columns of it, without an array of the same size in between.

    Raises:
        BrokenNetwork: if the array has room for more or fewer rows.
    """
    if blocks.rows != len(values):
        what = f"a record of {blocks.rows} rows, where there are {len(values)} beside it"
        raise BrokenNetwork(f"{what}\n  help: reset() of the monitor drops them.")
    done = 0
    for piece in blocks.pieces():
        values[done : done + len(piece)] = piece if columns is None else piece[:, columns]
        done += len(piece)
