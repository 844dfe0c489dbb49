"""Kernels put together from what a scope has collected: what is lowered for neurons and for synapses ends here."""

from __future__ import annotations

from dataclasses import replace

from engram.ir import build
from engram.ir.hoist import hoisted
from engram.ir.nodes import (
    H_SYMBOL,
    Expr,
    Kernel,
    KernelKind,
    Read,
    Set,
    reads,
)
from engram.ir.scope import Scope
from engram.language.model import Assign, Model
from engram.language.nodes import Expr as Node
from engram.language.nodes import Name
from engram.language.trees import nodes_of as nodes_of_tree

__all__ = ["condition_of", "kernel_of"]

DT = Read("dt", "float")


def condition_of(expr: object, scope: Scope) -> Expr:
    """Return a condition of a model, lowered."""
    return build.convert(scope.lower(expr), "bool")  # type: ignore[arg-type]  # spiking models have a condition


def kernel_of(kind: KernelKind, scope: Scope, **parts: object) -> Kernel:
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
