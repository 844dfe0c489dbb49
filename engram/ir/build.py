"""Small constructors of IR expressions: they find the type of an operation and convert its arguments."""

from __future__ import annotations

from engram.ir.nodes import Const, Expr, Operation, Type
from engram.ir.operations import OPERATIONS

__all__ = [
    "add",
    "at_least",
    "at_most",
    "checked",
    "convert",
    "div",
    "f",
    "mul",
    "neg",
    "number",
    "op",
    "power",
    "select",
    "sub",
    "zero",
]

MAX_POWER = 64  # integer powers up to here are products; beyond, the function ``pow``


def f(value: float) -> Const:
    """A float constant."""
    return Const(float(value), "float")


def zero(like: Expr) -> Const:
    """The zero to compare with ``like``: of ints it is an int, or they would become floats."""
    return f(0.0) if like.type == "float" else Const(0, "int")


def number(value: float | int | bool, kind: Type) -> Const:
    """A literal; a whole number too large for 64 bits is a float."""
    if kind == "int" and not -(2**63) < value < 2**63:
        return f(float(value))
    return Const(value, kind)


def convert(expr: Expr, to: Type) -> Expr:
    """Return ``expr`` as a value of type ``to``; float to int truncates, numbers to bool compare with zero."""
    if expr.type == to:
        return expr
    if isinstance(expr, Const) and not (to == "int" and abs(expr.value) >= 2**63):
        return Const({"float": float, "int": int, "bool": bool}[to](expr.value), to)
    return Operation(to, (expr,), to)


def op(name: str, *args: Expr) -> Operation:
    """Apply a row of the table; mixed arguments become floats, booleans in arithmetic become integers."""
    row = OPERATIONS[name]
    common: Type = "float" if any(a.type == "float" for a in args) else "int"
    kind = row.arguments or common
    return Operation(name, tuple(convert(a, kind) for a in args), row.type or common)


def add(a: Expr, b: Expr) -> Expr:
    """``a + b``, without an operation where one of them is 0."""
    if isinstance(b, Const) and b.value == 0 and a.type == "float":
        return a
    return op("+", a, b)


def sub(a: Expr, b: Expr) -> Expr:
    """``a - b``; ``0 - b`` is a negation."""
    if isinstance(a, Const) and a.value == 0:
        return neg(b)
    return op("-", a, b)


def mul(a: Expr, b: Expr) -> Expr:
    """``a * b``."""
    return op("*", a, b)


def div(a: Expr, b: Expr) -> Expr:
    """``a / b``, always of floats."""
    return op("/", a, b)


def neg(a: Expr) -> Expr:
    """``-a``."""
    if isinstance(a, Const) and a.type != "bool":
        return Const(-a.value, a.type)
    return op("neg", a)


def at_least(value: Expr, low: Expr) -> Expr:
    """Return ``value``, or ``low`` where it is smaller; NaN stays NaN, as max() gives its second where in doubt."""
    return op("max", low, value)


def at_most(value: Expr, high: Expr) -> Expr:
    """Return ``value``, or ``high`` where it is larger; NaN stays NaN."""
    return op("min", high, value)


def checked(rule: str, argument: Expr) -> Expr:
    """Return an argument of a distribution, NaN where it isn't as a row of the table asks; literals are known to be."""
    return argument if isinstance(argument, Const) else op(rule, argument)


def select(condition: Expr, then: Expr, otherwise: Expr) -> Expr:
    """``condition ? then : otherwise``; both are evaluated."""
    kind: Type
    if then.type == otherwise.type:
        kind = then.type
    else:
        kind = "float" if "float" in (then.type, otherwise.type) else "int"
    return Operation("select", (convert(condition, "bool"), convert(then, kind), convert(otherwise, kind)), kind)


def power(base: Expr, exponent: Expr) -> Expr:
    """``base ^ exponent``; small whole exponents become products (the same ones in C and in NumPy).

    ``x^5`` is ``(x*x)*(x*x)*x``: squares of squares, so that the number of products is logarithmic.
    """
    if not (isinstance(exponent, Const) and abs(exponent.value) <= MAX_POWER and float(exponent.value).is_integer()):
        return op("pow", base, exponent)
    n = int(exponent.value)
    result: Expr | None = None
    square, left = convert(base, "float"), abs(n)
    while left:
        if left & 1:
            result = square if result is None else mul(result, square)
        left >>= 1
        if left:
            square = mul(square, square)
    result = f(1.0) if result is None else result
    return div(f(1.0), result) if n < 0 else result
