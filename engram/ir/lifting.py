"""Which event-driven variables of a synapse may be kept once per neuron: a trace of the presynaptic side, say.

In: a checked model. Out: names, and the side whose neurons would hold them.
"""

from __future__ import annotations

from collections.abc import Iterator

from engram.ir.traces import traces_of
from engram.language.model import Assign, Locality, Model, Ode, Statement, Variable
from engram.language.nodes import Call, Draw, Expr, GlobalOp, Name, Neighbour, Sum
from engram.language.trees import nodes_of

__all__ = ["liftable"]

PER_SYNAPSE = ("g_target", "t_pre", "t_post")  # names without an attribute that differ from synapse to synapse


def liftable(model: Model) -> tuple[tuple[str, ...], ...]:
    """Return (variable, side, others ...) for those whose values can't differ among the synapses of one neuron.

    One side alone writes them, from nothing but each other (the others, which must be lifted too), the time, and
    parameters that the synapses of a neuron of that side share. What equations or ``psp`` read is left out: they read
    every synapse in every step.
    """
    traces = traces_of(model)
    sides: tuple[tuple[str, tuple[Ode, ...], tuple[Assign, ...], tuple[Locality, ...]], ...] = (
        ("pre", traces.pre, (*model.pre_spike, *model.pre_axon_spike), ("global",)),
        ("post", traces.post, model.post_spike, ("global", "semiglobal")),
    )
    found: list[tuple[str, ...]] = []
    for side, odes, statements, localities in sides:
        shared = {p.name for p in model.parameters if p.locality in localities}
        names = {o.name for o in odes if _is_float(model, o.name)} - _read_in_each_step(model)
        writers: list[Statement] = [*odes, *statements]
        while True:
            differing = {s.name for s in writers if s.name in names and not _is_shared(s, names | shared, model)}
            if not differing:
                break
            names -= differing
        for name in (o.name for o in odes if o.name in names):
            values = [value for s in writers if s.name == name for value in _values(s, model)]
            read = {node.id for value in values for node in nodes_of(value) if isinstance(node, Name)}
            found.append((name, side, *sorted(read & names - {name})))
    return tuple(found)


def _is_float(model: Model, name: str) -> bool:
    variable = model.attribute(name)
    return variable is not None and variable.type == "float"


def _read_in_each_step(model: Model) -> set[str]:
    values = [s.rate if isinstance(s, Ode) else s.value for s in model.equations]
    values += [model.psp] if model.psp is not None else []
    return {node.id for value in values for node in nodes_of(value) if isinstance(node, Name)}


def _is_shared(statement: Statement, shared: set[str], model: Model) -> bool:
    """Whether a statement gives the same value at all synapses of a neuron."""
    if isinstance(statement, Assign) and statement.unless_post:
        return False
    return all(_is_shared_value(value, shared, model) for value in _values(statement, model))


def _values(statement: Statement, model: Model) -> Iterator[Expr]:
    """Everything that the new value depends on."""
    yield statement.rate if isinstance(statement, Ode) else statement.value
    variable = model.attribute(statement.name)
    if statement.clamped and isinstance(variable, Variable):
        yield from (bound for bound in (variable.minimum, variable.maximum) if bound is not None)


def _is_shared_value(expr: Expr, shared: set[str], model: Model) -> bool:
    return all(_is_shared_node(node, shared, model) for node in nodes_of(expr))


def _is_shared_node(node: Expr, shared: set[str], model: Model) -> bool:
    match node:
        case Name(name):
            return name in shared or (model.attribute(name) is None and name not in PER_SYNAPSE)
        case Call(function):
            bodies = [f for f in model.functions if f.name == function]
            return all(_is_shared_value(f.value, shared | set(f.arguments), model) for f in bodies)
        case Neighbour() | Sum() | GlobalOp() | Draw():
            return False
        case _:
            return True
