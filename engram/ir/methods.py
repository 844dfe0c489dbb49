"""ODE methods: how ``dx/dt = f`` becomes an assignment. One row each.

Called by ``ir/lower.py``. A row gets the rate and the variable as they are in the AST and a function that lowers
AST to IR, and returns the value at the end of the step; all variables of one block are computed from old values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engram.ir.build import add, div, f, mul, neg, op, sub
from engram.ir.nodes import Expr, Read
from engram.language import nodes as ast
from engram.language.linear import normal_form

__all__ = ["METHODS", "Method", "decay"]

DT = Read("dt", "float")
Lower = Callable[[ast.Expr], Expr]


@dataclass(frozen=True)
class Method:
    """One ODE method.

    ``advance(variable, rate, lower)`` returns the new value, or None where the method does not apply because the
    equation is not linear in its variable.
    """

    name: str
    order: int | None  # of convergence; None: exact for the equations that it accepts
    advance: Callable[[Read, ast.Expr, Lower], Expr | None]


def decay(tau: Expr, elapsed_ms: Expr) -> Expr:
    """Return ``exp(-elapsed/tau)``, the factor by which a linear ODE approaches its steady state."""
    return op("exp", neg(div(elapsed_ms, tau)))


def _explicit(x: Read, rate: ast.Expr, lower: Lower) -> Expr:
    """Euler: ``x + dt*f(x)``."""
    return add(x, mul(DT, lower(rate)))


def _exponential(x: Read, rate: ast.Expr, lower: Lower) -> Expr | None:
    """Exponential Euler: exact for constant tau and S in ``tau*dx/dt + x = S``.

    Source: Rotter & Diesmann 1999, Biol. Cybern. 81:381-402.
    """
    form = normal_form(rate, x.symbol)
    if form is None:
        return None
    tau, steady = lower(form[0]), lower(form[1])
    return add(x, mul(sub(f(1.0), decay(tau, DT)), sub(steady, x)))


METHODS: dict[str, Method] = {
    "explicit": Method("explicit", 1, _explicit),
    "exponential": Method("exponential", 1, _exponential),
}
