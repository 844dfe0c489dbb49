"""One value of a parameters file <-> one number of an exact type.

In: a node and the :class:`Attribute` that it is for, or a number. Out: a Python number that survives a round trip
exactly, or its shortest text. Called by ``parameters.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engram.state.limits import RULES, Limit, first_misfit
from engram.storage.parameters_errors import Problem, Source, escape
from engram.storage.parameters_text import Kind, Node

__all__ = ["Attribute", "Number", "checked", "number_text", "plain_number"]

Number = bool | int | float
EXPECTED = {"float": "a number", "int": "a whole number", "bool": "true or false"}


@dataclass(frozen=True)
class Attribute:
    """What a network knows about one attribute of an object.

    Args:
        dtype: of its array.
        type: as the user declared it.
        is_global: one value for the whole object (flags ``population``, ``projection``).
        is_parameter: and no variable.
        limit: what its values may be, if not all are allowed.
    """

    dtype: np.dtype[Any]
    type: Literal["float", "int", "bool"]
    is_global: bool = True
    is_parameter: bool = True
    limit: Limit | None = None


class _Unfit(Exception):
    """The number is no value of the attribute. The text says what was expected."""


def checked(node: Node, attribute: Attribute, title: str, source: Source) -> Number | Problem:
    """Return the value of a node as exactly the number that the attribute will hold, or what is wrong with it.

    Args:
        title: what messages call the attribute: ``parameter 'a' of population 'exc'``.
    """
    expected = EXPECTED[attribute.type]
    text = source.text[node.start : node.end]
    try:
        if node.kind is Kind.BOOLEAN and attribute.type == "bool":
            return _within(bool(node.value), attribute.limit)
        if node.kind is Kind.NUMBER and attribute.type == "int":
            return _within(_integer(node, text, attribute.dtype), attribute.limit)
        if node.kind is Kind.NUMBER and attribute.type == "float":
            return _within(_float(text, attribute.dtype), attribute.limit)
    except _Unfit as unfit:
        expected = str(unfit)
    details = (f"expected: {expected}", f"got: {_described(node, text)}")
    return Problem(f"{title} can't have this value", source, node.start, node.end, details, _advice(node))


def _within(value: Number, limit: Limit | None) -> Number:
    if limit is not None and first_misfit(limit, value) is not None:
        raise _Unfit(RULES[limit.rule].words + (f", since it divides in {limit.why}" if limit.why else ""))
    return value


def _integer(node: Node, text: str, dtype: np.dtype[Any]) -> int:
    value = node.value
    if isinstance(value, float):
        from decimal import Decimal

        value, denominator = Decimal(text).as_integer_ratio()  # 9007199254740993.0 is no float
        if denominator != 1:
            raise _Unfit(EXPECTED["int"])
    limits = np.iinfo(dtype)
    if not limits.min <= value <= limits.max:
        raise _Unfit(f"a whole number from {limits.min} to {limits.max} ({dtype.name})")
    return int(value)


def _float(text: str, dtype: np.dtype[Any]) -> float:
    limits = np.finfo(dtype)
    value = float(text)  # not the node's value: -0 is an integer that has lost its sign
    if dtype.itemsize < 8 and math.isfinite(value):
        value = _rounded(text, value, dtype)
    if not math.isfinite(value):
        raise _Unfit(f"at most {float(limits.max)!r} ({dtype.name})")
    if value == 0 and text.lower().partition("e")[0].strip("-0."):
        raise _Unfit(f"0, or at least {float(limits.smallest_subnormal)!r} ({dtype.name})")
    return value


def _rounded(text: str, value: float, dtype: np.dtype[Any]) -> float:
    """Return the number of a smaller type that is nearest to a text.

    Going by way of float64 rounds twice: 1.000000178813934326171875000001 would become a neighbour.
    """
    with np.errstate(over="ignore", under="ignore"):
        small = dtype.type(value)
        neighbours = [np.nextafter(small, dtype.type(side)) for side in (-np.inf, np.inf)]
    if not np.isfinite(small) or value == 0 or float(small) == value:
        return float(small)
    from decimal import Decimal
    from fractions import Fraction

    exact = Fraction(*Decimal(text).as_integer_ratio())
    candidates = [float(small), *(float(one) for one in neighbours if np.isfinite(one))]
    return min(candidates, key=lambda one: abs(Fraction(one) - exact))  # of equals the first


def _described(node: Node, text: str) -> str:
    if node.kind is Kind.STRING:
        return f"the text {escape(text if len(text) <= 60 else text[:60] + '...')}"
    if node.kind is Kind.NUMBER:
        return text if len(text) <= 60 else f"{text[:60]}... ({len(text)} characters)"
    if node.kind is Kind.ARRAY:
        return f"a list of {len(node.value)}"
    return text if node.kind is Kind.BOOLEAN else node.kind.value


def _advice(node: Node) -> str:
    if node.kind is Kind.STRING:
        return "write it without quotes."
    if node.kind in (Kind.ARRAY, Kind.OBJECT):
        return "a parameters file holds one number per parameter; arrays are saved with save()."
    return ""


def plain_number(value: object) -> tuple[Number, np.dtype[Any]] | None:
    """Return a number as Python's, and its type; None if it is none (an array, a text)."""
    if isinstance(value, int) and not isinstance(value, bool):  # of any length
        return int(value), np.dtype(np.int64)
    if not isinstance(value, bool | float | np.generic | np.ndarray):
        return None
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        return None
    number: Number = array.item()
    return number, array.dtype


def number_text(value: Number, dtype: np.dtype[Any]) -> str:
    """Return the shortest text that gives the same bits in the number's own type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer_text(value)
    if dtype.itemsize < 8:
        value = float(np.format_float_scientific(dtype.type(value), unique=True))
    return repr(value)


def _integer_text(value: int) -> str:
    if value.bit_length() < 2000:
        return str(value)
    from decimal import Decimal

    return str(Decimal(value))  # Python's own conversion refuses long ones
