"""What a run writes, as few extents of memory: what is to be finite, and all of it.

In: the schedule of a network. Out: extents and records. It is found anew where the schedule has changed, or where
values stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from engram.ir.jobs import Call, Job
from engram.ir.kernel_job import RunKernel
from engram.ir.schedule import Schedule
from engram.program.derived import Derived
from engram.program.garbage import no_collection
from engram.state.extents import Extent, extents
from engram.state.slots import Layout, Role

__all__ = ["Written"]

OF_AN_EXTENT = 1 << 16  # bytes at which one looks as long as it takes to call NumPy for another extent


class Written:
    """What the runs of a network write.

    Attributes:
        everything: all that a run may change, records aside.
        records: their paths.
        numbers: what keeps a value from step to step, and must be finite: variables, conductances, learned weights.
        of_neurons: those of populations.
        looking: how long looking at the numbers takes, as so many bytes.
    """

    def __init__(self, derived: Derived) -> None:
        self._derived, self._state = derived, derived.program.state
        self._version = -1
        self._jobs: Schedule | None = None  # for which it was found
        self._n_slots = 0  # that it knows
        self._removed = self._apart = 0  # what ``State.removed`` and ``State.apart`` were then
        self._changing: list[str] = []  # what runs may change, but for parameters
        self.everything: list[Extent] = []
        self.records: list[str] = []
        self.numbers: list[Extent] = []
        self.of_neurons: list[Extent] = []
        self.looking = 0

    def follow(self) -> bool:
        """Keep up with the network; returns whether something has changed. An interrupt at any moment does no harm."""
        jobs, state = self._derived.jobs, self._state
        if jobs is self._jobs and state.version == self._version:
            return False
        if state.removed != self._removed:  # what it knows may not be there any more
            self._jobs, self._n_slots, self._changing, self.records = None, 0, [], []
            self._removed = state.removed
        new = [*islice(state.slots_as_made(), self._n_slots, None)]
        records = [slot.path for slot in new if slot.layout is Layout.BLOCKS]
        others = (slot for slot in new if slot.layout is not Layout.BLOCKS)
        changing = [slot.path for slot in others if slot.role in (Role.STATE, Role.TIME)]
        if self._jobs is None or state.apart != self._apart or not self._only_records(self._jobs, jobs):
            with no_collection():
                self._lay_out(jobs, [*self._changing, *changing])
        elif changing:
            self.everything = [*self.everything, *extents(state, changing)]
        self.records, self._changing = [*self.records, *records], [*self._changing, *changing]
        self._n_slots, self._apart = self._n_slots + len(new), state.apart
        self._version, self._jobs = state.version, jobs  # last: until then all of it is done again
        return True

    def known_numbers(self) -> list[Extent]:
        """Return what must be finite by the kernels of before, where their synapses have moved since.

        Nothing is laid out that only runs need: that may take as much memory as the weights.
        """
        phases = self._derived.phases.values()
        jobs = [job for of_one in phases for some in of_one.values() for job in some]
        arriving = (p.place(name) for p in self._derived.program.populations.values() for name in p.spec.conductances)
        return extents(self._state, _state_of(jobs, self._floats([*_written_by(jobs), *arriving])))

    def _lay_out(self, jobs: Schedule, changing: list[str]) -> None:
        state = self._state
        floats = self._floats(_written_by(jobs))
        learned = [path for path in floats if state.role(path) is Role.PARAMETER]
        numbers = extents(state, _state_of(jobs, floats))
        self.everything, self.numbers = extents(state, [*changing, *learned]), numbers
        self.of_neurons = [part for part in numbers if part.paths[0].startswith("populations/")]
        self.looking = sum(part.values(state).nbytes + OF_AN_EXTENT for part in numbers)

    def _floats(self, paths: Iterable[str]) -> list[str]:
        return [path for path in dict.fromkeys(paths) if self._state.is_plain_float(path)]

    def _only_records(self, before: Schedule, now: Schedule) -> bool:
        """Whether one schedule has all jobs of another, and others that write no numbers: those of a new monitor."""
        known = {id(job) for job in before}
        new = [job for job in now if id(job) not in known]
        has_all = len(now) - len(new) == len(before)
        return has_all and not any(self._state.is_plain_float(path) for job in new for path in job.written)


def _written_by(jobs: Iterable[Job | Call]) -> Iterator[str]:
    return (path for job in jobs for path in job.written)


def _state_of(jobs: Iterable[Job | Call], paths: Iterable[str]) -> list[str]:
    """Return those of some paths whose values are kept from step to step."""
    anew = {path for job in jobs if isinstance(job, RunKernel) for path in job.assigned}
    return [path for path in paths if path not in anew]
