"""The operations of the IR as C: one row each.

In: their names, as in ``ir/operations.py``, which says what they mean. Out: texts, put together by ``c_text.py``.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FLOATS", "TEXTS", "Text"]


class Text(NamedTuple):
    """One operation.

    It has ``{0}``, ``{1}`` ... for its arguments, once each (nested text would grow exponentially otherwise), and
    perhaps fields of :data:`FLOATS`, and ``{type}``: ``double``, ``float`` or ``int``, for that of the result.
    ``of_ints`` is the text where the result is an int and that is another.
    """

    c: str
    of_ints: str = ""


FLOATS: dict[str, dict[str, str]] = {
    "float64": {"f": "", "narrow": "", "max": "DBL_MAX"},
    "float32": {"f": "f", "narrow": "(float)", "max": "FLT_MAX"},
}
"""What differs between the precisions: the end of a function's name, what rounds a double, the largest number."""

TEXTS = {
    "+": Text("({0} + {1})", "eg_plus_int({0}, {1})"),
    "-": Text("({0} - {1})", "eg_minus_int({0}, {1})"),
    "*": Text("({0} * {1})", "eg_times_int({0}, {1})"),
    "/": Text("({0} / {1})"),
    "one_less": Text("({0} - 1)"),
    "neg": Text("(-{0})", "eg_minus_int(0, {0})"),
    "<": Text("({0} < {1})"),
    "<=": Text("({0} <= {1})"),
    ">": Text("({0} > {1})"),
    ">=": Text("({0} >= {1})"),
    "==": Text("({0} == {1})"),
    "!=": Text("({0} != {1})"),
    # & and | rather than && and ||: both sides are cheap, and loops without branches become vectors
    "and": Text("({0} & {1})"),
    "or": Text("({0} | {1})"),
    "not": Text("(!{0})"),
    "select": Text("({0} ? {1} : {2})"),
    "min": Text("eg_min_{type}({0}, {1})"),
    "max": Text("eg_max_{type}({0}, {1})"),
    "larger": Text("eg_larger_{type}({0}, {1})"),
    "smaller": Text("eg_smaller_{type}({0}, {1})"),
    "abs": Text("fabs{f}({0})", "eg_abs_int({0})"),
    "sqrt": Text("sqrt{f}({0})"),
    "floor": Text("floor{f}({0})"),
    "round": Text("eg_round{f}({0})"),
    "ceil": Text("ceil{f}({0})"),
    "exp": Text("eg_exp{f}({0})"),
    "expm1": Text("eg_expm1{f}({0})"),
    "phi1": Text("eg_phi1{f}({0})"),
    "linear_step": Text("eg_linear_step{f}({0}, {1}, {2}, {3})"),
    "log": Text("eg_log{f}({0})"),
    "log10": Text("eg_log10{f}({0})"),
    "sin": Text("eg_sin{f}({0})"),
    "cos": Text("eg_cos{f}({0})"),
    "tan": Text("eg_tan{f}({0})"),
    "asin": Text("eg_asin{f}({0})"),
    "acos": Text("eg_acos{f}({0})"),
    "atan": Text("eg_atan{f}({0})"),
    "atan2": Text("eg_atan2{f}({0}, {1})"),
    "sinh": Text("eg_sinh{f}({0})"),
    "cosh": Text("eg_cosh{f}({0})"),
    "tanh": Text("eg_tanh{f}({0})"),
    "pow": Text("eg_pow{f}({0}, {1})"),
    "modulo": Text("{narrow}eg_modulo({0}, {1})", "eg_modulo_int({0}, {1})"),
    "isnan": Text("eg_isnan{f}({0})"),
    "isfinite": Text("(fabs{f}({0}) <= {max})"),
    "float": Text("{narrow}(double){0}"),
    "int": Text("eg_int({0})"),
    "bool": Text("({0} != 0)"),
    "entry": Text("eg_entry_number{f}({0})"),
    "steps": Text("eg_steps{f}({0}, {1})"),
    "between": Text("eg_between{f}({0}, {1}, {2})"),
    "whole_between": Text("eg_whole_between{f}({0}, {1}, {2})"),
    "not_negative": Text("eg_not_negative{f}({0})"),
    "positive": Text("eg_positive{f}({0})"),
    "ms": Text("{narrow}((double){0} * {1})"),
}
