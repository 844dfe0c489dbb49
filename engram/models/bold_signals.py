"""The model that the population of a BOLD monitor has: a model of the signal, with inputs that it computes itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engram.language.forms import make_block
from engram.models.bold import BoldModel
from engram.models.definition import Neuron

__all__ = ["recording", "signal_target"]


def signal_target(given: str, number: int) -> str:
    """Return the target by which the mean of a population arrives, for one input of a model."""
    return f"{given}_{number}"


def recording(model: BoldModel, scales: Sequence[float], windows_ms: Sequence[float], name: str) -> Neuron:
    """Return the model with its inputs computed from the means of populations, under a name of its own.

    ``sum(input)`` is the sum over populations of ``scale*x``, with the mean ``x`` of each; where there is a window, of
    ``scale*(x - base)/base``, with the mean ``base`` of ``x`` over so many ms from the first step on, in which it is 0.
    """
    given = model._texts["parameters"]
    declared = [f"signal_scale_{k} = {scale!r}" for k, scale in enumerate(scales)]
    declared += [f"signal_window_{k} = {window!r}" for k, window in enumerate(windows_ms) if window]
    lines = ["signal_steps = signal_steps + 1 : population, int"] if any(windows_ms) else []
    lines += [line for one in model.inputs for line in _signal(one, windows_ms)]
    text = model._texts["equations"]
    for one in model.inputs:
        text = re.sub(rf"\bsum\(\s*{one}\s*\)", f"signal_{one}", text)
    return Neuron(
        parameters=_with(given, declared),
        equations="\n".join([*lines, text]),
        name=name,
        description=f"{model.name}: {model.description}".removesuffix(": "),
    )


def _signal(name: str, windows_ms: Sequence[float]) -> list[str]:
    """Return the equations of one input."""
    lines, terms = [], []
    for number, window in enumerate(windows_ms):
        x, which = f"sum({signal_target(name, number)})", f"{name}_{number}"
        if window:
            measures = f"signal_steps <= max(round(signal_window_{number}/dt), 1)"
            mean, base = f"signal_mean_{which}", f"signal_base_{which}"
            lines += [
                f"{mean} = {x}",
                f"{base} = if {measures}: {base} + ({mean} - {base})/signal_steps else: {base}",
                f"signal_change_{which} = if {measures}: 0.0 else: ({mean} - {base})/{base}",
            ]
            x = f"signal_change_{which}"
        terms.append(f"signal_scale_{number}*{x}")
    return [*lines, f"signal_{name} = {' + '.join(terms)}"]


def _with(parameters: Any, more: list[str]) -> Any:
    """Return parameters of a model, in the form that they have, and others beside them."""
    if isinstance(parameters, Mapping):
        pairs = (line.split(" = ") for line in more)
        return {**parameters, **{name: float(value) for name, value in pairs}}
    return "\n".join([make_block("parameters", parameters).text, *(f"{line} : population" for line in more)])
