"""All synapses of a projection that end at one post neuron: their attributes, read and set by name.

Made by :meth:`Projection.dendrite`, ``proj[post]`` and iteration. Nothing is kept here but whose it is: every access
looks the synapses up again, so that it stays the same dendrite whatever the delays are sorted into.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.network.as_one import as_one
from engram.network.by_name import OF_ALL, ByName
from engram.network.giving_way import Action, Fact
from engram.network.gone import shown_if_there
from engram.network.handle import one_for_all
from engram.network.pairs import create_pairs, is_whole, prune_pairs, rank_of
from engram.network.rows import ReadFrom, Row
from engram.network.synapse import IndividualSynapse
from engram.program.reach import reach_of
from engram.program.readings import ReadArray, ReadList, number
from engram.program.some_synapses import delays_of_some, set_some, some_values
from engram.program.synapses import Synapses
from engram.program.values import as_number
from engram.telling import told

if TYPE_CHECKING:
    from engram.network.population import Population
    from engram.network.view import PopulationView

__all__ = ["Dendrite"]

Array = npt.NDArray[Any]


@checked_calls
class Dendrite(ByName):
    """The synapses of a compiled projection that end at one neuron, by ascending pre rank.

    ``dendrite.w`` reads an attribute of the model: a list with a value for each synapse, or a number if it is one for
    the neuron or the projection. ``dendrite.w = 0.5`` and ``dendrite.w = [0.1, 0.2]`` set it for these synapses alone.

    Args:
        core: of a compiled projection.
        pre: the presynaptic population or view.
        post: the rank of the neuron in the whole population, or its coordinates.
        may_be_empty: it is made to create the first synapse of the neuron.

    Raises:
        InvalidArgument: if there is no such neuron, or no synapse ends there.
    """

    _kind = "dendrite"
    _synapse: ClassVar[type[IndividualSynapse]] = IndividualSynapse  # the class of its synapses

    _core: Synapses
    _pre: Population | PopulationView
    _post: int

    def __init__(
        self, core: Synapses, pre: Population | PopulationView, post: int | tuple[int, ...], may_be_empty: bool = False
    ) -> None:
        rank = post
        if type(post) is not int or not 0 <= post < core.post.size:  # else at once: loops over neurons are long
            rank = rank_of(core.post, post, f"dendrite({told(post)}) of projection {core.name!r}")
        object.__setattr__(self, "_core", core)
        object.__setattr__(self, "_pre", pre)
        object.__setattr__(self, "_post", rank)
        if not may_be_empty:
            self._check_exists()

    def __eq__(self, other: object) -> bool:
        """Say whether another dendrite is that of the same neuron in the same projection."""
        if not isinstance(other, Dendrite):
            return NotImplemented
        return other._core is self._core and other._post == self._post

    def __hash__(self) -> int:
        return hash((id(self._core), self._post))

    @Fact
    def post_rank(self) -> int:
        """The rank of the post neuron."""
        return int(self._post)

    @Fact
    def idx(self) -> int:
        """Which one it is among the dendrites of the projection."""
        return int(np.count_nonzero(reach_of(self._core).per_post[: self._post]))

    @property
    def pre(self) -> Population | PopulationView:
        """The presynaptic population or view."""
        return self._pre

    @property
    def target(self) -> str | list[str]:
        """Name of the input at the post population, or a list of several."""
        targets = self._core.targets
        return targets[0] if len(targets) == 1 else list(targets)

    @property
    @as_one
    def size(self) -> int:
        """Number of synapses."""
        pending = self._core.pending
        if pending is not None:
            self._core.program.there()
            return pending.size(self._post)
        return int(reach_of(self._core).per_post[self._post])

    def __len__(self) -> int:
        return self.size

    @property
    @as_one
    def pre_ranks(self) -> list[int]:
        """Ranks of the pre neurons, ascending; a rank occurs as often as it has synapses."""
        what = f"pre_ranks of {self._what} says which synapses there are"
        advice = "dendrite.create_synapse(pre, w=...) and dendrite.prune_synapse(pre) change them."
        return ReadList(reach_of(self._core).pre_of(self._positions()).tolist(), what, advice)

    @property
    @as_one
    def delay(self) -> Any:
        """Delay in ms: the number that was given for the whole projection, else a list."""
        found, what = delays_of_some(self._core, self._positions()).tolist(), f"the delay of {self._what}"
        if not isinstance(found, list):
            return number(found, what, OF_ALL)
        return ReadList(found, f"delays of {self._what} are read as a list of its own", OF_ALL)

    # -- synapses ----------------------------------------------------------------------------------------

    @Fact
    def synapses(self) -> Iterator[IndividualSynapse]:
        """Go through the synapses."""
        return self._each()

    def _each(self) -> Iterator[IndividualSynapse]:
        ranks = self.pre_ranks
        several, seen = Counter(ranks), Counter[int]()
        for rank in ranks:
            yield self._synapse(self._core, rank, self._post, seen[rank] if several[rank] > 1 else None)
            seen[rank] += 1

    def __iter__(self) -> Iterator[IndividualSynapse]:
        return self._each()

    def synapse(self, pre: int | tuple[int, ...], k: int | None = None) -> IndividualSynapse:
        """Return the synapse that a neuron, given by rank or coordinates, has here.

        Args:
            k: which one, where there are several (multapses): 0 has the shortest delay.

        Raises:
            InvalidArgument: if there is no such synapse, or there are several and ``k`` is not given.
        """
        rank = rank_of(self._core.pre, pre, f"synapse({told(pre)}) of {self._what}")
        return self._synapse(self._core, rank, self._post, k)

    def __getitem__(self, pre: int | tuple[int, ...]) -> IndividualSynapse:
        return self.synapse(pre)

    def __contains__(self, pre: Any) -> bool:
        """Say whether a pre neuron, given by its rank, has a synapse here, or a synapse is one of these."""
        if isinstance(pre, IndividualSynapse):
            return pre._core is self._core and pre._post == self._post
        return is_whole(pre) and pre in self.pre_ranks

    def create_synapse(self, rank: int | tuple[int, ...], w: float = 0.0, delay: float = 0.0) -> None:
        """Add the synapse from a neuron that has none here; other attributes get their initial values.

        It passes on what the neuron emits from now on. Single ones wait for each other where they can, until anything
        of the network is read or run: then the values of all synapses of the projection are copied once.

        Args:
            rank: of the pre neuron in the whole population, or its coordinates.
            w: its weight.
            delay: in ms; 0.0: one step.

        Raises:
            InvalidArgument: if there is one already, or no such neuron, or a value can't be; nothing has changed.
        """
        from engram.program.pending import one_created_later  # with ``wiring``: importing engram must be quick

        if not one_created_later(self._core, rank, self._post, w, delay):
            self._create([rank], *(one if type(one) is float else [one] for one in (w, delay)))

    def create_synapses(self, ranks: Any, weights: Any = None, delays: Any = None) -> None:
        """Add several synapses, all of them or none; see :meth:`create_synapse`.

        Args:
            ranks: of the pre neurons.
            weights, delays: one for all, or one for each; 0.0 by default.
        """
        self._create(ranks, weights, delays)

    def _create(self, ranks: Any, weights: Any, delays: Any) -> None:
        core = self._core
        core.check_wired()
        what = f"new synapses of {self._what}"
        pre = np.array([rank_of(core.pre, rank, what) for rank in _several(ranks, what)], np.int64)
        create_pairs(core, pre, np.full_like(pre, self._post), weights, delays, what)

    def prune_synapse(self, rank: int | tuple[int, ...], k: int | None = None) -> None:
        """Take the synapse from a neuron away; what is in flight to it is lost.

        Single ones wait as of :meth:`create_synapse`.

        Args:
            rank: of the pre neuron in the whole population, or its coordinates.
            k: which one, where there are several (multapses).

        Raises:
            InvalidArgument: if there is none, or there are several and ``k`` is not given; nothing has changed.
        """
        from engram.program.pending import (
            one_pruned_later,
            pruned_later,
        )  # with ``wiring``: importing engram must be quick
        from engram.program.rewiring import remove_synapses  # as above

        if k is None and one_pruned_later(self._core, rank, self._post):
            return
        if k is None or is_whole(k):
            pre = np.array([rank_of(self._core.pre, rank, f"prune_synapse() of {self._what}")], np.int64)
            self._core.check_wired()
            if pruned_later(self._core, pre, np.full_like(pre, self._post), None if k is None else int(k)):
                return
        position = self.synapse(rank, k)._position()
        with self._core.program.lock:
            remove_synapses(self._core, position)

    def prune_synapses(self, ranks: Any) -> None:
        """Take several synapses away, all of them or none; see :meth:`prune_synapse`.

        Raises:
            InvalidArgument: as of it, or if one is named twice; nothing has changed.
        """
        what = f"prune_synapses() of {self._what}"
        pre = np.array([rank_of(self._core.pre, rank, what) for rank in _several(ranks, what)], np.int64)
        prune_pairs(self._core, pre, np.full_like(pre, self._post), what)

    # -- values ------------------------------------------------------------------------------------------

    @as_one
    def get(self, name: str) -> Any:
        """Return the value of an attribute: a list with one for each synapse, or a number; or ``pre_ranks``.

        Raises:
            UnknownAttribute: if the model has no such attribute.
        """
        if name == "pre_ranks" and self._core.spec.attribute(name) is None:
            return self.pre_ranks
        attribute = self._core.attribute(name)
        positions = self._positions()
        if attribute.locality == "semiglobal":
            one = some_values(self._core, name, positions[:1]).item()
            return number(one, f"{name!r} of {self._what}", f"dendrite.{name} = value sets it.")
        values = some_values(self._core, name, positions)
        if attribute.locality == "global":
            return one_for_all(self._core, name, values)

        def row() -> Row:
            source = ReadFrom(self._core, name, reach_of(self._core))
            return Row(np.broadcast_to(values, positions.shape).tolist(), source, self._post)

        advice = f"np.full(len(dendrite), dendrite.{name}) is an array of all."
        return row() if values.shape else number(values.item(), f"{name!r} of {self._what}", advice, row)

    @as_one
    def set(self, values: dict[str, Any]) -> None:
        """Set attributes of these synapses: all of them, or none if one is wrong.

        A value is a number, or one for each synapse by ascending pre rank; of an attribute per post neuron a number.

        Raises:
            UnknownAttribute: if the model has no such attribute.
            InvalidArgument: if it is one for the whole projection, or a value has the wrong type or number of elements.
        """
        set_some(self._core, values, self._positions(), self._what, one=False)

    @Action
    @as_one
    def receptive_field(self, variable: str = "w", fill: float = 0.0) -> Array:
        """Return an attribute as an array of the pre population's geometry, ``fill`` where there is no synapse.

        Several synapses of one pair are added up. A neuron that has lost all of its synapses has ``fill`` everywhere.
        """
        missing = float(as_number(fill, np.dtype(np.float64), "fill"))
        field = np.full(self._core.pre.size, missing)
        self._core.attribute(variable)  # refuses what the model doesn't have
        if self.size:
            values, ranks = self.get(variable), self.pre_ranks
            field[ranks] = 0.0
            np.add.at(field, ranks, values)
        advice = "a .copy() can be changed; dendrite.w = values, by ascending pre rank, sets these synapses."
        return ReadArray(
            field.reshape(self._core.pre.geometry), f"the receptive field of {self._what} is a copy", advice
        )

    @shown_if_there
    def __repr__(self) -> str:
        return f"<{self._what}: {self.size} synapses>"

    @shown_if_there
    def _repr_html_(self) -> str:
        from engram.explain.shown import shown_with_values  # with the whole language, which most scripts never need

        values = {name: self.get(name) for name in self._core.attributes}
        return shown_with_values(self._core, repr(self), {**values, "delay (ms)": self.delay})

    @property
    def _what(self) -> str:
        return f"dendrite({self._post}) of projection {self._core.name!r}"

    def _positions(self) -> Array:
        """Where the synapses stand in canonical order, by ascending pre rank, (n,) int64."""
        self._check_exists()
        return reach_of(self._core).of_post(self._post)

    def _check_exists(self) -> None:
        if not self.size:
            advice = "proj.post_ranks has the ranks of the neurons that have one; " + (
                f"proj.create_synapse(pre, {self._post}, w=...) makes the first one."
            )
            raise InvalidArgument(f"{self._what}: no synapse ends at this neuron\n  help: {advice}")


def _several(ranks: Any, what: str) -> list[Any]:
    if not isinstance(ranks, list | tuple | np.ndarray):
        raise InvalidArgument(f"{what}: expected a list of ranks, got {told(ranks)}\n  help: write [{told(ranks)}].")
    return list(ranks)
