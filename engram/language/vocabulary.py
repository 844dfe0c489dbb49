"""The words of the equation language: functions, distributions, flags, reserved names; methods stand in ``methods.py``.

In: nothing. Out: tables that ``resolve.py``, ``declare.py`` and ``check.py`` look names up in, and that ``ir`` must
cover row by row.
"""

from __future__ import annotations

from typing import Literal

from engram.language.methods import METHODS
from engram.language.model import Locality, Resting, Type

__all__ = [
    "ALIASES",
    "DISTRIBUTIONS",
    "FUNCTIONS",
    "GLOBAL_OPS",
    "LOCALITIES",
    "METHOD_FLAGS",
    "NUMBERS",
    "RESERVED",
    "RESERVED_IN_SYNAPSES",
    "RESTING",
    "TIMES",
    "TYPES",
    "UNITS",
    "VALUE_DISTRIBUTIONS",
]

FUNCTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("exp", "log", "log10", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"), ("x",)),
    **dict.fromkeys(("sinh", "cosh", "tanh", "abs", "floor", "ceil", "round", "pos", "neg"), ("x",)),
    **dict.fromkeys(("isnan", "isfinite"), ("x",)),
    "atan2": ("y", "x"),
    "pow": ("x", "exponent"),
    "power": ("x", "n"),
    "modulo": ("a", "b"),
    **dict.fromkeys(("min", "max"), ("a", "b")),
    "clip": ("x", "low", "high"),
    "ite": ("condition", "then", "otherwise"),
}
"""Canonical name of each built-in function -> its arguments. ``ite`` becomes a Conditional; ``min`` and ``max`` take
more than two too, and of one attribute they are global operations."""

ALIASES = {"fabs": "abs", "positive": "pos", "negative": "neg"}
"""Other names of built-in functions."""

DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Uniform", "DiscreteUniform"), ("min", "max")),
    **dict.fromkeys(("Normal", "LogNormal"), ("mu", "sigma")),
    "Gamma": ("alpha", "beta"),
    "Binomial": ("n", "p"),
    **dict.fromkeys(("Exponential", "Poisson"), ("Lambda",)),
}
"""Distributions in equations -> their arguments."""

VALUE_DISTRIBUTIONS: dict[str, tuple[tuple[str, ...], int]] = {
    "Uniform": (("min", "max"), 2),
    "DiscreteUniform": (("min", "max"), 2),
    "Normal": (("mu", "sigma", "min", "max", "redraw"), 2),
    "LogNormal": (("mu", "sigma", "min", "max", "redraw"), 2),
    "Exponential": (("Lambda", "min", "max", "redraw"), 1),
    "Gamma": (("alpha", "beta", "min", "max", "redraw"), 2),
    "Binomial": (("n", "p"), 2),
    "Poisson": (("Lambda", "min", "max", "redraw"), 1),
}
"""Distributions as values (``init=``, parameters): argument names, and how many of them are written by position."""

GLOBAL_OPS: dict[str, Literal["mean", "min", "max", "norm1", "norm2"]] = {
    "mean": "mean",
    "min": "min",
    "max": "max",
    "norm1": "norm1",
    "norm2": "norm2",
}
"""Reductions over all neurons of a population."""

NUMBERS = {"pi": 3.141592653589793, "E": 2.718281828459045}
"""Names of numbers; an attribute of the same name hides them."""

TIMES: dict[str, tuple[str, ...]] = {
    "neuron": ("t", "dt", "t_last"),
    "synapse": ("t", "dt", "t_pre", "t_post"),
    "functions": (),
}
"""Names of times in each kind of model, in ms. ``t_last`` needs a spiking neuron."""

METHOD_FLAGS = {flag: method.name for method in METHODS.values() for flag in (method.name, *method.other_names)}
"""Method flag -> canonical name."""

LOCALITIES: dict[str, tuple[Locality, str | None]] = {
    "local": ("local", None),
    "global": ("global", None),
    "semiglobal": ("semiglobal", "synapse"),
    "population": ("global", "neuron"),
    "projection": ("global", "synapse"),
    "postsynaptic": ("semiglobal", "synapse"),
}
"""Locality flag -> locality, and the only kind of model that may use it."""

RESTING: dict[str, Resting] = {"unless refractory": "holds", "while refractory": "goes on"}
"""Flag of an equation of a neuron -> what it does while the neuron is refractory."""

TYPES: dict[str, Type] = {"float": "float", "double": "float", "int": "int", "bool": "bool"}
"""Type flag -> type."""

UNITS = frozenset(
    "s ms us mV V volt nA pA uA mA nS uS mS nF pF uF Hz kHz second msecond MOhm MΩ amp ampere siemens farad ohm hertz "
    "metre meter mvolt namp nsiemens pfarad nfarad".split()
)
"""What users of other simulators write after numbers; here they are names like any other."""

RESERVED = frozenset(
    {
        *("t", "dt", "t_pre", "t_post", "t_last", "last_spike", "rk_post", "rk_pre", "i", "j"),
        *("active", "refractory", "size", "pre", "post", "sum", "g_target"),
        *("history", "init", "internal", "wiring", "row_start", "delay_steps"),
        *("post_ranks", "pre_ranks", "refractory_left"),
        *("if", "else", "and", "or", "not", "is", "True", "False", "true", "false"),
        *FUNCTIONS,
        *ALIASES,
        *DISTRIBUTIONS,
        *GLOBAL_OPS,
    }
)
"""Names that no parameter, variable or function may have: the language's own, and those of the state tree."""

RESERVED_IN_SYNAPSES = frozenset("transmission update plasticity learning last_pre last_post given".split())
"""Names that no attribute of a synapse may have: flags of the projection, and its places in the state tree."""
