"""The places in the tree of what kernels name. Called by whoever lays out jobs or runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engram.ir.nodes import Argument
from engram.ir.spec import target_symbol

if TYPE_CHECKING:
    from engram.network.projection import Projection

__all__ = ["STOP_REACHED", "population_path", "projection_path"]

STOP_REACHED = "network/stop/reached"  # whether the conditions hold that simulate_until waits for


def population_path(path: str, symbol: str) -> str:
    """The place of a neuron's symbol in the tree: ``v``, ``sum.exc``, ``mean.v``, ``constants.tau``, a propagator."""
    head, dot, rest = symbol.partition(".")
    if not dot:
        return f"{path}/{symbol}"
    if head == "constants" and rest:
        return f"network/constants/{rest}"
    if head == "sum":
        return f"{path}/sum/{rest}"
    return f"{path}/internal/{'propagator/' + rest if head == 'propagator' else 'op/' + symbol}"


def projection_path(projection: Projection, argument: Argument) -> str:
    """The place of a synapse's symbol in the tree: ``w``, ``g_target``, ``pre.r``, ``constants.tau``, ``decay.x``."""
    symbol, post = argument.symbol, projection._post._path
    for number, target in enumerate(projection._targets):
        if symbol == target_symbol(number):
            return f"{post}/g_{target}"
    if symbol == "sum":
        return f"{post}/sum/{projection._targets[0]}"
    head, _, rest = symbol.partition(".")
    if head == "pre" and argument.history:
        return f"{projection._pre._path}/history/{rest}"
    if head in ("pre", "post"):
        return population_path(projection._pre._path if head == "pre" else post, rest)
    if head == "decay" and rest:
        return f"{projection._path}/internal/decay/{rest}"
    return f"network/constants/{rest}" if head == "constants" and rest else f"{projection._path}/{symbol}"
