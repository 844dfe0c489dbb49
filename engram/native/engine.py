"""Jobs as C structures, and the call that runs them.

In: jobs, compiled kernels, the tree, rows of synapses. Out: the tree some steps later. Called by ``network/run.py``.
The structures mirror ``c/engram.h``; pointers are taken when a run begins, so arrays may be replaced between runs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import CompileError
from engram.ir.jobs import (
    FiringRate,
    Job,
    Join,
    Push,
    RecordSpikes,
    RecordValues,
    Reduce,
    RunKernel,
    Stop,
    Zero,
    barriers,
)
from engram.ir.nodes import DrawSpec, Index
from engram.ir.rows import Rows
from engram.native.library import core
from engram.native.pool import MAX_THREADS
from engram.state.streams import Stream, stream_key
from engram.state.tree import Blocks, State, aligned

__all__ = ["Engine"]

Array = npt.NDArray[Any]
Pointer = ctypes.c_void_p
LINE = 8  # int64 of one cache line: what each thread counts for itself


def _structure(name: str, *fields: tuple[str, Any]) -> type[ctypes.Structure]:
    return type(name, (ctypes.Structure,), {"_fields_": list(fields)})


I64 = ctypes.c_int64
Entry = _structure("eg_entry", ("run", Pointer), ("arg", Pointer), ("barrier", I64), ("enabled", Pointer))
Spikes = _structure(
    "eg_spikes",
    ("rank", Pointer),
    ("count", Pointer),
    ("length", I64),
    ("n", I64),
    ("found", Pointer),
    ("found_count", Pointer),
)
RowsC = _structure(
    "eg_rows",
    *(("n_rows", I64), ("start", Pointer), ("rank", Pointer), ("delay", Pointer), ("n_delays", I64)),
    *((name, Pointer) for name in ("segment", "delay_of", "column_start", "column_slot", "column_pre")),
)
FILLS = {"uniform": "eg_fill_uniform", "normal": "eg_fill_normal", "exponential": "eg_fill_exponential"}  # of draws.c
TABLES = {"poisson": "eg_table_poisson", "binomial": "eg_table_binomial", "tabled": "eg_fill_table"}  # of rejection.c
Fills = _structure("eg_fills", *((name, Pointer) for name in (*FILLS, *TABLES)))
Args = _structure(
    "eg_args",
    *(("slot", Pointer), ("length", Pointer), ("key", Pointer), ("fill", Pointer), ("n", I64), ("n_pre", I64)),
    *(("spikes", Pointer), ("axons", Pointer), ("rows", Pointer), ("compared", Pointer)),
)
ArrayC = _structure("eg_array", ("data", Pointer), ("n", I64), ("item_bytes", I64))
PushArgs = _structure("eg_push_args", ("from", ArrayC), ("ring", Pointer), ("length", I64))
Block = _structure(
    "eg_block",
    *(("data", Pointer), ("step", Pointer), ("capacity", I64), ("period", I64), ("offset", I64), ("origin", I64)),
    *(("active", Pointer), ("used", Pointer)),
)
JoinArgs = _structure("eg_join_args", ("spikes", Pointer), ("enabled", Pointer))
RateArgs = _structure(
    "eg_rate_args",
    *(("spikes", Pointer), ("count", Pointer), ("rate", Pointer), ("window", I64), ("enabled", Pointer)),
)
Condition = _structure("eg_condition", ("flag", Pointer), ("n", I64), ("all", I64))
StopArgs = _structure("eg_stop_args", ("condition", Pointer), ("n", I64), ("every", I64), ("result", Pointer))
ReduceArgs = _structure("eg_reduce_args", ("from", ArrayC), ("kind", I64), ("op", I64), ("result", Pointer))
KINDS = {"f": 0, "i": 1, "b": 2}  # of eg_reduce_args
REDUCTIONS = ("mean", "min", "max", "norm1", "norm2")
RANKS = (("ranks", Pointer), ("n_ranks", I64))
RecordArgs = _structure("eg_record_args", ("from", ArrayC), ("block", Block), *RANKS)
RecordSpikesArgs = _structure("eg_record_spikes_args", ("spikes", Pointer), ("block", Block), *RANKS)


class Engine:
    """A schedule bound to a tree.

    Args:
        jobs: of one step, in order.
        code: compiled kernels by the key that jobs name.
        state: the tree.
        rows: of each projection, by path.
        dt_ms, seed: of the network.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        code: Mapping[str, ctypes.CDLL],
        state: State,
        rows: Mapping[str, Rows],
        dt_ms: float,
        seed: int,
    ) -> None:
        self._jobs, self._code, self._state, self._rows = jobs, code, state, rows
        self._dt_ms, self._seed = dt_ms, seed
        self._library = core("engine")
        self._library.eg_run.restype = I64
        self._library.eg_run.argtypes = [Pointer, I64, I64, I64, ctypes.c_double, ctypes.c_int]
        self._fills = _fills([draw for job in jobs if isinstance(job, RunKernel) for draw in job.kernel.draws])
        self._barriers = barriers(jobs)
        for job in jobs:
            if isinstance(job, RunKernel):
                _check_arrays(job, state, rows)

    def run(self, n_steps: int, threads: int) -> int:
        """Run up to ``n_steps`` steps from ``state.step``, move the clock, and return how many were done.

        Fewer are done where a record is full (call again) and where the upper half of the step number changes.
        """
        step = self._state.step
        n_steps = min(n_steps, 2**32 - step % 2**32)  # keys of random draws hold step >> 32
        bound = _Binding(self, step)
        done = int(
            self._library.eg_run(
                ctypes.addressof(bound.entries), len(self._jobs), step, n_steps, self._dt_ms, min(threads, MAX_THREADS)
            )
        )
        bound.finish()
        self._state["network/step"][...] = step + done
        return done


