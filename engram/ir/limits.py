"""What a model's equations ask of its parameters: divisors that must not be 0, and what a step must not be longer than.

In: a checked model. Out: rules for :class:`~engram.ir.spec.ModelSpec`. Only what holds whatever the variables are is
found here; a divisor that changes during a run is not.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from engram.ir.spec import Chance, Pace
from engram.language.linear import coefficients, negate, not_linear
from engram.language.model import Assign, Model, Ode
from engram.language.nodes import Binary, Cast, Compare, Draw, Expr, Name, Number, Unary
from engram.language.trees import fold_up, nodes_of, rewrite
from engram.state.limits import Limit

__all__ = ["chances_of", "limits_of", "paces_of"]

_ZERO = Number(0)
_DRAWN = ""  # among names


def limits_of(
    model: Model,
    constants: Collection[str] = (),
    positive: str | None = None,
    finite: str = "",
    not_negative: str = "",
    shares: str = "",
) -> tuple[Limit, ...]:
    """Return the rules of a model's parameters, and of constants that it reads: at most one for each.

    Args:
        constants: names that are constants where the model does not define them.
        positive: names of those that the model itself says must be above 0; all others must then be numbers. None if it
            says nothing.
        finite: names of those among them that may not be infinite.
        not_negative: names of those that must be 0 or above.
        shares: names of those that must lie between 0 and 1.
    """
    found: dict[str, Limit] = {}
    if positive is not None:
        finite_ones = finite.split()
        rules = dict.fromkeys(not_negative.split(), "not negative") | dict.fromkeys(shares.split(), "share")
        rules |= {name: "positive, finite" if name in finite_ones else "positive" for name in positive.split()}
        found = {p.name: Limit(p.name, rules.get(p.name, "number")) for p in model.parameters if p.type == "float"}
    parameters = {p.name for p in model.parameters}
    fixed = parameters | {name for name in constants if model.attribute(name) is None}
    for ode in _odes(model):
        for name in _divisors(ode.rate):
            if name in fixed and (name not in found or found[name].rule == "number"):
                found[name] = Limit(name, "divisor", ode.text)
    if isinstance(model.refractory, str) and model.refractory in parameters:
        found[model.refractory] = Limit(model.refractory, "period")
    return tuple(found.values())


def paces_of(model: Model, constants: Collection[str] = ()) -> tuple[Pace, ...]:
    """Return the time constants, products of parameters and constants, that the steps of equations must follow.

    What is not linear in the variable is left out of account, as the exponential of the membrane in AdEx.

    Args:
        constants: names that are constants where the model does not define them.
    """
    known = {p.name for p in model.parameters if p.type != "bool"}
    known |= {name for name in constants if model.attribute(name) is None}
    found = []
    for ode in (s for s in model.equations if isinstance(s, Ode)):
        curved = not_linear(ode.rate, (ode.name,))
        parts = coefficients(_without(ode.rate, curved), ode.name)
        slope = None if parts is None else _monomial(negate(parts[0]))
        tau = None if slope is None else _power(slope, -1)
        if tau is not None and tau.powers.keys() <= known:
            found.append(Pace(ode.name, tau.factor, tau.powers, ode.method or "", not curved))
    return tuple(found)


def chances_of(model: Model) -> tuple[Chance, ...]:
    """Return the parameters that are rates of spikes drawn in each step: ``Uniform(0, 1)*1000/dt < rate``."""
    parameters = {p.name for p in model.parameters if p.type == "float"}
    values = {s.name: s.value for s in model.equations if isinstance(s, Assign) and s.op == "="}
    found = {}
    for node in nodes_of(model.spike) if model.spike is not None else ():
        if isinstance(node, Compare) and node.op in ("<", "<=", ">", ">="):
            drawn, rate = (node.left, node.right) if node.op[0] == "<" else (node.right, node.left)
            ratio = _monomial(Binary("/", values.get(drawn.id, drawn) if isinstance(drawn, Name) else drawn, rate))
            name = next((name for name in ratio.powers if name in parameters), None) if ratio is not None else None
            if ratio and name and ratio.powers == {_DRAWN: 1, "dt": -1, name: -1} and ratio.factor > 0:
                found[name] = Chance(name, ratio.factor)
    return tuple(found.values())


def _odes(model: Model) -> Iterator[Ode]:
    yield from (s for s in model.equations if isinstance(s, Ode))
    yield from model.event_driven


def _without(rate: Expr, terms: Collection[Expr]) -> Expr:
    """Return a rate with 0 in the place of some terms."""
    return rewrite(rate, lambda node: _ZERO if node in terms else node) if terms else rate


def _divisors(rate: Expr) -> Iterator[str]:
    """Give the names that divide, outside of functions, draws and conditionals: what they make of a 0 may be right."""
    waiting = [rate]
    while waiting:
        node = waiting.pop()
        match node:
            case Binary("/", left, right):
                yield from _factors(right)
                waiting += [right, left]
            case Binary("+" | "-" | "*", left, right):
                waiting += [right, left]
            case Unary(_, operand) | Cast("float", operand):
                waiting.append(operand)


def _factors(divisor: Expr) -> Iterator[str]:
    """Give the names of which each alone makes a divisor 0."""
    match divisor:
        case Name(name):
            yield name
        case Unary(_, operand) | Cast("float", operand):
            yield from _factors(operand)
        case Binary("*", left, right):
            yield from _factors(left)
            yield from _factors(right)
        case Binary("/", left, _):
            yield from _factors(left)
        case Binary("^", left, Number(exponent)) if exponent > 0:
            yield from _factors(left)


@dataclass(frozen=True)
class _Monomial:
    """``factor`` times names with whole powers; ``_DRAWN`` is a draw, whose largest value is in the factor."""

    factor: float
    powers: dict[str, int]


def _monomial(expr: Expr) -> _Monomial | None:
    """Return what an expression is, if it has that form."""
    return fold_up(expr, _joined)


def _joined(node: Expr, parts: list[_Monomial | None]) -> _Monomial | None:
    """Return the form of a node, given those of its children."""
    match node:
        case Number(value) if not isinstance(value, bool):
            return _usable(float(value), {})
        case Name(name):
            return _Monomial(1.0, {name: 1})
        case Draw("Uniform", (_, Number(most))) if most > 0:
            return _Monomial(float(most), {_DRAWN: 1})
        case Cast("float") | Unary("+"):
            return parts[0]
        case Unary("-"):
            return _product(_Monomial(-1.0, {}), parts[0])
        case Binary("*"):
            return _product(parts[0], parts[1])
        case Binary("/"):
            return _product(parts[0], _power(parts[1], -1))
        case Binary("^", _, Number(exponent)) if float(exponent).is_integer():
            return _power(parts[0], int(exponent))
        case _:
            return None


def _product(one: _Monomial | None, other: _Monomial | None) -> _Monomial | None:
    if one is None or other is None:
        return None
    names = dict.fromkeys((*one.powers, *other.powers))
    powers = {name: one.powers.get(name, 0) + other.powers.get(name, 0) for name in names}
    return _usable(one.factor * other.factor, powers)


def _power(base: _Monomial | None, exponent: int) -> _Monomial | None:
    if base is None:
        return None
    try:
        factor = base.factor**exponent
    except OverflowError:
        return None
    return _usable(factor, {name: power * exponent for name, power in base.powers.items()})


def _usable(factor: float, powers: dict[str, int]) -> _Monomial | None:
    """Return the monomial without the powers of 0; None if its factor is 0 or not finite."""
    shown = {name: power for name, power in powers.items() if power}
    return _Monomial(factor, shown) if 0 < abs(factor) < math.inf else None
