"""What engram makes of a population or a projection: equations, methods, slots, kernels and their C.

In: a network, compiled or not, and an object of it. Out: :class:`Explanation`, which is read by printing it. Before
compile the kernels are those that would be made now, and sizes that only drawing the synapses decides are said to be
unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from engram import markup
from engram.elsewhere.near import nearest
from engram.errors import CompileError, EngramError, InvalidArgument
from engram.explain.document import Block
from engram.explain.document_html import to_html
from engram.explain.equations import equation_lines
from engram.explain.report_models import equations
from engram.ir.nodes import Kernel, KernelKind
from engram.ir.printer import formulas
from engram.language.connection import complete_synapse
from engram.native.emit import emit
from engram.native.library import object_file, shipped, source_digest
from engram.program.backends import INTERPRETER
from engram.program.building import slots_of
from engram.program.compiling import code_of
from engram.program.layouts import possible_layouts
from engram.program.lifting import form_at_start
from engram.program.neurons import Neurons
from engram.program.packing import is_plain
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.program.wired import delay_kind
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.slots import Layout, Role, Slot
from engram.state.spelling import spelled
from engram.telling import told
from engram.wiring.kinds import ALL
from engram.wiring.values import delay_steps_of

__all__ = ["Explanation", "KernelText", "SlotText", "explain"]

LOOPS = {
    KernelKind.UPDATE: "once per neuron and step",
    KernelKind.GLOBALS: "once per step",
    KernelKind.KEEP: "once per neuron and step, before anything arrives",
    KernelKind.DROP: "once per neuron and step, when everything has arrived",
    KernelKind.DELIVER: "once per synapse at which a spike arrives in this step",
    KernelKind.PRE_EVENTS: "once per presynaptic neuron whose spike arrives in this step, after its synapses",
    KernelKind.POST_EVENTS: "once per synapse whose postsynaptic neuron spiked in this step",
    KernelKind.GATHER: "once per synapse and step, summed up per postsynaptic neuron",
    KernelKind.SYNAPSES: "once per synapse and step",
}
UNKNOWN = "?"  # a length that compile() will know


@dataclass(frozen=True)
class SlotText:
    """One remembered array. ``shape`` has ``?`` where only compile() knows the length."""

    path: str
    shape: str
    dtype: str
    role: str
    unit: str


@dataclass(frozen=True)
class KernelText:
    """One loop: what it runs over, what it computes, its C, and where the compiled object lies."""

    name: str
    loop: str
    formulas: tuple[str, ...]
    source: str
    object_file: str


@dataclass(frozen=True, repr=False)
class Explanation:
    """What engram makes of one object; ``print`` it.

    Args:
        title: kind, name and sizes.
        facts: model, connector, step, whether compiled.
        equations: lines, in the order of evaluation, each with its method.
        kernels: the loops of a step.
        slots: everything that is remembered of the object.
        problem: why there are no kernels, if there are none.
        typeset: the equations as mathematics, which notebooks show.
    """

    title: str
    facts: tuple[str, ...]
    equations: tuple[str, ...]
    kernels: tuple[KernelText, ...]
    slots: tuple[SlotText, ...]
    problem: str = ""
    typeset: tuple[Block, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [markup.heading(markup.plain(self.title)), markup.listed(map(markup.plain, self.facts))]
        parts.append(markup.folded("equations", to_html(self.typeset), is_open=True))
        parts.append(markup.folded("in the order of evaluation, with methods", _lines(self.equations)))
        parts.append(markup.folded("slots", _lines(_table(self.slots))))
        parts += [markup.preformatted(self.problem)] if self.problem else []
        for kernel in self.kernels:
            where = f"object: {kernel.object_file}"
            body = _lines(kernel.formulas) + markup.folded("C", _lines((where, "", kernel.source.rstrip())))
            parts.append(markup.folded(f"kernel '{kernel.name}', {kernel.loop}", body))
        return "".join(parts)

    def __str__(self) -> str:
        lines = [self.title, *_indented(self.facts), "", "equations", *_indented(self.equations), "", "slots"]
        lines += _indented(_table(self.slots))
        lines += ["", "kernels", *_indented(self.problem.split("\n"))] if self.problem else []
        for kernel in self.kernels:
            lines += ["", f"kernel '{kernel.name}', {kernel.loop}", *_indented(kernel.formulas)]
            lines += [f"  object: {kernel.object_file}", "  C:", *_indented(kernel.source.rstrip().split("\n"), 4)]
        return "\n".join(lines)


def explain(program: Program, what: str | Neurons | Synapses) -> Explanation:
    """Say what engram makes of an object.

    Args:
        program: that it belongs to.
        what: a population or projection, or the name of one; where both have that name, ``populations/<name>``.

    Raises:
        InvalidArgument: if there is no such object.
    """
    owner = _found(program, what)
    model = owner.definition.model
    if isinstance(owner, Synapses):
        model = complete_synapse(model, owner.is_spiking)
    problem = ""
    kernels: tuple[KernelText, ...] = ()
    try:
        kernels = tuple(_kernel(k, owner) for k in _kernels(owner))
    except EngramError as error:  # a method that can't solve an equation: the rest is worth reading
        problem = str(error)
    return Explanation(
        title=_title(owner),
        facts=tuple(_facts(owner)),
        equations=tuple(equation_lines(model, program.config.method)),
        kernels=kernels,
        slots=tuple(_slot(s, program.compiled) for s in sorted(_slots(owner), key=lambda s: s.path)),
        problem=problem,
        typeset=tuple(equations(model, program.config.method)),
    )


def _found(program: Program, what: str | Neurons | Synapses) -> Neurons | Synapses:
    if not isinstance(what, str):
        return what
    components = program.components
    what = spelled(what, "the name of an object")
    found = [component for component in components if what in (component.name, component.path)]
    if len(found) == 1:
        return found[0]
    if found:
        paths = " and ".join(repr(component.path) for component in found)
        raise InvalidArgument(f"{what!r} is the name of two objects\n  help: ask for one of {paths}.")
    known = tuple(component.name for component in components)
    near = nearest(what, known)
    advice = f"did you mean {near!r}?" if near else f"there are {', '.join(map(repr, known)) or 'none'}."
    raise InvalidArgument(f"there is no population or projection {told(what, 80)}\n  help: {advice}")


# -- facts -------------------------------------------------------------------------------------------------


def _title(owner: Neurons | Synapses) -> str:
    kind = "spiking" if owner.is_spiking else "rate-coded"
    if isinstance(owner, Neurons):
        return f"population '{owner.name}': {owner.size} {kind} neurons, geometry {owner.geometry}"
    pre, post = _end(owner.pre, owner.pre_ranks), _end(owner.post, owner.post_ranks)
    ends = f"{pre} -> {post} ({', '.join(owner.targets)})"
    n = f"{owner.n_syn} synapses" if owner.program.compiled else "synapses not drawn yet"
    return f"projection '{owner.name}': {ends}, {kind}, {n}"


def _end(population: Neurons, ranks: np.ndarray | None) -> str:
    component = "" if ranks is None else f"[{len(ranks)} of {population.size}]"
    return population.name + component


def _facts(owner: Neurons | Synapses) -> list[str]:
    program = owner.program
    facts = [f"model: {owner.spec.kind} '{owner.definition.name}'" if owner.definition.name else "model: no name"]
    if isinstance(owner, Synapses):
        connection = owner.draft.connection
        facts.append("connector: none yet" if connection is None else f"connector: {connection.connector.call}")
        if connection is not None:
            facts.append(f"weights: {connection.weights}, delays: {connection.delays} ms")
    elif owner.inputs:
        facts.append(f"inputs: {', '.join(sorted(owner.inputs))}")
    facts.append(f"step: dt = {told(program.dt)} ms, method of equations that name none: {program.config.method}")
    if not program.compiled:
        facts.append("not compiled: what follows is what compile() would make now")
    else:
        facts.append(program.backend.remark)
    return facts


# -- kernels -----------------------------------------------------------------------------------------------


def _kernels(owner: Neurons | Synapses) -> tuple[Kernel, ...]:
    """Return the kernels for the present form of the data, or for the one that compile() will find."""
    if isinstance(owner, Neurons) or owner.program.compiled:
        return tuple(c.kernel for c in code_of(owner, backend=INTERPRETER))
    shapes = {slot.name: slot.shape for slot in _slots(owner)}
    delays, layout = delay_kind(_forms(owner)[1]), possible_layouts(owner, _synapses_of_all(owner))[0]
    return tuple(c.kernel for c in code_of(owner, shapes, delays, layout, backend=INTERPRETER))


def _synapses_of_all(projection: Synapses) -> int:
    """Return how many synapses there will be where every pair has one; 0 elsewhere."""
    connection = projection.draft.connection
    if connection is None or connection.connector.kind != ALL or projection.is_partial:
        return 0
    lacks_self = projection.pre is projection.post and not connection.allow_self
    return (projection.pre.size - lacks_self) * projection.post.size


def _forms(projection: Synapses) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and delays as empty arrays of the form that compile() will give them."""
    connection = projection.draft.connection
    given = projection.draft.values.get("w", 0.0 if connection is None else connection.weights)
    is_many = isinstance(given, Distribution | str) or projection.spec.is_plastic
    if connection is not None:
        is_many = is_many or connection.force_multiple_weights or isinstance(connection.weights, Distribution | str)
    weights = np.zeros(0 if is_many else ())
    if connection is None:
        return weights, np.array(1, np.uint16)
    if isinstance(connection.delays, Distribution | str):
        return weights, np.zeros(0, np.uint16)
    return weights, np.array(delay_steps_of(connection.delays, projection.program.dt), np.uint16)


