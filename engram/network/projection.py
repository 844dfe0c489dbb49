"""Projections: synapses of one model between two populations.

Called by users (``eg.Projection``, ``net.connect``). Who is connected to whom is drawn by ``wiring`` at compile; here
stand the attributes, the views of connectivity, and the slots that a projection needs.
"""

from __future__ import annotations

import copy
import difflib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls, warn
from engram.errors import InvalidArgument, NotAvailable, NotCompiled
from engram.ir.nodes import OFFSET_SYMBOL, PERIOD_SYMBOL
from engram.ir.spec import Attribute
from engram.models.definition import Synapse
from engram.models.standard import default_synapse
from engram.network import files
from engram.network.connect import Connectors
from engram.network.dendrite import Dendrite
from engram.network.drafts import ProjectionDraft
from engram.network.event_values import hold_from_now
from engram.network.given import Given
from engram.network.implicit import network_or_implicit
from engram.network.initial import redraw_projection
from engram.network.kernels import check_models
from engram.network.learning import learning_steps
from engram.network.lifting import lifted_shape, per_synapse
from engram.network.listed import PER_SYNAPSE, keep_weights, list_slots
from engram.network.owner import Owner, as_definition
from engram.network.parts import part_slots
from engram.network.population import Population
from engram.network.reach import Reach
from engram.network.step_size import caution
from engram.network.synapse import IndividualSynapse
from engram.network.synapses import connectivity_of, wire
from engram.network.units import warn_of_rest
from engram.network.values import as_number, as_values, refuse_flags
from engram.network.view import PopulationView
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.slots import OnReset, Role, Slot
from engram.state.spelling import spelled
from engram.state.streams import Stream, stream_key

if TYPE_CHECKING:
    from engram.ir.precision import Float
    from engram.network.network import Network
    from engram.storage.report import LoadReport
    from engram.wiring.connectivity import Connectivity

__all__ = ["Projection"]

Array = npt.NDArray[Any]
T = TypeVar("T")
MANY = 1_000_000  # synapses above which lists of lists are slow enough for a warning


