"""Differences of times, ``t - t_last`` and its like: taken in whole steps, which are exact however long a run is.

As numbers of milliseconds both grow with the run, and their difference keeps the rounding errors of large numbers: in
float32 it is a whole step wrong after half an hour. So wherever times cancel out of a sum or a comparison, the steps
are subtracted and the difference is rounded once.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from engram.language.linear import REST, combination, negate, subtract
from engram.language.nodes import Binary, Compare, Expr, Name, Number, Unary
from engram.language.trees import nodes_of

__all__ = ["TIMES", "Difference", "difference"]

TIMES = ("t", "t_last", "t_pre", "t_post")
ONE = Number(1)


class Difference(NamedTuple):
    """A sum in which times cancel out: ``factor*(sum of counts*times) + rest``.

    The counts, by the name of the time, are whole numbers and add up to 0; no time is in ``factor`` and ``rest``.
    """

    counts: dict[str, int]
    factor: Expr
    rest: Expr


def difference(expr: Expr) -> Difference | None:
    """Return a sum, a difference or (as left minus right side) a comparison as a difference of times.

    None if it is none, or if one of its parts is: then that part is exact, and the sum is left as it is written.
    """
    match expr:
        case Binary("+" | "-", left, right):
            whole: Expr = expr
        case Compare(_, left, right):
            whole = subtract(left, right)
        case _:
            return None
    sides = [{node.id for node in nodes_of(side) if isinstance(node, Name)} & {*TIMES} for side in (left, right)]
    if len(sides[0] | sides[1]) < 2:
        return None
    parts = combination(whole, TIMES)
    if parts is None:
        return None
    rest = parts.pop(REST)
    counts = {name: n for name, value in parts.items() if (n := _whole(value)) != 0}
    if None not in counts.values():
        whole_counts = {name: n for name, n in counts.items() if n is not None}
        return Difference(whole_counts, ONE, rest) if whole_counts and sum(whole_counts.values()) == 0 else None
    if len(sides[0]) == len(sides[1]) == 1:  # t/tau - t_last/tau
        (one, value), (other, opposite) = parts.items()
        if opposite == negate(value) or value == negate(opposite):
            return Difference({one: 1, other: -1}, value, rest)
    return None


def _whole(expr: Expr) -> int | None:
    """Return the value of a whole number that is made of literals; None for anything else."""
    match expr:
        case Number(value) if not isinstance(value, bool) and math.isfinite(value) and value == int(value):
            return int(value)
        case Unary("-", operand):
            below = _whole(operand)
            return None if below is None else -below
        case Binary("+" | "-" | "*" as op, left, right):
            a, b = _whole(left), _whole(right)
            if a is None or b is None:
                return None
            return a * b if op == "*" else a + b if op == "+" else a - b
        case _:
            return None
