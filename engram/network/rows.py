"""What is read of a projection: lists, a row for each post neuron, through whose elements synapses can be set.

``proj.w[3][0] = 0.5`` sets the weight of a synapse, in the projection and in the list; so do ``proj.w[3] = [...]`` and
``proj[7].w[0] = 0.5``. Lists are equal to, and pickled as, plain ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, SupportsIndex

import numpy as np

from engram.callers import shortened
from engram.errors import InvalidArgument, NoSuchElement, UnknownAttribute, WrongCall
from engram.program.reach import Reach, reach_of
from engram.program.readings import ReadList
from engram.program.some_synapses import set_some
from engram.program.synapses import Synapses
from engram.telling import told

__all__ = ["ReadFrom", "Row", "Rows"]


class ReadFrom(NamedTuple):
    """What lists were read from.

    Args:
        synapses: of the projection.
        name: of the attribute.
        reach: the synapses as they were.
    """

    synapses: Synapses
    name: str
    reach: Reach

    def set(self, post: int, which: Any, value: Any) -> None:
        """Set the attribute of some synapses of a neuron.

        Raises:
            InvalidArgument: if synapses have come or gone since the lists were read, or the value can't be.
        """
        if reach_of(self.synapses) is not self.reach:
            what = f"synapses of {self.synapses.where} have come or gone since {self.name!r} was read"
            raise InvalidArgument(f"{what}\n  help: read it again.")
        positions = self.reach.of_post(post)[which]
        place = f"the synapses at neuron {post} of {self.synapses.where}"
        set_some(self.synapses, {self.name: value}, positions.reshape(-1), place, one=positions.shape == ())


def _computed(name: str) -> Callable[..., Any]:
    def method(self: _Read, *_: Any) -> Any:
        raise WrongCall(self._no_array("computed with"))

    method.__name__ = name
    return shortened(method)


class _Read(ReadList):
    """A list that was read, with a place for each synapse."""

    __slots__ = ("_source",)
    _source: ReadFrom

    def __init__(self, values: Iterable[Any], source: ReadFrom) -> None:
        what = f"a list of {source.name!r} of {source.synapses.where} has as many values as there are synapses"
        super().__init__(values, f"{what}, in their order", "take a copy, list(...), to change it.")
        self._source = source

    @shortened
    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, SupportsIndex | slice):
            raise WrongCall(self._no_array(f"indexed by {told(key, 40)}"))
        try:
            return super().__getitem__(key)
        except IndexError:
            raise NoSuchElement(self._out_of_range(key)) from None

    @shortened
    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_" or not hasattr(np.ndarray, name):
            raise AttributeError(f"a list of values has no attribute {name!r}")
        raise UnknownAttribute(self._no_array(f"asked for .{name}"))

    def _out_of_range(self, key: Any) -> str:
        """Say which places there are."""
        raise NotImplementedError

    def _no_array(self, how: str) -> str:
        name, where = self._source.name, self._source.synapses.where
        advice = (
            f"proj.array({name!r}) is an array: proj.{name} = 2.0*proj.array({name!r}); np.array(proj[post].{name})"
        )
        advice += f" is one of some synapses; proj.{name}[1][0] = 0.5 sets one."
        return f"{name!r} of {where} is read as lists, which can't be {how}\n  help: {advice}"

    for _name in "mul rmul imul truediv rtruediv sub rsub pow neg".split():
        locals()[f"__{_name}__"] = _computed(_name)
    del _name

    def _take(self, key: Any, values: Any) -> None:
        """Hold what the network holds now."""
        list.__setitem__(self, key, values)


class Row(_Read):
    """The values of the synapses of one post neuron, by pre neuron."""

    __slots__ = ("_post",)

    def __init__(self, values: Iterable[Any], source: ReadFrom, post: int) -> None:
        super().__init__(values, source)
        self._post = post

    def _out_of_range(self, key: Any) -> str:
        name, synapses = self._source.name, self._source.synapses
        what = f"{name!r} of dendrite({self._post}) of {synapses.where} has {len(self)} values, and none at {told(key)}"
        return f"{what}\n  help: one for each synapse: proj.synapse(pre, {self._post}).{name} finds one by its ranks."

    @shortened
    def __setitem__(self, key: Any, value: Any) -> None:
        self[key]  # an IndexError, as of any list
        self._source.set(self._post, key, value)
        synapses, name, reach = self._source
        self._take(slice(None), reach.values(name, reach.of_post(self._post)).tolist())


class Rows(_Read):
    """A row for each post neuron that has synapses; or one value, where an attribute has one for each of them."""

    __slots__ = ("_posts",)

    def __init__(self, rows: Iterable[Any], source: ReadFrom, posts: list[int]) -> None:
        super().__init__(rows, source)
        self._posts = posts

    def _out_of_range(self, key: Any) -> str:
        name, synapses = self._source.name, self._source.synapses
        what = f"{name!r} of {synapses.where} has {len(self)} rows, and none at {told(key)}"
        return f"{what}\n  help: one for each of proj.post_ranks; proj.dendrite(rank).{name} is that of a neuron."

    @shortened
    def __setitem__(self, key: Any, value: Any) -> None:
        self[key]  # as above
        chosen = self._posts[key]
        if isinstance(chosen, list):
            what = f"several rows of {self._source.name!r} can't be set at once"
            raise InvalidArgument(f"{what}\n  help: one after the other, or all: proj.{self._source.name} = lists.")
        self._source.set(chosen, slice(None), value)
        synapses, name, reach = self._source
        attribute = synapses.attribute(name)
        found = reach.values(name, reach.of_post(chosen)).tolist()
        self._take(key, found[0] if attribute.locality == "semiglobal" else Row(found, self._source, chosen))
