"""Statements -> lines: what is on the left, what is computed, which flags.

In: statements from ``syntax.py``. Out: :class:`Line` records with resolved expressions; ODEs are solved for their
derivative here.
"""

from __future__ import annotations

from dataclasses import dataclass

from engram.language.errors import BadDerivative, BadLeftSide
from engram.language.flags import Flags, read_flags
from engram.language.linear import solve
from engram.language.nodes import Binary, Call, Draw, Expr, Name, Neighbour, Span
from engram.language.printer import to_text
from engram.language.resolve import Resolver
from engram.language.source import Source
from engram.language.syntax import Statement
from engram.language.trees import nodes_of

__all__ = ["EVENTS", "Line", "defined_name", "read_line"]

EVENTS = ("reset", "axon_reset", "pre_spike", "post_spike", "pre_axon_spike")
"""Blocks that run at events, and so have no differential equations."""


@dataclass(frozen=True)
class Line:
    """One statement: ``value`` is what is assigned, or the rate of an ODE. ``head`` is where the name stands.

    ``sides`` are those of an ODE, as :class:`~engram.language.model.Ode` keeps them.
    """

    block: str
    name: str
    op: str
    value: Expr
    text: str
    flags: Flags
    head: Span
    span: Span
    sides: tuple[Expr, ...] = ()

    @property
    def is_ode(self) -> bool:
        """Whether it is a differential equation."""
        return bool(self.sides)


def defined_name(statement: Statement) -> str | None:
    """Return the name that a statement assigns or integrates; None when it has none."""
    derivatives = _derivatives(statement)
    if derivatives:
        return _integrated(derivatives[0])
    match statement.left:
        case Name(id) | Call(function=id):
            return id
        case _:
            return None


def read_line(source: Source, resolver: Resolver, block: str, statement: Statement) -> Line | None:
    """Return the line that a statement says; None when it is wrong, which is then reported."""
    flags = read_flags(source, block, statement.flags)
    derivatives = _derivatives(statement)
    if derivatives:
        return _read_ode(source, resolver, block, statement, flags, derivatives)
    left = statement.left
    if not isinstance(left, Name):
        what = "the left side must be a name, or a differential equation with dx/dt"
        source.report(BadLeftSide(what, source.place(left.span), advice=_left_advice(left)))
        source.assumed.update(n.id for n in nodes_of(left) if isinstance(n, Name))
        return None
    value = resolver.resolve(statement.right)
    text = f"{left.id} {statement.op} {to_text(value)}"
    return Line(block, left.id, statement.op, value, text, flags, left.span, statement.span)


def _left_advice(left: Expr) -> str:
    """Say how what stands on the left could be written."""
    if isinstance(left, Neighbour):
        return "a synapse changes its own variables; of its neurons it changes 'g_target' alone, in `pre_spike`."
    names = [n.id for n in nodes_of(left) if isinstance(n, Name)]
    if isinstance(left, Call):
        is_derivative = left.function.lower() in ("diff", "d", "der", "ddt", "derivative") and names
        return f"write 'd{names[0]}/dt = ...'." if is_derivative else "functions are defined in `functions`."
    is_quotient = isinstance(left, Binary) and left.op == "/" and len(names) == 2
    if is_quotient and all(n.startswith("d") for n in names):
        return f"only first derivatives by time can be solved: 'd{names[0].lstrip('d0123456789')}/dt = ...'."
    return "write 'name = expression'."


def _read_ode(
    source: Source, resolver: Resolver, block: str, statement: Statement, flags: Flags, derivatives: list[Name]
) -> Line | None:
    """Return the line of a differential equation, solved for its derivative."""
    head = derivatives[0]
    name = _integrated(head)
    if not _is_good_ode(source, block, statement, derivatives):
        source.assumed.add(name)
        return None
    left, right = resolver.resolve(statement.left), resolver.resolve(statement.right)
    rate = solve(left, right, head.id)
    if rate is None:
        what = f"the equation can't be solved for {head.id}"
        advice = f"bring it to the form 'tau*{head.id} = ...'."
        source.report(BadDerivative(what, source.place(head.span), advice=advice, identifier=name))
        source.assumed.add(name)
        return None
    text = f"{to_text(left)} = {to_text(right)}"
    sides = (left, right) if _draws(left, right) != _draws(rate) else (Name(head.id), rate)
    return Line(block, name, "=", rate, text, flags, head.span, statement.span, sides)


def _draws(*exprs: Expr) -> list[int]:
    """Return the numbers of the random draws of an equation, in textual order."""
    return [node.number for expr in exprs for node in nodes_of(expr) if isinstance(node, Draw)]


def _is_good_ode(source: Source, block: str, statement: Statement, derivatives: list[Name]) -> bool:
    """Whether there is one derivative, under ``=``, in a block that is integrated."""
    head = derivatives[0]
    name = _integrated(head)
    if block not in ("equations",):
        what = f"a differential equation can't stand in {block}"
        advice = f"move it to `equations`, or write '{name} += ...'." if block in EVENTS else "move it to `equations`."
        source.report(BadDerivative(what, source.place(head.span), advice=advice, identifier=name))
    elif len(derivatives) > 1:
        what = "a second derivative in one equation" if derivatives[1].id != head.id else f"{head.id} stands here twice"
        advice = "write one equation for each variable, with its derivative once."
        source.report(BadDerivative(what, source.place(derivatives[1].span), advice=advice, identifier=name))
    elif statement.op != "=":
        what = f"a differential equation needs '=', not '{statement.op}'"
        advice = f"write '{head.id} = ...'; '{name} {statement.op} ...' changes the variable itself, once in each step."
        source.report(BadDerivative(what, source.place(head.span), advice=advice, identifier=name))
    else:
        return True
    return False


def _derivatives(statement: Statement) -> list[Name]:
    """Return all ``dx/dt`` of a statement, in textual order."""
    nodes = (*nodes_of(statement.left), *nodes_of(statement.right))
    return [n for n in nodes if isinstance(n, Name) and "/" in n.id]


def _integrated(derivative: Name) -> str:
    return derivative.id.removeprefix("d").removesuffix("/dt")
