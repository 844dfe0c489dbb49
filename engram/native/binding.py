"""Jobs as C structures: pointers into the tree, taken when a run begins.

In: a program of jobs and their compiled kernels. Out: for each job the function that the engine calls and its argument,
which serves as long as the values stay where they are. Called by ``native/table.py``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

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
    Schedule,
    Stop,
    StopCondition,
    Zero,
    found_by,
)
from engram.ir.nodes import Index
from engram.ir.rows import Rows, Together
from engram.native.library import core
from engram.native.shared import Ahead, Shared, SpikeList, Sums, WalkedRows, address
from engram.native.structures import (
    I64,
    Args,
    ArrayC,
    Arrival,
    Block,
    Condition,
    DeliverArgs,
    JoinArgs,
    Pointer,
    PushArgs,
    RateArgs,
    RecordArgs,
    RecordSpikesArgs,
    StopArgs,
)
from engram.state import names
from engram.state.residence import Blocks
from engram.state.streams import Stream, stream_key
from engram.state.tree import State

__all__ = ["Binder", "Bound", "Program", "Record"]

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
        threads: at most so many take part; of one alone nobody has to wait for another.
    """

    jobs: Schedule
    code: Mapping[str, ctypes.CDLL]
    state: State
    rows: Mapping[str, Rows]
    packed: Mapping[str, Together]
    seed: int
    threads: int


@dataclass(eq=False)
class Bound:
    """A job as the engine walks it.

    Args:
        job: which it is.
        run, arg: addresses of its function and of the structure that this gets.
        enabled: address of the bool that says whether it runs; 0: always.
        places: the arrays of the tree that the structure leads to, by path; it keeps none of them alive.
        packed: the rows that it delivers, and how they were cut; the same holds for them.
        key: seed and upper half of the steps of its random draws; None if it draws nothing.
        record: what it fills.
        keeps: what must live as long as the structure.
    """

    job: Job
    run: int = 0
    arg: int = 0
    enabled: int = 0
    places: list[tuple[str, ref[Array]]] = field(default_factory=list)
    packed: tuple[ref[Together], ref[Array]] | None = None
    key: tuple[int, int] | None = None
    record: Record | None = None
    keeps: list[Any] = field(default_factory=list)

    def is_there(self, state: State) -> bool:
        """Whether the arrays that it leads to are still those of the tree."""
        return all(state.array(path) is array() for path, array in self.places)

    def fits(self, program: Program, key: tuple[int, int]) -> bool:
        """Whether, wherever the arrays of the tree are, it is the job of this program, and has these keys."""
        if self.packed is not None and isinstance(self.job, Deliver):
            rows, cuts = self.packed
            now = program.packed[self.job.rows]
            return now is rows() and now.cuts is cuts()
        return self.key is None or self.key == key


@dataclass(frozen=True, eq=False)
class Record:
    """An ``eg_record_block``, and the records of the tree that it leads to: spikes have their step beside them.

    Args:
        least: rows for which there must be room before a step.
    """

    block: Any
    parts: tuple[Blocks, ...]
    least: int

    def make_room(self) -> None:
        """Begin new blocks where the next step might not fit."""
        for part in self.parts:
            if part.room < self.least:
                part.grow(self.least)


