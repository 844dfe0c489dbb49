"""Inputs and hybrid projections as ANNarchy's scripts use them."""

from __future__ import annotations

import engram
from engram.annarchy.handles import Population, Projection
from engram.annarchy.keywords import as_there
from engram.program.neurons import Neurons
from engram.program.synapses import Synapses

__all__ = [
    "READY_MADE",
    "CurrentInjection",
    "DecodingProjection",
    "HomogeneousCorrelatedSpikeTrains",
    "InputArray",
    "PoissonPopulation",
    "SpikeSourceArray",
    "TimedArray",
    "TimedPoissonPopulation",
]


class InputArray(Population, engram.InputArray):
    """Rates that the user sets; see :class:`engram.InputArray`."""

    _core: Neurons
    __init__ = as_there(engram.InputArray.__init__, "geometry name copied net_id", is_method=True)


class TimedArray(Population, engram.TimedArray):
    """Rates that follow a table; see :class:`engram.TimedArray`."""

    _core: Neurons
    __init__ = as_there(engram.TimedArray.__init__, "rates geometry schedule period name copied net_id", is_method=True)


class SpikeSourceArray(Population, engram.SpikeSourceArray):
    """Neurons that spike at given times; see :class:`engram.SpikeSourceArray`."""

    _core: Neurons
    __init__ = as_there(engram.SpikeSourceArray.__init__, "spike_times name copied net_id", is_method=True)


class PoissonPopulation(Population, engram.PoissonPopulation):
    """Neurons that spike at random; see :class:`engram.PoissonPopulation`."""

    _core: Neurons
    __init__ = as_there(
        engram.PoissonPopulation.__init__,
        "geometry name rates target parameters refractory copied net_id",
        is_method=True,
    )


class TimedPoissonPopulation(Population, engram.TimedPoissonPopulation):
    """Neurons that spike at rates that follow a table; see :class:`engram.TimedPoissonPopulation`."""

    _core: Neurons
    __init__ = as_there(
        engram.TimedPoissonPopulation.__init__, "geometry rates schedule period name copied net_id", is_method=True
    )


class HomogeneousCorrelatedSpikeTrains(Population, engram.HomogeneousCorrelatedSpikeTrains):
    """Neurons whose spikes are correlated; see :class:`engram.HomogeneousCorrelatedSpikeTrains`."""

    _core: Neurons
    __init__ = as_there(
        engram.HomogeneousCorrelatedSpikeTrains.__init__,
        "geometry rates corr tau schedule period name refractory copied net_id",
        is_method=True,
    )


class CurrentInjection(Projection, engram.CurrentInjection):
    """Rates as currents; see :class:`engram.CurrentInjection`."""

    _core: Synapses
    __init__ = as_there(engram.CurrentInjection.__init__, "pre post target name copied net_id", is_method=True)


class DecodingProjection(Projection, engram.DecodingProjection):
    """Firing rates as inputs; see :class:`engram.DecodingProjection`."""

    _core: Synapses
    __init__ = as_there(engram.DecodingProjection.__init__, "pre post target window name copied net_id", is_method=True)


READY_MADE: dict[str, type[engram.Population]] = {
    kind.__name__: kind
    for kind in (
        InputArray,
        TimedArray,
        SpikeSourceArray,
        PoissonPopulation,
        TimedPoissonPopulation,
        HomogeneousCorrelatedSpikeTrains,
    )
}
"""Classes of populations by the names of their neurons."""