def _kernel(kernel: Kernel, owner: Neurons | Synapses) -> KernelText:
    is_packed = isinstance(owner, Synapses) and is_plain(owner)
    source = shipped("packed")[1] if is_packed else emit(kernel)
    try:
        found = object_file(source_digest(source))
        where = str(found) if found else "not compiled yet"
    except CompileError:
        where = "no C compiler was found; compile(backend='numpy') needs none"
    loop = LOOPS[kernel.kind] + (", in steps that learning period and offset choose" if kernel.periodic else "")
    return KernelText(kernel.name, loop, tuple(formulas(kernel)), source, where)


# -- slots -------------------------------------------------------------------------------------------------


def _slots(owner: Neurons | Synapses) -> list[Slot]:
    program = owner.program
    if program.compiled:
        return [_in_memory(program, slot) for slot in program.state.of(owner.path)]
    if isinstance(owner, Neurons):
        return slots_of(owner)
    weights, delays = _forms(owner)
    known = {names.DELAY_STEPS: delays.shape}
    attribute = owner.spec.attribute(names.WEIGHT)
    if attribute is not None and attribute.locality == "local":
        known[names.WEIGHT] = weights.shape
    slots = slots_of(owner)
    known |= {slot.name: form_at_start(owner, slot.name, 0, delays) for slot in slots if slot.lifted}
    return [slot.with_shape(known.get(slot.name, slot.shape)) for slot in slots]


