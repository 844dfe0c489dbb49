"""Records of synapses: which elements of a value are taken at a time, and what was recorded as rows of them.

A record is flat: how many values are taken at a time follows from the synapses. They are taken by post neuron, then by
pre, an order that other delays don't change. So whoever gives a projection other synapses makes sure that nothing is
recorded of those before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import BrokenNetwork, InvalidArgument
from engram.program.lifting import lifted_side
from engram.program.program import Program
from engram.program.reach import reach_of
from engram.program.recordable import counts_synapses, locality_of
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state import names

__all__ = [
    "drop_void",
    "per_dendrite",
    "places_of",
    "post_ranks_of",
    "pre_ranks_of",
    "refuse_recorded",
    "samples_of",
    "synapses_of",
]

Array = npt.NDArray[Any]


def places_of(recorder: Recorder, projection: Synapses, name: str) -> Array | None:
    """Return which elements of a variable of a projection are taken, (n,) int64; None for all in their order."""
    if counts_synapses(projection, name):
        return np.array([projection.value(names.ROW_START).size - 1])
    reach, locality = reach_of(projection), locality_of(projection, name)
    if locality == "global":
        return None
    if locality == "semiglobal":
        return np.flatnonzero(reach.per_post) if recorder.ranks is None else recorder.ranks.astype(np.int64)
    if recorder.ranks is None and projection.by == "post" and not lifted_side(projection, name):
        return None
    return reach.places(name, _positions(recorder, projection)).astype(np.int64)


def _positions(recorder: Recorder, projection: Synapses) -> Array:
    """Return the positions of the synapses that are recorded, by post neuron, then by pre."""
    reach = reach_of(projection)
    if recorder.ranks is None:
        return reach.in_order(np.arange(projection.n_syn))
    return np.concatenate([np.empty(0, np.int64), *map(reach.of_post, recorder.ranks.tolist())])


def pre_ranks_of(recorder: Recorder, projection: Synapses) -> Array:
    """Return the pre ranks of the synapses that are recorded, (n,) int64."""
    return reach_of(projection).pre_of(_positions(recorder, projection))


def post_ranks_of(recorder: Recorder, projection: Synapses) -> Array:
    """Return the post ranks of the synapses that are recorded, (n,) int64."""
    per_post = reach_of(projection).per_post
    some = np.arange(len(per_post)) if recorder.ranks is None else recorder.ranks.astype(np.int64)
    return np.repeat(some, per_post[some])


def per_dendrite(recorder: Recorder, projection: Synapses) -> Array:
    """Return the number of synapses of each neuron whose synapses are recorded, (n,) int64, of those that have some."""
    per_post = reach_of(projection).per_post
    some = per_post if recorder.ranks is None else per_post[recorder.ranks]
    return some[some > 0]


def samples_of(recorder: Recorder, name: str) -> Array:
    """Return what was recorded of a variable: (time, synapses), (time, neurons) where each post neuron has a value, or
    (time,) where it is one for all.

    Raises:
        BrokenNetwork: if there is a part of a sample.
    """
    projection = recorder.projection
    assert projection is not None, "it records a population"
    values = recorder.samples(name)
    locality = locality_of(projection, name)
    if locality == "global":
        return values
    each = per_dendrite(recorder, projection)
    n = int(each.sum()) if locality == "local" else len(each)
    if len(values) % max(n, 1):
        raise BrokenNetwork(
            f"{recorder.path}/{name}: {len(values)} values are no samples of {n}\n  help: reset() drops them."
        )
    return values.reshape(-1, n) if n else np.empty((0, 0), values.dtype)


# -- other synapses ----------------------------------------------------------------------------------------


def refuse_recorded(projection: Synapses) -> None:
    """Raise InvalidArgument if a monitor holds samples of the synapses of a projection, which is to get others."""
    for monitor in _monitors_of(projection):
        if _has_samples(monitor, projection):
            what = f"{projection.where}: monitor {monitor.name!r} has samples of its synapses, which would be others"
            raise InvalidArgument(
                f"{what}\n  help: fetch them with get(), or drop them with reset(), and then change it."
            )


def _has_samples(monitor: Recorder, projection: Synapses) -> bool:
    of_synapses = (name for name in monitor.variables if locality_of(projection, name) != "global")
    return any(projection.program.state.blocks(monitor.place(name)).rows for name in of_synapses)


def _monitors_of(projection: Synapses) -> Iterator[Recorder]:
    return (one for one in projection.program.monitors.values() if one.projection is projection)


def synapses_of(program: Program) -> dict[Recorder, tuple[Array, Array]]:
    """Return the ranks of both ends of the synapses that a monitor has samples of, by monitor."""
    found = {}
    for one in program.monitors.values():
        if one.projection is not None and _has_samples(one, one.projection):
            found[one] = post_ranks_of(one, one.projection), pre_ranks_of(one, one.projection)
    return found


def drop_void(before: dict[Recorder, tuple[Array, Array]], loaded: tuple[str, ...]) -> list[Recorder]:
    """Drop samples of synapses that are others since a load of their projection alone; return whose they were.

    Args:
        before: what :func:`synapses_of` gave then.
        loaded: paths of what was loaded.
    """
    found = []
    for monitor, ends in before.items():
        assert monitor.projection is not None, "it records synapses"
        now = post_ranks_of(monitor, monitor.projection), pre_ranks_of(monitor, monitor.projection)
        is_same = all(map(np.array_equal, ends, now))
        if not is_same and not any(path in loaded for path in monitor.records()):
            monitor.drop()
            found.append(monitor)
    return found
