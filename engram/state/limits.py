"""What values a parameter may have: a table of rules, and the one function that compares values with a rule.

In: values that are to be set, wherever they come from: a model's text, Python, a parameters file. Out: the first that
the rule does not allow. Which parameter has which rule stands in the model's ``ModelSpec.limits``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["RULES", "Limit", "Rule", "first_misfit", "refusal"]


@dataclass(frozen=True)
class Rule:
    """What values are allowed.

    Args:
        words: after "must be", for messages.
        advice: what to type next.
        allows: compares a number, or an array element by element.
    """

    words: str
    advice: str
    allows: Callable[[Any], Any]


RULES = {
    "positive": Rule(
        "above 0",
        "any value above 0 will do, also a small one, such as 0.01, and inf.",
        lambda x: x > 0,
    ),
    "positive, finite": Rule(
        "above 0 and finite",
        "any finite value above 0 will do, also a small one, such as 0.01, or a large one, such as 1e12.",
        lambda x: (x > 0) & (x < np.inf),
    ),
    "divisor": Rule(
        "a number other than 0",
        "any other value will do, also a small one, such as 0.01, and inf.",
        lambda x: (x > 0) | (x < 0),
    ),
    "not negative": Rule("0 or above", "any value from 0 on will do.", lambda x: x >= 0),
    "share": Rule("from 0 to 1", "it is a share of a whole, such as 0.5.", lambda x: (x >= 0) & (x <= 1)),
    "period": Rule("0 or above", "0 means none.", lambda x: x >= 0),
    "number": Rule("a number", "give each element a number; no value may be missing.", lambda x: x == x),
}
"""What a rule is called -> what it allows. NaN is allowed by none."""


@dataclass(frozen=True)
class Limit:
    """The rule of one parameter.

    Args:
        name: of the parameter.
        rule: a name in :data:`RULES`.
        why: what asks for it: the text of the equation that it divides, or "" if the model says so.
    """

    name: str
    rule: str
    why: str = ""


def first_misfit(limit: Limit, values: Any) -> tuple[int, float] | None:
    """Return position and value of the first of some values, in C order, that is not allowed; None if all are."""
    allows = RULES[limit.rule].allows
    if not isinstance(values, np.ndarray) or values.ndim == 0:
        value = values.item() if isinstance(values, np.ndarray) else values
        return None if allows(value) else (0, value)
    allowed = allows(values)
    if allowed.all():
        return None
    position = int(np.argmin(allowed))
    return position, values.reshape(-1)[position].item()


def refusal(model: str, limit: Limit, value: float, where: str = "") -> InvalidArgument:
    """Return the error of a value that is not allowed.

    Args:
        model: its name.
        where: ``population 'exc', neuron 3``; "" where there is no object yet.
    """
    rule = RULES[limit.rule]
    because = f"\n  it divides in {limit.why}" if limit.why else ""
    place = f"\n  in {where}" if where else ""
    what = f"{model}: {limit.name} must be {rule.words}, got {told(value)}"
    return InvalidArgument(f"{what}{because}{place}\n  help: {rule.advice}")
