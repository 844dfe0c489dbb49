"""Definitions: parameters and variables with their flags, each name once.

In: statements of ``parameters``, and the lines of the other blocks. Out: the Parameter and Variable records of the
model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engram.language.errors import (
    AssignedParameter,
    BadLeftSide,
    BadSyntax,
    BadValue,
    DuplicateDefinition,
    DuplicateFlag,
    MisplacedFlag,
    ReservedName,
    WrongLocality,
)
from engram.language.flags import read_flags
from engram.language.lines import EVENTS, Line
from engram.language.model import Parameter, Variable
from engram.language.nodes import Name, Span
from engram.language.resolve import Resolver
from engram.language.source import Source
from engram.language.syntax import Statement
from engram.language.trees import nodes_of
from engram.language.values import convert, read_value
from engram.language.vocabulary import RESERVED, RESERVED_IN_SYNAPSES
from engram.state.distributions import Distribution

__all__ = ["check_definition", "declare_parameters", "declare_variables"]


def check_definition(source: Source, name: str, span: Span, is_function: bool = False) -> bool:
    """Whether a name may be defined; a reserved one is reported."""
    is_attribute = not is_function and source.kind == "synapse"
    is_taken = name in RESERVED or (is_attribute and name in RESERVED_IN_SYNAPSES)
    if not is_taken and not name.startswith("__"):
        return True
    advice = f"choose another name, such as '{name}_0'." if not name.startswith("__") else "drop the leading '__'."
    if name in ("init", "min", "max"):
        advice = f"a flag stands behind the equation, after a colon or a comma: ': init=0.0, {name}=...'."
    source.report(ReservedName(f"the name '{name}' is reserved", source.place(span), advice=advice, identifier=name))
    source.assumed.add(name)
    return False


def declare_parameters(source: Source, statements: Iterable[Statement], constants: set[str]) -> dict[str, Parameter]:
    """Return the parameters by name, in the order of the text."""
    found: dict[str, Parameter] = {}
    for statement in statements:
        left = statement.left
        if not isinstance(left, Name) or "/" in left.id:
            what, advice = "a parameter must be a name", "write 'name = value'."
            if any(isinstance(node, Name) and node.id.endswith("dt") for node in nodes_of(left)):
                advice = "an equation stands in `equations`; the order is parameters, equations: give them by name."
            source.report(BadLeftSide(what, source.place(left.span), advice=advice))
            continue
        if statement.op != "=":
            what = f"a parameter is defined by '=', not '{statement.op}'"
            advice = f"write '{left.id} = ...'."
            source.report(BadSyntax(what, source.place(left.span), advice=advice, identifier=left.id))
        if not check_definition(source, left.id, left.span):
            continue
        if left.id in found:
            _report_duplicate(source, left.id, left.span, found[left.id].span)
            continue
        found[left.id] = _parameter(source, left.id, statement, constants)
    return found


def declare_variables(
    source: Source, resolver: Resolver, lines: Iterable[Line], parameters: dict[str, Parameter], constants: set[str]
) -> dict[str, Variable]:
    """Return the variables by name, in the order in which they first appear.

    Every name on the left of an equation is one; on the left of an event statement only those become variables that
    are new, and only in synapses.
    """
    found: dict[str, Variable] = {}
    defined: dict[str, Line] = {}  # by `=` or an ODE
    for line in lines:
        if line.block in EVENTS and line.name in constants and line.name not in {*parameters, *found, *source.assumed}:
            _report_constant(source, line)
        if line.name in source.assumed and line.name in constants:
            continue
        if line.name in parameters or line.name == "g_target" or line.block in ("reset", "axon_reset"):
            continue  # assignments that define nothing; check.py examines them
        if line.name not in found and not check_definition(source, line.name, line.head):
            continue
        is_definition = line.block not in EVENTS and line.op == "="
        if is_definition and line.name in defined:
            _report_duplicate(source, line.name, line.head, defined[line.name].head)
            continue
        if is_definition:
            defined[line.name] = line
        found[line.name] = _variable(source, resolver, line, found.get(line.name), {*parameters, *constants})
    return found


def _parameter(source: Source, name: str, statement: Statement, constants: set[str]) -> Parameter:
    flags = read_flags(source, "parameters", statement.flags)
    given = source.blocks["parameters"].object_at(statement.span.start)
    what = f"the value of '{name}'"
    value = given if given is not None else read_value(source, statement.right, constants, what)
    kind = flags.type or ("bool" if isinstance(value, bool) else "float")
    if value is not None:
        value = convert(source, value, kind, statement.right, what)
    value = 0.0 if value is None else value
    if flags.is_table and isinstance(value, str | Distribution):
        told = f"the table '{name}' begins with a number"
        place = source.place(statement.right.span)
        source.report(BadValue(told, place, advice=f"write '{name} = 0.0', and give its entries to the population."))
    return Parameter(name, value, flags.locality or "local", kind, flags.is_table, statement.left.span)


def _variable(source: Source, resolver: Resolver, line: Line, old: Variable | None, names: set[str]) -> Variable:
    """Return the variable with the flags of one more line on it."""
    flags = line.flags
    init = None
    what = f"the initial value of '{line.name}'"
    if flags.init is not None:
        given = source.blocks[line.block].object_at(line.span.start)
        init = given if given is not None else read_value(source, flags.init, names, what)
    if old is None:
        kind = flags.type or ("bool" if isinstance(init, bool) else "float")
        implicit = line.block in EVENTS
        zero = {"float": 0.0, "int": 0, "bool": False}[kind]
        old = Variable(line.name, zero, flags.locality or "local", kind, implicit=implicit, span=line.head)
        if implicit and old.locality != "local":
            text = f"'{line.name}' is defined by {line.block}, and such a variable is local"
            advice = "define it in `equations` if it shall be shared."
            source.report(WrongLocality(text, source.place(flags.span("locality")), advice=advice))
            old = replace(old, locality="local")
    else:
        _check_same(source, line, old)
    if init is not None and flags.init is not None:
        old = replace(old, init=convert(source, init, old.type, flags.init, what))
    return _with_bounds(source, resolver, line, old)


def _with_bounds(source: Source, resolver: Resolver, line: Line, variable: Variable) -> Variable:
    for group, raw in (("min", line.flags.minimum), ("max", line.flags.maximum)):
        if raw is None:
            continue
        bound = resolver.resolve(raw)
        before = variable.minimum if group == "min" else variable.maximum
        if before is not None and before != bound:
            what = f"'{line.name}' has two different flags '{group}'"
            place = source.place(line.flags.span(group))
            source.report(DuplicateFlag(what, place, advice="keep one of them.", identifier=line.name))
        elif group == "min":
            variable = replace(variable, minimum=bound)
        else:
            variable = replace(variable, maximum=bound)
    if variable.type == "bool" and (variable.minimum or variable.maximum):
        what = f"'{line.name}' is bool and has no bounds"
        source.report(MisplacedFlag(what, source.place(line.head), identifier=line.name))
    return variable


def _check_same(source: Source, line: Line, old: Variable) -> None:
    """Report flags that contradict those of an earlier line on the variable."""
    for group, mine, before in (
        ("locality", line.flags.locality, old.locality),
        ("type", line.flags.type, old.type),
    ):
        if mine is not None and mine != before:
            what = f"'{line.name}' was {before} before, and is {mine} here"
            place = source.place(line.flags.span(group))
            source.report(DuplicateFlag(what, place, advice="give the flag once.", identifier=line.name))


def _report_constant(source: Source, line: Line) -> None:
    what = f"'{line.name}' is a constant and cannot be assigned"
    advice = f"choose another name, or define a variable '{line.name}' in `equations`, which hides the constant."
    source.report(AssignedParameter(what, source.place(line.head), advice=advice, identifier=line.name))
    source.assumed.add(line.name)


def _report_duplicate(source: Source, name: str, span: Span, before: Span) -> None:
    first = source.place(before)
    what = f"'{name}' is defined twice"
    details = (f"first in {first.block}, line {first.line}",)
    advice = "one `=` or ODE for each variable; use += -= *= /= for further changes."
    source.report(DuplicateDefinition(what, source.place(span), details, advice, name))
    source.assumed.add(name)
