"""Attributes of some synapses of a projection, read and set by their positions; the others are left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.ir.spec import Attribute
from engram.program.assigning import put_values, ready_for_shapes
from engram.program.event_values import hold_from_now
from engram.program.lifting import lifted_side, per_synapse
from engram.program.limits import check_limit
from engram.program.listed import keep_weights
from engram.program.reach import reach_of
from engram.program.step_size import caution
from engram.program.synapses import Synapses
from engram.program.units import in_ms
from engram.program.values import as_number, as_values, refuse_flags
from engram.state import names
from engram.telling import told

__all__ = ["check_array", "delays_of_some", "set_some", "some_values"]

Array = npt.NDArray[Any]


def some_values(projection: Synapses, name: str, positions: Array) -> Array:
    """Return the values that :meth:`Projection.array` has at some synapses: (n,), or () if it is one number.

    Raises:
        UnknownAttribute: if there is no such attribute.
    """
    check_array(projection, name)
    return reach_of(projection).values(name, positions)


def delays_of_some(projection: Synapses, positions: Array) -> Array:
    """Return the delays of some synapses in ms: (n,) float64, or () if all have the same."""
    steps = reach_of(projection).values(names.DELAY_STEPS, positions)
    return np.asarray(in_ms(steps.astype(np.int64), projection.program.dt))


def check_array(projection: Synapses, name: str) -> None:
    """Refuse what there are no values of, one for each synapse or one for all."""
    if name not in (*projection.attributes, names.ROW_START, names.DELAY_STEPS, projection.ranks_name):
        known = (*projection.attributes, "delay", names.DELAY_STEPS)
        raise projection.unknown(name, others=known, known=known)
    projection.check_wired()


def set_some(projection: Synapses, values: Mapping[str, Any], positions: Array, what: str, *, one: bool) -> None:
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
        attribute = projection.spec.attribute(name)
        if attribute is None:
            raise projection.unknown(name)
        if attribute.locality == "global":
            advice = f"set it for all of them: proj.{name} = {told(value)}"
            raise InvalidArgument(f"{what}: {name!r} is one value for all synapses\n  help: {advice}")
        named, dtype = f"{name!r} of {what}", projection.dtype(attribute.type)
        if name == names.WEIGHT:
            refuse_flags(value, named)
        if one or attribute.locality == "semiglobal":
            new = as_number(value, dtype, named)
        else:
            new = as_values(value, dtype, positions.shape, named)
        numbers[attribute] = new
        elements = _elements(projection, name, positions)
        check_limit(projection, name, np.atleast_1d(new), elements if new.shape else elements[:1])
    new_by_name = {attribute.name: new for attribute, new in numbers.items()}
    caution(projection, new_by_name, lambda name: _elements(projection, name, positions))
    state = projection.program.state
    with projection.program.lock:
        ready_for_shapes(projection, {a: projection.shape(a) for a in numbers})  # all may need values of their own
        for attribute in numbers:
            _set_apart(projection, attribute)
        hold_from_now(projection, values, positions)
        for attribute, new in numbers.items():
            if attribute.name == names.WEIGHT:
                keep_weights(projection)
            elements = _elements(projection, attribute.name, positions)
            state.write(projection.place(attribute.name), new, elements)


def _set_apart(projection: Synapses, attribute: Attribute) -> None:
    """Give each synapse, or post neuron, a value of its own, if one stands for several."""
    slot, shape = projection.program.state.slot(projection.place(attribute.name)), projection.shape(attribute)
    if slot.shape == shape:
        return
    whole = per_synapse(projection, attribute.name)
    if not lifted_side(projection, attribute.name):  # nobody else has those of a side
        whole = np.array(np.broadcast_to(whole, shape))
    put_values(projection, attribute, whole, is_new=True)


def _elements(projection: Synapses, name: str, positions: Array) -> Array:
    """Return which elements of an attribute, with one per synapse or post neuron, belong to synapses of one neuron."""
    attribute = projection.spec.attribute(name)
    if attribute is None or attribute.locality != "semiglobal":
        return positions
    return reach_of(projection).post_of(positions[:1])
