"""The call that runs a schedule in C.

In: jobs, compiled kernels, the tree, rows of synapses. Out: the tree some steps later. Between two calls arrays of
the tree may be replaced: then the table of jobs (``native/table.py``) is laid out anew.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from functools import partial
from time import perf_counter
from typing import Any

from engram.ir.rows import Rows, Together
from engram.ir.schedule import Schedule
from engram.native.agreement import agreed
from engram.native.binding import Prepared
from engram.native.meter import Meter
from engram.native.pace import Pace
from engram.native.pool import MAX_THREADS
from engram.native.structures import I64, OF_ENGINE, Pointer
from engram.native.table import Table
from engram.state.tree import State

__all__ = ["Engine"]


class Engine:
    """A schedule bound to a tree.

    Args:
        jobs: of one step, in order.
        code: compiled kernels by the key that jobs name.
        state: the tree.
        rows: of each projection, by path.
        packed: rows of several projections, by the key that jobs name.
        dt_ms, seed: of the network.
        threads: at most so many take part in a run.
        before: the engine of the schedule before, if there was one: jobs of both needn't be bound anew.

    Attributes:
        jobs, seed: as given.
    """

    def __init__(
        self,
        jobs: Schedule,
        code: Mapping[str, ctypes.CDLL],
        state: State,
        rows: Mapping[str, Rows],
        packed: Mapping[str, Together],
        dt_ms: float,
        seed: int,
        threads: int = MAX_THREADS,
        before: Engine | None = None,
    ) -> None:
        self.jobs, self.seed = jobs, seed
        self._program = Prepared(jobs, code, state, rows, packed, seed, min(threads, MAX_THREADS))
        self._state = state
        self._table = Table(state, dt_ms) if before is None else before._handed_on(state, dt_ms)
        self._pace = Pace()
        engine = agreed("engine", OF_ENGINE)
        self._run, self._run_part = engine.eg_run, engine.eg_run_part
        self._run.restype = self._run_part.restype = I64
        self._run.argtypes = [Pointer, I64, I64, I64, Pointer]
        self._run_part.argtypes = [Pointer, I64, I64, I64, I64, Pointer]

    def _handed_on(self, state: State, dt_ms: float) -> Table:
        """Return the table for the engine of the next schedule; what the old one led to may go."""
        self._table.program = None
        return self._table if self._state is state else Table(state, dt_ms)

    def run(self, n_steps: int, threads: int, meter: Meter | None = None) -> int:
        """Run up to ``n_steps`` steps from ``state.step`` and return how many were done; C has moved the clock.

        Fewer are done so that a call takes about 50 ms, where a record is full, where a job asks to stop, and where the
        upper half of the step number changes: call again. An interrupt at any moment leaves the tree as it is between
        two steps.

        Args:
            n_steps: at least 1.
            threads: at most so many; as many as make it faster are used.
            meter: what is to be measured is added to it; without one nothing is, and nothing is paid for it.
        """
        n_steps, threads = self._pace.next(n_steps, min(threads, self._program.threads))
        begin = perf_counter()
        if not self._table.fits(self._program):
            self._table.lay_out(self._program)
        while (done := self._call(self._run, (n_steps,), threads, meter)) < 0:
            self._table.prepare(self._program)
        self._pace.took(done, perf_counter() - begin)
        return done

    def again(self, times: int, threads: int) -> Callable[[], int] | None:
        """Return what runs one step as the last one was run.

        It returns 1, or a negative number where :meth:`run` has something to prepare.

        Args:
            times: so often may it be called, as long as nothing is written or replaced and :meth:`run` is not called.
            threads: at most so many.

        Returns:
            None where steps take so long that nothing is gained, and while the best number of threads is sought.
        """
        if not self._pace.goes_on(times, min(threads, self._program.threads)):
            return None
        structure = ctypes.byref(self._table.structure)  # keeps it, and what it leads to beside the tree
        rest = I64(1), I64(self._pace.threads), I64(self._state.written), Pointer()
        return partial(self._run, structure, *rest)

    def run_jobs(self, first: int, last: int, threads: int, meter: Meter | None = None) -> None:
        """Run the jobs from number ``first`` up to ``last`` of the present step; the clock stands.

        Args:
            threads: at most so many. All parts of a step have as many, as long as no step is run between them: what the
                threads have found is shared out among them.
            meter: see :meth:`run`.
        """
        threads = min(threads, self._program.threads, self._pace.threads)
        if not self._table.fits(self._program):
            self._table.lay_out(self._program)
        while self._call(self._run_part, (first, last), threads, meter) < 0:
            self._table.prepare(self._program)

    def _call(self, run: Any, what: tuple[int, ...], threads: int, meter: Meter | None) -> int:
        call = (ctypes.addressof(self._table.structure), *what, threads, self._state.written)
        if meter is None:
            return int(run(*call, None))
        with meter.call(threads):
            return int(run(*call, meter.bound(self._table)))
