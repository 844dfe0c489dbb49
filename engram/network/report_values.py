"""Values of attributes as short texts, for tables of a report: before and after compile.

In: populations and projections. Out: ``0.02``, ``Uniform(0.0, 0.03)``, or the range of what differs. Called by
``report_content.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engram.ir.spec import Attribute
from engram.language.forms import distribution_text
from engram.language.printer import number_text
from engram.network.given import Given
from engram.state import names
from engram.state.distributions import Distribution

if TYPE_CHECKING:
    from engram.network.population import Population
    from engram.network.projection import Projection

__all__ = ["current_text", "initial_text", "value_text"]

DIGITS = 6  # of numbers that summarize many


def current_text(owner: Population | Projection, attribute: Attribute) -> str:
    """Return the present value of an attribute; before compile what it will be."""
    network = owner._network
    return value_text(owner._value(attribute.name) if network.compiled else _given(owner, attribute))


def initial_text(owner: Population | Projection, attribute: Attribute) -> str:
    """Return the initial value of an attribute as it was given, or what a load brought in its place."""
    given, path = _given(owner, attribute), owner._place(names.initial(attribute.name))
    is_number = not isinstance(given, Distribution | str)
    return value_text(owner._network._state[path] if is_number and path in owner._network._state else given)


def _given(owner: Population | Projection, attribute: Attribute) -> Any:
    """Return what the user assigned before compile, else the connector's weights, else what the model says."""
    connection = owner._draft.connection if owner._section == "projections" else None
    if attribute.name == "w" and connection is not None:
        given: Any = owner._draft.values.get("w", connection.weights)
    else:
        given = owner._draft.values.get(attribute.name, attribute.default)
    return owner._copied(attribute.name) if isinstance(given, Given) else given


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
