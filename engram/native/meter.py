"""What a profiled run measures: the time of each job in each thread, and how often each neuron spiked.

In: handed to ``Engine.run``, call after call. Out: sums over those calls.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import Call, Job
from engram.native.library import core
from engram.native.pool import MAX_THREADS
from engram.native.structures import I64, MeterC, Tally
from engram.native.table import Table
from engram.state import names
from engram.state.residence import aligned
from engram.state.tree import State

__all__ = ["Meter"]

Array = npt.NDArray[Any]
CALLS, WAIT, WORK = range(3)  # of eg_meter's ``spent``


class Meter:
    """Sums over the calls of a profiled run.

    Args:
        jobs: of one step.
        state: the tree.
        threads: at most so many take part.

    Attributes:
        jobs: that are measured.
        called: of each call, how often it was made, and the seconds that it took.
        seen: for each list of spikes, by path, how often each neuron spiked: (n,) int64.
        wall_s: seconds inside the engine.
        thread_s: the same, times the number of threads that took part.
        cpu_s: seconds for which they had a core.
    """

    def __init__(self, jobs: Sequence[Job], state: State, threads: int) -> None:
        self.jobs = jobs
        self.called: dict[Call, tuple[int, float]] = {}
        self._stride = -(-len(jobs) // 8) * 8  # rows of several cache lines each: threads don't share one
        self._spent = aligned((min(threads, MAX_THREADS), self._stride, 3), np.int64)
        self.seen: dict[str, Array] = {}
        for job in jobs:
            for path in job.found:
                self.seen[path] = np.zeros(state.array(f"{path}/{names.RANK}").shape[1], np.int64)
        self.wall_s = self.thread_s = self.cpu_s = 0.0
        self._ticks = 0
        self._of: Any = None  # the table that the structure is for
        self._structure: Any = None
        self._clock = core("engine").eg_ticks
        self._clock.restype = I64

    def bound(self, table: Table) -> int:
        """Return the address of the ``eg_meter`` for a call."""
        if self._structure is None or self._of is not table.structure:
            tally = (Tally * max(1, 2 * len(self.jobs)))()
            for k, job in enumerate(self.jobs):
                for number, path in enumerate(job.found):
                    tally[2 * k + number].spikes = table.spikes(path)
                    tally[2 * k + number].seen = self.seen[path].ctypes.data
            self._structure = MeterC(self._spent.ctypes.data, self._stride, ctypes.addressof(tally))
            self._structure.keeps = tally  # alive as long as what points to it
            self._of = table.structure
        return ctypes.addressof(self._structure)

    @contextmanager
    def call(self, threads: int) -> Iterator[None]:
        """Measure one call, and how long a tick is."""
        begin, cpu, ticks = time.perf_counter(), time.process_time(), self._clock()
        yield
        took = time.perf_counter() - begin
        self._ticks += self._clock() - ticks
        self.cpu_s += time.process_time() - cpu
        self.wall_s += took
        self.thread_s += took * threads

    def add_call(self, call: Call, seconds: float) -> None:
        """Take note of a call to Python that was made."""
        times, before_s = self.called.get(call, (0, 0.0))
        self.called[call] = times + 1, before_s + seconds

    def calls(self, job: int) -> int:
        """Return in how many steps a job ran."""
        return int(self._spent[0, job, CALLS])

    def work_s(self, job: int) -> float:
        """Return the seconds that a job took, added up over all threads."""
        return self._seconds(job, WORK)

    def wait_s(self, job: int) -> float:
        """Return the seconds of waiting for other threads before a job, added up over all threads."""
        return self._seconds(job, WAIT)

    def _seconds(self, job: int, which: int) -> float:
        return float(self._spent[:, job, which].sum()) * self.wall_s / max(self._ticks, 1)
