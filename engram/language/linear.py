"""Linear equations on our own trees: solved for the derivative, split as ``a*x + b``, brought to ``tau*dx/dt + x = S``.

In: expressions. Out: expressions of equal value, simplified only where a factor is 0, 1 or a sign, so that the user
recognises them. Called by ``lines.py`` and ``check.py``, and by ``ir`` for exponential and event-driven methods.
"""

from __future__ import annotations

from engram.language.nodes import Binary, Expr, Name, Number, Unary
from engram.language.trees import contains, fold_up

__all__ = ["add", "coefficients", "divide", "multiply", "negate", "normal_form", "solve", "subtract"]

_ZERO = Number(0)
_ONE = Number(1)


def coefficients(expr: Expr, name: str) -> tuple[Expr, Expr] | None:
    """Return (a, b), free of ``name``, with ``expr == a*name + b``; None if ``expr`` is not linear in it.

    A function, condition, power or divisor that contains the name counts as not linear, and so does a product of two
    factors that contain it. Without the name in it, ``a`` is the Number 0 and ``b`` is ``expr`` itself.
    """
    return fold_up(expr, lambda node, parts: _coefficients(node, parts, name))


def solve(left: Expr, right: Expr, name: str) -> Expr | None:
    """Return the solution of ``left == right`` for ``name``; None if it is not linear in it, or on both sides."""
    if contains(right, name):
        left, right = right, left
    if contains(right, name):
        return None
    parts = coefficients(left, name)
    return None if parts is None or _is(parts[0], 0) else divide(subtract(right, parts[1]), parts[0])


def normal_form(rate: Expr, name: str) -> tuple[Expr, Expr] | None:
    """Return (tau, steady), free of ``name``, such that ``dx/dt = rate`` means ``tau*dx/dt + x = steady``.

    None if ``rate`` is not linear in ``name`` or does not contain it.
    """
    numerator, denominator = _quotient(rate, name)
    parts = coefficients(numerator, name)
    if parts is None or _is(parts[0], 0):
        return None
    decay = negate(parts[0])
    return divide(denominator, decay), divide(parts[1], decay)


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


_Parts = tuple[Expr, Expr] | None


def _coefficients(expr: Expr, parts: list[_Parts], name: str) -> _Parts:
    """Combine the coefficients of the children of one node."""
    given = [part for part in parts if part is not None]
    if len(given) < len(parts):
        return None
    if all(_is(a, 0) for a, _ in given):
        return (_ONE, _ZERO) if isinstance(expr, Name) and expr.id == name else (_ZERO, expr)
    match expr:
        case Unary("+"):
            return given[0]
        case Unary("-"):
            return negate(given[0][0]), negate(given[0][1])
        case Binary(op):
            return _combine(op, given[0], given[1])
        case _:
            return None


def _combine(op: str, left: tuple[Expr, Expr], right: tuple[Expr, Expr]) -> _Parts:
    (a, b), (c, d) = left, right
    match op:
        case "+":
            return add(a, c), add(b, d)
        case "-":
            return subtract(a, c), subtract(b, d)
        case "*" if _is(c, 0):
            return multiply(a, d), multiply(b, d)
        case "*" if _is(a, 0):
            return multiply(b, c), multiply(b, d)
        case "/" if _is(c, 0):
            return divide(a, d), divide(b, d)
        case _:
            return None


def _quotient(expr: Expr, name: str) -> tuple[Expr, Expr]:
    """Return (numerator, denominator) with the denominator free of ``name``: 1 where there is none."""
    match expr:
        case Binary("/", left, right) if not contains(right, name):
            return left, right
        case Unary("-", operand):
            numerator, denominator = _quotient(operand, name)
            return negate(numerator), denominator
        case _:
            return expr, _ONE
