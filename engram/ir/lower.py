"""From checked models to kernels: order of statements, ODE methods, clamps, refractoriness.

In: models of ``language``. Out: kernels of ``ir/nodes.py``. Called by ``network/kernels.py`` once per model and
form of its data; the results are cached as C.
"""

from __future__ import annotations

from collections.abc import Sequence

from engram.ir import build
from engram.ir.events import lower_post_spike, lower_pre_spike
from engram.ir.hoist import hoisted
from engram.ir.nodes import Argument, Const, Expr, Index, Kernel, KernelKind, Read, Set
from engram.ir.scope import NotAvailable, Scope
from engram.ir.statements import lower_statements
from engram.language import nodes as ast
from engram.language.model import Model, Statement

__all__ = ["lower_neuron", "lower_synapse"]

DEFAULT_PSP = ast.Binary("*", ast.Name("w"), ast.Neighbour("pre", "r"))


def lower_neuron(model: Model, method: str = "explicit", constants: frozenset[str] = frozenset()) -> tuple[Kernel, ...]:
    """Return the kernels of a neuron: ``globals`` if the model has global variables, then ``update``."""
    kernels = []
    is_global = {v.name for v in model.variables if v.locality == "global"}
    shared = [s for s in model.equations if s.name in is_global]
    if shared:
        scope = Scope(model, constants=constants)
        kernels.append(_kernel(KernelKind.GLOBALS, scope, lower_statements(shared, scope, method)))
    local = [s for s in model.equations if s.name not in is_global]
    scope = Scope(model, constants=constants)
    if model.spiking:
        kernels.append(_lower_spiking(model, local, scope, method))
    else:
        kernels.append(_kernel(KernelKind.UPDATE, scope, lower_statements(local, scope, method)))
    return tuple(kernels)


def _lower_spiking(model: Model, equations: Sequence[Statement], scope: Scope, method: str) -> Kernel:
    if model.axon_spike is not None or model.spike is None:
        raise NotAvailable(f"axon_spike (in neuron {model.name!r}) is not available yet")
    if model.refractory is None:
        body = lower_statements(equations, scope, method)
        spike = build.convert(scope.lower(model.spike), "bool")
        reset = _lower_reset(model, scope)
        return _kernel(KernelKind.UPDATE, scope, body, spike=spike, reset=reset)
    # While a neuron rests its variables keep their values, but for conductances, and it can't spike.
    left = scope.need(Argument("refractory_left", "int32", Index.OWN, written=True))
    awake = Read("awake", "bool")
    frozen = frozenset(v.name for v in model.variables if not v.name.startswith("g_"))
    body = (
        Set("awake", build.op("==", left, Const(0, "int"))),
        *lower_statements(equations, scope, method, keep_unless=(awake, frozen)),
        Set("refractory_left", build.select(awake, left, build.op("-", left, Const(1, "int")))),
    )
    spike = build.op("and", awake, scope.lower(model.spike))
    rest = build.op("steps", _refractory_ms(model, scope), Read("dt", "float"))
    reset = (*_lower_reset(model, scope), Set("refractory_left", rest))
    return _kernel(KernelKind.UPDATE, scope, body, spike=spike, reset=reset)


def _lower_reset(model: Model, scope: Scope) -> tuple[Set, ...]:
    known = len(scope.draws)
    reset = lower_statements(model.reset, scope)
    if len(scope.draws) > known:
        raise NotAvailable(f"random draws in the reset of neuron {model.name!r} are not available yet")
    return reset


def _refractory_ms(model: Model, scope: Scope) -> Expr:
    """The slot ``refractory``, or the attribute that the model names."""
    if isinstance(model.refractory, str):
        return scope.own(model.refractory)
    return scope.need(Argument("refractory", "float64", Index.OWN))


def lower_synapse(
    model: Model,
    pre: Model,
    post: Model,
    *,
    single: frozenset[str] = frozenset(),
    delays: str = "none",
    method: str = "explicit",
    constants: frozenset[str] = frozenset(),
) -> tuple[Kernel, ...]:
    """Return the kernels of a synapse between neurons of the two models.

    Args:
        single: local attributes that are one number for the whole projection.
        delays: ``none`` (all one step), ``uniform`` or ``each``.
    """
    if pre.spiking:
        return _lower_events(model, Scope(model, single, pre, post), Scope(model, single, pre, post))
    scope = Scope(model, single, pre, post, delays, constants=constants)
    if model.operation != "sum":
        raise NotAvailable(f"operation={model.operation!r} (in synapse {model.name!r}) is not available yet")
    gate = scope.need(Argument("transmission", "bool", Index.ONE))
    result = build.convert(scope.lower(model.psp or DEFAULT_PSP), "float")
    scope.need(Argument("sum", "float64", Index.POST, written=True))
    kernels = [_kernel(KernelKind.GATHER, scope, result=result, into="sum", gates=(gate.symbol,))]
    if model.equations:
        raise NotAvailable(f"equations of rate-coded synapses (in synapse {model.name!r}) are not available yet")
    return tuple(kernels)


def _lower_events(model: Model, arriving: Scope, emitted: Scope) -> tuple[Kernel, ...]:
    if model.psp is not None or model.equations:
        raise NotAvailable(f"continuous equations of spiking synapses (in {model.name!r}) are not available yet")
    gate = arriving.need(Argument("transmission", "bool", Index.ONE)).symbol
    kernels = [_kernel(KernelKind.DELIVER, arriving, lower_pre_spike(model, arriving), gates=(gate,))]
    if model.post_spike:
        emitted.need(Argument("transmission", "bool", Index.ONE))
        body, row_end = lower_post_spike(model, emitted)
        kernels.append(_kernel(KernelKind.POST_EVENTS, emitted, body, row_end=row_end, gates=(gate,)))
    return tuple(kernels)


def _kernel(
    kind: KernelKind,
    scope: Scope,
    body: tuple[Set, ...] = (),
    *,
    spike: Expr | None = None,
    reset: tuple[Set, ...] = (),
    row_end: tuple[Set, ...] = (),
    result: Expr | None = None,
    into: str = "",
    gates: tuple[str, ...] = (),
) -> Kernel:
    return hoisted(
        Kernel(
            name=f"{scope.model.name or scope.model.kind} {kind.value}",
            kind=kind,
            arguments=tuple(scope.arguments.values()),
            draws=tuple(scope.draws[number] for number in sorted(scope.draws)),
            body=body,
            spike=spike,
            reset=reset,
            row_end=row_end,
            result=result,
            into=into,
            gates=gates,
        )
    )
