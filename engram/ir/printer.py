"""Kernels -> text that people read: the formulas that a step carries out, in the order in which it does.

In: kernels of ``ir/nodes.py``. Out: lines in the notation of equations. What was taken out of the loop is put back in
its place, so that a formula stands together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engram.ir.nodes import Const, Entry, Expr, Kernel, Lookup, Operation, Random, Read, Set
from engram.language.printer import number_text

__all__ = ["expression_text", "formulas"]

_Part = tuple[str, int]  # text, level

_OR, _AND, _NOT, _COMPARE, _SUM, _TERM, _FACTOR, _ATOM = range(8)
_INFIX = {
    **{op: (f" {op} ", level) for op, level in (("or", _OR), ("and", _AND), ("+", _SUM), ("-", _SUM))},
    **{op: (f" {op} ", _COMPARE) for op in ("<", "<=", ">", ">=", "==", "!=")},
    **{op: (op, _TERM) for op in ("*", "/")},
}
_SHARED = "shared."  # locals of ir/hoist.py
_UNSEEN = ("float", "int", "bool", "not_negative", "positive")  # types, and what arguments of draws may be
_NAMES = {"select": "ite", "larger": "max", "smaller": "min"}


def formulas(kernel: Kernel) -> list[str]:
    """Return what a kernel does, one line each, in the order in which it does it."""
    shared: dict[str, Expr] = {}
    lines = []
    for statement in kernel.prelude:
        if statement.symbol.startswith(_SHARED):
            shared[statement.symbol] = statement.value
        else:
            lines.append(_assignment(statement, shared))
    lines += _block("", (*kernel.row_begin, *kernel.body), shared)
    if kernel.result is not None:
        lines.append(f"{kernel.into} = {kernel.operation} over synapses of {expression_text(kernel.result, shared)}")
    for condition, reset in ((kernel.spike, kernel.reset), (kernel.axon_spike, kernel.axon_reset)):
        if condition is not None:
            what = "spike" if condition is kernel.spike else "axonal spike"
            lines.append(f"{what} if {expression_text(condition, shared)}")
            lines += _block("then", reset, shared)
    return lines + _block("after the last synapse of the neuron", kernel.row_end, shared)


def expression_text(expr: Expr, shared: Mapping[str, Expr] | None = None) -> str:
    """Return an expression on one line.

    Args:
        shared: expressions that stand for the locals of these names.
    """
    return _print(expr, shared or {})[0]


def _block(title: str, statements: Sequence[Set], shared: Mapping[str, Expr]) -> list[str]:
    """Return assignments under a title; nothing for a title without any."""
    lines = [_assignment(s, shared) for s in statements]
    return [f"{title}:", *(f"    {line}" for line in lines)] if title and lines else lines


def _assignment(statement: Set, shared: Mapping[str, Expr]) -> str:
    return f"{statement.symbol} = {expression_text(statement.value, shared)}"


def _print(expr: Expr, shared: Mapping[str, Expr]) -> _Part:
    """Return the text of an expression and the level of its outermost operator."""
    match expr:
        case Const(value):
            text = number_text(value)
            return text, _FACTOR if text.startswith("-") else _ATOM
        case Read(symbol):
            return _print(shared[symbol], shared) if symbol in shared else (symbol, _ATOM)
        case Entry(symbol, number):
            return f"{symbol}[{number}]", _ATOM
        case Random(draw, args):
            given = ", ".join(_print(a, shared)[0] for a in args)
            return f"{draw.kind}_{draw.number}({given})", _ATOM
        case Lookup(table, index, Const()):
            return f"{table}[{_print(index, shared)[0]}]", _ATOM
        case Lookup(_, _, beyond):
            return _print(beyond, shared)  # which is what stands in the table
        case Operation(name, args):
            return _operation(name, [_print(a, shared) for a in args])


def _operation(name: str, parts: list[_Part]) -> _Part:
    if name in _INFIX:
        sign, level = _INFIX[name]
        return f"{_at(parts[0], level)}{sign}{_at(parts[1], level + 1)}", level
    if name == "neg":
        return "-" + _at(parts[0], _TERM), _FACTOR
    if name == "not":
        return "not " + _at(parts[0], _NOT), _NOT
    if name in _UNSEEN:
        return parts[0]  # they stand in the C below
    return f"{_NAMES.get(name, name)}({', '.join(text for text, _ in parts)})", _ATOM


def _at(part: _Part, level: int) -> str:
    """Return the text, in parentheses if it binds less tightly than ``level``."""
    return part[0] if part[1] >= level else f"({part[0]})"
