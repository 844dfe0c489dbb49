"""Expressions -> canonical text: one line, ASCII, as few parentheses as possible.

In: trees. Out: text that parses to an equal tree. It is printed from the tree and never copied from a source, so that
nothing but names, numbers and operators can reach a comment in C, a file or a report.
"""

from __future__ import annotations

import math

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
    Number,
    Sum,
    Unary,
)

__all__ = ["number_text", "to_text"]

# How tightly each kind of expression binds; the grammar's levels.
_OR, _AND, _NOT, _COMPARE, _SUM, _TERM, _FACTOR, _POWER, _ATOM = range(9)
_LEVELS = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _TERM, "/": _TERM, "^": _POWER}


def to_text(expr: Expr) -> str:
    """Return the canonical one-line text of an expression: ``parse(to_text(e)) == e``."""
    return _print(expr)[0]


def number_text(value: float | int | bool) -> str:
    """Return the shortest text that reads back as exactly this number."""
    if isinstance(value, float) and math.isinf(value):
        return "-1e999" if value < 0 else "1e999"
    return repr(value)


def _print(expr: Expr) -> tuple[str, int]:
    """Return the text and the level of its outermost operator."""
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
        case Unary(op, operand):
            return op + _at(operand, _FACTOR), _FACTOR
        case Not(operand):
            return "not " + _at(operand, _NOT), _NOT
        case Compare(op, left, right):
            return f"{_at(left, _SUM)} {op} {_at(right, _SUM)}", _COMPARE
        case Binary() | Logic():
            return _infix(expr)
        case GlobalOp(op, operand):
            return f"{op}({_print(operand)[0]})", _ATOM
        case Conditional():
            return _call("ite", (expr.condition, expr.then, expr.otherwise)), _ATOM
        case Call():
            return _call(expr.function, expr.args), _ATOM
        case Draw():
            return _call(expr.distribution, expr.args), _ATOM


def _at(expr: Expr, level: int) -> str:
    """Return the text, in parentheses if it binds less tightly than ``level``."""
    text, own = _print(expr)
    return text if own >= level else f"({text})"


def _infix(expr: Binary | Logic) -> tuple[str, int]:
    level = _LEVELS[expr.op]
    if expr.op == "^":  # to the right: a^b^c is a^(b^c), and -a^b is -(a^b)
        return f"{_at(expr.left, _ATOM)}^{_at(expr.right, _FACTOR)}", level
    space = "" if expr.op in "*/" else " "
    return f"{_at(expr.left, level)}{space}{expr.op}{space}{_at(expr.right, level + 1)}", level


def _call(name: str, args: tuple[Expr, ...]) -> str:
    return f"{name}({', '.join(_print(a)[0] for a in args)})"
