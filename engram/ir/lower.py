"""From checked models to kernels: which loops a neuron or a synapse needs, and what stands in them.

In: models of ``language``. Out: kernels of ``ir/nodes.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engram.ir import build
from engram.ir.events import Walk, plastic
from engram.ir.hoist import hoisted
from engram.ir.nodes import (
    EXACT_DT_SYMBOL,
    H_SYMBOL,
    OFFSET_SYMBOL,
    PERIOD_SYMBOL,
    STEP_SYMBOL,
    Argument,
    Const,
    Expr,
    Index,
    Kernel,
    KernelKind,
    Place,
    Random,
    Read,
    Set,
    lookups,
    nodes_of,
    reads,
)
from engram.ir.resting import Rest
from engram.ir.scope import Scope
from engram.ir.spec import LAST_SLOTS
from engram.ir.statements import Guard, lower_statements
from engram.ir.traces import traces_of
from engram.language.conditions import Condition
from engram.language.connection import complete_synapse
from engram.language.errors import MixedMethods
from engram.language.methods import DEFAULT, METHODS
from engram.language.model import Assign, Function, Model, Ode, Statement
from engram.language.nodes import Expr as Node
from engram.language.nodes import Name
from engram.language.trees import nodes_of as nodes_of_tree
from engram.state import names

__all__ = ["STOP_SYMBOL", "lower_neuron", "lower_passing", "lower_rule", "lower_stop", "lower_synapse"]

STEP, DT, EXACT_DT = Read(STEP_SYMBOL, "int"), Read("dt", "float"), Read(EXACT_DT_SYMBOL, "float")
STOP_SYMBOL = names.STOP  # whether a neuron is as the stop condition of its population says


# -- neurons -----------------------------------------------------------------------------------------------


def lower_neuron(
    model: Model,
    method: str = DEFAULT,
    constants: frozenset[str] = frozenset(),
    inputs: tuple[str, ...] = (),
) -> tuple[Kernel, ...]:
    """Return the kernels of a neuron: ``globals`` if the model has global variables, then ``update``.

    Where what arrives in refractoriness is dropped, ``keep`` and ``drop`` stand before them.

    Args:
        method: of ODEs that name none.
        constants: names that are constants of the network.
        inputs: targets that are connected, for ``sum()``.

    Raises:
        MixedMethods: if two coupled methods meet, one of them as the default.
        MethodMismatch: if an equation has not the form that its method needs.
    """
    _refuse_mixed(model, method)
    kernels = list(_lower_drop(model)) if model.drops_input and model.conductances else []
    is_global = {v.name for v in model.variables if v.locality == "global"}
    shared = [s for s in model.equations if s.name in is_global]
    if shared:
        scope = Scope(model, constants=constants, inputs=inputs)
        kernels.append(_kernel(KernelKind.GLOBALS, scope, body=lower_statements(shared, scope, method)))
    local = [s for s in model.equations if s.name not in is_global]
    scope = Scope(model, constants=constants, inputs=inputs)
    if model.spiking:
        kernels.append(_lower_spiking(model, local, scope, method))
    else:
        kernels.append(_kernel(KernelKind.UPDATE, scope, body=lower_statements(local, scope, method)))
    return tuple(kernels)


def _refuse_mixed(model: Model, default: str) -> None:
    """Only here is the method known of equations that name none; see ``check_methods`` for the others."""
    used = dict.fromkeys(o.method or default for o in model.equations if isinstance(o, Ode))
    coupled = [method for method in used if METHODS[method].is_coupled]
    if len(coupled) > 1:
        title = f" '{model.name}'" if model.name else ""
        what = f"'{coupled[0]}' and '{coupled[1]}' can't be mixed in one neuron: each solves all at once"
        advice = f"give the equations of Neuron{title} one of them; '{default}' is that of those that name none."
        raise MixedMethods(what, advice=advice, identifier=coupled[1])


def _lower_spiking(model: Model, equations: Sequence[Statement], scope: Scope, method: str) -> Kernel:
    awake = Read("is.awake", "bool")
    rests = model.refractory is not None
    rest = Rest(model, awake)
    shared = frozenset(v.name for v in model.variables if v.locality == "global")
    before = shared & {s.name for s in (*model.reset, *model.axon_reset)}
    scope.before = before
    body = lower_statements(equations, scope, method, rest.guard, rest)
    spike = _condition(model.spike, scope)
    scope.before = frozenset()
    reset = lower_statements(model.reset, scope)
    scope.before = before
    axon_spike = None if model.axon_spike is None else _condition(model.axon_spike, scope)
    scope.before = frozenset()
    axon_reset = lower_statements(model.axon_reset, scope)
    if rests:
        left = scope.need(Argument(Place(names.REFRACTORY_LEFT), "int32", Index.OWN, written=True))
        one_less = build.select(awake, left, build.op("one_less", left))
        body = (Set(awake.symbol, build.op("==", left, Const(0, "int"))), *body, Set(names.REFRACTORY_LEFT, one_less))
        spike = build.op("and", awake, spike)
        axon_spike = None if axon_spike is None else build.op("and", awake, axon_spike)
        reset = (*reset, Set(names.REFRACTORY_LEFT, build.op("steps", _refractory_ms(model, scope), EXACT_DT)))
    scope.need(Argument(Place(names.LAST_SPIKE), "int64", Index.OWN, written=True))
    return _kernel(
        KernelKind.UPDATE,
        scope,
        body=body,
        spike=spike,
        reset=(*reset, Set(names.LAST_SPIKE, STEP)),
        axon_spike=axon_spike,
        axon_reset=axon_reset,
    )


def _lower_drop(model: Model) -> tuple[Kernel, Kernel]:
    """Return the kernel that keeps conductances before anything arrives, and the one that puts them back."""
    kept, dropped = Scope(model), Scope(model)
    left = dropped.need(Argument(Place(names.REFRACTORY_LEFT), "int32", Index.OWN))
    awake = build.op("==", left, Const(0, "int"))
    keep, drop = [], []
    for name in model.conductances:
        value = kept.own(name)
        place = Argument(Place(name, what="kept"), kept.arguments[name].dtype, Index.OWN)
        before = dropped.need(place)
        keep.append(Set(kept.need(replace(place, written=True)).symbol, value))
        drop.append(Set(name, build.select(awake, dropped.own(name, written=True), before)))
    return _kernel(KernelKind.KEEP, kept, body=tuple(keep)), _kernel(KernelKind.DROP, dropped, body=tuple(drop))


def lower_stop(
    model: Model,
    condition: Condition,
    functions: Sequence[Function] = (),
    constants: frozenset[str] = frozenset(),
    inputs: tuple[str, ...] = (),
) -> Kernel:
    """Return the kernel that finds which neurons are as a condition says, at the end of a step.

    Args:
        functions: that the condition may call.
        constants, inputs: as of :func:`lower_neuron`.
    """
    scope = Scope(replace(model, functions=tuple(functions)), constants=constants, inputs=inputs)
    if condition.value is not None:
        holds = _condition(condition.value, scope)
    else:
        holds = build.op("==", scope.need(Argument(Place(names.LAST_SPIKE), "int64", Index.OWN)), STEP)
    scope.need(Argument(Place(STOP_SYMBOL), "bool", Index.OWN, written=True))
    return _kernel(KernelKind.UPDATE, scope, body=(Set(STOP_SYMBOL, holds, condition.text),))


def _condition(expr: object, scope: Scope) -> Expr:
    return build.convert(scope.lower(expr), "bool")  # type: ignore[arg-type]  # spiking models have a condition


def _refractory_ms(model: Model, scope: Scope) -> Expr:
    """The slot ``refractory``, or the attribute that the model names."""
    if isinstance(model.refractory, str):
        return scope.own(model.refractory)
    return scope.need(Argument(Place(names.REFRACTORY), "float64", Index.OWN))


# -- synapses ----------------------------------------------------------------------------------------------


def lower_synapse(
    model: Model,
    pre: Model,
    post: Model,
    *,
    forms: Mapping[str, Index] | None = None,
    delays: str = "none",
    layout: str = "list",
    method: str = DEFAULT,
    constants: frozenset[str] = frozenset(),
    targets: int = 1,
    pre_inputs: tuple[str, ...] = (),
    post_inputs: tuple[str, ...] = (),
) -> tuple[Kernel, ...]:
    """Return the kernels of a synapse between neurons of the two models.

    Args:
        forms: what local attributes, and the slots of last events, have one value per where that is not the synapse.
        delays: ``none`` (all one step), ``uniform`` or ``each``.
        layout: of rate-coded synapses, a name of ``ir/layouts.py``.
        method: of ODEs that name none.
        constants: names that are constants of the network.
        targets: how many inputs of the postsynaptic neurons each synapse acts on.
        pre_inputs, post_inputs: targets that are connected to the two populations, for ``pre.sum()``, ``post.sum()``.
    """
    by_pre = bool(pre.spiking and post.spiking)
    model = complete_synapse(model, by_pre)

    def scope(delays: str = "none", lag: int = 0) -> Scope:
        return Scope(
            model, forms or {}, pre, post, delays, lag, constants, pre_inputs=pre_inputs, post_inputs=post_inputs
        )

    arrivals = [((), model.pre_spike), ((names.AXON_TRANSMISSION,), model.pre_axon_spike)]
    kernels = [_lower_arrival(model, s, scope(), targets, *gate) for gate, s in arrivals if s]
    if "pre" in traces_of(model).sides and forms and LAST_SLOTS["pre"] in forms:
        kernels += [_lower_pre_events(model, s, scope(), *gate) for gate, s in arrivals if s]
    equations = _lower_equations(model, scope(delays, 1), scope(delays, 1), method, by_pre)
    if model.psp is not None:
        sums = [_lower_gather(model, scope(delays), by_pre, k) for k in range(targets)]
        kernels += [replace(kernel, ahead=any(e.ahead for e in equations)) for kernel in sums]
    kernels += equations
    if model.post_spike:
        kernels.append(_lower_post(model, model.post_spike, scope()))
    return tuple(replace(kernel, layout="" if by_pre else layout) for kernel in kernels)


def lower_rule(
    model: Model,
    rule: Node,
    pre: Model,
    post: Model,
    forms: Mapping[str, Index],
    constants: frozenset[str],
) -> Kernel:
    """Return what says where a rule of structural plasticity holds, as the ``result`` of a kernel without a loop.

    Presynaptic values are those of now, whatever the delays.

    Args:
        rule: its condition.
        forms, constants: as of :func:`lower_synapse`.
    """
    scope = Scope(model, forms, pre, post, constants=constants)
    holds = _condition(rule, scope)
    return Kernel(
        f"{model.name or model.kind} rule", KernelKind.SYNAPSES, tuple(scope.arguments.values()), result=holds
    )


def lower_passing(model: Model, side: str, forms: Mapping[str, Index], constants: frozenset[str]) -> tuple[Kernel, ...]:
    """Return kernels of an event of one side at which nothing happens: what its events write is as old as they are.

    Args:
        forms, constants: as of :func:`lower_synapse`.
    """
    scopes = [Scope(model, forms, constants=constants) for _ in range(2)]
    if side == "post":
        kernels = [_lower_post(model, (), scopes[0])]
    else:
        kernels = [_lower_arrival(model, (), scopes[0], 1)]
        if LAST_SLOTS["pre"] in forms:
            kernels.append(_lower_pre_events(model, (), scopes[1]))
    return tuple(replace(kernel, gates=()) for kernel in kernels)


def _gate(scope: Scope, *flags: str) -> tuple[str, ...]:
    return tuple(scope.need(Argument(Place(name), "bool", Index.ONE)).symbol for name in flags)


def _lower_arrival(model: Model, statements: Sequence[Assign], scope: Scope, targets: int, *gate: str) -> Kernel:
    gates = _gate(scope, names.TRANSMISSION, *gate)
    row, body, _ = Walk(model, "pre", statements, scope, targets).at_synapses()
    return _used(_kernel(KernelKind.DELIVER, scope, row_begin=row, body=body, gates=gates, axonal=bool(gate)))


def _lower_pre_events(model: Model, statements: Sequence[Assign], scope: Scope, *gate: str) -> Kernel:
    gates = _gate(scope, names.TRANSMISSION, *gate)
    body = Walk(model, "pre", statements, scope).at_neuron()
    return _used(_kernel(KernelKind.PRE_EVENTS, scope, body=body, gates=gates, axonal=bool(gate)))


def _lower_post(model: Model, statements: Sequence[Assign], scope: Scope) -> Kernel:
    gates = _gate(scope, names.TRANSMISSION)
    row, body, end = Walk(model, "post", statements, scope).at_synapses()
    return _used(_kernel(KernelKind.POST_EVENTS, scope, row_begin=row, body=body, row_end=end, gates=gates))


def _used(kernel: Kernel) -> Kernel:
    """Return the kernel without the arguments, tables and draws that none of its statements needs."""
    expressions = list(kernel.expressions())
    symbols = {s.symbol for s in kernel.statements()}.union(kernel.gates, *map(reads, expressions))
    tables = set[str]().union(*map(lookups, expressions))
    draws = {node.draw for e in expressions for node in nodes_of(e) if isinstance(node, Random)}
    return replace(
        kernel,
        arguments=tuple(a for a in kernel.arguments if a.symbol in symbols | tables),
        tables=tuple(t for t in kernel.tables if t.symbol in tables),
        draws=tuple(d for d in kernel.draws if d in draws),
    )


def _lower_gather(model: Model, scope: Scope, by_pre: bool, target: int) -> Kernel:
    gates = _gate(scope, names.TRANSMISSION)
    into = Place(what="conductance", number=target) if by_pre else Place(what="input")
    result = scope.lower_float(model.psp)  # type: ignore[arg-type]  # the caller has one
    scope.need(Argument(into, "float64", Index.POST, written=True))
    operation = model.operation
    return _kernel(
        KernelKind.GATHER, scope, result=result, into=into.symbol, operation=operation, columns=by_pre, gates=gates
    )


def _lower_equations(model: Model, shared: Scope, scope: Scope, method: str, by_pre: bool) -> list[Kernel]:
    """Continuous equations: those of the projection, then per neuron, then per synapse."""

    def of(*localities: str) -> list[Statement]:
        names = {v.name for v in model.variables if v.locality in localities}
        return [s for s in model.equations if s.name in names]

    kernels = []
    for part, kind in ((shared, KernelKind.GLOBALS), (scope, KernelKind.SYNAPSES)):
        statements = of("global") if kind is KernelKind.GLOBALS else of("semiglobal", "local")
        if not statements:
            continue
        gates = _gate(part, names.TRANSMISSION, names.UPDATE)
        period = part.need(Argument(Place(PERIOD_SYMBOL), "int64", Index.ONE))
        part.need(Argument(Place(OFFSET_SYMBOL), "int64", Index.ONE))
        prelude = (Set(H_SYMBOL, build.mul(DT, build.convert(period, "float"))),)
        local = kind is KernelKind.SYNAPSES
        row_begin = lower_statements(of("semiglobal"), part, method) if local else ()
        body = lower_statements(of("local" if local else "global"), part, method, _plasticity(part))
        result = None if by_pre or not local else _result_ahead(model, part)
        kernels.append(
            _kernel(
                kind,
                part,
                prelude=prelude,
                row_begin=row_begin,
                body=body,
                result=result,
                operation=model.operation,
                ahead=result is not None,
                columns=by_pre,
                gates=gates,
                periodic=True,
            )
        )
    return kernels


def _result_ahead(model: Model, scope: Scope) -> Expr | None:
    """Return the psp of the next step; None where it will be another one, or the sum is none."""
    if model.psp is None or model.operation in ("max", "min"):
        return None
    found = replace(scope, arguments={}, draws={})
    result = found.lower_float(model.psp)
    if found.draws or reads(result) & {"t", STEP_SYMBOL}:
        return None
    scope.arguments |= {symbol: a for symbol, a in found.arguments.items() if symbol not in scope.arguments}
    return result


def _plasticity(scope: Scope) -> Guard:
    return lambda statement, new, old: plastic(scope, statement, new, old)


def _assigned(model: Model) -> tuple[str, ...]:
    """The variables that are assigned in each step before anything reads them: they keep nothing from step to step."""
    order = {"global": 0, "semiglobal": 1, "local": 2}
    localities = {v.name: order[v.locality] for v in model.variables}
    events = (*model.reset, *model.axon_reset, *model.pre_spike, *model.pre_axon_spike, *model.post_spike)
    assigned = set[str]()
    kept = {"r", "w", *(s.name for s in events), *_read(*(s.value for s in events), model.psp)}
    for statement in sorted(model.equations, key=lambda s: localities.get(s.name, 2)):
        is_anew = isinstance(statement, Assign) and statement.op == "="
        bounds = [v for v in model.variables if v.name == statement.name and statement.clamped]
        value = statement.value if isinstance(statement, Assign) else statement.rate
        kept |= _read(value, *(b for v in bounds for b in (v.minimum, v.maximum))) - assigned
        kept |= set() if is_anew else {statement.name} - assigned
        assigned.add(statement.name)
    return tuple(name for name in localities if name in assigned - kept)


def _read(*expressions: Node | None) -> set[str]:
    return {n.id for e in expressions if e is not None for n in nodes_of_tree(e) if isinstance(n, Name)}


def _kernel(kind: KernelKind, scope: Scope, **parts: object) -> Kernel:
    """Put a kernel together from what its scope has collected."""
    kernel = Kernel(
        name=f"{scope.model.name or scope.model.kind} {kind.value}",
        kind=kind,
        arguments=tuple(scope.arguments.values()),
        draws=tuple(scope.draws[number] for number in sorted(scope.draws)),
        propagators=tuple(scope.propagators),
        tables=tuple(scope.tables.values()),
        assigned=_assigned(scope.model),
        **parts,  # type: ignore[arg-type]  # fields of Kernel by name
    )
    if not kernel.prelude and any(H_SYMBOL in reads(e) for e in kernel.expressions()):
        kernel = replace(kernel, prelude=(Set(H_SYMBOL, DT),))
    return hoisted(kernel)
