"""The call that runs a schedule in C.

In: jobs, compiled kernels, the tree, rows of synapses. Out: the tree some steps later. Called by ``network/run.py``.
Between two calls arrays of the tree may be replaced: then the C structures (``native/binding.py``) are made anew.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Mapping, Sequence

import numpy as np

from engram.errors import CompileError
from engram.ir.jobs import Job, RunKernel
from engram.ir.nodes import Index
from engram.ir.rows import Rows, Together
from engram.native.binding import Binding, Program
from engram.native.library import core
from engram.native.meter import Meter
from engram.native.pace import Pace
from engram.native.pool import MAX_THREADS
from engram.native.structures import I64, Pointer
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
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        code: Mapping[str, ctypes.CDLL],
        state: State,
        rows: Mapping[str, Rows],
        packed: Mapping[str, Together],
        dt_ms: float,
        seed: int,
    ) -> None:
        self._program = Program(jobs, code, state, rows, packed, seed)
        self._dt_ms = dt_ms
        self._binding: Binding | None = None
        self._pace = Pace()
        self._run = core("engine").eg_run
        self._run.restype = I64
        self._run.argtypes = [Pointer, I64, I64, I64, ctypes.c_double, ctypes.c_int, Pointer]
        for job in jobs:
            if isinstance(job, RunKernel):
                _check_arrays(job, state, rows)

    def run(self, n_steps: int, threads: int, meter: Meter | None = None) -> int:
        """Run up to ``n_steps`` steps from ``state.step``, move the clock, and return how many were done.

        Fewer are done so that a call takes about 50 ms, where a record is full, where a job asks to stop, and where the
        upper half of the step number changes: call again.

        Args:
            n_steps: at least 1.
            threads: at most so many; as many as make it faster are used.
            meter: what is to be measured is added to it; without one nothing is, and nothing is paid for it.
        """
        state = self._program.state
        step = state.step
        n_steps, threads = self._pace.next(n_steps, min(threads, MAX_THREADS))
        n_steps = min(n_steps, 2**32 - step % 2**32)  # keys of random draws hold step >> 32
        begin = time.perf_counter()
        bound = self._bound(step)
        bound.begin()
        call = (ctypes.addressof(bound.entries), len(self._program.jobs), step, n_steps, self._dt_ms, threads)
        if meter is None:
            done = int(self._run(*call, None))
        else:
            with meter.call(threads):
                done = int(self._run(*call, ctypes.byref(meter.bound(bound))))
        bound.finish()
        state["network/step"][...] = step + done
        self._pace.took(done, time.perf_counter() - begin)
        return done

    def _bound(self, step: int) -> Binding:
        if self._binding is None or not self._binding.fits(step):
            self._binding = Binding(self._program, step)
        return self._binding


def _check_arrays(job: RunKernel, state: State, rows: Mapping[str, Rows]) -> None:
    """Refuse to hand a kernel arrays other than it was compiled for: it would read and write beyond their ends."""
    n_syn = len(rows[job.projection].rank) if job.projection else 0
    sizes = {Index.ONE: 1, Index.OWN: job.n, Index.POST: job.n, Index.PRE: job.n_pre, Index.SYNAPSE: n_syn}
    for argument, path in zip(job.kernel.arguments, job.paths, strict=True):
        if argument.index is Index.TABLE:
            continue
        array, size = state[path], sizes[argument.index]
        size *= len(array) if argument.history else argument.entries or 1
        if array.dtype != np.dtype(argument.dtype) or array.size != size:
            found, wanted = f"{array.size} {array.dtype}", f"{size} {argument.dtype}"
            raise CompileError(
                f"{path} has {found}, kernel {job.kernel.name!r} expects {wanted}\n  help: this is our bug."
            )
