"""The schedule of one step: what runs in which order, and where threads wait for each other.

In: jobs in the order of SPEC section 2, from ``program/schedule.py``. Out: executed by ``native/engine.py`` and
``program/run.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import cast

from engram.ir.jobs import Access, Call, Job

__all__ = ["Schedule"]


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
        for path, writes, in_range, ranges in accesses:
            found = self._all if writes else self._written
            if path in found and (not in_range or found[path] != ranges):
                return True
        return False

    def add(self, accesses: Iterable[Access]) -> None:
        """Take note of what one more job does."""
        for path, writes, in_range, ranges in accesses:
            stays = ranges if in_range else None
            if self._all.setdefault(path, stays) != stays:
                self._all[path] = None
            if writes and self._written.setdefault(path, stays) != stays:
                self._written[path] = None
