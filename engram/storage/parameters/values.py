"""One value of a parameters file <-> one number of an exact type.

In: a value and the :class:`Attribute` that it is for, or a number. Out: a Python number that survives a round trip
exactly, or its shortest text.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from engram.state.limits import RULES, Limit, first_misfit
from engram.storage.parameters.errors import shown

__all__ = [
    "Attribute",
    "Number",
    "Unfit",
    "advice_for",
    "checked",
    "described",
    "kind_of",
    "number_text",
    "plain_number",
]

Number = bool | int | float
SAFE_BITS = 2000  # Python may refuse to print integers of more than 640 digits
KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
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


class Unfit(Exception):
    """The value is none of the attribute. The text says what was expected."""


def checked(value: Any, text: str, attribute: Attribute) -> Number:
    """Return a value as exactly the number that the attribute will hold.

    Args:
        value: as ``json`` reads it.
        text: what it was read from: 9007199254740993.0 is no float, and the integer -0 has lost its sign.

    Raises:
        Unfit: if the attribute can't hold it.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    found: Number
    if attribute.type == "bool" and isinstance(value, bool):
        found = value
    elif attribute.type == "int" and is_number:
        found = _integer(value, text, attribute.dtype)
    elif attribute.type == "float" and is_number:
        found = _float(text, attribute.dtype)
    else:
        raise Unfit(EXPECTED[attribute.type])
    limit = attribute.limit
    if limit is not None and first_misfit(limit, found) is not None:
        raise Unfit(RULES[limit.rule].words + (f", since it divides in {limit.why}" if limit.why else ""))
    return found


def _integer(value: int | float, text: str, dtype: np.dtype[Any]) -> int:
    if isinstance(value, float) and not _is_zero(text):
        exact = Fraction(Decimal(text)) if value else None  # what is rounded to zero may have any exponent
        if exact is None or exact.denominator != 1:
            raise Unfit(EXPECTED["int"])
        value = exact.numerator
    limits = np.iinfo(dtype)
    if not limits.min <= value <= limits.max:
        raise Unfit(f"a whole number from {limits.min} to {limits.max} ({dtype.name})")
    return int(value)


def _float(text: str, dtype: np.dtype[Any]) -> float:
    limits = np.finfo(dtype)
    value = float(text)
    if dtype.itemsize < 8 and math.isfinite(value):
        value = _rounded(text, value, dtype)
    if not math.isfinite(value):
        raise Unfit(f"at most {float(limits.max)!r} ({dtype.name})")
    if value == 0 and not _is_zero(text):
        raise Unfit(f"0, or at least {float(limits.smallest_subnormal)!r} ({dtype.name})")
    return value


def _is_zero(text: str) -> bool:
    return not text.lower().partition("e")[0].strip("-0.")


def _rounded(text: str, value: float, dtype: np.dtype[Any]) -> float:
    """Return the number of a smaller type that is nearest to a text.

    Going by way of float64 rounds twice: 1.000000178813934326171875000001 would become a neighbour.
    """
    with np.errstate(over="ignore", under="ignore"):
        small = dtype.type(value)
    if float(small) == value or not np.isfinite(small):
        return float(small)
    exact = Fraction(Decimal(text))
    with np.errstate(over="ignore", under="ignore"):
        neighbours = [float(np.nextafter(small, dtype.type(side))) for side in (-np.inf, np.inf)]
    finite = [float(small), *filter(math.isfinite, neighbours)]
    return min(finite, key=lambda one: abs(Fraction(one) - exact))  # of equals the first


def kind_of(value: object) -> str:
    """Return what messages call a value."""
    return KINDS.get(type(value), "a number")


def described(value: object, text: str) -> str:
    """Return what a message says was got; ``text`` is what the value was read from."""
    if isinstance(value, str):
        return f"the text {shown(text)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return kind_of(value) if isinstance(value, dict) else shown(text)


def advice_for(value: object) -> str:
    """Return what to type instead of a value."""
    if isinstance(value, str):
        return "write it without quotes."
    if isinstance(value, list | dict):
        return "a parameters file holds one number per parameter; arrays are saved with save()."
    return ""


def plain_number(value: object) -> Number | None:
    """Return a number as Python's, with the same shortest text as in its own type; None if it is none."""
    if isinstance(value, int) and not isinstance(value, bool):  # of any length
        return int(value)
    if not isinstance(value, bool | float | np.generic | np.ndarray):
        return None
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        return None
    number: Number = array.item()
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:
        return float(np.format_float_scientific(array.dtype.type(number), unique=True))
    return number


def number_text(value: Number) -> str:
    """Return the shortest text of a number."""
    if isinstance(value, int) and value.bit_length() > SAFE_BITS:
        return str(Decimal(value))
    return json.dumps(value)