def _check_arrays(job: RunKernel, state: State, rows: Mapping[str, Rows]) -> None:
    """Refuse to hand a kernel arrays other than it was compiled for: it would read and write beyond their ends."""
    n_syn = len(rows[job.projection].rank) if job.projection else 0
    sizes = {Index.ONE: 1, Index.OWN: job.n, Index.POST: job.n, Index.PRE: job.n_pre, Index.SYNAPSE: n_syn}
    for argument, path in zip(job.kernel.arguments, job.paths, strict=True):
        array, size = state[path], sizes[argument.index]
        size *= len(array) if argument.history else 1
        if array.dtype != np.dtype(argument.dtype) or array.size != size:
            found, wanted = f"{array.size} {array.dtype}", f"{size} {argument.dtype}"
            raise CompileError(
                f"{path} has {found}, kernel {job.kernel.name!r} expects {wanted}\n  help: this is our bug."
            )


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


class _Binding:
    """The C structures of one call; keeps them and everything they point to alive."""

    def __init__(self, engine: Engine, step: int) -> None:
        self.engine, self.step = engine, step
        self.state = engine._state
        self.alive: list[Any] = []
        self.spikes: dict[str, Any] = {}
        self.rows: dict[str, Any] = {}
        self.finishers: list[Callable[[], None]] = []
        jobs = engine._jobs
        self.entries = (Entry * max(1, len(jobs)))()
        for entry, job, wait in zip(self.entries, jobs, engine._barriers, strict=False):
            entry.run, entry.arg = self._job(job)
            entry.barrier = int(wait)
            if isinstance(job, RunKernel | Zero) and job.enabled:
                entry.enabled = self.state[job.enabled].ctypes.data

    def finish(self) -> None:
        """Take over what the engine counted."""
        for finish in self.finishers:
            finish()

    def _keep(self, thing: Any) -> int:
        self.alive.append(thing)
        return ctypes.addressof(thing)

    def _pointers(self, arrays: Sequence[Array]) -> int:
        return self._keep((Pointer * max(1, len(arrays)))(*(a.ctypes.data for a in arrays)))

    def _job(self, job: Job) -> tuple[int, int]:
        library, state = self.engine._library, self.state
        match job:
            case RunKernel():
                return _address(self.engine._code[job.code].run), self._kernel(job)
            case Join(spikes, enabled):
                lists = ctypes.addressof(self._spikes(spikes))
                return _address(library.eg_join_spikes), self._keep(JoinArgs(lists, state[enabled].ctypes.data))
            case FiringRate(spikes, counts, rates, window, enabled):
                data = (state[counts].ctypes.data, state[rates].ctypes.data)
                return _address(library.eg_firing_rate), self._keep(
                    RateArgs(ctypes.addressof(self._spikes(spikes)), *data, window, state[enabled].ctypes.data)
                )
            case Stop(flags, every, result):
                found = [Condition(state[p].ctypes.data, state[p].size, int(all_of_them)) for p, all_of_them in flags]
                conditions = (Condition * len(found))(*found)
                return _address(library.eg_stop), self._keep(
                    StopArgs(self._keep(conditions), len(found), int(every), state[result].ctypes.data)
                )
            case Reduce(op, path, result):
                kind = KINDS[state[path].dtype.kind]
                return _address(library.eg_reduce), self._keep(
                    ReduceArgs(_array(state[path]), kind, REDUCTIONS.index(op), state[result].ctypes.data)
                )
            case Zero(path):
                return _address(library.eg_zero), self._keep(_array(state[path]))
            case Push(path, history):
                ring = state[history]
                return _address(library.eg_push), self._keep(PushArgs(_array(state[path]), ring.ctypes.data, len(ring)))
            case RecordValues():
                block = self._block(job.monitor, state.blocks(job.record), 1)
                return _address(library.eg_record), self._keep(
                    RecordArgs(_array(state[job.path]), block, *self._ranks(job.ranks))
                )
            case RecordSpikes():
                n = state[f"{job.spikes}/rank"].shape[1]
                block = self._block(job.monitor, state.blocks(job.rank), n, state.blocks(job.step))
                record = RecordSpikesArgs(ctypes.addressof(self._spikes(job.spikes)), block, *self._ranks(job.ranks))
                return _address(library.eg_record_spikes), self._keep(record)

    def _kernel(self, job: RunKernel) -> int:
        arrays = [self.state[path] for path in job.paths]
        lengths = (I64 * max(1, len(arrays)))(
            *(len(a) if arg.history else 0 for a, arg in zip(arrays, job.kernel.arguments, strict=True))
        )
        stream = Stream.SYNAPSE if job.projection else Stream.EQUATION
        key = stream_key(self.engine._seed, job.uid, stream, self.step)
        keys = (ctypes.c_uint64 * max(1, len(job.kernel.draws)))(*(key for _ in job.kernel.draws))
        return self._keep(
            Args(
                self._pointers(arrays),
                self._keep(lengths),
                self._keep(keys),
                ctypes.addressof(self.engine._fills),
                job.n,
                job.n_pre,
                ctypes.addressof(self._spikes(job.spikes)) if job.spikes else None,
                ctypes.addressof(self._spikes(job.axons)) if job.axons else None,
                self._row(job.projection) if job.projection else None,
                ctypes.addressof(self._spikes(job.compared)) if job.compared else None,
            )
        )

    def _spikes(self, path: str) -> Any:
        if path not in self.spikes:
            rank, count = self.state[f"{path}/rank"], self.state[f"{path}/count"]
            found, found_count = aligned((rank.shape[1],), np.uint32), aligned((MAX_THREADS * LINE,), np.int64)
            self.alive += [found, found_count]
            self.spikes[path] = Spikes(
                rank.ctypes.data,
                count.ctypes.data,
                len(rank),
                rank.shape[1],
                found.ctypes.data,
                found_count.ctypes.data,
            )
        return self.spikes[path]

    def _row(self, projection: str) -> int:
        if projection not in self.rows:
            rows = self.engine._rows[projection]
            arrays = (rows.segment, rows.delay_of, rows.column_start, rows.column_slot, rows.column_pre)
            optional = [None if a is None else a.ctypes.data for a in arrays]
            self.rows[projection] = RowsC(
                len(rows.start) - 1,
                rows.start.ctypes.data,
                rows.rank.ctypes.data,
                rows.delay.ctypes.data,
                len(rows.delay),
                *optional,
            )
        return ctypes.addressof(self.rows[projection])

    def _ranks(self, path: str) -> tuple[int | None, int]:
        """The neurons that a monitor of a view records."""
        ranks = self.state[path] if path else None
        return (None, 0) if ranks is None else (ranks.ctypes.data, len(ranks))

    def _block(self, monitor: str, values: Blocks, least: int, steps: Blocks | None = None) -> Any:
        """Point at the free part of a record, which has room for ``least`` rows."""
        records = [b for b in (values, steps) if b is not None]
        if values.room < least:
            for record in records:
                record.block_rows = max(values.block_rows, least)
                record.grow()
        used = aligned((MAX_THREADS * LINE,), np.int64)
        used[:] = values.used
        self.alive.append(used)

        def finish() -> None:
            for record in records:
                record.used = int(used[0])

        self.finishers.append(finish)
        names = ("period", "offset", "origin")
        # spikes are events and no samples: all are recorded
        clock = [1, 0, 0] if steps is not None else [int(self.state[f"{monitor}/{name}"]) for name in names]
        active = self.state[f"{monitor}/active"].ctypes.data
        data = [record.blocks[-1].ctypes.data for record in records]
        return Block(
            data[0], data[1] if steps is not None else None, len(values.blocks[-1]), *clock, active, used.ctypes.data
        )


def _array(array: Array) -> Any:
    return ArrayC(array.ctypes.data, array.size, array.itemsize)


def _address(function: Any) -> int:
    return ctypes.cast(function, Pointer).value or 0
