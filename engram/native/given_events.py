"""Kernels of events, run between two steps for neurons that are given, not found in the lists of those that spiked.

In: compiled kernels, the tree, rows of synapses. Out: a call; it is one event of each of some neurons.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.kernel_job import RunKernel
from engram.ir.rows import Rows
from engram.native.agreement import agreed
from engram.native.bound_kernels import check_arrays, lengths
from engram.native.shared import WalkedRows, address
from engram.native.structures import I64, OF_ENGINE, Args, Pointer, ProgramC, Spikes
from engram.state import names
from engram.state.tree import State

__all__ = ["GivenEvents"]

Array = npt.NDArray[Any]


class GivenEvents:
    """What lets kernels of events run at all synapses of some neurons, or for these neurons, in the present step.

    A call is one of C, in this thread: no interrupt comes between the kernels.

    Args:
        jobs: of the kinds DELIVER, POST_EVENTS and PRE_EVENTS, without draws; they need not say whose lists they read.
        libraries: with their functions.
        state: where the paths of the jobs stand.
        rows: of the projection; spikes arrive after ``rows.delay[0]`` steps, which is 0.
        n: neurons of the side whose events they run.
        dt_ms: step in ms.
    """

    def __init__(
        self,
        jobs: Sequence[RunKernel],
        libraries: Sequence[ctypes.CDLL],
        state: State,
        rows: Rows,
        n: int,
        dt_ms: float,
    ) -> None:
        self._run = agreed("engine", OF_ENGINE).eg_run_part
        self._run.restype, self._run.argtypes = I64, [Pointer, I64, I64, I64, I64, Pointer]
        self._jobs, self._libraries, self._state, self._rows = jobs, libraries, state, rows
        self._walked = WalkedRows()
        self._walked.renew(rows)
        self._rank, self._count = np.zeros((1, n), np.uint32), np.zeros(1, np.int64)
        self._spikes = Spikes(rank=self._rank.ctypes.data, count=self._count.ctypes.data, length=1, n=n)
        self._entries = np.zeros((len(jobs), 4), np.int64)  # eg_entry
        self._entries[:, 0] = [address(library.run) for library in libraries]
        self._recorded = np.zeros(1, np.int64)
        self._program = ProgramC(entry=self._entries.ctypes.data, n_entries=len(jobs), dt=dt_ms)
        self._program.recorded = self._recorded.ctypes.data
        self._bound: list[Any] = []  # what the arguments lead to
        self._version = -1

    def __call__(self, neurons: Array) -> None:
        """Let the events be; ``neurons`` ascend."""
        if self._version != self._state.version:
            self._bind()
        self._rank[0, : len(neurons)] = neurons
        self._count[0] = len(neurons)
        self._program.key_epoch = self._state.step >> 32  # they draw nothing
        self._run(ctypes.addressof(self._program), 0, len(self._jobs), 1, 0, None)

    def _bind(self) -> None:
        """Lead to where the values are now."""
        version, self._bound = self._state.version, []
        for number, job in enumerate(self._jobs):
            self._entries[number, 1] = self._argument(job)
        clock = self._state.array(f"{names.NETWORK}/{names.STEP}")
        self._bound.append(clock)
        self._program.step = clock.ctypes.data
        self._version = version

    def _argument(self, job: RunKernel) -> int:
        """Return the address of the ``eg_args`` of a kernel."""
        arrays = [self._state.array(path) for path in job.paths]
        check_arrays(job, arrays, self._rows)
        pointers = (Pointer * max(1, len(arrays)))(*(array.ctypes.data for array in arrays))
        counts = (I64 * max(1, len(arrays)))(*lengths(job, arrays))
        argument = Args(slot=ctypes.addressof(pointers), length=ctypes.addressof(counts), n=job.n, n_pre=job.n_pre)
        argument.spikes = argument.axons = ctypes.addressof(self._spikes)
        argument.rows = ctypes.addressof(self._walked.structure)
        self._bound += [pointers, counts, argument]
        return ctypes.addressof(argument)
