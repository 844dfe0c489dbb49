"""Backends: what differs between networks that C runs and those that the interpreter does.

In: a network. Out: its kernels in the form that the backend runs, its synapses where the backend has them, and runs.
Everybody else asks the network's backend and compares no names; these stand in files and in ``compile(backend=)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from engram.callers import warn
from engram.errors import InvalidArgument
from engram.ir.nodes import Kernel
from engram.ir.spec import signature, signature_from_json, signature_to_json
from engram.native.cache import recall, remember
from engram.native.compiler import NoCompiler
from engram.native.library import source_digest
from engram.native.pool import POOL
from engram.network.interrupts import held_interrupts
from engram.network.packing import pack_bundle
from engram.state import names

if TYPE_CHECKING:
    from engram.native.meter import Meter
    from engram.network.network import Network
    from engram.network.projection import Projection

__all__ = ["BACKENDS", "INTERPRETER", "NATIVE", "Backend", "Code", "chosen_backend"]


@dataclass(frozen=True)
class Code:
    """One kernel: its signature and C text (native), or the whole kernel and no text (interpreter)."""

    kernel: Kernel
    source: str = ""

    @cached_property
    def key(self) -> str:
        """By which jobs name the compiled function."""
        return source_digest(self.source)


class Backend(ABC):
    """What runs a network.

    Attributes:
        name: in files and for users.
        is_compiled: whether kernels are compiled before they run; the runs of such a network can be measured.
        remark: what ``explain`` says of a network that was compiled for it.
    """

    name: Literal["c", "numpy"]
    is_compiled: bool
    remark: str

    @abstractmethod
    def code(self, key: str, lower: Callable[[], Iterable[Kernel]]) -> tuple[Code, ...]:
        """Return kernels as this backend runs them.

        Args:
            key: of all that they depend on; what was made for it once may serve again.
            lower: makes them.
        """

    @abstractmethod
    def hold(self, network: Network, bundle: list[Projection]) -> None:
        """Bring the synapses of a bundle, which stand in canonical arrays, to where the backend has them."""

    @abstractmethod
    def run(self, network: Network, n_steps: int, meter: Meter | None) -> int:
        """Run up to ``n_steps`` steps, without any calls, and return how many were done."""

    @abstractmethod
    def run_part(self, network: Network, first: int, last: int, meter: Meter | None) -> None:
        """Run the jobs from number ``first`` up to ``last`` of the present step; the clock stands."""


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

    def hold(self, network: Network, bundle: list[Projection]) -> None:
        """Pack them."""
        pack_bundle(network, bundle)

    def run(self, network: Network, n_steps: int, meter: Meter | None) -> int:
        """Call the engine."""
        _check_meter(network, meter)
        with POOL:
            return network._derived.engine.run(n_steps, network._threads, meter)

    def run_part(self, network: Network, first: int, last: int, meter: Meter | None) -> None:
        """Call the engine."""
        _check_meter(network, meter)
        with POOL:
            network._derived.engine.run_part(first, last, network._threads, meter)


class _Interpreter(Backend):
    """Kernels as data, run in NumPy; synapses stay in canonical arrays."""

    name: Literal["c", "numpy"] = "numpy"
    is_compiled = False
    remark = "compiled for the interpreter: the C below is not used"

    def code(self, key: str, lower: Callable[[], Iterable[Kernel]]) -> tuple[Code, ...]:
        """Return the kernels themselves."""
        return tuple(Code(kernel) for kernel in lower())

    def hold(self, network: Network, bundle: list[Projection]) -> None:
        """Leave them where they are."""

    def run(self, network: Network, n_steps: int, meter: Meter | None) -> int:
        """Run one step, and hold interrupts meanwhile: it is many operations."""
        with held_interrupts() as interrupted:
            self.run_part(network, 0, len(network._derived.jobs), meter)
            network._write(names.STEP, network._state.step + 1)
        if interrupted:
            raise KeyboardInterrupt
        return 1

    def run_part(self, network: Network, first: int, last: int, meter: Meter | None) -> None:
        """Interpret the jobs one after another."""
        from engram.ir.interpret import run_step  # few networks need it

        jobs = network._derived.jobs[first:last]
        run_step(jobs, network._state, network._derived.rows, network.dt, network.seed)


NATIVE, INTERPRETER = _Native(), _Interpreter()
BACKENDS: dict[str, Backend] = {backend.name: backend for backend in (NATIVE, INTERPRETER)}


def chosen_backend(asked: str | None, compile_ahead: Callable[[], None]) -> Backend:
    """Return a backend; without a wish, and without a compiler, the interpreter and a warning that says so.

    Args:
        asked: what the user wants; None for whatever works.
        compile_ahead: compiles what is missing.

    Raises:
        InvalidArgument: for any other name.
        CompileError: if ``c`` was asked for and there is no compiler.
    """
    if asked is not None and asked not in BACKENDS:
        raise InvalidArgument(f"backend must be {' or '.join(map(repr, BACKENDS))}, not {asked!r}")
    wanted = NATIVE if asked is None else BACKENDS[asked]
    if not wanted.is_compiled:
        return wanted
    try:
        compile_ahead()
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


def _check_meter(network: Network, meter: Meter | None) -> None:
    """Refuse to measure other jobs than the run began with.

    Raises:
        InvalidArgument: saying what to do.
    """
    if meter is not None and meter.jobs is not network._derived.jobs:
        advice = "profile a run in which no callback makes or stops monitors, or gives weights or delays another form."
        what = f"profile=True: the jobs of the network have changed during the run, before step {network._state.step}"
        raise InvalidArgument(f"{what}\n  help: {advice}")
