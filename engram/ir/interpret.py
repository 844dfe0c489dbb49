"""The meaning of kernels: the same schedule as the engine's, run with NumPy, one value of the tree at a time.

In: jobs and the tree. Out: the tree one step later. Slow and plain on purpose: native kernels are compared with it,
and it runs networks where there is no compiler. Called by ``network/run.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import Job, Join, Push, RecordSpikes, RecordValues, RunKernel, Zero
from engram.ir.nodes import Argument, Const, Expr, Index, Kernel, KernelKind, Operation, Read, Set
from engram.ir.operations import OPERATIONS
from engram.state import draws
from engram.state.streams import Stream, stream_key
from engram.state.tree import State

__all__ = ["Rows", "run_step"]

Array = npt.NDArray[Any]
NUMPY_TYPES = {"float": np.float64, "int": np.int64, "bool": np.bool_}


@dataclass(frozen=True)
class Rows:
    """The synapses of one projection as the loops walk them; see ``eg_rows`` in ``engram.h``."""

    start: Array
    rank: Array
    delay: Array
    segment: Array | None
    delay_of: Array | None
    column_start: Array | None
    column_slot: Array | None
    column_pre: Array | None


@dataclass
class _Frame:
    """The present values of all symbols of one kernel, for a set of elements."""

    values: dict[str, Any]

    def evaluate(self, expr: Expr) -> Any:
        match expr:
            case Const(value, kind):
                return NUMPY_TYPES[kind](value)
            case Read(symbol, _):
                return self.values[symbol]
            case Operation(name, args, _):
                with np.errstate(all="ignore"):
                    return OPERATIONS[name].numpy(*(self.evaluate(a) for a in args))

    def run(self, statements: Sequence[Set]) -> None:
        for statement in statements:
            value = self.evaluate(statement.value)
            self.values[statement.symbol] = np.asarray(value, NUMPY_TYPES[statement.value.type])


def run_step(jobs: Sequence[Job], state: State, rows: dict[str, Rows], dt_ms: float, seed: int) -> None:
    """Run the jobs of one step, number ``state.step``; the clock is moved by the caller."""
    step = state.step
    for job in jobs:
        match job:
            case RunKernel():
                _KERNELS[job.kernel.kind](_Call(job, state, rows.get(job.projection), step, dt_ms, seed))
            case Zero(path):
                state[path][...] = 0
            case Push(path, history):
                state[history][step % len(state[history])] = state[path]
            case Join():
                pass  # the update kernel has written the list itself
            case RecordValues() | RecordSpikes():
                _record(job, state, step)


@dataclass
class _Call:
    job: RunKernel
    state: State
    rows: Rows | None
    step: int
    dt_ms: float
    seed: int

    @property
    def kernel(self) -> Kernel:
        return self.job.kernel

    @property
    def synapses(self) -> Rows:
        if self.rows is None:
            raise ValueError(f"kernel {self.kernel.name!r} has no synapses")
        return self.rows

    def array(self, argument: Argument) -> Array:
        return self.state[self.job.paths[self.kernel.arguments.index(argument)]]

    def frame(self, **where: Any) -> _Frame | None:
        """Load all arguments at ``where`` (own, pre, post, k: indices); None if a gate is closed."""
        values: dict[str, Any] = {
            "t": np.float64(self.step * self.dt_ms),
            "dt": np.float64(self.dt_ms),
            "step": np.int64(self.step),
        }
        for argument in self.kernel.arguments:
            values[argument.symbol] = self._load(argument, where)
        if not all(values[gate] for gate in self.kernel.gates):
            return None
        for k, draw in enumerate(self.kernel.draws):
            key = stream_key(self.seed, self.job.uid, Stream.EQUATION, self.step)
            n = 1 if self.kernel.kind is KernelKind.GLOBALS else self.job.n
            function: Callable[..., Array] = getattr(draws, f"neuron_{draw.kind}")
            drawn = function(key, self.step, self.kernel.draws[k].number, 0, n)
            values[draw.symbol] = drawn if self.kernel.kind is KernelKind.UPDATE else drawn[0]
        frame = _Frame(values)
        frame.run(self.kernel.prelude)
        return frame

    def _load(self, argument: Argument, where: dict[str, Any]) -> Any:
        array = self.array(argument)
        if argument.history == "uniform":
            row = (self.step - int(self.synapses.delay[0]) + argument.lag) % len(array)
            flat = array[row].reshape(-1)
        elif argument.history == "each":
            delays = self.synapses.delay_of
            row = (self.step - (0 if delays is None else delays[where["k"]].astype(np.int64)) + argument.lag) % len(
                array
            )
            return array.reshape(len(array), -1)[row, where["pre"]]
        else:
            flat = array.reshape(-1)
        if argument.index is Index.ONE:
            value = flat[0]
        else:
            key = {Index.OWN: "own", Index.PRE: "pre", Index.POST: "post", Index.SYNAPSE: "k"}[argument.index]
            if key not in where:
                return None
            value = flat[where[key]]
        return np.asarray(value, NUMPY_TYPES[argument.type])

    def store(self, frame: _Frame, statements: Sequence[Set], **where: Any) -> None:
        changed = {s.symbol for s in statements}
        for argument in self.kernel.arguments:
            if argument.symbol in changed:
                key = {Index.OWN: "own", Index.POST: "post", Index.SYNAPSE: "k", Index.ONE: "one", Index.PRE: "pre"}
                index = where.get(key[argument.index], slice(None))
                self.array(argument).reshape(-1)[index] = frame.values[argument.symbol]


def _update(call: _Call) -> None:
    kernel, everyone = call.kernel, slice(None)
    frame = call.frame(own=everyone)
    if frame is None:
        return
    frame.run(kernel.body)
    spikes = None if kernel.spike is None else np.broadcast_to(frame.evaluate(kernel.spike), (call.job.n,))
    call.store(frame, kernel.body, own=everyone)
    if spikes is None:
        return
    ranks = np.flatnonzero(spikes)
    if len(ranks):
        again = call.frame(own=ranks)
        if again is not None:
            again.run(kernel.reset)
            call.store(again, kernel.reset, own=ranks)
    history = call.state[f"{call.job.spikes}/history/rank"]
    row = call.step % len(history)
    history[row, : len(ranks)] = ranks
    call.state[f"{call.job.spikes}/history/count"][row] = len(ranks)


def _globals(call: _Call) -> None:
    frame = call.frame()
    if frame is not None:
        frame.run(call.kernel.body)
        call.store(frame, call.kernel.body)


def _emitted(call: _Call, step: int) -> Array:
    history = call.state[f"{call.job.spikes}/history/rank"]
    row = step % len(history)
    return history[row, : call.state[f"{call.job.spikes}/history/count"][row]].astype(np.int64)


def _deliver(call: _Call) -> None:
    rows = call.synapses
    for d in range(len(rows.delay) - 1, -1, -1):
        for pre in _emitted(call, call.step - int(rows.delay[d])):
            first, last = (rows.start[pre] + rows.segment[pre, d : d + 2]) if rows.segment is not None else (0, 0)
            k = np.arange(first, last)
            post = rows.rank[first:last].astype(np.int64)
            # synapses of one pair (multapses) act one after the other
            groups = (
                [(k, post)]
                if len(np.unique(post)) == len(post)
                else [(k[i : i + 1], post[i : i + 1]) for i in range(len(k))]
            )
            for some, targets in groups:
                _events(call, k=some, post=targets, pre=np.full(len(some), pre))


def _events(call: _Call, **where: Array) -> None:
    frame = call.frame(**where)
    if frame is not None and len(where["k"]):
        frame.run(call.kernel.body)
        call.store(frame, call.kernel.body, **where)


def _post_events(call: _Call) -> None:
    rows = call.synapses
    if rows.column_start is None or rows.column_slot is None or rows.column_pre is None:
        raise ValueError(f"kernel {call.kernel.name!r} needs the transposed rows")
    for post in _emitted(call, call.step):
        columns = slice(rows.column_start[post], rows.column_start[post + 1])
        k, pre = rows.column_slot[columns], rows.column_pre[columns].astype(np.int64)
        _events(call, k=k, pre=pre, post=np.full(len(k), post))
        end = call.frame(post=np.array([post]), k=k[:0], pre=pre[:0])
        if end is not None:
            end.run(call.kernel.row_end)
            call.store(end, call.kernel.row_end, post=np.array([post]))


def _gather(call: _Call) -> None:
    rows, kernel = call.synapses, call.kernel
    into = kernel.argument(kernel.into)
    if kernel.result is None or into is None:
        raise ValueError(f"kernel {kernel.name!r} has nothing to sum up")
    lengths = np.diff(rows.start)
    k, post = np.arange(rows.start[-1]), np.repeat(np.arange(call.job.n), lengths)
    frame = call.frame(k=k, post=post, pre=rows.rank.astype(np.int64))
    if frame is None:
        return
    psp = np.broadcast_to(frame.evaluate(kernel.result), k.shape)
    sums = np.zeros((8, call.job.n))
    position = k - np.repeat(rows.start[:-1], lengths)
    for begin in range(0, int(lengths.max(initial=0)), 8):
        for lane in range(8):
            now = position == begin + lane
            sums[lane, post[now]] += psp[now]
    s = sums
    total = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
    call.array(into).reshape(-1)[...] += total


def _synapses(call: _Call) -> None:
    rows = call.synapses
    k, post = np.arange(rows.start[-1]), np.repeat(np.arange(call.job.n), np.diff(rows.start))
    _events(call, k=k, post=post, pre=rows.rank.astype(np.int64))


_KERNELS: dict[KernelKind, Callable[[_Call], None]] = {
    KernelKind.UPDATE: _update,
    KernelKind.GLOBALS: _globals,
    KernelKind.DELIVER: _deliver,
    KernelKind.POST_EVENTS: _post_events,
    KernelKind.GATHER: _gather,
    KernelKind.SYNAPSES: _synapses,
}


def _record(job: RecordValues | RecordSpikes, state: State, step: int) -> None:
    active = bool(state[f"{job.monitor}/active"])
    period, offset, origin = (int(state[f"{job.monitor}/{name}"]) for name in ("period", "offset", "origin"))
    if not active or (step - origin) % period != offset:
        return
    if isinstance(job, RecordValues):
        _append(state, job.record, state[job.path][np.newaxis])
    else:
        history = state[f"{job.population}/history/rank"]
        row = step % len(history)
        ranks = history[row, : state[f"{job.population}/history/count"][row]]
        _append(state, job.rank, ranks)
        _append(state, job.step, np.full(len(ranks), step, np.int64))


def _append(state: State, record: str, values: Array) -> None:
    blocks = state.blocks(record)
    while len(values):
        if blocks.room == 0:
            blocks.grow()
        now = values[: blocks.room]
        blocks.blocks[-1][blocks.used : blocks.used + len(now)] = now
        blocks.used += len(now)
        values = values[len(now) :]
