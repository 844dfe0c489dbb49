"""Projections as users hold them: synapses of one model between two populations (``eg.Projection``, ``net.connect``).

Who is connected to whom is drawn by ``wiring`` at compile; here stand the attributes and the views of connectivity.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls, warn
from engram.errors import InvalidArgument
from engram.ir.spec import Attribute
from engram.models.definition import Synapse, as_definition
from engram.models.standard import default_synapse
from engram.network.connect import Connectors
from engram.network.dendrite import Dendrite
from engram.network.fields import mosaic
from engram.network.giving_way import Action, Fact
from engram.network.handle import Handle
from engram.network.implicit import implicit, network_or_implicit
from engram.network.population import Population
from engram.network.synapse import IndividualSynapse
from engram.network.view import PopulationView
from engram.persistence import files
from engram.program.creating import new_projection
from engram.program.known_synapses import delay_to_begin_with, known_synapses, let_delay_be
from engram.program.learning import learning_steps
from engram.program.lifting import per_synapse
from engram.program.reach import as_lists, reach_of
from engram.program.resetting import reset_synapses
from engram.program.some_synapses import check_array
from engram.program.step_size import caution
from engram.program.structure import start_rule, stop_rule
from engram.program.synapses import Side, Synapses
from engram.program.values import as_number
from engram.state import names

if TYPE_CHECKING:
    from engram.network.network import Network
    from engram.storage.report import LoadReport

__all__ = ["Projection"]

Array = npt.NDArray[Any]
MANY = 1_000_000  # synapses above which lists of lists are slow enough for a warning


@checked_calls
class Projection(Connectors, Handle):
    """Synapses of one model from one population to another.

    What is read (``proj.w``) are lists made for the reader: assigning to their elements changes nothing here. Set
    ``proj.w = lists``, ``proj[post].w = [...]`` or ``proj.synapse(pre, post).w = 0.5``.

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
    _assignable: ClassVar[frozenset[str]] = frozenset({*names.FLAGS["projections"], "delay"})
    _dendrite: ClassVar[type[Dendrite]] = Dendrite  # the class of its dendrites

    def __init__(
        self,
        pre: Population | PopulationView | str,
        post: Population | PopulationView | str,
        target: str | list[str] | tuple[str, ...],
        synapse: Synapse | type[Synapse] | None = None,
        name: str | None = None,
        *,
        network: Network | None = None,
    ) -> None:
        implicit.refuse_waiting(network, pre, post)
        given = next((one for one in (pre, post) if isinstance(one, Population | PopulationView)), None)
        of_given = _population(given, "")._network if given is not None else None
        network = network_or_implicit(network or of_given)
        pre, post = (network.get_population(one) if isinstance(one, str) else one for one in (pre, post))
        sides = _population(pre, "pre"), _population(post, "post")
        for side, population in zip(("pre", "post"), sides, strict=True):
            if population._network is not network:
                raise InvalidArgument(
                    f"{side} population {population.name!r} belongs to another network\n"
                    "  help: connect populations that one network created."
                )
        model = default_synapse(sides[0].is_spiking and sides[1].is_spiking) if synapse is None else synapse
        definition = as_definition(model, Synapse, "synapse")
        self._check_names(definition)
        super().__init__(network, new_projection(network._core, name, definition, _side(pre), _side(post), target))
        network._projections[self.name] = self

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
        population = self._network._populations[name]
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

    # (Before compile a given list has all of this already.)

    @property
    def nb_synapses(self) -> int:
        """Number of synapses."""
        known = known_synapses(self._core)
        return self._core.n_syn if known is None else len(known.pre)

    @property
    def post_ranks(self) -> list[int]:
        """Ranks of the post neurons that have synapses, ascending."""
        return np.flatnonzero(self._per_post).tolist()  # type: ignore[no-any-return]  # of NumPy

    @property
    def size(self) -> int:
        """Number of post neurons that have synapses."""
        return int(np.count_nonzero(self._per_post))

    def __len__(self) -> int:
        return self.size

    @property
    def nb_synapses_per_dendrite(self) -> list[int]:
        """Number of synapses of each post neuron that has some."""
        return [n for n in self._per_post.tolist() if n]

    @property
    def _per_post(self) -> Array:
        known = known_synapses(self._core)
        return reach_of(self._core).per_post if known is None else known.per_post

    @property
    def pre_ranks(self) -> list[list[int]]:
        """Ranks of the pre neurons, a list for each post neuron that has synapses."""
        known = known_synapses(self._core)
        return self._lists(reach_of(self._core).pre_in_order() if known is None else known.pre)

    # -- values ------------------------------------------------------------------------------------------

    def array(self, name: str) -> Array:
        """Return a copy of an attribute, of ``delay_steps``, or of ``delay`` in ms.

        It is (n_syn,) in canonical order, () if it is one number.
        """
        if name == "delay" and self._core.spec.attribute(name) is None:
            return np.asarray(self.array(names.DELAY_STEPS) * self._core.program.dt)
        check_array(self._core, name)
        values: Array = per_synapse(self._core, name).copy()
        return values

    def weights_csr(self, name: str = "w") -> Any:
        """Return an attribute, or ``delay`` in ms, as a ``scipy.sparse.csr_matrix``, post neurons by pre neurons.

        Several synapses of one pair are added up. Such a matrix can be assigned, if it has an entry for each synapse:
        ``proj.w = 2*proj.weights_csr()``.
        """
        from scipy.sparse import csr_matrix

        wiring = self._core.connectivity
        values = np.broadcast_to(self.array(name), (wiring.n_syn,))
        parts = (values, wiring.ranks, wiring.row_start)
        matrix = csr_matrix(parts, (wiring.n_rows, wiring.n_columns), copy=True)
        if wiring.by == "pre":
            matrix = matrix.T.tocsr()
        matrix.sum_duplicates()
        return matrix

    @Action
    def to_dataframe(self) -> Any:
        """Return a ``pandas.DataFrame`` with a row for each synapse, by post neuron, then by pre.

        Its columns are ``pre`` and ``post``, the ranks in the whole populations, ``w``, ``delay`` in ms, and the other
        attributes that have a value for each synapse. ``connect_from`` takes such a table.

        Raises:
            NotCompiled: before compile.
            MissingLibrary: without pandas.
        """
        from engram.analysis.optional import optional  # what most scripts never need
        from engram.program.synapse_columns import columns_of  # as above

        columns = columns_of(self._core)
        return optional("pandas").DataFrame(columns)

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
        Dendrite(self._core, self.pre, post, may_be_empty=True).create_synapse(pre, w, delay)

    @property
    def dendrites(self) -> Iterator[Dendrite]:
        """Go through the post neurons that have synapses."""
        pre = self.pre
        return (self._dendrite(self._core, pre, post) for post in self.post_ranks)

    def __iter__(self) -> Iterator[Dendrite]:
        return self.dendrites

    def __contains__(self, post: Any) -> bool:
        """Say whether synapses end at a post neuron, given by its rank, or a dendrite is of this projection."""
        if isinstance(post, Dendrite):
            return post._core is self._core
        is_rank = isinstance(post, int | np.integer) and not isinstance(post, bool)
        return is_rank and 0 <= post < self._core.post.size and bool(reach_of(self._core).per_post[post])

    def connectivity_matrix(self, fill: float = 0.0) -> Array:
        """Return the weights as a dense array (post.size, pre.size), ``fill`` where there is no synapse.

        Several synapses of one pair are added up.
        """
        wiring, missing = self._core.connectivity, float(as_number(fill, np.dtype(np.float64), "fill"))
        post, pre = wiring.post_of_synapses(), wiring.pre_of_synapses()
        matrix = np.zeros((wiring.n_post, wiring.n_pre))
        np.add.at(matrix, (post, pre), self.array("w"))
        if missing != 0.0:
            exists = np.zeros(matrix.shape, bool)
            exists[post, pre] = True
            matrix[~exists] = missing
        return matrix

    @Action
    def receptive_fields(self, variable: str = "w", in_post_geometry: bool = True, fill: float = 0.0) -> Array:
        """Return an attribute as one picture: a field of the pre population's geometry for each post neuron.

        Several synapses of one pair are added up. Both populations have one dimension, which is a row, or two.

        Args:
            variable: the attribute, or ``delay``.
            in_post_geometry: place the fields as the post neurons stand; otherwise in a square by rank.
            fill: where there is no synapse.

        Returns:
            2-D: field [i, j] of (h, w) stands in rows i*h to (i + 1)*h, columns j*w to (j + 1)*w.
        """
        missing = float(as_number(fill, np.dtype(np.float64), "fill"))
        values = self.array(variable)
        attribute = self._core.spec.attribute(variable)
        if attribute is not None and attribute.locality == "semiglobal":
            values = values[self._core.connectivity.post_of_synapses()]
        return mosaic(self._core, values, in_post_geometry, missing)

    @property
    def delay(self) -> Any:
        """Delay in ms: the number that was given for all, else a list for each post neuron that has synapses.

        Such can be assigned, and a distribution: a delay is drawn for each synapse. Lists stay lists, also of equal
        delays. Before compile what the connector was given is read, and one number or a distribution can be assigned.
        """
        core = self._core
        dt, known = core.program.dt, known_synapses(core)
        one = None if core.program.compiled else delay_to_begin_with(core)
        if one is not None:
            return one
        if known is None:
            core.check_wired()
            steps = core.value(names.DELAY_STEPS)
            if steps.shape == ():
                return int(steps) * dt
            steps = reach_of(core).in_order(steps)
        else:
            steps = known.delay_steps
        # many have few values: they share Python's numbers
        ms = np.arange(int(steps.max(initial=0)) + 1, dtype=steps.dtype) * dt
        return self._lists(ms.astype(object)[steps])

    @delay.setter
    def delay(self, value: Any) -> None:
        if not self._core.program.compiled:
            let_delay_be(self._core, value)
            return
        from engram.program.delays import assign_delays  # with ``wiring``: importing engram must be quick

        self._core.check_wired()
        assign_delays(self._core, value)

    def _present(self, attribute: Attribute) -> Any:
        core = self._core
        if not core.program.compiled:
            value = core.rounded(attribute, core.given_value(attribute))
            return value.item() if value.shape == () else value.tolist()
        core.program.usable()
        value = per_synapse(core, attribute.name)
        if value.shape == ():
            return value.item()
        if attribute.locality == "semiglobal":
            return [x for x, n in zip(value.tolist(), reach_of(core).per_post.tolist(), strict=True) if n]
        return self._lists(reach_of(core).in_order(value))

    def _lists(self, ordered: Array) -> list[Any]:
        """Return values by post, then pre, as lists."""
        if len(ordered) > MANY:
            advice = "array() and weights_csr() are faster"
            warn(f"{self._core.where}: {len(ordered)} values become Python lists; {advice}")
        return as_lists(self._per_post, ordered)

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

    # -- learning ----------------------------------------------------------------------------------------

    @property
    def transmission(self) -> bool:
        """False stops transmission and all synaptic updates."""
        return self._core.flag("transmission")

    @transmission.setter
    def transmission(self, value: bool) -> None:
        self._core.set_flag("transmission", value)

    @property
    def axon_transmission(self) -> bool:
        """False stops the delivery of axonal spikes, to ``pre_axon_spike``, and nothing else."""
        return self._core.flag("axon_transmission")

    @axon_transmission.setter
    def axon_transmission(self, value: bool) -> None:
        self._core.set_flag("axon_transmission", value)

    @property
    def update(self) -> bool:
        """False freezes continuous equations."""
        return self._core.flag("update")

    @update.setter
    def update(self, value: bool) -> None:
        self._core.set_flag("update", value)

    @property
    def plasticity(self) -> bool:
        """False freezes ``w`` and nothing else."""
        return self._core.flag("plasticity")

    @plasticity.setter
    def plasticity(self, value: bool) -> None:
        self._core.set_flag("plasticity", value)

    def enable_learning(self, period: float | None = None, offset: float | None = None) -> None:
        """Let weights and other synaptic variables change.

        Args:
            period: ms between updates of the continuous equations, which then advance by so much; one step by default.
            offset: ms after a multiple of the period. Both are cut to whole steps, with a warning.

        Raises:
            InvalidArgument: if the period is shorter than a step, or the offset not below the period.
        """
        learning_steps(self._core.program.dt, period, offset, self._core.where)
        self._learn(period, offset)

    def _learn(self, period: float | None, offset: float | None) -> None:
        """Switch learning on with a period and an offset in ms, which are known to be possible."""
        core = self._core
        self.update = self.plasticity = True
        if not core.program.compiled:
            core.draft.learning_period_ms, core.draft.learning_offset_ms = period, offset
            return
        for name, value in learning_steps(core.program.dt, period, offset).items():
            core.write(name, value)
        caution(core)

    def disable_learning(self) -> None:
        """Freeze the weights of spiking synapses, all variables of rate-coded ones."""
        if self.is_spiking:
            self.plasticity = False
        else:
            self.update = False

    # -- structural plasticity ---------------------------------------------------------------------------

    def start_pruning(self, period: float | None = None) -> None:
        """Let synapses go where the rule ``pruning`` of their model says, at the end of steps from the coming one on.

        Args:
            period: ms from one test to the next, cut to whole steps with a warning; one step by default.

        Raises:
            InvalidArgument: if the model has no such rule, or the period is shorter than a step.
            NotCompiled: before compile.
        """
        start_rule(self._core, "pruning", period)

    def stop_pruning(self) -> None:
        """Let all synapses be that there are; see :meth:`start_pruning`."""
        stop_rule(self._core, "pruning")

    def start_creating(self, period: float | None = None) -> None:
        """Let pairs without a synapse get one where the rule ``creating`` of the model says; else as
        :meth:`start_pruning`, which comes first where both are due.

        Only neurons in which a synapse ends get others.
        """
        start_rule(self._core, "creating", period)

    def stop_creating(self) -> None:
        """Let no more synapses come; see :meth:`start_creating`."""
        stop_rule(self._core, "creating")

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

    def load(self, file: str | os.PathLike[str]) -> LoadReport:
        """Load what :meth:`save` wrote. The network's clock, and spikes in flight, stay."""
        return files.load_one(self._network._keeper, self._core, file)


def _population(side: Any, name: str) -> Population:
    """Return the population of one side.

    Raises:
        InvalidArgument: if it is none, and no view.
    """
    population = side._population if isinstance(side, PopulationView) else side
    if not isinstance(population, Population):
        raise InvalidArgument(f"{name} must be a population, not {side!r:.60}")
    return population


def _side(given: Population | PopulationView) -> Side:
    return (given._population._core, given.ranks) if isinstance(given, PopulationView) else (given._core, None)
