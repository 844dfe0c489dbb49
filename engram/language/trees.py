"""Tools for all expression trees: children, rebuilding, going through, counting.

In and out: nodes of ``language/nodes.py``. Only this file knows how nodes hold others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from engram.language.nodes import (
    NOWHERE,
    Binary,
    Call,
    Cast,
    Compare,
    Conditional,
    Draw,
    Expr,
    GlobalOp,
    Item,
    Logic,
    Name,
    Neighbour,
    Not,
    Span,
    Unary,
)

__all__ = [
    "children",
    "contains",
    "fold_up",
    "measure",
    "nodes_of",
    "rewrite",
    "span_of",
    "substitute",
    "with_children",
]

_T = TypeVar("_T")


def children(node: Expr) -> tuple[Expr, ...]:
    """Return the nodes directly below ``node``, in textual order."""
    match node:
        case Binary() | Compare() | Logic():
            return (node.left, node.right)
        case Unary() | Not() | Cast() | GlobalOp():
            return (node.operand,)
        case Item():
            return (node.table, node.index)
        case Conditional():
            return (node.condition, node.then, node.otherwise)
        case Call() | Draw():
            return node.args
        case _:
            return ()


def fold_up(node: Expr, combine: Callable[[Expr, list[_T]], _T]) -> _T:
    """Return ``combine(node, results)`` where ``results`` are those of its children, computed the same way.

    Works in a loop from the leaves up, in textual order, so that no tree is too deep for it.
    """
    waiting = [(node, False)]
    done: list[_T] = []
    while waiting:
        current, is_ready = waiting.pop()
        below = children(current)
        if below and not is_ready:
            waiting.append((current, True))
            waiting.extend((child, False) for child in reversed(below))
            continue
        first = len(done) - len(below)
        results = done[first:]
        del done[first:]
        done.append(combine(current, results))
    return done[0]


def rewrite(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Return the tree with ``change`` applied to every node, from the leaves up."""
    return fold_up(node, lambda old, new: change(with_children(old, new)))


def with_children(node: Expr, new: list[Expr]) -> Expr:
    """Return ``node`` with other children; ``node`` itself when they are the same objects."""
    if all(a is b for a, b in zip(children(node), new, strict=True)):
        return node
    match node:
        case Binary() | Compare() | Logic():
            return replace(node, left=new[0], right=new[1])
        case Unary() | Not() | Cast():
            return replace(node, operand=new[0])
        case GlobalOp():
            operand = new[0]
            return replace(node, operand=operand) if isinstance(operand, Name | Neighbour) else node
        case Item():
            return replace(node, table=new[0] if isinstance(new[0], Name) else node.table, index=new[1])
        case Conditional():
            return replace(node, condition=new[0], then=new[1], otherwise=new[2])
        case Call() | Draw():
            return replace(node, args=tuple(new))
        case _:
            return node


def nodes_of(node: Expr) -> Iterator[Expr]:
    """Yield ``node`` and all nodes below it in textual order, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def span_of(node: Expr) -> Span:
    """Return where a tree stands in its text, also one that was put together from parts of an equation."""
    spans = [n.span for n in nodes_of(node) if n.span != NOWHERE]
    if not spans:
        return NOWHERE
    return Span(spans[0].block, min(s.start for s in spans), max(s.end for s in spans))


def measure(node: Expr) -> tuple[int, int]:
    """Return the number of nodes and the depth (1 for a leaf) of a tree of any depth."""
    count = deepest = 0
    stack = [(node, 1)]
    while stack:
        current, depth = stack.pop()
        count += 1
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in children(current))
    return count, deepest


def contains(node: Expr, name: str) -> bool:
    """Whether the name occurs in the tree."""
    return any(isinstance(n, Name) and n.id == name for n in nodes_of(node))


def substitute(node: Expr, values: dict[str, Expr]) -> Expr:
    """Return the tree with each name in ``values`` replaced by its expression."""
    return rewrite(node, lambda n: values.get(n.id, n) if isinstance(n, Name) else n)
