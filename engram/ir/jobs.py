"""Jobs: what a step is made of. Here the base of all, kernels, and calls to Python; others: ``engine_jobs.py``.

In: made by ``program/schedule.py``. Out: schedules (``ir/schedule.py``), which are executed by ``native/engine.py``
(threads) or by ``ir/interpret.py`` (NumPy). A job names paths of the tree; pointers are looked up when a run begins.
Jobs never change, so what has been found out about one (``accesses``, the C structure) serves every schedule that it
stands in.

Nobody tells kinds of jobs apart but by a table with one row for each: what a job touches and means stands in its class,
how C runs it in ``native/bound_jobs.py``, how it is counted and labelled in ``explain/profile_jobs.py``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from engram.ir.nodes import Index, Kernel, KernelKind
from engram.state import names
from engram.state.tree import State

__all__ = ["Access", "Call", "EngineJob", "Job", "Moment", "RunKernel", "Touching"]


class Access(NamedTuple):
    """How a job touches a value.

    Args:
        in_range: only elements of the range that the thread has.
        ranges: where those ranges begin, see ``RunKernel``; by default neurons are shared out evenly.
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
    """A job, as far as it says what it touches.

    Attributes:
        only_if: path of a bool without which it is left out; empty: it always runs.
        found: the lists of spikes that it fills.
    """

    accesses: Any  # tuple[Access, ...]: the values, and whether outside the range of the thread
    only_if: Any = ""  # str
    found: Any = ()  # tuple[str, ...]

    @cached_property
    def written(self) -> tuple[str, ...]:
        """Paths of the values that it writes."""
        return tuple(access.path for access in self.accesses if access.writes)


@dataclass(frozen=True)
class RunKernel(Touching):
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


class EngineJob(Touching):
    """A job of the engine: one that runs no kernel. Its class says what it does, as ``interpret``.

    Without ABCMeta, which makes ``isinstance`` slow where there are ten thousand jobs.
    """

    @abstractmethod
    def interpret(self, now: Moment) -> None:
        """Do in NumPy what the engine does in C: this is the meaning of the job."""


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


Job = RunKernel | EngineJob
"""What an engine runs by itself."""
