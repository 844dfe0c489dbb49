"""The abstract syntax of expressions: what equation text becomes, each node with the place it came from.

In: nothing; these are plain frozen dataclasses. Out: trees that ``language/check.py`` examines and ``ir`` lowers.
``span`` takes no part in comparison, so that equal text in two places gives equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "NOWHERE",
    "Binary",
    "Call",
    "Cast",
    "Compare",
    "Conditional",
    "Draw",
    "Expr",
    "GlobalOp",
    "Item",
    "Logic",
    "Name",
    "Neighbour",
    "Not",
    "Number",
    "Span",
    "Sum",
    "Unary",
]


@dataclass(frozen=True)
class Span:
    """A part of one source text: offsets into it, end exclusive.

    ``block`` names the text: ``equations``, ``pre_spike``, ``parameters`` ...
    """

    block: str
    start: int
    end: int


NOWHERE = Span("", 0, 0)


@dataclass(frozen=True)
class Number:
    """A literal. ``True`` and ``False`` are literals of type bool."""

    value: float | int | bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Name:
    """A name: attribute, constant, function argument, ``t``, ``dt``, ``t_last``, ``t_pre``, ``t_post``, ``g_exc``.

    In synapses ``g_target`` stands for the conductance of whatever target the projection has.
    """

    id: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Neighbour:
    """``pre.x`` or ``post.x`` in a synapse."""

    side: Literal["pre", "post"]
    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Sum:
    """``sum(exc)``, ``sum()`` (target None), ``pre.sum(exc)``, ``post.sum(exc)``."""

    target: str | None
    side: Literal["own", "pre", "post"] = "own"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class GlobalOp:
    """``mean(x)``, ``max(pre.x)`` ...: one number over all neurons of a population."""

    op: Literal["mean", "min", "max", "norm1", "norm2"]
    operand: Name | Neighbour
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Item:
    """``x[k]``: entry k of a parameter that is a table, counted from 0; 0 where there is no such entry.

    Of a table with a row of one entry for each neuron it is the neuron's own.
    """

    table: Name
    index: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Unary:
    """``-x`` or ``+x``."""

    op: Literal["-", "+"]
    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Binary:
    """Arithmetic; ``^`` and ``**`` are both ``^``. ``&`` and ``|`` become :class:`Logic`."""

    op: Literal["+", "-", "*", "/", "^"]
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Compare:
    """One comparison; ``is`` is ``==`` and ``is not`` is ``!=``. ``a < b < c`` is parsed as an ``and`` of two."""

    op: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Logic:
    """``and``, ``or``."""

    op: Literal["and", "or"]
    left: Expr
    right: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Not:
    """``not x``."""

    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Conditional:
    """``if c: a else: b`` and ``ite(c, a, b)``."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Call:
    """A function under its canonical name (``abs`` for ``fabs``, ``pos`` for ``positive``), or a user's."""

    function: str
    args: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Cast:
    """A value as another type: an argument or the result of a function with declared types.

    No text stands for it, so it occurs in the bodies of functions alone, and where those are put in place of calls.
    """

    type: Literal["float", "int", "bool"]
    operand: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Draw:
    """A random distribution in an equation: one fresh draw per element and step.

    ``number`` counts the draws of a model in order of appearance: it is part of the key of the random stream.
    """

    distribution: str
    args: tuple[Expr, ...]
    number: int
    span: Span = field(default=NOWHERE, compare=False)


Expr = (
    Number
    | Name
    | Neighbour
    | Sum
    | GlobalOp
    | Item
    | Unary
    | Binary
    | Compare
    | Logic
    | Not
    | Conditional
    | Call
    | Cast
    | Draw
)
