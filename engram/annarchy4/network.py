"""Networks of ANNarchy 4: objects are added to them, and their copies got; and its monitors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar
from weakref import WeakSet

import engram
from engram.annarchy.command_line import simulating
from engram.annarchy.handles import MONITORS, Population, Projection
from engram.annarchy.handles import Monitor as Monitor5
from engram.annarchy.keywords import as_there
from engram.annarchy.network import Network as Network5
from engram.callers import checked
from engram.errors import InvalidArgument
from engram.network.dendrite import Dendrite
from engram.network.network import Kinds
from engram.network.synapse import IndividualSynapse
from engram.telling import told

__all__ = ["Monitor", "Network", "knowing_get"]

_GIVEN_AWAY: WeakSet[Network] = WeakSet()  # whose copies somebody holds: they would be lost if more were added


class Monitor(Monitor5):
    """Records variables of a population, and its spikes; see :class:`engram.Monitor`."""

    def get(
        self,
        variables: str | list[str] | None = None,
        keep: bool = False,
        reshape: bool = False,
        force_dict: bool = False,
        structured: bool = False,
    ) -> Any:
        """Return what was recorded, (time, n) by default, of projections [time][dendrite][synapse] always; see
        :meth:`engram.Monitor.get`.
        """
        return super().get(variables, keep, reshape or self._core.projection is not None, force_dict, structured)


class Network(Network5):
    """A network of copies of objects of the implicit one.

    Args:
        everything: begin with copies of all that there is; otherwise say what by :meth:`add`.
    """

    _kinds: ClassVar[Kinds] = Kinds(Population, Projection, Monitor, monitors=MONITORS)
    _begins_anew: ClassVar[bool] = False  # its constructor makes an empty one

    simulate = as_there(
        simulating(engram.Network.simulate), "duration measure_time progress_bar>progress callbacks", is_method=True
    )

    @partial(checked, name="Network")
    def __init__(self, everything: bool = False) -> None:
        if everything:
            self.add(_parts(engram.magic_network()))

    def add(self, objects: Any) -> None:
        """Let the network have copies of objects of the implicit one, as they were defined.

        Args:
            objects: populations, projections and monitors, one or a list; those that others need at once or before.
                Of views, neurons, dendrites and synapses the whole that they are of.

        Raises:
            InvalidArgument: if copies were got already, or the network is compiled, or a population is missing.
        """
        if self.compiled or self in _GIVEN_AWAY:
            what = "objects can't be added after compile(), or after get()"
            raise InvalidArgument(f"{what}\n  help: add all of them first.")
        listed = list(objects) if isinstance(objects, list | tuple) else [objects]
        listed = [*dict.fromkeys(map(_whole, listed))]
        implicit, mine = engram.magic_network(), {_known_as(one) for one in _parts(self)}
        before = [one for one in _parts(implicit) if _known_as(one) in mine]
        self._take_parts(implicit, [*before, *(one for one in listed if _known_as(one) not in mine)])

    def clear(
        self, functions: bool = True, neurons: bool = True, synapses: bool = True, constants: bool = True
    ) -> None:
        """Forget everything in the network; see :meth:`engram.annarchy.Network.clear`. Objects can be added again."""
        super().clear(functions, neurons, synapses, constants)
        _GIVEN_AWAY.discard(self)

    def get(self, obj: Any) -> Any:
        """Return the copy of an object, also of a view, neuron, dendrite or synapse, or a list of the copies of some.

        Raises:
            InvalidArgument: if an object was not added.
        """
        if isinstance(obj, list | tuple):
            return [self.get(one) for one in obj]
        if isinstance(obj, engram.PopulationView):
            return _view_of(self.get(obj.population), obj)
        if isinstance(obj, Dendrite):
            return self.get(_whole(obj)).dendrite(obj._post)
        if isinstance(obj, IndividualSynapse):
            return self.get(_whole(obj)).synapse(obj._pre, obj._post, obj._k)
        copies = {_known_as(one): one for one in _parts(self)}
        if _known_as(obj) not in copies:
            raise InvalidArgument(f"get(): {told(obj, 80)} was not added to the network\n  help: net.add([...]) first.")
        _GIVEN_AWAY.add(self)
        return copies[_known_as(obj)]


def _parts(network: engram.Network) -> list[Any]:
    return [*network.get_populations(), *network.get_projections(), *network.get_monitors()]


def _whole(obj: Any) -> Any:
    """Return the population or projection of which something is a part; anything else as it is."""
    if isinstance(obj, engram.PopulationView):
        return obj._population
    if isinstance(obj, Dendrite | IndividualSynapse):
        return next((one for one in engram.magic_network().get_projections() if one._core is obj._core), obj)
    return obj


def _view_of(population: engram.Population, view: engram.PopulationView) -> engram.PopulationView:
    """Return the view of a population that another one has."""
    if isinstance(view, engram.IndividualNeuron):
        neuron: engram.IndividualNeuron = population.neuron(view.rank)
        return neuron
    return population._views.several(population, view.ranks, view._geometry)


@contextmanager
def knowing_get(network: engram.Network) -> Iterator[engram.Network]:
    """Give a network that has :meth:`Network.get`: itself, or for the implicit one another handle of it."""
    if not network._core.is_implicit:
        yield network
        return
    keeper = network._keeper
    kept = keeper.users_attributes
    try:
        yield Network._of(keeper)
    finally:
        keeper.users_attributes = kept


def _known_as(obj: Any) -> tuple[Any, Any]:
    """Return what a part and its copies have in common: its kind and its name."""
    kinds = (engram.Population, engram.Projection, engram.Monitor)
    return next((kind for kind in kinds if isinstance(obj, kind)), None), getattr(obj, "name", None)
