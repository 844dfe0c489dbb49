"""Projections below their handles: sides, targets, switches, and the synapses as they stand in the tree."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar
from weakref import ref

import numpy as np
import numpy.typing as npt

from engram.errors import NotCompiled
from engram.ir.nodes import PERIOD_SYMBOL
from engram.ir.spec import Attribute
from engram.models.definition import Synapse
from engram.program.component import Component
from engram.program.drafts import PER_SYNAPSE, ProjectionDraft
from engram.program.learning import learning_steps
from engram.program.neurons import Neurons
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.streams import Stream, stream_key

if TYPE_CHECKING:
    from engram.ir.jobs import Call
    from engram.ir.precision import Float
    from engram.program.program import Program
    from engram.program.succession import Succession
    from engram.wiring.connectivity import Connectivity

__all__ = ["Side", "Synapses", "Waits"]

Array = npt.NDArray[Any]
T = TypeVar("T")
Side = tuple[Neurons, Array | None]  # of a projection, with the ranks if it is a view


class Waits(Protocol):
    """Synapses that wait to be made or taken away; see ``pending.py``."""

    def size(self, post: int) -> int:
        """Return the number of synapses of a post neuron when that is done."""


class Synapses(Component):
    """The synapses of a projection.

    Args:
        program: that they belong to.
        name: ``proj0``, ``proj1`` ... for None.
        definition: the model.
        pre, post: the sides.
        targets: names of the inputs at the post population.

    Attributes:
        first_draws: distributions with generators, as these stood before they first drew.
        rules: the call that tests its rules of structural plasticity, once there is one.
        succession: the last change of synapses, until what loops need is made of it.
        turned: digest of the wiring of which the columns were made; empty if they are none or were made in another way.
        turned_at: what ``State.filled`` was then.
        turning: the same two of columns that loops will have next.
        pending: synapses that wait to be made or taken away, if there are such.
    """

    section: ClassVar[Literal["projections"]] = "projections"
    draft: ProjectionDraft
    definition: Synapse

    def __init__(
        self, program: Program, name: str | None, definition: Synapse, pre: Side, post: Side, targets: tuple[str, ...]
    ) -> None:
        super().__init__(program, program.new_name(self.section, name), definition)
        (self.pre, self.pre_ranks), (self.post, self.post_ranks) = pre, post
        self.targets = targets
        self.draft = ProjectionDraft()
        self.first_draws: dict[str, Any] = {}
        self._memo: dict[str, Any] = {}
        self._longest: tuple[Callable[[], Array | None], int, int] = lambda: None, -1, 1
        self.pending: Waits | None = None
        self.rules: Call | None = None
        self.succession: Succession | None = None
        self.turned = b""
        self.turned_at = -1
        self.turning = b"", -1

    def __repr__(self) -> str:
        number = f"{self.n_syn} " if self.program.compiled else ""
        ends = f"{self.pre.name} -> {self.post.name} ({', '.join(self.targets)})"
        return f"<Projection {self.name!r}: {ends}, {number}synapses{self.of_model}>"

    # -- who and how many --------------------------------------------------------------------------------

    @property
    def where(self) -> str:
        """What messages call it."""
        return f"projection {self.name!r}"

    @property
    def is_spiking(self) -> bool:
        """Whether spikes arrive. Where one side is rate-coded all that passes is rates, of spiking neurons theirs."""
        return self.pre.is_spiking and self.post.is_spiking

    @property
    def real(self) -> Float:
        """The dtype of floats."""
        return self.program.config.precision.synapses

    @property
    def memo(self) -> dict[str, Any]:
        """What follows from the synapses, or from where they stand, by what it is; emptied when they change."""
        self.program.state.settle()
        return self._memo

    @property
    def is_partial(self) -> bool:
        """Whether one side is a view."""
        return self.pre_ranks is not None or self.post_ranks is not None

    @property
    def has_flights(self) -> bool:
        """Whether spikes were in flight when delays changed, and that still matters; see ``in_flight.py``."""
        return self.place(names.IN_FLIGHT_SINCE) in self.program.state

    def ranks_of_sides(self) -> tuple[Array, Array]:
        """Ranks of the neurons on both sides."""
        pre = np.arange(self.pre.size) if self.pre_ranks is None else self.pre_ranks
        return pre, np.arange(self.post.size) if self.post_ranks is None else self.post_ranks

    @property
    def by(self) -> Literal["pre", "post"]:
        """Whose neurons rows are of."""
        return "pre" if self.is_spiking else "post"

    @property
    def ranks_name(self) -> str:
        """The slot with the ranks of the other side in each row."""
        return names.POST_RANKS if self.is_spiking else names.PRE_RANKS

    @property
    def n_syn(self) -> int:
        """Number of synapses."""
        if not self.program.compiled:
            self.check_wired()
        return self.program.state.slot(self.place(self.ranks_name)).shape[0]

    def check_wired(self) -> None:
        """Refuse what needs synapses before there are some."""
        if self.pending is not None:
            self.program.there()
            return
        self.program.usable()
        if self.place(names.ROW_START) not in self.program.state:
            advice = "call compile() first; until then its connector is given the weights: all_to_all(weights=...)."
            raise NotCompiled(f"projection {self.name!r} has no synapses before compile()\n  help: {advice}")

    @property
    def tests_rules(self) -> bool:
        """Whether rules for its synapses are tested when the network runs."""
        rules = [rule for rule in names.RULES if getattr(self.spec, rule) is not None]
        return bool(rules) and self.program.compiled and any(self.value(names.rule_period(rule)) for rule in rules)

    @property
    def connectivity(self) -> Connectivity:
        """The synapses in canonical form: of packed ones a copy of all."""
        self.check_wired()
        known: Connectivity | None = self.memo.get("connectivity")
        if known is None:
            known = self._connectivity_in_tree()
            if self.program.state.is_array(self.place(self.ranks_name)):  # a copy must not stay
                self.memo["connectivity"] = known
        return known

    @property
    def longest_delay(self) -> int:
        """In steps, at least 1."""
        delays, (of, filled, steps) = self.value(names.DELAY_STEPS), self._longest
        if of() is not delays or filled != self.program.state.filled:
            steps = int(delays.max(initial=1))
            self.note_longest_delay(steps)
        return steps

    def note_longest_delay(self, steps: int) -> None:
        """Remember the longest delay of the synapses of now, until they change, or other delays are filled in."""
        self._longest = ref(self.value(names.DELAY_STEPS)), self.program.state.filled, steps

    def _connectivity_in_tree(self) -> Connectivity:
        from engram.wiring.connectivity import Connectivity  # with synapses: importing engram must be quick

        arrays = (self.value(name) for name in (names.ROW_START, self.ranks_name, names.DELAY_STEPS))
        return Connectivity(self.by, self.pre.size, self.post.size, *arrays)

    def shape(self, attribute: Attribute) -> tuple[int, ...]:
        """() for one number, one value per post neuron, or one per synapse."""
        if attribute.locality == "global":
            return ()
        if attribute.locality == "semiglobal":
            return (self.post.size,)
        self.check_wired()
        return (self.n_syn,)

    def is_sized(self, attribute: Attribute) -> bool:
        """How many synapses there are, compile finds."""
        return attribute.locality != "local"

    def element(self, name: str, position: int) -> str:
        """Name a post neuron, or a synapse by its neurons."""
        attribute = self.spec.attribute(name)
        if attribute is not None and attribute.locality == "semiglobal":
            return f"neuron {position} of {self.post.name!r}"
        return "synapse({}, {})".format(*self.pair(position))

    def pair(self, position: int) -> tuple[int, int]:
        """Which neurons the synapse at a position in canonical order connects: (pre, post)."""
        row = int(self.value(names.ROW_START).searchsorted(position, "right") - 1)
        column = int(self.program.state.read(self.place(self.ranks_name), np.array([position]))[0])
        return (row, column) if self.by == "pre" else (column, row)

    # -- what it began with ------------------------------------------------------------------------------

    def given_value(self, attribute: Attribute) -> Array:
        """Return the values of an attribute before compile; of weights that were not assigned the connector's."""
        value = self.default(attribute, {})
        if attribute.name == names.WEIGHT and names.WEIGHT not in self.draft.values and self.draft.connection:
            weights = self.draft.connection.weights
            if weights == PER_SYNAPSE:
                what = f"{self.called(attribute.name)}: {weights}, in an order that compile() finds"
                raise NotCompiled(f"{what}\n  help: read them after net.compile().")
            value = weights if isinstance(weights, Distribution) else np.asarray(weights)
        if isinstance(value, Distribution):
            kind = type(value).__name__
            raise NotCompiled(
                f"{self.called(attribute.name)} is drawn from {value!r} by compile()\n"
                f"  help: bounds are written in it, {kind}(..., min=..., max=...); other changes come after compile()."
            )
        return value

    def drawn(self, attribute: Attribute, value: Distribution, stream: Stream, number: int) -> Array:
        """Draw one value per synapse (by its pre and post ranks) or per post neuron."""
        if attribute.locality != "local":
            return self.draw(value, self.shape(attribute))
        key = stream_key(self.program.stream_seed, self.uid, stream, number << 32)  # another key for each assignment
        from engram.wiring.values import drawn  # as above

        return drawn(self.connectivity, value, key=key, threads=self.program.threads)

    def same_draws(self, what: str, asked: T) -> T:
        """Return what a start is drawn from, so that each time gives what the first one gave.

        Generators of the user's own draw once; after that, copies draw the same again.

        Args:
            what: is drawn, by a name.
            asked: a distribution or a tuple of values; those that share a generator in it go on sharing it.
        """
        if not _has_generator(asked):
            return asked
        if what in self.first_draws:
            return copy.deepcopy(self.first_draws[what])  # type: ignore[no-any-return]  # stored below
        self.first_draws[what] = copy.deepcopy(asked)
        return asked

    def users_laws(self) -> tuple[dict[str, Distribution], dict[str, Any]]:
        """Return what it begins with that generators of the user's own draw, each as it stood before it first drew.

        Returns:
            distributions by the names of attributes, and the weights and delays of the connection if one has such.
        """
        asked = {a.name: self.draft.values.get(a.name, a.default) for a in self.spec.attributes}
        laws = {name: self.first_draws.get(names.initial(name), law) for name, law in asked.items()}
        connection = self.draft.connection
        delays, weights = (0.0, 0.0) if connection is None else (connection.delays, connection.weights)
        delays, weights = self.first_draws.get("synapses", (delays, weights))
        of_connection = {"delays": delays, "weights": weights} if _has_generator((delays, weights)) else {}
        return {name: law for name, law in laws.items() if _has_generator(law)}, of_connection

    # -- learning ----------------------------------------------------------------------------------------

    @property
    def learning_period(self) -> int:
        """Steps between updates of the continuous equations."""
        if self.program.compiled:
            return int(self.value(PERIOD_SYMBOL))
        return self.learning_at_start(self.program.dt)[PERIOD_SYMBOL]

    def learning_at_start(self, dt_ms: float, where: str | None = None) -> dict[str, int]:
        """The period and its offset that were given before compile, in steps of ``dt_ms``; see ``learning_steps``."""
        return learning_steps(dt_ms, self.draft.learning_period_ms, self.draft.learning_offset_ms, where)


def _has_generator(asked: Any) -> bool:
    several = asked if isinstance(asked, tuple) else (asked,)
    return any(isinstance(law, Distribution) and law.rng is not None for law in several)
