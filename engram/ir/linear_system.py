"""Coupled linear equations: backward Euler for all variables at once, and the exact solution.

Called by ``ir/methods.py``. ``dx_i/dt = sum_j a_ij x_j + c_i`` is found on our own AST; what does not have that form is
refused with the term that is to blame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engram.errors import NotAvailable
from engram.ir.build import add, div, f, mul, op, sub
from engram.ir.errors import MethodMismatch
from engram.ir.nodes import H_SYMBOL, Argument, Expr, Index, Propagator, Random, Read, Set, reads
from engram.ir.nodes import walk as walk_ir
from engram.ir.scope import Scope
from engram.language import nodes as ast
from engram.language.linear import coefficients
from engram.language.model import Ode
from engram.language.printer import to_text
from engram.language.trees import walk

__all__ = ["implicit", "propagated"]

H = Read(H_SYMBOL, "float")
ZERO = ast.Number(0)


@dataclass(frozen=True)
class _System:
    """``dx/dt = A x + c`` with parts in AST form; ZERO where there is nothing."""

    names: tuple[str, ...]
    matrix: tuple[tuple[ast.Expr, ...], ...]
    rest: tuple[ast.Expr, ...]


def _system(odes: Sequence[Ode], method: str) -> _System:
    names = tuple(o.name for o in odes)
    matrix, rest = [], []
    for ode in odes:
        row, left = [], ode.rate
        for name in names:
            parts = coefficients(left, name)
            if parts is None or any(_mentions(parts[0], other) for other in names):
                raise MethodMismatch(method, ode, f"linear in {', '.join(names)}", _culprit(ode.rate, names))
            row.append(parts[0])
            left = parts[1]
        matrix.append(tuple(row))
        rest.append(left)
    return _System(names, tuple(matrix), tuple(rest))


def _mentions(expr: ast.Expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in walk(expr))


def _terms(expr: ast.Expr) -> Iterator[ast.Expr]:
    match expr:
        case ast.Binary("+" | "-", left, right):
            yield from _terms(left)
            yield from _terms(right)
        case ast.Unary(_, operand):
            yield from _terms(operand)
        case _:
            yield expr


def _culprit(rate: ast.Expr, names: Sequence[str]) -> str:
    """The first summand that is not linear in the variables."""
    for term in _terms(rate):
        for name in names:
            parts = coefficients(term, name)
            if parts is None or any(_mentions(parts[0], other) for other in names):
                return to_text(term)
    return to_text(rate)


def implicit(odes: Sequence[Ode], scope: Scope) -> list[Set]:
    """Backward Euler: solve ``(1 - h A) x' = x + h c`` for all variables together, by elimination."""
    system = _system(odes, "implicit")
    n = len(system.names)
    sets: list[Set] = []
    for i, (ode, row, rest) in enumerate(zip(odes, system.matrix, system.rest, strict=True)):
        for j, entry in enumerate(row):
            value: Expr = f(1.0 if i == j else 0.0)
            if entry != ZERO:
                value = sub(value, mul(H, scope.lower_float(entry)))
            sets.append(Set(f"m.{i}.{j}", value, ode.text if j == 0 else ""))
        right: Expr = scope.own(ode.name)
        if rest != ZERO:
            right = add(right, mul(H, scope.lower_float(rest)))
        sets.append(Set(f"m.{i}.{n}", right))
    for k in range(n):
        for i in range(k + 1, n):
            sets.append(Set(f"factor.{i}.{k}", div(_entry(i, k), _entry(k, k))))
            for j in range(k + 1, n + 1):
                sets.append(
                    Set(f"m.{i}.{j}", op("-", _entry(i, j), mul(Read(f"factor.{i}.{k}", "float"), _entry(k, j))))
                )
    for i in reversed(range(n)):
        total: Expr = _entry(i, n)
        for j in range(i + 1, n):
            total = op("-", total, mul(_entry(i, j), Read(f"next.{system.names[j]}", "float")))
        sets.append(Set(f"next.{system.names[i]}", div(total, _entry(i, i))))
    return sets


def _entry(i: int, j: int) -> Read:
    return Read(f"m.{i}.{j}", "float")


def propagated(odes: Sequence[Ode], scope: Scope) -> list[Set]:
    """The exact solution ``P x + Q c``, see :class:`Propagator`.

    Source: Rotter & Diesmann 1999, Biol. Cybern. 81:381-402.
    """
    if scope.model.kind == "synapse":
        raise NotAvailable(f"method 'linear' (equation {odes[0].text}) is for neurons; synapses have `event-driven`")
    system = _system(odes, "linear")
    apart = Scope(scope.model, constants=scope.constants)  # what the coefficients read
    rates = tuple(tuple(f(0.0) if a == ZERO else apart.lower_float(a) for a in row) for row in system.matrix)
    for ode, row in zip(odes, rates, strict=True):
        _refuse_changing(ode, row, scope)
    one = all(a.index is Index.ONE for a in apart.arguments.values())
    index = Index.ONE if one else Index.OWN
    for argument in apart.arguments.values():
        scope.need(argument)
    inputs = tuple(name for name, rest in zip(system.names, system.rest, strict=True) if rest != ZERO)
    propagator = Propagator(system.names, rates, inputs, index)
    scope.propagators.append(propagator)
    reaches = _reachable(rates)
    sets = [
        Set(f"input.{name}", scope.lower_float(rest))
        for name, rest in zip(system.names, system.rest, strict=True)
        if name in inputs
    ]
    for i, ode in enumerate(odes):
        total: Expr | None = None
        for symbol, matrix, row_number, j in propagator.entries():
            if row_number == i and reaches[i][j]:
                other = system.names[j]
                factor = scope.need(Argument(symbol, "float64", index))
                term = mul(factor, scope.own(other) if matrix == "P" else Read(f"input.{other}", "float"))
                total = term if total is None else op("+", total, term)
        sets.append(Set(f"next.{ode.name}", total if total is not None else f(0.0), ode.text))
    return sets


def _refuse_changing(ode: Ode, row: Sequence[Expr], scope: Scope) -> None:
    parameters = {p.name for p in scope.model.parameters} | {f"constants.{c}" for c in scope.constants}
    for entry in row:
        changing = sorted(reads(entry) - parameters) + [
            "a random draw" for n in walk_ir(entry) if isinstance(n, Random)
        ]
        if changing:
            raise MethodMismatch("linear", ode, "whose coefficients are parameters", f"with {changing[0]}")


def _reachable(rates: Sequence[Sequence[Expr]]) -> list[list[bool]]:
    """Which entries of exp(A) can differ from zero: the transitive closure of A's pattern."""
    n = len(rates)
    reach = [[i == j or rates[i][j] != f(0.0) for j in range(n)] for i in range(n)]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                reach[i][j] = reach[i][j] or (reach[i][k] and reach[k][j])
    return reach
