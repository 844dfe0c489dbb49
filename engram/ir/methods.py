"""ODE methods: how a block of simultaneous equations ``dx/dt = f`` advances by one step.

What else there is to know of a method stands in ``language/methods.py``, of Runge-Kutta methods all. A method gets the
equations of the block that use it and returns assignments that give each variable's new value to the local
``next.<variable>``, reading old values only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engram.ir.advance import advance
from engram.ir.build import add, div, f, mul, neg, op
from engram.ir.errors import not_linear_in
from engram.ir.linear_system import implicit, propagated
from engram.ir.nodes import H_SYMBOL, Expr, Read, Set
from engram.ir.scope import Scope
from engram.language import methods
from engram.language.linear import LinearRate, linear_rate
from engram.language.methods import Tableau
from engram.language.model import Ode
from engram.language.trees import contains

__all__ = ["METHODS", "linear_change", "linear_gain"]

H = Read(H_SYMBOL, "float")  # ms that the equations advance by: dt, or a whole learning period


Advance = Callable[[Sequence[Ode], Scope], list[Set]]


def linear_gain(rate: LinearRate, elapsed_ms: Expr, scope: Scope) -> Expr | None:
    """Return by what the numerator of a linear rate is multiplied for the exact change of x in a time.

    None where each element has a slope of its own, so that nothing would be the same for all: see ``linear_change``.
    """
    decay, divisor = scope.lower_float(rate.decay), scope.lower_float(rate.divisor)
    if rate.has_unit_decay:
        return neg(op("expm1", div(neg(elapsed_ms), divisor)))
    if not (scope.is_fixed(decay) and scope.is_fixed(divisor)):
        return None
    over = _over(elapsed_ms, divisor)
    return mul(over, op("phi1", neg(mul(over, decay))))


def linear_change(rate: LinearRate, x: Expr, elapsed_ms: Expr, scope: Scope) -> Expr:
    """Return the exact change of x in a time, ``elapsed*phi1(-elapsed*k)*f`` for ``dx/dt = f`` with the slope -k.

    k may be 0, and a slow x keeps its digits.
    """
    numerator, gain = scope.lower_float(rate.numerator), linear_gain(rate, elapsed_ms, scope)
    if gain is not None:
        return mul(gain, numerator)
    over = _over(elapsed_ms, scope.lower_float(rate.divisor))
    return op("linear_step", scope.lower_float(rate.steady), scope.lower_float(rate.decay), x, over)


def _over(elapsed_ms: Expr, divisor: Expr) -> Expr:
    return elapsed_ms if divisor == f(1.0) else div(elapsed_ms, divisor)


def _each(step: Callable[[Ode, Read, Scope], Expr]) -> Advance:
    """A method that treats every equation by itself."""

    def advance(odes: Sequence[Ode], scope: Scope) -> list[Set]:
        return [Set(f"next.{o.name}", step(o, scope.own(o.name), scope), o.text) for o in odes]

    return advance


def _explicit(ode: Ode, x: Read, scope: Scope) -> Expr:
    """Forward Euler."""
    return advance(x, scope.lower_float(ode.rate), scope)


def _exponential(ode: Ode, x: Read, scope: Scope) -> Expr:
    """Exponential Euler, ``x + h*phi1(-h*k)*f`` with ``k = -df/dx``: exact where f is linear in x with constants.

    Source: Rotter & Diesmann 1999, Biol. Cybern. 81:381-402; phi1 as in Hochbruck & Ostermann 2010, Acta Numerica
    19:209-286.
    """
    rate = linear_rate(ode.rate, ode.name)
    if rate is None:
        if contains(ode.rate, ode.name):
            raise not_linear_in(scope.model, ode, "exponential", (ode.name,))
        return advance(x, scope.lower_float(ode.rate), scope)  # constant during the step: Euler is exact
    decay, divisor, steady = map(scope.lower_float, (rate.decay, rate.divisor, rate.steady))
    if steady == f(0.0) and scope.is_fixed(decay) and scope.is_fixed(divisor):  # one factor for all elements
        over = div(neg(H), divisor)
        return mul(x, op("exp", over if rate.has_unit_decay else mul(over, decay)))
    return add(x, linear_change(rate, x, H, scope))


def _semiimplicit(ode: Ode, x: Read, scope: Scope) -> Expr:
    """``x + h*f/(1 + h*k)``: backward Euler for one equation; explicit where the equation is not linear."""
    rate = linear_rate(ode.rate, ode.name)
    if rate is None:
        return advance(x, scope.lower_float(ode.rate), scope)
    slope = H if rate.has_unit_decay else mul(H, scope.lower_float(rate.decay))
    share = div(H, op("+", scope.lower_float(rate.divisor), slope))
    return add(x, mul(share, scope.lower_float(rate.numerator)))


@dataclass(frozen=True)
class _RungeKutta:
    """An explicit Runge-Kutta method by its tableau."""

    tableau: Tableau

    def __call__(self, odes: Sequence[Ode], scope: Scope) -> list[Set]:
        if scope.model.kind == "synapse" and self.tableau.alone_in_synapses:
            return [s for ode in odes for s in self._coupled([ode], scope)]
        return self._coupled(odes, scope)

    def _coupled(self, odes: Sequence[Ode], scope: Scope) -> list[Set]:
        sets: list[Set] = []
        for stage, row in enumerate(self.tableau.a):
            shifted = {o.name: self._shift(scope.own(o.name), o.name, row) for o in odes} if any(row) else {}
            sets += [Set(f"at{stage}.{name}", value) for name, value in shifted.items()]
            with scope.renaming({name: f"at{stage}.{name}" for name in shifted}):
                sets += [Set(f"k{stage}.{o.name}", scope.lower_float(o.rate), "" if stage else o.text) for o in odes]
        return sets + [Set(f"next.{o.name}", self._shift(scope.own(o.name), o.name, self.tableau.b)) for o in odes]

    @staticmethod
    def _shift(x: Expr, name: str, weights: Sequence[float]) -> Expr:
        total: Expr = f(0.0)
        for stage, weight in enumerate(weights):
            if weight:
                k = Read(f"k{stage}.{name}", "float")
                term = k if weight == 1.0 else mul(f(weight), k)
                total = term if total == f(0.0) else add(total, term)
        return add(x, mul(H, total))


METHODS: dict[str, Advance] = {
    "explicit": _each(_explicit),
    "exponential": _each(_exponential),
    "semiimplicit": _each(_semiimplicit),
    "implicit": implicit,
    "linear": propagated,
    **{method.name: _RungeKutta(method.tableau) for method in methods.METHODS.values() if method.tableau},
}
"""Name -> what gives the assignments for some equations of one block."""
