"""The equation language: equation text -> tokens with columns -> trees -> a checked Model.

In: the texts of ``eg.Neuron`` and ``eg.Synapse``. Out: :class:`Model`, which ``ir`` turns into kernels and ``network``
into slots. All errors of one model's texts are raised together, each with a caret under its place. Nothing here
evaluates text, and importing the package imports no parser generator: that happens at the first parse.
"""

from engram.language.connection import check_connection, complete_synapse, expressions
from engram.language.errors import ModelErrors, TextError
from engram.language.forms import Parameter, Variable
from engram.language.linear import coefficients, normal_form, solve
from engram.language.model import Model
from engram.language.parser import parse_functions, parse_neuron, parse_synapse
from engram.language.printer import to_text

__all__ = [
    "Model",
    "ModelErrors",
    "Parameter",
    "TextError",
    "Variable",
    "check_connection",
    "coefficients",
    "complete_synapse",
    "expressions",
    "normal_form",
    "parse_functions",
    "parse_neuron",
    "parse_synapse",
    "solve",
    "to_text",
]
