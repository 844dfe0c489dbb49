"""The places in the tree of what the kernels of neurons name. Called by whoever lays out jobs or runs them."""

from __future__ import annotations

__all__ = ["STOP_REACHED", "population_path"]

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
