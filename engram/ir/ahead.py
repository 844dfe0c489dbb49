"""Which weighted sums of the next step the learning of this one can take along.

The equations of synapses are the last that happens to weights in a step, and weighted sums the first in the next one.
A kernel of equations that knows what will be summed up (``Kernel.ahead``) puts the sums aside while it has the
weights at hand, and the kernel of the sums takes them from there instead of reading all weights again. Both do the
same operations in the same order, so the bits are the same as long as no job between them writes what sums are made
of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from engram.ir.jobs import Call, Job
from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import KernelKind

__all__ = ["look_ahead"]


def look_ahead(jobs: Sequence[Job | Call]) -> list[Job | Call]:
    """Return the jobs of a step; a kernel of equations and that of the sums have a place in common if they can."""
    result = list(jobs)
    kernels = [(k, job) for k, job in enumerate(jobs) if isinstance(job, RunKernel)]
    learning = [(k, job) for k, job in kernels if job.kernel.ahead]
    if not learning:
        return result
    sums_of = defaultdict(list)
    for k, job in kernels:
        if job.kernel.kind is KernelKind.GATHER:
            sums_of[job.projection].append((k, job))
    writers = _writers(jobs)
    for later, equations in learning:
        for first, sums in sums_of[equations.projection]:
            if first < later and _keep(sums, first, later, writers):
                result[later] = equations.variant(ahead=equations.projection)
                result[first] = sums.variant(ahead=equations.projection)
    return result


def _writers(jobs: Sequence[Job | Call]) -> dict[str, tuple[int, int]]:
    """Return for each value that is written the first and the last job that does so."""
    found: dict[str, tuple[int, int]] = {}
    for k, job in enumerate(jobs):
        for path in job.written:
            found[path] = (found[path][0] if path in found else k, k)
    return found


def _keep(sums: RunKernel, first: int, later: int, writers: Mapping[str, tuple[int, int]]) -> bool:
    """Whether the jobs behind ``later`` and before ``first`` leave alone what sums are made of."""
    read = (access.path for access in sums.accesses if not access.writes)
    written = (writers[path] for path in read if path in writers)
    return all(first <= earliest and latest <= later for earliest, latest in written)
