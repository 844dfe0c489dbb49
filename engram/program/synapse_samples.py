"""What was recorded of synapses, a column for each synapse, a row for each time.

In: the records of a monitor. Out: values, and the ranks of both ends of the synapses whose they are. Where rules let
synapses come and go there is a column for each that was there at some time, with NaN while it was not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.errors import BrokenNetwork, InvalidArgument
from engram.program.recordable import beside_samples, locality_of
from engram.program.recorded_synapses import post_ranks_of, pre_ranks_of
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state import names

__all__ = ["SynapseSamples", "columns_of", "fields_of", "synapse_samples"]

Array = npt.NDArray[Any]
AT_ONCE = 1 << 20  # values that are looked at together, or one sample


@dataclass(frozen=True)
class SynapseSamples:
    """Samples of a variable of synapses.

    Args:
        values: (time, synapses), (time, neurons) where each post neuron has a value, (time,) where it is one for all.
        post, pre: (n,) int64 ranks of the columns, by post neuron, then by pre; of post neurons ``pre`` is None, and
            both are of what is one for all.
    """

    values: Array
    post: Array | None = None
    pre: Array | None = None


def synapse_samples(recorder: Recorder, name: str) -> SynapseSamples:
    """Return what was recorded of a variable of a projection.

    Raises:
        BrokenNetwork: if there is a part of a sample.
    """
    projection = recorder.projection
    assert projection is not None, "it records a population"
    values, locality = recorder.samples(name), locality_of(projection, name)
    if locality == "global":
        return SynapseSamples(values)
    if beside_samples(projection, name):
        varying = _Varying(recorder, projection, name)
        return varying.of_synapses() if locality == "local" else varying.of_neurons()
    post = post_ranks_of(recorder, projection)
    if locality == "semiglobal":
        post = post[np.diff(post, prepend=-1) > 0]
    if len(values) % max(len(post), 1):
        raise _broken(recorder, name, f"{len(values)} values are no samples of {len(post)}")
    values = values.reshape(-1, len(post)) if len(post) else np.empty((0, 0), values.dtype)
    return SynapseSamples(values, post, pre_ranks_of(recorder, projection) if locality == "local" else None)


def columns_of(recorder: Recorder, variables: list[str]) -> tuple[Array, Array]:
    """Return the pre and post ranks of the synapses that some variables were recorded of, (n,) int64 each.

    Raises:
        InvalidArgument: if these are others for some, as what was recorded of one has been fetched and dropped.
    """
    projection = recorder.projection
    assert projection is not None, "it records a population"
    varying = [name for name in variables if names.pre_of(name) in beside_samples(projection, name)]
    if not varying:
        return pre_ranks_of(recorder, projection), post_ranks_of(recorder, projection)
    each = [_Varying(recorder, projection, name).ends() for name in varying]
    for name, ends in zip(varying, each, strict=True):
        if not all(map(np.array_equal, ends, each[0])):
            what = f"monitor {recorder.name!r}: {varying[0]!r} and {name!r} were recorded of other synapses"
            raise InvalidArgument(f"{what}\n  help: ask for one variable.")
    return each[0]


def fields_of(recorder: Recorder, name: str) -> Array:
    """Return what was recorded as fields with NaN where there was no synapse: (time, *geometry) of a dendrite,
    (time, post neurons, *geometry) of a projection. Several synapses of a pair are added up.
    """
    found, projection = synapse_samples(recorder, name), recorder.projection
    assert projection is not None, "it records a population"
    assert found.pre is not None, f"{name} has no value for each synapse"
    assert found.post is not None, "as before"
    n_post, pre = (projection.post.size, projection.pre) if recorder.ranks is None else (1, projection.pre)
    fields = np.full((len(found.values), n_post * pre.size), np.nan)
    pairs = found.pre if recorder.ranks is not None else found.post * pre.size + found.pre
    first = np.flatnonzero(np.diff(pairs, prepend=-1))
    if len(first):
        is_there = ~np.isnan(found.values) if beside_samples(projection, name) else np.ones(found.values.shape, bool)
        sums = np.add.reduceat(np.where(is_there, found.values, 0.0), first, axis=1)
        fields[:, pairs[first]] = np.where(np.logical_or.reduceat(is_there, first, axis=1), sums, np.nan)
    of_one = () if recorder.ranks is not None else (n_post,)
    return fields.reshape(len(fields), *of_one, *pre.geometry)


def _broken(recorder: Recorder, name: str, what: str) -> BrokenNetwork:
    return BrokenNetwork(f"{recorder.path}/{name}: {what}\n  help: reset() drops them.")


class _Some(NamedTuple):
    """Some samples: which values they have, of which sample each is, and a number for its pair of neurons."""

    values: slice
    sample: Array
    pair: Array


class _Varying:
    """Samples of synapses that come and go."""

    def __init__(self, recorder: Recorder, projection: Synapses, name: str) -> None:
        state = recorder.program.state
        beside = [state.blocks(path).copy() for path in recorder.paths(name)[1:]]
        self._values = recorder.samples(name)
        self._per_post: Array = beside[0]  # (time, neurons)
        self._pre: Array | None = beside[1] if len(beside) > 1 else None
        self._posts = np.arange(projection.post.size) if recorder.ranks is None else recorder.ranks.astype(np.int64)
        self._n_pre = projection.pre.size
        n = self._per_post.size if self._pre is None else int(self._per_post.sum(dtype=np.int64))
        if len(self._values) != n or (self._pre is not None and len(self._pre) != n):
            raise _broken(recorder, name, f"{len(self._values)} values are no samples of {n} synapses or neurons")

    def of_neurons(self) -> SynapseSamples:
        """Return samples of what post neurons have, of all of them."""
        values, is_there = self._blank(len(self._posts)), self._per_post > 0
        values[is_there] = self._values.reshape(values.shape)[is_there]
        return SynapseSamples(values, self._posts)

    def of_synapses(self) -> SynapseSamples:
        """Return samples of what synapses have."""
        values = self._blank(len(self._columns))
        for some in self._pieces():
            values[some.sample, self._columns.searchsorted(self._keys(some))] = self._values[some.values]
        pre, post = self.ends()
        return SynapseSamples(values, post, pre)

    def ends(self) -> tuple[Array, Array]:
        """Return the ranks of both ends of the synapses, pre and post, (n,) int64 each."""
        post, pre = np.divmod(self._columns // self._most, self._n_pre)
        return pre, post

    @cached_property
    def _most(self) -> int:
        """How many synapses one pair of neurons had at most."""
        return 1 + max((int(_repeated(some).max(initial=0)) for some in self._pieces()), default=0)

    @cached_property
    def _columns(self) -> Array:
        """The keys of all synapses that there were, ascending, (n,) int64."""
        found = np.empty(0, np.int64)
        for some in self._pieces():
            both = np.sort(np.concatenate([found, self._keys(some)]), kind="stable")  # which merges what ascends
            found = both[np.diff(both, prepend=-1) > 0]
        return found

    def _keys(self, some: _Some) -> Array:
        """Return a number for each synapse, by post neuron, then by pre; those of one pair are numbered."""
        return some.pair * self._most + _repeated(some)

    def _blank(self, n: int) -> Array:
        dtype = self._values.dtype
        return np.full((len(self._per_post), n), np.nan, dtype if dtype.kind == "f" else np.float64)

    def _pieces(self) -> Iterator[_Some]:
        assert self._pre is not None, "it is of synapses"
        ends, most = np.cumsum(self._per_post.sum(axis=1, dtype=np.int64)), AT_ONCE // len(self._posts)
        first = done = 0
        while first < len(ends):
            last = min(int(ends.searchsorted(done + AT_ONCE, "right")), first + most)
            last = max(last, first + 1)
            counts, values = self._per_post[first:last], slice(done, int(ends[last - 1]))
            post = np.repeat(np.tile(self._posts, last - first), counts.ravel())
            sample = np.repeat(np.arange(first, last), np.diff(ends[first:last], prepend=done))
            yield _Some(values, sample, post * self._n_pre + self._pre[values])
            first, done = last, values.stop


def _repeated(some: _Some) -> Array:
    """Return how many synapses of the same pair stand before each in its sample, (n,) int64."""
    n = len(some.pair)
    begins = np.ones(n, bool)
    begins[1:] = (some.pair[1:] != some.pair[:-1]) | (some.sample[1:] != some.sample[:-1])
    if begins.all():
        return np.zeros(n, np.int64)
    first = np.flatnonzero(begins)
    return np.arange(n) - np.repeat(first, np.diff([*first, n]))
