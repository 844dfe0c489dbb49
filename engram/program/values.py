"""What a user assigns, checked: a number or an array -> an array of the right shape and dtype.

Nothing is changed before the value is known to be right.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.errors import InvalidArgument
from engram.program.readings import OneOrMany
from engram.state.distributions import Distribution
from engram.telling import told

__all__ = ["as_number", "as_values", "refuse_flags", "refuse_fractions", "reshaped"]

Array = npt.NDArray[Any]
FLOAT64, ARRAYS = np.dtype(np.float64), (list, tuple, np.ndarray)
WORDS = {"f": "numbers", "i": "whole numbers", "b": "True or False"}


def as_number(value: Any, dtype: np.dtype[Any], what: str) -> Array:
    """Return ``value`` as an array of shape ().

    Raises:
        InvalidArgument: if it isn't one number of that type.
    """
    array = as_values(value, dtype, (), what)
    if array.shape != ():
        raise InvalidArgument(
            f"{what}: expected one number, got an array of shape {array.shape}"
            "\n  help: this is one value for the whole population or projection: give one number."
        )
    return array


def as_values(value: Any, dtype: np.dtype[Any], shape: tuple[int, ...], what: str, advice: str = "") -> Array:
    """Return ``value`` as an array of ``dtype`` with shape ``shape``, or () for one number.

    Args:
        value: number, nested list or array; a flat one with the right number of elements is reshaped.
        dtype: wanted.
        shape: wanted.
        what: for messages: ``'v' of population 'exc'``.
        advice: for messages: what to give where the shape is wrong; by default that a number will do, where one will.

    Raises:
        InvalidArgument: if the value has another shape, or elements that ``dtype`` can't hold.
    """
    if type(value) is float and dtype == FLOAT64:
        return np.array(value)
    if isinstance(value, Distribution):
        advice = f"draw from it: {told(value, 40)}.get_values(n)."
        raise InvalidArgument(f"{what}: a distribution can't be used here\n  help: {advice}")
    if isinstance(value, OneOrMany) and value.size == 1:
        value = value.item()
    try:
        array = np.asarray(value)
    except ValueError:
        wanted = f"an array of shape {shape}" if shape else "one number"
        raise InvalidArgument(f"{what}: expected {wanted}, got lists of different lengths") from None
    if array.dtype.kind not in "fiub":
        raise InvalidArgument(f"{what}: expected {WORDS[dtype.kind]}, got {told(value, 80)}{_called(value)}")
    if array.shape not in ((), shape):
        if array.size != int(np.prod(shape)) or array.ndim != 1 or shape == ():
            wanted = f"an array of shape {shape}" if shape else "one number"
            said = advice or ("a number sets them all." if shape else "")
            help_ = f"\n  help: {said}" if said else ""
            got = f"got one of shape {array.shape}" if shape else f"got an array of shape {array.shape}"
            raise InvalidArgument(f"{what}: expected {wanted}, {got}{help_}")
        array = array.reshape(shape)
    with np.errstate(all="ignore"):
        converted = array.astype(dtype)
        # Floats may be rounded to the slot's precision; anything else must survive exactly.
        exact = dtype.kind == "f" or np.array_equal(converted.astype(array.dtype), array)
        exact &= array.dtype.kind != "u" or dtype.kind != "i" or not (converted < 0).any()  # which would have wrapped
    if dtype.kind == "f" and (np.isinf(converted) & np.isfinite(array)).any():
        most = f"{np.finfo(dtype).max:.3g}"
        advice = "dtype=eg.float64, the default, holds numbers up to 1.8e+308." if dtype == np.float32 else ""
        limit = f"{dtype.name} holds numbers up to {most}, got {told(value, 80)}"
        raise InvalidArgument(f"{what}: {limit}" + (f"\n  help: {advice}" if advice else ""))
    if not exact or (dtype.kind != "b" and array.dtype.kind == "b" and dtype.kind != "f"):
        raise InvalidArgument(f"{what}: expected {WORDS[dtype.kind]}, got {told(value, 80)}")
    return converted


def _called(value: Any) -> str:
    """Return the help about what is no value, and gives some when it is called."""
    if isinstance(value, type) and issubclass(value, Distribution):
        return f"\n  help: random values need the bounds or moments: eg.{value.__name__}(...)."
    return "\n  help: call it, and give what it returns." if callable(value) else ""


def reshaped(value: Any, shape: tuple[int, ...], what: str) -> Any:
    """Return an array of other dimensions with as many elements as ``shape`` has, row by row in that; else ``value``.

    Warns where both have several rows: the array may be transposed.
    """
    if not shape or not isinstance(value, ARRAYS):
        return value
    if not isinstance(value, np.ndarray) and not (value and isinstance(value[0], ARRAYS)):
        return value
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths, of which as_values() speaks
        return value
    if array.ndim < 2 or array.shape == shape or array.size != int(np.prod(shape)):
        return value
    mine, wanted = ([n for n in sizes if n != 1] for sizes in (array.shape, shape))
    if min(len(mine), len(wanted)) > 1 and mine != wanted:
        advice = "if it is transposed, give array.T; if this is meant, array.ravel() says so."
        warn(f"{what}: an array of shape {array.shape} is read row by row into shape {shape}\n  help: {advice}")
    return array.reshape(shape)


def refuse_flags(value: Any, what: str) -> None:
    """Raise if ``value`` is True or False, or a list or an array of them, where NumPy would make 1 and 0 of them.

    Raises:
        InvalidArgument: see above.
    """
    is_flag = isinstance(value, bool) or (isinstance(value, list | tuple) and any(isinstance(v, bool) for v in value))
    if is_flag or (isinstance(value, np.ndarray | np.generic) and value.dtype == np.bool_):
        raise InvalidArgument(f"{what}: expected numbers, got {told(value, 80)}\n  help: write 1.0 for True.")


def refuse_fractions(law: Distribution, dtype: np.dtype[Any], what: str) -> None:
    """Refuse a law whose values would have to be cut to fit.

    Raises:
        InvalidArgument: if it has other than whole numbers and ``dtype`` is no float.
    """
    if dtype.kind != "f" and not law.gives_whole_numbers:
        advice = "DiscreteUniform, Binomial and Poisson give whole numbers."
        raise InvalidArgument(f"{what}: expected {WORDS[dtype.kind]}, got {told(law, 80)}\n  help: {advice}")
