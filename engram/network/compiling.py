"""From what the user built to what can run: synapses, slots, values, kernels, the schedule of a step.

Called by :meth:`Network.compile`, and in part again when a load or an assignment changes the form of a projection.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from engram.ir.jobs import FiringRate, Job, Join, Push, Reduce, RunKernel, Zero
from engram.ir.nodes import Argument, Index, KernelKind
from engram.ir.rows import Rows
from engram.ir.spec import LAST_SLOTS, storage_dtype
from engram.native.library import build_many
from engram.network.kernels import Code, neuron_code, synapse_code
from engram.state.distributions import Distribution
from engram.state.slots import Layout, Role, Slot
from engram.state.streams import Stream
from engram.state.tree import aligned
from engram.wiring.connectivity import Connectivity
from engram.wiring.connectors import connect
from engram.wiring.derived import segments, transpose_index

if TYPE_CHECKING:
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection
    from engram.wiring.connectors import Wired

__all__ = [
    "build",
    "code_of",
    "compiled",
    "connectivity_of",
    "delay_kind",
    "fill_projection",
    "fit_histories",
    "forget_events",
    "forget_history",
    "initial_value",
    "reset_population",
    "reset_projection",
    "rows_of",
    "schedule",
    "wire",
]

NEVER = -10000  # the step of events that did not happen
KEPT_ON_RESET = ("init/", "rate/window")


def build(network: Network) -> None:
    """Allocate and fill the tree of a network whose objects are complete, and prepare its schedule."""
    state = network._state
    # Projection -> Connectivity, weights
    wired = {projection: wire(projection) for projection in network._projections.values()}
    for projection, drawn in wired.items():
        projection._connectivity_now = drawn.connectivity
    _find_histories(network)
    # Population, Projection -> Slot
    slots = [slot for population in network._populations.values() for slot in population._slots()]
    wiring_slots = {p: list(p._slots(w.connectivity, w.weights)) for p, w in wired.items()}
    # Slot -> arrays
    state.add(
        [slot for slot in slots if slot.layout is not Layout.SPIKES]
        + [s for group in wiring_slots.values() for s in group]
    )
    for slot in slots:
        if slot.layout is Layout.SPIKES:
            population = network._populations[slot.owner.split("/")[1]]
            state.put(slot, aligned((population._history_length, population.size), np.uint32))
    # values
    for population in network._populations.values():
        _set_initial(population)
        reset_population(population)
    for projection, drawn in wired.items():
        fill_projection(projection, drawn)


def wire(projection: Projection) -> Wired:
    """Draw the synapses of a projection."""
    network, connection = projection._network, projection._connection
    if connection is None:
        raise network._not_connected(projection)
    plastic = projection._spec.is_plastic
    return connect(
        connection.connector,
        by="pre" if projection.is_spiking else "post",
        n_pre=projection.pre.size,
        n_post=projection.post.size,
        same_population=projection.pre is projection.post,
        allow_self=connection.allow_self,
        delays=connection.delays,
        weights=connection.weights,
        dt_ms=network.dt,
        seed=network.seed,
        uid=projection._uid,
        threads=network._threads,
        where=projection._where,
        force_multiple_weights=connection.force_multiple_weights or plastic,
    )


def _find_histories(network: Network) -> None:
    for population in network._populations.values():
        delays = [
            int(p._connectivity.delay_steps.max(initial=1))
            for p in network._projections.values()
            if p.pre is population
        ]
        population._longest_delay = max([1, *delays])
        population._history_length = max(population._longest_delay, population._rate_window + 1)
        population._inputs = {p.target for p in network._projections.values() if p.post is population}


# -- values -----------------------------------------------------------------------------------------------


def _set_initial(population: Population) -> None:
    state, path = population._network._state, population._path
    for name, value in population._initial_values().items():
        slot = state.slot(f"{path}/init/{name}")
        state.put(slot.with_shape(value.shape), value)
    if f"{path}/refractory" in state:
        state[f"{path}/refractory"][...] = population._refractory_ms()
    if population.is_spiking:
        state[f"{path}/rate/window"][...] = population._rate_window


def reset_population(population: Population) -> None:
    """Give a population its initial values: attributes from ``init``, nothing in flight, nobody at rest."""
    state, path = population._network._state, population._path
    for attribute in population._spec.attributes:
        state[f"{path}/{attribute.name}"][...] = state[f"{path}/init/{attribute.name}"]
    forget_history(population)
    for slot in state.slots().values():
        is_other = slot.layout is not Layout.PLAIN or slot.name.startswith(KEPT_ON_RESET)
        if slot.owner == path and slot.hidden and not is_other:
            state[slot.path][...] = NEVER if slot.name == "last_spike" else 0


def forget_history(population: Population) -> None:
    """Drop the spikes in flight; for rates, let the past have been as the present."""
    state = population._network._state
    for path, slot in state.slots().items():
        if slot.owner == population._path and slot.layout is Layout.RING:
            now = f"{slot.owner}/{slot.name.removeprefix('history/')}"
            state[path][...] = 0 if slot.name.endswith("/count") else state[now]


def fit_histories(network: Network) -> None:
    """Lengthen histories that are shorter than the delays which projections have now, after a load or a new draw."""
    state = network._state
    for population in network._populations.values():
        outgoing = [p for p in network._projections.values() if p.pre is population]
        delays = (int(state[f"{p._path}/delay_steps"].max(initial=1)) for p in outgoing)
        population._longest_delay = max([1, *delays])
        longest = max(population._longest_delay, population._rate_window + 1)
        for path, slot in state.slots().items():
            if slot.owner == population._path and slot.layout in (Layout.RING, Layout.SPIKES):
                old = state[path]
                if len(old) < longest:
                    state.put(slot.with_shape((longest, *old.shape[1:])), _lengthened(old, longest, state.step, path))


def _lengthened(ring: np.ndarray, length: int, step: int, path: str) -> np.ndarray:
    """Return a longer ring; before what is known nothing spiked, and rates were the oldest that is known."""
    longer = aligned((length, *ring.shape[1:]), ring.dtype)
    if path.rsplit("/", 1)[1] not in ("count", "rank"):
        longer[...] = ring[step % len(ring)]
    for past in range(step - len(ring), step):
        longer[past % length] = ring[past % len(ring)]
    return longer


def fill_projection(projection: Projection, drawn: Wired) -> None:
    """Put connectivity, weights and initial values of synaptic attributes into the tree."""
    state, path = projection._network._state, projection._path
    put_connectivity(projection, drawn.connectivity)
    weights = _assigned_weights(projection, drawn.weights)
    state.put(state.slot(f"{path}/w").with_shape(weights.shape), weights)
    reset_projection(projection, first=True)
    for flag, value in projection._flags.items():
        state[f"{path}/{flag}"][...] = value
    for name, steps in projection._learning.items():
        state[f"{path}/{name}"][...] = steps


def put_connectivity(projection: Projection, wiring: Connectivity) -> None:
    """Make a connectivity the projection's."""
    state, path = projection._network._state, projection._path
    ranks = "post_ranks" if wiring.by == "pre" else "pre_ranks"
    for name, array in (("row_start", wiring.row_start), (ranks, wiring.ranks), ("delay_steps", wiring.delay_steps)):
        state.put(state.slot(f"{path}/{name}").with_shape(array.shape), array)
    projection._connectivity_now = connectivity_of(projection)


