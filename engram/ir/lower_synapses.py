"""From checked models of synapses to kernels: what happens when spikes arrive, in each step, and by rules.

In: models of ``language``. Out: kernels of ``ir/nodes.py``. Those of neurons: ``lower.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engram.ir import build
from engram.ir.events import Walk, plastic
from engram.ir.kernels import condition_of, kernel_of
from engram.ir.nodes import (
    H_SYMBOL,
    OFFSET_SYMBOL,
    PERIOD_SYMBOL,
    STEP_SYMBOL,
    Argument,
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
from engram.ir.scope import Scope
from engram.ir.spec import LAST_SLOTS
from engram.ir.statements import Guard, lower_statements
from engram.ir.traces import traces_of
from engram.language.connection import complete_synapse
from engram.language.methods import DEFAULT
from engram.language.model import Assign, Model, Statement
from engram.language.nodes import Expr as Node
from engram.state import names

__all__ = ["lower_passing", "lower_rule", "lower_synapse"]

DT = Read("dt", "float")


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
    holds = condition_of(rule, scope)
    return Kernel(
        f"{model.name or model.kind} rule", KernelKind.SYNAPSES, tuple(scope.arguments.values()), result=holds
    )


def lower_passing(model: Model, side: str, forms: Mapping[str, Index], constants: frozenset[str]) -> tuple[Kernel, ...]:
    """Return kernels of an event of one side at which nothing happens: what its events write is as old as they are.

    What had an event in this step keeps its value to the bit: it is no older, nor rounded again.

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
    return tuple(_used(replace(kernel, gates=())) for kernel in kernels if kernel.statements())


def _gate(scope: Scope, *flags: str) -> tuple[str, ...]:
    return tuple(scope.need(Argument(Place(name), "bool", Index.ONE)).symbol for name in flags)


def _lower_arrival(model: Model, statements: Sequence[Assign], scope: Scope, targets: int, *gate: str) -> Kernel:
    gates = _gate(scope, names.TRANSMISSION, *gate)
    row, body, _ = Walk(model, "pre", statements, scope, targets).at_synapses()
    return _used(kernel_of(KernelKind.DELIVER, scope, row_begin=row, body=body, gates=gates, axonal=bool(gate)))


def _lower_pre_events(model: Model, statements: Sequence[Assign], scope: Scope, *gate: str) -> Kernel:
    gates = _gate(scope, names.TRANSMISSION, *gate)
    body = Walk(model, "pre", statements, scope).at_neuron()
    return _used(kernel_of(KernelKind.PRE_EVENTS, scope, body=body, gates=gates, axonal=bool(gate)))


def _lower_post(model: Model, statements: Sequence[Assign], scope: Scope) -> Kernel:
    gates = _gate(scope, names.TRANSMISSION)
    row, body, end = Walk(model, "post", statements, scope).at_synapses()
    return _used(kernel_of(KernelKind.POST_EVENTS, scope, row_begin=row, body=body, row_end=end, gates=gates))


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
    return kernel_of(
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
            kernel_of(
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
