"""Coupled linear equations: backward Euler for all variables at once, and the exact solution.

``dx_i/dt = sum_j a_ij x_j + c_i`` is found on our own AST; what does not have that form is refused with the term that
is to blame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engram.ir.build import add, div, f, mul, neg, op, sub
from engram.ir.errors import misfits, mismatch, text_of, together
from engram.ir.nodes import H_SYMBOL, Argument, Entry, Expr, Index, Place, Propagator, Read, Set
from engram.ir.scope import Scope
from engram.language import nodes as ast
from engram.language.errors import NotAvailable, TextError, TooLarge
from engram.language.linear import REST, combination
from engram.language.model import Model, Ode
from engram.language.scope import elementwise_nodes

__all__ = ["implicit", "propagated"]

H = Read(H_SYMBOL, "float")
ZERO = ast.Number(0)
MOST_STEPS = 5000  # of an elimination, and ...
MOST_COEFFICIENTS = 10_000  # ... of a propagator: both become one loop in C, whose compilation takes seconds by then


@dataclass(frozen=True)
class _System:
    """``dx/dt = A x + c`` with parts in AST form; ZERO where there is nothing."""

    names: tuple[str, ...]
    matrix: tuple[tuple[ast.Expr, ...], ...]
    rest: tuple[ast.Expr, ...]


def _system(odes: Sequence[Ode], method: str, model: Model) -> _System:
    names = tuple(o.name for o in odes)
    rows, problems = [], []
    for ode in odes:
        parts = combination(ode.rate, names)
        if parts is None:
            problems += misfits(model, ode, method, names)
        else:
            rows.append(parts)
    if problems:
        raise together(model, problems)
    matrix = tuple(tuple(row.get(name, ZERO) for name in names) for row in rows)
    return _System(names, matrix, tuple(row[REST] for row in rows))


def implicit(odes: Sequence[Ode], scope: Scope) -> list[Set]:
    """Backward Euler: solve ``(1 - h A) x' = x + h c`` for all variables together, by elimination.

    What is zero because no equation says otherwise is left out, so that a chain of compartments costs a chain of steps.
    """
    system = _system(odes, "implicit", scope.model)
    n = len(system.names)
    sets: list[Set] = []
    there = [[i == j or entry != ZERO for j, entry in enumerate(row)] + [True] for i, row in enumerate(system.matrix)]
    for i, (ode, row, rest) in enumerate(zip(odes, system.matrix, system.rest, strict=True)):
        for j, entry in enumerate(row):
            if there[i][j]:
                value: Expr = f(1.0 if i == j else 0.0)
                if entry != ZERO:
                    value = sub(value, mul(H, scope.lower_float(entry)))
                sets.append(Set(f"m.{i}.{j}", value, ode.text if i == j else ""))
        right: Expr = scope.own(ode.name)
        if rest != ZERO:
            right = add(right, mul(H, scope.lower_float(rest)))
        sets.append(Set(f"m.{i}.{n}", right))
    for k in range(n):
        for i in range(k + 1, n):
            sets += _eliminated(there, i, k)
            _refuse_large(len(sets), MOST_STEPS, "implicit", "operations", odes, scope.model)
    for i in reversed(range(n)):
        total: Expr = _entry(i, n)
        for j in range(i + 1, n):
            if there[i][j]:
                total = op("-", total, mul(_entry(i, j), Read(f"next.{system.names[j]}", "float")))
        sets.append(Set(f"next.{system.names[i]}", div(total, _entry(i, i))))
    return sets


def _eliminated(there: list[list[bool]], i: int, k: int) -> list[Set]:
    """Subtract a multiple of row k from row i, so that column k is zero there; ``there`` says what is not zero."""
    if not there[i][k]:
        return []
    factor = Read(f"factor.{i}.{k}", "float")
    sets = [Set(factor.symbol, div(_entry(i, k), _entry(k, k)))]
    for j in range(k + 1, len(there[i])):
        if there[k][j]:
            product = mul(factor, _entry(k, j))
            sets.append(Set(f"m.{i}.{j}", op("-", _entry(i, j), product) if there[i][j] else neg(product)))
            there[i][j] = True
    return sets


def _refuse_large(size: int, largest: int, method: str, what: str, odes: Sequence[Ode], model: Model) -> None:
    if size > largest:
        what = f"the method '{method}' needs more than {largest} {what} for {len(odes)} coupled equations"
        advice = "give this method to fewer equations of the model."
        raise TooLarge(what, text_of(model).place(odes[0].span), advice=advice, identifier=odes[0].name)


def _entry(i: int, j: int) -> Read:
    return Read(f"m.{i}.{j}", "float")


def propagated(odes: Sequence[Ode], scope: Scope) -> list[Set]:
    """The exact solution ``P x + Q c``, see :class:`Propagator`.

    Source: Rotter & Diesmann 1999, Biol. Cybern. 81:381-402.
    """
    if scope.model.kind == "synapse":
        raise _only_for_neurons(odes[0], scope.model)
    system = _system(odes, "linear", scope.model)
    problems = [p for o, row in zip(odes, system.matrix, strict=True) for p in _changing(o, row, scope)]
    if problems:
        raise together(scope.model, problems)
    apart = Scope(scope.model, constants=scope.constants)  # what the coefficients read
    rates = tuple(tuple(f(0.0) if a == ZERO else apart.lower_float(a) for a in row) for row in system.matrix)
    groups = _groups(system)
    entries = _entries(system, groups)
    _refuse_large(len(entries), MOST_COEFFICIENTS, "linear", "coefficients", odes, scope.model)
    is_shared = all(a.index is Index.ONE for a in apart.arguments.values())
    place = Place(system.names[0], what="propagator")
    if any(p.place == place for p in scope.propagators):
        place = replace(place, number=1)
    sources = tuple(a.place for a in apart.arguments.values())
    index = Index.ONE if is_shared else Index.OWN
    propagator = Propagator(place, system.names, rates, groups, entries, index, sources)
    scope.propagators.append(propagator)
    table = Argument(propagator.place, "float64", propagator.index, entries=len(propagator.entries))
    scope.need(table)
    sets = [Set(f"input.{system.names[group[0]]}", scope.lower_float(system.rest[group[0]])) for group in groups]
    totals: list[Expr | None] = [None] * len(odes)
    for number, (matrix, i, j) in enumerate(propagator.entries):
        name = system.names[j if matrix == "P" else groups[j][0]]
        factor = Entry(table.symbol, number)
        term = mul(factor, scope.own(name) if matrix == "P" else Read(f"input.{name}", "float"))
        before = totals[i]
        totals[i] = term if before is None else op("+", before, term)
    for ode, total in zip(odes, totals, strict=True):
        sets.append(Set(f"next.{ode.name}", f(0.0) if total is None else total, ode.text))
    return sets


def _groups(system: _System) -> tuple[tuple[int, ...], ...]:
    """Return the variables that have an input, those with the same one together."""
    groups: dict[ast.Expr, list[int]] = {}
    for number, rest in enumerate(system.rest):
        if rest != ZERO:
            groups.setdefault(rest, []).append(number)
    return tuple(tuple(group) for group in groups.values())


def _entries(system: _System, groups: Sequence[Sequence[int]]) -> tuple[tuple[str, int, int], ...]:
    """Return the entries of P and Q that can differ from zero and are needed, in the order of the sums."""
    entries: list[tuple[str, int, int]] = []
    for i, reached in enumerate(_reachable(system.matrix)):
        entries += [("P", i, j) for j, is_reached in enumerate(reached) if is_reached]
        entries += [("Q", i, g) for g, group in enumerate(groups) if any(reached[j] for j in group)]
    return tuple(entries)


def _only_for_neurons(ode: Ode, model: Model) -> NotAvailable:
    advice = f"write ': exponential' behind '{ode.text}'; with `event-driven` a linear one is exact between events."
    what = "the method 'linear' is for neurons, not for the equations of synapses"
    details = () if ode.method else (f"d{ode.name}/dt names no method, and 'linear' is the default of the network",)
    return NotAvailable(what, text_of(model).place(ode.span), details, advice, ode.name)


def _changing(ode: Ode, row: Sequence[ast.Expr], scope: Scope) -> list[TextError]:
    """Return one error for each thing in the coefficients that changes during a run."""
    fixed = {p.name for p in scope.model.parameters} | scope.constants | {"dt"}
    found = []
    for node in (node for entry in row for node in elementwise_nodes(entry)):
        is_read = isinstance(node, ast.Name | ast.Neighbour | ast.Sum | ast.GlobalOp | ast.Item | ast.Draw)
        if is_read and not (isinstance(node, ast.Name) and node.id in fixed) and node not in found:
            found.append(node)
    return [_changes(ode, node, scope.model) for node in found]


def _changes(ode: Ode, node: ast.Expr, model: Model) -> TextError:
    why = "is drawn anew in every step" if isinstance(node, ast.Draw) else "changes from step to step"
    return mismatch(model, ode, "linear", "whose coefficients are parameters", node, why)


def _reachable(matrix: Sequence[Sequence[ast.Expr]]) -> list[list[bool]]:
    """Which entries of exp(A) can differ from zero: what is reached along the nonzero entries of A."""
    n = len(matrix)
    reaches = []
    for i in range(n):
        found, waiting = {i}, [i]
        while waiting:
            k = waiting.pop()
            fresh = [j for j in range(n) if matrix[k][j] != ZERO and j not in found]
            found.update(fresh)
            waiting += fresh
        reaches.append([j in found for j in range(n)])
    return reaches
