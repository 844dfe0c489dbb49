"""One step of forward Euler, ``x + h*f``, with h where it costs least.

A rate is mostly made of factors that many elements share: ``eta`` of a projection, ``post.r`` of all synapses of a
neuron. h is multiplied into those, and so is computed once per step or per neuron (``ir/hoist.py``, the C compiler)
and not once per element.
"""

from __future__ import annotations

from dataclasses import dataclass

from engram.ir.build import add, div, mul, neg, op
from engram.ir.nodes import H_SYMBOL, Expr, Index, Operation, Random, Read, nodes_of
from engram.ir.scope import Scope

__all__ = ["advance"]

H = Read(H_SYMBOL, "float")


def advance(x: Expr, rate: Expr, scope: Scope) -> Expr:
    """Return ``x + h*rate``.

    ``h*(c*f)`` becomes ``(h*c)*f``, ``h*(f/tau)`` becomes ``(h/tau)*f``, and ``h*(c*f - d*g)`` becomes
    ``(h*c)*f - (h*d)*g``, where c, d and tau are shared and f and g are not.
    """
    # by what an attribute is, and not by how it is stored at present: that must not change a bit
    varying = {a.symbol for a in scope.arguments.values() if a.index not in (Index.ONE, Index.POST)}.union(scope.forms)
    return add(x, _Product(frozenset(varying)).of(H, rate))


@dataclass(frozen=True)
class _Product:
    """Multiplies by what is shared; ``varying`` are the symbols that are not the same for all synapses of a neuron."""

    varying: frozenset[str]

    def is_shared(self, expr: Expr) -> bool:
        """Whether a value is the same for all elements, or for all synapses of a postsynaptic neuron."""
        return not any(
            isinstance(e, Random) or (isinstance(e, Read) and e.symbol in self.varying) for e in nodes_of(expr)
        )

    def of(self, k: Expr, expr: Expr) -> Expr:
        """Return ``k*expr`` for a k that is shared."""
        if self.is_shared(expr):
            return mul(k, expr)
        inside = self.inside(k, expr)
        return mul(k, expr) if inside is None else inside

    def inside(self, k: Expr, expr: Expr) -> Expr | None:
        """Return ``k*expr`` with k multiplied into what is shared; None where that would take more products."""
        match expr:
            case Operation("neg", (a,), "float"):
                part = self.inside(k, a)
                return None if part is None else neg(part)
            case Operation("+" | "-" as sign, (a, b), "float"):
                left, right = self.inside(k, a), self.inside(k, b)
                return None if left is None or right is None else op(sign, left, right)
            case Operation("/", (a, b)):
                if self.is_shared(b):
                    return self.of(div(k, b), a)
                part = self.inside(k, a)
                return None if part is None else div(part, b)
            case Operation("*", (a, b), "float"):
                if self.is_shared(b):
                    return self.of(mul(k, b), a)
                if self.is_shared(a):
                    return self.of(mul(k, a), b)
                left, right = self.inside(k, a), self.inside(k, b)
                if left is not None:
                    return mul(left, b)
                return None if right is None else mul(a, right)
        return mul(k, expr) if self.is_shared(expr) else None
