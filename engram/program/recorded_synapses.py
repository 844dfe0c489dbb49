"""Records of synapses: which elements of a value are taken at a time, and when what was recorded holds no more.

A record is flat. Values are taken by post neuron, then by pre, an order that other delays don't change. How many are
taken at a time follows from the synapses, so whoever gives a projection other ones makes sure that nothing is recorded
of those before. Where rules let synapses come and go there is beside each sample of which synapses it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.program.lifting import lifted_side
from engram.program.program import Program
from engram.program.reach import reach_of
from engram.program.recordable import beside_samples, counts_synapses, locality_of
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state import names

__all__ = [
    "drop_recorded",
    "drop_void",
    "elements_of",
    "post_ranks_of",
    "pre_ranks_of",
    "refuse_recorded",
    "synapses_of",
    "wiring_of",
]

Array = npt.NDArray[Any]


def elements_of(recorder: Recorder, projection: Synapses, name: str) -> Array | None:
    """Return which elements of a variable of a projection are taken, (n,) int64; None for all in their order."""
    if counts_synapses(projection, name):
        return np.array([projection.value(names.ROW_START).size - 1])
    reach, locality = reach_of(projection), locality_of(projection, name)
    if locality == "global":
        return None
    if locality == "semiglobal":
        if recorder.ranks is None:
            return None if beside_samples(projection, name) else np.flatnonzero(reach.per_post)
        return recorder.ranks.astype(np.int64)
    is_one = projection.program.state.slot(projection.place(name)).shape == ()  # for all of them: a parameter
    if recorder.ranks is None and projection.by == "post" and not lifted_side(projection, name) and not is_one:
        return None
    positions = _positions(recorder, projection)
    return np.zeros(len(positions), np.int64) if is_one else reach.elements(name, positions).astype(np.int64)


def _positions(recorder: Recorder, projection: Synapses) -> Array:
    """Return the positions of the synapses that are recorded, by post neuron, then by pre."""
    reach = reach_of(projection)
    if recorder.ranks is None:
        return reach.in_order(np.arange(projection.n_syn))
    return np.concatenate([np.empty(0, np.int64), *map(reach.of_post, recorder.ranks.tolist())])


def wiring_of(recorder: Recorder, projection: Synapses) -> tuple[Array, Array]:
    """Return how many synapses each neuron has whose synapses are recorded, and their pre ranks, (n,) uint32 each."""
    reach = reach_of(projection)
    per_post = reach.per_post if recorder.ranks is None else reach.per_post[recorder.ranks]
    pre = reach.pre_in_order() if recorder.ranks is None else pre_ranks_of(recorder, projection)
    return per_post.astype(np.uint32), pre.astype(np.uint32)


def pre_ranks_of(recorder: Recorder, projection: Synapses) -> Array:
    """Return the pre ranks of the synapses that are recorded, (n,) int64."""
    return reach_of(projection).pre_of(_positions(recorder, projection))


def post_ranks_of(recorder: Recorder, projection: Synapses) -> Array:
    """Return the post ranks of the synapses that are recorded, (n,) int64."""
    per_post = reach_of(projection).per_post
    some = np.arange(len(per_post)) if recorder.ranks is None else recorder.ranks.astype(np.int64)
    return np.repeat(some, per_post[some])


# -- other synapses ----------------------------------------------------------------------------------------


def refuse_recorded(projection: Synapses) -> None:
    """Raise InvalidArgument if a monitor holds samples that would no longer say of which synapses they are."""
    for monitor in _monitors_of(projection):
        if _has_samples(monitor, projection):
            what = f"{projection.where}: monitor {monitor.name!r} has samples of its synapses, which would be others"
            raise InvalidArgument(
                f"{what}\n  help: fetch them with get(), or drop them with reset(), and then change it."
            )


def drop_recorded(projection: Synapses) -> None:
    """Drop samples that would no longer say of which synapses they are."""
    for monitor in _monitors_of(projection):
        monitor.drop(tuple(_of_these(monitor, projection)))


def _has_samples(monitor: Recorder, projection: Synapses) -> bool:
    state = projection.program.state
    return any(state.blocks(monitor.place(name)).rows for name in _of_these(monitor, projection))


def _of_these(monitor: Recorder, projection: Synapses) -> Iterator[str]:
    """Go through variables whose samples are of the synapses that there are, and say of none."""
    for name in monitor.variables:
        if locality_of(projection, name) != "global" and not beside_samples(projection, name):
            yield name


def _monitors_of(projection: Synapses) -> Iterator[Recorder]:
    return (one for one in projection.program.monitors.values() if one.projection is projection)


def synapses_of(program: Program) -> dict[Recorder, tuple[Array, Array]]:
    """Return the ranks of both ends of the synapses that a monitor has samples of, by monitor; as above."""
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
