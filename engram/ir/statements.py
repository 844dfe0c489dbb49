"""Statements to assignments: blocks of simultaneous ODEs, sequential assignments, clamps.

Called by ``ir/lower.py`` and ``ir/events.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from engram.ir import build
from engram.ir.methods import METHODS
from engram.ir.nodes import Expr, Read, Set
from engram.ir.scope import NotAvailable, Scope
from engram.language.model import Assign, Ode, Statement, Variable

__all__ = ["assign", "lower_statements"]

Keep = tuple[Read, frozenset[str]]  # a condition, and the variables that keep their value where it is false


def lower_statements(
    statements: Sequence[Statement], scope: Scope, method: str = "explicit", keep_unless: Keep | None = None
) -> tuple[Set, ...]:
    """Return the assignments that carry out ``statements`` in order.

    A maximal run of consecutive ODEs is one block: all new values are computed from the old ones, then written.
    """
    result: list[Set] = []
    for is_block, run in groupby(statements, key=lambda s: isinstance(s, Ode)):
        if is_block:
            result += _block([s for s in run if isinstance(s, Ode)], scope, method, keep_unless)
        else:
            for statement in run:
                if isinstance(statement, Assign):
                    result += assign(statement, scope, keep_unless)
    return tuple(result)


def _block(odes: Sequence[Ode], scope: Scope, default: str, keep_unless: Keep | None) -> list[Set]:
    advanced = [(ode, _advance(ode, scope, default)) for ode in odes]
    if len(advanced) == 1:
        ode, value = advanced[0]
        return _write(ode.name, value, ode.text, scope, keep_unless)
    first = [Set(f"next.{ode.name}", value, ode.text) for ode, value in advanced]
    for ode, value in advanced:
        first += _write(ode.name, Read(f"next.{ode.name}", value.type), "", scope, keep_unless)
    return first


def _advance(ode: Ode, scope: Scope, default: str) -> Expr:
    name = ode.method or default
    if name not in METHODS:
        raise NotAvailable(
            f"method {name!r} (equation {ode.text}) is not available yet; there are {', '.join(METHODS)}"
        )
    value = METHODS[name].advance(scope.own(ode.name), ode.rate, scope.lower)
    if value is None:
        raise NotAvailable(f"method {name!r} needs an equation that is linear in {ode.name}: {ode.text}")
    return value


def assign(statement: Assign, scope: Scope, keep_unless: Keep | None = None) -> list[Set]:
    """Return the assignment (and the clamps) of one ``x = e`` or ``x += e``."""
    value = scope.lower(statement.value)
    if statement.op != "=":
        value = build.op(statement.op[0], scope.lower_name(statement.name), value)
    return _write(statement.name, value, statement.text, scope, keep_unless)


def _write(name: str, value: Expr, text: str, scope: Scope, keep_unless: Keep | None) -> list[Set]:
    target = scope.written(name)
    variable = scope.model.attribute(name)
    value = build.convert(value, target.type)
    if isinstance(variable, Variable):
        if variable.minimum is not None:
            value = build.convert(build.op("max", value, scope.lower(variable.minimum)), target.type)
        if variable.maximum is not None:
            value = build.convert(build.op("min", value, scope.lower(variable.maximum)), target.type)
    if keep_unless is not None and name in keep_unless[1]:
        value = build.select(keep_unless[0], value, target)
    return [Set(target.symbol, value, text)]
