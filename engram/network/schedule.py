"""The jobs of one step in the order of their phases, and the places in the tree of what kernels name.

Called by :class:`Network` whenever kernels were chosen anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engram.ir.ahead import look_ahead
from engram.ir.jobs import Combine, FiringRate, Job, Join, Push, Reduce, RunKernel, Schedule, Zero
from engram.ir.nodes import KernelKind
from engram.ir.ranges import deliver_and_update
from engram.network.kernels import Code
from engram.network.packing import bundles, deliver_job
from engram.network.places import population_path, projection_path
from engram.network.stopping import stop_jobs

if TYPE_CHECKING:
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection

__all__ = ["schedule"]


def schedule(network: Network, code: dict[str, tuple[Code, ...]]) -> Schedule:
    """Return the jobs of one step in the order of their phases.

    Args:
        code: the kernels of each object, by its path.
    """
    populations, projections = list(network._populations.values()), list(network._projections.values())
    monitors = list(network._monitors.values())
    sums = [slot for slot in network._state.slots().values() if slot.name.startswith("sum/")]
    jobs: list[Job] = [Zero(slot.path, f"{slot.owner}/enabled") for slot in sums]
    arriving, settling = (KernelKind.DELIVER, KernelKind.GATHER), (KernelKind.PRE_EVENTS,)
    packed = {path: rows for rows in network._packed.values() for path in rows.paths}
    for bundle in bundles(network):
        together = dict.fromkeys(packed[p._path] for p in bundle if p._path in packed)
        jobs += [deliver_job(network, rows) for rows in together]
        alone = (p for p in bundle if p._path not in packed)
        jobs += [_projection_job(p, c) for p in alone for c in code[p._path] if c.kernel.kind in arriving]
    # what a presynaptic neuron's events change is changed when all of its synapses have read it
    for projection in projections:
        jobs += [_projection_job(projection, c) for c in code[projection._path] if c.kernel.kind in settling]
    jobs += [job for monitor in monitors for job in monitor._jobs(early=True)]
    for population in populations:
        jobs += [_population_job(population, c) for c in code[population._path]]
    for population in populations:
        jobs += [Join(spikes, f"{population._path}/enabled") for spikes in population._spike_lists()]
    for population in populations:
        path = population._path
        if population._rate_window:
            counts = f"{path}/internal/rate/count"
            rates, window = f"{path}/r", population._rate_window
            jobs.append(FiringRate(f"{path}/history", counts, rates, window, f"{path}/enabled"))
        for name in sorted(network._delayed_variables(population)):
            jobs.append(Push(f"{path}/{name}", f"{path}/history/{name}"))
        jobs += [
            Reduce(op, f"{path}/{name}", f"{path}/internal/op/{op}.{name}", population.size)
            for op, name in network._reductions(population)
        ]
    jobs += [Combine(job) for job in jobs if isinstance(job, Reduce)]  # threads wait for each other once
    for projection in projections:
        others = (c for c in code[projection._path] if c.kernel.kind not in (*arriving, *settling))
        jobs += [_projection_job(projection, c) for c in others]
    jobs += [job for monitor in monitors for job in monitor._jobs(early=False)]
    return deliver_and_update(look_ahead([*jobs, *stop_jobs(network, code)]))


def _population_job(population: Population, code: Code) -> RunKernel:
    path = population._path
    paths = tuple(population_path(path, a.symbol) for a in code.kernel.arguments)
    lists = population._spike_lists() if code.kernel.kind is KernelKind.UPDATE else ()
    spikes, axons = (*lists, "", "")[:2]
    uid, enabled = population._uid, f"{path}/enabled"
    return RunKernel(code.kernel, code.key, paths, population.size, 0, spikes, axons, uid=uid, enabled=enabled)


def _projection_job(projection: Projection, code: Code) -> RunKernel:
    kernel, pre, post = code.kernel, projection._pre, projection._post
    of_pre = kernel.kind in (KernelKind.DELIVER, KernelKind.PRE_EVENTS)
    spikes = f"{pre._path}/history" if of_pre else f"{post._path}/history"
    walks = of_pre or kernel.kind is KernelKind.POST_EVENTS
    axons = f"{pre._path}/internal/axon" if kernel.axonal else ""
    return RunKernel(
        kernel,
        code.key,
        tuple(projection_path(projection, a) for a in kernel.arguments),
        pre.size if kernel.kind is KernelKind.PRE_EVENTS else post.size,
        pre.size,
        spikes if walks and not axons else "",
        axons,
        projection._path,
        f"{post._path}/history" if kernel.kind is KernelKind.DELIVER and projection._spec.compares_spikes else "",
        projection._uid,
        f"{post._path}/enabled",
    )
