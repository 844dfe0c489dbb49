"""Each kind of job as C runs it, a row each: its function, its structure, and how that is filled.

In: jobs of ``ir/jobs.py`` and ``ir/engine_jobs.py``. Out: :func:`bind`. The functions are those of ``c/jobs.c`` and its
neighbours, and of compiled kernels.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any
from weakref import ref

import numpy as np
import numpy.typing as npt

from engram.errors import CompileError
from engram.ir.engine_jobs import (
    Combine,
    Deliver,
    FiringRate,
    Join,
    Push,
    RecordSpikes,
    RecordValues,
    Reduce,
    Stop,
    StopCondition,
    Zero,
)
from engram.ir.jobs import Job, RunKernel
from engram.ir.nodes import Index
from engram.ir.rows import Rows
from engram.native.binding import Binder, Bound, JobBinding, Record
from engram.native.shared import address
from engram.native.structures import I64, Args, Block, Pointer, ReduceArgs, structure
from engram.state import names
from engram.state.streams import Stream, stream_key

__all__ = ["ROWS", "bind"]

Array = npt.NDArray[Any]
ArrayC = structure("eg_array", ("data", Pointer), ("n", I64), ("item_bytes", I64))
PushArgs = structure("eg_push_args", ("from", ArrayC), ("ring", Pointer), ("length", I64))
JoinArgs = structure("eg_join_args", ("spikes", Pointer), ("enabled", Pointer))
RateArgs = structure(
    "eg_rate_args",
    *(("spikes", Pointer), ("count", Pointer), ("rate", Pointer), ("rate_is_float", I64), ("window", I64)),
    ("enabled", Pointer),
)
Condition = structure("eg_condition", ("flag", Pointer), ("asked", Pointer), ("n", I64), ("all", I64))
StopArgs = structure("eg_stop_args", ("condition", Pointer), ("n", I64), ("every", Pointer), ("result", Pointer))
Arrival = structure("eg_arrival", ("low", I64), ("high", I64), ("n_flags", I64), ("flag", Pointer))
DeliverArgs = structure(
    "eg_deliver_args",
    *(("spikes", Pointer), ("packed", Pointer), ("weight", Pointer), ("weight_is_float", I64)),
    *(("target", Pointer), ("target_is_float", I64), ("arrival", Pointer), ("n_arrivals", I64)),
)
RANKS = (("ranks", Pointer), ("n_ranks", I64))
RecordArgs = structure("eg_record_args", ("from", ArrayC), ("block", Block), *RANKS, ("is_flat", I64))
RecordSpikesArgs = structure("eg_record_spikes_args", ("spikes", Pointer), ("block", Block), *RANKS)


COUNTED = (Index.TABLE, Index.ROWS)  # arrays whose lengths kernels are told


def bind(binder: Binder, job: Job) -> Bound:
    """Return a job as the engine walks it."""
    return binder.bind(job, ROWS[type(job)])


# -- kernels ---------------------------------------------------------------------------------------------------


def _compiled(b: Binder, job: RunKernel) -> int:
    return address(b.program.code[job.code].run)


def _kernel(b: Binder, job: RunKernel) -> int:
    arrays, shared = [b[path] for path in job.paths], b.shared
    rows = b.program.rows[job.projection] if job.projection else None
    _check_arrays(job, arrays, rows)
    for found in map(shared.spikes, job.found):
        b.bound.keeps.append(found)
        found.set_ranges(job.ranges)
    lengths = (
        len(a) if arg.history or arg.index in COUNTED else 0
        for a, arg in zip(arrays, job.kernel.arguments, strict=True)
    )
    ranges = b.keep((I64 * len(job.ranges))(*job.ranges)) if job.ranges else None
    return b.keep(
        Args(
            b.pointers(arrays),
            b.keep((I64 * max(1, len(arrays)))(*lengths)),
            _keys(b, job),
            ctypes.addressof(shared.fills),
            job.n,
            job.n_pre,
            b.spikes(job.spikes) if job.spikes else None,
            b.spikes(job.axons) if job.axons else None,
            b.keep_shared(shared.rows(job.projection, rows)) if rows is not None else None,
            b.spikes(job.compared) if job.compared else None,
            b.keep_shared(shared.ahead(job.ahead, job.n)) if job.ahead else None,
            ranges,
            max(0, len(job.ranges) - 1),
        )
    )


def _keys(b: Binder, job: RunKernel) -> int | None:
    draws = job.kernel.draws
    if not draws:
        return None
    b.shared.add_fills(draws)
    b.bound.key = seed, epoch = b.key
    key = stream_key(seed, job.uid, Stream.SYNAPSE if job.projection else Stream.EQUATION, epoch << 32)
    return b.keep((ctypes.c_uint64 * len(draws))(*(key for _ in draws)))


def _check_arrays(job: RunKernel, arrays: Sequence[Array], rows: Rows | None) -> None:
    """Refuse to hand a kernel arrays other than it was compiled for: it would read and write beyond their ends."""
    n_syn = 0 if rows is None else len(rows.rank)
    sizes = {Index.ONE: 1, Index.OWN: job.n, Index.POST: job.n, Index.PRE: job.n_pre, Index.SYNAPSE: n_syn}
    sizes[Index.ROWS] = job.n
    for argument, path, array in zip(job.kernel.arguments, job.paths, arrays, strict=True):
        if argument.index is Index.TABLE:
            continue  # the kernel is told its length
        size = sizes[argument.index] * (
            len(array) if argument.history or argument.index is Index.ROWS else argument.entries or 1
        )
        if array.dtype != np.dtype(argument.dtype) or array.size != size:
            found, wanted = f"{array.size} {array.dtype}", f"{size} {argument.dtype}"
            raise CompileError(
                f"{path} has {found}, kernel {job.kernel.name!r} expects {wanted}\n  help: this is our bug."
            )


# -- jobs of the engine ------------------------------------------------------------------------------------------


def _deliver(b: Binder, job: Deliver) -> int:
    state, rows = b.program.state, b.program.packed[job.rows]
    view = rows.view()
    b.bound.packed = job.rows, ref(rows), ref(rows.cuts)
    arrivals = (Arrival * len(job.arrivals))()
    for arrival, wanted, path in zip(arrivals, job.arrivals, rows.paths, strict=True):
        b.bound.places.append((wanted.target, ref(state.array(wanted.target))))
        arrival.low, arrival.high = rows.place(path)
        arrival.n_flags, arrival.flag = len(wanted.open), b.pointers([b[flag] for flag in wanted.open])
    target, first = state.arena(job.arrivals[0].target)
    if first != arrivals[0].low or rows.longest_delay > len(b[f"{job.spikes}/{names.RANK}"]):
        raise CompileError(f"{job.rows} was packed for another arena or history\n  help: this is our bug.")
    weight = b[job.weight] if job.weight else None
    single = (None, 0) if weight is None else (weight.ctypes.data, _is_float(weight))
    arena = (target.ctypes.data, _is_float(target))
    return b.keep(DeliverArgs(b.spikes(job.spikes), b.keep(view), *single, *arena, b.keep(arrivals), len(arrivals)))


def _join(b: Binder, job: Join) -> int:
    return b.keep(JoinArgs(b.spikes(job.spikes), b.at(job.enabled)))


def _firing_rate(b: Binder, job: FiringRate) -> int:
    rates = b[job.rates]
    data = (b.at(job.counts), rates.ctypes.data, _is_float(rates))
    return b.keep(RateArgs(b.spikes(job.spikes), *data, job.window, b.at(job.enabled)))


def _reduce(b: Binder, job: Reduce) -> int:
    return b.keep_shared(b.shared.sums(job, b[job.path], b[job.result]))


def _combine(b: Binder, job: Combine) -> int:
    return _reduce(b, job.reduction)


def _zero(b: Binder, job: Zero) -> int:
    return b.keep(_array(b[job.path]))


def _push(b: Binder, job: Push) -> int:
    ring = b[job.history]
    return b.keep(PushArgs(_array(b[job.path]), ring.ctypes.data, len(ring)))


def _record_values(b: Binder, job: RecordValues) -> int:
    record = RecordArgs(_array(b[job.path]), Block(), *_ranks(b, job.ranks), int(job.is_flat))
    n = record.n_ranks if job.ranks else b[job.path].size
    _add_record(b, record.block, job.monitor, n if job.is_flat else 1, job.record)
    return b.keep(record)


def _record_spikes(b: Binder, job: RecordSpikes) -> int:
    record = RecordSpikesArgs(b.spikes(job.spikes), Block(), *_ranks(b, job.ranks))
    most = b[f"{job.spikes}/{names.RANK}"].shape[1]
    _add_record(b, record.block, job.monitor, most, job.rank, job.step)
    return b.keep(record)


def _stop(b: Binder, job: Stop) -> int:
    def condition(of: StopCondition) -> Any:
        flags = b[of.flags]
        return Condition(flags.ctypes.data, b.at(of.asked), flags.size, int(of.for_all))

    found = (Condition * len(job.conditions))(*map(condition, job.conditions))
    return b.keep(StopArgs(b.keep(found), len(found), b.at(job.every), b.at(job.result)))


def _is_float(array: Array) -> int:
    return int(array.dtype == np.float32)


def _array(array: Array) -> Any:
    return ArrayC(array.ctypes.data, array.size, array.itemsize)


def _ranks(b: Binder, path: str) -> tuple[int | None, int]:
    """The neurons that a monitor of a view records."""
    ranks = b[path] if path else None
    return (None, 0) if ranks is None else (ranks.ctypes.data, len(ranks))


def _add_record(b: Binder, block: Any, monitor: str, least: int, *paths: str) -> None:
    parts = tuple(map(b.program.state.blocks, paths))
    block.head, block.steps = (*(part.head.ctypes.data for part in parts), None)[:2]
    block.active, block.period = (b.at(f"{monitor}/{name}") for name in (names.ACTIVE, names.PERIOD))
    block.offset, block.origin = (b.at(f"{monitor}/{name}") for name in (names.OFFSET, names.ORIGIN))
    block.least = least
    b.bound.record = Record(block, parts, least)


def _of_engine(library: str, name: str, *structures: type[ctypes.Structure]) -> Callable[[Binder, Any], int]:
    """The function of a job of the engine, in ``c/<library>.c``, and the structures that it is given."""
    by_name = {each.__name__: each for each in structures}
    return lambda binder, job: binder.function(library, name, by_name)


ROWS: dict[type[Job], JobBinding] = {
    RunKernel: JobBinding(_compiled, _kernel),
    Deliver: JobBinding(_of_engine("packed", "eg_deliver", DeliverArgs, Arrival), _deliver),
    Join: JobBinding(_of_engine("jobs", "eg_join_spikes", JoinArgs), _join),
    FiringRate: JobBinding(_of_engine("jobs", "eg_firing_rate", RateArgs), _firing_rate),
    Reduce: JobBinding(_of_engine("reductions", "eg_reduce", ReduceArgs), _reduce),
    Combine: JobBinding(_of_engine("reductions", "eg_combine", ReduceArgs), _combine),
    Zero: JobBinding(_of_engine("jobs", "eg_zero", ArrayC), _zero),
    Push: JobBinding(_of_engine("jobs", "eg_push", PushArgs, ArrayC), _push),
    RecordValues: JobBinding(_of_engine("jobs", "eg_record", RecordArgs, ArrayC), _record_values),
    RecordSpikes: JobBinding(_of_engine("jobs", "eg_record_spikes", RecordSpikesArgs), _record_spikes),
    Stop: JobBinding(_of_engine("jobs", "eg_stop", StopArgs, Condition), _stop),
}
"""How each kind of job is bound."""
