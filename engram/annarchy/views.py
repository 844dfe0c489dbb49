"""Views, neurons, dendrites and synapses as ANNarchy's scripts use them: an attribute that they lack can be assigned.

They are made anew at each access, so that what Python keeps is gone with them: the warning says so.
"""

from __future__ import annotations

from typing import Any

import engram
from engram.annarchy.plain import Plain
from engram.callers import warn
from engram.network import dendrite, synapse

__all__ = ["Dendrite", "IndividualNeuron", "IndividualSynapse", "PopulationView", "keep"]


def keep(owner: Any, name: str, value: Any, where: str = "Python keeps it") -> None:
    """Let the Python object keep an attribute that its model lacks; warn when it is new there."""
    if name not in vars(owner):
        warn(f"{owner!r} has no attribute {name!r}: {where}; no equation reads it, and no file has it")
    object.__setattr__(owner, name, value)


class _Fleeting:
    """Is made anew at each access; keeps what is assigned until then."""

    def _knows(self, name: str) -> bool:
        """Say whether an attribute is one that engram knows, which may be assigned or not."""
        is_models: bool = self._is_models(name)  # type: ignore[attr-defined]  # of the class beside
        return is_models or hasattr(type(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] == "_" or self._knows(name):
            super().__setattr__(name, value)
        else:
            keep(self, name, value, "it is gone with this Python object, as each access makes a new one")


class PopulationView(_Fleeting, Plain, engram.PopulationView):
    """Some neurons of a population; see :class:`engram.PopulationView`."""

    def _knows(self, name: str) -> bool:
        return super()._knows(name) or hasattr(type(self._population), name)


class IndividualNeuron(PopulationView, engram.IndividualNeuron):
    """One neuron of a population; see :class:`engram.IndividualNeuron`."""


class IndividualSynapse(_Fleeting, Plain, synapse.IndividualSynapse):
    """One synapse of a projection; see :meth:`engram.Projection.synapse`."""


class Dendrite(_Fleeting, Plain, dendrite.Dendrite):
    """The synapses of a projection that end at one neuron; see :meth:`engram.Projection.dendrite`."""

    _synapse = IndividualSynapse
