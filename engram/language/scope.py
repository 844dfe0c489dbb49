"""What the names in one model stand for: its attributes, constants, times, and who shares them.

In: the definitions of a model. Out: a :class:`Scope` that ``check.py`` asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from engram.language.model import Function, Locality, Parameter, Variable
from engram.language.nodes import Draw, Expr, GlobalOp, Name, Neighbour, Sum
from engram.language.source import Source
from engram.language.trees import children, nodes_of
from engram.language.vocabulary import NUMBERS, RESERVED, TIMES

__all__ = [
    "CONDUCTANCE",
    "SHARING",
    "WHITE_NOISE",
    "Scope",
    "conductances",
    "constant_advice",
    "elementwise_nodes",
    "has_draw",
    "may_be_constant",
]

CONDUCTANCE = re.compile(r"g_[A-Za-z0-9_]+\Z")
WHITE_NOISE = "xi"  # of Brian2
SHARING: dict[Locality, int] = {"local": 0, "semiglobal": 1, "global": 2}
"""How widely a value is shared: something can depend only on what is shared at least as widely."""


@dataclass(frozen=True)
class Scope:
    """The names of one model. ``is_spiking`` is None for a synapse whose text does not decide."""

    source: Source
    parameters: dict[str, Parameter]
    variables: dict[str, Variable]
    functions: dict[str, Function]
    constants: set[str]
    is_spiking: bool | None

    @property
    def kind(self) -> str:
        """``neuron`` or ``synapse``."""
        return self.source.kind

    def attribute(self, name: str) -> Parameter | Variable | None:
        """Return the parameter or variable of that name, or None."""
        return self.parameters.get(name) or self.variables.get(name)

    def is_table(self, name: str) -> bool:
        """Whether a name is that of a parameter with entries."""
        parameter = self.parameters.get(name)
        return parameter is not None and parameter.is_table

    @cached_property
    def times(self) -> tuple[str, ...]:
        """The names of times that this model may read."""
        times = TIMES[self.kind]
        if self.kind == "neuron" and not self.is_spiking:
            return tuple(t for t in times if t != "t_last")
        return times

    @cached_property
    def known(self) -> tuple[str, ...]:
        """Every name that an expression of the model may read."""
        extra = ("g_target",) if self.kind == "synapse" and self.is_spiking else ()
        return tuple(dict.fromkeys((*self.parameters, *self.variables, *sorted(self.constants), *self.times, *extra)))

    def sharing(self, node: Expr) -> int:
        """Return how widely the value of one node (not of its children) is shared, as in ``SHARING``."""
        match node:
            case Name(id):
                attribute = self.attribute(id)
                if attribute is not None:
                    return SHARING[attribute.locality]
                if id == "t_post" or (id == "g_target" and self.kind == "synapse"):
                    return SHARING["semiglobal"]
                return SHARING["local"] if id in ("t_last", "t_pre") else SHARING["global"]
            case Neighbour(side, _):
                return SHARING["semiglobal" if side == "post" else "local"]
            case Sum(_, side):
                return SHARING["semiglobal" if side == "post" else "local"]
            case _:
                return SHARING["global"]


def elementwise_nodes(expr: Expr) -> list[Expr]:
    """Return all nodes of a tree but the operands of global operations, which are not read one by one."""
    found: list[Expr] = []
    stack = [expr]
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, GlobalOp):
            stack.extend(reversed(children(node)))
    return found


def conductances(exprs: Iterable[Expr], hidden: set[str]) -> list[str]:
    """Return the names ``g_...`` in order of appearance, without those that are hidden by parameters or constants."""
    names = (n.id for e in exprs for n in nodes_of(e) if isinstance(n, Name))
    return [n for n in dict.fromkeys(names) if CONDUCTANCE.match(n) and n not in hidden and n != "g_target"]


def may_be_constant(name: str) -> bool:
    """Whether a constant can have the name: equations give it no meaning of their own."""
    return not (name in RESERVED or name in NUMBERS or name in ("r", "w") or name.startswith(("g_", "__")))


def constant_advice(name: str) -> str:
    """Return how to declare an unknown name as a constant, or ``""`` if no constant can have it."""
    if not may_be_constant(name):
        return ""
    if name == WHITE_NOISE:
        return "for white noise write 'Normal(0.0, 1.0)/sqrt(dt)': its variance per ms is then the same for any dt."
    if name == "not_refractory":
        return "the flag 'unless refractory' holds an equation meanwhile: 'dv/dt = -v/tau : unless refractory'."
    constant = f"eg.Constant('{name}', ...) or net.constant('{name}', ...)"
    return f"give it a value in `parameters`: '{name} = ...'; or declare it before the model: {constant}."


def has_draw(expr: Expr) -> bool:
    """Whether an expression draws random numbers."""
    return any(isinstance(n, Draw) for n in nodes_of(expr))
