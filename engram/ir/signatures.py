"""The signatures of kernels: all but the loop, which is what calls and counts need; to JSON and back.

In: kernels. Out: the same without what they compute, as the cache keeps them beside their C.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engram.ir.nodes import (
    Argument,
    Const,
    DecayTable,
    DrawSpec,
    Entry,
    Expr,
    Index,
    Kernel,
    KernelKind,
    Lookup,
    Operation,
    Place,
    Propagator,
    Read,
    lookups,
    reads,
)
from engram.telling import told

__all__ = ["signature", "signature_from_json", "signature_to_json"]


def signature(kernel: Kernel) -> Kernel:
    """Return the kernel without its loop body: what is needed to call the compiled function and count its work."""
    return Kernel(
        name=kernel.name,
        kind=kernel.kind,
        arguments=kernel.arguments,
        draws=kernel.draws,
        layout=kernel.layout,
        ahead=kernel.ahead,
        axonal=kernel.axonal,
        columns=kernel.columns,
        gates=kernel.gates,
        periodic=kernel.periodic,
        propagators=kernel.propagators,
        tables=kernel.tables,
        at_spikes=_at_spikes(kernel),
        assigned=kernel.assigned,
    )


def _at_spikes(kernel: Kernel) -> tuple[str, ...]:
    conditions = [e for e in (kernel.spike, kernel.axon_spike) if e is not None]
    always = {s.symbol for s in kernel.body}
    always |= {x for e in (*(s.value for s in kernel.body), *conditions) for x in reads(e) | lookups(e)}
    is_update = kernel.kind is KernelKind.UPDATE
    return tuple(a.symbol for a in kernel.arguments if is_update and a.symbol not in always)


def signature_to_json(kernel: Kernel) -> dict[str, Any]:
    """Return a signature as JSON data."""
    return {
        "name": kernel.name,
        "kind": kernel.kind.value,
        "arguments": [{**asdict(a), "index": a.index.value} for a in kernel.arguments],
        "draws": [vars(d) for d in kernel.draws],
        "layout": kernel.layout,
        "ahead": kernel.ahead,
        "axonal": kernel.axonal,
        "columns": kernel.columns,
        "gates": list(kernel.gates),
        "periodic": kernel.periodic,
        "at_spikes": list(kernel.at_spikes),
        "assigned": list(kernel.assigned),
        "propagators": [
            {
                "place": asdict(p.place),
                "sources": [asdict(place) for place in p.sources],
                "variables": list(p.variables),
                "rates": [[_expr_to_json(e) for e in row] for row in p.rates],
                "inputs": [list(group) for group in p.inputs],
                "entries": [list(e) for e in p.entries],
                "index": p.index.value,
            }
            for p in kernel.propagators
        ],
        "tables": [
            {"place": asdict(t.place), "parameters": [_expr_to_json(e) for e in t.parameters]} for t in kernel.tables
        ],
    }


def signature_from_json(data: dict[str, Any]) -> Kernel:
    """Return the signature that :func:`signature_to_json` wrote."""
    return Kernel(
        name=data["name"],
        kind=KernelKind(data["kind"]),
        arguments=tuple(
            Argument(**{**a, "place": Place(**a["place"]), "index": Index(a["index"])}) for a in data["arguments"]
        ),
        draws=tuple(DrawSpec(**d) for d in data["draws"]),
        layout=data["layout"],
        ahead=data["ahead"],
        axonal=data["axonal"],
        columns=data["columns"],
        gates=tuple(data["gates"]),
        periodic=data["periodic"],
        at_spikes=tuple(data["at_spikes"]),
        assigned=tuple(data["assigned"]),
        propagators=tuple(
            Propagator(
                Place(**p["place"]),
                tuple(p["variables"]),
                tuple(tuple(_expr_from_json(e) for e in row) for row in p["rates"]),
                tuple(tuple(group) for group in p["inputs"]),
                tuple((matrix, i, j) for matrix, i, j in p["entries"]),
                Index(p["index"]),
                tuple(Place(**place) for place in p["sources"]),
            )
            for p in data["propagators"]
        ),
        tables=tuple(DecayTable(Place(**t["place"]), *map(_expr_from_json, t["parameters"])) for t in data["tables"]),
    )


def _expr_to_json(expr: Expr) -> list[Any]:
    """Return an expression as nested lists."""
    match expr:
        case Const(value, kind):
            return ["const", value, kind]
        case Read(symbol, kind):
            return ["read", symbol, kind]
        case Entry(symbol, number, kind):
            return ["entry", symbol, number, kind]
        case Lookup(table, index, beyond, kind):
            return ["lookup", table, _expr_to_json(index), _expr_to_json(beyond), kind]
        case Operation(name, args, kind):
            return ["operation", name, [_expr_to_json(a) for a in args], kind]
        case _:
            raise ValueError(f"{expr!r} is drawn anew in each step and can't be computed between runs")


def _expr_from_json(data: list[Any]) -> Expr:
    """Return the expression that :func:`_expr_to_json` wrote."""
    match data:
        case ["const", value, kind]:
            return Const(value, kind)
        case ["read", symbol, kind]:
            return Read(symbol, kind)
        case ["entry", symbol, number, kind]:
            return Entry(symbol, number, kind)
        case ["lookup", table, index, beyond, kind]:
            return Lookup(table, _expr_from_json(index), _expr_from_json(beyond), kind)
        case ["operation", name, args, kind]:
            return Operation(name, tuple(_expr_from_json(a) for a in args), kind)
        case _:
            raise ValueError(f"no expression: {told(data, 80)}")
