"""The places in the tree of what kernels name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engram.ir.nodes import Argument, Place
from engram.state import names

if TYPE_CHECKING:
    from engram.program.synapses import Synapses

__all__ = ["STOP_EVERY", "STOP_REACHED", "network_path", "population_path", "projection_path"]


def network_path(name: str) -> str:
    """The path of a slot of the network."""
    return f"{names.NETWORK}/{name}"


STOP_EVERY, STOP_REACHED = network_path(names.STOP_EVERY), network_path(names.STOP_REACHED)


def population_path(path: str, place: Place) -> str:
    """The path of what stands at a place of a population, or of the network.

    Args:
        path: of the population.
    """
    match place.what:
        case "constant":
            return network_path(names.constant(place.name))
        case "sum":
            return f"{path}/{names.sum_of(place.name)}"
        case "kept":
            return f"{path}/{names.kept(place.name)}"
        case "over":
            return f"{path}/{names.reduction(place.operation, place.name)}"
        case "propagator":
            return f"{path}/{names.propagator(place.name + '.rest' * place.number)}"
        case _:
            return f"{path}/{place.name}"


def projection_path(projection: Synapses, argument: Argument) -> str:
    """The path of what a synapse's argument stands for: of its own, of its neurons, or of the network."""
    place, post = argument.place, projection.post
    match place.what, place.side:
        case "conductance", _:
            return post.place(names.conductance(projection.targets[place.number]))
        case "input", _:
            return post.place(post.input_of(projection.targets[0]))
        case "slot", "pre" if argument.history:
            return projection.pre.place(names.past(place.name))
        case _, ("pre" | "post") as side:
            return population_path((projection.pre if side == "pre" else post).path, place)
        case "decay", _:
            return projection.place(names.decay(place.name))
        case _:
            return population_path(projection.path, place)
