"""How much a job does: the elements that it visits, counted exactly, and the bytes that it reads and writes.

In: a job, in how many steps it ran, and which neurons spiked. Out: :class:`Count`. Called by ``network/profile.py``.

The model of bytes: what a loop touches for an element counts once if it is read and once more if it is written,
wherever it lies; what is the same for all elements counts nothing. So these are the bytes that a loop asks for; caches
let fewer of them through to memory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

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
    Zero,
)
from engram.ir.layouts import LAYOUTS
from engram.ir.nodes import OFFSET_SYMBOL, PERIOD_SYMBOL, Index, Kernel, KernelKind
from engram.ir.reductions import block_length
from engram.ir.rows import Rows
from engram.state import names
from engram.state.tree import State

if TYPE_CHECKING:
    from engram.wiring.packed import PackedRows

__all__ = ["Count", "Run", "Spiked"]

Array = npt.NDArray[Any]
RANK, PLACE, STEP = 4, 8, 8  # bytes: a rank, where a row or a synapse stands, the step of a recorded spike
SUM = 8  # of a block of neurons


@dataclass(frozen=True)
class Count:
    """What a job did: ``events`` elements of one kind, and the bytes that this took."""

    events: int
    unit: str
    bytes: int


class Spiked:
    """How often each neuron of a population spiked in a run, and what arrived of it.

    Args:
        state: before the run; the spikes in flight are remembered.
        path: of the list of spikes.
    """

    def __init__(self, state: State, path: str) -> None:
        self._path, self._before = path, _past(state, path)
        self._after = self._before
        self.emitted = np.zeros(self._before.shape[1], np.int64)

    def finish(self, state: State, emitted: Array) -> None:
        """Take over how often each neuron spiked in the run, (n,), and what is in flight after it."""
        self.emitted, self._after = emitted, _past(state, self._path)

    def arrived(self, delay_steps: int) -> Array:
        """Return how many spikes of each neuron arrived after that delay, (n,) int64; the list reaches so far back."""
        late, early = (past[-delay_steps:].sum(axis=0) for past in (self._before, self._after))
        arrived: Array = late + self.emitted - early
        return arrived


def _past(state: State, path: str) -> Array:
    """Say which neurons spiked in the last steps, oldest first: (length, n) bool."""
    counts, ranks = state[f"{path}/{names.COUNT}"], state[f"{path}/{names.RANK}"]
    past = np.zeros(ranks.shape, bool)
    for age, row in enumerate((np.arange(len(counts)) + state.step) % len(counts)):
        past[age, ranks[row, : counts[row]]] = True
    return past


@dataclass(frozen=True)
class Run:
    """A run that is over, as far as counting needs it.

    Args:
        state: the tree after it.
        rows: of each projection, by path.
        packed: rows of several projections, by the key that jobs name.
        spiked: by path of the list of spikes.
        first_step: number of finished steps before it.
    """

    state: State
    rows: Mapping[str, Rows]
    packed: Mapping[str, PackedRows]
    spiked: Mapping[str, Spiked]
    first_step: int

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.state.step - self.first_step

    def count(self, job: Job, calls: int) -> Count:
        """Count what a job of the schedule did, which ran in ``calls`` steps."""
        match job:
            case RunKernel():
                return self._kernel(job, calls)
            case Deliver():
                return self._packed(job)
            case Join(spikes):
                return self._spikes(spikes, 2 * RANK)
            case RecordSpikes():
                return self._recorded(job)
            case RecordValues():
                return self._samples(job, calls)
            case FiringRate(spikes):
                return self._spikes(spikes, 2 * (RANK + 2 * 4 + 8))  # when they enter the window and when they leave it
            case Combine(reduction):
                return Count(calls, "steps", calls * SUM * -(-reduction.n // block_length(reduction.n)))
            case Zero(path) | Reduce(_, path):
                return _values([self.state[path]], calls)
            case Push(path):
                return _values([self.state[path]], calls, 2)
            case Stop(conditions):
                return _values([self.state[c.flags] for c in conditions], calls)

    # -- kernels -----------------------------------------------------------------------------------------

    def _kernel(self, job: RunKernel, calls: int) -> Count:
        kernel = job.kernel
        values = {a.symbol: self.state[path] for a, path in zip(kernel.arguments, job.paths, strict=True)}
        if not all(values[gate] for gate in kernel.gates):
            calls = 0
        elif kernel.periodic:
            calls = self._due(int(values[PERIOD_SYMBOL]), int(values[OFFSET_SYMBOL]))
        match kernel.kind:
            case KernelKind.UPDATE:
                found = sum(int(self.spiked[path].emitted.sum()) for path in (job.spikes, job.axons) if path)
                at_spike = _touched(kernel, Index.OWN, among=kernel.at_spikes)
                each = _touched(kernel, Index.OWN) - at_spike
                return Count(calls * job.n, "neurons", calls * job.n * each + found * (at_spike + RANK))
            case KernelKind.KEEP | KernelKind.DROP:
                return Count(calls * job.n, "neurons", calls * job.n * _touched(kernel, Index.OWN))
            case KernelKind.GLOBALS:
                return Count(calls, "steps", calls * _touched(kernel, Index.ONE))
            case KernelKind.DELIVER:
                return self._deliver(job) if calls else Count(0, "synapses", 0)
            case KernelKind.PRE_EVENTS:
                spiked, delay = self.spiked[job.axons or job.spikes], int(self.rows[job.projection].delay[0])
                events = int(spiked.arrived(delay).sum()) if calls else 0
                return Count(events, "neurons", events * (RANK + _touched(kernel, Index.PRE, Index.TABLE)))
            case KernelKind.POST_EVENTS:
                events = int(self.spiked[job.spikes].emitted @ self._lengths(job, columns=True)) if calls else 0
                each = PLACE + RANK + _touched(kernel, Index.SYNAPSE, Index.PRE, Index.TABLE)
                return Count(events, "synapses", events * each)
            case KernelKind.GATHER | KernelKind.SYNAPSES:
                walked = calls - min(calls, self._taken_along(job))
                events = walked * int(self._lengths(job, kernel.columns).sum())
                place = PLACE + RANK if kernel.columns else LAYOUTS[kernel.layout].index_bytes
                each = place + _touched(kernel, Index.SYNAPSE, Index.PRE)
                return Count(events, "synapses", events * each + calls * job.n * _touched(kernel, Index.POST))

    def _taken_along(self, job: RunKernel) -> int:
        """Return in how many steps a weighted sum had been made with the learning of the step before.

        The first step of each call into the engine is none of them; there are about twenty calls in a second.
        """
        if (
            job.kernel.kind is not KernelKind.GATHER
            or not job.ahead
            or not self.state[f"{job.projection}/{names.UPDATE}"]
        ):
            return 0
        period, offset = (int(self.state[f"{job.projection}/{name}"]) for name in (PERIOD_SYMBOL, OFFSET_SYMBOL))
        return self._due(period, offset)

    def _packed(self, job: Deliver) -> Count:
        rows, spiked = self.packed[job.rows], self.spiked[job.spikes]
        is_open = [all(self.state[flag] for flag in arrival.open) for arrival in job.arrivals]
        paths = [path for path, opened in zip(rows.paths, is_open, strict=True) if opened]
        events = visits = 0
        for d, delay in enumerate(rows.delays.tolist()):
            arrived = spiked.arrived(delay)
            visits += int(arrived.sum()) if paths else 0
            lengths = _whole(rows, d) if all(is_open) else sum(_alone(self.state, path, delay) for path in paths)
            events += int((arrived * lengths).sum())
        weight = 0 if rows.weight is None else rows.weight.itemsize
        each = rows.index.itemsize + weight + 2 * self.state[job.arrivals[0].target].itemsize
        return Count(events, "synapses", events * each + visits * (RANK + PLACE + 2 * rows.offsets.itemsize))

    def _lengths(self, job: RunKernel, columns: bool) -> Array:
        """Return how many synapses each row has, or each neuron of the other side."""
        rows = self.rows[job.projection]
        start = rows.column_start if columns else rows.start
        if start is None:
            raise ValueError(f"kernel {job.kernel.name!r} needs columns")
        return np.diff(start)

    def _deliver(self, job: RunKernel) -> Count:
        rows, spiked = self.rows[job.projection], self.spiked[job.axons or job.spikes]
        if rows.segment is None:
            raise ValueError(f"kernel {job.kernel.name!r} needs segments")
        events = visits = 0
        for d, delay in enumerate(rows.delay.tolist()):
            arrived = spiked.arrived(delay)
            visits += int(arrived.sum())
            events += int(arrived @ (rows.segment[:, d + 1].astype(np.int64) - rows.segment[:, d]))
        each = RANK + _touched(job.kernel, Index.SYNAPSE, Index.POST, Index.TABLE)
        return Count(events, "synapses", events * each + visits * (RANK + PLACE + 2 * RANK))

    # -- the engine's own jobs ---------------------------------------------------------------------------

    def _spikes(self, path: str, each: int) -> Count:
        n = int(self.spiked[path].emitted.sum())
        return Count(n, "spikes", n * each)

    def _recorded(self, job: RecordSpikes) -> Count:
        emitted = self.spiked[job.spikes].emitted
        if job.ranks:
            emitted = emitted[self.state[job.ranks]]
        n = int(emitted.sum()) if self.state[f"{job.monitor}/{names.ACTIVE}"] else 0
        return Count(n, "spikes", n * (2 * RANK + STEP))

    def _samples(self, job: RecordValues, calls: int) -> Count:
        array, inside = self.state[job.path], job.monitor
        period, offset, origin = (
            int(self.state[f"{inside}/{name}"]) for name in (names.PERIOD, names.OFFSET, names.ORIGIN)
        )
        samples = self._due(period, origin + offset) if calls and self.state[f"{inside}/{names.ACTIVE}"] else 0
        n = samples * (len(self.state[job.ranks]) if job.ranks else array.size)
        return Count(n, "values", n * 2 * array.itemsize)

    def _due(self, period: int, offset: int) -> int:
        """Return in how many steps of the run ``(step - offset) % period`` was 0."""
        before, after = ((step - offset + period - 1) // period for step in (self.first_step, self.state.step))
        return after - before


def _whole(rows: PackedRows, d: int) -> Array:
    """Return how many synapses each packed row has at its delay number ``d``."""
    n_delays = len(rows.delays)
    begin, end = (rows.offsets[:, k : (len(rows.cuts) - 1) * n_delays + k : n_delays] for k in (d, d + 1))
    lengths: Array = (end.astype(np.int64) - begin).sum(axis=1)
    return lengths


def _alone(state: State, path: str, delay: int) -> Array:
    """Return how many synapses each row of one projection has at a delay."""
    start, steps = state[f"{path}/{names.ROW_START}"], state[f"{path}/{names.DELAY_STEPS}"]
    if steps.shape == ():
        return np.diff(start) * (int(steps) == delay)
    before = np.concatenate([[0], np.cumsum(steps == delay)])
    lengths: Array = before[start[1:]] - before[start[:-1]]
    return lengths


def _touched(kernel: Kernel, *indices: Index, among: Collection[str] | None = None) -> int:
    """Return the bytes of one element of all arguments with one of these indices; what is written counts twice."""
    found = [a for a in kernel.arguments if a.index in indices and (among is None or a.symbol in among)]
    delays = 2 * any(a.history == "each" for a in found)
    return delays + sum(np.dtype(a.dtype).itemsize * (1 + a.written) for a in found)


def _values(arrays: Sequence[Array], calls: int, touched: int = 1) -> Count:
    return Count(calls * sum(a.size for a in arrays), "values", calls * touched * sum(a.nbytes for a in arrays))
