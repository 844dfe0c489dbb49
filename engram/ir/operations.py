"""The operations of the IR: one row each, with its C text and its NumPy meaning.

Read by ``ir/interpret.py`` and ``native/emit.py``; nothing else knows how an operation is carried out.
+ - * / sqrt, comparisons and selections give the same bits on both sides; functions of ``engram_math.h`` differ from
NumPy's by an ulp at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engram.ir.nodes import Type

__all__ = ["FLOATS", "OPERATIONS", "Row"]


@dataclass(frozen=True)
class Row:
    """One operation.

    ``c`` has ``{0}``, ``{1}`` ... for its arguments, once each (nested text would grow exponentially otherwise), and
    perhaps fields of :data:`FLOATS`, and ``{type}``: ``double``, ``float`` or ``int``, for that of the result. ``type``
    is the latter; None: float if any argument is float, else int. ``arguments`` is what the arguments are converted to;
    None: what the result is. ``numpy`` gets floats as float64, what it returns is rounded to the kernel's precision;
    ``numpy_float32`` is its meaning in float32 where that is another; ``c_int``, ``numpy_int`` are text and meaning
    where the result is an int and those are others. Ints have 64 bits; what does not fit wraps around.
    """

    c: str
    numpy: Callable[..., Any]
    type: Type | None = None
    arguments: Type | None = None
    numpy_float32: Callable[..., Any] | None = None
    c_int: str | None = None
    numpy_int: Callable[..., Any] | None = None


FLOATS: dict[str, dict[str, str]] = {
    "float64": {"f": "", "narrow": "", "max": "DBL_MAX"},
    "float32": {"f": "f", "narrow": "(float)", "max": "FLT_MAX"},
}
"""What differs between the precisions: the end of a function's name, what rounds a double, the largest number."""


def _remainder(a: Any, b: Any) -> Any:
    """C's remainder of truncated operands: sign of ``a``."""
    n, d = np.trunc(a), np.trunc(b)
    return n - d * np.trunc(n / d)


def _int_remainder(a: Any, b: Any) -> Any:
    """The same of ints, exactly; what float to int makes of NaN, the smallest int, where ``b`` is 0."""
    return np.where(np.equal(b, 0), np.iinfo(np.int64).min, np.fmod(a, np.where(np.isin(b, (0, -1)), 1, b)))


def _larger(a: Any, b: Any) -> Any:
    """The second where they are equal; NaN where one of them is NaN."""
    return np.where(np.greater(a, b) | np.not_equal(a, a), a, b)


def _smaller(a: Any, b: Any) -> Any:
    """The second where they are equal; NaN where one of them is NaN."""
    return np.where(np.less(a, b) | np.not_equal(a, a), a, b)


def _between(low: Any, high: Any, u: Any) -> Any:
    """Stretch (0, 1) to [low, high); in two parts where the width would overflow. NaN where low is above high."""
    width = high - low
    value = np.where(np.isfinite(width), low + width * u, low * (low.dtype.type(1.0) - u) + high * u)
    return np.where(low <= high, np.where(np.not_equal(value, high), value, low), np.nan)


def _whole_between(low: Any, high: Any, u: Any) -> Any:
    """The same for whole numbers, high included."""
    width = high - low + low.dtype.type(1.0)
    value = _smaller(low + np.floor(width * u), high)
    return np.where((low <= high) & np.isfinite(width), value, _between(low, high, u))


def _float32(meaning: Callable[..., Any]) -> Callable[..., Any]:
    """The same, every operation in float32."""
    return lambda *args: meaning(*(np.asarray(a, np.float32) for a in args))


def _truncated(a: Any) -> Any:
    """C's conversion to an integer; what does not fit, NaN too, gives the smallest one."""
    fits = (np.asarray(a) >= -(2.0**63)) & (np.asarray(a) < 2.0**63)
    return np.where(fits, a, -(2.0**63)).astype(np.int64)


def _rounded(a: Any) -> Any:
    """The nearest whole number, halves away from zero (``floor(x + 0.5)`` fails for 0.49999999999999994)."""
    size = np.abs(a)
    whole = np.floor(size)
    return np.copysign(whole + (size - whole >= 0.5), a)


