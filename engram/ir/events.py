"""Spike events at synapses: event-driven variables, conductances, the other statements, in that order.

An event-driven variable that only one side's events write is stored at that side's events and merely *evaluated* at
the other side's: ``S + (x - S)*exp(-elapsed/tau)`` with the whole steps since its own side's last event. So storing it
per synapse or per neuron gives the same bits. One that both sides write is advanced, and stored, at both.
Called by ``ir/lower.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engram.ir import build
from engram.ir.errors import not_linear_in
from engram.ir.methods import decay
from engram.ir.nodes import POST_SPIKED_SYMBOL, STEP_SYMBOL, Argument, Expr, Index, Read, Set
from engram.ir.scope import Scope
from engram.ir.spec import LAST_SLOTS, target_symbol
from engram.ir.statements import assign
from engram.language.linear import normal_form
from engram.language.model import Assign, Model, Ode

__all__ = ["Traces", "lower_post_spike", "lower_pre_spike", "plastic", "traces_of"]

STEP, DT = Read(STEP_SYMBOL, "int"), Read("dt", "float")


@dataclass(frozen=True)
class Traces:
    """The event-driven variables of a synapse by the side whose events write them."""

    pre: tuple[Ode, ...]
    post: tuple[Ode, ...]
    both: tuple[Ode, ...]

    def sides(self) -> tuple[str, ...]:
        """The sides that have a variable: they need the slot of ``LAST_SLOTS``."""
        return tuple(side for side in ("pre", "post", "both") if getattr(self, side))


def traces_of(model: Model) -> Traces:
    """Sort the event-driven variables of a synapse; one that no event writes counts as the pre side's."""
    in_pre = {s.name for s in (*model.pre_spike, *model.pre_axon_spike)}
    in_post = {s.name for s in model.post_spike}
    both = tuple(o for o in model.event_driven if o.name in in_pre and o.name in in_post)
    post = tuple(o for o in model.event_driven if o.name in in_post - in_pre)
    pre = tuple(o for o in model.event_driven if o.name not in in_post)
    return Traces(pre, post, both)


def lower_pre_spike(model: Model, statements: Sequence[Assign], scope: Scope, targets: int = 1) -> tuple[Set, ...]:
    """Return what happens at a synapse when a presynaptic spike (or axonal spike) arrives."""
    traces = traces_of(model)
    body = _evaluate(traces.pre, "pre", scope) + _evaluate(traces.both, "both", scope)
    body += _evaluate(traces.post, "post", scope, into_locals=True)
    to_g = [s for s in statements if s.name == "g_target"]
    for target in range(targets):
        scope.g_target = target_symbol(target)
        for statement in to_g:
            body += _event_statement(statement, scope)
    scope.g_target = target_symbol(0)
    for statement in statements:
        if statement.name != "g_target":
            body += _event_statement(statement, scope)
    for side in ("pre", "both"):
        if getattr(traces, side):
            body += _stamp(side, scope)
    return tuple(body)


def lower_post_spike(model: Model, scope: Scope) -> tuple[tuple[Set, ...], tuple[Set, ...]]:
    """Return what happens at each synapse of a neuron that spiked, and after the last of them."""
    traces = traces_of(model)
    body = _evaluate(traces.post, "post", scope) + _evaluate(traces.both, "both", scope)
    body += _evaluate(traces.pre, "pre", scope, into_locals=True)
    for statement in model.post_spike:
        body += _event_statement(statement, scope)
    if traces.both:
        body += _stamp("both", scope)
    row_end = _stamp("post", scope) if traces.post else []
    return tuple(body), tuple(row_end)


def plastic(scope: Scope, name: str, new: Expr, old: Read) -> Expr:
    """``plasticity=False`` freezes the weights; everything else goes on."""
    if name != "w":
        return new
    return build.select(scope.need(Argument("plasticity", "bool", Index.ONE)), new, old)


def _event_statement(statement: Assign, scope: Scope) -> list[Set]:
    def guard(name: str, new: Expr, old: Read) -> Expr:
        new = plastic(scope, name, new, old)
        if not statement.unless_post:
            return new
        return build.select(Read(POST_SPIKED_SYMBOL, "bool"), old, new)

    return assign(statement, scope, guard)


def _evaluate(odes: Sequence[Ode], side: str, scope: Scope, into_locals: bool = False) -> list[Set]:
    sets = []
    for ode in odes:
        value = _decayed(ode, side, scope)
        if into_locals:
            local = f"now.{ode.name}"
            scope.renamed[ode.name] = local
            sets.append(Set(local, value, ode.text))
        else:
            sets.append(Set(scope.written(ode.name).symbol, value, ode.text))
    return sets


def _decayed(ode: Ode, side: str, scope: Scope) -> Expr:
    form = normal_form(ode.rate, ode.name)
    if form is None:
        raise not_linear_in(scope.model, ode, "event-driven", (ode.name,))
    tau, steady = scope.lower_float(form[0]), scope.lower_float(form[1])
    name, index = LAST_SLOTS[side]
    last = scope.need(Argument(name, "int64", index))
    elapsed_ms = build.mul(build.convert(build.op("-", STEP, last), "float"), DT)
    x = scope.own(ode.name)
    away = x if steady == build.f(0.0) else build.sub(x, steady)
    return build.add(build.mul(away, decay(tau, elapsed_ms)), steady)


def _stamp(side: str, scope: Scope) -> list[Set]:
    name, index = LAST_SLOTS[side]
    scope.need(Argument(name, "int64", index, written=True))
    return [Set(name, STEP)]