class Binder:
    """Binds the jobs of a program, one after another.

    Args:
        shared: the structures that jobs have in common.
        key: seed and upper half of the steps to come.
    """

    _bound: Bound  # the present one

    def __init__(self, program: Program, shared: Shared, key: tuple[int, int]) -> None:
        self._program, self._shared, self._key = program, shared, key
        self._library = core("jobs")
        self._deliver_at = address(core("packed").eg_deliver) if program.packed else 0

    def bind(self, job: Job) -> Bound:
        """Return a job with its structure."""
        bound = self._bound = Bound(job)
        bound.run, bound.arg = self._job(job)
        if isinstance(job, RunKernel | Zero) and job.enabled:
            bound.enabled = self[job.enabled].ctypes.data
        return bound

    def __getitem__(self, path: str) -> Array:
        """Return an array of the tree, and take note that the present job leads to it."""
        array = self._program.state.array(path)
        self._bound.places.append((path, ref(array)))
        return array

    def _keep(self, structure: Any) -> int:
        self._bound.keeps.append(structure)
        return ctypes.addressof(structure)

    def _shared_at(self, shared: SpikeList | WalkedRows | Ahead | Sums) -> int:
        self._bound.keeps.append(shared)
        return ctypes.addressof(shared.structure)

    def spikes(self, path: str) -> int:
        """Return the address of the ``eg_spikes`` of a list."""
        return self._shared_at(self._shared.spikes(path))

    def _own(self, begins: tuple[int, ...]) -> tuple[int | None, int]:
        return (self._keep((I64 * len(begins))(*begins)), len(begins) - 1) if begins else (None, 0)

    def _pointers(self, arrays: Sequence[Array]) -> int:
        return self._keep((Pointer * max(1, len(arrays)))(*(a.ctypes.data for a in arrays)))

    def _job(self, job: Job) -> tuple[int, int]:
        library, state = self._library, self
        match job:
            case RunKernel():
                return address(self._program.code[job.code].run), self._kernel(job)
            case Deliver():
                return self._deliver_at, self._deliver(job)
            case Join(spikes, enabled):
                lists = self.spikes(spikes)
                return address(library.eg_join_spikes), self._keep(JoinArgs(lists, state[enabled].ctypes.data))
            case FiringRate(spikes, counts, rates, window, enabled):
                rate = state[rates]
                data = (state[counts].ctypes.data, rate.ctypes.data, int(rate.dtype == np.float32))
                return address(library.eg_firing_rate), self._keep(
                    RateArgs(self.spikes(spikes), *data, window, state[enabled].ctypes.data)
                )
            case Stop(conditions, every, result):
                found = (Condition * len(conditions))(*map(self._condition, conditions))
                bools = (state[every].ctypes.data, state[result].ctypes.data)
                return address(library.eg_stop), self._keep(StopArgs(self._keep(found), len(found), *bools))
            case Reduce():
                return address(core("reductions").eg_reduce), self._reduction(job)
            case Combine(reduction):
                return address(core("reductions").eg_combine), self._reduction(reduction)
            case Zero(path):
                return address(library.eg_zero), self._keep(_array(state[path]))
            case Push(path, history):
                ring = state[history]
                return address(library.eg_push), self._keep(PushArgs(_array(state[path]), ring.ctypes.data, len(ring)))
            case RecordValues():
                record = RecordArgs(_array(state[job.path]), Block(), *self._ranks(job.ranks))
                self._add_record(record.block, job.monitor, 1, job.record)
                return address(library.eg_record), self._keep(record)
            case RecordSpikes():
                record = RecordSpikesArgs(self.spikes(job.spikes), Block(), *self._ranks(job.ranks))
                n = state[f"{job.spikes}/{names.RANK}"].shape[1]
                self._add_record(record.block, job.monitor, n, job.rank, job.step)
                return address(library.eg_record_spikes), self._keep(record)

    def _deliver(self, job: Deliver) -> int:
        rows = self._program.packed[job.rows]
        view = rows.view()
        self._bound.packed = ref(rows), ref(rows.cuts)
        arrivals = (Arrival * len(job.arrivals))()
        for arrival, wanted, path in zip(arrivals, job.arrivals, rows.paths, strict=True):
            self._bound.places.append((wanted.target, ref(self._program.state.array(wanted.target))))
            arrival.low, arrival.high = rows.place(path)
            arrival.n_flags, arrival.flag = len(wanted.open), self._pointers([self[flag] for flag in wanted.open])
        target, first = self._program.state.arena(job.arrivals[0].target)
        if first != arrivals[0].low or rows.longest_delay > len(self[f"{job.spikes}/{names.RANK}"]):
            raise CompileError(f"{job.rows} was packed for another arena or history\n  help: this is our bug.")
        weight = self[job.weight] if job.weight else None
        single = (None, 0) if weight is None else (weight.ctypes.data, int(weight.dtype == np.float32))
        arena = (target.ctypes.data, int(target.dtype == np.float32))
        args = (self._keep(view), *single, *arena, self._keep(arrivals), len(arrivals))
        return self._keep(DeliverArgs(self.spikes(job.spikes), *args))

    def _reduction(self, job: Reduce) -> int:
        return self._shared_at(self._shared.sums(job, self[job.path], self[job.result]))

    def _condition(self, condition: StopCondition) -> Any:
        flags, asked = self[condition.flags], self[condition.asked]
        return Condition(flags.ctypes.data, asked.ctypes.data, flags.size, int(condition.for_all))

    def _kernel(self, job: RunKernel) -> int:
        arrays = [self[path] for path in job.paths]
        rows = self._program.rows[job.projection] if job.projection else None
        _check_arrays(job, arrays, rows)
        for found in map(self._shared.spikes, found_by(job)):
            self._bound.keeps.append(found)
            found.set_own(job.own)
        lengths = (
            len(a) if arg.history or arg.index is Index.TABLE else 0
            for a, arg in zip(arrays, job.kernel.arguments, strict=True)
        )
        return self._keep(
            Args(
                self._pointers(arrays),
                self._keep((I64 * max(1, len(arrays)))(*lengths)),
                self._keys(job),
                ctypes.addressof(self._shared.fills),
                job.n,
                job.n_pre,
                self.spikes(job.spikes) if job.spikes else None,
                self.spikes(job.axons) if job.axons else None,
                self._shared_at(self._shared.rows(job.projection, rows)) if rows is not None else None,
                self.spikes(job.compared) if job.compared else None,
                self._shared_at(self._shared.ahead(job.ahead, job.n)) if job.ahead else None,
                *self._own(job.own),
            )
        )

    def _keys(self, job: RunKernel) -> int | None:
        draws = job.kernel.draws
        if not draws:
            return None
        self._shared.add_fills(draws)
        self._bound.key = seed, epoch = self._key
        key = stream_key(seed, job.uid, Stream.SYNAPSE if job.projection else Stream.EQUATION, epoch << 32)
        return self._keep((ctypes.c_uint64 * len(draws))(*(key for _ in draws)))

    def _ranks(self, path: str) -> tuple[int | None, int]:
        """The neurons that a monitor of a view records."""
        ranks = self[path] if path else None
        return (None, 0) if ranks is None else (ranks.ctypes.data, len(ranks))

    def _add_record(self, block: Any, monitor: str, least: int, *paths: str) -> None:
        parts = tuple(map(self._program.state.blocks, paths))
        block.head, block.steps = (*(part.head.ctypes.data for part in parts), None)[:2]
        block.active, block.period = (self[f"{monitor}/{name}"].ctypes.data for name in (names.ACTIVE, names.PERIOD))
        block.offset, block.origin = (self[f"{monitor}/{name}"].ctypes.data for name in (names.OFFSET, names.ORIGIN))
        block.least = least
        self._bound.record = Record(block, parts, least)


def _check_arrays(job: RunKernel, arrays: Sequence[Array], rows: Rows | None) -> None:
    """Refuse to hand a kernel arrays other than it was compiled for: it would read and write beyond their ends."""
    n_syn = 0 if rows is None else len(rows.rank)
    sizes = {Index.ONE: 1, Index.OWN: job.n, Index.POST: job.n, Index.PRE: job.n_pre, Index.SYNAPSE: n_syn}
    for argument, path, array in zip(job.kernel.arguments, job.paths, arrays, strict=True):
        if argument.index is Index.TABLE:
            continue
        size = sizes[argument.index] * (len(array) if argument.history else argument.entries or 1)
        if array.dtype != np.dtype(argument.dtype) or array.size != size:
            found, wanted = f"{array.size} {array.dtype}", f"{size} {argument.dtype}"
            raise CompileError(
                f"{path} has {found}, kernel {job.kernel.name!r} expects {wanted}\n  help: this is our bug."
            )


def _array(array: Array) -> Any:
    return ArrayC(array.ctypes.data, array.size, array.itemsize)
