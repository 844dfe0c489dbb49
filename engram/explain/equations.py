"""The equations of a model in the order in which they run, each with its method and what that means, as lines.

In: a checked model and the network's method. Out: lines of text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from engram.language.linear import divide, linear_rate
from engram.language.methods import METHODS
from engram.language.model import Assign, Model, Ode, Statement, Variable
from engram.language.printer import to_text

__all__ = ["equation_lines"]

_EVENTS = (
    ("psp", "what a synapse contributes"),
    ("pre_spike", "when a presynaptic spike arrives, g_target first"),
    ("pre_axon_spike", "when a presynaptic axonal spike arrives, g_target first"),
    ("post_spike", "when the postsynaptic neuron spikes"),
    ("spike", "spikes if"),
    ("reset", "then"),
    ("axon_spike", "otherwise has an axonal spike if"),
    ("axon_reset", "then"),
)


def equation_lines(model: Model, method: str) -> list[str]:
    """Return the equations of a model.

    Args:
        method: of differential equations that name none.
    """
    lines: list[str] = []
    number = 0
    for title, statements in _parts(model):
        lines.append(f"{title}:")
        for is_block, run in groupby(statements, key=lambda s: isinstance(s, Ode)):
            number += 1
            group = list(run)
            lines.append(f"  {number}. {_kind_of_block(is_block, group)}")
            for statement in group:
                lines += [f"     {line}" for line in _statement(statement, model, method)]
    if model.event_driven:
        lines.append("at events:")
        lines += [f"  {line}" for ode in model.event_driven for line in _statement(ode, model, "event-driven")]
    return lines + _event_lines(model)


def _parts(model: Model) -> Iterator[tuple[str, list[Statement]]]:
    """Yield the equations by what they run once per, in order."""
    whole, single = {"neuron": ("population", "neuron"), "synapse": ("projection", "synapse")}[model.kind]
    for locality, one in (("global", whole), ("semiglobal", "post neuron"), ("local", single)):
        names = {v.name for v in model.variables if v.locality == locality}
        statements = [s for s in model.equations if s.name in names]
        if statements:
            yield f"once per {one} and step", statements


def _kind_of_block(is_block: bool, group: Sequence[Statement]) -> str:
    if len(group) == 1:
        return "equation" if is_block else "assignment"
    return "equations, simultaneous: all see the values of before" if is_block else "assignments, one after the other"


def _statement(statement: Statement, model: Model, default: str) -> list[str]:
    lines = [statement.text + _condition(statement)]
    if isinstance(statement, Ode):
        method = statement.method or default
        note = "" if statement.method or not METHODS[method].in_steps else ", the network's method"
        lines.append(f"    {method}{note}: {statement.name} = {_formula(statement, method)}")
    return lines + _clamps(model, statement.name)


def _condition(statement: Statement) -> str:
    """Return when a statement runs, if its flags say so."""
    if isinstance(statement, Assign) and statement.unless_post:
        return "  (unless the postsynaptic neuron spikes too)"
    return f"  ({statement.resting} while the neuron is refractory)" if statement.resting else ""


def _formula(ode: Ode, method: str) -> str:
    row = METHODS[method]
    linear = linear_rate(ode.rate, ode.name) if row.needs_slope else None
    if linear is None and row.needs_slope:  # not linear, or constant during the step
        row = METHODS["explicit"]
    rate = f", f = {to_text(ode.rate)}" if method != "linear" else ""
    slope = f", k = {to_text(divide(linear.decay, linear.divisor))}" if linear else ""
    return row.formula.format(x=ode.name) + rate + slope


def _clamps(model: Model, name: str) -> list[str]:
    variable = model.attribute(name)
    if not isinstance(variable, Variable):
        return []
    bounds = (("at least", variable.minimum), ("at most", variable.maximum))
    return [f"    then {name} is {words} {to_text(e)}" for words, e in bounds if e is not None]


def _event_lines(model: Model) -> list[str]:
    lines: list[str] = []
    for field, title in _EVENTS:
        value = getattr(model, field)
        if isinstance(value, tuple):
            ordered = sorted(value, key=lambda s: s.name != "g_target")
            body = [f"  {line}" for s in ordered for line in _statement(s, model, "")]
            lines += [f"{title}:", *body] if body else []
        elif value is not None:
            operation = f"{model.operation} of " if field == "psp" else ""
            lines.append(f"{title}: {operation}{to_text(value)}")
    if model.refractory is not None:
        named = isinstance(model.refractory, str)
        period = model.refractory if named else f"refractory ({model.refractory!r} in the model)"
        others = ", where no equation says otherwise" if any(s.resting for s in model.equations) else ""
        lines.append(f"rests after a spike for {period} ms; variables but conductances keep their values{others}")
        lines += ["what arrives meanwhile is dropped"] if model.drops_input else []
    return lines
