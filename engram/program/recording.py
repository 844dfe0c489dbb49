"""What a monitor needs in the tree and in each step: its slots and its jobs."""

from __future__ import annotations

from typing import Any

import numpy as np

from engram.ir.jobs import Job
from engram.ir.recordings import RecordSpikes, RecordValues
from engram.program.beside import slots_beside
from engram.program.recordable import quantity_of
from engram.program.recorded_synapses import places_of
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.slots import Layout, Role, Slot

__all__ = ["recorder_jobs", "recorder_slots"]


def recorder_slots(recorder: Recorder) -> list[Slot]:
    """Return all slots of a monitor but the places of synapses; records are empty."""
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
    return early, late


def _job(recorder: Recorder, name: str) -> Job:
    quantity, paths = quantity_of(recorder.whom, name), recorder.paths(name)
    source = recorder.whom.place(quantity.source(name))
    if recorder.projection is not None:
        places = _put_places(recorder, recorder.projection, name)
        return RecordValues(name, recorder.path, source, paths[0], places, is_flat=True)
    some = "" if recorder.ranks is None else recorder.place(names.RANKS)
    if recorder.is_event(name):
        rank, step = paths
        return RecordSpikes(name, recorder.path, source, rank, step, some)
    slot, is_one = recorder.program.state.slot(source), recorder.sample(name)[0] == ()
    # jobs copy bytes: a row of another type or size would read beyond the value
    assert quantity.sample is not None, "what has no samples is an event"
    assert quantity.sample(recorder.whom, name) == (slot.shape, slot.dtype), f"{name}: its row is not {slot}"
    return RecordValues(name, recorder.path, source, paths[0], "" if is_one else some)


def _put_places(recorder: Recorder, projection: Synapses, name: str) -> str:
    """Let stand which elements of a variable are recorded; return where, empty for all in their order."""
    places = places_of(recorder, projection, name)
    if places is None:
        return ""
    slot = Slot(recorder.path, names.places(name), places.shape, places.dtype, Role.SCRATCH, hidden=True)
    projection.program.state.put(slot, places)
    return slot.path
