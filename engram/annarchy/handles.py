"""Populations, projections and monitors as ANNarchy's scripts use them.

An attribute that the model lacks can be assigned: it is kept by the Python object, with a warning. What is read is a
plain copy.
"""

from __future__ import annotations

from typing import Any

import engram
from engram.annarchy.keywords import as_there
from engram.annarchy.plain import Plain
from engram.annarchy.views import Dendrite, IndividualNeuron, PopulationView, keep
from engram.network.handle import Handle
from engram.network.monitor import BOLD
from engram.network.view import ViewKinds
from engram.network_numbers import network_of
from engram.program.neurons import Neurons
from engram.program.synapses import Synapses

__all__ = ["MONITORS", "BoldMonitor", "Constant", "Monitor", "Population", "Projection"]

SWITCHES = frozenset("axon_transmission plasticity transmission update".split())
"""Attributes of projections that scripts also set to 0 and 1."""
SAVE, LOAD = "filename>file", "filename>file pickle_encoding"


def _assign(handle: engram.Population | engram.Projection, name: str, value: Any) -> None:
    """Assign an attribute of a model, or any other one."""
    if name[:1] == "_" or hasattr(type(handle), name) or handle._is_models(name):
        if name in SWITCHES and not handle._is_models(name) and type(value) is int and value in (0, 1):
            value = bool(value)
        Handle.__setattr__(handle, name, value)
    else:
        keep(handle, name, value)


class Population(Plain, engram.Population):
    """Neurons of one model; see :class:`engram.Population`."""

    _core: Neurons
    _views = ViewKinds(PopulationView, IndividualNeuron)

    __init__ = as_there(
        engram.Population.__init__, "geometry neuron name stop_condition storage_order net_id", is_method=True
    )
    __setattr__ = _assign
    save = as_there(engram.Population.save, SAVE, is_method=True)
    load = as_there(engram.Population.load, LOAD, is_method=True)


class Projection(Plain, engram.Projection):
    """Synapses of one model from one population to another; see :class:`engram.Projection`."""

    _core: Synapses
    _dendrite = Dendrite

    __init__ = as_there(engram.Projection.__init__, "pre post target synapse name disable_omp net_id", is_method=True)
    __setattr__ = _assign
    save = as_there(engram.Projection.save, SAVE, is_method=True)
    load = as_there(engram.Projection.load, LOAD, is_method=True)


class Monitor(engram.Monitor):
    """Records variables of a population, and its spikes; see :class:`engram.Monitor`."""

    _needs_variables = False  # it records nothing, as there
    __init__ = as_there(engram.Monitor.__init__, "obj variables period period_offset start name net_id", is_method=True)

    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] == "_" or hasattr(type(self), name):
            super().__setattr__(name, value)
        else:
            keep(self, name, value)


class BoldMonitor(Monitor, engram.BoldMonitor):
    """Records the BOLD signal of populations; see :class:`engram.BoldMonitor`."""

    __init__ = as_there(
        engram.BoldMonitor.__init__,
        "populations bold_model mapping scale_factor normalize_input recorded_variables start copied net_id",
        is_method=True,
    )


MONITORS: dict[str, type[engram.Monitor]] = {BOLD: BoldMonitor}
"""Classes of monitors by the model of the population that they make."""


class Constant(engram.Constant):
    """A number that equations know by name; see :class:`engram.Constant`. With ``net_id`` one of that network alone."""

    def __new__(cls, name: str, value: float, net_id: int = 0) -> Any:  # noqa: D102
        network = network_of(net_id)
        return super().__new__(cls, name, value) if network is None else network.constant(name, value)
