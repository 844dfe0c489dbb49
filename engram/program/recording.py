"""What a monitor needs in the tree and in each step: its slots and its jobs."""

from __future__ import annotations

from typing import Any

import numpy as np

from engram.ir.jobs import Job
from engram.ir.own_jobs import RecordSpikes, RecordValues
from engram.program.beside import slots_beside
from engram.program.recordable import quantity_of
from engram.program.recorder import Recorder
from engram.state import names
from engram.state.slots import Layout, Role, Slot

__all__ = ["recorder_jobs", "recorder_slots"]


def recorder_slots(recorder: Recorder) -> list[Slot]:
    """Return all slots of a monitor; records are empty."""
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
    for name, least in ((names.PERIOD, 1), (names.OFFSET, 0), (names.ORIGIN, None)):
        slots.append(Slot(recorder.path, name, (), role=Role.STATE, least=least, **steps))
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
        (early if quantity_of(name).is_early(recorder.population, name) else late).append(_job(recorder, name))
    return early, late


def _job(recorder: Recorder, name: str) -> Job:
    source, paths = recorder.population.place(quantity_of(name).source(name)), recorder.paths(name)
    some = "" if recorder.ranks is None else recorder.place(names.RANKS)
    if recorder.is_event(name):
        rank, step = paths
        return RecordSpikes(recorder.path, source, rank, step, some)
    is_one = recorder.sample(name)[0] == ()
    return RecordValues(recorder.path, source, paths[0], "" if is_one else some)
