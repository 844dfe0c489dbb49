"""What is read of a population: values, one per neuron, through whose elements neurons can be set one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import shortened
from engram.errors import InvalidArgument, NoSuchElement
from engram.program.assigning import set_some_neurons
from engram.program.neurons import Neurons
from engram.telling import told

__all__ = ["Entries", "Values"]

Array = npt.NDArray[Any]
IN_PLACE = "add sub mul truediv floordiv mod pow and or xor lshift rshift".split()


def _new(operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return an operator that gives a new array, for one that would change its first operand."""

    def method(self: Any, other: Any) -> Any:
        return operator(self.view(np.ndarray), other)

    return method


class Values(np.ndarray[Any, np.dtype[Any]]):
    """The values of an attribute, one per neuron: a copy of those of now, through which some of them can be set.

    ``pop.v[3] = 5.0`` sets the value of that neuron, in the population and in the copy; so do ``pop.v[:5] += 1.0`` and
    ``pop.v[:5][3] = 5.0``. Whatever else would write into the copy (``fill``, ``sort``, ``out=``) is refused, since it
    would not reach the population. ``pop.v.copy()``, and what is computed from it, is an array of its own.
    """

    _neurons: Neurons | None = None
    _name = ""
    _copy: Array  # the same memory, for us
    _ranks: Array | None = None  # of a part

    def __new__(cls, neurons: Neurons, name: str, values: Array, ranks: Array | None = None) -> Values:
        """Copy some values.

        Args:
            neurons: that they are of.
            name: of the attribute.
            values: (geometry), or those of ``ranks``, of the same shape.
        """
        copy: Array = values.copy()
        self: Values = copy.view(cls)
        self.flags.writeable = False
        self._neurons, self._name, self._copy, self._ranks = neurons, name, copy, ranks
        return self

    def _ranks_of(self, key: Any) -> Array:
        ranks = np.arange(self.size).reshape(self.shape) if self._ranks is None else self._ranks
        try:
            return np.asarray(ranks[key])
        except IndexError as error:
            raise self._no_element(key, error) from None

    def _no_element(self, key: Any, error: IndexError) -> NoSuchElement:
        what = f"{self._neurons.place(self._name)}: there is no element {told(key)}: " if self._neurons else ""
        advice = f"the values have shape {self.shape}: index by rank, slice, mask or coordinates."
        return NoSuchElement(f"{what}{error}\n  help: {advice}")

    @shortened
    def __setitem__(self, key: Any, value: Any) -> None:
        if self._neurons is None:
            super().__setitem__(key, value)
        else:
            self._copy[key] = set_some_neurons(self._neurons, self._name, self._ranks_of(key), value)

    @shortened
    def __getitem__(self, key: Any) -> Any:
        try:
            found = super().__getitem__(key)
        except IndexError as error:
            raise self._no_element(key, error) from None
        if self._neurons is None or not isinstance(found, np.ndarray):
            return found
        return Values(self._neurons, self._name, found.view(np.ndarray), self._ranks_of(key))

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        if array is self:
            return array
        return array[()] if array.shape == () else array.view(np.ndarray)

    def __format__(self, spec: str) -> str:
        """Write the value of a single neuron as a number: ``f"{pop[0].v:.3f}"``."""
        return format(self.item() if self.size == 1 and spec else self.view(np.ndarray), spec)

    def __reduce__(self) -> Any:
        return self.view(np.ndarray).__reduce__()

    for _name_of in IN_PLACE:
        locals()[f"__i{_name_of}__"] = _new(getattr(np.ndarray, f"__{_name_of}__"))
    del _name_of


class Entries(np.ndarray[Any, np.dtype[Any]]):
    """Values that can be assigned as a whole only, as those of a table: a copy of those of now."""

    _what = _advice = ""

    def __new__(cls, what: str, advice: str, entries: Array) -> Entries:
        """Copy some values.

        Args:
            what, advice: what somebody is told who assigns to single ones.
        """
        self: Entries = entries.copy().view(cls)
        self.flags.writeable = False
        self._what, self._advice = what, advice
        return self

    @shortened
    def __setitem__(self, key: Any, value: Any) -> None:
        if self.flags.writeable:  # a copy of this one
            super().__setitem__(key, value)
            return
        raise InvalidArgument(f"{self._what}\n  help: {self._advice}")

    def __array_finalize__(self, source: Any) -> None:
        self._what, self._advice = getattr(source, "_what", ""), getattr(source, "_advice", "")

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        if array is self:
            return array
        return array[()] if array.shape == () else array.view(np.ndarray)

    def __reduce__(self) -> Any:
        return self.view(np.ndarray).__reduce__()

    for _name_of in IN_PLACE:
        locals()[f"__i{_name_of}__"] = _new(getattr(np.ndarray, f"__{_name_of}__"))
    del _name_of
