"""The jobs of one step in the order of their phases, and the places in the tree of what kernels name.

Each object has its jobs by phase, made when its kernels are chosen; a schedule puts those of all objects one behind
the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from engram.ir.ahead import look_ahead
from engram.ir.delivery import Deliver
from engram.ir.engine_jobs import FiringRate, Join, Push, Zero
from engram.ir.jobs import Call, Job
from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import KernelKind
from engram.ir.ranges import deliver_and_update
from engram.ir.reducing import Combine, Reduce
from engram.ir.schedule import Schedule
from engram.program.backend import Code
from engram.program.neurons import Neurons
from engram.program.packing import deliver_job, packed_rows
from engram.program.places import population_path, projection_path
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.recording import recorder_jobs
from engram.program.stopping import stop_jobs
from engram.program.structure import call_of
from engram.program.synapses import Synapses
from engram.state import names

if TYPE_CHECKING:
    from engram.wiring.packed import PackedRows

__all__ = ["Phase", "Phases", "Planner", "phases_of", "phases_of_monitor", "still_serve", "walks"]


class Phase(Enum):
    """When in a step jobs run; the order is that of :meth:`Planner.schedule`. Callbacks come before all."""

    KEEP = "keep"  # inputs as they were before anything arrived
    ZERO = "zero"  # sums of inputs begin at zero
    ARRIVE = "arrive"  # spikes arrive, rates are summed up
    SETTLE = "settle"  # what a presynaptic neuron's events change, when all of its synapses have read it
    DROP = "drop"  # what arrived at refractory neurons that drop it
    EARLY = "early"  # inputs are recorded
    UPDATE = "update"  # of neurons
    JOIN = "join"  # lists of spikes
    AFTER = "after"  # what follows from the neurons of this step: rates, histories, numbers over populations
    COMBINE = "combine"  # what threads have summed up; a phase of its own, so that they wait for each other once
    LEARN = "learn"  # equations and postsynaptic events of synapses
    CHANGE = "change"  # synapses go and come
    LATE = "late"  # everything else is recorded


Phases: TypeAlias = dict[Phase, list[Job | Call]]  # of one object
OF_KERNEL = {
    KernelKind.DELIVER: Phase.ARRIVE,
    KernelKind.GATHER: Phase.ARRIVE,
    KernelKind.PRE_EVENTS: Phase.SETTLE,
    KernelKind.KEEP: Phase.KEEP,
    KernelKind.DROP: Phase.DROP,
}


def phases_of(owner: Neurons | Synapses, code: tuple[Code, ...]) -> Phases:
    """Return the jobs of a population or projection by phase; of packed synapses a job for all of their rows is made.

    Args:
        code: its kernels.
    """
    return _population_phases(owner, code) if isinstance(owner, Neurons) else _projection_phases(owner, code)


def phases_of_monitor(monitor: Recorder) -> Phases:
    """Return the jobs of a monitor by phase."""
    early, late = recorder_jobs(monitor)
    return {Phase.EARLY: [*early], Phase.LATE: [*late]}


def walks(phases: Phases) -> bool:
    """Whether some of the jobs walk rows of synapses."""
    return any(isinstance(job, RunKernel) and job.projection for jobs in phases.values() for job in jobs)


def still_serve(owner: Neurons | Synapses, phases: Phases) -> bool:
    """Whether jobs are those of their object as it is now, if the kernels are: they count spikes over the window that
    it has, and packed synapses have none.
    """
    if not isinstance(owner, Neurons):
        return (packed_rows(owner) is None) == bool(phases)
    windows = [job.window for job in phases.get(Phase.AFTER, ()) if isinstance(job, FiringRate)]
    return windows == [w for w in (owner.rate_window,) if w]


def _population_phases(population: Neurons, code: tuple[Code, ...]) -> Phases:
    place = population.place
    enabled = place(names.ENABLED)
    after: list[Job] = []
    if population.rate_window:
        counts, window = place(names.RATE_COUNT), population.rate_window
        after.append(FiringRate(population.path, place(names.HISTORY), counts, place("r"), window, enabled))
    after += [Push(place(name), place(names.past(name))) for name in population.delayed_variables]
    reduced = [
        (op, place(name), place(names.reduction(op, name)), population.size) for op, name in population.reductions
    ]
    phases: Phases = defaultdict(list)
    for one in code:
        phases[OF_KERNEL.get(one.kernel.kind, Phase.UPDATE)].append(_population_job(population, one))
    return {
        **phases,
        Phase.ZERO: [Zero(place(names.sum_of(target)), enabled) for target in population.summed],
        Phase.JOIN: [Join(population.path, spikes, enabled) for spikes in population.spike_lists],
        Phase.AFTER: [*after, *(Reduce(*each) for each in reduced)],
        Phase.COMBINE: [Combine(*each) for each in reduced],
    }


def _projection_phases(projection: Synapses, code: tuple[Code, ...]) -> Phases:
    phases: Phases = defaultdict(list)
    if packed_rows(projection) is not None:
        return phases
    if projection.spec.has_rules:
        phases[Phase.CHANGE].append(call_of(projection))
    for one in code:
        phases[OF_KERNEL.get(one.kernel.kind, Phase.LEARN)].append(_projection_job(projection, one))
    return phases


class Planner:
    """Lays out the jobs of a network, again and again; jobs that are as before are the same objects."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._deliveries: dict[str, tuple[PackedRows, object, Deliver]] = {}

    def schedule(
        self,
        bundles: list[list[Synapses]],
        phases: Mapping[str, Phases],
        of_monitors: Iterable[Phases],
        code: Mapping[str, tuple[Code, ...]],
    ) -> Schedule:
        """Return the jobs of one step in the order of their phases.

        Args:
            bundles: projections in the order in which they are summed up.
            phases: jobs by the paths of populations and projections.
            of_monitors: jobs of monitors.
            code: kernels, of which those of stop conditions are looked for.
        """
        program = self._program
        populations = [phases[p.path] for p in program.populations.values()]
        projections = [phases[p.path] for p in program.projections.values()]
        monitors = [*of_monitors]
        jobs = [
            *program.calls,
            *_of(populations, Phase.KEEP),
            *_of(populations, Phase.ZERO),
            *self._arrivals(bundles, phases),
            *_of(projections, Phase.SETTLE),
            *_of(populations, Phase.DROP),
            *_of(monitors, Phase.EARLY),
            *_of(populations, Phase.UPDATE),
            *_of(populations, Phase.JOIN),
            *_of(populations, Phase.AFTER),
            *_of(populations, Phase.COMBINE),
            *_of(projections, Phase.LEARN),
            *_of(projections, Phase.CHANGE),
            *_of(monitors, Phase.LATE),
        ]
        ahead = look_ahead([*jobs, *stop_jobs(program, code)])
        return deliver_and_update(ahead) if program.threads > 1 else Schedule(ahead)

    @property
    def packed(self) -> dict[str, PackedRows]:
        """The packed rows of the last schedule, by the keys that its jobs name."""
        return {key: rows for key, (rows, *_) in self._deliveries.items()}

    def _arrivals(self, bundles: list[list[Synapses]], phases: Mapping[str, Phases]) -> Iterable[Job | Call]:
        """What arrives, in the order in which it is summed up: bundle by bundle."""
        before, self._deliveries = self._deliveries, {}
        for bundle in bundles:
            for projection in bundle:
                rows = packed_rows(projection)
                if rows is None:
                    yield from phases[projection.path].get(Phase.ARRIVE, ())
                elif rows.paths[0] not in self._deliveries:
                    key = rows.paths[0]
                    known = before.get(key)
                    is_same = known is not None and known[0] is rows and known[1] is rows.cuts
                    job = known[2] if known is not None and is_same else deliver_job(self._program, rows)
                    self._deliveries[key] = (rows, rows.cuts, job)
                    yield job


