"""Tables of a population: parameters of any number of entries, or of rows with one entry for each neuron.

A table has no other value to which ``reset`` would return: it stays what it was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.ir.spec import Attribute
from engram.program.component import Component
from engram.program.given import InSteps
from engram.program.neurons import Neurons
from engram.program.values import as_values
from engram.state import names
from engram.state.distributions import Distribution
from engram.telling import told

__all__ = ["checked_table", "entries_of", "give_up_tables", "given_for_good", "put_table", "put_tables"]

Array = npt.NDArray[Any]


def checked_table(neurons: Neurons, attribute: Attribute, value: Any) -> Array | InSteps:
    """Return the entries that a table is given: (rows, geometry), or (entries) of one for the whole population.

    Raises:
        InvalidArgument: if the value has another form or type, or no entry.
    """
    what, one = neurons.called(attribute.name), neurons.shape(attribute)[1:]
    if isinstance(value, InSteps):
        return value.at(neurons.program.dt) if neurons.program.compiled else value
    wanted = f"an array of rows with {one} entries each" if one else "a list of entries"
    if isinstance(value, str | Distribution):
        raise InvalidArgument(f"{what}: expected {wanted}, got {told(value)}\n  help: a table is given as values.")
    try:
        array = np.asarray(value)
    except ValueError:
        raise InvalidArgument(f"{what}: expected {wanted}, got rows of different lengths") from None
    array = np.full((1, *one), array) if array.ndim == 0 else array
    if array.ndim == 2 and len(one) > 1 and array.shape[1] == neurons.size:
        array = array.reshape(len(array), *one)  # flat rows, in the order of ranks
    if array.shape[1:] != one or not len(array):
        shape = ", ".join(["n", *map(str, one)])
        advice = f"the first axis counts the {'rows' if one else 'entries'}: give shape ({shape}), n at least 1."
        raise InvalidArgument(f"{what}: expected {wanted}, got shape {array.shape}\n  help: {advice}")
    dtype = neurons.dtype(attribute.type) if neurons.program.compiled else neurons.exact(attribute.type)
    entries: Array = np.array(as_values(array, dtype, array.shape, what), order="C")
    return entries


def put_table(neurons: Component, name: str, entries: Array) -> None:
    """Give a table of a compiled network other entries, as many as there are."""
    state = neurons.program.state
    slot = state.slot(neurons.place(name))
    if entries.shape == slot.shape:
        state.write(slot.path, entries)
    else:
        state.put(slot.with_shape(entries.shape), np.array(entries, slot.dtype, order="C"))


def put_tables(neurons: Neurons) -> None:
    """Give the tables of a network that is being built the entries with which it begins."""
    for attribute in _tables(neurons):
        put_table(neurons, attribute.name, neurons.rounded(attribute, neurons.given_value(attribute)))


def give_up_tables(neurons: Neurons) -> None:
    """Let what tables were given stand in their slots alone, once a network is built: nothing returns to it."""
    for attribute in _tables(neurons):
        neurons.draft.values.pop(attribute.name, None)


def entries_of(neurons: Neurons) -> dict[str, Array]:
    """Return copies of the entries that the tables of a network that is built have now, by name."""
    return {a.name: neurons.value(a.name).astype(neurons.exact(a.type)) for a in _tables(neurons)}


def _tables(neurons: Neurons) -> list[Attribute]:
    return [attribute for attribute in neurons.spec.attributes if attribute.is_table]


def given_for_good(neurons: Neurons, names_of: Iterable[str]) -> None:
    """Let parameters that were assigned be what ``reset`` returns to, as they belong to a table, which stays."""
    state = neurons.program.state
    for name in names_of if neurons.program.compiled else ():
        attribute = neurons.attribute(name)
        if not attribute.is_table and not attribute.is_variable:
            value = neurons.value(name)
            neurons.draft.values[name] = value.astype(neurons.exact(attribute.type))
            state.put(state.slot(neurons.place(names.initial(name))).with_shape(value.shape), value.copy())
