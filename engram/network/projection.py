"""Projections as users hold them: synapses of one model between two populations (``eg.Projection``, ``net.connect``).

Who is connected to whom is drawn by ``wiring`` at compile.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.models.definition import Synapse, as_definition
from engram.models.standard import default_synapse
from engram.network.any_network import AnyNetwork, found
from engram.network.connect import Connectors
from engram.network.dendrite import Dendrite
from engram.network.giving_way import Action, Fact
from engram.network.implicit import implicit, network_or_implicit
from engram.network.pairs import create_pairs, prune_pairs, ranks_of_pair, ranks_of_pairs
from engram.network.plastic import Plastic
from engram.network.population import Population
from engram.network.synapse import IndividualSynapse
from engram.network.synapse_values import SynapseValues
from engram.network.view import PopulationView
from engram.persistence import files
from engram.program.creating import new_projection
from engram.program.reach import reach_of
from engram.program.resetting import reset_synapses
from engram.program.synapses import Side, Synapses
from engram.telling import told

if TYPE_CHECKING:
    from engram.storage.report import LoadReport

__all__ = ["Projection"]

Array = npt.NDArray[Any]


@checked_calls
class Projection(Connectors, Plastic, SynapseValues):
    """Synapses of one model from one population to another.

    ``net.connect`` makes one, and a connector says which synapses there are::

        proj = net.connect(exc, inh, "exc", eg.STDP())
        proj.fixed_probability(0.1, weights=eg.Uniform(0.0, 1.0), delays=2.0)  # delays in ms
        net.compile()
        proj.w = 0.5                         # all of them
        proj.synapse(3, 7).w = 0.1           # from neuron 3 to neuron 7
        matrix = proj.weights_csr()          # scipy.sparse, post by pre

    What is read (``proj.w``) is a list for each post neuron that has synapses. All can be set, ``proj.w = lists`` or a
    matrix (post, pre); so can some: ``proj[post].w = [...]``, ``proj.w[5][0] = 0.5``, ``proj.synapse(3, 7).w = 0.5``.

    Args:
        pre, post: populations, views of them, or names of populations of the network.
        target: name of the input at the post population: ``exc`` for ``g_exc`` or ``sum(exc)``; of spikes a list too.
        synapse: the model; by default spikes add ``w`` to ``g_target``, and rates contribute ``w*pre.r``.
        name: ``proj0``, ``proj1`` ... by default.
        network: that the projection belongs to; that of its populations by default.

    Raises:
        InvalidArgument: if something has the wrong kind or belongs to another network, or the name is taken.
        LanguageError: if the synapse reads an attribute that the populations lack.
    """

    _core: Synapses
    _dendrite: ClassVar[type[Dendrite]] = Dendrite  # the class of its dendrites

    def __init__(
        self,
        pre: Population | PopulationView | str,
        post: Population | PopulationView | str,
        target: str | list[str] | tuple[str, ...],
        synapse: Synapse | type[Synapse] | None = None,
        name: str | None = None,
        *,
        network: AnyNetwork | None = None,
    ) -> None:
        implicit.refuse_waiting(network, pre, post)
        given = next((one for one in (pre, post) if isinstance(one, Population | PopulationView)), None)
        of_given = _population(given, "")._network if given is not None else None
        network = network_or_implicit(of_given if network is None else network)
        known = network._populations
        pre, post = (found(known, one, "population") if isinstance(one, str) else one for one in (pre, post))
        sides = _population(pre, "pre"), _population(post, "post")
        for side, population in zip(("pre", "post"), sides, strict=True):
            if population._network is not network:
                raise _of_another(side, population, network)
        model = default_synapse(sides[0].is_spiking and sides[1].is_spiking) if synapse is None else synapse
        definition = as_definition(model, Synapse, "synapse")
        self._check_names(definition)
        super().__init__(network, new_projection(network._core, name, definition, _side(pre), _side(post), target))
        network._projections[self.name] = self
        implicit.note(network, self)

    # -- who and how many --------------------------------------------------------------------------------

    @property
    def pre(self) -> Population | PopulationView:
        """The presynaptic population or view."""
        return self._whole_or_view(self._core.pre.name, self._core.pre_ranks)

    @property
    def post(self) -> Population | PopulationView:
        """The postsynaptic population or view."""
        return self._whole_or_view(self._core.post.name, self._core.post_ranks)

    def _whole_or_view(self, name: str, ranks: Array | None) -> Population | PopulationView:
        population: Population = self._network._populations[name]
        return population if ranks is None else population._views.several(population, ranks)

    @property
    def target(self) -> str | list[str]:
        """Name of the input at the post population, or a list of several."""
        targets = self._core.targets
        return targets[0] if len(targets) == 1 else list(targets)

    @property
    def synapse_type(self) -> Synapse:
        """The model."""
        return self._core.definition

    @Fact
    def connector_name(self) -> str:
        """The kind of connector, in ANNarchy's words; empty if there is none yet."""
        asked = self._core.draft.connection
        return "" if asked is None else asked.connector.title

    # -- synapses ----------------------------------------------------------------------------------------

    def synapse(self, pre: int, post: int, k: int | None = None) -> IndividualSynapse:
        """Return the synapse between two neurons, given by their ranks in the whole populations.

        Args:
            k: which one, where there are several (multapses): 0 has the shortest delay.

        Raises:
            InvalidArgument: if there is no such synapse, or there are several and ``k`` is not given.
        """
        return self._dendrite._synapse(self._core, pre, post, k)

    def dendrite(self, post: int | tuple[int, ...]) -> Dendrite:
        """Return the synapses that end at a neuron, given by its rank in the whole population or its coordinates.

        Raises:
            InvalidArgument: if there is no such neuron, or no synapse ends there.
        """
        return self._dendrite(self._core, self.pre, post)

    def __getitem__(self, post: int | tuple[int, ...]) -> Dendrite:
        return self.dendrite(post)

    def create_synapse(
        self, pre: int | tuple[int, ...], post: int | tuple[int, ...], w: float = 0.0, delay: float = 0.0
    ) -> None:
        """Add the synapse between two neurons that have none, also where it is the first of its post neuron.

        Args:
            pre, post: ranks in the whole populations, or coordinates.
            w, delay: as of :meth:`Dendrite.create_synapse`, which says what can be wrong.
        """
        self._core.program.needs_compile("create_synapse()")
        from engram.program.pending import one_created_later  # with ``wiring``: importing engram must be quick

        if one_created_later(self._core, pre, post, w, delay):
            return
        first, to = (np.array([rank]) for rank in ranks_of_pair(self._core, pre, post, "create_synapse"))
        weight, late = (one if type(one) is float else [one] for one in (w, delay))
        self._core.check_wired()
        create_pairs(self._core, first, to, weight, late, f"new synapses of {self._core.where}")

    def prune_synapse(self, pre: int | tuple[int, ...], post: int | tuple[int, ...], k: int | None = None) -> None:
        """Take the synapse between two neurons away; what is in flight to it is lost.

        Args:
            pre, post: ranks in the whole populations, or coordinates.
            k: as of :meth:`Dendrite.prune_synapse`, which says what can be wrong.
        """
        self._core.program.needs_compile("prune_synapse()")
        from engram.program.pending import one_pruned_later  # as above

        is_rank = type(post) is int and 0 <= post < self._core.post.size
        if k is not None or not is_rank or not one_pruned_later(self._core, pre, post):  # type: ignore[arg-type]  # it is
            first, to = ranks_of_pair(self._core, pre, post, "prune_synapse")
            Dendrite(self._core, self.pre, to, may_be_empty=True).prune_synapse(first, k)

    def create_synapses(self, pre: Any, post: Any, w: Any = 0.0, delay: Any = 0.0) -> None:
        """Add synapses between pairs of neurons that have none, all of them or none; it takes as long as one of them.

        Attributes that begin with drawn values are drawn once for the call.

        Args:
            pre, post: lists of ranks in the whole populations, one of both for each pair, or one rank for all.
            w, delay: one for all, or one for each; see :meth:`Dendrite.create_synapse`.

        Raises:
            InvalidArgument: if a pair has a synapse, is named twice or is not there, or a value can't be; nothing has
                changed.
        """
        self._core.program.needs_compile("create_synapses()")
        what = f"new synapses of {self._core.where}"
        create_pairs(self._core, *ranks_of_pairs(self._core, pre, post, what), w, delay, what)

    def prune_synapses(self, pre: Any, post: Any) -> None:
        """Take the synapses of pairs of neurons away, all of them or none; what is in flight to them is lost.

        Args:
            pre, post: as of :meth:`create_synapses`.

        Raises:
            InvalidArgument: if a pair has none, or several, or is named twice; nothing has changed.
        """
        self._core.program.needs_compile("prune_synapses()")
        what = f"prune_synapses() of {self._core.where}"
        prune_pairs(self._core, *ranks_of_pairs(self._core, pre, post, what), what)

    @property
    def dendrites(self) -> Iterator[Dendrite]:
        """Go through the post neurons that have synapses."""
        pre = self.pre
        return (self._dendrite(self._core, pre, post) for post in self.post_ranks)

    def __iter__(self) -> Iterator[Dendrite]:
        return self.dendrites

    def __bool__(self) -> bool:
        return True  # also without synapses

    def __contains__(self, post: Any) -> bool:
        """Say whether synapses end at a post neuron, given by its rank, or a dendrite is of this projection."""
        if isinstance(post, Dendrite):
            return post._core is self._core
        is_rank = isinstance(post, int | np.integer) and not isinstance(post, bool)
        return is_rank and 0 <= post < self._core.post.size and bool(reach_of(self._core).per_post[post])

    @Action
    def reset(self, attributes: Any = None, synapses: bool = False) -> None:
        """Give attributes other than ``w`` their initial values, and forget all events; the clock stays.

        Args:
            attributes: a name or a list of names: give only those their initial values; by default (None, or -1) all.
            synapses: draw connectivity, weights and delays again (the same, as the seed is).

        Raises:
            NotCompiled: before compile.
            UnknownAttribute: if the model has no such attribute.
            NotAvailable: if synapses shall be drawn again while spikes are in flight.
        """
        reset_synapses(self._core, attributes, synapses, self._network._keeper.runner)

    # -- files -------------------------------------------------------------------------------------------

    def save(self, file: str | os.PathLike[str]) -> Any:
        """Write the projection alone; see :meth:`Network.save`. Keys in the file are the attribute names."""
        return files.save_one(self._core, file)

    def save_connectivity(self, filename: str | os.PathLike[str]) -> None:
        """Write the synapses alone, with their weights and delays, for :meth:`from_file`; an ``.npz`` of NumPy's.

        Ranks are those within the populations or views that are connected.
        """
        from engram.persistence.list_files import write_connectivity  # which most scripts never need

        self._core.check_wired()
        write_connectivity(self._core, filename)

    def load(self, file: str | os.PathLike[str], *, only: str | Collection[str] | None = None) -> LoadReport:
        """Load what :meth:`save` wrote of this projection or one like it, or what a network's file has of it.

        The network's clock, and spikes in flight, stay. If it, or the populations at its ends, were called otherwise,
        the report says so.

        Args:
            only: names of values, ``"w"`` or several; the rest stays as it is. Of single synapses' values, the synapses
                must be those of the file.
        """
        return files.load_one(self._network._keeper, self._core, file, only)


def _of_another(side: str, population: Population, network: AnyNetwork) -> InvalidArgument:
    """Return the error of a population that belongs to another network than the projection."""
    advice = "connect populations that one network created"
    implicit_one = "eg.Population(...) makes populations of the implicit network"
    if population._network._core.is_implicit:
        advice = f"{implicit_one}; make it by net.create(...) of the network of the others"
    elif network._core.is_implicit:
        advice = f"{implicit_one}; make all of them by net.create(...) of one network"
    return InvalidArgument(f"{side} population {population.name!r} belongs to another network\n  help: {advice}.")


def _population(side: Any, name: str) -> Population:
    """Return the population of one side.

    Raises:
        InvalidArgument: if it is none, and no view.
    """
    population = side._population if isinstance(side, PopulationView) else side
    if not isinstance(population, Population):
        raise InvalidArgument(
            f"{name} must be a population, not {told(side)}"
            "\n  help: the order is pre, post, target, synapse: net.connect(pre, post, 'exc')."
        )
    return population


def _side(given: Population | PopulationView) -> Side:
    return (given._population._core, given._ranks.copy()) if isinstance(given, PopulationView) else (given._core, None)
