"""What a user assigns, checked: a number, an array, a distribution -> an array of the right shape and dtype.

And what is read: :class:`Values`, through whose elements neurons can be set one by one. Called by populations,
projections and parameters files. Nothing is changed before the value is known to be right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.state.distributions import Distribution

if TYPE_CHECKING:
    from engram.network.population import Population

__all__ = ["Values", "as_number", "as_values", "refuse_flags"]

Array = npt.NDArray[Any]
WORDS = {"f": "numbers", "i": "whole numbers", "b": "True or False"}


def _new(operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return an operator that gives a new array, for one that would change its first operand."""

    def method(self: Values, other: Any) -> Any:
        return operator(self.view(np.ndarray), other)

    return method


class Values(np.ndarray[Any, np.dtype[Any]]):
    """The values of an attribute, one per neuron: a copy of those of now, through which some of them can be set.

    ``pop.v[3] = 5.0`` sets the value of that neuron, in the population and in the copy; so do ``pop.v[:5] += 1.0`` and
    ``pop.v[:5][3] = 5.0``. Whatever else would write into the copy (``fill``, ``sort``, ``out=``) is refused, since it
    would not reach the population. ``pop.v.copy()``, and what is computed from it, is an array of its own.
    """

    _population: Population | None = None
    _name = ""
    _copy: Array  # the same memory, for us
    _ranks: Array | None = None  # of a part

    def __new__(cls, population: Population, name: str, values: Array, ranks: Array | None = None) -> Values:
        """Copy some values.

        Args:
            population: that they are of.
            name: of the attribute.
            values: (geometry), or those of ``ranks``, of the same shape.
        """
        copy: Array = values.copy()
        self: Values = copy.view(cls)
        self.flags.writeable = False
        self._population, self._name, self._copy, self._ranks = population, name, copy, ranks
        return self

    def _ranks_of(self, key: Any) -> Array:
        ranks = np.arange(self.size).reshape(self.shape) if self._ranks is None else self._ranks
        return np.asarray(ranks[key])

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._population is None:
            super().__setitem__(key, value)
        else:
            self._copy[key] = self._population._set_some(self._name, self._ranks_of(key), value)

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if self._population is None or not isinstance(found, np.ndarray):
            return found
        return Values(self._population, self._name, found.view(np.ndarray), self._ranks_of(key))

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        if array is self:
            return array
        return array[()] if array.shape == () else array.view(np.ndarray)

    def __reduce__(self) -> Any:
        return self.view(np.ndarray).__reduce__()

    for _name_of in "add sub mul truediv floordiv mod pow and or xor lshift rshift".split():
        locals()[f"__i{_name_of}__"] = _new(getattr(np.ndarray, f"__{_name_of}__"))
    del _name_of


def as_number(value: Any, dtype: np.dtype[Any], what: str) -> Array:
    """Return ``value`` as an array of shape ().

    Raises:
        InvalidArgument: if it isn't one number of that type.
    """
    array = as_values(value, dtype, (), what)
    if array.shape != ():
        raise InvalidArgument(f"{what}: expected one number, got an array of shape {array.shape}")
    return array


def as_values(value: Any, dtype: np.dtype[Any], shape: tuple[int, ...], what: str) -> Array:
    """Return ``value`` as an array of ``dtype`` with shape ``shape``, or () for one number.

    Args:
        value: number, nested list or array; a flat one with the right number of elements is reshaped.
        dtype: wanted.
        shape: wanted.
        what: for messages: ``populations/exc/v``.

    Raises:
        InvalidArgument: if the value has another shape, or elements that ``dtype`` can't hold.
    """
    if type(value) is float and dtype == np.float64:
        return np.array(value)
    if isinstance(value, Distribution):
        raise InvalidArgument(f"{what}: a distribution can't be used here")
    try:
        array = np.asarray(value)
    except ValueError:
        raise InvalidArgument(f"{what}: expected {WORDS[dtype.kind]}, got lists of different lengths") from None
    if array.dtype.kind not in "fiub":
        raise InvalidArgument(f"{what}: expected {WORDS[dtype.kind]}, got {value!r:.80}")
    if array.shape not in ((), shape):
        if array.size != int(np.prod(shape)) or array.ndim != 1 or shape == ():
            wanted = f"an array of shape {shape}" if shape else "one number"
            advice = "a number sets them all." if shape else "give one number; it is not one per element."
            raise InvalidArgument(f"{what}: expected {wanted}, got one of shape {array.shape}\n  help: {advice}")
        array = array.reshape(shape)
    with np.errstate(all="ignore"):
        converted = array.astype(dtype)
        # Floats may be rounded to the slot's precision; anything else must survive exactly.
        exact = dtype.kind == "f" or np.array_equal(converted.astype(array.dtype), array)
    if dtype.kind == "f" and (np.isinf(converted) & np.isfinite(array)).any():
        raise InvalidArgument(f"{what}: {dtype.name} holds numbers up to {np.finfo(dtype).max:.3g}, got {value!r:.80}")
    if not exact or (dtype.kind != "b" and array.dtype.kind == "b" and dtype.kind != "f"):
        raise InvalidArgument(f"{what}: expected {WORDS[dtype.kind]}, got {value!r:.80}")
    return converted


def refuse_flags(value: Any, what: str) -> None:
    """Raise if ``value`` is True or False, or a list or an array of them, where NumPy would make 1 and 0 of them.

    Raises:
        InvalidArgument: see above.
    """
    is_flag = isinstance(value, bool) or (isinstance(value, list | tuple) and any(isinstance(v, bool) for v in value))
    if is_flag or (isinstance(value, np.ndarray | np.generic) and value.dtype == np.bool_):
        raise InvalidArgument(f"{what}: expected numbers, got {value!r:.80}\n  help: write 1.0 for True.")
