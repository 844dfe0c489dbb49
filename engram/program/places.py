"""The places in the tree of what kernels name. Called by whoever lays out jobs or runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engram.ir.nodes import Argument
from engram.ir.spec import target_symbol
from engram.state import names

if TYPE_CHECKING:
    from engram.program.synapses import Synapses

__all__ = ["STOP_EVERY", "STOP_REACHED", "network_path", "population_path", "projection_path"]


def network_path(name: str) -> str:
    """The place of a slot of the network."""
    return f"{names.NETWORK}/{name}"


STOP_EVERY, STOP_REACHED = network_path(names.STOP_EVERY), network_path(names.STOP_REACHED)


def population_path(path: str, symbol: str) -> str:
    """The place of a neuron's symbol in the tree: ``v``, ``sum.exc``, ``mean.v``, ``constants.tau``, a propagator."""
    head, dot, rest = symbol.partition(".")
    if not dot:
        return f"{path}/{symbol}"
    if head == "constants" and rest:
        return network_path(names.constant(rest))
    if head == "sum":
        return f"{path}/{names.sum_of(rest)}"
    if head == "kept":
        return f"{path}/{names.kept(rest)}"
    return f"{path}/{names.propagator(rest) if head == 'propagator' else names.reduction(head, rest)}"


def projection_path(projection: Synapses, argument: Argument) -> str:
    """The place of a synapse's symbol in the tree: ``w``, ``g_target``, ``pre.r``, ``constants.tau``, ``decay.x``."""
    symbol, post = argument.symbol, projection.post.path
    for number, target in enumerate(projection.targets):
        if symbol == target_symbol(number):
            return f"{post}/{names.conductance(target)}"
    if symbol == "sum":
        return f"{post}/{names.sum_of(projection.targets[0])}"
    head, _, rest = symbol.partition(".")
    if head == "pre" and argument.history:
        return f"{projection.pre.path}/{names.past(rest)}"
    if head in ("pre", "post"):
        return population_path(projection.pre.path if head == "pre" else post, rest)
    if head == "decay" and rest:
        return f"{projection.path}/{names.decay(rest)}"
    is_constant = head == "constants" and rest
    return network_path(names.constant(rest)) if is_constant else f"{projection.path}/{symbol}"
