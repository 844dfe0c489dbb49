"""What populations have in common that bring something into a network from outside; these are in ``inputs.py``.

Each is a population of a ready-made neuron; what its class adds is how it is told. One that is made without a network
waits until ``net.create`` makes one like it, or the implicit network is used.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from engram.callers import warn
from engram.errors import InvalidArgument, UnknownAttribute
from engram.ir.spec import Attribute
from engram.network.implicit import implicit
from engram.network.population import Population
from engram.program.assigning import assign_all
from engram.program.ranks import checked_geometry
from engram.program.tables import given_for_good

if TYPE_CHECKING:
    from engram.models.definition import Neuron
    from engram.network.any_network import AnyNetwork

__all__ = ["Geometry", "Input"]

Geometry = int | tuple[int, ...]


class Input(Population):
    """A population of a ready-made neuron; see :mod:`engram.network.input`.

    Args:
        geometry: of the population.
        neuron: its model.
        values: that its attributes begin with.
        name: of the population.
        network: that it belongs to.
    """

    def __init__(
        self, geometry: Any, neuron: Neuron, values: Mapping[str, Any], name: str | None, network: AnyNetwork | None
    ) -> None:
        self._asked = checked_geometry(geometry), neuron, dict(values), name
        if network is None:
            implicit.begin_anew()
            implicit.waiting.append(self)
        else:
            self._join(network)

    def _join(self, network: AnyNetwork) -> None:
        """Become a population of a network."""
        geometry, neuron, values, name = self._asked
        super().__init__(geometry, neuron, name, network=network)
        assign_all(self._core, values)
        del self._asked  # which may be large, and stands in the network from now on

    def _made_in(self, network: AnyNetwork, name: str | None) -> Input:
        """Return a population of a network that begins as this one does; see :meth:`Network.create`."""
        if "_core" not in vars(self):
            geometry, neuron, values, known_name = self._asked
            if self in implicit.waiting:
                implicit.waiting.remove(self)
            self._is_made = True
        elif self._network.compiled:
            what = f"{self!r} belongs to a network that is compiled, and can't be made in another one"
            raise InvalidArgument(f"{what}\n  help: make a new one, without a network, and give it to create().")
        else:
            geometry, neuron, values, known_name = self._core.geometry, self._core.definition, {}, self._core.name
        new: Input = type(self).__new__(type(self))
        new._asked = geometry, neuron, values, name or known_name
        new._join(network)
        if "_core" in vars(self):
            new._core.draft = copy.deepcopy(self._core.draft)
        return new

    def __getattr__(self, name: str) -> Any:
        if name not in ("_core", "_network"):
            return super().__getattr__(name)
        if "_is_made" in vars(self):
            what = f"{self!r} belongs to no network: create() has made a population like it"
            raise InvalidArgument(f"{what}\n  help: keep what create() returned, and use that: inp = net.create(inp).")
        network = implicit.get()  # which takes in what waits, if it can
        if name not in vars(self):
            self._join(network)
        return vars(self)[name]

    def __reduce__(self) -> Any:
        return super().__reduce__() if "_core" in vars(self) else (_waiting, (type(self), self._asked))

    def __repr__(self) -> str:
        if "_core" in vars(self):
            return super().__repr__()
        sizes = " x ".join(map(str, self._asked[0]))
        return f"<{type(self).__name__}: {sizes} neuron{'s' * (self._asked[0] != (1,))}, of no network yet>"

    # -- values ------------------------------------------------------------------------------------------

    def _assign(self, attribute: Attribute, value: Any) -> None:
        self.set({attribute.name: value})

    def set(self, values: dict[str, Any]) -> None:
        """Assign several attributes at once; see :meth:`Population.set`."""
        super().set(self._fitted(values))

    def _give(self, values: dict[str, Any]) -> None:
        """Assign tables, and what belongs to them: all of it, or nothing if something is wrong."""
        assign_all(self._core, values)
        given_for_good(self._core, values)

    def _fitted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is to be assigned when a user assigns something.

        Raises:
            UnknownAttribute: if it can't be assigned.
        """
        self._check_kept(values)
        return dict(values)

    def _check_kept(self, values: Mapping[str, Any]) -> None:
        refused = next((name for name in values if name in self._kept), None)
        if refused is not None:
            what = f"{refused!r} of {type(self).__name__} {self.name!r} can't be assigned"
            raise UnknownAttribute(f"{what}\n  help: {self._kept[refused]}")
        if "r" in values and self._core.is_spiking:
            what = f"'r' of {type(self).__name__} {self.name!r} is the rate at which it has fired: it sets nothing"
            warn(f"{what}\n  help: {self._fires_by()}")

    def _fires_by(self) -> str:
        """Say what sets the rates, or the times, at which the neurons fire."""
        return f"{self.name}.update(...) gives other rates."

    _kept: ClassVar[dict[str, str]] = {}  # attributes that the population keeps for itself -> what to do instead


def _waiting(kind: type[Input], asked: Any) -> Input:
    """Return the copy of an input without a network; it waits, too."""
    new: Input = kind.__new__(kind)
    new._asked = asked
    implicit.waiting.append(new)
    return new
