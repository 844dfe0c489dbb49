"""The stages that neurons and synapses share: texts -> definitions, lines, expressions; and back out, problems.

In: a ``Source``. Out: :class:`Parts`, which ``parser.py`` completes to a model. Each stage notes its problems in the
source and goes on, so that one call finds them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engram.language.assigned import take_assigned
from engram.language.check import check_assigned, check_reads, check_sharing
from engram.language.coming import conditions_alone
from engram.language.declare import declare_parameters, declare_variables
from engram.language.errors import MissingRate, ModelErrors
from engram.language.functions import arguments_of, check_complete, find_signatures, inlined, read_functions
from engram.language.lines import Line, defined_name, read_line
from engram.language.model import Assign, Function, Ode, Parameter, Variable
from engram.language.nodes import Expr
from engram.language.resolve import Resolver
from engram.language.rules import check_bounds, check_initial_values
from engram.language.scope import Scope
from engram.language.source import Source
from engram.language.syntax import read_expression, read_statements

__all__ = ["Parts", "check_parts", "raise_problems", "read_parts", "to_assign", "to_ode"]


@dataclass
class Parts:
    """What the texts of one model say, before the rules of its kind are applied.

    ``lines`` and ``expressions`` are by block; ``draws`` is the number of random draws.
    """

    source: Source
    constants: set[str]
    functions: dict[str, Function]
    parameters: dict[str, Parameter]
    variables: dict[str, Variable]
    lines: dict[str, list[Line]]
    expressions: dict[str, Expr]
    draws: int

    def all_lines(self) -> Iterator[Line]:
        """Yield the lines of all blocks."""
        for lines in self.lines.values():
            yield from lines

    def all_expressions(self) -> Iterator[Expr]:
        """Yield every expression of the model: right sides, rates, conditions, bounds."""
        yield from (line.value for line in self.all_lines())
        yield from self.expressions.values()
        for variable in self.variables.values():
            yield from (b for b in (variable.minimum, variable.maximum) if b is not None)

    def text_of(self, block: str) -> str:
        """Return the text of a block without comments, and blanks and ``;`` around it; ``""`` if it says nothing."""
        return self.source.content(block)


def read_parts(
    source: Source,
    statement_blocks: tuple[str, ...],
    expression_blocks: tuple[str, ...],
    constants: set[str],
    shared_functions: Iterable[Function],
    is_open: bool = False,
) -> Parts:
    """Read all texts of a model: str -> trees -> definitions and lines.

    With ``is_open`` its functions may call others that are declared later.
    """
    source.check_size()
    raise_problems(source)  # nothing of that size is looked at
    # str -> raw trees
    raw = {block: read_statements(source, block) for block in ("functions", "parameters", *statement_blocks)}
    trees = {block: read_expression(conditions_alone(source), block) for block in expression_blocks}
    # raw functions -> functions
    statements = find_signatures(source, raw["functions"])
    functions = {f.name: f for f in shared_functions}
    signatures = {f.name: f.arguments for f in functions.values()}
    signatures.update((name, arguments_of(s)) for name, s in statements.items())
    functions.update(read_functions(source, statements, signatures, constants, is_open))
    # raw trees -> lines and expressions
    defined = {defined_name(s) for block in ("parameters", *statement_blocks) for s in raw[block]}
    resolver = Resolver(source, signatures, {name for name in defined if name} | constants)
    parameters = declare_parameters(source, raw["parameters"], constants)
    found = {b: [read_line(source, resolver, b, s) for s in raw[b]] for b in statement_blocks}
    lines = {b: [line for line in listed if line is not None] for b, listed in found.items()}
    expressions = {b: resolver.resolve(tree) for b, tree in trees.items() if tree is not None}
    # lines -> variables
    taken = take_assigned(source, parameters, lines)
    every = [line for listed in lines.values() for line in listed]
    source.declared |= {*taken, *(line.name for line in every if line.flags.init is not None)}
    variables = declare_variables(source, resolver, every, parameters, constants)
    for name, parameter in taken.items():
        if name in variables:
            variables[name] = replace(variables[name], init=parameter.value, type=parameter.type)
    return Parts(source, constants, functions, parameters, variables, lines, expressions, resolver.draws)


def check_parts(parts: Parts, scope: Scope) -> None:
    """Apply the rules about names that neurons and synapses share."""
    check_reads(scope, parts.all_expressions())
    check_complete(scope.source, parts.all_expressions(), parts.functions)
    check_assigned(scope, parts.all_lines())
    for line in parts.lines.get("equations", ()):
        check_sharing(scope, line.name, line.value, "the equation")
    for variable in parts.variables.values():
        for bound in (variable.minimum, variable.maximum):
            if bound is not None:
                check_sharing(scope, variable.name, bound, "a bound")
    check_bounds(scope)
    check_initial_values(scope)


def raise_problems(source: Source) -> None:
    """Raise what was found, in the order of the texts: one error as itself, several as ModelErrors.

    That ``r`` is missing stands last: who has forgotten a parameter or a spike condition reads of that first.
    """
    order = {name: i for i, name in enumerate(source.blocks)}
    problems = sorted(
        source.problems,
        key=lambda p: (
            isinstance(p, MissingRate),
            (order.get(p.place.block, -1), p.place.start) if p.place is not None else (-1, 0),
        ),
    )
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ModelErrors(source.title, tuple(problems))


def to_assign(line: Line) -> Assign:
    """Return the statement of a line that is no ODE."""
    op = next(o for o in ("=", "+=", "-=", "*=", "/=") if o == line.op)
    return Assign(
        line.name,
        op,  # type: ignore[arg-type]  # one of five
        line.value,
        line.text,
        unless_post=line.flags.unless_post,
        clamped=_has_bounds(line),
        resting=line.flags.resting,
        span=line.span,
    )


def to_ode(line: Line, functions: dict[str, Function]) -> Ode:
    """Return the statement of a line that is an ODE, user functions put in place: methods look at what is linear."""
    return Ode(
        line.name,
        inlined(line.value, functions),
        line.text,
        line.sides,
        method=line.flags.method,
        clamped=_has_bounds(line),
        resting=line.flags.resting,
        span=line.span,
    )


def _has_bounds(line: Line) -> bool:
    return line.flags.minimum is not None or line.flags.maximum is not None
