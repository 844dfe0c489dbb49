"""``eg.Parameter``, ``eg.Variable``, ``eg.Pruning`` and ``eg.Creating``: what may stand in place of a line of text.

Made by users and ready-made models; ``forms.py`` turns them into text. Alone here, since every script imports it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from engram.callers import checked_calls, plain_float
from engram.errors import InvalidArgument
from engram.language.legible import check_condition
from engram.telling import told

__all__ = ["Creating", "Parameter", "Pruning", "Variable", "must_be"]

_LOCALITIES = ("local", "semiglobal", "global", "population", "projection", "postsynaptic")
_TYPES = ("float", "int", "bool")
_COMMENT = re.compile(r"#[^\n]*")
_FLAGGED = re.compile(r":\s*((?:proba|w|d)\s*=(?!=)[^:]*)\Z")
_FLAGS = {"proba": "a number from 0 to 1", "w": "a finite number", "d": "a number of ms, 0 or more"}


@checked_calls
@dataclass(frozen=True)
class Parameter:
    """A parameter with its flags, as a value in a dictionary of parameters.

    Args:
        value: number, bool, name of a constant, or a distribution.
        locality: ``global``, ``semiglobal``, ``local``, or ``population``, ``projection``, ``postsynaptic``.
        type: ``float``, ``int``, ``bool``, as names or as types.

    Raises:
        InvalidArgument: if there is no value, or the locality or type does not exist.
    """

    value: Any
    locality: str = "global"
    type: str | type = "float"

    def __post_init__(self) -> None:
        if self.value is None:
            raise InvalidArgument("Parameter(): value must be a number, a name or a distribution, not None")
        _check("Parameter", self.locality, self.type)


@checked_calls
@dataclass(frozen=True)
class Variable:
    """One equation with its flags, in place of a line of text.

    Args:
        equation: one statement, without flags.
        init: number, bool, name of a parameter or constant, or a distribution.
        min, max: number, or an expression of attributes.
        method: numerical method, if the statement is an ODE.
        locality: as in :class:`Parameter`.
        type: ``float``, ``int``, ``bool``, as names or as types.
        refractory: of a spiking neuron's equation: ``unless`` if it holds while the neuron is refractory, ``while`` if
            it goes on.

    Raises:
        InvalidArgument: if the locality, the type or the word for refractoriness does not exist.
    """

    equation: str
    init: Any = None
    min: Any = None
    max: Any = None
    method: str | None = None
    locality: str = "local"
    type: str | type = "float"
    refractory: str | None = None

    def __post_init__(self) -> None:
        _check("Variable", self.locality, self.type)
        if self.refractory not in (None, "unless", "while"):
            what = f"Variable(): refractory must be 'unless' or 'while', not {told(self.refractory)}"
            advice = "'unless' lets the equation hold while its neuron is refractory, 'while' lets it go on."
            raise InvalidArgument(f"{what}\n  help: {advice}")


@checked_calls
@dataclass(frozen=True)
class Pruning:
    """When synapses go, in place of ``pruning="age > T : proba=0.5"``.

    Args:
        equation: the condition, without flags.
        proba: with which probability a synapse goes where it is true.

    Raises:
        InvalidArgument: if the probability can't be one.
        LanguageError: if the condition can't be read.
    """

    equation: str
    proba: float = 1.0

    def __post_init__(self) -> None:
        _check_flags(self, "proba")

    def __str__(self) -> str:
        return f"{_ended(self.equation)} : proba={self.proba!r}"


@checked_calls
@dataclass(frozen=True)
class Creating:
    """Where synapses come, in place of ``creating="pre.r*post.r > 0.9 : proba=0.1, w=1.0"``.

    Args:
        equation: the condition, without flags.
        proba: with which probability a pair gets a synapse where it is true.
        w: the weight of new synapses.
        d: their delay in ms; None: that of all synapses, or one step where they have several.

    Raises:
        InvalidArgument: if a number can't be what it is for.
        LanguageError: if the condition can't be read.
    """

    equation: str
    proba: float = 1.0
    w: float = 0.0
    d: float | None = None

    def __post_init__(self) -> None:
        _check_flags(self, "proba", "w", *([] if self.d is None else ["d"]))

    def __str__(self) -> str:
        late = "" if self.d is None else f", d={self.d!r}"
        return f"{_ended(self.equation)} : proba={self.proba!r}, w={self.w!r}{late}"


def must_be(flag: str, number: float) -> str:
    """Return what the flag of a rule must be, in words, where a number is not that; empty if it is."""
    highest = 1.0 if flag == "proba" else math.inf
    is_right = math.isfinite(number) and (flag == "w" or 0.0 <= number <= highest)
    return "" if is_right else _FLAGS[flag]


def _ended(condition: str) -> str:
    """Return a condition behind which flags may stand: not in the line of a comment."""
    return f"{condition}\n   " if "#" in condition else condition


def _check_flags(rule: Pruning | Creating, *flags: str) -> None:
    """Refuse what flags can't be, and flags in the condition; keep plain numbers, which the text can say."""
    call = type(rule).__name__
    flagged = _FLAGGED.search(rule.equation)
    condition = rule.equation[: flagged.start()] if flagged else rule.equation
    if not _COMMENT.sub("", condition).strip():
        example = "w < 0.1" if isinstance(rule, Pruning) else "pre.r > 0.9"
        raise InvalidArgument(f"{call}(): the condition is empty\n  help: write it: {call}('{example}', proba=0.5).")
    if flagged:
        advice = f"here they are arguments: {call}({condition.strip()!r}, {flagged[1].strip()})."
        raise InvalidArgument(f"{call}(): flags behind a colon are of texts\n  help: {advice}")
    check_condition(call, rule.equation)
    for flag in flags:
        given = getattr(rule, flag)
        number = plain_float(given)
        if allowed := must_be(flag, math.nan if number is None else number):
            what = f"{call}(): {flag!r} must be {allowed}, not {told(given)}"
            raise InvalidArgument(f"{what}\n  help: write e.g. {flag}=0.5.")
        object.__setattr__(rule, flag, number)


def _check(what: str, locality: Any, kind: Any) -> None:
    """Refuse a locality or type that does not exist."""
    if locality not in _LOCALITIES:
        raise InvalidArgument(f"{what}(): locality must be one of {', '.join(_LOCALITIES)}, not {told(locality)}")
    if (kind.__name__ if isinstance(kind, type) else kind) not in _TYPES:
        raise InvalidArgument(f"{what}(): type must be float, int or bool, not {told(kind)}")
