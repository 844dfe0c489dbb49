"""From what the user built to what can run: synapses, slots, values, kernels.

Called by :meth:`Network.compile`, and in part again when a load or an assignment changes the form of a projection.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.ir.nodes import Index
from engram.native.library import build_many, shipped
from engram.network.histories import find_histories
from engram.network.initial import fill_projection, reset_population, set_initial
from engram.network.kernels import Code, check_inputs, neuron_code, synapse_code
from engram.network.layouts import layout_of
from engram.network.lifting import forms
from engram.network.packing import bundles, pack_bundle
from engram.network.places import population_path, projection_path
from engram.network.stopping import stop_slots
from engram.network.synapses import delay_kind, wire
from engram.state.slots import Layout, Role, Slot
from engram.state.tree import aligned

if TYPE_CHECKING:
    from engram.ir.decays import FilledTable
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection

__all__ = ["add_propagators", "build", "code_of", "compiled", "fill_scratch", "tables_of"]


def build(network: Network) -> None:
    """Allocate and fill the tree of a network whose objects are complete, and prepare its schedule."""
    for projection in network._projections.values():
        _check_inputs(projection)
    state = network._state
    # Population -> Slot -> arrays, but for histories: how long they are follows from the synapses
    populations = list(network._populations.values())
    state.add(slot for p in populations for slot in p._slots() if slot.layout is Layout.PLAIN)
    state.add(stop_slots(network))
    # Projection -> Connectivity, weights -> arrays, bundle by bundle: there is never more of them in memory than needed
    for bundle in bundles(network):
        for projection in bundle:
            drawn = wire(projection)
            projection._connectivity_now = drawn.connectivity
            state.add(projection._slots(drawn.connectivity, drawn.weights))
            fill_projection(projection, drawn)
            del drawn  # packing gives up what it has copied
        if network._backend == "c":
            network._packed |= pack_bundle(network, bundle)
    find_histories(network)
    for population in populations:
        histories = [slot for slot in population._slots() if slot.layout is not Layout.PLAIN]
        state.add(slot for slot in histories if slot.layout is not Layout.SPIKES)
        for slot in histories:
            if slot.layout is Layout.SPIKES:
                state.put(slot, aligned((population._history_length, population.size), np.uint32))
        set_initial(population)
        reset_population(population)


def code_of(
    owner: Population | Projection,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    delays: str | None = None,
    layout: str | None = None,
    backend: str | None = None,
) -> tuple[Code, ...]:
    """Return the kernels of a population or projection, for the present or a coming form of its data.

    Args:
        shapes: of values of a projection, by name, where they will differ from those of now.
        delays: see :func:`engram.network.synapses.delay_kind`; of now by default.
        layout: see ``network/layouts.py``; of now by default.
        backend: of the network by default.
    """
    network = owner._network
    facts: dict[str, Any] = {
        "constants": frozenset(network._constants),
        "method": network._config.method,
        "backend": backend or network._backend,
        "precision": network._config.precision,
    }
    if owner._path.startswith("populations/"):
        population: Population = owner  # type: ignore[assignment]  # told by the path
        inputs = tuple(sorted(population._inputs))
        return neuron_code(population.neuron_type, inputs, **facts)
    projection: Projection = owner  # type: ignore[assignment]  # the other kind
    coming, late = shapes or {}, f"{owner._path}/delay_steps"

    def shape_of(name: str) -> tuple[int, ...]:
        return coming[name] if name in coming else network._state.slot(f"{owner._path}/{name}").shape

    kind = delays or ("each" if network._state.slot(late).shape else delay_kind(network._state[late]))
    return synapse_code(
        projection.synapse_type,
        projection._pre.neuron_type,
        projection._post.neuron_type,
        forms=forms(projection, shape_of, kind),
        delays=kind,
        layout=layout or layout_of(projection),
        targets=len(projection._targets),
        inputs=_inputs(projection) if projection._spec.sums else {},
        **facts,
    )


def _inputs(projection: Projection) -> dict[str, tuple[str, ...]]:
    """Return the targets that are connected to the populations of a projection."""
    sides = (("pre_inputs", projection._pre), ("post_inputs", projection._post))
    return {name: tuple(sorted(population._inputs)) for name, population in sides}


def _check_inputs(projection: Projection) -> None:
    neurons = projection._pre.neuron_type, projection._post.neuron_type
    check_inputs(projection.synapse_type, *neurons, projection._targets[0], _inputs(projection))


def compiled(code: Iterable[Code]) -> dict[str, ctypes.CDLL]:
    """Return the compiled functions by key, compiling what is missing, with the draws that few networks need."""
    native = [c for c in code if c.source]
    texts = {c.key: (c.kernel.name, c.source) for c in native}
    rejection = [shipped("rejection")] if any(draw.tabled for c in native for draw in c.kernel.draws) else []
    return dict(zip(texts, build_many([*texts.values(), *rejection]), strict=False))  # the engine asks for the last


def add_propagators(network: Network) -> None:
    """Allocate the matrices of equations with the method ``linear``; they are scratch, computed before each run."""
    state = network._state
    for population in network._populations.values():
        for code in network._code[population._path]:
            for propagator in code.kernel.propagators:
                n = 1 if propagator.index is Index.ONE else population.size
                path = population_path(population._path, propagator.symbol)
                if path not in state:
                    shape = (len(propagator.entries), n)
                    state.add([Slot(path, shape, population._dtype("float"), Role.SCRATCH)])


def tables_of(network: Network) -> list[FilledTable]:
    """Allocate the tables of decays; they are scratch, filled before each run."""
    state = network._state
    found: dict[str, FilledTable] = {}
    for projection in network._projections.values():
        for kernel in (c.kernel for c in network._code[projection._path] if c.kernel.tables):
            from engram.ir.decays import FilledTable  # with the interpreter: few networks need it

            places = {a.symbol: projection_path(projection, a) for a in kernel.arguments}
            for table in kernel.tables:
                path = places[table.symbol]
                if path not in state:
                    state.add([Slot(path, (0,), projection._post._dtype("float"), Role.SCRATCH, free_length=True)])
                found[path] = FilledTable(state, path, table, places, network.dt)
    return list(found.values())


def fill_scratch(network: Network) -> None:
    """Compute what follows from parameters, which may have changed since the last run."""
    for population in network._populations.values():
        for code in network._code[population._path]:
            if code.kernel.propagators:
                from engram.ir.propagate import fill_propagators

                place = partial(population_path, population._path)
                fill_propagators(code.kernel, population.name, place, network._state, network.dt)
    for table in network._tables:
        table.fill()