def _of_an_angle(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """NaN from 2^45 on: neighbouring numbers are 0.008 apart there, and what a loop computes says nothing."""
    return lambda a: np.where(np.abs(a) < 2.0**45, function(a), np.nan)


def _phi1(a: Any) -> Any:
    """``(exp(a) - 1)/a``, and its limits 1 at 0 and infinity at infinity."""
    return np.where(np.equal(a, 0.0), 1.0, np.expm1(a) / np.where(np.equal(a, np.inf), 1.0, a))


def _linear_step(b: Any, k: Any, x: Any, h: Any) -> Any:
    """``h*phi1(-h*k)*(b - k*x)``, by how much x changes in h where ``dx/dt = b - k*x``; see ``engram_math.h``."""
    slope = np.asarray(k) + 1e-100
    return np.expm1(-(h * slope)) * (x - b / slope)


def _steps(quotient: Any) -> Any:
    return np.floor(np.clip(quotient + 1e-6, 0, 2**31 - 1)).astype(np.int64)


OPERATIONS: dict[str, Row] = {
    "+": Row("({0} + {1})", np.add, c_int="eg_plus_int({0}, {1})"),
    "-": Row("({0} - {1})", np.subtract, c_int="eg_minus_int({0}, {1})"),
    "*": Row("({0} * {1})", np.multiply, c_int="eg_times_int({0}, {1})"),
    "/": Row("({0} / {1})", np.divide, "float", "float"),
    "one_less": Row("({0} - 1)", lambda a: a - 1, "int", "int"),  # of a count in 32 bits, in vectors that stay narrow
    "neg": Row("(-{0})", np.negative, c_int="eg_minus_int(0, {0})"),
    "<": Row("({0} < {1})", np.less, "bool"),
    "<=": Row("({0} <= {1})", np.less_equal, "bool"),
    ">": Row("({0} > {1})", np.greater, "bool"),
    ">=": Row("({0} >= {1})", np.greater_equal, "bool"),
    "==": Row("({0} == {1})", np.equal, "bool"),
    "!=": Row("({0} != {1})", np.not_equal, "bool"),
    # & and | rather than && and ||: both sides are cheap, and loops without branches become vectors
    "and": Row("({0} & {1})", np.logical_and, "bool", "bool"),
    "or": Row("({0} | {1})", np.logical_or, "bool", "bool"),
    "not": Row("(!{0})", np.logical_not, "bool", "bool"),
    "select": Row("({0} ? {1} : {2})", np.where),
    # for clamps: NaN of the second stays, one of the first doesn't count
    "min": Row("eg_min_{type}({0}, {1})", lambda a, b: np.where(np.less(a, b), a, b)),
    "max": Row("eg_max_{type}({0}, {1})", lambda a, b: np.where(np.greater(a, b), a, b)),
    "larger": Row("eg_larger_{type}({0}, {1})", _larger),
    "smaller": Row("eg_smaller_{type}({0}, {1})", _smaller),
    "abs": Row("fabs{f}({0})", np.abs, c_int="eg_abs_int({0})"),
    "sqrt": Row("sqrt{f}({0})", np.sqrt, "float", "float"),
    "floor": Row("floor{f}({0})", np.floor, "float", "float"),
    "round": Row("eg_round{f}({0})", _rounded, "float", "float"),
    "ceil": Row("ceil{f}({0})", np.ceil, "float", "float"),
    "exp": Row("eg_exp{f}({0})", np.exp, "float", "float"),
    "expm1": Row("eg_expm1{f}({0})", np.expm1, "float", "float"),
    "phi1": Row("eg_phi1{f}({0})", _phi1, "float", "float"),
    "linear_step": Row("eg_linear_step{f}({0}, {1}, {2}, {3})", _linear_step, "float", "float"),
    "log": Row("eg_log{f}({0})", np.log, "float", "float"),
    "log10": Row("eg_log10{f}({0})", np.log10, "float", "float"),
    "sin": Row("eg_sin{f}({0})", _of_an_angle(np.sin), "float", "float"),
    "cos": Row("eg_cos{f}({0})", _of_an_angle(np.cos), "float", "float"),
    "tan": Row("eg_tan{f}({0})", _of_an_angle(np.tan), "float", "float"),
    "asin": Row("eg_asin{f}({0})", np.arcsin, "float", "float"),
    "acos": Row("eg_acos{f}({0})", np.arccos, "float", "float"),
    "atan": Row("eg_atan{f}({0})", np.arctan, "float", "float"),
    "atan2": Row("eg_atan2{f}({0}, {1})", np.arctan2, "float", "float"),
    "sinh": Row("eg_sinh{f}({0})", np.sinh, "float", "float"),
    "cosh": Row("eg_cosh{f}({0})", np.cosh, "float", "float"),
    "tanh": Row("eg_tanh{f}({0})", np.tanh, "float", "float"),
    "pow": Row("eg_pow{f}({0}, {1})", np.power, "float", "float"),
    "modulo": Row("{narrow}eg_modulo({0}, {1})", _remainder, c_int="eg_modulo_int({0}, {1})", numpy_int=_int_remainder),
    "isnan": Row("eg_isnan{f}({0})", np.isnan, "bool", "float"),
    "isfinite": Row("(fabs{f}({0}) <= {max})", np.isfinite, "bool", "float"),
    "float": Row("{narrow}(double){0}", lambda a: np.asarray(a, np.float64), "float"),
    "int": Row("eg_int({0})", _truncated, "int"),
    "bool": Row("({0} != 0)", lambda a: np.not_equal(a, 0), "bool"),
    # whole steps from milliseconds, truncated (RULES: a quotient within 1e-6 of an integer is that integer)
    "steps": Row(
        "eg_steps{f}({0}, {1})",
        lambda ms, dt: _steps(ms / dt),
        "int",
        "float",
        lambda ms, dt: _steps(ms / dt * (1.0 + 2.0**-23)),  # ms has been rounded to float32
    ),
    # what distributions make of their arguments and of a standard draw; NaN for arguments that no such law has
    "between": Row("eg_between{f}({0}, {1}, {2})", _between, "float", "float", _float32(_between)),
    "whole_between": Row(
        "eg_whole_between{f}({0}, {1}, {2})", _whole_between, "float", "float", _float32(_whole_between)
    ),
    "not_negative": Row("eg_not_negative{f}({0})", lambda a: np.where(a >= 0, a, np.nan), "float", "float"),
    "positive": Row("eg_positive{f}({0})", lambda a: np.where(a > 0, a, np.nan), "float", "float"),
    # milliseconds of whole steps, given dt in float64
    "ms": Row("{narrow}((double){0} * {1})", np.multiply, "float"),
}