def _of(phases: Iterable[Phases], phase: Phase) -> Iterable[Job | Call]:
    return (job for some in phases for job in some.get(phase, ()))


def _population_job(population: Neurons, code: Code) -> RunKernel:
    path = population.path
    paths = tuple(population_path(path, a.place) for a in code.kernel.arguments)
    lists = population.spike_lists if code.kernel.kind is KernelKind.UPDATE else ()
    spikes, axons = (*lists, "", "")[:2]
    ranges = (0, population.size) if code.kernel.is_ordered else ()  # all to one thread
    uid, enabled, size = population.uid, population.place(names.ENABLED), population.size
    facts: dict[str, Any] = {"uid": uid, "enabled": enabled, "ranges": ranges, "of": path}
    return RunKernel(code.kernel, code.key, paths, size, 0, spikes, axons, **facts)


def _projection_job(projection: Synapses, code: Code) -> RunKernel:
    kernel, pre, post = code.kernel, projection.pre, projection.post
    of_pre = kernel.kind in (KernelKind.DELIVER, KernelKind.PRE_EVENTS)
    spikes = (pre if of_pre else post).place(names.HISTORY)
    walks = of_pre or kernel.kind is KernelKind.POST_EVENTS
    axons = pre.place(names.AXON) if kernel.axonal else ""
    compares = kernel.kind is KernelKind.DELIVER and projection.spec.compares_spikes
    return RunKernel(
        kernel,
        code.key,
        tuple(projection_path(projection, a) for a in kernel.arguments),
        pre.size if kernel.kind is KernelKind.PRE_EVENTS else post.size,
        pre.size,
        spikes if walks and not axons else "",
        axons,
        projection.path,
        post.place(names.HISTORY) if compares else "",
        projection.uid,
        post.place(names.ENABLED),
        of=projection.path,
    )
