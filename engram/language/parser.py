"""Equation text -> checked Model: the way from ``eg.Neuron(...)`` and ``eg.Synapse(...)`` into the simulator.

In: the texts a user gives. Out: a :class:`Model` in which every name is known. All problems of one model are raised
together. The stages, in order:

* forms.py      arguments -> texts                    * declare.py   definitions -> parameters, variables
* source.py     texts -> statements                   * check.py     which names may stand where
* syntax.py     statements -> raw trees               * rules.py     methods, rates, spikes
* resolve.py    calls -> what they mean               * neurons.py, synapses.py   what is implicit; the Model
* lines.py      statements -> name, op, value; ODEs solved   * chains.py, draws.py, hints.py   details
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from engram.callers import plain_float
from engram.errors import InvalidArgument
from engram.language.coming import RULES
from engram.language.forms import Parameters, Text, make_block, make_extra_values, real_text
from engram.language.model import Function, Model
from engram.language.neurons import finish_neuron
from engram.language.parts import raise_problems, read_parts
from engram.language.source import MAX_PRINTED, MAX_TEXT, Source
from engram.language.synapses import finish_synapse
from engram.state.distribution import Distribution
from engram.telling import told

__all__ = ["parse_functions", "parse_neuron", "parse_synapse"]

_NO_CONSTANTS: Mapping[str, float] = {}


def parse_neuron(
    *,
    parameters: Parameters = None,
    equations: Text = None,
    spike: str | None = None,
    axon_spike: str | None = None,
    reset: Text = None,
    axon_reset: Text = None,
    refractory: float | str | None = None,
    refractory_input: str = "keep",
    functions: Text = None,
    name: str = "",
    constants: Mapping[str, float] = _NO_CONSTANTS,
    shared_functions: Iterable[Function] = (),
    extra_values: Mapping[str, Any] | None = None,
    is_printed: bool = False,
) -> Model:
    """Return the checked model of a neuron.

    Args:
        parameters, equations, spike, axon_spike, reset, axon_reset, functions: as ``eg.Neuron`` takes them.
        refractory: ms, or the name of an attribute that holds ms.
        refractory_input: ``keep``, or ``drop`` what arrives while a neuron is refractory.
        name: the user's name for the neuron, for messages.
        constants: names known as constants; an attribute of the same name hides one.
        shared_functions: functions known to all models, from :func:`parse_functions`.
        extra_values: what names in quotes stand for, as values of parameters: ``tau = 'tau_m'``.
        is_printed: the texts are a print of a model, which may be longer than what a user writes.

    Raises:
        LanguageError: one of ``engram.language.errors``; ``ModelErrors`` when there are several.
    """
    given = {
        "parameters": parameters,
        "functions": functions,
        "equations": equations,
        "spike": spike,
        "axon_spike": axon_spike,
        "reset": reset,
        "axon_reset": axon_reset,
        "refractory": _period_text(refractory),
        "refractory_input": _dropped(refractory_input),
    }
    source = _source("neuron", name, given, extra_values, is_printed)
    expressions = ("spike", "axon_spike", "refractory")
    parts = read_parts(source, ("equations", "reset", "axon_reset"), expressions, set(constants), shared_functions)
    return finish_neuron(parts)


def parse_synapse(
    *,
    parameters: Parameters = None,
    equations: Text = None,
    psp: str | None = None,
    operation: str = "sum",
    pre_spike: Text = None,
    post_spike: Text = None,
    pre_axon_spike: Text = None,
    functions: Text = None,
    pruning: str | None = None,
    creating: str | None = None,
    name: str = "",
    constants: Mapping[str, float] = _NO_CONSTANTS,
    shared_functions: Iterable[Function] = (),
    extra_values: Mapping[str, Any] | None = None,
    is_printed: bool = False,
) -> Model:
    """Return the checked model of a synapse.

    Whether the attributes that it reads exist in its populations is for :func:`check_connection`. Arguments and
    errors are as in :func:`parse_neuron`.
    """
    given = {
        "parameters": parameters,
        "functions": functions,
        "equations": equations,
        "psp": psp,
        "pre_spike": pre_spike,
        "post_spike": post_spike,
        "pre_axon_spike": pre_axon_spike,
        "pruning": pruning,
        "creating": creating,
    }
    source = _source("synapse", name, given, extra_values, is_printed)
    events = ("pre_spike", "post_spike", "pre_axon_spike")
    parts = read_parts(source, ("equations", *events), ("psp", *RULES), set(constants), shared_functions)
    return finish_synapse(parts, operation)


def parse_functions(
    text: Text,
    constants: Mapping[str, float] = _NO_CONSTANTS,
    shared_functions: Iterable[Function] = (),
    is_open: bool = False,
    is_printed: bool = False,
) -> tuple[Function, ...]:
    """Return the functions of ``eg.add_function("f(x) = ...")``: for ``shared_functions`` of later models.

    With ``is_open`` they may call functions that are declared later; a model that calls them must know all.
    """
    source = _source("functions", "", {"functions": text}, is_printed=is_printed)
    shared = {f.name: f for f in shared_functions}
    parts = read_parts(source, (), (), set(constants), shared.values(), is_open)
    raise_problems(source)
    return tuple(f for name, f in parts.functions.items() if f is not shared.get(name))


def _source(
    kind: str,
    name: str,
    given: Mapping[str, Parameters | Text],
    extra_values: Any = None,
    is_printed: bool = False,
) -> Source:
    """Return the source with a block for each argument that was given."""
    blocks = {block: make_block(block, text) for block, text in given.items() if text is not None}
    return Source(kind, name, blocks, make_extra_values(extra_values), MAX_PRINTED if is_printed else MAX_TEXT)


def _dropped(refractory_input: Any) -> str | None:
    """Return the text of what differs from the default, for files; None for the default."""
    if refractory_input not in ("keep", "drop"):
        what = f"refractory_input must be 'keep' or 'drop', not {told(refractory_input)}"
        advice = "'drop' lets what arrives while a neuron is refractory have no effect."
        raise InvalidArgument(f"{what}\n  help: {advice}")
    return None if refractory_input == "keep" else "drop"


def _period_text(refractory: float | str | None) -> str | None:
    if refractory is None or isinstance(refractory, str):
        return refractory
    given: Any = refractory
    ms = plain_float(given)
    if ms is None:
        what = f"refractory must be ms or the name of an attribute, not {told(given)}"
        shown = "values" if isinstance(given, np.ndarray) else told(given)
        advice = f"\n  help: pop.refractory = {shown} gives each neuron of a population its own."
        is_of_each = isinstance(given, Distribution | np.ndarray | list | tuple)
        raise InvalidArgument(what + advice if is_of_each else what)
    return real_text(ms)
