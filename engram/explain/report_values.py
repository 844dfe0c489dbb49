"""Values of attributes as short texts, for tables of a report: before and after compile.

In: populations and projections. Out: ``0.02``, ``Uniform(0.0, 0.03)``, or the range of what differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engram.ir.spec import Attribute
from engram.language.forms import distribution_text
from engram.language.printer import number_text
from engram.program.given import Given
from engram.program.neurons import Neurons
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.distributions import Distribution

if TYPE_CHECKING:
    pass

__all__ = ["current_text", "initial_text", "value_text"]

DIGITS = 6  # of numbers that summarize many


def current_text(owner: Neurons | Synapses, attribute: Attribute) -> str:
    """Return the present value of an attribute; before compile what it will be."""
    program = owner.program
    return value_text(owner.value(attribute.name) if program.compiled else _given(owner, attribute))


def initial_text(owner: Neurons | Synapses, attribute: Attribute) -> str:
    """Return the initial value of an attribute as it was given, or what a load brought in its place."""
    given, path = _given(owner, attribute), owner.place(names.initial(attribute.name))
    is_number = not isinstance(given, Distribution | str)
    return value_text(owner.program.state[path] if is_number and path in owner.program.state else given)


def _given(owner: Neurons | Synapses, attribute: Attribute) -> Any:
    """Return what the user assigned before compile, else the connector's weights, else what the model says."""
    connection = owner.draft.connection if isinstance(owner, Synapses) else None
    if attribute.name == "w" and connection is not None:
        given: Any = owner.draft.values.get("w", connection.weights)
    else:
        given = owner.draft.values.get(attribute.name, attribute.default)
    return owner.given_value(attribute) if isinstance(given, Given) else given


def value_text(value: Any) -> str:
    """Return a number, the call of a distribution, a name, or what an array ranges over."""
    if isinstance(value, Distribution):
        return distribution_text(value)
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.size == 0:
        return "none"
    first = array.flat[0]
    if array.size == 1 or (array == first).all():
        return number_text(first.item())
    if array.dtype == np.bool_:
        return f"True for {int(array.sum())} of {array.size}"
    low, high, mean = (f"{x:.{DIGITS}g}" for x in (array.min(), array.max(), array.mean()))
    return f"{low} to {high}, mean {mean}"
