"""What the attributes of a population or projection began with, and ``reset`` returns to."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from engram.errors import InvalidArgument, NotCompiled
from engram.ir.spec import Attribute
from engram.program.component import Component
from engram.program.neurons import Neurons
from engram.program.readings import ReadArray
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.distributions import Distribution

__all__ = ["Initial", "begun_with"]


ADVICE = "before compile() assign the attribute, pop.v = ..., which reset() then returns to."


class Initial(dict[str, Any]):
    """Initial values by name, to be read.

    Args:
        component: that they are of.
        values: a number, an array, or the distribution that compile draws from.
    """

    def __init__(self, component: Component, values: dict[str, Any]) -> None:
        super().__init__(values)
        self._component = component

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise InvalidArgument(
            f"init of {self._component.kind} {self._component.name!r} can only be read\n  help: {ADVICE}"
        )

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _refuse  # type: ignore[assignment]  # takes anything

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_component":
            self._refuse()
        super().__setattr__(name, value)

    def __reduce__(self) -> Any:
        return dict, (dict(self),)  # a copy is a dictionary of its own


def begun_with(component: Neurons | Synapses) -> dict[str, Any]:
    """Return initial values by name: a number where there is one, else an array as the tree has it, or a distribution.

    Weights, which ``reset`` leaves alone, are what compile was given.
    """
    if isinstance(component, Neurons) and not component.program.compiled:
        found: dict[str, Any] = {**component.initial_values()}
    else:
        found = {a.name: _began(component, a) for a in component.spec.attributes if not a.is_table}
    whose = f"init of {component.kind} {component.name!r}"
    return {name: _shown(value, f"{whose}: {name!r} can only be read") for name, value in found.items()}


def _shown(value: Any, what: str) -> Any:
    """Return a number for one value; an array as a copy that can't be written, as that would have no effect."""
    if not isinstance(value, np.ndarray):
        return value
    return value.item() if value.ndim == 0 else ReadArray(value, what, ADVICE)


def _began(component: Neurons | Synapses, attribute: Attribute) -> Any:
    path = component.place(names.initial(attribute.name))
    if path in component.program.state:
        return component.program.state.read(path)
    given = component.draft.values.get(attribute.name)
    if isinstance(given, Distribution):
        return given
    try:
        return component.given_value(attribute)
    except NotCompiled:  # compile draws it from what the connector or the model says
        connection = component.draft.connection if isinstance(component, Synapses) else None
        return connection.weights if connection and attribute.name == names.WEIGHT else attribute.default
