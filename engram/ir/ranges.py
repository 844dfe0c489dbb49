"""Which neurons each thread updates: those to which it delivers spikes, where that spares the threads a barrier.

In: the jobs of a step. Out: the same jobs, in which updates of neurons may have ranges of their own. No result
depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engram.ir.delivery import Deliver
from engram.ir.jobs import Call, Job
from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import KernelKind
from engram.ir.schedule import Schedule
from engram.state.tree import ARENA_STRIDE

__all__ = ["deliver_and_update"]

UNEVEN = 1.05  # times the mean share that the largest one may have


def deliver_and_update(jobs: Sequence[Job | Call]) -> Schedule:
    """Let threads update the neurons to which they deliver, if that is fair and there are fewer barriers then.

    Otherwise the neurons of each population are shared out evenly. It is fair where all neurons that spikes reach are
    of one model and every thread has about as many of them.
    """
    evenly = Schedule(jobs)
    owned = {arrival.target: arrival.ranges for job in jobs if isinstance(job, Deliver) for arrival in job.arrivals}
    reached: dict[int, RunKernel] = {}
    for k, job in enumerate(jobs if owned else ()):
        if isinstance(job, RunKernel) and job.kernel.kind is KernelKind.UPDATE:
            ranges = {owned[path] for path in job.paths if path in owned}
            if len(ranges) > 1 or (ranges and job.ranges):
                return evenly
            if ranges:
                reached[k] = job.variant(ranges=ranges.pop())
    if not _is_fair(list(reached.values())):
        return evenly
    together = Schedule(reached.get(k, job) for k, job in enumerate(jobs))
    return together if sum(together.barriers) < sum(evenly.barriers) else evenly


def _is_fair(updates: Sequence[RunKernel]) -> bool:
    if len({job.code for job in updates}) != 1:
        return False
    begins = np.array([job.ranges for job in updates])  # one row each: of all there are as many slices
    if begins.shape[1] < 3:
        return False
    shares = np.diff(begins).sum(axis=0)
    whole = (begins % ARENA_STRIDE == 0) | (begins == begins[:, -1:])
    return bool(whole.all() and shares.max() <= UNEVEN * shares.mean())
