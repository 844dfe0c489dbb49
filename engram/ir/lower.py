"""From checked models of neurons to kernels: which loops a neuron needs, and what stands in them.

In: models of ``language``. Out: kernels of ``ir/nodes.py``. Those of synapses: ``lower_synapses.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engram.ir import build
from engram.ir.kernels import condition_of, kernel_of
from engram.ir.nodes import (
    EXACT_DT_SYMBOL,
    STEP_SYMBOL,
    Argument,
    Const,
    Expr,
    Index,
    Kernel,
    KernelKind,
    Place,
    Read,
    Set,
)
from engram.ir.resting import Rest
from engram.ir.scope import Scope
from engram.ir.statements import lower_statements
from engram.language.conditions import Condition
from engram.language.errors import MixedMethods
from engram.language.methods import DEFAULT, METHODS
from engram.language.model import Function, Model, Ode, Statement
from engram.state import names

__all__ = ["STOP_SYMBOL", "lower_neuron", "lower_stop"]

STEP, EXACT_DT = Read(STEP_SYMBOL, "int"), Read(EXACT_DT_SYMBOL, "float")
STOP_SYMBOL = names.STOP  # whether a neuron is as the stop condition of its population says


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
        kernels.append(kernel_of(KernelKind.GLOBALS, scope, body=lower_statements(shared, scope, method)))
    local = [s for s in model.equations if s.name not in is_global]
    scope = Scope(model, constants=constants, inputs=inputs)
    if model.spiking:
        kernels.append(_lower_spiking(model, local, scope, method))
    else:
        kernels.append(kernel_of(KernelKind.UPDATE, scope, body=lower_statements(local, scope, method)))
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
    spike = condition_of(model.spike, scope)
    scope.before = frozenset()
    reset = lower_statements(model.reset, scope)
    scope.before = before
    axon_spike = None if model.axon_spike is None else condition_of(model.axon_spike, scope)
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
    return kernel_of(
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
    return kernel_of(KernelKind.KEEP, kept, body=tuple(keep)), kernel_of(KernelKind.DROP, dropped, body=tuple(drop))


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
        holds = condition_of(condition.value, scope)
    else:
        holds = build.op("==", scope.need(Argument(Place(names.LAST_SPIKE), "int64", Index.OWN)), STEP)
    scope.need(Argument(Place(STOP_SYMBOL), "bool", Index.OWN, written=True))
    return kernel_of(KernelKind.UPDATE, scope, body=(Set(STOP_SYMBOL, holds, condition.text),))


def _refractory_ms(model: Model, scope: Scope) -> Expr:
    """The slot ``refractory``, or the attribute that the model names."""
    if isinstance(model.refractory, str):
        return scope.own(model.refractory)
    return scope.need(Argument(Place(names.REFRACTORY), "float64", Index.OWN))
