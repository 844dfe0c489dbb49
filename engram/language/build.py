"""Parse tree -> raw nodes: one method per rule of ``grammar.lark``.

In: lark trees with all tokens kept. Out: expressions of ``language/nodes.py`` with spans that point into the block, in
which every function is still a plain Call. Works from the leaves up in a loop, so no nesting is too deep for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from engram.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Expr,
    Item,
    Logic,
    Name,
    Neighbour,
    Not,
    Number,
    Span,
    Sum,
    Unary,
)

if TYPE_CHECKING:
    from lark import Tree

__all__ = ["RawFlag", "RawStatement", "TreeBuilder"]

_INT_DIGITS = 19  # of the largest int of 64 bits


@dataclass(frozen=True)
class RawFlag:
    """``init=0.0`` or ``event-driven`` after the colon."""

    name: str
    value: Expr | None
    span: Span


@dataclass(frozen=True)
class RawStatement:
    """Both sides of a statement and its flags."""

    left: Expr
    op: str
    right: Expr
    flags: tuple[RawFlag, ...]


class TreeBuilder:
    """Turns one parse tree into nodes. ``offset`` is where the parsed text begins in its block."""

    def __init__(self, block: str, offset: int) -> None:
        self._block = block
        self._offset = offset
        self.grouped: set[int] = set()  # the `id` of each node in parentheses

    def build(self, tree: Tree[Any]) -> Any:
        """Return what the root of the tree stands for: a RawStatement or an expression."""
        done: dict[int, Any] = {}
        for node in tree.iter_subtrees():
            children = [done.get(id(child), child) for child in node.children]
            done[id(node)] = getattr(self, f"_{node.data}")(children)
        return done[id(tree)]

    def _span(self, children: list[Any]) -> Span:
        """Return the span from the first to the last of some tokens and nodes."""
        first, last = children[0], children[-1]
        start = first.span.start if hasattr(first, "span") else first.start_pos + self._offset
        end = last.span.end if hasattr(last, "span") else last.end_pos + self._offset
        return Span(self._block, start, end)

    def _statement(self, c: list[Any]) -> RawStatement:
        return RawStatement(c[0], str(c[1]), c[2], tuple(f for f in c[3:] if isinstance(f, RawFlag)))

    def _expression(self, c: list[Any]) -> Any:
        return c[0]

    def _flag(self, c: list[Any]) -> RawFlag:
        words = [" ".join(str(x).split()) for x in c if getattr(x, "type", "") in ("NAME", "MINUS", "RESTING")]
        value = c[-1] if len(c) > 1 and not hasattr(c[-1], "type") else None
        return RawFlag("".join(words), value, self._span(c))

    def _conditional(self, c: list[Any]) -> Expr:
        return Conditional(c[1], c[3], c[6], self._span(c))

    def _logic(self, c: list[Any]) -> Expr:
        return Logic("and" if c[1].type == "AND" else "or", c[0], c[2], self._span(c))

    def _negated(self, c: list[Any]) -> Expr:
        return Not(c[1], self._span(c))

    def _chain(self, c: list[Any]) -> Expr:
        links: list[Expr] = [
            Compare(_comparator(c[i + 1]), c[i], c[i + 2], self._span(c[i : i + 3])) for i in range(0, len(c) - 2, 2)
        ]
        return reduce(lambda a, b: Logic("and", a, b, self._span([a, b])), links[1:], links[0])

    def _binary(self, c: list[Any]) -> Expr:
        op = "^" if c[1] == "**" else str(c[1])
        return Binary(op, c[0], c[2], self._span(c))  # type: ignore[arg-type] # the grammar admits these alone

    def _unary(self, c: list[Any]) -> Expr:
        return Unary("-" if c[0] == "-" else "+", c[1], self._span(c))

    def _number(self, c: list[Any]) -> Expr:
        text = str(c[0])
        # What does not fit into 64 bits is a float, and a million digits must not become a Python int.
        is_int = text.isdigit() and len(text) <= _INT_DIGITS and int(text) < 2**63
        return Number(int(text) if is_int else float(text), self._span(c))

    def _true(self, c: list[Any]) -> Expr:
        return Number(True, self._span(c))

    def _false(self, c: list[Any]) -> Expr:
        return Number(False, self._span(c))

    def _name(self, c: list[Any]) -> Expr:
        return Name(str(c[0]), self._span(c))

    def _quoted(self, c: list[Any]) -> Expr:
        """A name in quotes keeps them, which no other text can make."""
        return Name(f"'{str(c[0])[1:-1]}'", self._span(c))

    def _derivative(self, c: list[Any]) -> Expr:
        return Name("".join(str(c[0]).split()), self._span(c))

    def _neighbour(self, c: list[Any]) -> Expr:
        side, name = "".join(str(c[0]).split()).split(".")
        return Neighbour("pre" if side == "pre" else "post", name, self._span(c))

    def _call(self, c: list[Any]) -> Expr:
        args = c[2] if isinstance(c[2], tuple) else ()
        return Call(str(c[0]), args, self._span(c))

    def _neighbour_call(self, c: list[Any]) -> Expr:
        """``pre.sum(exc)``; any other function of a neighbour keeps its dot in the name, to be refused later."""
        side, name = "".join(str(c[0]).split()).split(".")
        args = c[2] if isinstance(c[2], tuple) else ()
        span = self._span(c)
        if name == "sum" and len(args) <= 1 and all(isinstance(a, Name) for a in args):
            return Sum(args[0].id if args else None, "pre" if side == "pre" else "post", span)
        return Call(f"{side}.{name}", args, span)

    def _item(self, c: list[Any]) -> Expr:
        return Item(Name(str(c[0]), self._span(c[:1])), c[2], self._span(c))

    def _arguments(self, c: list[Any]) -> tuple[Any, ...]:
        return tuple(x for x in c if getattr(x, "type", "") != "COMMA")

    def _keyword(self, c: list[Any]) -> Expr:
        """``min=0`` is a call of the function ``min=``, which no other text can make."""
        return Call(f"{c[0]}=", (c[2],), self._span(c))

    def _parentheses(self, c: list[Any]) -> Any:
        self.grouped.add(id(c[1]))
        return c[1]


def _comparator(token: Any) -> Any:
    return {"is": "==", "isnot": "!="}.get("".join(str(token).split()), str(token))
