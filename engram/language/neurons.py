"""The rest of a neuron: implicit conductances and rate, the refractory period, the rules of its kind.

In: ``Parts``. Out: the Model of a neuron.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from engram.language.budget import check_budget
from engram.language.errors import BadValue, UnknownName
from engram.language.functions import called
from engram.language.model import Assign, Model, Statement, Variable
from engram.language.nodes import Expr, Name, Number, Sum
from engram.language.parts import Parts, check_parts, raise_problems, to_assign, to_ode
from engram.language.rules import check_methods, check_needs_spike, check_rate, check_resting
from engram.language.scope import CONDUCTANCE, Scope, conductances
from engram.language.trees import nodes_of
from engram.language.values import fold

__all__ = ["finish_neuron"]


def finish_neuron(parts: Parts) -> Model:
    """Return the checked neuron, or raise everything that is wrong with it."""
    source = parts.source
    period = parts.expressions.pop("refractory", None)  # a name or number, no expression
    is_spiking = bool(parts.text_of("spike"))
    scope = Scope(source, parts.parameters, parts.variables, parts.functions, parts.constants, is_spiking)
    check_rate(scope)
    implicit = _add_implicit(parts) if is_spiking else []
    check_parts(parts, scope)
    check_needs_spike(scope)
    check_resting(scope, parts.lines["equations"])
    refractory = _refractory(parts, period)
    check_budget(source, parts.all_expressions(), parts.functions)
    check_methods(scope, parts.lines["equations"])
    raise_problems(source)
    lines = parts.lines["equations"]
    inputs = _inputs(parts) if is_spiking else ()
    equations: list[Statement] = [to_ode(x, parts.functions) if x.is_ode else to_assign(x) for x in lines]
    return Model(
        kind="neuron",
        name=source.name,
        texts=tuple((name, block.text) for name, block in source.blocks.items() if block.text.strip()),
        parameters=tuple(parts.parameters.values()),
        variables=tuple(parts.variables.values()),
        equations=(*equations, *(Assign(g, "=", Number(0), f"{g} = 0") for g in implicit)),
        functions=called(parts.all_expressions(), parts.functions),
        spiking=is_spiking,
        spike=parts.expressions.get("spike"),
        reset=tuple(map(to_assign, parts.lines["reset"])),
        axon_spike=parts.expressions.get("axon_spike"),
        axon_reset=tuple(map(to_assign, parts.lines["axon_reset"])),
        refractory=refractory,
        drops_input=bool(parts.text_of("refractory_input")),
        targets=_targets(parts, inputs),
        conductances=inputs,
        draws=parts.draws,
        cautions=tuple(source.cautions),
    )


def _add_implicit(parts: Parts) -> list[str]:
    """Define ``r`` and every ``g_...`` that is read; return those that no equation changes, to be set to 0.

    Any statement on g counts, ``g_exc *= 0.5`` as well as an ODE: g is then what the user makes of it.
    """
    found = conductances(parts.all_expressions(), {*parts.parameters, *parts.constants})
    assigned = [line.name for line in parts.all_lines() if CONDUCTANCE.match(line.name)]
    names = dict.fromkeys([*found, *(n for n in assigned if n not in parts.parameters)])
    set_by_user = {line.name for line in parts.lines["equations"]} | parts.source.assumed
    parts.variables.setdefault("r", Variable("r", implicit=True))
    for name in names:
        parts.variables.setdefault(name, Variable(name, implicit=True))
    return [n for n in names if n not in set_by_user and parts.variables[n].locality == "local"]


def _targets(parts: Parts, inputs: Sequence[str]) -> tuple[str, ...]:
    """Return the targets whose input the neuron reads, in order of appearance."""
    found: dict[str, None] = {}
    for expr in parts.all_expressions():
        for node in nodes_of(expr):
            if isinstance(node, Sum) and node.target is not None:
                found[node.target] = None
            elif isinstance(node, Name) and node.id in inputs:
                found[node.id.removeprefix("g_")] = None
    return tuple(found | dict.fromkeys(name.removeprefix("g_") for name in inputs))


def _inputs(parts: Parts) -> tuple[str, ...]:
    """Return the variables of a spiking neuron that are inputs: each ``g_...`` that every neuron has of its own."""
    return tuple(n for n, v in parts.variables.items() if CONDUCTANCE.match(n) and v.locality == "local")


def _refractory(parts: Parts, expr: Expr | None) -> float | str | None:
    """Return the refractory period in ms, or the name of the attribute that holds it."""
    source = parts.source
    if expr is None:
        return None
    place = source.place(expr.span)
    if isinstance(expr, Name):
        if expr.id in parts.parameters or expr.id in parts.variables or expr.id in source.assumed:
            if expr.id in parts.parameters and parts.parameters[expr.id].is_table:
                what = f"the refractory period can't be the table '{expr.id}', which is read entry by entry"
                source.report(BadValue(what, place, identifier=expr.id))
            return expr.id
        if expr.id == "inf":
            return math.inf
        known = (*parts.parameters, *parts.variables)
        what = f"unknown name '{expr.id}' as refractory period"
        advice = f"write a number of ms, refractory=5.0; or give it a value in `parameters`: '{expr.id} = ...'."
        source.report(UnknownName(what, place, expr.id, known, advice))
        return None
    value = fold(expr)
    if value is None or isinstance(value, bool) or value < 0:
        what = "`refractory` must be a number of ms >= 0, or the name of an attribute"
        advice = "write refractory=5.0, without a unit, or the name of a parameter or variable that holds it."
        source.report(BadValue(what, place, advice=advice, identifier="refractory"))
        return None
    return float(value)
