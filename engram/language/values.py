"""Values of parameters and initial values: text -> number, name or distribution.

In: raw expressions. Out: what a model's Parameter and Variable hold. Nothing is evaluated but numbers with ``+ - * /
^``, in float64, so that no text can ask for much work.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from engram.callers import plain_number
from engram.errors import EngramError
from engram.language.errors import BadValue, NotAvailable, UnknownName
from engram.language.hints import name_hint
from engram.language.model import Type
from engram.language.nodes import Binary, Call, Expr, Name, Number, Unary
from engram.language.scope import constant_advice
from engram.language.source import Source
from engram.language.trees import nodes_of
from engram.language.vocabulary import NUMBERS, UNITS, VALUE_DISTRIBUTIONS
from engram.state import distributions
from engram.state.distributions import Distribution
from engram.telling import told

__all__ = ["Value", "convert", "fold", "read_value"]

_OPERATORS: dict[str, Callable[[float, float], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}

Value = float | int | bool | str | Distribution


def fold(expr: Expr) -> float | int | bool | None:
    """Return the value of an expression of numbers, ``pi`` and ``E``; None if it is another, or has no finite value."""
    match expr:
        case Number(value):
            return value if math.isfinite(value) else None
        case Name(id):
            return NUMBERS.get(id)
        case Unary(op, operand):
            inner = fold(operand)
            return None if inner is None else -inner if op == "-" else +inner
        case Binary(op, left, right):
            return _arithmetic(op, fold(left), fold(right))
        case _:
            return None


def read_value(source: Source, raw: Expr, names: set[str], what: str) -> Value | None:
    """Return the value that ``raw`` describes; None when it is wrong, which is then reported.

    Args:
        source: takes the problems.
        raw: the expression, calls unresolved.
        names: what a name may refer to.
        what: the thing that has the value, for messages: ``the value of 'tau'``.
    """
    if isinstance(raw, Name) and raw.id.startswith("'"):
        return _extra_value(source, raw, names)
    if isinstance(raw, Name) and raw.id in names:
        return raw.id
    if raw.span.block == "parameters" and (infinite := _infinity(raw)) is not None:
        return infinite  # a time constant of infinity is a limit: nothing decays
    if isinstance(raw, Name) and raw.id == "nan":
        said, advice = f"{what} must be a number, not nan", "give one; parameters alone can be 'inf'."
        source.report(BadValue(said, source.place(raw.span), advice=advice, identifier=raw.id))
        return None
    if isinstance(raw, Name) and raw.id not in NUMBERS:
        if raw.id not in source.assumed:
            message, hint, advice = (
                f"unknown name '{raw.id}' as {what}",
                name_hint(raw.id, names),
                constant_advice(raw.id),
            )
            place, may_come = source.place(raw.span), bool(advice) and not hint
            source.report(UnknownName(message, place, raw.id, tuple(names), advice, hint, may_come))
        return None
    if isinstance(raw, Call) and raw.function in VALUE_DISTRIBUTIONS:
        return _distribution(source, raw)
    value = fold(raw)
    if value is None:
        message = f"{what} must be a finite number, a name or a distribution"
        advice = "compute it in Python and give the number, or make it a variable."
        advice = next((name_hint(n.id) for n in nodes_of(raw) if isinstance(n, Name) and n.id in UNITS), advice)
        source.report(BadValue(message, source.place(raw.span), advice=advice))
    return value


def _infinity(raw: Expr) -> float | None:
    """Return the value of ``inf``, ``+inf`` and ``-inf``; None of anything else."""
    match raw:
        case Name("inf"):
            return math.inf
        case Unary(op, Name("inf")):
            return -math.inf if op == "-" else math.inf
        case _:
            return None


def _extra_value(source: Source, raw: Name, names: set[str]) -> Value | None:
    """Return what a name in quotes stands for."""
    name = raw.id.strip("'")
    given = source.extra_values.get(name)
    value = given if isinstance(given, str | Distribution) else _plain(given)
    if raw.span.block == "parameters" and value is None and name in source.extra_values:
        message = f"extra_values['{name}'] must be a number, a name or a distribution"
        details = (f"got: {type(given).__name__}: {told(given)}",)
        source.report(BadValue(message, source.place(raw.span), details, identifier=name))
        return None
    if isinstance(value, str) and value not in names:
        of_constant = constant_advice(value) if value.isidentifier() else ""
        message = f"extra_values['{name}'] must be a number, a distribution or a constant, not {told(value)}"
        advice, may_come = of_constant or "give the number itself.", bool(of_constant)
        place = source.place(raw.span)
        source.report(UnknownName(message, place, value, tuple(names), advice, may_come=may_come))
        return None
    if raw.span.block == "parameters" and value is not None:
        return value
    place, known = source.place(raw.span), tuple(source.extra_values)
    if raw.span.block != "parameters":
        what, hint = f"a name in quotes, {raw.id}, can be the value of a parameter only", "write it without quotes."
    else:
        what, hint = f"{raw.id} is not one of extra_values", ""
    advice = f"give its value: extra_values={{'{name}': ...}}, or write the value in its place."
    source.report(UnknownName(what, place, name, known, advice, hint))
    return None


def _plain(value: Any) -> float | int | bool | None:
    """Return the number or truth value that a value of the user's is; None if it is none."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    number = plain_number(value)
    return number if number is None or isinstance(number, int) else float(number)


