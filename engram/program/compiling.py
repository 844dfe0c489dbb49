"""The kernels of populations and projections, for the form that their data have or will have, and their tables."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from engram.errors import InvalidArgument
from engram.ir.nodes import Index
from engram.native.library import build_many, shipped
from engram.program.backend import Backend, Code
from engram.program.kernels import check_inputs, neuron_code, synapse_code
from engram.program.layouts import layout_of
from engram.program.lifting import forms
from engram.program.neurons import Neurons
from engram.program.packing import is_plain
from engram.program.places import population_path, projection_path
from engram.program.synapses import Synapses
from engram.program.wired import delay_kind
from engram.state import names
from engram.state.slots import Role, Slot

if TYPE_CHECKING:
    from engram.ir.nodes import Kernel

__all__ = ["check_inputs_of", "check_rates_of", "code_of", "coming_code", "compiled", "fillers", "ready_for"]


def code_of(
    component: Neurons | Synapses,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    delays: str | None = None,
    layout: str | None = None,
    backend: Backend | None = None,
) -> tuple[Code, ...]:
    """Return the kernels of a population or projection, for the present or a coming form of its data.

    Args:
        shapes: of values of a projection, by name, where they will differ from those of now.
        delays: see :func:`engram.program.wired.delay_kind`; of now by default.
        layout: see ``program/layouts.py``; of now by default.
        backend: of the network by default.
    """
    program = component.program
    facts: dict[str, Any] = {
        "constants": program.known_constants(component.spec.constants),
        "method": program.config.method,
        "backend": backend or program.backend,
        "precision": program.config.precision,
    }
    if isinstance(component, Neurons):
        inputs = tuple(sorted(component.inputs))
        return neuron_code(component.definition, inputs, **facts)
    coming, late = shapes or {}, component.place(names.DELAY_STEPS)

    def shape_of(name: str) -> tuple[int, ...]:
        return coming[name] if name in coming else program.state.slot(component.place(name)).shape

    kind = delays or ("each" if program.state.slot(late).shape else delay_kind(program.state[late]))
    return synapse_code(
        component.definition,
        component.pre.definition,
        component.post.definition,
        forms=forms(component, shape_of, kind),
        delays=kind,
        layout=layout or layout_of(component),
        targets=len(component.targets),
        inputs=_inputs(component) if component.spec.sums else {},
        **facts,
    )


def _inputs(projection: Synapses) -> dict[str, tuple[str, ...]]:
    """Return the targets that are connected to the populations of a projection."""
    sides = (("pre_inputs", projection.pre), ("post_inputs", projection.post))
    return {name: tuple(sorted(population.inputs)) for name, population in sides}


def check_inputs_of(projection: Synapses) -> None:
    """Refuse sums of targets that nothing is connected to."""
    neurons = projection.pre.definition, projection.post.definition
    check_inputs(projection.definition, *neurons, projection.targets[0], _inputs(projection))


def check_rates_of(projection: Synapses) -> None:
    """Refuse to read the firing rate of spiking neurons where nothing computes it.

    Raises:
        InvalidArgument: see above.
    """
    pre, spec = projection.pre, projection.spec
    is_hybrid = pre.is_spiking and not projection.is_spiking
    reads_rate = "r" in spec.reads_pre or "psp" not in dict(spec.blocks)  # r by the default psp
    if is_hybrid and reads_rate and pre.draft.rate_window_ms is None:
        what = f"it reads the firing rate 'r' of the spiking {pre.name!r}, which nothing computes"
        advice = f"{pre.name}.compute_firing_rate(50.0) before compile(), or connect them by eg.DecodingProjection."
        raise InvalidArgument(f"{projection.where}: {what}\n  help: {advice}")


def compiled(code: Iterable[Code]) -> dict[str, ctypes.CDLL]:
    """Return the compiled functions by key, compiling what is missing, with the draws that few networks need."""
    native = [c for c in code if c.source]
    texts = {c.key: (c.kernel.name, c.source) for c in native}
    rejection = [shipped("rejection")] if any(draw.tabled for c in native for draw in c.kernel.draws) else []
    return dict(zip(texts, build_many([*texts.values(), *rejection]), strict=False))  # the engine asks for the last


def ready_for(
    projection: Synapses,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    delays: str | None = None,
    layouts: Iterable[str | None] = (None,),
    is_apart: bool = False,
) -> None:
    """Compile the kernels for the form that a projection will have, so that what can't be is refused before anything
    has changed; see :func:`coming_code`."""
    compiled(coming_code(projection, shapes, delays, layouts, is_apart))


def coming_code(
    projection: Synapses,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    delays: str | None = None,
    layouts: Iterable[str | None] = (None,),
    is_apart: bool = False,
) -> list[Code]:
    """Return what has to be compiled for the form that a projection will have.

    Args:
        shapes, delays: as of :func:`code_of`.
        layouts: each that it may have.
        is_apart: whether plain synapses will not be packed.
    """
    found = [code for layout in layouts for code in code_of(projection, shapes, delays, layout)]
    return found if projection.program.backend.is_compiled and (is_apart or not is_plain(projection)) else []


def fillers(component: Neurons | Synapses, code: tuple[Code, ...]) -> list[Callable[[], None]]:
    """Allocate what is computed from parameters before a run, and return the functions that compute it.

    These are the matrices of equations with the method ``linear``, and the tables of decays; they are scratch.

    Args:
        code: the kernels of the object.
    """
    if component.section == "populations":
        return [_propagators(component, c.kernel) for c in code if c.kernel.propagators]
    return [*{path: fill for c in code for path, fill in _tables(component, c.kernel).items()}.values()]


def _propagators(population: Neurons, kernel: Kernel) -> Callable[[], None]:
    from engram.ir.propagate import fill_propagators  # with the interpreter: few networks need it

    program = population.program
    for propagator in kernel.propagators:
        path = population_path(population.path, propagator.place)
        if path not in program.state:
            shape = (len(propagator.entries), 1 if propagator.index is Index.ONE else population.size)
            program.state.add([Slot.at(path, shape, population.dtype("float"), Role.SCRATCH)])
    path_of = partial(population_path, population.path)
    return partial(fill_propagators, kernel, population.name, path_of, program.state, program.dt)


def _tables(projection: Synapses, kernel: Kernel) -> dict[str, Callable[[], None]]:
    if not kernel.tables:
        return {}
    from engram.ir.decays import FilledTable  # as above

    program, found = projection.program, {}
    places = {a.symbol: projection_path(projection, a) for a in kernel.arguments}
    for table in kernel.tables:
        path = places[table.symbol]
        if path not in program.state:
            facts = (path, (0,), projection.post.dtype("float"), Role.SCRATCH)
            program.state.add([Slot.at(*facts, free_length=True)])
        found[path] = FilledTable(program.state, path, table, places, program.dt).fill
    return found
