"""The schedule of one step: what runs in which order, on which values of the tree.

In: built by ``network/schedule.py`` in the order of SPEC section 2. Out: executed by ``native/engine.py`` (threads)
or by ``ir/interpret.py`` (NumPy). A job names paths of the tree; pointers are looked up when a run begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engram.ir.nodes import Index, Kernel, KernelKind
from engram.ir.reductions import is_within_ranges

__all__ = [
    "Access",
    "Arrival",
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
    "Stop",
    "StopCondition",
    "Zero",
    "barriers",
    "found_by",
]


@dataclass(frozen=True)
class Access:
    """How a job touches a value.

    Args:
        own: only elements of the thread's own range.
        ranges: where those ranges begin, see ``RunKernel``; by default neurons are shared out evenly.
    """

    path: str
    writes: bool
    own: bool
    ranges: tuple[int, ...] = ()


@dataclass(frozen=True)
class RunKernel:
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

    def accesses(self) -> Iterator[Access]:
        """Say which values the kernel touches, and whether outside its own range."""
        for argument, path in zip(self.kernel.arguments, self.paths, strict=True):
            own = argument.index in self._own_indices()
            yield Access(path, argument.written, own, self.own)
        if self.compared:
            yield Access(f"{self.compared}/rank", writes=False, own=False)
        for spikes in filter(None, (self.spikes, self.axons)):
            emits = self.kernel.kind is KernelKind.UPDATE
            yield Access(f"{spikes}/found" if emits else f"{spikes}/rank", emits, emits, self.own)

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
class Deliver:
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

    def accesses(self) -> Iterator[Access]:
        """Writes its own range of the arena."""
        yield Access(f"{self.spikes}/rank", writes=False, own=False)
        for arrival in self.arrivals:
            yield Access(arrival.target, writes=True, own=True, ranges=arrival.own)


@dataclass(frozen=True)
class Join:
    """Join the spikes that the threads found into the list of this step; a population not ``enabled`` emits none."""

    spikes: str
    enabled: str

    def accesses(self) -> Iterator[Access]:
        """Reads what all threads found; every thread writes a part of the list."""
        yield Access(f"{self.spikes}/found", writes=False, own=False)
        yield Access(f"{self.spikes}/rank", writes=True, own=False)


@dataclass(frozen=True)
class FiringRate:
    """Count the spikes of the last ``window`` steps and turn them into Hz; rates rest while not ``enabled``."""

    spikes: str
    counts: str
    rates: str
    window: int
    enabled: str

    def accesses(self) -> Iterator[Access]:
        """Writes its own range."""
        yield Access(f"{self.spikes}/rank", writes=False, own=False)
        yield Access(self.counts, writes=True, own=True)
        yield Access(self.rates, writes=True, own=True)


@dataclass(frozen=True)
class Reduce:
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

    def accesses(self) -> Iterator[Access]:
        """Every thread reads its own blocks."""
        yield Access(self.path, writes=False, own=is_within_ranges(self.n))
        yield Access(self.sums, writes=True, own=True)


@dataclass(frozen=True)
class Combine:
    """Put the sums of blocks together."""

    reduction: Reduce

    def accesses(self) -> Iterator[Access]:
        """One thread reads what all have found."""
        yield Access(self.reduction.sums, writes=False, own=False)
        yield Access(self.reduction.result, writes=True, own=False)


@dataclass(frozen=True)
class Zero:
    """Set the input sums of a rate-coded population to zero, unless it is disabled."""

    path: str
    enabled: str

    def accesses(self) -> Iterator[Access]:
        """Writes its own range."""
        yield Access(self.path, writes=True, own=True)


@dataclass(frozen=True)
class Push:
    """Append the values of this step to their history."""

    path: str
    history: str

    def accesses(self) -> Iterator[Access]:
        """Copies its own range."""
        yield Access(self.path, writes=False, own=True)
        yield Access(self.history, writes=True, own=True)


@dataclass(frozen=True)
class RecordValues:
    """Copy a value into a monitor's record; ``ranks`` is the place of the recorded ranks, empty for all neurons."""

    monitor: str
    path: str
    record: str
    ranks: str = ""

    def accesses(self) -> Iterator[Access]:
        """Copies its own range, unless some neurons are picked out."""
        yield Access(self.path, writes=False, own=not self.ranks)
        yield Access(self.record, writes=True, own=True)


@dataclass(frozen=True)
class RecordSpikes:
    """Copy the spikes of this step into a monitor's record."""

    monitor: str
    spikes: str
    rank: str
    step: str
    ranks: str = ""

    def accesses(self) -> Iterator[Access]:
        """Reads the joined list."""
        yield Access(f"{self.spikes}/rank", writes=False, own=False)


@dataclass(frozen=True)
class StopCondition:
    """When a run may end: where the bool at ``asked`` is true, and all or any of those at ``flags`` are."""

    flags: str
    asked: str
    for_all: bool


@dataclass(frozen=True)
class Stop:
    """End the run after this step if a condition holds for some or for all of several populations.

    Args:
        conditions: of the populations that have one.
        every: the place of a bool: whether all conditions that are asked for must hold, or one.
        result: the place of the answer.
    """

    conditions: tuple[StopCondition, ...]
    every: str
    result: str

    def accesses(self) -> Iterator[Access]:
        """Every thread reads everything, so that all come to the same answer."""
        for condition in self.conditions:
            yield Access(condition.flags, writes=False, own=False)
        yield Access(self.result, writes=True, own=False)


Job = RunKernel | Deliver | Join | FiringRate | Reduce | Combine | Zero | Push | RecordValues | RecordSpikes | Stop


def found_by(job: Job) -> tuple[str, ...]:
    """Return the lists of spikes that a job fills."""
    if not isinstance(job, RunKernel) or job.kernel.kind is not KernelKind.UPDATE:
        return ()
    return tuple(filter(None, (job.spikes, job.axons)))


def barriers(jobs: Sequence[Job]) -> tuple[bool, ...]:
    """Say before which jobs all threads must wait for each other.

    Two jobs conflict if they touch one value, one of them writes it, and not both stay within their own range. The
    schedule is walked twice, since the last jobs of a step may conflict with the first of the next.
    """
    touched = [tuple(job.accesses()) for job in jobs]
    waits = [False] * len(jobs)
    since: list[Access] = []
    for k in [*range(len(jobs)), *range(len(jobs))]:
        if waits[k] or any(_conflict(a, b) for a in touched[k] for b in since):
            waits[k] = True
            since = []
        since.extend(touched[k])
    return tuple(waits)


def _conflict(a: Access, b: Access) -> bool:
    return a.path == b.path and (a.writes or b.writes) and not (a.own and b.own and a.ranges == b.ranges)
