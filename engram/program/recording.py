"""What a monitor needs in the tree and in each step: its slots and its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import Job
from engram.ir.recordings import RecordSpikes, RecordValues
from engram.program.beside import slots_beside
from engram.program.recordable import beside_samples, quantity_of
from engram.program.recorded_synapses import elements_of, wiring_of
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.slots import Layout, Role, Slot

__all__ = ["recorder_jobs", "recorder_slots"]


def recorder_slots(recorder: Recorder) -> list[Slot]:
    """Return all slots of a monitor but what it records of synapses; records are empty."""
    record: dict[str, Any] = {"role": Role.RECORD, "layout": Layout.BLOCKS, "free_length": True}
    steps: dict[str, Any] = {"dtype": np.dtype(np.int64), "unit": "steps", "hidden": True}
    n, slots = recorder.population.size, []
    for name in recorder.variables:
        if recorder.is_event(name):
            ranks: dict[str, Any] = {"dtype": np.dtype(np.uint32), "below": n, "hidden": True}
            slots.append(Slot(recorder.path, f"{name}/{names.RANK}", (0,), **ranks, **record))
            slots.append(Slot(recorder.path, f"{name}/{names.STEP}", (0,), **steps, **record))
        else:
            shape, dtype = recorder.sample(name)
            slots.append(Slot(recorder.path, name, (0, *shape), dtype, **record))
            slots += _slots_of_wiring(recorder, name)
    slots.append(Slot(recorder.path, names.ACTIVE, (), np.dtype(np.bool_), Role.STATE, hidden=True))
    slots += [Slot(recorder.path, name, (), role=Role.STATE, **steps) for name in names.TIMES]
    slots += [Slot(recorder.path, names.intervals(name), (0, 2), **steps, **record) for name in recorder.variables]
    if recorder.ranks is not None:
        chosen: dict[str, Any] = {"dtype": np.dtype(np.int64), "role": Role.WIRING, "below": n, "hidden": True}
        slots.append(Slot(recorder.path, names.RANKS, recorder.ranks.shape, **chosen))
    return [*slots, *slots_beside(recorder)]


def recorder_jobs(recorder: Recorder) -> tuple[list[Job], list[Job]]:
    """Return the jobs of a monitor: those that record inputs, before the neurons' update, and those at a step's end."""
    early: list[Job] = []
    late: list[Job] = []
    for name in recorder.variables:
        (early if quantity_of(recorder.whom, name).is_early(recorder.whom, name) else late).append(_job(recorder, name))
    return early, [*late, *_jobs_of_wiring(recorder)]


def _slots_of_wiring(recorder: Recorder, name: str) -> Iterator[Slot]:
    """Go through the slots of what says of which synapses the samples of a variable are."""
    if (projection := recorder.projection) is None:
        return
    n = projection.post.size if recorder.ranks is None else len(recorder.ranks)
    rest: dict[str, Any] = {"layout": Layout.BLOCKS, "free_length": True, "hidden": True}
    for beside in beside_samples(projection, name):
        is_pre = beside == names.pre_of(name)
        shape, below = ((0,), projection.pre.size) if is_pre else ((0, n), None)
        yield Slot(recorder.path, beside, shape, np.dtype(np.uint32), Role.RECORD, below=below, **rest)


def _jobs_of_wiring(recorder: Recorder) -> Iterator[Job]:
    """Go through the jobs that record of which synapses samples are, in the steps in which these are taken."""
    known = [(name, beside) for name in recorder.variables for beside in beside_samples(recorder.whom, name)]
    if recorder.projection is None or not known:
        return
    per_post, pre = wiring_of(recorder, recorder.projection)
    counted, begun = _put(recorder, names.PER_POST_NOW, per_post), _put(recorder, names.PRE_NOW, pre)
    for name, beside in known:
        is_pre = beside == names.pre_of(name)
        source, record = begun if is_pre else counted, recorder.place(beside)
        yield RecordValues(f"synapses of {name}", recorder.path, source, record, is_flat=is_pre)


def _job(recorder: Recorder, name: str) -> Job:
    quantity, paths = quantity_of(recorder.whom, name), recorder.paths(name)
    source = recorder.whom.place(quantity.source(name))
    if recorder.projection is not None:
        elements = _put_elements(recorder, recorder.projection, name)
        return RecordValues(name, recorder.path, source, paths[0], elements, is_flat=True)
    some = "" if recorder.ranks is None else recorder.place(names.RANKS)
    if recorder.is_event(name):
        rank, step = paths
        return RecordSpikes(name, recorder.path, source, rank, step, some)
    slot, is_one = recorder.program.state.slot(source), recorder.sample(name)[0] == ()
    # jobs copy bytes: a row of another type or size would read beyond the value
    assert quantity.sample is not None, "what has no samples is an event"
    assert quantity.sample(recorder.whom, name) == (slot.shape, slot.dtype), f"{name}: its row is not {slot}"
    return RecordValues(name, recorder.path, source, paths[0], "" if is_one else some)


def _put_elements(recorder: Recorder, projection: Synapses, name: str) -> str:
    """Let stand which elements of a variable are recorded; return where, empty for all in their order."""
    elements = elements_of(recorder, projection, name)
    return "" if elements is None else _put(recorder, names.elements(name), elements)


def _put(recorder: Recorder, name: str, values: npt.NDArray[Any]) -> str:
    """Let something stand beside the records that follows from the synapses; return where."""
    slot = Slot(recorder.path, name, values.shape, values.dtype, Role.SCRATCH, hidden=True)
    recorder.program.state.put(slot, values)
    return slot.path
