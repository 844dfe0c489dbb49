"""``eg.Parameter`` and ``eg.Variable``: what may stand in place of a line of text.

Made by users and ready-made models; ``forms.py`` turns them into text. Alone here, since every script imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engram.callers import checked_calls

__all__ = ["Parameter", "Variable"]


@checked_calls
@dataclass(frozen=True)
class Parameter:
    """A parameter with its flags, as a value in a dictionary of parameters.

    Args:
        value: number, bool, name of a constant, or a distribution.
        locality: ``global``, ``semiglobal``, ``local``, or ``population``, ``projection``, ``postsynaptic``.
        type: ``float``, ``int``, ``bool``, as names or as types.
    """

    value: Any
    locality: str = "global"
    type: str | type = "float"


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
    """

    equation: str
    init: Any = None
    min: Any = None
    max: Any = None
    method: str | None = None
    locality: str = "local"
    type: str | type = "float"
