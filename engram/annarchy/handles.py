"""Populations, projections and monitors as ANNarchy's scripts use them.

An attribute that the model lacks can be assigned: it is kept by the Python object, with a warning.
"""

from __future__ import annotations

from typing import Any, TypeVar

import engram
from engram.annarchy.keywords import as_there
from engram.annarchy.numbers import network_of
from engram.callers import warn
from engram.network.handle import Handle

__all__ = ["Constant", "Monitor", "Population", "Projection", "lenient"]

T = TypeVar("T", bound=engram.Population | engram.Projection)


def _assign(handle: engram.Population | engram.Projection, name: str, value: Any) -> None:
    """Assign an attribute of a model, or any other one."""
    if name[:1] == "_" or hasattr(type(handle), name) or name in handle.attributes:
        Handle.__setattr__(handle, name, value)
        return
    if name not in vars(handle):
        warn(f"{handle!r} has no attribute {name!r}: Python keeps it, no equation reads it, and no file has it")
    object.__setattr__(handle, name, value)


def lenient(kind: type[T]) -> type[T]:
    """Let a class of populations or projections take what ANNarchy's takes."""
    kind.__setattr__ = _assign  # type: ignore[assignment]  # it knows which handles it is for
    kind.save = as_there(kind.save, "filename>file", is_method=True)  # type: ignore[method-assign]  # as above
    kind.load = as_there(kind.load, "filename>file pickle_encoding", is_method=True)  # type: ignore[method-assign]
    return kind


@lenient
class Population(engram.Population):
    """Neurons of one model; see :class:`engram.Population`."""

    __init__ = as_there(
        engram.Population.__init__, "geometry neuron name stop_condition storage_order net_id", is_method=True
    )


@lenient
class Projection(engram.Projection):
    """Synapses of one model from one population to another; see :class:`engram.Projection`."""

    __init__ = as_there(engram.Projection.__init__, "pre post target synapse name disable_omp net_id", is_method=True)


class Monitor(engram.Monitor):
    """Records variables of a population, and its spikes; see :class:`engram.Monitor`."""

    __init__ = as_there(engram.Monitor.__init__, "obj variables period period_offset start name net_id", is_method=True)


class Constant(engram.Constant):
    """A number that equations know by name; see :class:`engram.Constant`. With ``net_id`` one of that network alone."""

    def __new__(cls, name: str, value: float, net_id: int = 0) -> Any:  # noqa: D102
        network = network_of(net_id)
        return super().__new__(cls, name, value) if network is None else network.constant(name, value)