def _assigned_weights(projection: Projection, drawn: np.ndarray) -> np.ndarray:
    """Return the connector's weights, or what the user assigned to ``w`` before compile."""
    value, attribute = projection._initial.get("w"), projection._spec.attribute("w")
    if value is None or attribute is None:
        return drawn
    if isinstance(value, Distribution):
        number = [a.name for a in projection._spec.attributes].index("w")
        return projection._drawn(attribute, value, Stream.INITIAL, number).astype(drawn.dtype)
    return np.full_like(drawn, value)


def reset_projection(projection: Projection, first: bool = False) -> None:
    """Give synaptic attributes other than ``w`` their initial values, and forget all events."""
    state, path = projection._network._state, projection._path
    known: dict[str, np.ndarray] = {}
    for attribute in projection._spec.attributes:
        if attribute.name == "w":
            continue
        target, initial = f"{path}/{attribute.name}", f"{path}/init/{attribute.name}"
        if first:
            value = projection._default(attribute, known)
            if isinstance(value, Distribution):
                number = [a.name for a in projection._spec.attributes].index(attribute.name)
                value = projection._drawn(attribute, value, Stream.INITIAL, number)
            value = value.astype(storage_dtype(attribute.type))
            state.put(state.slot(initial).with_shape(value.shape), value)
        state[target][...] = known[attribute.name] = state[initial]
    forget_events(projection)


def forget_events(projection: Projection) -> None:
    """Set the steps of last events to long ago."""
    state = projection._network._state
    for name, _ in LAST_SLOTS.values():
        if f"{projection._path}/{name}" in state:
            state[f"{projection._path}/{name}"][...] = NEVER


