"""The size of a model: how many nodes its expressions have once its functions are put in place, and how many draws.

In: expressions and functions. Out: problems for what is above the budget, so that no text of a few lines can ask for
a kernel of a million lines, nor for more draws than there are numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engram.language.errors import TooLarge
from engram.language.functions import call_order
from engram.language.model import Function
from engram.language.nodes import Binary, Call, Draw, Expr, Name
from engram.language.place import TextPlace
from engram.language.source import CALL_NODES, MAX_DEPTH, MAX_NODES, Source
from engram.language.trees import fold_up, nodes_of
from engram.state.streams import MAX_DRAWS

__all__ = ["check_budget"]


@dataclass(frozen=True)
class _Weight:
    """Nodes and depth of an expression, and how often each argument of the function around it occurs."""

    nodes: int
    depth: int
    uses: dict[str, int] = field(default_factory=dict)


def check_budget(source: Source, roots: Iterable[Expr], functions: dict[str, Function]) -> None:
    """Report a model whose expressions draw too often, or have too many nodes or levels, functions put in place."""
    roots = list(roots)
    _check_draws(source, roots)
    table: dict[str, _Weight] = {}
    arguments = {name: f.arguments for name, f in functions.items()}
    for name in call_order(functions):
        table[name] = _weigh(functions[name].value, table, arguments, functions[name].arguments)
        if table[name].depth > MAX_DEPTH:
            _report(source, f"the function '{name}' is nested more than {MAX_DEPTH} deep with those that it calls")
            return
    weights = [_weigh(root, table, arguments, ()) for root in roots]
    nodes = sum(w.nodes for w in weights)
    if nodes > MAX_NODES:
        count = str(nodes) if nodes < 10**9 else "more than 10^9"
        what = f"the expressions of a model may have {MAX_NODES} nodes with its functions put in place, not {count}"
        _report(source, what, (f"a call of a function counts for {CALL_NODES}, a name, number or operator for 1",))
    if max((w.depth for w in weights), default=0) > MAX_DEPTH:
        _report(source, f"an expression is nested more than {MAX_DEPTH} deep with the functions that it calls")


def _check_draws(source: Source, roots: Iterable[Expr]) -> None:
    """Report the first draw too many; what stands in several places of a solved equation is one draw, by its number."""
    beyond = {n.number: n for root in roots for n in nodes_of(root) if isinstance(n, Draw) and n.number >= MAX_DRAWS}
    if beyond:
        what = f"a model may have {MAX_DRAWS} random draws in all of its texts, not {max(beyond) + 1}"
        advice = "split it into several models; where one draw serves twice, name it by a statement."
        source.report(TooLarge(what, source.place(beyond[min(beyond)].span), advice=advice))


def _weigh(
    expr: Expr, table: dict[str, _Weight], arguments: dict[str, tuple[str, ...]], attributes: tuple[str, ...]
) -> _Weight:
    """Return the weight of an expression; ``own`` are the arguments of the function that it belongs to."""

    def combine(node: Expr, below: list[_Weight]) -> _Weight:
        if isinstance(node, Name) and node.id in attributes:
            return _Weight(0, 1, {node.id: 1})
        inner = _Weight(_nodes(node), 1)
        factors = [1] * len(below)
        if isinstance(node, Call) and node.function in table:
            inner = table[node.function]
            names = (*arguments[node.function], *[""] * len(below))
            factors = [inner.uses.get(name, 0) for name, _ in zip(names, below, strict=False)]
        uses: dict[str, int] = {}
        for factor, weight in zip(factors, below, strict=True):
            for name, count in weight.uses.items():
                uses[name] = uses.get(name, 0) + factor * count
        nodes = inner.nodes + sum(factor * w.nodes for factor, w in zip(factors, below, strict=True))
        return _Weight(nodes, inner.depth + max((w.depth for w in below), default=0), uses)

    return fold_up(expr, combine)


def _nodes(node: Expr) -> int:
    is_costly = isinstance(node, Call | Draw) or (isinstance(node, Binary) and node.op == "^")
    return CALL_NODES if is_costly else 1


def _report(source: Source, what: str, details: tuple[str, ...] = ()) -> None:
    source.report(TooLarge(what, TextPlace(source.title), details, "split it into several models."))
