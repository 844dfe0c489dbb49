"""Parameters of ready-made models: dictionaries with one value per neuron or synapse.

In a dictionary a bare value is one for the whole population or projection; :func:`local` says otherwise.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

from engram.errors import InvalidArgument
from engram.language import Parameter

__all__ = ["local", "number"]


def local(**values: float) -> dict[str, Parameter]:
    """Return parameters that each neuron or synapse has its own value of."""
    return {name: Parameter(value, "local") for name, value in values.items()}


def number(model: str, name: str, value: Any) -> float:
    """Return a parameter that other values follow from, so that it must be a number when the model is made.

    Raises:
        InvalidArgument: if it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or value != value:
        help_ = "make the model with a number, and assign other values to the population or projection."
        raise InvalidArgument(f"{model}: {name} must be a number, not {value!r:.60}\n  help: {help_}")
    return float(value)
