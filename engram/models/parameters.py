"""Arguments of ready-made models: parameters with one value per neuron or synapse, and choices between two ways.

In a dictionary a bare value is one for the whole population or projection; :func:`local` says otherwise.
"""

from __future__ import annotations

from typing import Any

from engram.callers import plain_float
from engram.errors import InvalidArgument
from engram.language import Parameter
from engram.telling import told

__all__ = ["choice", "local", "number", "resting"]


def local(**values: float) -> dict[str, Parameter]:
    """Return parameters that each neuron or synapse has its own value of.

    Raises:
        InvalidArgument: if one is None.
    """
    missing = next((name for name, value in values.items() if value is None), None)
    if missing is not None:
        what = f"{missing} must be a number, a name or a distribution, not None"
        raise InvalidArgument(f"{what}\n  help: left out, it has the default of the model.")
    return {name: Parameter(value, "local") for name, value in values.items()}


def number(model: str, name: str, value: Any) -> float:
    """Return a parameter that other values follow from, so that it must be a number when the model is made.

    Raises:
        InvalidArgument: if it is none.
    """
    plain = plain_float(value)
    if plain is None or plain != plain:
        help_ = "make the model with a number, and assign other values to the population or projection."
        raise InvalidArgument(f"{model}: {name} must be a number, not {told(value)}\n  help: {help_}")
    return plain


def choice(model: str, name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return which way of two a model shall go.

    Raises:
        InvalidArgument: if it is none of them.
    """
    if value not in choices:
        raise InvalidArgument(f"{model}: {name} must be {' or '.join(map(repr, choices))}, not {told(value)}")
    return str(value)


def resting(model: str, refractoriness: Any) -> str:
    """Return the flag of equations that go on in a refractory period as published, and hold as in ANNarchy.

    Raises:
        InvalidArgument: if the word for the way is none of both.
    """
    way = choice(model, "refractoriness", refractoriness, ("published", "annarchy"))
    return "while refractory" if way == "published" else "unless refractory"
