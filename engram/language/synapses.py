"""The rest of a synapse: implicit ``w`` and ``g_target += w``, clamps on g, event-driven variables, its rules.

In: ``Parts``. Out: the Model of a synapse.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from engram.language.budget import check_budget
from engram.language.coming import RULES, check_rule, read_rule
from engram.language.errors import BadValue
from engram.language.flags import Flags
from engram.language.functions import called
from engram.language.lines import EVENTS, Line
from engram.language.model import Assign, Model, Parameter, Statement
from engram.language.nodes import Compare, Conditional, Expr, Name, Neighbour
from engram.language.parts import Parts, check_parts, raise_problems, to_assign, to_ode
from engram.language.place import TextPlace
from engram.language.printer import to_text
from engram.language.resolve import Resolver
from engram.language.rules import check_bound, check_methods
from engram.language.scope import Scope, elementwise_nodes
from engram.language.unread import caution_unread

__all__ = ["default_pre_spike", "finish_synapse"]

_OPERATIONS: tuple[Literal["sum", "max", "min", "mean"], ...] = ("sum", "max", "min", "mean")


def finish_synapse(parts: Parts, operation: str) -> Model:
    """Return the checked synapse, or raise everything that is wrong with it."""
    source = parts.source
    is_spiking = any(parts.text_of(b) for b in EVENTS) or any(_is_event_driven(x) for x in parts.all_lines())
    _add_weight(parts)
    for block in ("pre_spike", "pre_axon_spike"):
        parts.lines[block] = [clamped for line in parts.lines[block] for clamped in _clamped(parts, line)]
    scope = Scope(source, parts.parameters, parts.variables, parts.functions, parts.constants, is_spiking or None)
    check_parts(parts, scope)
    timed = {x.name for x in parts.all_lines() if _is_event_driven(x)}
    rules = {b: read_rule(source, b, parts.expressions[b]) for b in RULES if b in parts.expressions}
    for block, rule in rules.items():
        check_rule(scope, block, rule, timed)
    reduction = _operation(parts, operation, is_spiking)
    check_budget(source, parts.all_expressions(), parts.functions)
    check_methods(scope, parts.all_lines())
    raise_problems(source)
    caution_unread(parts)
    lines = parts.lines["equations"]
    at_events = [x for x in lines if _is_event_driven(x)]
    stepped: list[Statement] = [
        to_ode(x, parts.functions) if x.is_ode else to_assign(x) for x in lines if x not in at_events
    ]
    events = {block: tuple(map(to_assign, parts.lines[block])) for block in EVENTS if block in parts.lines}
    psp = parts.expressions.get("psp")
    pre, post = _neighbours(parts.all_expressions())
    return Model(
        kind="synapse",
        name=source.name,
        texts=tuple((name, block.text) for name, block in source.blocks.items() if block.text.strip()),
        parameters=tuple(parts.parameters.values()),
        variables=tuple(parts.variables.values()),
        equations=tuple(stepped),
        functions=called(parts.all_expressions(), parts.functions),
        spiking=True if is_spiking else None,
        psp=psp,
        operation=reduction,
        pre_spike=default_pre_spike(events["pre_spike"]) if is_spiking and psp is None else events["pre_spike"],
        post_spike=events["post_spike"],
        pre_axon_spike=events["pre_axon_spike"],
        event_driven=tuple(to_ode(x, parts.functions) for x in at_events),
        pruning=rules.get("pruning"),
        creating=rules.get("creating"),
        reads_pre=pre,
        reads_post=post,
        draws=parts.draws,
        cautions=tuple(source.cautions),
    )


def default_pre_spike(statements: tuple[Assign, ...]) -> tuple[Assign, ...]:
    """Return the statements of ``pre_spike``, with ``g_target += w`` before them if none of them changes g."""
    if any(s.name == "g_target" for s in statements):
        return statements
    return (Assign("g_target", "+=", Name("w"), "g_target += w"), *statements)


def _is_event_driven(line: Line) -> bool:
    return line.is_ode and line.flags.method == "event-driven"


def _add_weight(parts: Parts) -> None:
    """Define the implicit local parameter ``w``, unless the synapse defines it."""
    if "w" not in parts.parameters and "w" not in parts.variables and "w" not in parts.source.assumed:
        parts.parameters["w"] = Parameter("w", 0.0, "local")


def _clamped(parts: Parts, line: Line) -> tuple[Line, ...]:
    """Return a line, behind one on g those for its ``min`` and ``max``: g belongs to the neuron and has no bounds."""
    if line.name != "g_target":
        return (line,)
    signatures = {name: f.arguments for name, f in parts.functions.items()}
    resolver = Resolver(parts.source, signatures, {*parts.parameters, *parts.variables, *parts.constants})
    found = [replace(line, flags=replace(line.flags, minimum=None, maximum=None))]
    for raw, op in ((line.flags.minimum, "<"), (line.flags.maximum, ">")):
        if raw is not None:
            g, bound = Name("g_target", line.head), resolver.resolve(raw)
            check_bound(parts.source, line.name, bound)
            condition = Compare("<" if op == "<" else ">", g, bound, line.span)
            value = Conditional(condition, bound, g, line.span)
            text = f"g_target = {to_text(value)}"
            found.append(Line(line.block, line.name, "=", value, text, Flags(), line.head, line.span))
    return tuple(found)


def _operation(parts: Parts, operation: str, is_spiking: bool) -> Literal["sum", "max", "min", "mean"]:
    source = parts.source
    place = TextPlace(source.title, "operation")
    found = next((o for o in _OPERATIONS if o == operation), None)
    if found is None:
        what = f"unknown operation '{operation}'"
        source.report(BadValue(what, place, (f"expected: {', '.join(_OPERATIONS)}",), identifier=operation))
    elif is_spiking and found != "sum":
        what = f"a spiking synapse adds up its input; the operation '{operation}' needs a rate-coded one"
        source.report(BadValue(what, place, advice="remove `operation`.", identifier=operation))
    return found or "sum"


def _neighbours(exprs: Iterable[Expr]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the attributes read as ``pre.x`` and as ``post.x``, in order of appearance."""
    nodes = [n for e in exprs for n in elementwise_nodes(e) if isinstance(n, Neighbour)]
    pre, post = (dict.fromkeys(n.name for n in nodes if n.side == side) for side in ("pre", "post"))
    return tuple(pre), tuple(post)