def _in_memory(program: Program, slot: Slot) -> Slot:
    is_list = slot.layout is Layout.SPIKES  # whose value is as long as there are spikes
    return slot.with_shape(program.state[slot.path].shape) if is_list else slot


def _slot(slot: Slot, is_compiled: bool) -> SlotText:
    shape = ", ".join(map(str, slot.shape)) + ("," if len(slot.shape) == 1 else "")
    if slot.is_long and not is_compiled:
        shape = ", ".join([UNKNOWN, *map(str, slot.shape[1:])]) + ("," if len(slot.shape) == 1 else "")
    role = slot.role.value + (", not saved" if slot.role is Role.SCRATCH else "")
    return SlotText(slot.path, f"({shape})", slot.dtype.name, role, slot.unit)


def _table(slots: tuple[SlotText, ...]) -> list[str]:
    rows = [("path", "shape", "dtype", "role", "unit")]
    rows += [(s.path, s.shape, s.dtype, s.role, s.unit or "-") for s in slots]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    if any(UNKNOWN in s.shape for s in slots):
        lines.append(f"({UNKNOWN}: a length that is known after compile())")
    return lines


def _lines(lines: Iterable[str]) -> str:
    return markup.preformatted("\n".join(lines))


def _indented(lines: list[str] | tuple[str, ...], by: int = 2) -> list[str]:
    return [" " * by + line if line else line for line in lines]
