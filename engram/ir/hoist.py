"""Take what is the same for all elements out of a kernel's loop.

``1 - exp(-dt/tau)`` costs as much as the rest of an equation; where tau is one number it is computed once per step.
The operations and so the bits stay the same. Called by ``ir/lower.py`` for every kernel.
"""

from __future__ import annotations

from dataclasses import replace

from engram.ir.nodes import STEP_SYMBOL, Expr, Index, Kernel, KernelKind, Operation, Random, Read, Set, reads, walk

__all__ = ["hoisted"]


def hoisted(kernel: Kernel) -> Kernel:
    """Return the kernel with its invariant subexpressions as locals of the prelude."""
    if kernel.kind is KernelKind.GLOBALS:
        return kernel
    prelude = {s.symbol for s in kernel.prelude}
    written = {s.symbol for s in kernel.statements()} - prelude
    single = {a.symbol for a in kernel.arguments if a.index is Index.ONE}
    invariant = (single | prelude | {"t", "dt", STEP_SYMBOL}) - written
    found: dict[Expr, Read] = {}

    def visit(expr: Expr) -> Expr:
        if isinstance(expr, Random):
            return replace(expr, args=tuple(visit(a) for a in expr.args))
        if not isinstance(expr, Operation):
            return expr
        used = reads(expr)
        if used and used <= invariant and not any(isinstance(node, Random) for node in walk(expr)):
            return found.setdefault(expr, Read(f"shared.{len(found)}", expr.type))
        return replace(expr, args=tuple(visit(a) for a in expr.args))

    def visit_all(statements: tuple[Set, ...]) -> tuple[Set, ...]:
        return tuple(replace(s, value=visit(s.value)) for s in statements)

    def visit_one(expr: Expr | None) -> Expr | None:
        return None if expr is None else visit(expr)

    changed = replace(
        kernel,
        body=visit_all(kernel.body),
        spike=visit_one(kernel.spike),
        reset=visit_all(kernel.reset),
        axon_spike=visit_one(kernel.axon_spike),
        axon_reset=visit_all(kernel.axon_reset),
        row_begin=visit_all(kernel.row_begin),
        row_end=visit_all(kernel.row_end),
        result=visit_one(kernel.result),
    )
    return replace(changed, prelude=(*kernel.prelude, *(Set(read.symbol, expr) for expr, read in found.items())))
