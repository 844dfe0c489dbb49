"""A single synapse by the ranks of its neurons: its attributes, read and set by name.

Made by :meth:`Projection.synapse`. What is kept here is who it is: it is looked up again when the synapses have
changed, so that it stays the same synapse whatever the delays are sorted into.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any
from weakref import ref

import numpy.typing as npt

from engram.callers import checked_calls
from engram.errors import InvalidArgument
from engram.network.as_one import as_one
from engram.network.by_name import ByName
from engram.network.giving_way import Fact
from engram.network.gone import shown_if_there
from engram.program.reach import Reach, reach_of
from engram.program.readings import number
from engram.program.some_synapses import delays_of_some, set_some, some_values
from engram.program.synapses import Synapses
from engram.telling import told

__all__ = ["IndividualSynapse"]

Array = npt.NDArray[Any]


@checked_calls
class IndividualSynapse(ByName):
    """The ``k``-th synapse from neuron ``pre`` to neuron ``post`` of a compiled projection.

    ``synapse.w`` reads an attribute of the model, ``synapse.w = 0.5`` sets it for this synapse alone (an attribute per
    post neuron: for that neuron).

    Args:
        core: of a compiled projection.
        pre, post: ranks in the whole populations.
        k: which of the pair's synapses, in canonical order; None where there is only one.

    Raises:
        InvalidArgument: if there is no such synapse, or if there are several and ``k`` is None.
    """

    _kind = "synapse"

    _core: Synapses
    _pre: int
    _post: int
    _k: int | None
    _found: tuple[ref[Reach], Array] | None  # where it stands among these synapses

    def __init__(self, core: Synapses, pre: int, post: int, k: int | None = None) -> None:
        for name, rank, population in (("pre", pre, core.pre), ("post", post, core.post)):
            if not (type(rank) is int or _is_whole(rank)) or not 0 <= rank < population.size:
                expected = f"a rank from 0 to {population.size - 1} of {population.name!r}"
                what = f"synapse({told(pre)}, {told(post)}{_number(k)}) of projection {core.name!r}"
                raise InvalidArgument(f"{what}: {name} must be {expected}, not {told(rank)}")
        for name, value in (("_core", core), ("_pre", int(pre)), ("_post", int(post)), ("_k", k), ("_found", None)):
            object.__setattr__(self, name, value)
        self._position()

    @Fact
    def rank(self) -> int:
        """The rank of the pre neuron."""
        return self._pre

    @Fact
    def post_rank(self) -> int:
        """The rank of the post neuron."""
        return self._post

    @property
    @as_one
    def delay(self) -> float:
        """The delay in ms."""
        return delays_of_some(self._core, self._position()).item()  # type: ignore[no-any-return]  # of NumPy

    @as_one
    def get(self, name: str) -> Any:
        """Return the value of an attribute, a number.

        Raises:
            UnknownAttribute: if the model has no such attribute.
        """
        value = some_values(self._core, name, self._position()).item()
        return number(value, f"{name!r} of {self._what}", f"synapse.{name} = value sets it.")

    @as_one
    def set(self, values: dict[str, Any]) -> None:
        """Set attributes of this synapse: all of them, or none if one is wrong.

        Where one is event-driven, what is stored at the other synapses of the neuron is brought to this moment.

        Raises:
            UnknownAttribute: if the model has no such attribute.
            InvalidArgument: if it is one for the whole projection, or a value is no number.
        """
        set_some(self._core, values, self._position(), self._what, one=True)

    @shown_if_there
    def __repr__(self) -> str:
        return f"<{self._what}>"

    @shown_if_there
    def _repr_html_(self) -> str:
        from engram.explain.shown import shown_with_values  # with the whole language, which most scripts never need

        values = {name: self.get(name) for name in self._core.attributes}
        return shown_with_values(self._core, repr(self), {**values, "delay (ms)": self.delay})

    @property
    def _what(self) -> str:
        return f"synapse({self._pre}, {self._post}{_number(self._k)}) of projection {self._core.name!r}"

    def _position(self) -> Array:
        """Where the synapse stands in canonical order, (1,) int64."""
        reach, known = reach_of(self._core), self._found
        if known is not None and known[0]() is reach:
            return known[1]
        position = self._looked_up(reach)
        object.__setattr__(self, "_found", (ref(reach), position))
        return position

    def _looked_up(self, reach: Reach) -> Array:
        found, k = reach.of_pair(self._pre, self._post), self._k
        if len(found) == 0:
            advice = f"proj.dendrite({self._post}).pre_ranks has those that there are, where one ends there; " + (
                f"proj.create_synapse({self._pre}, {self._post}, w=...) makes this one."
            )
            raise InvalidArgument(f"{self._what}: there is none\n  help: {advice}")
        if k is None and len(found) > 1:
            last = len(found) - 1
            which = f"say which: synapse({self._pre}, {self._post}, k=0) to k={last}, by ascending delay."
            raise InvalidArgument(f"{self._what}: there are {len(found)}\n  help: {which}")
        if k is not None and (not _is_whole(k) or not 0 <= k < len(found)):
            last = len(found) - 1
            advice = "it counts them by ascending delay." if last else "the pair has one: leave k out."
            raise InvalidArgument(f"{self._what}: k must be a whole number from 0 to {last}\n  help: {advice}")
        number = 0 if k is None else int(k)
        one: Array = found[number : number + 1]
        return one


def _number(k: Any) -> str:
    """Say which of several synapses of a pair is meant, if it is said."""
    return "" if k is None else f", k={told(k)}"


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
