"""A checked model or condition -> what the network needs to know of it, when it is seen for the first time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from engram.ir.lifting import liftable
from engram.ir.limits import chances_of, limits_of, paces_of
from engram.ir.spec import LAST_SLOTS, Attribute, ModelSpec, RuleSpec
from engram.ir.traces import traces_of
from engram.language.conditions import Condition
from engram.language.connection import complete_synapse, expressions
from engram.language.model import Assign, Function, Model, Ode, Parameter, Rule, Variable
from engram.language.nodes import GlobalOp, Name, Neighbour, Sum
from engram.language.printed import constants_of, fingerprint, printed
from engram.language.trees import nodes_of

__all__ = ["condition_facts", "spec_of"]


def spec_of(
    model: Model, positive: str | None = None, finite: str = "", not_negative: str = "", shares: str = ""
) -> ModelSpec:
    """Return what the network needs to know of a checked model.

    Args:
        positive, finite, not_negative, shares: what the model says of its parameters, see
            :func:`engram.ir.limits.limits_of`.
    """
    nodes = [node for expr in expressions(model) for node in nodes_of(expr)]
    nodes += [node for function in model.functions for node in nodes_of(function.value)]
    constants = constants_of(model)
    statements = [s for s in model.equations if isinstance(s, Ode | Assign)]
    continuous = [s.rate if isinstance(s, Ode) else s.value for s in statements]
    continuous += [model.psp] if model.psp is not None else []
    continuous += [b for v in model.variables for b in (v.minimum, v.maximum) if b is not None]
    reads_pre = dict.fromkeys(
        n.name for e in continuous for n in nodes_of(e) if isinstance(n, Neighbour) and n.side == "pre"
    )
    sums = (n for n in nodes if isinstance(n, Sum) and (n.side != "own" or model.spiking))
    to_g = [s for s in (*model.pre_spike, *model.pre_axon_spike) if s.name == "g_target"]
    attributes = _attributes(model)
    is_synapse = model.kind == "synapse"
    traces = traces_of(model)
    last = tuple(LAST_SLOTS[side] for side in traces.sides)
    sides = (("pre", traces.pre), ("post", traces.post), ("both", traces.both))
    dated = tuple((ode.name, side) for side, odes in sides for ode in odes) if model.event_clock == "exact" else ()
    return ModelSpec(
        kind=model.kind,
        name=model.name,
        attributes=tuple(attributes),
        spiking=model.spiking,
        targets=model.targets,
        conductances=model.conductances,
        refractory=model.refractory,
        drops_input=model.drops_input,
        last_slots=last if is_synapse else (),
        dated=dated if is_synapse else (),
        liftable=liftable(model) if is_synapse else (),
        is_plastic=any(s.name == "w" for s in (*model.equations, *model.pre_spike, *model.post_spike))
        or isinstance(model.attribute("w"), Variable),
        reads_pre=tuple(reads_pre),
        reductions=tuple(sorted({_reduction(node) for node in nodes if isinstance(node, GlobalOp)})),
        sums=tuple(sorted({(n.side, n.target or "") for n in sums})),
        constants=constants,
        has_axon_spike=model.axon_spike is not None or bool(model.pre_axon_spike),
        needs_columns=bool(model.post_spike or model.psp or model.equations),
        compares_spikes=any(s.unless_post for s in (*model.pre_spike, *model.pre_axon_spike)),
        is_additive=all(s.op in ("+=", "-=") for s in to_g),
        is_plain=is_synapse and _is_plain(model),
        blocks=tuple(printed(model).items()),
        fingerprint=fingerprint(model),
        asks_for_method=any(isinstance(s, Ode) and s.method is None for s in model.equations),
        limits=limits_of(model, constants, positive, finite, not_negative, shares),
        paces=paces_of(model, constants),
        chances=chances_of(model),
        cautions=model.cautions,
        pruning=_rule(model.pruning),
        creating=_rule(model.creating),
    )


def _rule(rule: Rule | None) -> RuleSpec | None:
    return None if rule is None else RuleSpec(rule.proba, rule.w, rule.d)


def _is_plain(model: Model) -> bool:
    """Whether a spiking synapse does nothing but ``g_target += w``."""
    if model.psp is not None or model.pruning or model.creating:  # synapses that come and go are not packed
        return False
    arrivals, weight = complete_synapse(model, is_spiking=True).pre_spike, model.attribute("w")
    others = (model.equations, model.variables, model.post_spike, model.pre_axon_spike)
    if any(others) or len(arrivals) != 1 or len(model.parameters) != 1 or not isinstance(weight, Parameter):
        return False
    (arrival,) = arrivals
    is_sum = arrival.name == "g_target" and arrival.op == "+=" and not arrival.unless_post
    reads_w = isinstance(arrival.value, Name) and arrival.value.id == "w"
    return is_sum and reads_w and weight.type == "float" and weight.locality != "semiglobal"


def condition_facts(
    condition: Condition, functions: Iterable[Function], constants: Collection[str], attributes: Collection[str]
) -> dict[str, Any]:
    """Return what the network needs to know of a stop condition, as JSON data.

    Args:
        functions: that it may call.
        constants: names that are constants where they are no attributes.
        attributes: of its population.

    Returns:
        ``for_all``: whether it must hold for all neurons; ``targets``: whose sums it reads; ``over``: numbers over the
        population that it reads, as (operation, variable); ``constants``: those that it, or a function, reads;
        ``printed``: the condition as text, without functions.
    """
    nodes = [] if condition.value is None else list(nodes_of(condition.value))
    read = {n.id for n in (*nodes, *(n for f in functions for n in nodes_of(f.value))) if isinstance(n, Name)}
    return {
        "for_all": condition.for_all,
        "targets": sorted({n.target for n in nodes if isinstance(n, Sum) and n.target is not None}),
        "over": sorted({_reduction(n)[1:] for n in nodes if isinstance(n, GlobalOp)}),
        "constants": sorted(read & set(constants) - set(attributes)),
        "printed": condition.printed,
    }


def _attributes(model: Model) -> list[Attribute]:
    parameters = [
        Attribute(p.name, p.value, p.locality, p.type, is_variable=False, is_table=p.is_table) for p in model.parameters
    ]
    return parameters + [
        Attribute(v.name, v.init, v.locality, v.type, is_variable=True, implicit=v.implicit) for v in model.variables
    ]


def _reduction(node: GlobalOp) -> tuple[str, str, str]:
    if isinstance(node.operand, Neighbour):
        return (node.operand.side, node.op, node.operand.name)
    return ("own", node.op, node.operand.id)