def initial_value(network: Network, path: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return the initial value of a slot of a projection whose number of synapses has changed."""
    owner, name = path.rsplit("/", 1)
    state = network._state
    if name in {slot for slot, _ in LAST_SLOTS.values()}:
        return np.full(shape, NEVER, np.int64)
    value = state[f"{owner}/init/{name}"] if f"{owner}/init/{name}" in state else np.zeros((), state.slot(path).dtype)
    # One value per synapse has no counterpart among the new synapses, and any other choice would be invented.
    return np.full(shape, value if value.shape == () else 0, value.dtype)


# -- what follows from the values --------------------------------------------------------------------------


def connectivity_of(projection: Projection) -> Connectivity:
    """Return the connectivity that stands in the tree."""
    state, path = projection._network._state, projection._path
    by = "pre" if projection.is_spiking else "post"
    ranks = state[f"{path}/post_ranks" if by == "pre" else f"{path}/pre_ranks"]
    sizes = projection.pre.size, projection.post.size
    return Connectivity(
        "pre" if by == "pre" else "post", *sizes, state[f"{path}/row_start"], ranks, state[f"{path}/delay_steps"]
    )


def delay_kind(delay_steps: np.ndarray) -> str:
    """How a rate-coded synapse reads presynaptic values: ``none`` (the last step's), ``uniform`` or ``each``."""
    if delay_steps.shape != ():
        return "each"
    return "none" if int(delay_steps) == 1 else "uniform"


def rows_of(projection: Projection) -> Rows:
    """Return the rows that loops walk, with what is derived from them."""
    wiring, threads = projection._connectivity, projection._network._threads
    if wiring.by == "post":
        steps = wiring.delay_steps
        delay = steps.reshape(1).astype(np.int64) if steps.shape == () else np.ones(1, np.int64)
        return Rows(wiring.row_start, wiring.ranks, delay, None, None if steps.shape == () else steps, None, None, None)
    where = segments(wiring, threads=threads)
    if not projection._spec.needs_columns:
        return Rows(wiring.row_start, wiring.ranks, where.delays, where.starts, None, None, None, None)
    each = None if wiring.delay_steps.shape == () else wiring.delay_steps
    turned = transpose_index(wiring, threads=threads)
    columns = (turned.start, turned.slot, turned.rank)
    return Rows(wiring.row_start, wiring.ranks, where.delays, where.starts, each, *columns)


# -- kernels and schedule ----------------------------------------------------------------------------------


def code_of(
    owner: Population | Projection, w_shape: tuple[int, ...] | None = None, delays: str | None = None
) -> tuple[Code, ...]:
    """Return the kernels of a population or projection, for the present or a coming form of its data."""
    network = owner._network
    method, backend, constants = network._config.method, network._backend, frozenset(network._constants)
    if owner._path.startswith("populations/"):
        population: Population = owner  # type: ignore[assignment]  # told by the path
        inputs = tuple(sorted(population._inputs))
        return neuron_code(population.neuron_type, inputs, constants=constants, method=method, backend=backend)
    projection: Projection = owner  # type: ignore[assignment]  # the other kind
    shape = network._state[f"{owner._path}/w"].shape if w_shape is None else w_shape
    kind = delays or delay_kind(projection._connectivity.delay_steps)
    return synapse_code(
        projection.synapse_type,
        projection.pre.neuron_type,
        projection.post.neuron_type,
        single=frozenset({"w"}) if shape == () and projection._spec.attribute("w").locality == "local" else frozenset(),  # type: ignore[union-attr]  # every synapse has w
        delays=kind,
        constants=constants,
        method=method,
        backend=backend,
    )


def compiled(code: Iterable[Code]) -> dict[str, ctypes.CDLL]:
    """Return the compiled functions by key, compiling what is missing."""
    texts = {c.key: (c.kernel.name, c.source) for c in code if c.source}
    return dict(zip(texts, build_many(list(texts.values())), strict=True))


def add_propagators(network: Network) -> None:
    """Allocate the matrices of equations with the method ``linear``; they are scratch, computed before each run."""
    state = network._state
    for population in network._populations.values():
        for code in network._code[population._path]:
            for propagator in code.kernel.propagators:
                shape = () if propagator.index is Index.ONE else population.geometry
                wanted = {a.symbol for a in code.kernel.arguments}
                slots = [_scratch(population, symbol, shape) for symbol, *_ in propagator.entries() if symbol in wanted]
                state.add(slot for slot in slots if slot.path not in state)


def _scratch(population: Population, symbol: str, shape: tuple[int, ...]) -> Slot:
    return Slot(_population_path(population._path, symbol), shape, np.dtype(np.float64), Role.SCRATCH)


def fill_scratch(network: Network) -> None:
    """Compute what follows from parameters, which may have changed since the last run."""
    for population in network._populations.values():
        for code in network._code[population._path]:
            if code.kernel.propagators:
                from engram.ir.propagate import fill_propagators

                paths = {a.symbol: _population_path(population._path, a.symbol) for a in code.kernel.arguments}
                fill_propagators(code.kernel, paths, network._state, network.dt)


def schedule(network: Network, code: dict[str, tuple[Code, ...]]) -> list[Job]:
    """Return the jobs of one step in the order of their phases.

    Args:
        code: the kernels of each object, by its path.
    """
    populations, projections = list(network._populations.values()), list(network._projections.values())
    monitors = list(network._monitors.values())
    jobs: list[Job] = [Zero(path) for path in network._state.slots() if path.split("/")[2:3] == ["sum"]]
    arriving = (KernelKind.DELIVER, KernelKind.GATHER)
    # what does more with a conductance than add to it comes after all that adds
    for projection in sorted(projections, key=lambda p: not p._spec.is_additive):
        jobs += [_projection_job(projection, c) for c in code[projection._path] if c.kernel.kind in arriving]
    jobs += [job for monitor in monitors for job in monitor._jobs(early=True)]
    for population in populations:
        jobs += [_population_job(population, c) for c in code[population._path]]
    for population in populations:
        jobs += [Join(spikes) for spikes in population._spike_lists()]
    for population in populations:
        path = population._path
        if population._rate_window:
            counts = f"{path}/rate/count"
            jobs.append(FiringRate(f"{path}/history", counts, f"{path}/r", population._rate_window))
        for name in sorted(network._delayed_variables(population)):
            jobs.append(Push(f"{path}/{name}", f"{path}/history/{name}"))
        jobs += [Reduce(op, f"{path}/{name}", f"{path}/op/{op}.{name}") for op, name in network._reductions(population)]
    for projection in projections:
        jobs += [_projection_job(projection, c) for c in code[projection._path] if c.kernel.kind not in arriving]
    return jobs + [job for monitor in monitors for job in monitor._jobs(early=False)]


def _population_job(population: Population, code: Code) -> RunKernel:
    path = population._path
    paths = tuple(_population_path(path, a.symbol) for a in code.kernel.arguments)
    lists = population._spike_lists() if code.kernel.kind is KernelKind.UPDATE else ()
    spikes, axons = (*lists, "", "")[:2]
    return RunKernel(code.kernel, code.key, paths, population.size, spikes=spikes, axons=axons, uid=population._uid)


def _population_path(path: str, symbol: str) -> str:
    """The place of a neuron's symbol in the tree: ``v``, ``sum.exc``, ``mean.v``, ``constants.tau``, a propagator."""
    head, dot, rest = symbol.partition(".")
    if not dot:
        return f"{path}/{symbol}"
    if head == "constants":
        return f"network/constants/{rest}"
    folder = head if head in ("sum", "propagator", "propagator_input") else "op"
    return f"{path}/{folder}/{symbol if folder == 'op' else rest}"


def _projection_job(projection: Projection, code: Code) -> RunKernel:
    kernel, pre, post = code.kernel, projection.pre, projection.post
    spikes = {KernelKind.DELIVER: f"{pre._path}/history", KernelKind.POST_EVENTS: f"{post._path}/history"}
    axons = f"{pre._path}/axon" if kernel.axonal else ""
    return RunKernel(
        kernel,
        code.key,
        tuple(_projection_path(projection, a) for a in kernel.arguments),
        post.size,
        pre.size,
        "" if axons else spikes.get(kernel.kind, ""),
        axons,
        projection._path,
        projection._uid,
    )


def _projection_path(projection: Projection, argument: Argument) -> str:
    symbol, post = argument.symbol, projection.post._path
    if symbol == "g_target":
        return f"{post}/g_{projection.target}"
    if symbol == "sum":
        return f"{post}/sum/{projection.target}"
    head, _, rest = symbol.partition(".")
    if head == "pre" and argument.history:
        return f"{projection.pre._path}/history/{rest}"
    if head in ("pre", "post"):
        return _population_path(projection.pre._path if head == "pre" else post, rest)
    return f"network/constants/{rest}" if head == "constants" else f"{projection._path}/{symbol}"
