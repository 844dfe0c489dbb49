"""Tools for all expression trees: children, rebuilding, walking, counting.

In and out: nodes of ``language/nodes.py``. Used by every pass, so that only this file knows how nodes hold others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from engram.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Draw,
    Expr,
    GlobalOp,
    Logic,
    Name,
    Neighbour,
    Not,
    Unary,
)

__all__ = ["children", "contains", "map_children", "measure", "substitute", "walk"]


def children(node: Expr) -> tuple[Expr, ...]:
    """Return the nodes directly below ``node``, in textual order."""
    match node:
        case Binary() | Compare() | Logic():
            return (node.left, node.right)
        case Unary() | Not() | GlobalOp():
            return (node.operand,)
        case Conditional():
            return (node.condition, node.then, node.otherwise)
        case Call() | Draw():
            return node.args
        case _:
            return ()


def map_children(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Return ``node`` with ``change`` applied to each child; ``node`` itself when none changed."""
    old = children(node)
    new = tuple(change(child) for child in old)
    if all(a is b for a, b in zip(old, new, strict=True)):
        return node
    match node:
        case Binary() | Compare() | Logic():
            return replace(node, left=new[0], right=new[1])
        case Unary() | Not():
            return replace(node, operand=new[0])
        case GlobalOp():
            operand = new[0]
            return replace(node, operand=operand) if isinstance(operand, Name | Neighbour) else node
        case Conditional():
            return replace(node, condition=new[0], then=new[1], otherwise=new[2])
        case Call() | Draw():
            return replace(node, args=new)
        case _:
            return node


def walk(node: Expr) -> Iterator[Expr]:
    """Yield ``node`` and all nodes below it in textual order, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


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
    return any(isinstance(n, Name) and n.id == name for n in walk(node))


def substitute(node: Expr, values: dict[str, Expr]) -> Expr:
    """Return the tree with each name in ``values`` replaced by its expression."""
    if isinstance(node, Name):
        return values.get(node.id, node)
    return map_children(node, lambda child: substitute(child, values))
