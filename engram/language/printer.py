"""Expressions -> canonical text: one line, ASCII, as few parentheses as possible.

In: trees. Out: text that parses to an equal tree. It is printed from the tree and never copied from a source, so that
nothing but names, numbers and operators can reach a comment in C, a file or a report.
"""

from __future__ import annotations

import math

from engram.language.nodes import (
    Binary,
    Call,
    Cast,
    Compare,
    Conditional,
    Draw,
    Expr,
    GlobalOp,
    Logic,
    Name,
    Neighbour,
    Not,
    Number,
    Sum,
    Unary,
)
from engram.language.trees import fold_up

__all__ = ["number_text", "to_text"]

_Part = tuple[str, int]  # text, level

# How tightly each kind of expression binds; the grammar's levels.
_OR, _AND, _NOT, _COMPARE, _SUM, _TERM, _FACTOR, _POWER, _ATOM = range(9)
_LEVELS = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _TERM, "/": _TERM, "^": _POWER}


def to_text(expr: Expr) -> str:
    """Return the canonical one-line text of an expression: ``parse(to_text(e)) == e``."""
    return fold_up(expr, _print)[0]


def number_text(value: float | int | bool) -> str:
    """Return the shortest text that reads back as exactly this number."""
    if isinstance(value, float) and math.isinf(value):
        return "-1e999" if value < 0 else "1e999"
    return repr(value)


def _print(expr: Expr, parts: list[_Part]) -> _Part:
    """Return the text of a node, given those of its children, and the level of its outermost operator."""
    match expr:
        case Number(value):
            text = number_text(value)
            return text, _FACTOR if text.startswith("-") else _ATOM
        case Name(name):
            return name, _ATOM
        case Neighbour(side, name):
            return f"{side}.{name}", _ATOM
        case Sum(target, side):
            return f"{'' if side == 'own' else side + '.'}sum({target or ''})", _ATOM
        case Unary(op):
            return op + _at(parts[0], _FACTOR), _FACTOR
        case Not():
            return "not " + _at(parts[0], _NOT), _NOT
        case Compare(op):
            return f"{_at(parts[0], _SUM)} {op} {_at(parts[1], _SUM)}", _COMPARE
        case Binary(op) | Logic(op):
            return _infix(op, parts[0], parts[1])
        case GlobalOp(name) | Call(name) | Cast(name) | Draw(name):
            return _call(name, parts)
        case Conditional():
            return _call("ite", parts)


def _at(part: _Part, level: int) -> str:
    """Return the text, in parentheses if it binds less tightly than ``level``."""
    return part[0] if part[1] >= level else f"({part[0]})"


def _infix(op: str, left: _Part, right: _Part) -> _Part:
    level = _LEVELS[op]
    if op == "^":  # to the right: a^b^c is a^(b^c), and -a^b is -(a^b)
        return f"{_at(left, _ATOM)}^{_at(right, _FACTOR)}", level
    space = "" if op in ("*", "/") else " "
    return f"{_at(left, level)}{space}{op}{space}{_at(right, level + 1)}", level


def _call(name: str, args: list[_Part]) -> _Part:
    return f"{name}({', '.join(text for text, _ in args)})", _ATOM
