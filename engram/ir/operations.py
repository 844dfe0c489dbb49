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

__all__ = ["OPERATIONS", "Row"]


@dataclass(frozen=True)
class Row:
    """One operation.

    ``c`` has ``{0}``, ``{1}`` ... for its arguments, once each (nested text would grow exponentially otherwise), and
    perhaps ``{type}``, ``float`` or ``int``, for that of the result. ``type`` is the latter; None: float if any
    argument is float, else int. ``arguments`` is what the arguments are converted to; None: what the result is.
    """

    c: str
    numpy: Callable[..., Any]
    type: Type | None = None
    arguments: Type | None = None


def _remainder(a: Any, b: Any) -> Any:
    """C's remainder of truncated operands: sign of ``a``."""
    n, d = np.trunc(a), np.trunc(b)
    return n - d * np.trunc(n / d)


def _truncated(a: Any) -> Any:
    """C's conversion to an integer; what does not fit, NaN too, gives the smallest one."""
    fits = (np.asarray(a) >= -(2.0**63)) & (np.asarray(a) < 2.0**63)
    return np.where(fits, a, -(2.0**63)).astype(np.int64)


def _rounded(a: Any) -> Any:
    """The nearest whole number, halves away from zero (``floor(x + 0.5)`` fails for 0.49999999999999994)."""
    size = np.abs(a)
    whole = np.floor(size)
    return np.copysign(whole + (size - whole >= 0.5), a)


OPERATIONS: dict[str, Row] = {
    "+": Row("({0} + {1})", np.add),
    "-": Row("({0} - {1})", np.subtract),
    "*": Row("({0} * {1})", np.multiply),
    "/": Row("({0} / {1})", np.divide, "float", "float"),
    "neg": Row("(-{0})", np.negative),
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
    "min": Row("eg_min_{type}({0}, {1})", lambda a, b: np.where(np.less(a, b), a, b)),
    "max": Row("eg_max_{type}({0}, {1})", lambda a, b: np.where(np.greater(a, b), a, b)),
    "abs": Row("fabs({0})", np.abs, "float", "float"),
    "sqrt": Row("sqrt({0})", np.sqrt, "float", "float"),
    "floor": Row("floor({0})", np.floor, "float", "float"),
    "round": Row("eg_round({0})", _rounded, "float", "float"),
    "ceil": Row("ceil({0})", np.ceil, "float", "float"),
    "exp": Row("eg_exp({0})", np.exp, "float", "float"),
    "log": Row("eg_log({0})", np.log, "float", "float"),
    "log10": Row("eg_log10({0})", np.log10, "float", "float"),
    "sin": Row("eg_sin({0})", np.sin, "float", "float"),
    "cos": Row("eg_cos({0})", np.cos, "float", "float"),
    "tan": Row("eg_tan({0})", np.tan, "float", "float"),
    "asin": Row("eg_asin({0})", np.arcsin, "float", "float"),
    "acos": Row("eg_acos({0})", np.arccos, "float", "float"),
    "atan": Row("eg_atan({0})", np.arctan, "float", "float"),
    "atan2": Row("eg_atan2({0}, {1})", np.arctan2, "float", "float"),
    "sinh": Row("eg_sinh({0})", np.sinh, "float", "float"),
    "cosh": Row("eg_cosh({0})", np.cosh, "float", "float"),
    "tanh": Row("eg_tanh({0})", np.tanh, "float", "float"),
    "pow": Row("eg_pow({0}, {1})", np.power, "float", "float"),
    "modulo": Row("(double)eg_modulo({0}, {1})", _remainder, "float", "float"),
    "isnan": Row("eg_isnan({0})", np.isnan, "bool", "float"),
    "isfinite": Row("(fabs({0}) <= DBL_MAX)", np.isfinite, "bool", "float"),
    "float": Row("(double){0}", lambda a: np.asarray(a, np.float64), "float"),
    "int": Row("eg_int({0})", _truncated, "int"),
    "bool": Row("({0} != 0)", lambda a: np.not_equal(a, 0), "bool"),
    # whole steps from milliseconds, truncated (RULES: a quotient within 1e-6 of an integer is that integer)
    "steps": Row(
        "eg_steps({0}, {1})",
        lambda ms, dt: np.floor(np.clip(ms / dt + 1e-6, 0, 2**31 - 1)).astype(np.int64),
        "int",
        "float",
    ),
}
