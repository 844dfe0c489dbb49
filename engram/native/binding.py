"""Jobs as C structures: pointers into the tree, taken when a run begins.

In: a program of jobs and their compiled kernels. Out: the array of entries that the engine walks. Called by
``native/engine.py``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import CompileError
from engram.ir.jobs import (
    Combine,
    Deliver,
    FiringRate,
    Job,
    Join,
    Push,
    RecordSpikes,
    RecordValues,
    Reduce,
    RunKernel,
    Stop,
    StopCondition,
    Zero,
    barriers,
    found_by,
)
from engram.ir.nodes import DrawSpec, Index
from engram.ir.reductions import REDUCTIONS, block_length
from engram.ir.rows import Rows, Together
from engram.native.library import core
from engram.native.pool import MAX_THREADS
from engram.native.structures import (
    FILLS,
    I64,
    KINDS,
    LINE,
    TABLES,
    AheadC,
    Args,
    ArrayC,
    Arrival,
    Block,
    Condition,
    DeliverArgs,
    Entry,
    Fills,
    JoinArgs,
    Pointer,
    PushArgs,
    RateArgs,
    RecordArgs,
    RecordSpikesArgs,
    ReduceArgs,
    RowsC,
    Spikes,
    StopArgs,
)
from engram.state.streams import Stream, stream_key
from engram.state.tree import Blocks, State, aligned

__all__ = ["Binding", "Program"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Program:
    """What is run, for as long as no kernel or connectivity changes.

    Args:
        jobs: of one step, in order.
        code: compiled kernels by the key that jobs name.
        state: the tree.
        rows: of each projection, by path.
        packed: rows of several projections, by the key that jobs name.
        seed: of the network.
    """

    jobs: Sequence[Job]
    code: Mapping[str, ctypes.CDLL]
    state: State
    rows: Mapping[str, Rows]
    packed: Mapping[str, Together]
    seed: int


class Binding:
    """The C structures of a program; keeps them and everything they point to alive.

    It serves many calls: as long as no memory of the tree is replaced, and the upper half of the step stays.
    """

    def __init__(self, program: Program, step: int) -> None:
        self._program, self._state, self._step = program, program.state, step
        self._version = program.state.version
        self._library = core("jobs")
        self._alive: list[Any] = []
        self._spikes_of: dict[str, Any] = {}
        self._own_of = {path: job.own for job in program.jobs if isinstance(job, RunKernel) for path in found_by(job)}
        self._rows_of: dict[str, Any] = {}
        self._ahead_of: dict[str, Any] = {}
        self._reduction_of: dict[str, Any] = {}
        self._ready: list[Array] = []
        self._records: list[_Record] = []
        self._fills = _fills([draw for job in program.jobs if isinstance(job, RunKernel) for draw in job.kernel.draws])
        self.entries = (Entry * max(1, len(program.jobs)))()
        for entry, job, wait in zip(self.entries, program.jobs, barriers(program.jobs), strict=False):
            entry.run, entry.arg = self._job(job)
            entry.barrier = int(wait)
            if isinstance(job, RunKernel | Zero) and job.enabled:
                entry.enabled = self._state[job.enabled].ctypes.data

    def fits(self, step: int) -> bool:
        """Whether the structures still lead to where the values are, and hold the keys of this step's draws."""
        return self._version == self._state.version and self._step >> 32 == step >> 32

    def begin(self) -> None:
        """Make room in the records, and forget sums that were put aside: values may have been set since."""
        for ready in self._ready:
            ready.fill(-1)
        for record in self._records:
            record.begin()

    def spikes(self, path: str) -> int:
        """Return the address of the ``eg_spikes`` of a list."""
        if path not in self._spikes_of:
            rank, count = self._state[f"{path}/rank"], self._state[f"{path}/count"]
            found, found_count = aligned((rank.shape[1],), np.uint32), aligned((MAX_THREADS * LINE,), np.int64)
            self._alive += [found, found_count]
            self._spikes_of[path] = Spikes(
                rank.ctypes.data,
                count.ctypes.data,
                len(rank),
                rank.shape[1],
                found.ctypes.data,
                found_count.ctypes.data,
                *self._own(self._own_of.get(path, ())),
            )
        return ctypes.addressof(self._spikes_of[path])

    def finish(self) -> None:
        """Take over what the engine counted."""
        for record in self._records:
            record.finish()

    def _own(self, begins: tuple[int, ...]) -> tuple[int | None, int]:
        return (self._keep((I64 * len(begins))(*begins)), len(begins) - 1) if begins else (None, 0)

    def _keep(self, thing: Any) -> int:
        self._alive.append(thing)
        return ctypes.addressof(thing)

    def _pointers(self, arrays: Sequence[Array]) -> int:
        return self._keep((Pointer * max(1, len(arrays)))(*(a.ctypes.data for a in arrays)))

    def _job(self, job: Job) -> tuple[int, int]:
        library, state = self._library, self._state
        match job:
            case RunKernel():
                return _address(self._program.code[job.code].run), self._kernel(job)
            case Deliver():
                return _address(core("packed").eg_deliver), self._deliver(job)
            case Join(spikes, enabled):
                lists = self.spikes(spikes)
                return _address(library.eg_join_spikes), self._keep(JoinArgs(lists, state[enabled].ctypes.data))
            case FiringRate(spikes, counts, rates, window, enabled):
                rate = state[rates]
                data = (state[counts].ctypes.data, rate.ctypes.data, int(rate.dtype == np.float32))
                return _address(library.eg_firing_rate), self._keep(
                    RateArgs(self.spikes(spikes), *data, window, state[enabled].ctypes.data)
                )
            case Stop(conditions, every, result):
                found = (Condition * len(conditions))(*map(self._condition, conditions))
                bools = (state[every].ctypes.data, state[result].ctypes.data)
                return _address(library.eg_stop), self._keep(StopArgs(self._keep(found), len(found), *bools))
            case Reduce():
                return _address(core("reductions").eg_reduce), self._reduction(job)
            case Combine(reduction):
                return _address(core("reductions").eg_combine), self._reduction(reduction)
            case Zero(path):
                return _address(library.eg_zero), self._keep(_array(state[path]))
            case Push(path, history):
                ring = state[history]
                return _address(library.eg_push), self._keep(PushArgs(_array(state[path]), ring.ctypes.data, len(ring)))
            case RecordValues():
                record = RecordArgs(_array(state[job.path]), Block(), *self._ranks(job.ranks))
                self._add_record(record.block, job.monitor, 1, state.blocks(job.record))
                return _address(library.eg_record), self._keep(record)
            case RecordSpikes():
                record = RecordSpikesArgs(self.spikes(job.spikes), Block(), *self._ranks(job.ranks))
                n = state[f"{job.spikes}/rank"].shape[1]
                self._add_record(record.block, job.monitor, n, state.blocks(job.rank), state.blocks(job.step))
                return _address(library.eg_record_spikes), self._keep(record)

    def _deliver(self, job: Deliver) -> int:
        state, rows = self._state, self._program.packed[job.rows]
        view = rows.view()
        arrivals = (Arrival * len(job.arrivals))()
        for arrival, wanted, path in zip(arrivals, job.arrivals, rows.paths, strict=True):
            arrival.low, arrival.high = rows.place(path)
            arrival.n_flags, arrival.flag = len(wanted.open), self._pointers([state[flag] for flag in wanted.open])
        target, first = state.arena(job.arrivals[0].target)
        if first != arrivals[0].low or rows.longest_delay > len(state[f"{job.spikes}/rank"]):
            raise CompileError(f"{job.rows} was packed for another arena or history\n  help: this is our bug.")
        weight = state[job.weight] if job.weight else None
        single = (None, 0) if weight is None else (weight.ctypes.data, int(weight.dtype == np.float32))
        arena = (target.ctypes.data, int(target.dtype == np.float32))
        self._alive += [rows, view]
        args = (ctypes.addressof(view), *single, *arena, self._keep(arrivals), len(arrivals))
        return self._keep(DeliverArgs(self.spikes(job.spikes), *args))

    def _reduction(self, job: Reduce) -> int:
        if job.result not in self._reduction_of:
            values, block = self._state[job.path], block_length(job.n)
            sums = aligned((-(-job.n // block),), np.float64)
            self._alive.append(sums)
            facts = (KINDS[values.dtype.name], REDUCTIONS.index(job.op), block)
            places = (sums.ctypes.data, self._state[job.result].ctypes.data)
            self._reduction_of[job.result] = ReduceArgs(values.ctypes.data, values.size, *facts, *places)
        return ctypes.addressof(self._reduction_of[job.result])

    def _condition(self, condition: StopCondition) -> Any:
        flags, asked = self._state[condition.flags], self._state[condition.asked]
        return Condition(flags.ctypes.data, asked.ctypes.data, flags.size, int(condition.for_all))

    def _kernel(self, job: RunKernel) -> int:
        arrays = [self._state[path] for path in job.paths]
        lengths = (I64 * max(1, len(arrays)))(
            *(
                len(a) if arg.history or arg.index is Index.TABLE else 0
                for a, arg in zip(arrays, job.kernel.arguments, strict=True)
            )
        )
        stream = Stream.SYNAPSE if job.projection else Stream.EQUATION
        key = stream_key(self._program.seed, job.uid, stream, self._step)
        keys = (ctypes.c_uint64 * max(1, len(job.kernel.draws)))(*(key for _ in job.kernel.draws))
        return self._keep(
            Args(
                self._pointers(arrays),
                self._keep(lengths),
                self._keep(keys),
                ctypes.addressof(self._fills),
                job.n,
                job.n_pre,
                self.spikes(job.spikes) if job.spikes else None,
                self.spikes(job.axons) if job.axons else None,
                self._row(job.projection) if job.projection else None,
                self.spikes(job.compared) if job.compared else None,
                self._ahead(job.ahead, job.n) if job.ahead else None,
                *self._own(job.own),
            )
        )

    def _ahead(self, path: str, n: int) -> int:
        if path not in self._ahead_of:
            sums, ready = aligned((n,), np.float64), aligned((MAX_THREADS * LINE,), np.int64)
            self._alive += [sums, ready]
            self._ready.append(ready)
            self._ahead_of[path] = AheadC(sums.ctypes.data, ready.ctypes.data)
        return ctypes.addressof(self._ahead_of[path])

    def _row(self, projection: str) -> int:
        if projection not in self._rows_of:
            rows = self._program.rows[projection]
            columns = (rows.column_start, rows.column_slot, rows.column_pre, rows.multapse)
            arrays = (rows.short_rank, rows.segment, rows.delay_of, *columns)
            optional = [None if a is None else a.ctypes.data for a in arrays]
            self._rows_of[projection] = RowsC(
                len(rows.start) - 1,
                rows.start.ctypes.data,
                rows.rank.ctypes.data,
                optional[0],
                rows.delay.ctypes.data,
                len(rows.delay),
                *optional[1:],
            )
        return ctypes.addressof(self._rows_of[projection])

    def _ranks(self, path: str) -> tuple[int | None, int]:
        """The neurons that a monitor of a view records."""
        ranks = self._state[path] if path else None
        return (None, 0) if ranks is None else (ranks.ctypes.data, len(ranks))

    def _add_record(self, block: Any, monitor: str, least: int, values: Blocks, steps: Blocks | None = None) -> None:
        clock = [self._state[f"{monitor}/{name}"] for name in ("period", "offset", "origin")]
        record = _Record(block, values, steps, least, clock, aligned((MAX_THREADS * LINE,), np.int64))
        block.active, block.used = self._state[f"{monitor}/active"].ctypes.data, record.used.ctypes.data
        self._records.append(record)


@dataclass(frozen=True, eq=False)
class _Record:
    """An ``eg_block``, and the record in the tree whose free part it points at.

    Args:
        values, steps: the rows; spikes have their step beside them.
        least: rows for which there must be room.
        clock: period, offset and origin of the samples.
        used: rows that are used, as each thread counts them.
    """

    block: Any
    values: Blocks
    steps: Blocks | None
    least: int
    clock: Sequence[Array]
    used: Array

    @property
    def _parts(self) -> tuple[Blocks, ...]:
        return (self.values,) if self.steps is None else (self.values, self.steps)

    def begin(self) -> None:
        if self.values.room < self.least:
            for part in self._parts:
                part.block_rows = max(self.values.block_rows, self.least)
                part.grow()
        block = self.block
        block.data, block.capacity = self.values.blocks[-1].ctypes.data, len(self.values.blocks[-1])
        if self.steps is None:
            block.period, block.offset, block.origin = (int(value) for value in self.clock)
        else:  # spikes are events and no samples: all are recorded
            block.step, block.period, block.offset, block.origin = self.steps.blocks[-1].ctypes.data, 1, 0, 0
        self.used[:] = self.values.used

    def finish(self) -> None:
        for part in self._parts:
            part.used = int(self.used[0])


def _array(array: Array) -> Any:
    return ArrayC(array.ctypes.data, array.size, array.itemsize)


def _address(function: Any) -> int:
    return ctypes.cast(function, Pointer).value or 0


def _fills(draws: Sequence[DrawSpec]) -> Any:
    """Return an ``eg_fills`` with the functions that some draws need."""
    fills = Fills()
    for name, functions, is_needed in (
        ("draws", FILLS, any(draw.is_chunked and not draw.tabled for draw in draws)),
        ("rejection", TABLES, any(draw.tabled for draw in draws)),
    ):
        if is_needed:
            library = core(name)
            for field, function in functions.items():
                setattr(fills, field, _address(getattr(library, function)))
    return fills
