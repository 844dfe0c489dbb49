"""Jobs: what a step is made of. Here the base of all, and calls to Python.

In: made by ``program/schedule.py``. Out: schedules (``ir/schedule.py``), which are executed by ``native/engine.py``
(threads) or by ``ir/interpret.py`` (NumPy). A job names paths of the tree; pointers are looked up when a run begins.
Jobs never change, so what has been found out about one (``accesses``, the C structure) serves every schedule that it
stands in.

Some run a kernel (``kernel_job.py``), the others are the engine's own: a class for each kind in ``engine_jobs.py`` and
beside it, which says all there is to say of it. Whoever works on jobs asks them, and knows no kinds.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

from engram.ir.rows import Together
from engram.ir.told import Structure
from engram.ir.work import Count, Run
from engram.state.tree import State

__all__ = ["Access", "Call", "EngineJob", "Job", "Moment", "Touching"]


class Access(NamedTuple):
    """How a job touches a value.

    Args:
        in_range: only elements of the range that the thread has.
        ranges: where those ranges begin, see ``kernel_job.py``; by default neurons are shared out evenly.
    """

    path: str
    writes: bool
    in_range: bool
    ranges: tuple[int, ...] = ()


class Moment(NamedTuple):
    """Where the interpreter stands: number ``step`` of the steps of a tree, each ``dt_ms`` long."""

    state: State
    step: int
    dt_ms: float


class Touching:
    """What stands in a schedule, as far as it says what it touches."""

    @property
    @abstractmethod
    def accesses(self) -> tuple[Access, ...]:
        """The values, and whether outside the range of the thread."""

    @property
    def only_if(self) -> str:
        """Path of a bool without which it is left out; empty: it always runs."""
        return ""

    @property
    def found(self) -> tuple[str, ...]:
        """The lists of spikes that it fills."""
        return ()

    @cached_property
    def written(self) -> tuple[str, ...]:
        """Paths of the values that it writes."""
        return tuple(access.path for access in self.accesses if access.writes)


class Job(Touching):
    """What an engine runs by itself."""

    @property
    @abstractmethod
    def label(self) -> tuple[str, str]:
        """What it does, and for which object: for profiles."""

    @abstractmethod
    def count(self, run: Run, calls: int) -> Count:
        """Return what it did in a run, in so many of the steps."""


class EngineJob(Job, Structure):
    """A job of the engine: one that runs no kernel. Its class is all that is said of its kind.

    Its function in C is ``eg_`` and its name, which gets an ``eg_..._args`` with its fields.

    Without ABCMeta, which makes ``isinstance`` slow where there are ten thousand jobs.

    Attributes:
        file: of ``native/c``, in which the function stands.
    """

    file: ClassVar[str] = "jobs"

    @abstractmethod
    def interpret(self, now: Moment) -> None:
        """Do in NumPy what the engine does in C: this is the meaning of the job."""

    def room(self, state: State) -> int:
        """Return how many rows it may record in a step."""
        return 0

    def check(self, state: State, packed: Mapping[str, Together]) -> None:
        """Refuse to run on values that it was not made for: C would read and write beyond their ends."""


@dataclass(frozen=True, eq=False)
class Call(Touching):
    """Return to Python in some steps, where the job stands in them; all threads have come to rest by then.

    What it does to values it does through the tree, so that whatever follows from them is made anew.

    Args:
        what, of: what it does and for whom, in profiles.
        next_step: returns, given a number of finished steps, in which step from there on it is due; None: in none.
        function: to be called with the number of the step.
        is_whole: if it fails it has changed nothing, or has said that the network is broken.
    """

    what: str
    of: str
    next_step: Callable[[int], int | None]
    function: Callable[[int], object]
    is_whole: bool = False
    accesses = ()
