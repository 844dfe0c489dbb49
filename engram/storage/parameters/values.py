"""One value of a parameters file <-> one number of an exact type.

In: a value and the :class:`Attribute` that it is for, or a number. Out: a Python number that survives a round trip
exactly, or its shortest text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from engram.state.limits import RULES, Limit, first_misfit
from engram.storage.parameters.errors import shown

__all__ = ["Attribute", "Number", "Unfit", "checked", "described", "plain_number"]

Number = bool | int | float
ARRAYS = "a parameters file holds one number per parameter; arrays are saved with save()."
EXPECTED = {"float": "a number", "int": "a whole number", "bool": "true or false"}


@dataclass(frozen=True)
class Attribute:
    """What a network knows about one attribute of an object.

    Args:
        dtype, type: of its array; as the user declared it.
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
    if isinstance(value, bool) is not (attribute.type == "bool") or not isinstance(value, int | float):
        raise Unfit(EXPECTED[attribute.type])
    found: Number = value
    if attribute.type != "bool":
        is_zero = not text.lower().partition("e")[0].strip("-0.")
        found = (_integer if attribute.type == "int" else _float)(text, is_zero, attribute.dtype)
    limit = attribute.limit
    if limit is not None and first_misfit(limit, found) is not None:
        raise Unfit(RULES[limit.rule].words + (f", since it divides in {limit.why}" if limit.why else ""))
    return found


def _integer(text: str, is_zero: bool, dtype: np.dtype[Any]) -> int:
    if is_zero:
        return 0
    exact = Decimal(text) if float(text) else Decimal("0.5")  # what is rounded to zero may have any exponent
    if exact != exact.to_integral_value():
        raise Unfit(EXPECTED["int"])
    limits = np.iinfo(dtype)
    if not limits.min <= exact <= limits.max:
        raise Unfit(f"a whole number from {limits.min} to {limits.max} ({dtype.name})")
    return int(exact)


def _float(text: str, is_zero: bool, dtype: np.dtype[Any]) -> float:
    limits = np.finfo(dtype)
    value = float(text)
    if dtype.itemsize < 8 and math.isfinite(value):
        value = _rounded(text, value, dtype)
    if not math.isfinite(value):
        raise Unfit(f"at most {float(limits.max)!r} ({dtype.name})")
    if value == 0 and not is_zero:
        raise Unfit(f"0, or at least {float(limits.smallest_subnormal)!r} ({dtype.name})")
    return value


def _rounded(text: str, value: float, dtype: np.dtype[Any]) -> float:
    """Return the number of a smaller type that is nearest to a text.

    Going by way of float64 rounds twice: 1.000000178813934326171875000001 would become a neighbour.
    """
    with np.errstate(over="ignore", under="ignore"):
        near = dtype.type(value)
        three = [float(near), *(float(np.nextafter(near, dtype.type(side))) for side in (-np.inf, np.inf))]
    if three[0] == value or not math.isfinite(three[0]):
        return three[0]
    exact = Fraction(Decimal(text))
    return min(filter(math.isfinite, three), key=lambda one: abs(Fraction(one) - exact))  # of equals the first


def described(value: object, text: str) -> tuple[str, str]:
    """Return what a message says was got, and what to type instead; ``text`` is what the value was read from."""
    if isinstance(value, str):
        return f"the text {shown(text)}", "write it without quotes."
    if isinstance(value, list | dict):
        return f"a list of {len(value)}" if isinstance(value, list) else "an object", ARRAYS
    return shown(text), ""


def plain_number(value: object) -> Number | None:
    """Return a number as Python's, with the same shortest text as in its own type; None if it is none."""
    if isinstance(value, np.generic | np.ndarray):
        if value.ndim or value.dtype.kind not in "biuf" or value.dtype.itemsize > 8:
            return None
        number: Number = value.item()
        is_short = value.dtype.kind == "f" and value.dtype.itemsize < 8
        return float(np.format_float_scientific(value.dtype.type(number))) if is_short else number
    if isinstance(value, bool | float):
        return value
    return int(value) if isinstance(value, int) else None
