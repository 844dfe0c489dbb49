"""A checked model printed anew: the texts that ``eg.Neuron`` and ``eg.Synapse`` take, from its tree alone.

In: a :class:`Model`. Out: its blocks, one statement a line, which parse to an equal model with exactly the constants
that they read and no functions but their own; and a fingerprint, which is the same for models that differ in nothing
that a run could show. Comments, blanks, how an equation was written before it was solved, functions and constants
that nobody reads are in neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter

import xxhash

from engram.language.coming import rule_text
from engram.language.connection import expressions
from engram.language.errors import TooLarge
from engram.language.forms import distribution_text, real_text
from engram.language.model import Function, Locality, Model, Ode, Parameter, Statement, Type, Variable
from engram.language.nodes import Cast, Expr, Name
from engram.language.place import TextPlace
from engram.language.printer import to_text
from engram.language.source import MAX_PRINTED
from engram.language.trees import nodes_of, rewrite
from engram.language.values import Value
from engram.language.vocabulary import TIMES
from engram.state.distributions import Distribution
from engram.state.spelling import escape

__all__ = ["constants_of", "fingerprint", "printed"]

_ZERO: dict[Type, float | int | bool] = {"float": 0.0, "int": 0, "bool": False}
_SHARED: dict[str, dict[Locality, str]] = {
    "neuron": {"global": "population"},
    "synapse": {"global": "projection", "semiglobal": "postsynaptic"},
}


def printed(model: Model) -> dict[str, str]:
    """Return the blocks of a model by name; those that say nothing are left out.

    Raises:
        TooLarge: if they are longer than what a print may be, so that none is made that could not be read.
    """
    blocks = _blocks(model, model.parameters, model.functions, _as_declared(model))
    size = sum(map(len, blocks.values()))  # all is ASCII
    if size > MAX_PRINTED:
        what = f"a model printed anew, with its functions, may have {MAX_PRINTED} bytes; this one has {size}"
        place = TextPlace(f"{model.kind.capitalize()} '{escape(model.name)}'")
        raise TooLarge(what, place, advice="give long names and numbers shorter ones, or split it into several models.")
    return blocks


def fingerprint(model: Model) -> str:
    """Return a digest of what the model computes: the order of parameters, functions and traces is not in it.

    Nor are numbers with which attributes begin: they become slots, to which ``reset`` returns. But initial values that
    are drawn have the number of their attribute in the key of their stream: where the text says that they are drawn,
    that number is in it.
    """
    model = _without_numbers(model)
    parameters = sorted(model.parameters, key=attrgetter("name"))
    functions = sorted(model.functions, key=attrgetter("name"))
    equations: list[Statement] = [*_written(model), *sorted(model.event_driven, key=attrgetter("name"))]
    defaults = (*((p.name, p.value) for p in model.parameters), *((v.name, v.init) for v in model.variables))
    drawn = sorted((name, k) for k, (name, value) in enumerate(defaults) if isinstance(value, Distribution))
    facts = [model.kind, _blocks(model, parameters, functions, equations), constants_of(model), drawn]
    return str(xxhash.xxh3_128_hexdigest(json.dumps(facts).encode("ascii")))


def _without_numbers(model: Model) -> Model:
    """Return the model with all attributes beginning at zero that begin with a number."""
    kept = str | Distribution
    parameters = [p if isinstance(p.value, kept) else replace(p, value=_ZERO[p.type]) for p in model.parameters]
    variables = [v if isinstance(v.init, kept) else replace(v, init=_ZERO[v.type]) for v in model.variables]
    return replace(model, parameters=tuple(parameters), variables=tuple(variables))


def constants_of(model: Model) -> tuple[str, ...]:
    """Return the names of the constants that a model reads, by itself or in its functions."""
    attributes = {*(p.name for p in model.parameters), *(v.name for v in model.variables)}
    hidden = {*attributes, *TIMES[model.kind], "g_target"}
    found = {n.id for e in expressions(model) for n in nodes_of(e) if isinstance(n, Name)} - hidden
    for function in model.functions:
        found |= {n.id for n in nodes_of(function.value) if isinstance(n, Name)} - {*function.arguments}
    found |= {p.value for p in model.parameters if isinstance(p.value, str)}
    found |= {v.init for v in model.variables if isinstance(v.init, str)} - attributes
    return tuple(sorted(found))


def _blocks(
    model: Model, parameters: Iterable[Parameter], functions: Iterable[Function], equations: Iterable[Statement]
) -> dict[str, str]:
    lines = _Lines(model)
    period = model.refractory
    blocks = {
        "parameters": "\n".join(_parameter(model, p) for p in parameters),
        "functions": "\n".join(map(_function, functions)),
        "equations": lines.of(equations),
        "spike": _expression(model.spike),
        "reset": lines.of(model.reset),
        "axon_spike": _expression(model.axon_spike),
        "axon_reset": lines.of(model.axon_reset),
        "refractory": real_text(period) if isinstance(period, float) else period or "",
        "refractory_input": "drop" if model.drops_input else "",
        "psp": _expression(model.psp),
        "operation": model.operation if model.operation != "sum" else "",
        "pre_spike": lines.of(model.pre_spike),
        "post_spike": lines.of(model.post_spike),
        "pre_axon_spike": lines.of(model.pre_axon_spike),
        "pruning": rule_text(model.pruning) if model.pruning else "",
        "creating": rule_text(model.creating) if model.creating else "",
    }
    return {name: text for name, text in blocks.items() if text}


class _Lines:
    """Prints statements in the order in which they are read: the first on a variable says what the variable is."""

    def __init__(self, model: Model) -> None:
        self._kind = model.kind
        # a neuron's implicit variables are those that parsing adds; a synapse's are declared at its events
        self._undeclared = {v.name: v for v in model.variables if model.kind == "synapse" or not v.implicit}
        self._variables = {v.name: v for v in model.variables}
        self._shorter: dict[str, str] = {}  # of the bounds of a variable, once both were printed

    def of(self, statements: Iterable[Statement]) -> str:
        """Return the lines of a block."""
        return "\n".join(map(self._statement, statements))

    def _bounds_of(self, variable: Variable) -> list[str]:
        """Return the flags of bounds: both where the variable is bounded first, then the shorter, which means the same.

        So the print is no longer than a few times the text, however often and by whatever a variable is bounded.
        """
        if variable.name in self._shorter:
            return [self._shorter[variable.name]]
        bounds = (("min", variable.minimum), ("max", variable.maximum))
        flags = [f"{name}={to_text(bound)}" for name, bound in bounds if bound is not None]
        self._shorter[variable.name] = min(flags, key=len)
        return flags

    def _statement(self, statement: Statement) -> str:
        new, variable = self._undeclared.pop(statement.name, None), self._variables.get(statement.name)
        flags: list[str] = []
        if new is not None and repr(new.init) != repr(_ZERO[new.type]):
            flags.append(f"init={_value(new.init)}")
        if statement.clamped and variable is not None:
            flags += self._bounds_of(variable)
        if new is not None:
            flags += _kinds(self._kind, new)
        if isinstance(statement, Ode):
            left, right = statement.sides
            text = f"{to_text(left)} = {to_text(right)}"
            flags += [statement.method] if statement.method is not None else []
        else:
            text = f"{statement.name} {statement.op} {to_text(statement.value)}"
            flags += ["unless_post"] if statement.unless_post else []
        if statement.resting is not None:
            flags.append("unless refractory" if statement.resting == "holds" else "while refractory")
        return _flagged(text, flags)


def _written(model: Model) -> Iterator[Statement]:
    """Yield the equations without those that parsing adds: ``g = 0`` of conductances that no equation changes."""
    added = {v.name for v in model.variables if v.implicit and model.kind == "neuron"}
    yield from (s for s in model.equations if s.name not in added)


def _as_declared(model: Model) -> Iterator[Statement]:
    """Yield all equations, the event-driven among them so that variables appear in the order of the model."""
    place = {v.name: number for number, v in enumerate(model.variables)}
    waiting = list(model.event_driven)
    for statement in _written(model):
        while waiting and place[waiting[0].name] < place.get(statement.name, 0):
            yield waiting.pop(0)
        yield statement
    yield from waiting


def _parameter(model: Model, parameter: Parameter) -> str:
    value = _value(parameter.value)
    if value == "inf" and parameter.value != "inf" and "inf" in constants_of(model):
        value = "+inf"  # a name alone is that of the constant
    flags = _kinds(model.kind, parameter)
    return _flagged(f"{parameter.name} = {value}", [*flags, "table"] if parameter.is_table else flags)


def _kinds(kind: str, attribute: Parameter | Variable) -> list[str]:
    """Return the flags of locality and type, where they are not those that go without saying."""
    shared = [] if attribute.locality == "local" else [_SHARED[kind][attribute.locality]]
    return shared if attribute.type == "float" else [*shared, attribute.type]


def _flagged(text: str, flags: list[str]) -> str:
    return f"{text} : {', '.join(flags)}" if flags else text


def _value(value: Value) -> str:
    if isinstance(value, Distribution):
        return distribution_text(value)
    return real_text(value) if isinstance(value, float) else str(value)


def _expression(expr: Expr | None) -> str:
    return "" if expr is None else to_text(expr)


def _function(function: Function) -> str:
    """Return the definition of a function; types stand around its body and its arguments, see ``functions.py``."""
    value = function.value
    result = [value.type] if isinstance(value, Cast) else []
    given: dict[str, Type] = {}

    def strip(node: Expr) -> Expr:
        if isinstance(node, Cast) and isinstance(node.operand, Name):
            given[node.operand.id] = node.type
            return node.operand
        return node

    body = rewrite(value.operand if isinstance(value, Cast) else value, strip)
    last = max((k for k, name in enumerate(function.arguments, 1) if name in given), default=0)
    types = [*result, *(given.get(name, "float") for name in function.arguments[:last])]
    return _flagged(f"{function.name}({', '.join(function.arguments)}) = {to_text(body)}", list(types))
