"""The schedule of one step: what runs in which order, on which values of the tree.

In: built by ``network/schedule.py`` in the order of SPEC section 2. Out: executed by ``native/engine.py`` (threads)
or by ``ir/interpret.py`` (NumPy). A job names paths of the tree; pointers are looked up when a run begins. Jobs never
change, so what has been found out about one (``accesses``, the C structure) serves every schedule that it stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, cast

from engram.ir.nodes import Index, Kernel, KernelKind
from engram.ir.reductions import is_within_ranges
from engram.state import names

__all__ = [
    "Access",
    "Arrival",
    "Call",
    "Combine",
    "Deliver",
    "FiringRate",
    "Job",
    "Join",
    "Push",
    "RecordSpikes",
    "RecordValues",
    "Reduce",
    "RunKernel",
    "Schedule",
    "Stop",
    "StopCondition",
    "Touching",
    "Zero",
    "found_by",
]


class Access(NamedTuple):
    """How a job touches a value.

    Args:
        own: only elements of the thread's own range.
        ranges: where those ranges begin, see ``RunKernel``; by default neurons are shared out evenly.
    """

    path: str
    writes: bool
    own: bool
    ranges: tuple[int, ...] = ()


class Touching:
    """A job, as far as it says what it touches."""

    accesses: Any  # tuple[Access, ...]: the values, and whether outside its own range

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
        own: where the ranges of neurons begin that one thread has, and the end of the last; empty if the neurons are
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
    own: tuple[int, ...] = ()

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
        """The values that the kernel touches, and whether outside its own range."""
        return tuple(self._accesses())

    @cached_property
    def assigned(self) -> tuple[str, ...]:
        """Paths of the values that are assigned anew in each step, before anything reads them."""
        pairs = zip(self.kernel.arguments, self.paths, strict=True)
        return tuple(path for a, path in pairs if a.written and a.symbol in self.kernel.assigned)

    def _accesses(self) -> Iterator[Access]:
        for argument, path in zip(self.kernel.arguments, self.paths, strict=True):
            own = argument.index in self._own_indices()
            yield Access(path, argument.written, own, self.own)
        if self.compared:
            yield Access(f"{self.compared}/{names.RANK}", writes=False, own=False)
        for spikes in filter(None, (self.spikes, self.axons)):
            emits = self.kernel.kind is KernelKind.UPDATE
            yield Access(f"{spikes}/{names.FOUND}" if emits else f"{spikes}/{names.RANK}", emits, emits, self.own)

    def _own_indices(self) -> tuple[Index, ...]:
        """What stays within a thread's own range: it is one of presynaptic neurons where those have the events."""
        if self.kernel.kind is KernelKind.PRE_EVENTS:
            return (Index.PRE,)
        return (Index.OWN, Index.POST, Index.SYNAPSE)


@dataclass(frozen=True)
class Arrival:
    """Where spikes of packed rows arrive.

    Args:
        target: a conductance.
        open: bools that must all be true.
        own: where the ranges of its neurons begin that one thread has, and the end of the last.
    """

    target: str
    open: tuple[str, ...]
    own: tuple[int, ...]


@dataclass(frozen=True)
class Deliver(Touching):
    """Add the weights of packed rows to the conductances that the spikes of this step reach.

    Args:
        rows: key of the packed rows.
        spikes: the list of spikes, ``populations/exc/history``.
        arrivals: for each projection of the rows, in their order.
        weight: the place of the one weight that serves all; empty if synapses have their own.
    """

    rows: str
    spikes: str
    arrivals: tuple[Arrival, ...]
    weight: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Writes its own range of the arena."""
        reached = (Access(arrival.target, writes=True, own=True, ranges=arrival.own) for arrival in self.arrivals)
        return (Access(f"{self.spikes}/{names.RANK}", writes=False, own=False), *reached)


@dataclass(frozen=True)
class Join(Touching):
    """Join the spikes that the threads found into the list of this step; a population not ``enabled`` emits none."""

    spikes: str
    enabled: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Reads what all threads found; every thread writes a part of the list."""
        found, joined = f"{self.spikes}/{names.FOUND}", f"{self.spikes}/{names.RANK}"
        return Access(found, writes=False, own=False), Access(joined, writes=True, own=False)


@dataclass(frozen=True)
class FiringRate(Touching):
    """Count the spikes of the last ``window`` steps and turn them into Hz; rates rest while not ``enabled``."""

    spikes: str
    counts: str
    rates: str
    window: int
    enabled: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Writes its own range."""
        written = (Access(path, writes=True, own=True) for path in (self.counts, self.rates))
        return (Access(f"{self.spikes}/{names.RANK}", writes=False, own=False), *written)


@dataclass(frozen=True)
class Reduce(Touching):
    """Find the sums of blocks of neurons, of which :class:`Combine` makes one number over a population.

    Args:
        op: mean, min, max, norm1 or norm2.
        path: of the values.
        result: the place of the number.
        n: neurons.
    """

    op: str
    path: str
    result: str
    n: int

    @property
    def sums(self) -> str:
        """The sums of blocks, as a name: they are no part of the tree."""
        return f"{self.result}/sums"

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Every thread reads its own blocks."""
        own = is_within_ranges(self.n)
        return Access(self.path, writes=False, own=own), Access(self.sums, writes=True, own=True)


@dataclass(frozen=True)
class Combine(Touching):
    """Put the sums of blocks together."""

    reduction: Reduce

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """One thread reads what all have found."""
        sums = Access(self.reduction.sums, writes=False, own=False)
        return sums, Access(self.reduction.result, writes=True, own=False)


