"""Take what is the same for all elements out of a kernel's loop.

``1 - exp(-dt/tau)`` costs as much as the rest of an equation; where tau is one number it is computed once per step.
The operations and so the bits stay the same, but for Poisson and binomial draws whose arguments turn out to be such
numbers: they come from a table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engram.ir.nodes import (
    EXACT_DT_SYMBOL,
    STEP_SYMBOL,
    Const,
    DrawSpec,
    Entry,
    Expr,
    Index,
    Kernel,
    KernelKind,
    Lookup,
    Operation,
    Random,
    Read,
    Set,
    nodes_of,
    reads,
)

__all__ = ["hoisted"]


def hoisted(kernel: Kernel) -> Kernel:
    """Return the kernel with its invariant subexpressions as locals of the prelude."""
    if kernel.kind is KernelKind.GLOBALS:
        return kernel
    prelude = {s.symbol for s in kernel.prelude}
    written = {s.symbol for s in kernel.statements()} - prelude
    single = {a.symbol for a in kernel.arguments if a.index is Index.ONE}
    invariant = (single | prelude | {"t", "dt", EXACT_DT_SYMBOL, STEP_SYMBOL}) - written
    found: dict[Expr, Read] = {}
    known: dict[int, bool] = {}  # by id, of nodes that the kernel holds: a long sum is looked through once

    def is_invariant(expr: Expr) -> bool:
        if isinstance(expr, Read | Entry):
            return expr.symbol in invariant
        if isinstance(expr, Operation) and id(expr) not in known:
            known[id(expr)] = all(is_invariant(a) for a in expr.args)
        return known.get(id(expr), isinstance(expr, Const))

    def change(expr: Expr) -> Expr:
        if isinstance(expr, Lookup):
            return replace(expr, index=change(expr.index), beyond=change(expr.beyond))
        if not isinstance(expr, Operation | Random):
            return expr
        if not is_invariant(expr):
            return replace(expr, args=tuple(change(a) for a in expr.args))
        return found.setdefault(expr, Read(f"shared.{len(found)}", expr.type)) if reads(expr) else expr

    changed = _rewritten(kernel, change)
    changed = replace(changed, prelude=(*kernel.prelude, *(Set(read.symbol, expr) for expr, read in found.items())))
    return _tabled(changed, invariant | {read.symbol for read in found.values()})


def _tabled(kernel: Kernel, invariant: set[str]) -> Kernel:
    """Mark the draws of an UPDATE that a table can serve: their arguments are invariant wherever they stand."""
    if kernel.kind is not KernelKind.UPDATE:
        return kernel
    arguments: dict[DrawSpec, set[tuple[Expr, ...]]] = {}
    for node in (node for expr in kernel.expressions() for node in nodes_of(expr)):
        if isinstance(node, Random):
            arguments.setdefault(node.draw, set()).add(node.args)
    marked = {
        draw: replace(draw, tabled=True)
        for draw, (first, *others) in arguments.items()
        if draw.kind in ("binomial", "poisson") and not others and all(_is_invariant(a, invariant) for a in first)
    }

    def change(expr: Expr) -> Expr:
        if isinstance(expr, Random):
            expr = replace(expr, draw=marked.get(expr.draw, expr.draw))
        if isinstance(expr, Random | Operation):
            return replace(expr, args=tuple(change(a) for a in expr.args))
        if isinstance(expr, Lookup):
            return replace(expr, index=change(expr.index), beyond=change(expr.beyond))
        return expr

    return replace(_rewritten(kernel, change), draws=tuple(marked.get(draw, draw) for draw in kernel.draws))


def _is_invariant(expr: Expr, invariant: set[str]) -> bool:
    return reads(expr) <= invariant and not any(isinstance(node, Random | Lookup) for node in nodes_of(expr))


def _rewritten(kernel: Kernel, change: Callable[[Expr], Expr]) -> Kernel:
    """Return the kernel with every expression but the prelude's replaced by what ``change`` makes of it."""

    def change_all(statements: tuple[Set, ...]) -> tuple[Set, ...]:
        return tuple(replace(s, value=change(s.value)) for s in statements)

    def change_one(expr: Expr | None) -> Expr | None:
        return None if expr is None else change(expr)

    return replace(
        kernel,
        body=change_all(kernel.body),
        spike=change_one(kernel.spike),
        reset=change_all(kernel.reset),
        axon_spike=change_one(kernel.axon_spike),
        axon_reset=change_all(kernel.axon_reset),
        row_begin=change_all(kernel.row_begin),
        row_end=change_all(kernel.row_end),
        result=change_one(kernel.result),
    )
