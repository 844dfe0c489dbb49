"""ODE methods as data: one row each. What those without a tableau compute is a row of ``ir/methods.py``.

In: nothing. Out: the table, for everybody from the grammar's flags to files. A module that loads at once: scripts whose
models are known ask it and never need the language.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DEFAULT", "METHODS", "NAMES", "Method", "Tableau"]


class Tableau(NamedTuple):
    """An explicit Runge-Kutta method: ``k_s = f(x + h*sum(a_sj k_j))``, ``x + h*sum(b_s k_s)``.

    The variables of a block are shifted together. ``t`` and random draws are the same in all stages.
    """

    a: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    alone_in_synapses: bool = False  # there the variables are shifted one by one, as users know it


class Method(NamedTuple):
    """One ODE method.

    Args:
        name: as users write it.
        formula: the new value of a variable ``{x}``; f is the right side solved for dx/dt, -k its slope in x, h the
            step.
        order: of convergence; None: exact for the equations that it accepts.
        other_names: that users may write as well.
        is_explicit: whether it can't follow what is faster than a step, of which users are warned.
        is_coupled: whether it shifts all variables of a neuron during the step: at most one such in a neuron.
        is_joint: whether it solves the equations of a block as one system.
        needs_slope: whether the formula has k; where there is no slope the method is ``explicit``.
        in_steps: whether it runs in every step; False: at events.
        tableau: of an explicit Runge-Kutta method.
    """

    name: str
    formula: str
    order: int | None
    other_names: tuple[str, ...] = ()
    is_explicit: bool = False
    is_coupled: bool = False
    is_joint: bool = False
    needs_slope: bool = False
    in_steps: bool = True
    tableau: Tableau | None = None


DEFAULT = "explicit"
"""The method of equations that name none, in networks that name none."""

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("explicit", "{x} + h*f", 1, is_explicit=True),
        Method(
            "implicit",
            "{x} + h*f with the new values on the right side, solved for them",
            1,
            is_coupled=True,
            is_joint=True,
        ),
        Method("semiimplicit", "{x} + h*f/(1 + h*k)", 1, needs_slope=True),
        Method("exponential", "{x} + h*phi1(-h*k)*f, phi1(z) = (exp(z) - 1)/z", 1, needs_slope=True),
        Method(
            "midpoint",
            "{x} + h*f({x} + h/2*f)",
            2,
            is_explicit=True,
            is_coupled=True,
            tableau=Tableau(((), (0.5,)), (0.0, 1.0)),
        ),
        Method(
            "rk4",
            "{x} + h/6*(k0 + 2*k1 + 2*k2 + k3), k0 = f, k1 = f({x} + h/2*k0), k2 = f({x} + h/2*k1),"
            " k3 = f({x} + h*k2)",
            4,
            ("runge-kutta4",),
            is_explicit=True,
            is_coupled=True,
            tableau=Tableau(((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6), True),
        ),
        Method(
            "linear",
            "P*x + Q*b for dx/dt = A*x + b, P = exp(A*h), exact; x are all variables of the block with this method",
            None,
            is_joint=True,
        ),
        Method(
            "event-driven",
            "{x} + e*phi1(-e*k)*f at events, e = ms since the last one, phi1(z) = (exp(z) - 1)/z",
            None,
            ("exact",),
            needs_slope=True,
            in_steps=False,
        ),
    )
}

NAMES = tuple(method.name for method in METHODS.values() if method.in_steps)
"""Of those that a network may have as its own."""
