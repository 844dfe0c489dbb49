"""How much a kernel does: the elements that it visits, counted exactly, and the bytes that it reads and writes.

In: a job, in how many steps it ran, and which neurons spiked. Out: :class:`Count`.

The model of bytes: what a loop touches for an element counts once if it is read and once more if it is written,
wherever it lies; what is the same for all elements counts nothing. So these are the bytes that a loop asks for; caches
let fewer of them through to memory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import RunKernel
from engram.ir.layouts import LAYOUTS
from engram.ir.nodes import OFFSET_SYMBOL, PERIOD_SYMBOL, Index, Kernel, KernelKind
from engram.ir.rows import Rows
from engram.state import names
from engram.state.tree import State

if TYPE_CHECKING:
    from engram.wiring.packed import PackedRows

__all__ = ["PLACE", "RANK", "Count", "Run", "Spiked"]

Array = npt.NDArray[Any]
RANK, PLACE = 4, 8  # bytes: a rank, where a row or a synapse stands


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

    def arrived(self, delay_steps: int, before: int | None = None, after: int | None = None) -> Array:
        """Return how many spikes of each neuron arrived after that delay, (n,) int64; the list reaches so far back.

        Args:
            before, after: of how many steps before the run, and before its end, at most; None: of any number.
        """
        late, early = (
            past[len(past) - min(delay_steps, len(past) if most is None else max(0, most)) :].sum(axis=0)
            for past, most in ((self._before, before), (self._after, after))
        )
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

    def kernel(self, job: RunKernel, calls: int) -> Count:
        """Count what a kernel did."""
        kernel = job.kernel
        values = {a.symbol: self.state[path] for a, path in zip(kernel.arguments, job.paths, strict=True)}
        if not all(values[gate] for gate in kernel.gates):
            calls = 0
        elif kernel.periodic:
            calls = self.due(int(values[PERIOD_SYMBOL]), int(values[OFFSET_SYMBOL]))
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
        return self.due(period, offset)

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
        flights = rows.axons_in_flight if job.axons else rows.in_flight
        least: tuple[int, ...] = ()
        if flights is not None:
            least = tuple(step - int(flights.since) for step in (self.first_step, self.state.step))
            events = visits = int(np.diff(flights.arrives.searchsorted(least)).item())
        for d, delay in enumerate(rows.delay.tolist()):
            arrived = spiked.arrived(delay, *least)
            visits += int(arrived.sum())
            events += int(arrived @ (rows.segment[:, d + 1].astype(np.int64) - rows.segment[:, d]))
        each = RANK + _touched(job.kernel, Index.SYNAPSE, Index.POST, Index.TABLE)
        return Count(events, "synapses", events * each + visits * (RANK + PLACE + 2 * RANK))

    def due(self, period: int, offset: int) -> int:
        """Return in how many steps of the run ``(step - offset) % period`` was 0."""
        before, after = ((step - offset + period - 1) // period for step in (self.first_step, self.state.step))
        return after - before


def _touched(kernel: Kernel, *indices: Index, among: Collection[str] | None = None) -> int:
    """Return the bytes of one element of all arguments with one of these indices; what is written counts twice."""
    found = [a for a in kernel.arguments if a.index in indices and (among is None or a.symbol in among)]
    delays = 2 * any(a.history == "each" for a in found)
    return delays + sum(np.dtype(a.dtype).itemsize * (1 + a.written) for a in found)
