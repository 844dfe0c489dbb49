"""Statements to assignments: blocks of simultaneous ODEs, sequential assignments, clamps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from engram.ir import build
from engram.ir.errors import split_system
from engram.ir.methods import METHODS
from engram.ir.nodes import Expr, Read, Set, Type
from engram.ir.resting import Rest
from engram.ir.scope import Scope
from engram.language import methods
from engram.language.model import Assign, Model, Ode, Statement, Variable
from engram.language.trees import contains

__all__ = ["Guard", "assign", "lower_statements", "new_value"]

# Turns a new value into what is stored: ``guard(statement, new, old)``; a frozen weight keeps the old one.
Guard = Callable[[Statement, Expr, Read], Expr]


def _always(statement: Statement, new: Expr, old: Read) -> Expr:
    return new


def lower_statements(
    statements: Sequence[Statement],
    scope: Scope,
    method: str = methods.DEFAULT,
    guard: Guard = _always,
    rest: Rest | None = None,
) -> tuple[Set, ...]:
    """Return the assignments that carry out ``statements`` in order.

    A maximal run of consecutive ODEs is one block: all new values are computed from the old ones, then written.

    Args:
        method: of ODEs that name none.
        guard: turns new values into what is stored.
        rest: of a neuron that has a refractory period; ``guard`` is then its own.
    """
    for row in methods.METHODS.values():
        if row.is_joint:
            _refuse_split(statements, scope.model, method, row.name)
    result: list[Set] = []
    for is_block, run in groupby(statements, key=lambda s: isinstance(s, Ode)):
        if is_block:
            result += _block([s for s in run if isinstance(s, Ode)], scope, method, guard, rest)
        else:
            for statement in run:
                if isinstance(statement, Assign):
                    result += assign(statement, scope, guard)
    return tuple(result)


def _refuse_split(statements: Sequence[Statement], model: Model, default: str, joint: str) -> None:
    """Equations that a method must solve together stand in one block.

    Backward Euler is the same one after the other, if no equation reads what a later block computes.
    """
    parted: list[tuple[Ode, Assign]] = []  # with the assignment that ended the block
    block: list[Ode] = []
    for statement in statements:
        if isinstance(statement, Assign):
            parted += [(ode, statement) for ode in block]
            block = []
        elif (statement.method or default) == joint:
            block.append(statement)
            for before, between in parted:
                reads_back = joint == "linear" and contains(statement.rate, before.name)
                if reads_back or contains(before.rate, statement.name):
                    raise split_system(model, between, joint, (before.name, statement.name))


def _block(odes: Sequence[Ode], scope: Scope, default: str, guard: Guard, rest: Rest | None) -> list[Set]:
    sets: list[Set] = []
    for method in dict.fromkeys(o.method or default for o in odes):
        group = [o for o in odes if (o.method or default) == method]
        sets += rest.advanced(group, method, scope) if rest else METHODS[method](group, scope)
    if len(odes) == 1 and len(sets) == 1:  # nobody else reads the old value
        return _write(odes[0], sets[0].value, sets[0].text, scope, guard)
    for ode in odes:
        sets += _write(ode, Read(f"next.{ode.name}", "float"), "", scope, guard)
    return sets


def assign(statement: Assign, scope: Scope, guard: Guard = _always) -> list[Set]:
    """Return the assignment (and the clamps) of one ``x = e`` or ``x += e``."""
    value = _assigned(statement, scope)
    return _write(statement, value, statement.text, scope, guard)


def new_value(statement: Assign, scope: Scope, kind: Type) -> Expr:
    """Return what one ``x = e`` or ``x += e`` gives to x, clamped."""
    return _clamped(statement, _assigned(statement, scope), kind, scope)


def _assigned(statement: Assign, scope: Scope) -> Expr:
    value = scope.lower(statement.value)
    if statement.op == "=":
        return value
    return build.op(statement.op[0], scope.lower_name(statement.name), value)


def _write(statement: Statement, value: Expr, text: str, scope: Scope, guard: Guard) -> list[Set]:
    target = scope.written(statement.name)
    value = _clamped(statement, value, target.type, scope)
    return [Set(target.symbol, guard(statement, value, target), text)]


def _clamped(statement: Statement, value: Expr, kind: Type, scope: Scope) -> Expr:
    variable = scope.model.attribute(statement.name)
    value = build.convert(value, kind)
    if isinstance(variable, Variable) and statement.clamped:
        if variable.minimum is not None:
            value = build.convert(build.at_least(value, scope.lower(variable.minimum)), kind)
        if variable.maximum is not None:
            value = build.convert(build.at_most(value, scope.lower(variable.maximum)), kind)
    return value
