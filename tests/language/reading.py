"""Short ways into the language for tests."""

from __future__ import annotations

import math

from engram.language.nodes import Binary, Conditional, Expr, Name, Number, Unary
from engram.language.parts import raise_problems
from engram.language.resolve import Resolver
from engram.language.source import Block, Source
from engram.language.syntax import Statement, read_expression, read_statements

__all__ = ["evaluate", "expression", "statements"]


def expression(text: str) -> Expr:
    """Parse and resolve one expression, whatever names are in it."""
    source = Source("neuron", "", {"psp": Block("psp", text)})
    raw = read_expression(source, "psp")
    resolved = None if raw is None else Resolver(source, {}, {"E"}).resolve(raw)
    raise_problems(source)
    assert resolved is not None
    return resolved


def statements(text: str) -> list[Statement]:
    """Parse statements; raises what is wrong."""
    source = Source("neuron", "", {"equations": Block("equations", text)})
    found = read_statements(source, "equations")
    raise_problems(source)
    return found


def evaluate(expr: Expr, values: dict[str, float]) -> float:
    """Return the value of an arithmetic expression; nan where there is none."""
    match expr:
        case Number(value):
            return float(value)
        case Name(id):
            return values[id]
        case Unary(op, operand):
            value = evaluate(operand, values)
            return -value if op == "-" else value
        case Binary("/", left, right):
            below = evaluate(right, values)
            return evaluate(left, values) / below if below else math.nan
        case Binary(op, left, right):
            a, b = evaluate(left, values), evaluate(right, values)
            return {"+": a + b, "-": a - b, "*": a * b}[op] if op != "^" else a**b
        case Conditional():
            raise AssertionError
        case _:
            raise AssertionError(f"not arithmetic: {expr}")
