"""What a backend is: what differs between networks that C runs and those that the interpreter does.

Everybody asks the program's backend and compares no names; these stand in files and in ``compile(backend=)``. The two
that there are stand in ``backends.py``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy.typing as npt

from engram.ir.nodes import Kernel
from engram.native.library import source_digest

if TYPE_CHECKING:
    from engram.ir.kernel_job import RunKernel
    from engram.ir.rows import Rows
    from engram.ir.schedule import Schedule
    from engram.native.engine import Engine
    from engram.native.meter import Meter
    from engram.program.program import Program
    from engram.program.synapses import Synapses
    from engram.state.tree import State
    from engram.wiring.undrawn import Undrawn

__all__ = ["Backend", "Code", "Runnable"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Code:
    """One kernel: its signature and C text (native), or the whole kernel and no text (interpreter)."""

    kernel: Kernel
    source: str = ""

    @cached_property
    def key(self) -> str:
        """By which jobs name the compiled function."""
        return source_digest(self.source)


class Runnable(Protocol):
    """What a backend runs: a program, and what follows from it."""

    program: Program

    @property
    def jobs(self) -> Schedule:
        """The jobs of one step."""

    @property
    def engine(self) -> Engine:
        """What runs them in C."""


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
    def hold(self, program: Program, bundle: list[Synapses], undrawn: Mapping[str, Undrawn]) -> None:
        """Bring the synapses of a bundle, which stand in canonical arrays, to where the backend has them.

        Args:
            undrawn: those that have neither order nor weights yet, by path; only what the backend packs may be.
        """

    @abstractmethod
    def events(
        self, jobs: Sequence[RunKernel], code: Sequence[Code], state: State, rows: Rows, n: int, dt_ms: float
    ) -> Callable[[Array], None]:
        """Return what lets kernels of events run at all synapses of some neurons, ascending, in the present step.

        No interrupt comes between what a call does.

        Args:
            jobs: of these kernels, which draw nothing.
            code: as :meth:`code` gave it.
            state: where the paths of the jobs stand.
            rows: of the projection; spikes arrive after ``rows.delay[0]`` steps, which is 0.
            n: neurons of the side whose events they run.
            dt_ms: step in ms.
        """

    @abstractmethod
    def run(self, runnable: Runnable, n_steps: int, meter: Meter | None) -> int:
        """Run up to ``n_steps`` steps, without any calls, and return how many were done."""

    def again(self, runnable: Runnable, times: int) -> Callable[[], int] | None:
        """Return what runs one step as the last one was run; None where :meth:`run` is as good.

        It returns 1, or something else where nothing was run, since :meth:`run` has something to do before.

        Args:
            times: so often may it be called, as long as nothing is written or replaced and :meth:`run` is not called.
        """
        return None

    @abstractmethod
    def run_jobs(self, runnable: Runnable, first: int, last: int, meter: Meter | None) -> None:
        """Run the jobs from number ``first`` up to ``last`` of the present step; the clock stands."""
