"""Monitors: what is recorded while a network runs.

Called by users (``eg.Monitor``, ``net.monitor``). What was recorded stands in the tree and is saved with it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from engram.analysis.forms import RECORD
from engram.analysis.spikes import by_time
from engram.callers import checked_calls
from engram.errors import DamagedFile, InvalidArgument, NotAvailable, UnknownAttribute
from engram.network.drafts import MonitorDraft
from engram.network.implicit import network_or_implicit
from engram.network.parts import part_slots, write_parts
from engram.network.population import Population
from engram.network.results import Results
from engram.network.units import steps_exactly
from engram.network.view import PopulationView
from engram.state import names
from engram.state.slots import Layout, Role, Slot

if TYPE_CHECKING:
    from engram.ir.jobs import Job
    from engram.network.network import Network
    from engram.network.schedule import Parts
    from engram.state.residence import Blocks

__all__ = ["Monitor"]

Array = npt.NDArray[Any]
Intervals = tuple[list[int], list[int]]  # where they begin and end, in steps
EVENTS = {"spike": names.HISTORY, "axon_spike": names.AXON}  # the lists that hold them, below the population


@checked_calls
class Monitor(Results):
    """Records variables of a population, and its spikes.

    Args:
        obj: the population, or a view of it.
        variables: names of variables, ``spike``, ``axon_spike``, ``sum(target)``.
        period: ms between samples of variables; every step by default. Spikes are all recorded.
        period_offset: ms from the start of a period to its sample.
        start: begin to record at once.
        name: ``Monitor_<population>`` by default, numbered if there are several.
        network: that of the population by default.

    Raises:
        InvalidArgument: if the population has no such variable, or a period is no whole number of steps, 1 or more.
    """

    _section: ClassVar[Literal["monitors"]] = "monitors"

    def __init__(
        self,
        obj: Population | PopulationView,
        variables: str | list[str] | tuple[str, ...] = (),
        period: float | None = None,
        period_offset: float | None = None,
        start: bool = True,
        name: str | None = None,
        *,
        network: Network | None = None,
    ) -> None:
        self._view = obj if isinstance(obj, PopulationView) else None
        if isinstance(obj, PopulationView):
            obj = obj.population
        if not isinstance(obj, Population):
            raise NotAvailable(f"only populations and views can be monitored yet, not {obj!r:.60}")
        self._population = obj
        self._network = network_or_implicit(network or obj._network)
        if self._network is not obj._network:
            raise InvalidArgument(f"population {obj.name!r} belongs to another network")
        self._variables = (variables,) if isinstance(variables, str) else tuple(variables)
        for variable in self._variables:
            _check_recordable(obj, variable)
        if len(set(self.variables)) < len(self.variables):
            raise InvalidArgument(f"monitor of {obj.name!r}: a variable is named twice in {self.variables}")
        self._draft = MonitorDraft(period, period_offset, bool(start))
        self._steps_at_start(self._network.dt)
        self._last: Intervals | None = None  # what the last ``get`` has brought
        self._name = ""
        self._network._add_monitor(self, name)

    @property
    def variables(self) -> list[str]:
        """Names of what is recorded."""
        return list(self._variables)

    @property
    def name(self) -> str:
        """The name by which files know the monitor."""
        return self._name

    def __reduce__(self) -> Any:
        from engram.network.copies import handle_of  # which most scripts never need

        return handle_of, (self._network, self._path)  # a handle is copied and pickled with its network

    @property
    def object(self) -> Population | PopulationView:
        """The population that is recorded."""
        return self._population if self._view is None else self._view

    def __repr__(self) -> str:
        return f"<Monitor {self.name!r}: {', '.join(self.variables)} of {self._population.name!r}>"

    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] != "_":
            what = "can't be assigned" if hasattr(type(self), name) else "is no attribute of a monitor"
            raise UnknownAttribute(f"{name!r} {what}\n  in monitor {self.name!r}")
        object.__setattr__(self, name, value)

    def _steps_at_start(self, dt_ms: float) -> tuple[int, int]:
        """The period and its offset that were given, in steps of ``dt_ms``.

        Raises:
            InvalidArgument: if they are no whole numbers of steps, or the offset is not below the period.
        """
        draft, where = self._draft, f"monitor of {self._population.name!r}"
        given = draft.period_ms, draft.offset_ms
        period = 1 if given[0] is None else steps_exactly(given[0], dt_ms, f"{where}: period", least=1)
        offset = 0 if given[1] is None else steps_exactly(given[1], dt_ms, f"{where}: period_offset")
        if period < 1 or offset >= period:
            what = f"period must be at least one step ({dt_ms:g} ms), and period_offset below it"
            raise InvalidArgument(f"{where}: {what}, not period={given[0]!r}, period_offset={given[1]!r}")
        return period, offset

    # -- recording ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to record."""
        self._switch(True)

    def resume(self) -> None:
        """Go on recording after :meth:`pause`."""
        self._switch(True)

    def pause(self) -> None:
        """Stop recording; what was recorded stays."""
        self._switch(False)

    def stop(self) -> None:
        """Stop recording and drop what was recorded."""
        self._switch(False)
        self.reset()

    def reset(self) -> None:
        """Drop what was recorded."""
        if self._network.compiled:
            for path in self._records():
                self._network._state.clear(path)
            self._begin_intervals()

    @property
    def _path(self) -> str:
        return f"{self._section}/{self.name}"

    def _place(self, name: str) -> str:
        return f"{self._path}/{name}"

    def _value(self, name: str) -> Array:
        return self._network._state[self._place(name)]

    def _write(self, name: str, value: Any) -> None:
        self._network._state.write(self._place(name), value)

    @property
    def _active_now(self) -> bool:
        return bool(self._value(names.ACTIVE)) if self._network.compiled else self._draft.active

    def _switch(self, on: bool) -> None:
        if not self._network.compiled:
            self._draft.active = on
            return
        if on == self._active_now:
            return
        step, rows = self._network._state.step, self._intervals().rows
        if on:
            self._append_interval(step)
        elif rows:  # the last one ends
            self._network._state.write(self._place(names.INTERVALS), step, np.array([2 * rows - 1]))
        self._write(names.ACTIVE, on)

    def _move(self, steps: int) -> None:
        """Go on in the same rhythm when the network's clock is set; what was recorded keeps its time."""
        if self._active_now:
            self._switch(False)
            self._append_interval(self._network._state.step + steps)
            self._write(names.ACTIVE, True)
        self._write(names.ORIGIN, self._value(names.ORIGIN) + steps)

    def _loaded(self) -> None:
        """Take over what a file has brought; if it has brought no samples, begin anew."""
        if self._view is not None and not np.array_equal(self._value(names.RANKS), np.sort(self._view.ranks)):
            raise DamagedFile(f"{self._path}: the file has records of other neurons than the monitor's")
        if self._active_now and not self._intervals().rows:
            self._append_interval(self._network._state.step)

    def _intervals(self) -> Blocks:
        return self._network._state.blocks(self._place(names.INTERVALS))

    def _append_interval(self, step: int) -> None:
        """Note that samples are taken from a step on."""
        self._network._state.append(self._place(names.INTERVALS), [(step, -1)])

    def _begin_intervals(self) -> None:
        """Forget the intervals, but for one that begins now."""
        self._network._state.clear(self._place(names.INTERVALS))
        if self._active_now:
            self._append_interval(self._network._state.step)

    # -- results -----------------------------------------------------------------------------------------

    def get(
        self,
        variables: str | list[str] | None = None,
        keep: bool = False,
        reshape: bool = True,
        force_dict: bool = False,
        structured: bool = False,
    ) -> Any:
        """Return what was recorded, and drop it unless ``keep``.

        Args:
            variables: one name, a list, or None for all.
            keep: later samples are appended to these.
            reshape: (time, *geometry) instead of (time, n).
            force_dict: a dictionary though there is one variable.
            structured: spikes as one array of (time, rank) in the order of time, which is in ms.

        Returns:
            For a variable (time, *geometry), for a global one (time,), for ``spike`` and ``axon_spike`` a dictionary
            from each rank to its list of step numbers; a dictionary of them unless one variable is asked for by name.
        """
        asked = self._asked(variables)
        result = self._fetched(asked, reshape, structured)
        self._last = self._intervals_now()
        if not keep:
            self._drop(asked)
        return result[asked[0]] if len(asked) == 1 and not force_dict and variables is not None else result

    def _fetched(self, asked: list[str], reshape: bool, structured: bool) -> dict[str, Any]:
        self._network._needs_compile("get()")
        self._network._usable()
        return {name: self._recorded(name, reshape, structured) for name in asked}

    def _asked(self, variables: str | list[str] | None) -> list[str]:
        asked = self.variables if variables is None else [variables] if isinstance(variables, str) else list(variables)
        for name in asked:
            if name not in self.variables:
                raise InvalidArgument(
                    f"monitor {self.name!r} does not record {name!r}\n  help: it records {', '.join(self.variables)}."
                )
        return asked

    def _drop(self, asked: list[str]) -> None:
        for name in asked:
            for path in self._paths(name):
                self._network._state.clear(path)
        if all(self._network._state.blocks(path).rows == 0 for path in self._records()):
            self._begin_intervals()

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def times(self, variables: str | list[str] | None = None) -> dict[str, dict[str, list[int]]]:
        """Return when the last :meth:`get`'s samples were taken: ``{name: {"start": [steps], "stop": [steps]}}``."""
        start, stop = self._intervals_of_get()
        asked = self.variables if variables is None else [variables] if isinstance(variables, str) else variables
        return {name: {"start": start, "stop": stop} for name in asked}

    def _intervals_of_get(self) -> Intervals:
        return self._intervals_now() if self._last is None else self._last

    def _intervals_now(self) -> Intervals:
        if not self._network.compiled:
            return [], []
        step, intervals = self._network.current_step, self._network._state.read(self._place(names.INTERVALS)).tolist()
        return [begin for begin, _ in intervals], [end if end >= 0 else step for _, end in intervals]

    def _recorded(self, name: str, reshape: bool, structured: bool) -> Any:
        state = self._network._state
        if name in EVENTS:
            rank, step = (state.blocks(path) for path in self._paths(name))
            if not structured:
                return by_time(step.copy(), rank.copy(), self.object.ranks).to_dict()
            events = np.empty(step.rows, RECORD)  # filled block by block: recordings may be half of what memory holds
            _fill(events["rank"], rank)
            _fill(events["time"], step)
            events["time"] *= self._network.dt
            return events
        values = self._samples(self._paths(name)[0])
        return values if reshape or values.ndim == 1 else values.reshape(len(values), -1)

    def _samples(self, path: str) -> Array:
        ranks = np.arange(0) if self._view is None else self._view.ranks
        blocks = self._network._state.blocks(path)
        if not blocks.row_shape or np.all(ranks[1:] > ranks[:-1]):
            return blocks.copy()
        values = np.empty((blocks.rows, *blocks.row_shape), blocks.dtype)
        _fill(values, blocks, np.argsort(np.argsort(ranks)))  # recorded by ascending rank
        return values

    def _sample_steps(self, n: int) -> Array:
        period, offset, origin = (int(self._value(name)) for name in (names.PERIOD, names.OFFSET, names.ORIGIN))
        starts, stops = (np.array(ends, np.int64) for ends in self._intervals_now())
        firsts = starts + (offset + origin - starts) % period
        counts = np.maximum(0, (stops - firsts + period - 1) // period)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        steps: Array = np.repeat(firsts, counts) + within * period
        if len(steps) < n:
            what = f"monitor {self.name!r}: when its samples were taken is not known, as the clock was set meanwhile"
            raise NotAvailable(f"{what}\n  help: fetch them with get() before the clock is set.")
        return steps[len(steps) - n :]

    # -- slots and jobs ----------------------------------------------------------------------------------

    def _paths(self, name: str) -> list[str]:
        path = f"{self._path}/{name}"
        return [f"{path}/{names.RANK}", f"{path}/{names.STEP}"] if name in EVENTS else [path]

    def _records(self) -> list[str]:
        return [path for name in self.variables for path in self._paths(name)]

    def _slots(self) -> list[Slot]:
        record: dict[str, Any] = {"role": Role.RECORD, "layout": Layout.BLOCKS, "free_length": True}
        steps: dict[str, Any] = {"dtype": np.dtype(np.int64), "unit": "steps", "hidden": True}
        n, slots = self._population.size, []
        for name in self.variables:
            if name in EVENTS:
                ranks: dict[str, Any] = {"dtype": np.dtype(np.uint32), "below": n, "hidden": True}
                slots.append(Slot(self._path, f"{name}/{names.RANK}", (0,), **ranks, **record))
                slots.append(Slot(self._path, f"{name}/{names.STEP}", (0,), **steps, **record))
            else:
                shape, dtype = self._sample(name)
                slots.append(Slot(self._path, name, (0, *shape), dtype, **record))
        slots.append(Slot(self._path, names.ACTIVE, (), np.dtype(np.bool_), Role.STATE, hidden=True))
        for name, least in ((names.PERIOD, 1), (names.OFFSET, 0), (names.ORIGIN, None)):
            slots.append(Slot(self._path, name, (), role=Role.STATE, least=least, **steps))
        slots.append(Slot(self._path, names.INTERVALS, (0, 2), **steps, **record))
        if self._view is not None:
            chosen: dict[str, Any] = {"dtype": np.dtype(np.int64), "role": Role.WIRING, "below": n, "hidden": True}
            slots.append(Slot(self._path, names.RANKS, (self._view.size,), **chosen))
        return [*slots, *part_slots(self)]

    def _sample(self, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and dtype of one sample."""
        attribute = self._population._spec.attribute(name)
        dtype = self._population._dtype("float" if attribute is None else attribute.type)  # None: sum(target)
        shape = self._population.geometry if attribute is None else self._population._shape(attribute)
        return (shape if self._view is None or shape == () else (self._view.size,)), dtype

    def _begin(self) -> None:
        """Set the slots when they have been allocated: at compile, or when the monitor is made after it."""
        state = self._network._state
        period, offset = self._steps_at_start(self._network.dt)
        active = self._draft.active
        values = {names.ACTIVE: active, names.PERIOD: period, names.OFFSET: offset, names.ORIGIN: state.step}
        for name, value in values.items():
            self._write(name, value)
        if self._view is not None:
            self._write(names.RANKS, np.sort(self._view.ranks))
            write_parts(self)
        if active:
            self._append_interval(state.step)

    @cached_property
    def _parts(self) -> Parts:
        """The jobs by phase: inputs are recorded before the neurons' update, everything else at the end of the step."""
        from engram.network.schedule import Phase  # what only running needs

        parts: Parts = {Phase.EARLY: [], Phase.LATE: []}
        inputs = self._population._spec.conductances
        for name in self.variables:
            is_input = name in inputs or name.startswith("sum(")
            parts[Phase.EARLY if is_input else Phase.LATE].append(self._job(name))
        return parts

    def _job(self, name: str) -> Job:
        from engram.ir.own_jobs import RecordSpikes, RecordValues  # as above

        population, paths = self._population, self._paths(name)
        some = "" if self._view is None else self._place(names.RANKS)
        if name in EVENTS:
            rank, step = paths
            return RecordSpikes(self._path, population._place(EVENTS[name]), rank, step, some)
        source = names.sum_of(name[4:-1]) if name.startswith("sum(") else name
        is_one = self._sample(name)[0] == ()
        return RecordValues(self._path, population._place(source), paths[0], "" if is_one else some)


def _fill(values: Array, blocks: Blocks, columns: Array | None = None) -> None:
    """Copy a record, or some columns of it, without an array of the same size in between."""
    done = 0
    for piece in blocks.pieces():
        values[done : done + len(piece)] = piece if columns is None else piece[:, columns]
        done += len(piece)


def _check_recordable(population: Population, name: str) -> None:
    if not isinstance(name, str):
        raise InvalidArgument(f"monitor of {population.name!r}: expected names of variables, got {name!r:.60}")
    spec = population._spec
    attribute = spec.attribute(name)
    if name == "spike":
        if not population.is_spiking:
            raise InvalidArgument(f"population {population.name!r} is rate-coded and has no spikes to record")
    elif name == "axon_spike":
        if not spec.has_axon_spike:
            advice = "give its neurons axon_spike='v > ...'."
            raise InvalidArgument(f"population {population.name!r} has no axonal spikes to record\n  help: {advice}")
    elif name.startswith("sum(") and name.endswith(")"):
        if population.is_spiking or name[4:-1] not in {*spec.targets, *population._inputs}:
            advice = "connect something to it first, or read it in the equations."
            raise InvalidArgument(
                f"population {population.name!r} has no rate-coded input {name[4:-1]!r}\n  help: {advice}"
            )
    elif attribute is None:
        raise population._unknown(name)
    elif not attribute.is_variable:
        raise InvalidArgument(
            f"{name!r} is a parameter of population {population.name!r}; only variables can be recorded\n"
            f"  help: it does not change during a run; read {population.name}.{name}."
        )
