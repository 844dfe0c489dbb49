"""Long sums, products and conditions: added up in halves, so that no flat text makes a deep tree.

In: raw trees, in which ``a + b + c`` is ``(a + b) + c``. Out: trees of the same value but for rounding, in which
chains of more than ``LONGEST`` operators are cut in two. A chain of ``LONGEST`` or more that stands in parentheses is
done with, what follows begins another one: so ``printer.py`` writes what must not be cut anew.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from engram.language.nodes import Binary, Expr, Logic, Span
from engram.language.trees import fold_up, with_children

__all__ = ["LONGEST", "halved"]

LONGEST = 64  # operators in a row that stay as they were written

_Joint = Binary | Logic


@dataclass
class _Chain:
    """``first op rest[0] op rest[1] ...``; the operators of a sum are + and -, those of others are all the same."""

    first: Expr
    joints: list[_Joint]
    rest: list[Expr]


def halved(expr: Expr, grouped: Container[int] = ()) -> Expr:
    """Return the tree with every long chain (of + and -, of *, of ``and``, of ``or``) cut in halves, and these too.

    Args:
        grouped: the ``id`` of each node that stands in parentheses.
    """
    return _closed(fold_up(expr, lambda node, parts: _combine(node, parts, grouped)))


def _combine(node: Expr, parts: list[_Chain | Expr], grouped: Container[int]) -> _Chain | Expr:
    """Return a node, or a chain that it continues, given its children; only the left one can be open."""
    if not isinstance(node, Binary | Logic) or node.op not in ("+", "-", "*", "and", "or"):
        return with_children(node, [_closed(part) for part in parts])
    left, right = parts
    is_done = isinstance(left, _Chain) and len(left.joints) >= LONGEST and id(node.left) in grouped
    if not isinstance(left, _Chain) or is_done or not _continues(left.joints[-1], node):
        left = _Chain(_closed(left), [], [])
    left.joints.append(node)
    left.rest.append(_closed(right))
    return left


def _continues(before: _Joint, after: _Joint) -> bool:
    return before.op == after.op or {before.op, after.op} == {"+", "-"}


def _closed(part: _Chain | Expr) -> Expr:
    if not isinstance(part, _Chain):
        return part
    return _joined(part.first, part.joints, part.rest)


def _joined(first: Expr, joints: list[_Joint], rest: list[Expr]) -> Expr:
    """Return a chain as a tree: from the left, or in halves if it is long."""
    if len(joints) <= LONGEST:
        total = first
        for joint, term in zip(joints, rest, strict=True):
            total = _join(joint, total, term)
        return total
    middle = len(joints) // 2
    joint, behind = joints[middle], joints[middle + 1 :]
    if joint.op == "-":  # a - b + c is a - (b - c)
        behind = [_turned(j) for j in behind]
    left = _joined(first, joints[:middle], rest[:middle])
    return _join(joint, left, _joined(rest[middle], behind, rest[middle + 1 :]))


def _turned(joint: _Joint) -> _Joint:
    return replace(joint, op="+" if joint.op == "-" else "-") if isinstance(joint, Binary) else joint


def _join(joint: _Joint, left: Expr, right: Expr) -> Expr:
    span = Span(joint.span.block, left.span.start, right.span.end)
    return replace(joint, left=left, right=right, span=span)
