"""The equations of one model as blocks of a report.

In: a checked model. Out: formulas, each with the method that solves it, under a heading per kind of text.
"""

from __future__ import annotations

from collections.abc import Sequence

from engram.explain.document import Block, Formula, Heading, Paragraph, Text, Verbatim
from engram.language.model import Assign, Function, Model, Ode, Statement, Variable
from engram.language.symbols import symbol
from engram.language.typeset import to_latex, typeset_assignment, typeset_ode

__all__ = ["equations"]

_EVENTS = (
    ("reset", "Reset of a neuron that spikes"),
    ("axon_reset", "After an axonal spike"),
    ("pre_spike", "When a presynaptic spike arrives"),
    ("pre_axon_spike", "When a presynaptic axonal spike arrives"),
    ("post_spike", "When the postsynaptic neuron spikes"),
)


def equations(model: Model, method: str) -> list[Block]:
    """Return everything that a model's texts say, but the values.

    Args:
        method: of differential equations that name none.
    """
    blocks = _section("Equations", [_statement(s, model, method) for s in model.equations])
    blocks += _section("Equations solved at events", [_statement(o, model, "event-driven") for o in model.event_driven])
    if model.psp is not None:
        whole = rf"\operatorname{{{model.operation}}}_{{\mathrm{{pre}}}} \left({to_latex(model.psp)}\right)"
        blocks += _section("Transmission", [Formula(whole)])
    blocks += _conditions(model)
    for field, title in _EVENTS:
        statements: tuple[Assign, ...] = getattr(model, field)
        blocks += _section(title, [_event(s, model) for s in _conductances_first(statements)])
    blocks += _refractory(model)
    return blocks + _section("Functions", [_function(f) for f in model.functions])


def _section(title: str, formulas: Sequence[Formula]) -> list[Block]:
    return [Heading(3, (Text(title),)), *formulas] if formulas else []


def _statement(statement: Statement, model: Model, method: str) -> Formula:
    variable = model.attribute(statement.name)
    notes = [] if variable is None or variable.locality == "local" else [_locality(variable.locality, model.kind)]
    notes += [f"{statement.resting} while the neuron is refractory"] if statement.resting else []
    if isinstance(statement, Ode):
        return Formula(
            typeset_ode(statement, model) + _bounds(model, statement.name),
            ", ".join([*notes, statement.method or method]),
        )
    return Formula(typeset_assignment(statement) + _bounds(model, statement.name), ", ".join(notes))


def _event(statement: Assign, model: Model) -> Formula:
    note = "unless the postsynaptic neuron spikes too" if statement.unless_post else ""
    return Formula(typeset_assignment(statement, is_event=True) + _bounds(model, statement.name), note)


def _conductances_first(statements: Sequence[Assign]) -> list[Assign]:
    """Return the statements in the order in which they run."""
    return sorted(statements, key=lambda s: s.name != "g_target")


def _bounds(model: Model, name: str) -> str:
    variable = model.attribute(name)
    if not isinstance(variable, Variable):
        return ""
    sides = [(r"\ge", variable.minimum), (r"\le", variable.maximum)]
    return "".join(rf", \quad {symbol(name)} {sign} {to_latex(e)}" for sign, e in sides if e is not None)


def _locality(locality: str, kind: str) -> str:
    if locality == "semiglobal":
        return "one per post neuron"
    return "one for the population" if kind == "neuron" else "one for the projection"


def _conditions(model: Model) -> list[Block]:
    found = (("Spike condition", model.spike), ("Condition of an axonal spike", model.axon_spike))
    return [block for title, e in found if e is not None for block in _section(title, [Formula(to_latex(e))])]


def _refractory(model: Model) -> list[Block]:
    if model.refractory is None:
        return []
    name = model.refractory if isinstance(model.refractory, str) else "refractory"
    others = ", where no equation says otherwise" if any(s.resting for s in model.equations) else ""
    words = f" ms (its value stands below); meanwhile all its variables but conductances keep their values{others}."
    words += " What arrives meanwhile is dropped." if model.drops_input else ""
    return [
        Heading(3, (Text("Refractoriness"),)),
        Paragraph((Text("A neuron that spiked rests for "), Verbatim(name), Text(words))),
    ]


def _function(function: Function) -> Formula:
    arguments = ", ".join(map(symbol, function.arguments))
    return Formula(rf"{symbol(function.name)}\left({arguments}\right) = {to_latex(function.value)}")
