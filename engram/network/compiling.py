"""From what the user built to what can run: synapses, slots, values, kernels.

Called by :meth:`Network.compile`, and in part again when a load or an assignment changes the form of a projection.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.ir.nodes import Index
from engram.native.library import build_many, shipped
from engram.network.backends import Backend, Code
from engram.network.histories import fit_histories
from engram.network.initial import fill_projection, reset_population, set_initial
from engram.network.kernels import check_inputs, neuron_code, synapse_code
from engram.network.layouts import layout_of
from engram.network.lifting import forms
from engram.network.packing import bundles
from engram.network.places import population_path, projection_path
from engram.network.stopping import stop_slots
from engram.network.synapses import delay_kind, wire
from engram.state import names
from engram.state.residence import aligned
from engram.state.slots import Layout, Role, Slot

if TYPE_CHECKING:
    from engram.ir.nodes import Kernel
    from engram.network.monitor import Monitor
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection

__all__ = ["code_of", "compiled", "fillers", "pour", "program"]


def program(network: Network, check: Callable[[Iterable[Slot]], None] | None = None) -> None:
    """Allocate the tree of a network whose objects are complete: no synapses yet, histories of one step, no values.

    Args:
        check: looks at the slots of all objects first.
    """
    for projection in network._projections.values():
        _check_inputs(projection)
    state = network._state
    populations, constants = list(network._populations.values()), network._slot_constants
    slots_of = {p: list(p._slots()) for p in populations}
    more = [s for viewer in _viewers(network) for s in viewer._slots()]
    if check is not None:
        check(chain(more, *slots_of.values()))
    state.add(Slot(names.NETWORK, names.constant(n), (), np.dtype(np.float64), Role.PARAMETER) for n in constants)
    state.add(slot for slots in slots_of.values() for slot in slots if slot.layout is not Layout.SPIKES)
    for population, slots in slots_of.items():
        for slot in slots:
            if slot.layout is Layout.SPIKES:
                state.put(slot, aligned((1, population.size), slot.dtype))
    state.add(stop_slots(network))
    state.add(more)


def _viewers(network: Network) -> list[Projection | Monitor]:
    return [*network._projections.values(), *network._monitors.values()]


def pour(network: Network) -> None:
    """Fill the tree with what a network begins with: constants, synapses, which are drawn, and initial values."""
    populations = list(network._populations.values())
    for name in network._slot_constants:
        network._check_constant(name, network._constants[name])
        network._write(names.constant(name), network._constants[name])
    # Projection -> Connectivity, weights -> arrays, bundle by bundle: there is never more of them in memory than needed
    for bundle in bundles(network):
        for projection in bundle:
            drawn = wire(projection)
            fill_projection(projection, drawn)
            del drawn  # packing gives up what it has copied
        network._backend.hold(network, bundle)
    fit_histories(populations)
    for population in populations:
        set_initial(population)
        reset_population(population)
    for monitor in network._monitors.values():
        monitor._begin()


def code_of(
    owner: Population | Projection,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    delays: str | None = None,
    layout: str | None = None,
    backend: Backend | None = None,
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
        "constants": network._known_constants(owner._spec.constants),
        "method": network._config.method,
        "backend": backend or network._backend,
        "precision": network._config.precision,
    }
    if owner._section == "populations":
        inputs = tuple(sorted(owner._inputs))
        return neuron_code(owner.neuron_type, inputs, **facts)
    coming, late = shapes or {}, owner._place(names.DELAY_STEPS)

    def shape_of(name: str) -> tuple[int, ...]:
        return coming[name] if name in coming else network._state.slot(owner._place(name)).shape

    kind = delays or ("each" if network._state.slot(late).shape else delay_kind(network._state[late]))
    return synapse_code(
        owner.synapse_type,
        owner._pre.neuron_type,
        owner._post.neuron_type,
        forms=forms(owner, shape_of, kind),
        delays=kind,
        layout=layout or layout_of(owner),
        targets=len(owner._targets),
        inputs=_inputs(owner) if owner._spec.sums else {},
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


def fillers(owner: Population | Projection, code: tuple[Code, ...]) -> list[Callable[[], None]]:
    """Allocate what is computed from parameters before a run, and return the functions that compute it.

    These are the matrices of equations with the method ``linear``, and the tables of decays; they are scratch.

    Args:
        code: the kernels of the object.
    """
    if owner._section == "populations":
        return [_propagators(owner, c.kernel) for c in code if c.kernel.propagators]
    return [*{path: fill for c in code for path, fill in _tables(owner, c.kernel).items()}.values()]


def _propagators(population: Population, kernel: Kernel) -> Callable[[], None]:
    from engram.ir.propagate import fill_propagators  # with the interpreter: few networks need it

    network = population._network
    for propagator in kernel.propagators:
        path = population_path(population._path, propagator.symbol)
        if path not in network._state:
            shape = (len(propagator.entries), 1 if propagator.index is Index.ONE else population.size)
            network._state.add([Slot.at(path, shape, population._dtype("float"), Role.SCRATCH)])
    place = partial(population_path, population._path)
    return partial(fill_propagators, kernel, population.name, place, network._state, network.dt)


def _tables(projection: Projection, kernel: Kernel) -> dict[str, Callable[[], None]]:
    if not kernel.tables:
        return {}
    from engram.ir.decays import FilledTable  # as above

    network, found = projection._network, {}
    places = {a.symbol: projection_path(projection, a) for a in kernel.arguments}
    for table in kernel.tables:
        path = places[table.symbol]
        if path not in network._state:
            facts = (path, (0,), projection._post._dtype("float"), Role.SCRATCH)
            network._state.add([Slot.at(*facts, free_length=True)])
        found[path] = FilledTable(network._state, path, table, places, network.dt).fill
    return found
