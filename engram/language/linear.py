"""Linear equations on our own trees: solved for the derivative, split as ``a*x + b``.

In: expressions. Out: expressions of equal value, simplified only where a factor is 0, 1 or a sign, so that the user
recognises them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from engram.language.nodes import Binary, Cast, Compare, Expr, Logic, Name, Not, Number, Unary
from engram.language.trees import children, contains, fold_up

__all__ = [
    "REST",
    "LinearRate",
    "add",
    "coefficients",
    "combination",
    "divide",
    "linear_rate",
    "multiply",
    "negate",
    "not_linear",
    "solve",
    "subtract",
]

REST = ""
"""The key of what has none of the names in it."""

_ZERO = Number(0)
_ONE = Number(1)


def combination(expr: Expr, names: Collection[str]) -> dict[str, Expr] | None:
    """Return coefficients by name, free of all names, with ``expr == sum(coefficient*name) + rest``.

    None if ``expr`` is not linear in all of them together: a function, condition, power or divisor that contains one
    counts as not linear, and so does a product of two factors that do. Names that don't occur are left out; the rest is
    under :data:`REST`, and is ``expr`` itself where no name occurs.
    """
    return fold_up(expr, lambda node, parts: _combined(node, parts, names))


def coefficients(expr: Expr, name: str) -> tuple[Expr, Expr] | None:
    """Return (a, b), free of ``name``, with ``expr == a*name + b``; None if ``expr`` is not linear in it.

    Without the name in it, ``a`` is the Number 0 and ``b`` is ``expr`` itself.
    """
    parts = combination(expr, (name,))
    return None if parts is None else (parts.get(name, _ZERO), parts[REST])


def not_linear(expr: Expr, names: Collection[str]) -> tuple[Expr, ...]:
    """Return the smallest terms that keep ``expr`` from being linear in the names, in order; none if it is linear.

    A conditional is one term with its condition.
    """
    found: list[Expr] = []

    def combine(node: Expr, below: list[tuple[_Parts, bool]]) -> tuple[_Parts, bool]:
        """Return the coefficients of a node, and whether it holds a term that was found."""
        result = _combined(node, [parts for parts, _ in below], names)
        is_found = any(found_below for _, found_below in below)
        if result is None and not is_found and not isinstance(node, Compare | Logic | Not):
            found.append(node)
            is_found = True
        return result, is_found

    fold_up(expr, combine)
    return tuple(found)


def solve(left: Expr, right: Expr, name: str) -> Expr | None:
    """Return the solution of ``left == right`` for ``name``; None if it is not linear in it, or on both sides."""
    if contains(right, name):
        left, right = right, left
    if contains(right, name):
        return None
    parts = coefficients(left, name)
    return None if parts is None or _is(parts[0], 0) else divide(subtract(right, parts[1]), parts[0])


@dataclass(frozen=True)
class LinearRate:
    """A right side that is linear in its own variable: ``dx/dt = numerator/divisor``, both as the user wrote them.

    Args:
        numerator: contains x.
        decay: free of x: the numerator is ``steady - decay*x``.
        divisor: free of x; 1 where there is none.
        steady: free of x.
    """

    numerator: Expr
    decay: Expr
    divisor: Expr
    steady: Expr

    @property
    def has_unit_decay(self) -> bool:
        """Whether it is ``tau*dx/dt + x = S``, with the divisor for tau."""
        return _is(self.decay, 1)


def linear_rate(rate: Expr, name: str) -> LinearRate | None:
    """Return the parts of a right side; None if it is not linear in ``name`` or does not contain it."""
    numerator, divisor = _quotient(rate, name)
    parts = coefficients(numerator, name)
    if parts is None or _is(parts[0], 0):
        return None
    return LinearRate(numerator, negate(parts[0]), divisor, parts[1])


def negate(x: Expr) -> Expr:
    """Return ``-x``; a sign or difference in ``x`` is turned round."""
    match x:
        case Number(value) if not isinstance(value, bool) and value == 0:
            return x
        case Unary("-", operand):
            return operand
        case Binary("-", left, right):
            return Binary("-", right, left, x.span)
        case _:
            return Unary("-", x, x.span)


def add(x: Expr, y: Expr) -> Expr:
    """Return ``x + y``."""
    if _is(x, 0):
        return y
    if _is(y, 0):
        return x
    if isinstance(y, Unary) and y.op == "-":
        return subtract(x, y.operand)
    return subtract(y, x.operand) if isinstance(x, Unary) and x.op == "-" else Binary("+", x, y, x.span)


def subtract(x: Expr, y: Expr) -> Expr:
    """Return ``x - y``."""
    if _is(y, 0):
        return x
    if _is(x, 0):
        return negate(y)
    if isinstance(y, Unary) and y.op == "-":
        return add(x, y.operand)
    if isinstance(x, Unary) and x.op == "-":
        return negate(add(x.operand, y))
    return Binary("-", x, y, x.span)


def multiply(x: Expr, y: Expr) -> Expr:
    """Return ``x * y``; signs and a divisor of 1 move outside."""
    if _is(x, 0) or _is(y, 1):
        return x
    if _is(y, 0) or _is(x, 1):
        return y
    if isinstance(x, Unary) and x.op == "-":
        return negate(multiply(x.operand, y))
    if isinstance(y, Unary) and y.op == "-":
        return negate(multiply(x, y.operand))
    if isinstance(y, Binary) and y.op == "/" and _is(y.left, 1):
        return divide(x, y.right)
    return Binary("*", x, y, x.span)


def divide(x: Expr, y: Expr) -> Expr:
    """Return ``x / y``; signs move outside, and a quotient below turns round."""
    if _is(x, 0) or _is(y, 1):
        return x
    if isinstance(x, Unary) and x.op == "-":
        return negate(divide(x.operand, y))
    if isinstance(y, Unary) and y.op == "-":
        return negate(divide(x, y.operand))
    if isinstance(y, Binary) and y.op == "/":
        return divide(multiply(x, y.right), y.left)
    return Binary("/", x, y, x.span)


def _is(x: Expr, value: int) -> bool:
    return isinstance(x, Number) and not isinstance(x.value, bool) and x.value == value


_Parts = dict[str, Expr] | None


def _combined(expr: Expr, parts: list[_Parts], names: Collection[str]) -> _Parts:
    """Return the coefficients of a node, given those of its children, which it may use up."""
    given = [part for part in parts if part is not None]
    if len(given) < len(parts):
        return None
    if isinstance(expr, Name) and expr.id in names:
        return {expr.id: _ONE, REST: _ZERO}
    if all(part[REST] is child for part, child in zip(given, children(expr), strict=True)):
        return {REST: expr}  # no name occurs below
    match expr:
        case Unary("+") | Cast("float"):
            return given[0]
        case Unary("-"):
            return _each(given[0], negate)
        case Binary("+" | "-" as op, _, _):
            join = add if op == "+" else subtract
            for name, value in given[1].items():
                given[0][name] = join(given[0].get(name, _ZERO), value)
            return given[0]
        case Binary("*" | "/" as op, _, _):
            return _scaled(op, given[0], given[1])
        case _:
            return None


def _scaled(op: str, left: dict[str, Expr], right: dict[str, Expr]) -> _Parts:
    """Return the coefficients of a product or quotient; one side is free of names, and it is the divisor."""
    if len(right) == 1:
        by = right[REST]
        return _each(left, lambda x: multiply(x, by) if op == "*" else divide(x, by))
    if len(left) == 1 and op == "*":
        by = left[REST]
        return _each(right, lambda x: multiply(by, x))
    return None


def _each(parts: dict[str, Expr], change: Callable[[Expr], Expr]) -> dict[str, Expr]:
    return {name: change(value) for name, value in parts.items()}


def _quotient(expr: Expr, name: str) -> tuple[Expr, Expr]:
    """Return (numerator, denominator) with the denominator free of ``name``: 1 where there is none."""
    match expr:
        case Binary("/", left, right) if not contains(right, name):
            return left, right
        case Unary("-", operand):
            numerator, denominator = _quotient(operand, name)
            return negate(numerator), denominator
        case Cast("float", operand):
            return _quotient(operand, name)
        case _:
            return expr, _ONE
