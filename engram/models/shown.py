"""What a notebook shows of a neuron or synapse model, before a population or projection has it, as HTML.

(What these have of it, with values and methods, is in ``engram/explain``.)
"""

from __future__ import annotations

from typing import Any

from engram import markup
from engram.language.model import Model, Ode, Parameter, Statement, Variable
from engram.language.symbols import symbol
from engram.language.typeset import to_latex, typeset_assignment, typeset_ode

__all__ = ["model_shown"]

_CONDITIONS = (("psp", "contributes"), ("spike", "spikes if"), ("axon_spike", "has an axonal spike if"))
_EVENTS = (
    ("reset", "after a spike"),
    ("axon_reset", "after an axonal spike"),
    ("pre_spike", "when a presynaptic spike arrives"),
    ("pre_axon_spike", "when a presynaptic axonal spike arrives"),
    ("post_spike", "when the postsynaptic neuron spikes"),
)
_ONE_PER = {
    "neuron": {"local": "neuron", "global": "population"},
    "synapse": {"local": "synapse", "semiglobal": "post neuron", "global": "projection"},
}


def model_shown(title: str, description: str, model: Model, refractory: Any = None) -> str:
    """Return a title, the equations typeset, and a table of parameters and variables.

    Args:
        refractory: the period as it was given.
    """
    html = markup.heading(markup.plain(title))
    html += markup.paragraph(markup.plain(description)) if description else ""
    html += _formulas("", [_typeset(one, model) for one in (*model.equations, *model.event_driven)])
    for field, words in _CONDITIONS:
        condition = getattr(model, field)
        html += "" if condition is None else _formulas(words, [to_latex(condition)])
    for field, words in _EVENTS:
        html += _formulas(words, [typeset_assignment(one, is_event=True) for one in getattr(model, field)])
    if refractory is not None:
        html += markup.paragraph(f"is refractory for {markup.code(str(refractory))} ms")
    rows = [_row(one, "parameter", one.value, model) for one in model.parameters]
    rows += [_row(one, "variable", one.init, model) for one in model.variables if not one.implicit]
    return html + (markup.table(("Name", "Symbol", "Kind", "One per", "Begins with"), rows) if rows else "")


def _row(one: Parameter | Variable, kind: str, value: Any, model: Model) -> tuple[str, ...]:
    text = markup.code(value if isinstance(value, str) else repr(value))
    return markup.code(one.name), markup.formula(symbol(one.name)), kind, _ONE_PER[model.kind][one.locality], text


def _typeset(one: Statement, model: Model) -> str:
    return typeset_ode(one, model) if isinstance(one, Ode) else typeset_assignment(one)


def _formulas(words: str, latex: list[str]) -> str:
    before = f"{markup.plain(words)}: " if words else ""
    return "".join(markup.paragraph(before + markup.formula(one)) for one in latex)
