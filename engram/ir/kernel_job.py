"""The job that runs a kernel.

In: made by ``program/schedule.py``. Out: see ``jobs.py``. C gets an ``eg_args`` for it, which
``native/bound_kernels.py`` fills.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import Access, Job
from engram.ir.layouts import LAYOUTS
from engram.ir.nodes import OFFSET_SYMBOL, PERIOD_SYMBOL, Index, Kernel, KernelKind
from engram.ir.work import PLACE, RANK, Count, Run
from engram.state import names

__all__ = ["RunKernel"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class RunKernel(Job):
    """Run a kernel.

    Args:
        kernel: its IR; the compiled function is found by ``code``.
        code: key of the compiled function.
        paths: of the arguments, in order.
        n: neurons whose range is shared out among the threads: the presynaptic ones of PRE_EVENTS.
        n_pre: presynaptic neurons, for histories.
        spikes: the list of spikes that are emitted or read, ``populations/exc/history``; empty if none.
        axons: the list of axonal spikes, ``populations/exc/axon``; empty if none.
        projection: whose rows are walked, as a path; empty if none.
        compared: the list of postsynaptic spikes that synapses look into; empty if they don't.
        uid: of the object, for the keys of random draws.
        enabled: a bool that says whether the population whose values are written is enabled; nothing runs where it
            is not.
        ahead: names the place where a kernel puts the sums of the next step aside, or takes them from if they are
            there; empty if there is none. See ``ir/ahead.py``.
        ranges: where those of neurons begin that one thread has, and the end of the last; empty if the neurons are
            shared out evenly. See ``ir/ranges.py``.
        of: the path of its projection or population, for profiles.
    """

    kernel: Kernel
    code: str
    paths: tuple[str, ...]
    n: int
    n_pre: int = 0
    spikes: str = ""
    axons: str = ""
    projection: str = ""
    compared: str = ""
    uid: int = 0
    enabled: str = ""
    ahead: str = ""
    ranges: tuple[int, ...] = ()
    of: str = ""

    def variant(self, **fields: Any) -> RunKernel:
        """Return the job with some other fields: one object for the same fields, so that it needn't be bound anew."""
        key = tuple(fields.items())
        if key not in self._variants:
            self._variants[key] = replace(self, **fields)
        return self._variants[key]

    @cached_property
    def _variants(self) -> dict[Any, RunKernel]:
        return {}

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """The values that the kernel touches, and whether outside the range of the thread."""
        return tuple(self._accesses())

    @cached_property
    def found(self) -> tuple[str, ...]:
        """The lists of spikes that it fills."""
        is_update = self.kernel.kind is KernelKind.UPDATE
        return tuple(filter(None, (self.spikes, self.axons))) if is_update else ()

    @property
    def only_if(self) -> str:
        """The population must be enabled."""
        return self.enabled

    @property
    def label(self) -> tuple[str, str]:
        """The kind of kernel, and its projection or population."""
        return self.kernel.kind.value, self.of

    @cached_property
    def assigned(self) -> tuple[str, ...]:
        """Paths of the values that are assigned anew in each step, before anything reads them."""
        pairs = zip(self.kernel.arguments, self.paths, strict=True)
        return tuple(path for a, path in pairs if a.written and a.symbol in self.kernel.assigned)

    def _accesses(self) -> Iterator[Access]:
        for argument, path in zip(self.kernel.arguments, self.paths, strict=True):
            in_range = argument.index in self._in_range()
            yield Access(path, argument.written, in_range, self.ranges)
        if self.compared:
            yield Access(f"{self.compared}/{names.RANK}", writes=False, in_range=False)
        for spikes in filter(None, (self.spikes, self.axons)):
            emits = self.kernel.kind is KernelKind.UPDATE
            yield Access(f"{spikes}/{names.FOUND}" if emits else f"{spikes}/{names.RANK}", emits, emits, self.ranges)

    def _in_range(self) -> tuple[Index, ...]:
        """What stays within the range of a thread: it is one of presynaptic neurons where those have the events."""
        if self.kernel.kind is KernelKind.PRE_EVENTS:
            return (Index.PRE,)
        return (Index.OWN, Index.POST, Index.SYNAPSE)

    def count(self, run: Run, calls: int) -> Count:
        """Count what the kernel did."""
        kernel = self.kernel
        values = {a.symbol: run.state[path] for a, path in zip(kernel.arguments, self.paths, strict=True)}
        if not all(values[gate] for gate in kernel.gates):
            calls = 0
        elif kernel.periodic:
            calls = run.due(int(values[PERIOD_SYMBOL]), int(values[OFFSET_SYMBOL]))
        match kernel.kind:
            case KernelKind.UPDATE:
                found = sum(int(run.spiked[path].emitted.sum()) for path in (self.spikes, self.axons) if path)
                at_spike = _touched(kernel, Index.OWN, among=kernel.at_spikes)
                each = _touched(kernel, Index.OWN) - at_spike
                return Count(calls * self.n, "neurons", calls * self.n * each + found * (at_spike + RANK))
            case KernelKind.KEEP | KernelKind.DROP:
                return Count(calls * self.n, "neurons", calls * self.n * _touched(kernel, Index.OWN))
            case KernelKind.GLOBALS:
                return Count(calls, "steps", calls * _touched(kernel, Index.ONE))
            case KernelKind.DELIVER:
                return self._delivered(run) if calls else Count(0, "synapses", 0)
            case KernelKind.PRE_EVENTS:
                spiked, delay = run.spiked[self.axons or self.spikes], int(run.rows[self.projection].delay[0])
                events = int(spiked.arrived(delay).sum()) if calls else 0
                return Count(events, "neurons", events * (RANK + _touched(kernel, Index.PRE, Index.TABLE)))
            case KernelKind.POST_EVENTS:
                events = int(run.spiked[self.spikes].emitted @ self._lengths(run, columns=True)) if calls else 0
                each = PLACE + RANK + _touched(kernel, Index.SYNAPSE, Index.PRE, Index.TABLE)
                return Count(events, "synapses", events * each)
            case KernelKind.GATHER | KernelKind.SYNAPSES:
                walked = calls - min(calls, self._taken_along(run))
                events = walked * int(self._lengths(run, kernel.columns).sum())
                place = PLACE + RANK if kernel.columns else LAYOUTS[kernel.layout].index_bytes
                each = place + _touched(kernel, Index.SYNAPSE, Index.PRE)
                return Count(events, "synapses", events * each + calls * self.n * _touched(kernel, Index.POST))

    def _taken_along(self, run: Run) -> int:
        """Return in how many steps a weighted sum had been made with the learning of the step before.

        The first step of each call into the engine is none of them; there are about twenty calls in a second.
        """
        is_sum = self.kernel.kind is KernelKind.GATHER and bool(self.ahead)
        if not is_sum or not run.state[f"{self.projection}/{names.UPDATE}"]:
            return 0
        period, offset = (int(run.state[f"{self.projection}/{name}"]) for name in (PERIOD_SYMBOL, OFFSET_SYMBOL))
        return run.due(period, offset)

    def _lengths(self, run: Run, columns: bool) -> Array:
        """Return how many synapses each row has, or each neuron of the other side."""
        rows = run.rows[self.projection]
        start = rows.column_start if columns else rows.start
        if start is None:
            raise ValueError(f"kernel {self.kernel.name!r} needs columns")
        return np.diff(start)

    def _delivered(self, run: Run) -> Count:
        rows, spiked = run.rows[self.projection], run.spiked[self.axons or self.spikes]
        if rows.segment is None:
            raise ValueError(f"kernel {self.kernel.name!r} needs segments")
        events = visits = 0
        flights = rows.axons_in_flight if self.axons else rows.in_flight
        least: tuple[int, ...] = ()
        if flights is not None:
            least = tuple(step - int(flights.since) for step in (run.first_step, run.state.step))
            events = visits = int(np.diff(flights.arrives.searchsorted(least)).item())
        for d, delay in enumerate(rows.delay.tolist()):
            arrived = spiked.arrived(delay, *least)
            visits += int(arrived.sum())
            events += int(arrived @ (rows.segment[:, d + 1].astype(np.int64) - rows.segment[:, d]))
        each = RANK + _touched(self.kernel, Index.SYNAPSE, Index.POST, Index.TABLE)
        return Count(events, "synapses", events * each + visits * (RANK + PLACE + 2 * RANK))


def _touched(kernel: Kernel, *indices: Index, among: Collection[str] | None = None) -> int:
    """Return the bytes of one element of all arguments with one of these indices; what is written counts twice."""
    found = [a for a in kernel.arguments if a.index in indices and (among is None or a.symbol in among)]
    delays = 2 * any(a.history == "each" for a in found)
    return delays + sum(np.dtype(a.dtype).itemsize * (1 + a.written) for a in found)
