"""What a refractory neuron does: which of its equations hold, and how the others go on without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engram.ir import build
from engram.ir.methods import METHODS
from engram.ir.nodes import Entry, Expr, Lookup, Operation, Random, Read, Set
from engram.ir.scope import Scope
from engram.language import methods
from engram.language.model import Model, Ode, Statement
from engram.language.trees import contains

__all__ = ["Rest"]


@dataclass(frozen=True)
class Rest:
    """The refractory period of a neuron.

    Args:
        model: the neuron, which says what holds.
        awake: whether the neuron is not refractory in this step.
    """

    model: Model
    awake: Read

    def guard(self, statement: Statement, new: Expr, old: Read) -> Expr:
        """While a neuron is refractory, what holds keeps its value."""
        return build.select(self.awake, new, old) if self.model.holds(statement) else new

    def advanced(self, odes: Sequence[Ode], method: str, scope: Scope) -> list[Set]:
        """Return the assignments by which the equations of one block and method advance.

        Where they are solved together, what goes on while others hold is advanced once more without those, and takes
        that value meanwhile: the others have stopped, and must not be seen to move.
        """
        sets = METHODS[method](odes, scope)
        held = [ode.name for ode in odes if self.model.holds(ode)]
        going = [ode for ode in odes if not self.model.holds(ode)]
        row = methods.METHODS[method]
        sees_others = row.is_coupled or row.is_joint
        if not sees_others or not any(contains(ode.rate, name) for ode in going for name in held):
            return sets
        alone = METHODS[method](going, scope)
        symbols = {s.symbol: f"rest.{s.symbol}" for s in alone}
        sets += [replace(s, symbol=symbols[s.symbol], value=_renamed(s.value, symbols), text="") for s in alone]
        return sets + [self._chosen(f"next.{ode.name}") for ode in going]

    def _chosen(self, symbol: str) -> Set:
        return Set(symbol, build.select(self.awake, Read(symbol, "float"), Read(f"rest.{symbol}", "float")))


def _renamed(expr: Expr, symbols: Mapping[str, str]) -> Expr:
    """Return an expression that reads other symbols."""
    match expr:
        case Read(symbol) | Entry(symbol):
            return replace(expr, symbol=symbols.get(symbol, symbol))
        case Operation() | Random():
            return replace(expr, args=tuple(_renamed(a, symbols) for a in expr.args))
        case Lookup():
            return replace(expr, index=_renamed(expr.index, symbols), beyond=_renamed(expr.beyond, symbols))
        case _:
            return expr