@dataclass(frozen=True)
class Zero(Touching):
    """Set the input sums of a rate-coded population to zero, unless it is disabled."""

    path: str
    enabled: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Writes its own range."""
        return (Access(self.path, writes=True, own=True),)


@dataclass(frozen=True)
class Push(Touching):
    """Append the values of this step to their history."""

    path: str
    history: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Copies its own range."""
        return Access(self.path, writes=False, own=True), Access(self.history, writes=True, own=True)


@dataclass(frozen=True)
class RecordValues(Touching):
    """Copy a value into a monitor's record; ``ranks`` is the place of the recorded ranks, empty for all neurons."""

    monitor: str
    path: str
    record: str
    ranks: str = ""

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Copies its own range, unless some neurons are picked out."""
        return Access(self.path, writes=False, own=not self.ranks), Access(self.record, writes=True, own=True)


@dataclass(frozen=True)
class RecordSpikes(Touching):
    """Copy the spikes of this step into a monitor's record."""

    monitor: str
    spikes: str
    rank: str
    step: str
    ranks: str = ""

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Reads the joined list."""
        return (Access(f"{self.spikes}/{names.RANK}", writes=False, own=False),)


@dataclass(frozen=True)
class StopCondition:
    """When a run may end: where the bool at ``asked`` is true, and all or any of those at ``flags`` are."""

    flags: str
    asked: str
    for_all: bool


@dataclass(frozen=True)
class Stop(Touching):
    """End the run after this step if a condition holds for some or for all of several populations.

    Args:
        conditions: of the populations that have one.
        every: the place of a bool: whether all conditions that are asked for must hold, or one.
        result: the place of the answer.
    """

    conditions: tuple[StopCondition, ...]
    every: str
    result: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Every thread reads everything, so that all come to the same answer."""
        read = (Access(condition.flags, writes=False, own=False) for condition in self.conditions)
        return (*read, Access(self.result, writes=True, own=False))


@dataclass(frozen=True, eq=False)
class Call(Touching):
    """Return to Python in some steps, where the job stands in them; all threads have come to rest by then.

    What it does to values it does through the tree, so that whatever follows from them is made anew.

    Args:
        what, of: what it does and for whom, in profiles.
        next_step: returns, given a number of finished steps, in which step from there on it is due; None: in none.
        function: to be called with the number of the step.
    """

    what: str
    of: str
    next_step: Callable[[int], int | None]
    function: Callable[[int], object]
    accesses = ()


Job = RunKernel | Deliver | Join | FiringRate | Reduce | Combine | Zero | Push | RecordValues | RecordSpikes | Stop
"""What an engine runs by itself."""


def found_by(job: Job) -> tuple[str, ...]:
    """Return the lists of spikes that a job fills."""
    if not isinstance(job, RunKernel) or job.kernel.kind is not KernelKind.UPDATE:
        return ()
    return tuple(filter(None, (job.spikes, job.axons)))


class Schedule(tuple[Job, ...]):
    """The jobs of one step, in order, and the calls between them.

    Attributes:
        calls: each with the number of jobs before it.
    """

    calls: tuple[tuple[int, Call], ...]

    def __new__(cls, jobs: Iterable[Job | Call] = ()) -> Schedule:
        """Take the calls out of the jobs of a step: an engine runs from one to the next."""
        all_jobs = [*jobs]
        if Call not in map(type, all_jobs):  # of ten thousand jobs the loops below would take a millisecond
            schedule = super().__new__(cls, cast("list[Job]", all_jobs))
            schedule.calls = ()
            return schedule
        calls = [(k, job) for k, job in enumerate(all_jobs) if isinstance(job, Call)]
        schedule = super().__new__(cls, [job for job in all_jobs if not isinstance(job, Call)])
        schedule.calls = tuple((k - number, job) for number, (k, job) in enumerate(calls))
        return schedule

    @cached_property
    def barriers(self) -> tuple[bool, ...]:
        """Before which jobs all threads must wait for each other.

        Two jobs conflict if they touch one value, one of them writes it, and not both stay within their own range. The
        last jobs of a step may conflict with the first of the next.
        """
        written = {path for job in self for path in job.written}
        touched = [[access for access in job.accesses if access[0] in written] for job in self]
        waits, since = [False] * len(self), _Touched()
        for k in [*range(len(self)), *range(len(self))]:
            if waits[k]:  # in the next step; from here on it is as this one
                break
            if since.conflicts(touched[k]):
                waits[k], since = True, _Touched()
            since.add(touched[k])
        return tuple(waits)


class _Touched:
    """The values that some jobs touched, and those that they wrote: by path the ranges in which each thread stayed.

    None where threads did not stay in ranges of their own, or not always in the same.
    """

    def __init__(self) -> None:
        self._all: dict[str, tuple[int, ...] | None] = {}
        self._written: dict[str, tuple[int, ...] | None] = {}

    def conflicts(self, accesses: Iterable[Access]) -> bool:
        """Whether a job that does this must wait until all threads are done with the others."""
        for path, writes, own, ranges in accesses:
            found = self._all if writes else self._written
            if path in found and (not own or found[path] != ranges):
                return True
        return False

    def add(self, accesses: Iterable[Access]) -> None:
        """Take note of what one more job does."""
        for path, writes, own, ranges in accesses:
            stays = ranges if own else None
            if self._all.setdefault(path, stays) != stays:
                self._all[path] = None
            if writes and self._written.setdefault(path, stays) != stays:
                self._written[path] = None
