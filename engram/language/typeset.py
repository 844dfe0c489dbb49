"""Expressions and statements -> mathematics in LaTeX, as few parentheses as possible.

In: trees. Out: text for LaTeX's math mode that Markdown with mathematics shows as well: products are ``\\cdot`` and
rows end with ``\\cr``, because Markdown would take the backslash from ``\\,`` and ``\\\\``. It is printed from the
tree and never copied from a source, so that nothing of a model's text can reach a report as a command.
"""

from __future__ import annotations

import math
from dataclasses import replace

from engram.language.model import Assign, Model, Ode
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
from engram.language.resolve import Resolver
from engram.language.source import Block, Source
from engram.language.symbols import symbol
from engram.language.syntax import read_statements
from engram.language.trees import fold_up, rewrite
from engram.language.vocabulary import NUMBERS

__all__ = ["to_latex", "typeset_assignment", "typeset_ode"]

_Part = tuple[str, int]  # text, level

# How tightly each kind of expression binds.
_CASES, _OR, _AND, _NOT, _COMPARE, _SUM, _SIGN, _TERM, _FACTOR, _POWER, _ATOM = range(11)
_RELATIONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_LOGIC = {"and": (r"\land", _AND), "or": (r"\lor", _OR)}
_FUNCTIONS = {
    **{f: "\\" + f for f in ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"a{f}": rf"\arc{f}" for f in ("sin", "cos", "tan")},
    "log": r"\ln",
    "log10": r"\log_{10}",
}
_AROUND = {
    "sqrt": (r"\sqrt{", "}"),
    "abs": (r"\left\lvert ", r" \right\rvert"),
    "floor": (r"\left\lfloor ", r" \right\rfloor"),
    "ceil": (r"\left\lceil ", r" \right\rceil"),
    "pos": (r"\left[", r"\right]^{+}"),
    "neg": (r"\left[", r"\right]^{-}"),
}
_REDUCTIONS = {
    "norm1": (r"\left\lVert ", r" \right\rVert_1"),
    "norm2": (r"\left\lVert ", r" \right\rVert_2"),
}


def to_latex(expr: Expr) -> str:
    """Return an expression for LaTeX's math mode."""
    return fold_up(rewrite(expr, _lift_sign), _print)[0]


def typeset_assignment(statement: Assign, is_event: bool = False) -> str:
    """Return ``x = e``; where something happens (``x += e``, or at an event) ``x \\leftarrow x + e``."""
    value = statement.value
    if statement.op != "=":
        operator = next(op for op in ("+", "-", "*", "/") if op == statement.op[0])
        value = Binary(operator, Name(statement.name), value)  # type: ignore[arg-type]  # one of the four
    arrow = r"\leftarrow" if is_event or statement.op != "=" else "="
    return f"{symbol(statement.name)} {arrow} {to_latex(value)}"


def typeset_ode(ode: Ode, model: Model) -> str:
    """Return a differential equation as it was written: ``tau*dv/dt = -v``, not solved for the derivative."""
    source = Source(model.kind, model.name, {"equations": Block("equations", ode.text)})
    statements = read_statements(source, "equations")
    resolver = Resolver(source, {f.name: f.arguments for f in model.functions}, set(NUMBERS))
    if len(statements) != 1 or source.problems:  # canonical text always parses; should it ever not, say the same
        return rf"\frac{{d{symbol(ode.name)}}}{{dt}} = {to_latex(ode.rate)}"
    left, right = resolver.resolve(statements[0].left), resolver.resolve(statements[0].right)
    return f"{to_latex(left)} = {to_latex(right)}"


def _lift_sign(expr: Expr) -> Expr:
    """Return ``-(a*b)`` for ``-a*b`` and ``-(a/b)`` for ``-a/b``, which are the same numbers and easier to read."""
    match expr:
        case Binary("*" | "/", Unary("-", left), right):
            return Unary("-", replace(expr, left=left, right=right))
        case _:
            return expr


