"""Which weighted sums of the next step the learning of this one can take along.

The equations of synapses are the last that happens to weights in a step, and weighted sums the first in the next one.
A kernel of equations that knows what will be summed up (``Kernel.ahead``) puts the sums aside while it has the weights
at hand, and the kernel of the sums takes them from there instead of reading all weights again. Both do the same
operations in the same order, so the bits are the same as long as no job between them writes what sums are made of.
Called by ``network/schedule.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engram.ir.jobs import Job, RunKernel
from engram.ir.nodes import KernelKind

__all__ = ["look_ahead"]


def look_ahead(jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs of a step; a kernel of equations and that of the sums have a place in common if they can."""
    result = list(jobs)
    for later, learning in enumerate(jobs):
        if not isinstance(learning, RunKernel) or not learning.kernel.ahead:
            continue
        for first, sums in enumerate(jobs[:later]):
            if not isinstance(sums, RunKernel) or sums.kernel.kind is not KernelKind.GATHER:
                continue
            if sums.projection == learning.projection and _keep(sums, [*jobs[later + 1 :], *jobs[:first]]):
                result[later] = replace(learning, ahead=learning.projection)
                result[first] = replace(sums, ahead=learning.projection)
    return result


def _keep(sums: RunKernel, between: Sequence[Job]) -> bool:
    """Whether some jobs leave alone what sums are made of."""
    read = {access.path for access in sums.accesses() if not access.writes}
    return not any(access.writes and access.path in read for job in between for access in job.accesses())
