"""A kernel of events, called between runs for neurons that are given, not found in the lists of those that spiked.

In: a compiled kernel, the tree, rows of synapses. Out: calls; each is one event of each of these neurons.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.kernel_job import RunKernel
from engram.ir.rows import Rows
from engram.native.agreement import agreed
from engram.native.bound_kernels import check_arrays, lengths
from engram.native.shared import WalkedRows
from engram.native.structures import I64, OF_ENGINE, Args, ClockC, Pointer, Spikes
from engram.state.tree import State

__all__ = ["GivenEvents"]

Array = npt.NDArray[Any]


class GivenEvents:
    """What lets a kernel of events run at all synapses of some neurons, or for these neurons, in the present step.

    Args:
        job: of the kinds DELIVER, POST_EVENTS and PRE_EVENTS, without draws; it need not say whose lists it reads.
        library: with its function.
        state: where the paths of the job stand.
        rows: of the projection; spikes arrive after ``rows.delay[0]`` steps, which is 0.
        n: neurons of the side whose events it runs.
        dt_ms: step in ms.
    """

    def __init__(self, job: RunKernel, library: ctypes.CDLL, state: State, rows: Rows, n: int, dt_ms: float) -> None:
        agreed("engine", OF_ENGINE)
        self._job, self._state, self._rows, self._dt_ms = job, state, rows, dt_ms
        self._run = library.run
        self._run.argtypes, self._run.restype = [Pointer, Pointer, ctypes.c_int, ctypes.c_int], I64
        self._walked = WalkedRows()
        self._walked.renew(rows)
        self._rank, self._count = np.zeros((1, n), np.uint32), np.zeros(1, np.int64)
        self._spikes = Spikes(rank=self._rank.ctypes.data, count=self._count.ctypes.data, length=1, n=n)
        self._clock = ClockC(dt=dt_ms)
        self._bound: list[Any] = []  # what the argument leads to
        self._argument = self._version = -1

    def __call__(self, neurons: Array) -> None:
        """Let the events be; ``neurons`` ascend."""
        if self._version != self._state.version:
            self._bind()
        step = self._state.step
        self._clock.step, self._clock.t = step, step * self._dt_ms
        self._rank[0, : len(neurons)] = neurons
        self._count[0] = len(neurons)
        self._run(self._argument, ctypes.addressof(self._clock), 0, 1)

    def _bind(self) -> None:
        """Lead to where the values are now."""
        job, version = self._job, self._state.version
        arrays = [self._state.array(path) for path in job.paths]
        check_arrays(job, arrays, self._rows)
        pointers = (Pointer * max(1, len(arrays)))(*(array.ctypes.data for array in arrays))
        lengths_c = (I64 * max(1, len(arrays)))(*lengths(job, arrays))
        where = {name: ctypes.addressof(one) for name, one in (("slot", pointers), ("length", lengths_c))}
        spikes, rows = ctypes.addressof(self._spikes), ctypes.addressof(self._walked.structure)
        argument = Args(**where, n=job.n, n_pre=job.n_pre, spikes=spikes, axons=spikes, rows=rows)
        self._bound, self._argument = [pointers, lengths_c, argument], ctypes.addressof(argument)
        self._version = version
