"""Values that are given to event-driven variables: they hold from the moment at which they are set.

A synapse remembers the step of the last event of each side, and decays are counted from there. So before a variable
is set, an event takes place at which nothing happens: it brings what the events of that side write, in all synapses
of the neuron, to the present step, and is their last event. Neurons are taken whole, since they may hold a variable
for all of their synapses (``ir/lifting.py``): the bits do not depend on where it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.spec import LAST_SLOTS
from engram.program.interrupts import held_interrupts
from engram.program.reach import reach_of
from engram.program.synapses import Synapses
from engram.state import names

__all__ = ["hold_from_now"]

Array = npt.NDArray[Any]
PART = 1 << 14  # synapses that are looked at together: what is computed of them stays in the processor's cache
FEW = 64  # postsynaptic neurons whose synapses are looked up; those of more are found among all


def hold_from_now(projection: Synapses, variables: Iterable[str], synapses: Array | None = None) -> None:
    """Let values that are about to be set hold from the present step on; nothing else gets another meaning.

    Args:
        projection: compiled.
        variables: names of attributes; only those that are event-driven matter.
        synapses: the positions of those that will be set; None for all.
    """
    side_of = dict(projection.spec.dated)
    sides = {side_of[name] for name in variables if name in side_of}
    for side in sorted({"pre" if side == "both" else side for side in sides}):
        neurons = _neurons(projection, side, synapses)
        if len(neurons):
            _pass_time(projection, side, neurons)


# -- whose last event was before the present step ------------------------------------------------------------


def _neurons(projection: Synapses, side: str, synapses: Array | None) -> Array:
    """Return the neurons of a side, ascending, at whose synapses the last event may have been before the present step:
    of those that have synapses all, or those that some belong to.
    """
    reach, last = reach_of(projection), projection.value(LAST_SLOTS[side])
    if synapses is None:
        neurons = np.flatnonzero(np.diff(projection.value(names.ROW_START)) if side == "pre" else reach.per_post)
    else:
        # as np.unique, which loads what takes 25 ms
        neurons = np.flatnonzero(np.bincount(reach.pre_of(synapses) if side == "pre" else reach.post_of(synapses)))
    step = projection.program.state.step
    if not _is_each(projection, side):
        return neurons[last.reshape(-1)[neurons] < step]
    if len(neurons) > FEW and last.min() >= step:
        return neurons[:0]
    return neurons


def _is_each(projection: Synapses, side: str) -> bool:
    """Say whether the last event of a side is known for each synapse, not for each neuron."""
    return side == "pre" and projection.value(LAST_SLOTS[side]).ndim == 1


def _late(projection: Synapses, side: str, neurons: Array) -> Iterator[dict[str, Array]]:
    """Yield the synapses of some neurons whose last event was before the present step, some at a time: their positions
    ``k`` and their neurons ``pre`` and ``post``, (n,) int64 each.
    """
    reach, step = reach_of(projection), projection.program.state.step
    last = projection.value(LAST_SLOTS[side]) if _is_each(projection, side) else None
    some = _of_rows if side == "pre" else _of_few if len(neurons) <= FEW else _among_all
    for k, pre in some(projection, neurons):
        if last is not None:
            is_before = last[k] < step
            k, pre = (k, pre) if is_before.all() else (k[is_before], pre[is_before])
        if len(k):
            yield {"k": k, "pre": pre, "post": reach.post_of(k)}


def _of_few(projection: Synapses, neurons: Array) -> Iterator[tuple[Array, Array]]:
    """Yield the same of a few postsynaptic neurons, looked up one by one."""
    reach = reach_of(projection)
    for neuron in neurons.tolist():
        positions = reach.of_post(neuron)
        for low in range(0, len(positions), PART):
            k = positions[low : low + PART]
            yield k, reach.pre_of(k)


def _of_rows(projection: Synapses, neurons: Array) -> Iterator[tuple[Array, Array]]:
    """Yield the positions and presynaptic neurons of the rows of some neurons."""
    row_start = projection.value(names.ROW_START)
    begins = np.concatenate([[0], np.cumsum(row_start[neurons + 1] - row_start[neurons])])  # among these alone
    for low in range(0, begins[-1], PART):
        high = min(low + PART, begins[-1])
        first, last = (begins.searchsorted([low, high - 1], "right") - 1).tolist()
        some, lengths = neurons[first : last + 1], np.diff(begins[first : last + 2].clip(low, high))
        skipped = row_start[some] - begins[first : last + 1]  # between the rows, of synapses of other neurons
        yield np.repeat(skipped, lengths) + np.arange(low, high), np.repeat(some, lengths)


def _among_all(projection: Synapses, neurons: Array) -> Iterator[tuple[Array, Array]]:
    """Yield the same of some postsynaptic neurons, by going through all synapses."""
    reach, is_meant = reach_of(projection), np.zeros(projection.post.size, bool)
    is_meant[neurons] = True
    for k, pre in _of_rows(projection, np.arange(projection.pre.size)):
        is_of = is_meant[reach.post_of(k)]
        yield (k, pre) if is_of.all() else (k[is_of], pre[is_of])


# -- an event at which nothing happens -----------------------------------------------------------------------


def _pass_time(projection: Synapses, side: str, neurons: Array) -> None:
    """Let an event take place at the synapses of some neurons, at which nothing happens."""
    if _is_each(projection, side) and next(_late(projection, side, neurons), None) is None:
        return  # all have had theirs in this step
    from engram.ir.interpret import run_events  # with the text of models: importing engram must be quick

    program = projection.program
    state = program.state
    jobs = program.passing(projection, side)
    current = _current(projection, side, neurons)
    with held_interrupts() as interrupted:
        for job in jobs:
            run_events(job, state, state.step, program.dt, neurons, _late(projection, side, neurons))
        for name, (k, values) in current.items():
            state.write(projection.place(name), values, k)
        for job in jobs:
            for path, argument in zip(job.paths, job.kernel.arguments, strict=True):
                if argument.written:
                    state.note_written(path)
    if interrupted:
        raise KeyboardInterrupt


def _current(projection: Synapses, side: str, neurons: Array) -> dict[str, tuple[Array, Array]]:
    """Return what both sides write where the other side's event was in this step, which stays: it is no older, nor
    rounded again. For each such variable the positions of the synapses, and its values.
    """
    both = [name for name, of in projection.spec.dated if of == "both"]
    if not both:
        return {}
    step, other = projection.program.state.step, "post" if side == "pre" else "pre"
    last, key = projection.value(LAST_SLOTS[other]).reshape(-1), "k" if _is_each(projection, other) else other
    found = [at["k"][last[at[key]] == step] for at in _late(projection, side, neurons)]
    k = np.concatenate(found) if found else np.zeros(0, np.int64)
    return {name: (k, projection.program.state.read(projection.place(name), k)) for name in both}