def _print(expr: Expr, parts: list[_Part]) -> _Part:
    """Return the text of a node, given those of its children, and how tightly its outermost operator binds."""
    match expr:
        case Number(value):
            return _number(value)
        case Name(id) if id.endswith("/dt"):
            return rf"\frac{{d{symbol(id[1:-3])}}}{{dt}}", _FACTOR
        case Name(id):
            return symbol(id), _ATOM
        case Neighbour(side, name):
            return rf"{symbol(name)}^{{\mathrm{{{side}}}}}", _POWER
        case Sum(target, side):
            above = "" if side == "own" else rf"^{{\mathrm{{{side}}}}}"
            return _call(rf"\operatorname{{sum}}{above}", [symbol(target) if target else ""])
        case Unary(op):
            return ("-" + _at(parts[0], _TERM), _SIGN) if op == "-" else parts[0]
        case Not():
            return r"\lnot " + _at(parts[0], _ATOM), _NOT
        case Compare(op):
            return f"{_at(parts[0], _SUM)} {_RELATIONS[op]} {_at(parts[1], _SUM)}", _COMPARE
        case Logic(op):
            sign, level = _LOGIC[op]
            return f"{_at(parts[0], level)} {sign} {_at(parts[1], level)}", level
        case Binary(op):
            return _arithmetic(op, *parts)
        case Item():
            return rf"{parts[0][0]}\left[{parts[1][0]}\right]", _ATOM
        case Conditional():
            return _cases(expr, [text for text, _ in parts])
        case GlobalOp(name) if name in _REDUCTIONS:
            return _around(_REDUCTIONS[name], parts[0])
        case GlobalOp(name) | Call(name) | Cast(name) | Draw(name):
            return _function(name, parts)


def _number(value: float | int | bool) -> _Part:
    if isinstance(value, bool):
        return rf"\mathrm{{{str(value).lower()}}}", _ATOM
    if value in _CONSTANTS:
        return _CONSTANTS[value], _ATOM
    if math.isnan(value):
        return r"\mathrm{NaN}", _ATOM
    sign, level = ("-", _SIGN) if math.copysign(1.0, value) < 0 else ("", _ATOM)
    if math.isinf(value):
        return sign + r"\infty", level
    digits, e, exponent = repr(abs(value)).partition("e")
    digits = digits.removesuffix(".0")
    if not e:
        return sign + digits, level
    power = f"10^{{{int(exponent)}}}"
    return sign + (power if digits == "1" else rf"{digits} \times {power}"), level if sign else _TERM


_CONSTANTS = {NUMBERS["pi"]: r"\pi", NUMBERS["E"]: r"\mathrm{e}"}


def _at(part: _Part, level: int) -> str:
    """Return the text, in parentheses if it binds less tightly than ``level``."""
    return part[0] if part[1] >= level else rf"\left({part[0]}\right)"


def _arithmetic(op: str, left: _Part, right: _Part) -> _Part:
    match op:
        case "^":
            return f"{_at(left, _ATOM)}^{{{right[0]}}}", _POWER
        case "/":
            return rf"\frac{{{left[0]}}}{{{right[0]}}}", _FACTOR
        case "*":
            return rf"{_at(left, _TERM)} \cdot {_at(right, _TERM)}", _TERM
        case "+" if right[1] == _SUM:
            return f"{_at(left, _SUM)} + {right[0]}", _SUM
        case _:
            return f"{_at(left, _SUM)} {op} {_at(right, _TERM)}", _SUM


def _cases(expr: Conditional, parts: list[str]) -> _Part:
    """Return one brace for a whole chain of ``if ... else if ... else``."""
    condition, then, otherwise = parts
    rows = rf"{then} & \text{{if }} {condition} \cr "
    begin, end = r"\begin{cases} ", r" \end{cases}"
    if isinstance(expr.otherwise, Conditional):
        rest = otherwise.removeprefix(begin).removesuffix(end)
    else:
        rest = rf"{otherwise} & \text{{otherwise}}"
    return begin + rows + rest + end, _CASES


def _function(name: str, parts: list[_Part]) -> _Part:
    if name in ("pow", "power"):
        return _arithmetic("^", *parts)
    if name == "modulo":
        return rf"{_at(parts[0], _TERM)} \bmod {_at(parts[1], _ATOM)}", _COMPARE
    if name in _AROUND:
        return _around(_AROUND[name], parts[0])
    plain = rf"\operatorname{{{name}}}" if name.isalpha() and len(name) > 1 else symbol(name)
    return _call(_FUNCTIONS.get(name, plain), [text for text, _ in parts])


def _around(brackets: tuple[str, str], part: _Part) -> _Part:
    return brackets[0] + part[0] + brackets[1], _POWER if brackets[1].endswith("}") and "^" in brackets[1] else _ATOM


def _call(function: str, arguments: list[str]) -> _Part:
    return rf"{function}\left({', '.join(arguments)}\right)", _POWER
