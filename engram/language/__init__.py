"""The equation language: equation text -> tokens with columns -> trees -> a checked Model.

In: the texts of ``eg.Neuron`` and ``eg.Synapse``. Out: :class:`Model`, which ``ir`` turns into kernels and ``network``
into slots. All errors of one model's texts are raised together, each with a caret under its place. Nothing here
evaluates text. Importing the package imports nothing: a model that was seen before is not parsed, so most scripts never
need what stands here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engram.language.conditions import parse_condition
    from engram.language.connection import check_connection, complete_synapse, expressions
    from engram.language.errors import ModelErrors, TextError
    from engram.language.given import Creating, Parameter, Pruning, Variable
    from engram.language.linear import coefficients, linear_rate, solve
    from engram.language.model import Model
    from engram.language.parser import parse_functions, parse_neuron, parse_synapse
    from engram.language.printer import to_text

__all__ = [
    "Creating",
    "Model",
    "ModelErrors",
    "Parameter",
    "Pruning",
    "TextError",
    "Variable",
    "check_connection",
    "coefficients",
    "complete_synapse",
    "expressions",
    "linear_rate",
    "parse_condition",
    "parse_functions",
    "parse_neuron",
    "parse_synapse",
    "solve",
    "to_text",
]

_MODULES = {
    "conditions": ("parse_condition",),
    "connection": ("check_connection", "complete_synapse", "expressions"),
    "errors": ("ModelErrors", "TextError"),
    "given": ("Creating", "Parameter", "Pruning", "Variable"),
    "linear": ("coefficients", "linear_rate", "solve"),
    "model": ("Model",),
    "parser": ("parse_functions", "parse_neuron", "parse_synapse"),
    "printer": ("to_text",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
