"""The meaning of kernels: the same schedule as the engine's, run with NumPy, one value of the tree at a time.

In: jobs and the tree. Out: the tree one step later. Slow and plain on purpose: native kernels are compared with it,
and it runs networks where there is no compiler.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import EngineJob, Job, Moment
from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import (
    EMITTED_SYMBOL,
    EXACT_DT_SYMBOL,
    OFFSET_SYMBOL,
    PERIOD_SYMBOL,
    POST_SPIKED_SYMBOL,
    STEP_SYMBOL,
    Argument,
    Const,
    Entry,
    Expr,
    Index,
    Kernel,
    KernelKind,
    Lookup,
    Operation,
    Random,
    Read,
    Set,
    Type,
)
from engram.ir.operations import OPERATIONS, Meaning
from engram.ir.rows import InFlight, Rows
from engram.ir.spike_lists import spiked_in
from engram.state import draws, names, rejection, tables
from engram.state.streams import Stream, stream_key
from engram.state.tree import State

__all__ = ["conjuncts", "evaluate", "holds_at", "run_events", "run_step", "value_at"]

Array = npt.NDArray[Any]
NUMPY_TYPES = {"float": np.float64, "int": np.int64, "bool": np.bool_}
LARGEST_UNIT = 1.0 - 2.0**-24  # the float32 below 1
PART = 1 << 14  # synapses of events that are looked at together: what is computed of them stays in the cache


@dataclass
class _Frame:
    """The present values of all symbols of one kernel, for a set of elements.

    Floats are float64 here. Where the kernel computes in float32 each result is rounded to it: for + - * / and sqrt
    that is the float32 operation itself, since float64 has more than twice as many bits.
    """

    values: dict[str, Any]
    draw: Callable[[Random, list[Any]], Any]
    real: str = "float64"

    def rounded(self, value: Any) -> Any:
        """Return a float in the precision of the kernel."""
        return _rounded(value, self.real)

    def evaluate(self, expr: Expr) -> Any:
        with np.errstate(all="ignore"):
            value = self._value(expr)
            # what a symbol stands for has been rounded, but for dt where milliseconds are to be rounded once
            is_made = expr.type == "float" and not isinstance(expr, Read)
            return self.rounded(value) if is_made else value

    def _value(self, expr: Expr) -> Any:
        match expr:
            case Const(value, kind):
                return NUMPY_TYPES[kind](value)
            case Read(symbol, _):
                return self.values[symbol]
            case Entry(symbol, number, _):
                return self.values[symbol][number]
            case Random(draw, args, _):
                value = self.draw(expr, [self.evaluate(a) for a in args])
                return np.minimum(value, LARGEST_UNIT) if self.real == "float32" and draw.kind == "uniform" else value
            case Operation(name, args, kind):
                return self._meaning(OPERATIONS[name], kind)(*(self.evaluate(a) for a in args))
            case Lookup(symbol, index, beyond):
                table, entry = self.values[symbol], np.asarray(self.evaluate(index))
                is_inside = (entry >= 0) & (entry < len(table))
                row = np.where(is_inside, entry, 0)
                found = table[row] if table.ndim == 1 else table[row, np.arange(table.shape[1])]
                return np.where(is_inside, found, self.evaluate(beyond))

    def _meaning(self, row: Meaning, kind: Type) -> Callable[..., Any]:
        if kind == "int" and row.numpy_int:
            return row.numpy_int
        return row.numpy_float32 if self.real == "float32" and row.numpy_float32 else row.numpy

    def run(self, statements: Sequence[Set]) -> None:
        for statement in statements:
            value = self.evaluate(statement.value)
            self.values[statement.symbol] = np.asarray(value, NUMPY_TYPES[statement.value.type])


def evaluate(expr: Expr, values: Mapping[str, Any]) -> Any:
    """Return the value of an expression without random draws, given its symbols, in float64."""
    given = {symbol: _widened(value) for symbol, value in values.items()}
    return _Frame(given, lambda node, args: None).evaluate(expr)


def _rounded(value: Any, real: str) -> Any:
    """Return floats that a kernel can compute with, as float64."""
    return value if real == "float64" else np.asarray(value, np.float32).astype(np.float64)


def _widened(value: Any) -> Any:
    return np.asarray(value, np.float64) if getattr(value, "dtype", None) == np.float32 else value


def run_step(jobs: Sequence[Job], state: State, rows: dict[str, Rows], dt_ms: float, seed: int) -> None:
    """Run the jobs of one step, number ``state.step``; the clock is moved by the caller."""
    now = Moment(state, state.step, dt_ms)
    for job in jobs:
        if job.only_if and not state.array(job.only_if):
            continue
        if isinstance(job, RunKernel):
            with np.errstate(all="ignore"):  # what overflows is infinite, as in C
                _KERNELS[job.kernel.kind](_Call(job, state, rows.get(job.projection), now.step, dt_ms, seed))
        else:
            assert isinstance(job, EngineJob), "a job runs a kernel or is the engine's own"
            job.interpret(now)


def run_events(job: RunKernel, state: State, rows: Rows, step: int, dt_ms: float, neurons: Array) -> None:
    """Run the kernel of an event without draws at all synapses of some neurons, or for these neurons.

    Args:
        job: of the kinds DELIVER, POST_EVENTS and PRE_EVENTS.
        state: where the paths of the job stand.
        rows: of the projection.
        step: in which the events are.
        dt_ms: step in ms.
        neurons: of the side whose event it is, ascending.
    """
    call = _Call(job, state, rows, step, dt_ms, seed=0)
    with np.errstate(all="ignore"):  # as above
        if job.kernel.kind is KernelKind.PRE_EVENTS:
            _at_neurons(call, neurons)
            return
        for at in _synapses_of(rows, job.kernel.kind is KernelKind.POST_EVENTS, neurons):
            _events(call, **at)
        if job.kernel.row_end:
            _end_rows(call, neurons)


def _synapses_of(rows: Rows, by_column: bool, neurons: Array) -> Iterator[dict[str, Array]]:
    """Yield the synapses of some neurons, some at a time: their positions and both neurons, (n,) int64 each."""
    start = rows.column_start if by_column else rows.start
    if start is None:
        raise ValueError("events of postsynaptic neurons need the transposed rows")
    begins = np.concatenate([[0], np.cumsum(start[neurons + 1] - start[neurons])])  # among these alone
    for low in range(0, begins[-1], PART):
        among = np.arange(low, min(low + PART, begins[-1]))
        which = begins.searchsorted(among, "right") - 1
        positions, mine = among - begins[which] + start[neurons[which]], neurons[which]
        if by_column:
            k, pre = rows.column_slot[positions], rows.column_pre[positions]  # type: ignore[index]  # they come with the starts
            yield {"k": k.astype(np.int64), "pre": pre.astype(np.int64), "post": mine}
        else:
            yield {"k": positions, "pre": mine, "post": rows.rank[positions].astype(np.int64)}


def conjuncts(condition: Expr) -> list[Expr]:
    """Return the parts of a condition that must all be true."""
    if isinstance(condition, Operation) and condition.name == "and":
        return [part for arg in condition.args for part in conjuncts(arg)]
    return [condition]


def holds_at(job: RunKernel, condition: Expr, state: State, step: int, dt_ms: float, n: int, **at: Array) -> Array:
    """Return where a condition of synapses, or of pairs of neurons, is true: (n,) bool.

    Both backends ask here, so that they agree to the bit on which synapses there are.

    Args:
        job: of a kernel without a loop, for its arguments and their paths.
        condition: its result, or a part of it.
        step: which is about to end.
        at: the neurons ``pre`` and ``post``, and the synapses ``k``, as far as the condition reads them.
    """
    with np.errstate(all="ignore"):
        frame = _Call(job, state, None, step, dt_ms, seed=0, only_reads=True).frame(**at)
        assert frame is not None, "it has no gates"
        return np.broadcast_to(np.asarray(frame.evaluate(condition), np.bool_), (n,))


def value_at(job: RunKernel, expr: Expr, state: State, step: int, dt_ms: float) -> float:
    """Return the number that an expression is which reads no synapses or neurons; as of :func:`holds_at`."""
    frame = _Call(job, state, None, step, dt_ms, seed=0, only_reads=True).frame()
    assert frame is not None, "it has no gates"
    return float(frame.evaluate(expr))


@dataclass
class _Call:
    job: RunKernel
    state: State
    rows: Rows | None
    step: int
    dt_ms: float
    seed: int
    only_reads: bool = False  # nothing is stored

    @property
    def kernel(self) -> Kernel:
        return self.job.kernel

    @property
    def synapses(self) -> Rows:
        if self.rows is None:
            raise ValueError(f"kernel {self.kernel.name!r} has no synapses")
        return self.rows

    def array(self, argument: Argument) -> Array:
        return self.state.array(self.job.paths[self.kernel.arguments.index(argument)])

    def frame(self, **at: Any) -> _Frame | None:
        """Load all arguments at ``at`` (own, pre, post, k: indices); None if a gate is closed."""
        values: dict[str, Any] = {
            "t": _rounded(np.float64(self.step * self.dt_ms), self.kernel.real),
            "dt": _rounded(np.float64(self.dt_ms), self.kernel.real),
            EXACT_DT_SYMBOL: np.float64(self.dt_ms),
            STEP_SYMBOL: np.int64(self.step),
            EMITTED_SYMBOL: np.int64(at.get("emitted", 0)),
        }
        if self.job.compared:
            values[POST_SPIKED_SYMBOL] = np.isin(at["post"], spiked_in(self.state, self.job.compared, at["emitted"]))
        for argument in self.kernel.arguments:
            values[argument.symbol] = self._load(argument, at)
        if not all(values[gate] for gate in self.kernel.gates):
            return None
        if self.kernel.periodic and (self.step - int(values[OFFSET_SYMBOL])) % int(values[PERIOD_SYMBOL]):
            return None
        frame = _Frame(values, lambda node, args: self._draw(node, args, at), self.kernel.real)
        frame.run(self.kernel.prelude)
        return frame

    def _draw(self, node: Random, args: list[Any], at: dict[str, Any]) -> Any:
        """The draw of every element; in loops over neurons some kinds are drawn for all at once."""
        kind, number = node.draw.kind, node.draw.number
        stream = Stream.SYNAPSE if self.job.projection else Stream.EQUATION
        key = stream_key(self.seed, self.job.uid, stream, self.step)
        if node.draw.is_chunked and self.kernel.kind is KernelKind.UPDATE:
            chunk: Callable[..., Array] = getattr(tables if node.draw.tabled else draws, f"neuron_{kind}")
            return chunk(*args, key, self.step, number, 0, self.job.n)[at["own"]]
        if self.kernel.kind is KernelKind.UPDATE:
            a = np.arange(self.job.n)[at["own"]]
            b = np.ones(len(a), np.int64)
        elif self.kernel.kind is KernelKind.GLOBALS:
            a, b = np.zeros(1, np.int64), np.ones(1, np.int64)
        else:
            a, b = at["pre"], at["post"]
            if len(a) != len(b):
                a = np.zeros_like(b)  # once per dendrite: draws are those of neuron 0
            elif self.synapses.multapse is not None:
                number = number + (self.synapses.multapse[at["k"]].astype(np.int64) << 16)
        single: Callable[..., Array] = getattr(rejection, kind, None) or getattr(draws, f"synapse_{kind}")
        values = single(*(np.broadcast_to(x, a.shape) for x in args), key, a, b, self.step, number)
        return values[0] if self.kernel.kind is KernelKind.GLOBALS else values

    def _load(self, argument: Argument, at: dict[str, Any]) -> Any:
        """The values of an argument; those of floats as float64, in the precision of the kernel."""
        values = self._stored(argument, at)
        if values is None:
            return None
        made = np.asarray if self.only_reads else np.array  # a copy: stores change what a view would show
        values = made(values, NUMPY_TYPES[argument.type])
        return _rounded(values, self.kernel.real) if argument.type == "float" else values

    def _stored(self, argument: Argument, at: dict[str, Any]) -> Any:
        array = self.array(argument)
        if argument.index is Index.TABLE:
            return array
        if argument.index is Index.ROWS:
            return array.reshape(len(array), -1)[:, at["own"]]
        if argument.history == "uniform":
            row = (self.step - int(self.synapses.delay[0]) + argument.lag) % len(array)
            flat = array[row].reshape(-1)
        elif argument.history == "each":
            delays = self.synapses.delay_of
            row = (self.step - (0 if delays is None else delays[at["k"]].astype(np.int64)) + argument.lag) % len(array)
            return array.reshape(len(array), -1)[row, at["pre"]]
        elif argument.entries:
            return array.reshape(argument.entries, -1)[:, 0 if argument.index is Index.ONE else at["own"]]
        else:
            flat = array.reshape(-1)
        if argument.index is Index.ONE:
            return flat[0]
        key = {Index.OWN: "own", Index.PRE: "pre", Index.POST: "post", Index.SYNAPSE: "k"}[argument.index]
        return flat[at[key]] if key in at else None

    def store(self, frame: _Frame, statements: Sequence[Set], **at: Any) -> None:
        changed = {s.symbol for s in statements}
        for argument in self.kernel.arguments:
            if argument.symbol in changed:
                key = {Index.OWN: "own", Index.POST: "post", Index.SYNAPSE: "k", Index.ONE: "one", Index.PRE: "pre"}
                index = at.get(key[argument.index], slice(None))
                self.array(argument).reshape(-1)[index] = frame.values[argument.symbol]


def _update(call: _Call) -> None:
    kernel, everyone = call.kernel, slice(None)
    frame = call.frame(own=everyone)
    if frame is None:
        return
    frame.run(kernel.body)
    lists: list[tuple[str, Sequence[Set], Array]] = []
    spikes = np.zeros(call.job.n, bool)
    conditions = ((kernel.spike, call.job.spikes, kernel.reset), (kernel.axon_spike, call.job.axons, kernel.axon_reset))
    for condition, path, reset in conditions:
        if condition is not None:
            spikes = np.broadcast_to(frame.evaluate(condition), (call.job.n,)) & ~spikes
            lists.append((path, reset, np.flatnonzero(spikes)))
    call.store(frame, kernel.body, own=everyone)
    resets = [(ranks, statements) for _, statements, ranks in lists]
    if kernel.is_ordered:  # each sees what the ones before it left in what they share
        alone = [(ranks[k : k + 1], statements) for ranks, statements in resets for k in range(len(ranks))]
        resets = sorted(alone, key=lambda reset: int(reset[0][0]))
    for ranks, statements in resets:
        again = call.frame(own=ranks) if len(ranks) else None
        if again is not None:
            again.run(statements)
            call.store(again, statements, own=ranks)
    for path, _, ranks in lists:
        rows, counts = call.state.array(f"{path}/{names.RANK}"), call.state.array(f"{path}/{names.COUNT}")
        row = call.step % len(rows)
        rows[row, : len(ranks)] = ranks
        counts[row] = len(ranks)


def _globals(call: _Call) -> None:
    frame = call.frame()
    if frame is not None:
        frame.run(call.kernel.body)
        call.store(frame, call.kernel.body)


def _deliver(call: _Call) -> None:
    rows = call.synapses
    in_flight = rows.axons_in_flight if call.kernel.axonal else rows.in_flight
    if in_flight is not None:
        _deliver_in_flight(call, in_flight)
    for d in range(len(rows.delay) - 1, -1, -1):
        emitted = call.step - int(rows.delay[d])
        if in_flight is not None and emitted < in_flight.since:
            continue
        for pre in spiked_in(call.state, call.job.axons if call.kernel.axonal else call.job.spikes, emitted):
            first, last = (rows.start[pre] + rows.segment[pre, d : d + 2]) if rows.segment is not None else (0, 0)
            k = np.arange(first, last)
            post = rows.rank[first:last].astype(np.int64)
            _reach(call, k, post, np.full(len(k), pre), emitted)


def _deliver_in_flight(call: _Call, in_flight: InFlight) -> None:
    """Deliver what was in flight when delays changed: a spike of a neuron after the other."""
    now = in_flight.arriving(call.step)
    k, pre = in_flight.synapse[now].astype(np.int64), in_flight.pre[now].astype(np.int64)
    emitted = int(in_flight.since) - in_flight.emitted[now].astype(np.int64)
    post = call.synapses.rank[k].astype(np.int64)
    ends = np.flatnonzero((np.diff(emitted) != 0) | (np.diff(pre) != 0)) + 1
    for low, high in itertools.pairwise([0, *ends.tolist(), len(k)]):
        if high > low:
            _reach(call, k[low:high], post[low:high], pre[low:high], int(emitted[low]))


def _reach(call: _Call, k: Array, post: Array, pre: Array, emitted: int) -> None:
    """Let a spike reach some synapses of its neuron; those of one pair (multapses) act one after the other."""
    alone = [(k, post, pre)]
    if len(np.unique(post)) != len(post):
        alone = [(k[i : i + 1], post[i : i + 1], pre[i : i + 1]) for i in range(len(k))]
    for some, targets, sources in alone:
        _events(call, k=some, post=targets, pre=sources, emitted=emitted)


def _events(call: _Call, **at: Any) -> None:
    frame = call.frame(**at)
    if frame is not None and len(at["k"]):
        if call.kernel.kind is not KernelKind.SYNAPSES:
            frame.run(call.kernel.row_begin)
        frame.run(call.kernel.body)
        call.store(frame, call.kernel.body, **at)


def _pre_events(call: _Call) -> None:
    emitted = call.step - int(call.synapses.delay[0])
    pre = spiked_in(call.state, call.job.axons if call.kernel.axonal else call.job.spikes, emitted)
    _at_neurons(call, pre)


def _at_neurons(call: _Call, pre: Array) -> None:
    frame = call.frame(pre=pre)
    if frame is not None:
        frame.run(call.kernel.body)
        call.store(frame, call.kernel.body, pre=pre)


def _post_events(call: _Call) -> None:
    rows = call.synapses
    if rows.column_start is None or rows.column_slot is None or rows.column_pre is None:
        raise ValueError(f"kernel {call.kernel.name!r} needs the transposed rows")
    for post in spiked_in(call.state, call.job.spikes, call.step):
        columns = slice(rows.column_start[post], rows.column_start[post + 1])
        k, pre = rows.column_slot[columns], rows.column_pre[columns].astype(np.int64)
        _events(call, k=k, pre=pre, post=np.full(len(k), post))
        _end_rows(call, np.array([post]))


def _end_rows(call: _Call, post: Array) -> None:
    end = call.frame(post=post, k=post[:0], pre=post[:0])
    if end is not None:
        end.run(call.kernel.row_begin)
        end.run(call.kernel.row_end)
        call.store(end, call.kernel.row_end, post=post)


def _by_post(call: _Call) -> tuple[Array, dict[str, Array]]:
    """Number of synapses of each post neuron, and k, pre and post of all synapses in the order of the loops."""
    rows = call.synapses
    if not call.kernel.columns:
        lengths = np.diff(rows.start)
        k, pre = np.arange(rows.start[-1]), rows.rank.astype(np.int64)
    else:
        if rows.column_start is None or rows.column_slot is None or rows.column_pre is None:
            raise ValueError(f"kernel {call.kernel.name!r} needs the transposed rows")
        lengths, k, pre = np.diff(rows.column_start), rows.column_slot, rows.column_pre.astype(np.int64)
    return lengths, {"k": k, "pre": pre, "post": np.repeat(np.arange(call.job.n), lengths)}


def _gather(call: _Call) -> None:
    kernel = call.kernel
    into = kernel.argument(kernel.into)
    if kernel.result is None or into is None:
        raise ValueError(f"kernel {kernel.name!r} has nothing to sum up")
    lengths, at = _by_post(call)
    frame = call.frame(**at)
    if frame is None:
        return
    psp, post = np.broadcast_to(frame.evaluate(kernel.result), at["k"].shape), at["post"]
    if kernel.operation in ("max", "min"):
        total = np.full(call.job.n, -np.inf if kernel.operation == "max" else np.inf)
        (np.maximum if kernel.operation == "max" else np.minimum).at(total, post, psp)
        total[post[np.isnan(psp)]] = np.nan  # whatever bits the one had that was met
    else:
        total = _lane_sums(psp, post, lengths, frame.rounded)
        if kernel.operation == "mean":
            total = frame.rounded(total / frame.rounded(np.maximum(lengths, 1)))
    call.array(into).reshape(-1)[lengths > 0] += total[lengths > 0]


def _lane_sums(values: Array, row: Array, lengths: Array, rounded: Callable[[Array], Array]) -> Array:
    """Sums of rows in the fixed order: eight sums (position mod 8), then a tree; each sum is rounded."""
    sums = np.zeros((8, len(lengths)))
    position = np.arange(len(values)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    for begin in range(int(lengths.max(initial=0))):
        now = position == begin
        sums[begin % 8, row[now]] = rounded(sums[begin % 8, row[now]] + values[now])
    pairs = [rounded(sums[k] + sums[k + 4]) for k in range(4)]
    return rounded(rounded(pairs[0] + pairs[2]) + rounded(pairs[1] + pairs[3]))


def _synapses(call: _Call) -> None:
    lengths, at = _by_post(call)
    if call.kernel.row_begin:
        posts = np.flatnonzero(lengths)
        frame = call.frame(post=posts, k=posts[:0], pre=posts[:0])
        if frame is not None:
            frame.run(call.kernel.row_begin)
            call.store(frame, call.kernel.row_begin, post=posts)
    if call.kernel.body:
        _events(call, **at)


_KERNELS: dict[KernelKind, Callable[[_Call], None]] = {
    KernelKind.UPDATE: _update,
    KernelKind.GLOBALS: _globals,
    KernelKind.KEEP: _update,
    KernelKind.DROP: _update,
    KernelKind.DELIVER: _deliver,
    KernelKind.PRE_EVENTS: _pre_events,
    KernelKind.POST_EVENTS: _post_events,
    KernelKind.GATHER: _gather,
    KernelKind.SYNAPSES: _synapses,
}
