"""Take what is the same for all elements out of a kernel's loop.

``1 - exp(-dt/tau)`` costs as much as the rest of an equation; where tau is one number it is computed once per step.
The operations and so the bits stay the same. Called by ``ir/lower.py`` for every kernel.
"""

from __future__ import annotations

from dataclasses import replace

from engram.ir.nodes import Expr, Index, Kernel, KernelKind, Operation, Read, Set, reads

__all__ = ["hoisted"]


def hoisted(kernel: Kernel) -> Kernel:
    """Return the kernel with its invariant subexpressions as locals of the prelude."""
    if kernel.kind is KernelKind.GLOBALS:
        return kernel
    written = {s.symbol for s in kernel.statements()}
    invariant = {a.symbol for a in kernel.arguments if a.index is Index.ONE} - written | {"t", "dt", "step"} - written
    found: dict[Expr, Read] = {}

    def visit(expr: Expr) -> Expr:
        if not isinstance(expr, Operation):
            return expr
        used = reads(expr)
        if used and used <= invariant:
            return found.setdefault(expr, Read(f"shared.{len(found)}", expr.type))
        return replace(expr, args=tuple(visit(a) for a in expr.args))

    def visit_all(statements: tuple[Set, ...]) -> tuple[Set, ...]:
        return tuple(replace(s, value=visit(s.value)) for s in statements)

    body, reset, row_end = visit_all(kernel.body), visit_all(kernel.reset), visit_all(kernel.row_end)
    spike = None if kernel.spike is None else visit(kernel.spike)
    result = None if kernel.result is None else visit(kernel.result)
    prelude = tuple(Set(read.symbol, expr) for expr, read in found.items())
    return replace(kernel, prelude=prelude, body=body, reset=reset, row_end=row_end, spike=spike, result=result)
