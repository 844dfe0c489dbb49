"""Attributes of some synapses of a projection, read and set by their positions; the others are left alone.

Called by :class:`IndividualSynapse` and :class:`Dendrite`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument, UnknownAttribute
from engram.network.event_values import hold_from_now
from engram.network.listed import keep_weights
from engram.network.step_size import caution
from engram.network.values import as_number, as_values, refuse_flags
from engram.state import names

if TYPE_CHECKING:
    from engram.network.projection import Projection

__all__ = ["ByName", "delays_of_some", "set_some", "some_values"]

Array = npt.NDArray[Any]


class ByName:
    """Attributes by their names, of what has ``get`` and ``set``: ``synapse.w``, ``dendrite.w = 0.5``."""

    _kind: ClassVar[str]  # what messages call it

    def get(self, name: str) -> Any:
        """Return the values of an attribute."""
        raise NotImplementedError

    def set(self, values: dict[str, Any]) -> None:
        """Set attributes."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name):
            raise UnknownAttribute(f"{name!r} of a {self._kind} can't be assigned")
        self.set({name: value})


def some_values(projection: Projection, name: str, positions: Array) -> Array:
    """Return the values that :meth:`Projection.array` has at some synapses: (n,), or () if it is one number.

    Raises:
        UnknownAttribute: if there is no such attribute.
    """
    projection._check_array(name)
    return projection._reach.values(name, positions)


def delays_of_some(projection: Projection, positions: Array) -> Array:
    """Return the delays of some synapses in ms: (n,) float64, or () if all have the same."""
    steps = projection._reach.values(names.DELAY_STEPS, positions)
    return np.asarray(steps.astype(np.int64) * float(projection._network.dt))


def set_some(projection: Projection, values: Mapping[str, Any], positions: Array, what: str, *, one: bool) -> None:
    """Set attributes of some synapses: all of them, or none if one is wrong.

    Where one is event-driven, what is stored at the other synapses of the neurons is brought to this moment.

    Args:
        values: by name; each one number, or one for each synapse.
        positions: in canonical order, (n,) int64; they belong to one post neuron.
        what: the synapses are called in messages.
        one: whether only numbers are taken.

    Raises:
        UnknownAttribute: if the model has no such attribute.
        InvalidArgument: if it is one for the whole projection, or a value is no number, or not as many as synapses.
    """
    numbers = {}
    for name, value in values.items():
        attribute = projection._spec.attribute(name)
        if attribute is None:
            raise projection._unknown(name)
        if attribute.locality == "global":
            advice = f"set it for all of them: proj.{name} = {value!r:.60}"
            raise InvalidArgument(f"{what}: {name!r} is one value for all synapses\n  help: {advice}")
        named, dtype = f"{name!r} of {what}", projection._dtype(attribute.type)
        if name == names.WEIGHT:
            refuse_flags(value, named)
        if one or attribute.locality == "semiglobal":
            new = as_number(value, dtype, named)
        else:
            new = as_values(value, dtype, positions.shape, named)
        numbers[attribute] = new
        elements = _elements(projection, name, positions)
        projection._check_limit(name, np.atleast_1d(new), elements if new.shape else elements[:1])
    new_by_name = {attribute.name: new for attribute, new in numbers.items()}
    caution(projection, new_by_name, lambda name: _elements(projection, name, positions))
    with projection._network._lock:
        hold_from_now(projection, values, positions)
        for attribute, new in numbers.items():
            elements = _elements(projection, attribute.name, positions)
            state, path = projection._network._state, projection._place(attribute.name)
            if attribute.name == names.WEIGHT:
                keep_weights(projection)
            if state.slot(path).shape == projection._shape(attribute):
                state.write(path, new, elements)
            else:  # all need values of their own from now on
                whole = np.array(np.broadcast_to(projection.array(attribute.name), projection._shape(attribute)))
                whole[elements] = new
                projection._put(attribute, whole)


def _elements(projection: Projection, name: str, positions: Array) -> Array:
    """Return which elements of an attribute, with one per synapse or post neuron, belong to synapses of one neuron."""
    attribute = projection._spec.attribute(name)
    if attribute is None or attribute.locality != "semiglobal":
        return positions
    return projection._reach.post_of(positions[:1])