def convert(source: Source, value: Value, kind: Type, raw: Expr, what: str) -> Value:
    """Return a number as the type of its attribute; names and distributions stay. A misfit is reported."""
    if isinstance(value, str):
        return value
    if isinstance(value, Distribution):
        if kind != "float" and not value.gives_whole_numbers:
            advice = "DiscreteUniform, Binomial and Poisson give whole numbers."
            said = f"{what} must be {kind}, got {told(value, 80)}"
            source.report(BadValue(said, source.place(raw.span), advice=advice))
        return value
    if kind == "float":
        return float(value)
    fits = value in (0, 1) if kind == "bool" else float(value).is_integer() and abs(value) < 2**63
    if not fits:
        advice = "a bool is True or False." if kind == "bool" else "give a whole number, or leave out the flag 'int'."
        source.report(BadValue(f"{what} must be {kind}, got {value}", source.place(raw.span), advice=advice))
        return value
    return bool(value) if kind == "bool" else int(value)


def _arithmetic(op: str, left: float | None, right: float | None) -> float | None:
    """Return ``left op right`` in float64; None when it has no finite value."""
    if left is None or right is None:
        return None
    a, b = float(left), float(right)
    try:
        value = _OPERATORS[op](a, b)
    except (ZeroDivisionError, OverflowError):
        return None
    return value if isinstance(value, float) and math.isfinite(value) else None


def _distribution(source: Source, call: Call) -> Distribution | None:
    """Return the object that ``Uniform(0, 1)`` or ``Normal(0, 1, min=0)`` describes."""
    args: list[Any] = []
    keywords: dict[str, Any] = {}
    for argument in call.args:
        keyword = ""
        if isinstance(argument, Call) and argument.function.endswith("="):
            keyword, argument = argument.function[:-1], argument.args[0]
        value = fold(argument)
        if value is None:
            what = f"arguments of {call.function}() as a value must be numbers"
            advice = "write the numbers themselves; equations draw with any arguments."
            source.report(BadValue(what, source.place(argument.span), advice=advice, identifier=call.function))
            return None
        if keyword:
            keywords[keyword] = value
        else:
            args.append(value)
    kind: Any = getattr(distributions, call.function, None)
    if kind is None:
        what = f"{call.function}() as a value is not available yet"
        source.report(NotAvailable(what, source.place(call.span), identifier=call.function))
        return None
    return _make(source, call, kind, args, keywords)


def _make(source: Source, call: Call, kind: Any, args: list[Any], keywords: dict[str, Any]) -> Distribution | None:
    allowed, _ = VALUE_DISTRIBUTIONS[call.function]
    wrong = [k for k in keywords if k not in allowed]
    if wrong or len(args) > len([name for name in allowed if name != "redraw"]):  # in Python too it must be named
        what = f"{call.function}() takes the arguments {', '.join(allowed)}"
        source.report(BadValue(what, source.place(call.span), identifier=call.function))
        return None
    try:
        made = kind(**dict(zip(allowed, args, strict=False)), **keywords)
    except (EngramError, ValueError, TypeError) as error:
        what, *lines = [line.strip() for line in str(error).splitlines()]
        advice = " ".join(line.removeprefix("help: ") for line in lines if line.startswith("help: "))
        details = tuple(line for line in lines if not line.startswith("help: "))
        source.report(BadValue(what, source.place(call.span), details, advice, call.function))
        return None
    return made if isinstance(made, Distribution) else None
