"""What is read of a population: values, one per neuron, through whose elements neurons can be set one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import shortened
from engram.errors import NoSuchElement
from engram.program.assigning import set_some_neurons
from engram.program.neurons import Neurons
from engram.program.readings import IN_PLACE, ReadArray
from engram.telling import told

__all__ = ["Values"]

Array = npt.NDArray[Any]
Check = Callable[[dict[str, Any]], None]


def _setting(name: str) -> Callable[[Any, Any], Any]:
    """Return an operator such as ``+=``, which sets what is computed as ``values[...] =`` does."""
    compute: Callable[[Any, Any], Any] = getattr(np.ndarray, f"__{name}__")

    def method(self: Values, other: Any) -> Any:
        new = compute(self.view(np.ndarray), other)
        if self._neurons is None or not isinstance(new, np.ndarray) or new.shape != self.shape:
            return new  # NotImplemented, or what no assignment will take
        self[...] = new
        return self

    return shortened(method)


class Values(ReadArray):
    """The values of an attribute, one per neuron: a copy of those of now, through which some of them can be set.

    ``pop.v[3] = 5.0`` sets the value of that neuron, in the population and in the copy; so do ``pop.v[:5] += 1.0``,
    ``pop.v[:5][3] = 5.0`` and ``v = pop.v; v += 1.0``. Whatever else would write into the copy (``fill``, ``sort``,
    ``out=``) is refused, since it would not reach the population. ``pop.v.copy()``, and what is computed from it, is an
    array of its own.
    """

    _neurons: Neurons | None = None
    _name = ""
    _copy: Array  # the same memory, for us
    _ranks: Array | None = None  # of a part
    _check: Check | None = None

    def __new__(
        cls, neurons: Neurons, name: str, values: Array, ranks: Array | None = None, check: Check | None = None
    ) -> Values:
        """Copy some values.

        Args:
            neurons: that they are of.
            name: of the attribute.
            values: (geometry), or those of ``ranks``, of the same shape.
            check: refuses what the population does not allow beside its model.
        """
        copy: Array = values.copy()
        copy.setflags(write=False)  # as in any ReadArray
        self: Values = copy.view(cls)
        self._neurons, self._name, self._copy, self._ranks, self._check = neurons, name, copy, ranks, check
        self._refusal = neurons, name
        return self

    def refusal(self) -> tuple[str, str]:
        """Word it when it is asked for: most values are only read."""
        neurons, name = self._refusal
        what = f"what is read of {neurons.called(name)} is a copy, which would change alone"
        advice = f"pop.{name} = values sets all, pop.{name}[3] = 1.0 some of them"
        return what, f"{advice}; pop.{name}.copy() is an array of its own."

    @property
    def _called(self) -> str:
        return self._neurons.called(self._name) if self._neurons else super()._called

    def _ranks_of(self, key: Any) -> Array:
        ranks = np.arange(self.size).reshape(self.shape) if self._ranks is None else self._ranks
        try:
            return np.asarray(ranks[key])
        except IndexError as error:
            raise self._no_element(key, error) from None

    def _no_element(self, key: Any, error: IndexError) -> NoSuchElement:
        what = f"{self._neurons.called(self._name)}: there is no element {told(key)}: " if self._neurons else ""
        advice = f"the values have shape {self.shape}: index by rank, slice, mask or coordinates."
        return NoSuchElement(f"{what}{error}\n  help: {advice}")

    @shortened
    def __setitem__(self, key: Any, value: Any) -> None:
        if self._neurons is None:
            super().__setitem__(key, value)
            return
        if self._check is not None:
            self._check({self._name: value})
        values = set_some_neurons(self._neurons, self._name, self._ranks_of(key), value)
        self._copy.flags.writeable = True
        self._copy[key] = values
        self._copy.flags.writeable = False

    @shortened
    def __getitem__(self, key: Any) -> Any:
        try:
            found = super().__getitem__(key)
        except IndexError as error:
            raise self._no_element(key, error) from None
        if self._neurons is None or not isinstance(found, np.ndarray):
            return found
        return Values(self._neurons, self._name, found.view(np.ndarray), self._ranks_of(key), self._check)

    for _op in IN_PLACE:
        locals()[f"__i{_op}__"] = _setting(_op)
    del _op
