"""Expressions -> canonical text: one line, ASCII, as few parentheses as possible.

In: trees. Out: text that parses to an equal tree. It is printed from the tree and never copied from a source, so that
nothing but names, numbers and operators can reach a comment in C, a file or a report.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from engram.language.chains import LONGEST
from engram.language.nodes import (
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
    Number,
    Sum,
    Unary,
)
from engram.language.trees import fold_up

__all__ = ["number_text", "to_text"]


class _Part(NamedTuple):
    """Text, how tightly its outermost operator binds, and how many operators like it stand in a row there."""

    text: str
    level: int
    in_a_row: tuple[str, int] = ("", 0)


# How tightly each kind of expression binds; the grammar's levels.
_OR, _AND, _NOT, _COMPARE, _SUM, _TERM, _FACTOR, _POWER, _ATOM = range(9)
_LEVELS = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _TERM, "/": _TERM, "^": _POWER}
_ROWS = {"+": "+", "-": "+", "*": "*", "and": "and", "or": "or"}  # operators that ``chains.py`` counts together
_LIKE_DERIVATIVE = re.compile(r"(?<![A-Za-z0-9_.])d(?!t\Z)[A-Za-z_][A-Za-z0-9_]*\Z")  # if `/dt` follows
_LIKE_DT = re.compile(r"dt\b")


def to_text(expr: Expr) -> str:
    """Return the canonical one-line text of an expression: ``parse(to_text(e)) == e``."""
    return fold_up(expr, _print).text


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
            return _Part(text, _FACTOR if text.startswith("-") else _ATOM)
        case Name(name):
            return _Part(name, _ATOM)
        case Neighbour(side, name):
            return _Part(f"{side}.{name}", _ATOM)
        case Sum(target, side):
            return _Part(f"{'' if side == 'own' else side + '.'}sum({target or ''})", _ATOM)
        case Unary(op):
            return _Part(op + _at(parts[0], _FACTOR), _FACTOR)
        case Not():
            return _Part("not " + _at(parts[0], _NOT), _NOT)
        case Compare(op):
            return _Part(f"{_at(parts[0], _SUM)} {op} {_at(parts[1], _SUM)}", _COMPARE)
        case Binary(op) | Logic(op):
            return _infix(op, parts[0], parts[1])
        case GlobalOp(name) | Call(name) | Cast(name) | Draw(name):
            return _call(name, parts)
        case Item():
            return _Part(f"{parts[0].text}[{parts[1].text}]", _ATOM)
        case Conditional():
            return _call("ite", parts)


def _at(part: _Part, level: int) -> str:
    """Return the text, in parentheses if it binds less tightly than ``level``."""
    return part.text if part.level >= level else f"({part.text})"


def _infix(op: str, left: _Part, right: _Part) -> _Part:
    level = _LEVELS[op]
    if op == "^":  # to the right: a^b^c is a^(b^c), and -a^b is -(a^b)
        return _Part(f"{_at(left, _ATOM)}^{_at(right, _FACTOR)}", level)
    row, before = left.in_a_row
    count = before if row == _ROWS.get(op) else 0
    is_full = count >= LONGEST  # read again it would be cut elsewhere, were it not in parentheses
    start, end = _at(left, _ATOM if is_full else level), _at(right, level + 1)
    if op == "/" and _LIKE_DT.match(end) and _LIKE_DERIVATIVE.search(start):
        end = f"({end})"
    space = "" if op in ("*", "/") else " "
    return _Part(f"{start}{space}{op}{space}{end}", level, (_ROWS.get(op, ""), 1 if is_full else count + 1))


def _call(name: str, args: list[_Part]) -> _Part:
    return _Part(f"{name}({', '.join(arg.text for arg in args)})", _ATOM)
