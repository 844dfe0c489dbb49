"""The operations of the IR: one row each, with its type and its NumPy meaning.

Their C stands in ``native/c_operations.py``. + - * / sqrt, comparisons
and selections give the same bits on both sides; functions of ``engram_math.h`` differ from NumPy's by an ulp at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engram.ir.nodes import Type

__all__ = ["OPERATIONS", "Meaning"]


@dataclass(frozen=True)
class Meaning:
    """One operation.

    ``type`` is that of the result; None: float if any argument is float, else int. ``arguments`` is what the arguments
    are converted to; None: what the result is. ``numpy`` gets floats as float64, what it returns is rounded to the
    kernel's precision; ``numpy_float32`` is its meaning in float32 where that is another, ``numpy_int`` the one where
    the result is an int. Ints have 64 bits; what does not fit wraps around.
    """

    numpy: Callable[..., Any]
    type: Type | None = None
    arguments: Type | None = None
    numpy_float32: Callable[..., Any] | None = None
    numpy_int: Callable[..., Any] | None = None


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
    """Map (0, 1) to [low, high); in two parts where the width would overflow. NaN where low is above high."""
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


OPERATIONS: dict[str, Meaning] = {
    "+": Meaning(np.add),
    "-": Meaning(np.subtract),
    "*": Meaning(np.multiply),
    "/": Meaning(np.divide, "float", "float"),
    "one_less": Meaning(lambda a: a - 1, "int", "int"),  # of a count in 32 bits, in vectors that stay narrow
    "neg": Meaning(np.negative),
    "<": Meaning(np.less, "bool"),
    "<=": Meaning(np.less_equal, "bool"),
    ">": Meaning(np.greater, "bool"),
    ">=": Meaning(np.greater_equal, "bool"),
    "==": Meaning(np.equal, "bool"),
    "!=": Meaning(np.not_equal, "bool"),
    "and": Meaning(np.logical_and, "bool", "bool"),
    "or": Meaning(np.logical_or, "bool", "bool"),
    "not": Meaning(np.logical_not, "bool", "bool"),
    "select": Meaning(np.where),
    # for clamps: NaN of the second stays, one of the first doesn't count
    "min": Meaning(lambda a, b: np.where(np.less(a, b), a, b)),
    "max": Meaning(lambda a, b: np.where(np.greater(a, b), a, b)),
    "larger": Meaning(_larger),
    "smaller": Meaning(_smaller),
    "abs": Meaning(np.abs),
    "sqrt": Meaning(np.sqrt, "float", "float"),
    "floor": Meaning(np.floor, "float", "float"),
    "round": Meaning(_rounded, "float", "float"),
    "ceil": Meaning(np.ceil, "float", "float"),
    "exp": Meaning(np.exp, "float", "float"),
    "expm1": Meaning(np.expm1, "float", "float"),
    "phi1": Meaning(_phi1, "float", "float"),
    "linear_step": Meaning(_linear_step, "float", "float"),
    "log": Meaning(np.log, "float", "float"),
    "log10": Meaning(np.log10, "float", "float"),
    "sin": Meaning(_of_an_angle(np.sin), "float", "float"),
    "cos": Meaning(_of_an_angle(np.cos), "float", "float"),
    "tan": Meaning(_of_an_angle(np.tan), "float", "float"),
    "asin": Meaning(np.arcsin, "float", "float"),
    "acos": Meaning(np.arccos, "float", "float"),
    "atan": Meaning(np.arctan, "float", "float"),
    "atan2": Meaning(np.arctan2, "float", "float"),
    "sinh": Meaning(np.sinh, "float", "float"),
    "cosh": Meaning(np.cosh, "float", "float"),
    "tanh": Meaning(np.tanh, "float", "float"),
    "pow": Meaning(np.power, "float", "float"),
    "modulo": Meaning(_remainder, numpy_int=_int_remainder),
    "isnan": Meaning(np.isnan, "bool", "float"),
    "isfinite": Meaning(np.isfinite, "bool", "float"),
    "float": Meaning(lambda a: np.asarray(a, np.float64), "float"),
    "int": Meaning(_truncated, "int"),
    "bool": Meaning(lambda a: np.not_equal(a, 0), "bool"),
    # of which entry of a table: rounded down, but for what is whole up to rounding errors (RULES)
    "entry": Meaning(
        lambda a: _truncated(np.floor(a + 1e-6)),
        "int",
        "float",
        lambda a: _truncated(np.floor(a * (1.0 + 2.0**-22) + 1e-6)),  # a quotient of what was rounded to float32
    ),
    # whole steps from milliseconds, truncated (RULES: a quotient within 1e-6 of an integer is that integer)
    "steps": Meaning(
        lambda ms, dt: _steps(ms / dt),
        "int",
        "float",
        lambda ms, dt: _steps(ms / dt * (1.0 + 2.0**-23)),  # ms has been rounded to float32
    ),
    # what distributions make of their arguments and of a standard draw; NaN for arguments that no such law has
    "between": Meaning(_between, "float", "float", _float32(_between)),
    "whole_between": Meaning(_whole_between, "float", "float", _float32(_whole_between)),
    "not_negative": Meaning(lambda a: np.where(a >= 0, a, np.nan), "float", "float"),
    "positive": Meaning(lambda a: np.where(a > 0, a, np.nan), "float", "float"),
    # milliseconds of whole steps, given dt in float64
    "ms": Meaning(np.multiply, "float"),
}
