"""The backends: kernels as C that the engine runs, or as data that the interpreter does.

In: a program, and what follows from it. Out: its kernels in the form that the backend runs, its synapses where the
backend has them, and runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from engram.callers import warn
from engram.errors import InvalidArgument
from engram.ir.nodes import Kernel
from engram.ir.signatures import signature, signature_from_json, signature_to_json
from engram.native.cache import recall, remember
from engram.native.compiler import NoCompiler
from engram.native.library import build_many
from engram.native.pool import POOL
from engram.program.backend import Backend, Code, Runnable
from engram.program.interrupts import held_interrupts
from engram.program.packing import pack_bundle
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state import names
from engram.telling import told

if TYPE_CHECKING:
    from engram.ir.kernel_job import RunKernel
    from engram.ir.rows import Rows
    from engram.native.meter import Meter
    from engram.state.tree import State
    from engram.wiring.undrawn import Undrawn

__all__ = ["BACKENDS", "INTERPRETER", "NATIVE", "chosen_backend"]

Array = npt.NDArray[Any]


class _Native(Backend):
    """Kernels as C, packed rows, and the engine with its threads."""

    name: Literal["c", "numpy"] = "c"
    is_compiled = True
    remark = "compiled"

    def code(self, key: str, lower: Callable[[], Iterable[Kernel]]) -> tuple[Code, ...]:
        """Return signatures with C texts, from the cache or printed now."""
        try:
            return _recalled(f"kernels {key}")
        except LookupError:
            pass
        from engram.native.emit import emit  # what was compiled before needs none of it

        code = tuple(Code(signature(kernel), emit(kernel)) for kernel in lower())
        documents = [{"signature": signature_to_json(one.kernel), "source": one.source} for one in code]
        remember(f"kernels {key}", {"kernels": documents})
        return code

    def hold(self, program: Program, bundle: list[Synapses], undrawn: Mapping[str, Undrawn]) -> None:
        """Pack them."""
        pack_bundle(program, bundle, undrawn)

    def events(
        self, jobs: Sequence[RunKernel], code: Sequence[Code], state: State, rows: Rows, n: int, dt_ms: float
    ) -> Callable[[Array], None]:
        """Compile what is missing, and return a call of it."""
        from engram.native.given_events import GivenEvents  # few networks need it

        libraries = build_many([(one.kernel.name, one.source) for one in code])
        return GivenEvents(jobs, libraries, state, rows, n, dt_ms)

    def run(self, runnable: Runnable, n_steps: int, meter: Meter | None) -> int:
        """Call the engine."""
        _check_meter(runnable, meter)
        with POOL:
            return runnable.engine.run(n_steps, runnable.program.threads, meter)

    def again(self, runnable: Runnable, times: int) -> Callable[[], int] | None:
        """Return a call of the engine."""
        return runnable.engine.again(times, runnable.program.threads)

    def run_jobs(self, runnable: Runnable, first: int, last: int, meter: Meter | None) -> None:
        """Call the engine."""
        _check_meter(runnable, meter)
        with POOL:
            runnable.engine.run_jobs(first, last, runnable.program.threads, meter)


class _Interpreter(Backend):
    """Kernels as data, run in NumPy; synapses stay in canonical arrays."""

    name: Literal["c", "numpy"] = "numpy"
    is_compiled = False
    remark = "compiled for the interpreter: the C below is not used"

    def code(self, key: str, lower: Callable[[], Iterable[Kernel]]) -> tuple[Code, ...]:
        """Return the kernels themselves."""
        return tuple(Code(kernel) for kernel in lower())

    def hold(self, program: Program, bundle: list[Synapses], undrawn: Mapping[str, Undrawn]) -> None:
        """Leave them where they are."""

    def events(
        self, jobs: Sequence[RunKernel], code: Sequence[Code], state: State, rows: Rows, n: int, dt_ms: float
    ) -> Callable[[Array], None]:
        """Interpret them."""
        from engram.ir.interpret import run_events  # few networks need it

        def interpreted(neurons: Array) -> None:
            with held_interrupts() as interrupted:
                for job in jobs:
                    run_events(job, state, rows, state.step, dt_ms, neurons)
            if interrupted:
                raise KeyboardInterrupt

        return interpreted

    def run(self, runnable: Runnable, n_steps: int, meter: Meter | None) -> int:
        """Run one step, and hold interrupts meanwhile: it is many operations."""
        with held_interrupts() as interrupted:
            self.run_jobs(runnable, 0, len(runnable.jobs), meter)
            runnable.program.write(names.STEP, runnable.program.state.step + 1)
        if interrupted:
            raise KeyboardInterrupt
        return 1

    def run_jobs(self, runnable: Runnable, first: int, last: int, meter: Meter | None) -> None:
        """Interpret the jobs one after another."""
        from engram.ir.interpret import run_step  # few networks need it

        program, jobs = runnable.program, runnable.jobs[first:last]
        run_step(jobs, program.state, program.rows, program.dt, program.stream_seed)


NATIVE, INTERPRETER = _Native(), _Interpreter()
BACKENDS: dict[str, Backend] = {backend.name: backend for backend in (NATIVE, INTERPRETER)}


def chosen_backend(asked: str | None, compile_first: Callable[[], None]) -> Backend:
    """Return a backend; without a wish, and without a compiler, the interpreter and a warning that says so.

    Args:
        asked: what the user wants; None for whatever works.
        compile_first: compiles what is missing.

    Raises:
        InvalidArgument: for any other name.
        CompileError: if ``c`` was asked for and there is no compiler.
    """
    if asked is not None and asked not in BACKENDS:
        what = f"backend must be {' or '.join(map(repr, BACKENDS))}, not {told(asked)}"
        raise InvalidArgument(f"{what}\n  help: leave it out: 'c' is taken where there is a C compiler.")
    wanted = NATIVE if asked is None else BACKENDS[asked]
    if not wanted.is_compiled:
        return wanted
    try:
        compile_first()
    except NoCompiler as error:
        if asked is not None:
            raise
        warn(f"the network runs in NumPy, which is slow: {error}")
        return INTERPRETER
    return wanted


@lru_cache(maxsize=256)
def _recalled(key: str) -> tuple[Code, ...]:
    """Return kernels that were made before; many objects of a network have the same.

    Raises:
        LookupError: if they were not, which is not remembered.
    """
    known = recall(key)
    if known is None:
        raise LookupError(key)
    return tuple(Code(signature_from_json(k["signature"]), k["source"]) for k in known["kernels"])


def _check_meter(runnable: Runnable, meter: Meter | None) -> None:
    """Refuse to measure other jobs than the run began with.

    Raises:
        InvalidArgument: saying what to do.
    """
    if meter is not None and meter.jobs is not runnable.jobs:
        advice = "profile a run in which no callback makes or stops monitors, or gives weights or delays another form."
        what = "profile=True: the jobs of the network have changed during the run"
        raise InvalidArgument(f"{what}, before step {runnable.program.state.step}\n  help: {advice}")