@checked_calls
class Projection(Connectors, Owner):
    """Synapses of one model from one population to another.

    Args:
        pre, post: populations, or views of them.
        target: name of the input at the post population: ``exc`` for ``g_exc`` or ``sum(exc)``; of spikes a list too.
        synapse: the model; by default spikes add ``w`` to ``g_target``, and rates contribute ``w*pre.r``.
        name: ``proj0``, ``proj1`` ... by default.
        network: that the projection belongs to; that of its populations by default.

    Raises:
        InvalidArgument: if something has the wrong kind or belongs to another network, or the name is taken.
        LanguageError: if the synapse reads an attribute that the populations lack.
    """

    _section: ClassVar[Literal["projections"]] = "projections"
    _draft: ProjectionDraft
    _fields: ClassVar[frozenset[str]] = frozenset({*names.FLAGS, "delay"})

    def __init__(
        self,
        pre: Population | PopulationView,
        post: Population | PopulationView,
        target: str | list[str] | tuple[str, ...],
        synapse: Synapse | type[Synapse] | None = None,
        name: str | None = None,
        *,
        network: Network | None = None,
    ) -> None:
        self._pre, self._pre_ranks = _whole(pre, "pre")
        self._post, self._post_ranks = _whole(post, "post")
        network = network_or_implicit(network or self._pre._network)
        for side, population in (("pre", self._pre), ("post", self._post)):
            if population._network is not network:
                raise InvalidArgument(
                    f"{side} population {population.name!r} belongs to another network\n"
                    "  help: connect populations that one network created."
                )
        self._targets = _checked_targets(target, self._pre.is_spiking)
        definition = as_definition(
            default_synapse(self._pre.is_spiking) if synapse is None else synapse, Synapse, "synapse"
        )
        definition = definition.with_event_clock(network._config.event_clock)
        super().__init__(network, network._new_name(self._section, name), definition)
        self._draft = ProjectionDraft()
        self._check_models()
        if network._said_uids is None:
            self._warn_of_typos()
        self._forget_synapses()
        self._own_draws: dict[str, Any] = {}  # distributions with generators, as these stood before they first drew
        network._add_projection(self)

    def _parts(self) -> tuple[Array, Array]:
        """Ranks of the neurons on both sides."""
        pre = np.arange(self._pre.size) if self._pre_ranks is None else self._pre_ranks
        return pre, np.arange(self._post.size) if self._post_ranks is None else self._post_ranks

    @property
    def _is_partial(self) -> bool:
        """Whether one side is a view."""
        return self._pre_ranks is not None or self._post_ranks is not None

    # -- who and how many --------------------------------------------------------------------------------

    @property
    def pre(self) -> Population | PopulationView:
        """The presynaptic population or view."""
        return self._pre if self._pre_ranks is None else PopulationView(self._pre, self._pre_ranks)

    @property
    def post(self) -> Population | PopulationView:
        """The postsynaptic population or view."""
        return self._post if self._post_ranks is None else PopulationView(self._post, self._post_ranks)

    @property
    def target(self) -> str | list[str]:
        """Name of the input at the post population, or a list of several."""
        return self._targets[0] if len(self._targets) == 1 else list(self._targets)

    @property
    def synapse_type(self) -> Synapse:
        """The model."""
        return self._definition  # type: ignore[return-value]  # the constructor checked it

    @property
    def _real(self) -> Float:
        return self._network._config.precision.synapses

    @property
    def is_spiking(self) -> bool:
        """Whether spikes arrive, or rates."""
        return self._pre.is_spiking

    @property
    def _by(self) -> str:
        return "pre" if self.is_spiking else "post"

    @property
    def _ranks_name(self) -> str:
        """The slot with the ranks of the other side in each row."""
        return names.POST_RANKS if self.is_spiking else names.PRE_RANKS

    def _forget_synapses(self) -> None:
        """Drop what follows from the synapses, or from where they stand: they have changed."""
        self._connectivity_now: Connectivity | None = None
        self._reach_now: Reach | None = None

    @property
    def _connectivity(self) -> Connectivity:
        """The synapses in canonical form: of packed ones a copy of all."""
        self._check_wired()
        if self._connectivity_now is None:
            now = connectivity_of(self)
            if not self._network._state.is_array(self._place(self._ranks_name)):
                return now  # a copy, which must not stay
            self._connectivity_now = now
        return self._connectivity_now

    @property
    def _reach(self) -> Reach:
        """The synapses one by one."""
        self._check_wired()
        if self._reach_now is None:
            self._reach_now = Reach(self)
        return self._reach_now

    def _check_wired(self) -> None:
        self._network._usable()
        if self._place(names.ROW_START) not in self._network._state:
            raise NotCompiled(f"projection {self.name!r} has no synapses before compile()")

    @property
    def nb_synapses(self) -> int:
        """Number of synapses."""
        if not self._network.compiled:
            self._check_wired()
        return self._network._state.slot(self._place(self._ranks_name)).shape[0]

    @property
    def post_ranks(self) -> list[int]:
        """Ranks of the post neurons that have synapses, ascending."""
        return np.flatnonzero(self._reach.per_post).tolist()  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """Number of post neurons that have synapses."""
        return int(np.count_nonzero(self._reach.per_post))

    def __len__(self) -> int:
        return self.size

    @property
    def nb_synapses_per_dendrite(self) -> list[int]:
        """Number of synapses of each post neuron that has some."""
        return [n for n in self._reach.per_post.tolist() if n]

    @property
    def pre_ranks(self) -> list[list[int]]:
        """Ranks of the pre neurons, a list for each post neuron that has synapses."""
        return self._lists(self._reach.pre_in_order())

    def __repr__(self) -> str:
        synapses = f", {self.nb_synapses} synapses" if self._network.compiled else ""
        return (
            f"<Projection {self.name!r}: {self._pre.name} -> {self._post.name} ({', '.join(self._targets)}){synapses}>"
        )

    # -- values ------------------------------------------------------------------------------------------

    def array(self, name: str) -> Array:
        """Return a copy of an attribute, or of ``delay_steps``: (n_syn,) in canonical order, () if it is one number."""
        self._check_array(name)
        values: Array = per_synapse(self, name).copy()
        return values

    def _check_array(self, name: str) -> None:
        """Refuse what :meth:`array` hasn't."""
        if name not in (*self.attributes, names.ROW_START, names.DELAY_STEPS, self._ranks_name):
            raise self._unknown(name)
        self._network._usable()
        if not self._network.compiled:
            raise NotCompiled(f"projection {self.name!r} has no synapses before compile()")

    def weights_csr(self, name: str = "w") -> Any:
        """Return an attribute as a ``scipy.sparse.csr_matrix``, post neurons by pre neurons.

        Several synapses of one pair are added up.
        """
        from scipy.sparse import csr_matrix

        wiring = self._connectivity
        values = np.broadcast_to(self.array(name), (wiring.n_syn,))
        parts = (values, wiring.ranks, wiring.row_start)
        matrix = csr_matrix(parts, (wiring.n_rows, wiring.n_columns), copy=True)
        if wiring.by == "pre":
            matrix = matrix.T.tocsr()
        matrix.sum_duplicates()
        return matrix

    def synapse(self, pre: int, post: int, k: int | None = None) -> IndividualSynapse:
        """Return the synapse between two neurons, given by their ranks in the whole populations.

        Args:
            k: which one, where there are several (multapses): 0 has the shortest delay.

        Raises:
            InvalidArgument: if there is no such synapse, or there are several and ``k`` is not given.
        """
        return IndividualSynapse(self, pre, post, k)

    def dendrite(self, post: int | tuple[int, ...]) -> Dendrite:
        """Return the synapses that end at a neuron, given by its rank in the whole population or its coordinates.

        Raises:
            InvalidArgument: if there is no such neuron, or no synapse ends there.
        """
        return Dendrite(self, post)

    def __getitem__(self, post: int | tuple[int, ...]) -> Dendrite:
        return self.dendrite(post)

    @property
    def dendrites(self) -> Iterator[Dendrite]:
        """Go through the post neurons that have synapses."""
        return (Dendrite(self, post) for post in self.post_ranks)

    def __iter__(self) -> Iterator[Dendrite]:
        return self.dendrites

    def connectivity_matrix(self, fill: float = 0.0) -> Array:
        """Return the weights as a dense array (post.size, pre.size), ``fill`` where there is no synapse.

        Several synapses of one pair are added up.
        """
        wiring, missing = self._connectivity, float(as_number(fill, np.dtype(np.float64), "fill"))
        post, pre = wiring.post_of_synapses(), wiring.pre_of_synapses()
        matrix = np.zeros((wiring.n_post, wiring.n_pre))
        np.add.at(matrix, (post, pre), self.array("w"))
        if missing != 0.0:
            exists = np.zeros(matrix.shape, bool)
            exists[post, pre] = True
            matrix[~exists] = missing
        return matrix

    @property
    def delay(self) -> Any:
        """Delay in ms: a number if all are the same, else a list for each post neuron that has synapses."""
        self._check_wired()
        steps = self._value(names.DELAY_STEPS)
        if steps.shape == ():
            return int(steps) * self._network.dt
        # many have few values: they share Python's numbers
        ms = np.arange(int(steps.max(initial=0)) + 1, dtype=steps.dtype) * self._network.dt
        return self._lists(ms.astype(object)[self._reach.in_order(steps)])

    @delay.setter
    def delay(self, value: Any) -> None:
        what = f"{self._path}/delay"
        if isinstance(value, list) and value and isinstance(value[0], list | np.ndarray):
            value = self._from_lists(what, value)
        refuse_flags(value, what)
        shape = (self._reach.n_syn,)
        from engram.network.delays import change_delays  # with ``wiring``: importing engram must be quick

        with self._network._lock:
            change_delays(self, as_values(value, np.dtype(np.float64), shape, what))

    def _shape(self, attribute: Attribute) -> tuple[int, ...]:
        if attribute.locality == "global":
            return ()
        if attribute.locality == "semiglobal":
            return (self._post.size,)
        return (self._reach.n_syn,)

    def _present(self, attribute: Attribute) -> Any:
        if not self._network.compiled:
            return self._before_compile(attribute)
        self._network._usable()
        value = per_synapse(self, attribute.name)
        if value.shape == ():
            return value.item()
        if attribute.locality == "semiglobal":
            return [x for x, n in zip(value.tolist(), self._reach.per_post.tolist(), strict=True) if n]
        return self._lists(self._reach.in_order(value))

    def _is_sized(self, attribute: Attribute) -> bool:
        return attribute.locality != "local"  # how many synapses there are, compile finds

    def _copied(self, name: str) -> Any:
        attribute = self._spec.attribute(name)
        if attribute is None:
            raise self._unknown(name)
        return self._given_value(attribute)

    def _before_compile(self, attribute: Attribute) -> Any:
        value = self._rounded(attribute, self._given_value(attribute))
        return value.item() if value.shape == () else value.tolist()

    def _given_value(self, attribute: Attribute) -> Array:
        value = self._default(attribute, {})
        if attribute.name == "w" and "w" not in self._draft.values and self._draft.connection is not None:
            weights = self._draft.connection.weights
            if weights == PER_SYNAPSE:
                raise NotCompiled(f"{self._path}/{attribute.name}: {weights}, in an order that compile() finds")
            value = weights if isinstance(weights, Distribution) else np.asarray(weights)
        if isinstance(value, Distribution):
            raise NotCompiled(f"{self._path}/{attribute.name} is drawn from {value!r} by compile()")
        return value

    def _checked(self, attribute: Attribute, value: Any) -> Array | Distribution | Given:
        if (
            attribute.locality == "local"
            and isinstance(value, list)
            and any(isinstance(row, list | np.ndarray) for row in value)
        ):
            value = self._from_lists(f"{self._path}/{attribute.name}", value)
        if attribute.name == names.WEIGHT:
            refuse_flags(value, f"{self._path}/{attribute.name}")
        if attribute.locality == "semiglobal" and isinstance(value, list) and self._network.compiled:
            value = self._from_dendrites(attribute, value)
        if attribute.locality == "local" and not self._network.compiled and not isinstance(value, Distribution):
            if isinstance(value, str):
                value = self._copied(value)
            new = self._held(attribute, value, (), f"{self._path}/{attribute.name}")
            self._check_limit(attribute.name, new)
            return new
        return super()._checked(attribute, value)

    def _assign(self, attribute: Attribute, value: Array | Distribution | Given) -> None:
        if not self._network.compiled or isinstance(value, Distribution | Given):
            self._draft.values[attribute.name] = value
            return
        self._network._usable()
        with self._network._lock:  # a save must not see half of it
            hold_from_now(self, [attribute.name])
            self._put(attribute, value)

    def _put(self, attribute: Attribute, value: Array) -> None:
        """Give an attribute another value, in the form that this needs."""
        path = self._place(attribute.name)
        if attribute.name == names.WEIGHT:
            keep_weights(self)
        slot = self._network._state.slot(path)
        if value.shape == () or value.shape == slot.shape:
            self._network._state.write(path, value)
        else:
            self._network._reshape(self, attribute.name, value.astype(slot.dtype))

    def _drawn_now(self, attribute: Attribute, distribution: Distribution) -> Array:
        self._network._usable()
        return self._drawn(attribute, distribution, Stream.ATTRIBUTE, self._network._next_draw())

    def _element(self, name: str, position: int) -> str:
        attribute = self._spec.attribute(name)
        if attribute is not None and attribute.locality == "semiglobal":
            return f"neuron {position} of {self._post.name!r}"
        return "synapse({}, {})".format(*self._pair(position))

    def _pair(self, position: int) -> tuple[int, int]:
        """Which neurons the synapse at a position in canonical order connects: (pre, post)."""
        where = np.array([position])
        return int(self._reach.pre_of(where)[0]), int(self._reach.post_of(where)[0])

    def _drawn(self, attribute: Attribute, value: Distribution, stream: Stream, number: int) -> Array:
        """Draw one value per synapse (by its pre and post ranks) or per post neuron."""
        if attribute.locality != "local":
            return self._draw(value, self._shape(attribute))
        key = stream_key(self._network.seed, self._uid, stream, number << 32)  # another key for each assignment
        from engram.wiring.values import drawn

        return drawn(self._connectivity, value, key=key, threads=self._network._threads)

    def _same_draws(self, what: str, asked: T) -> T:
        """Return what a start is drawn from, so that each time gives what the first one gave.

        Generators of the user's own draw once; after that, copies draw the same again.

        Args:
            what: is drawn, by a name.
            asked: a distribution or a tuple of values; those that share a generator in it go on sharing it.
        """
        if not any(isinstance(d, Distribution) and d.rng is not None for d in _several(asked)):
            return asked
        if what in self._own_draws:
            return copy.deepcopy(self._own_draws[what])  # type: ignore[no-any-return]  # stored below
        self._own_draws[what] = copy.deepcopy(asked)
        return asked

    def _lists(self, ordered: Array) -> list[Any]:
        """Return values by post, then pre, as lists."""
        if len(ordered) > MANY:
            advice = "array() and weights_csr() are faster"
            warn(f"{self._where}: {len(ordered)} values become Python lists; {advice}")
        return self._reach.lists(ordered)

    def _from_dendrites(self, attribute: Attribute, values: list[Any]) -> Any:
        """Spread a list with one value per post neuron that has synapses; the other neurons keep theirs."""
        ranks = self.post_ranks
        if len(values) != len(ranks):
            return values
        spread = self._value(attribute.name).tolist()
        for rank, value in zip(ranks, values, strict=True):
            spread[rank] = value
        return spread

    def _from_lists(self, what: str, lists: list[Any]) -> Array:
        """Bring a list per post neuron into canonical order."""
        wanted = self.nb_synapses_per_dendrite
        given = [len(row) if isinstance(row, list | tuple | np.ndarray) else "a number" for row in lists]
        if given != wanted:
            raise InvalidArgument(
                f"{what}: expected {len(wanted)} lists with a value per synapse of each neuron "
                f"({wanted[:5]}{' ...' if len(wanted) > 5 else ''}), got {len(given)} lists "
                f"({given[:5]}{' ...' if len(given) > 5 else ''})"
            )
        return self._reach.in_canonical_order(np.concatenate([np.asarray(row) for row in lists]))

    # -- learning ----------------------------------------------------------------------------------------

    def _flag(self, name: str) -> bool:
        return bool(self._value(name)) if self._place(name) in self._network._state else self._draft.flags[name]

    def _set_flag(self, name: str, value: Any) -> None:
        if not isinstance(value, bool | np.bool_):
            raise InvalidArgument(f"{self._place(name)}: expected True or False, got {value!r:.60}")
        if self._place(name) in self._network._state:
            self._write(name, value)
        else:
            self._draft.flags[name] = bool(value)

    @property
    def transmission(self) -> bool:
        """False stops transmission and all synaptic updates."""
        return self._flag("transmission")

    @transmission.setter
    def transmission(self, value: bool) -> None:
        self._set_flag("transmission", value)

    @property
    def axon_transmission(self) -> bool:
        """False stops the delivery of axonal spikes, to ``pre_axon_spike``, and nothing else."""
        return self._flag("axon_transmission")

    @axon_transmission.setter
    def axon_transmission(self, value: bool) -> None:
        self._set_flag("axon_transmission", value)

    @property
    def update(self) -> bool:
        """False freezes continuous equations."""
        return self._flag("update")

    @update.setter
    def update(self, value: bool) -> None:
        self._set_flag("update", value)

    @property
    def plasticity(self) -> bool:
        """False freezes ``w`` and nothing else."""
        return self._flag("plasticity")

    @plasticity.setter
    def plasticity(self, value: bool) -> None:
        self._set_flag("plasticity", value)

    def enable_learning(self, period: float | None = None, offset: float | None = None) -> None:
        """Let weights and other synaptic variables change.

        Args:
            period: ms between updates of the continuous equations, which then advance by so much; one step by default.
            offset: ms after a multiple of the period. Both are cut to whole steps, with a warning.

        Raises:
            InvalidArgument: if the period is shorter than a step, or the offset not below the period.
        """
        learning_steps(self._network.dt, period, offset, self._where)
        self._learn(period, offset)

    def _learn(self, period: float | None, offset: float | None) -> None:
        """Switch learning on with a period and an offset in ms, which are known to be possible."""
        self.update = self.plasticity = True
        if not self._network.compiled:
            self._draft.learning_period_ms, self._draft.learning_offset_ms = period, offset
            return
        for name, value in learning_steps(self._network.dt, period, offset).items():
            self._write(name, value)
        caution(self)

    @property
    def _learning_period(self) -> int:
        """Steps between updates of the continuous equations."""
        if self._network.compiled:
            return int(self._value(PERIOD_SYMBOL))
        return self._learning_at_start(self._network.dt)[PERIOD_SYMBOL]

    def _learning_at_start(self, dt_ms: float, where: str | None = None) -> dict[str, int]:
        """The period and its offset that were given before compile, in steps of ``dt_ms``; see ``learning_steps``."""
        return learning_steps(dt_ms, self._draft.learning_period_ms, self._draft.learning_offset_ms, where)

    def _check_times(self, dt_ms: float) -> None:
        """Refuse a step that does not fit what was given in ms; warn of what it rounds."""
        asked = self._draft.connection
        if asked is not None:
            self._check_connection(asked, dt_ms, is_known=True)
        if asked is not None and not isinstance(asked.delays, Distribution | str) and asked.delays:  # 0.0 is one step
            warn_of_rest(asked.delays, max(1, round(asked.delays / dt_ms)), dt_ms, f"{self._where}: delays")
        self._learning_at_start(dt_ms, self._where)

    def disable_learning(self) -> None:
        """Freeze the weights of spiking synapses, all variables of rate-coded ones."""
        if self.is_spiking:
            self.plasticity = False
        else:
            self.update = False

    # -- slots -------------------------------------------------------------------------------------------

    def _slots(self) -> Iterator[Slot]:
        """All slots that the projection needs, without synapses: those with one value for each are empty."""
        for attribute in self._spec.attributes:
            dtype = self._dtype(attribute.type)
            local = attribute.locality == "local"
            shape = (0,) if local else self._shape(attribute)
            if attribute.name != names.WEIGHT:
                form = {"free_length": local, "may_be_single": True}
                yield self._slot(names.initial(attribute.name), (), dtype, Role.PARAMETER, hidden=True, **form)
            yield self._slot(
                attribute.name,
                shape,
                dtype,
                self._role(attribute),
                free_length=local,
                may_be_single=attribute.name == names.WEIGHT and local,
                lifted=lifted_shape(self, attribute.name),
                on_reset=OnReset.KEEP if attribute.name == names.WEIGHT else OnReset.INITIAL,
            )
        facts: dict[str, Any] = {"hidden": True}
        rows, columns = (self._pre, self._post) if self._by == "pre" else (self._post, self._pre)
        yield self._slot(names.ROW_START, (rows.size + 1,), np.int64, Role.WIRING, offsets=True, **facts)
        facts["free_length"] = True
        yield self._slot(self._ranks_name, (0,), np.uint32, Role.WIRING, below=columns.size, **facts)
        yield self._slot(
            names.DELAY_STEPS, (0,), np.uint16, Role.WIRING, may_be_single=True, unit="steps", least=1, **facts
        )
        for name in self._spec.last_slots:
            lifted = lifted_shape(self, name)
            is_free = name == names.LAST_PRE
            shape = (0,) if is_free else (self._post.size,)
            on_reset = OnReset.NOW if self._spec.dated else OnReset.NEVER
            facts = {"hidden": True, "free_length": is_free, "lifted": lifted, "on_reset": on_reset}
            yield self._slot(name, shape, np.int64, Role.TIME, unit="steps", **facts)
        for flag in names.FLAGS:
            if flag != names.AXON_TRANSMISSION or self._spec.has_axon_spike:
                yield self._slot(flag, (), np.bool_, Role.STATE, hidden=True)
        for name in (PERIOD_SYMBOL, OFFSET_SYMBOL):
            yield self._slot(
                name, (), np.int64, Role.STATE, hidden=True, unit="steps", least=int(name == PERIOD_SYMBOL)
            )
        yield from part_slots(self)
        yield from list_slots(self)

    def _redraw(self) -> None:
        """Draw synapses, weights and delays again."""
        redraw_projection(self, wire(self))

    def _warn_of_typos(self) -> None:
        """A target that nobody reads is allowed, but one that resembles one that is read is a slip."""
        known = self._post._spec.targets
        for target in self._targets:
            near = difflib.get_close_matches(target, known, 1, 0.6) if target not in known else []
            if near:
                what = f"the neurons of {self._post.name!r} don't read the input {target!r}"
                warn(f"{self._where}: {what}\n  help: did you mean {near[0]!r}?")

    def _check_models(self) -> None:
        for target in self._targets if self.is_spiking else ():
            conductance = self._post._spec.attribute(f"g_{target}")
            if conductance is not None and (conductance.type != "float" or conductance.locality != "local"):
                what = f"'g_{target}' of {self._post.name!r} must be a float of each neuron, since spikes add to it"
                raise InvalidArgument(f"{self._where}: {what}\n  help: remove its flags.")
        check_models(self.synapse_type, self._pre.neuron_type, self._post.neuron_type, self._targets[0])
        if self._pre.is_spiking != self._post.is_spiking:
            raise NotAvailable(f"projection {self.name!r}: spiking and rate-coded populations can't be connected yet")

    # -- files -------------------------------------------------------------------------------------------

    def save(self, file: str | os.PathLike[str]) -> Any:
        """Write the projection alone; see :meth:`Network.save`. Keys in the file are the attribute names."""
        return files.save_one(self._network, self, file)

    def save_connectivity(self, filename: str | os.PathLike[str]) -> None:
        """Write the synapses alone, with their weights and delays, for :meth:`from_file`; an ``.npz`` of NumPy's.

        Ranks are those within the populations or views that are connected.
        """
        from engram.network.list_files import write_connectivity  # which most scripts never need

        self._check_wired()
        write_connectivity(self, filename)

    def load(self, file: str | os.PathLike[str]) -> LoadReport:
        """Load what :meth:`save` wrote. The network's clock, and spikes in flight, stay."""
        return files.load_one(self._network, self, file)


def _several(asked: Any) -> tuple[Any, ...]:
    return asked if isinstance(asked, tuple) else (asked,)


def _whole(side: Any, name: str) -> tuple[Population, Array | None]:
    """Return the population of one side, and the ranks if it is a view."""
    if isinstance(side, PopulationView):
        return side.population, side.ranks
    if not isinstance(side, Population):
        raise InvalidArgument(f"{name} must be a population, not {side!r:.60}")
    return side, None


def _checked_targets(target: Any, is_spiking: bool) -> tuple[str, ...]:
    """Return the names of the inputs."""
    given = target if isinstance(target, list | tuple) else (target,)
    names = tuple(spelled(name, "the name of a target") if isinstance(name, str) else name for name in given)
    if not names or any(not isinstance(n, str) or not n.isidentifier() or not n.isascii() for n in names):
        raise InvalidArgument(f"target must be a name such as 'exc', or a list of names, not {target!r:.60}")
    if len(names) > 1 and (not is_spiking or len(set(names)) < len(names)):
        raise InvalidArgument(f"several targets need a spiking pre population and different names, not {target!r:.60}")
    return names
