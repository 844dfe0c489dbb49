"""What a population must remember: its slots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engram.program.neurons import Neurons
from engram.state import names
from engram.state.slots import Layout, OnReset, Role, Slot

__all__ = ["neuron_slots"]

HIDDEN: dict[str, Any] = {"hidden": True, "on_reset": OnReset.ZERO}
PAST: dict[str, Any] = {"hidden": True, "free_length": True, "on_reset": OnReset.FORGET}


def neuron_slots(population: Neurons) -> Iterator[Slot]:
    """Yield all slots of a population; histories are of one step until it is known how far they reach."""
    slot, spec, geometry = population.slot, population.spec, population.geometry
    real = population.dtype("float")
    for flag in names.FLAGS["populations"]:
        yield slot(flag, (), np.bool_, Role.STATE, hidden=True)
    for attribute in spec.attributes:
        dtype = population.dtype(attribute.type)
        if attribute.is_table:
            form: dict[str, Any] = {"layout": Layout.TABLE, "free_length": True}
            yield slot(attribute.name, population.shape(attribute), dtype, Role.PARAMETER, **form)
            continue
        shape, role = population.shape(attribute), Role.STATE if attribute.is_variable else Role.PARAMETER
        yield slot(attribute.name, shape, dtype, role, on_reset=OnReset.INITIAL)
        yield slot(names.initial(attribute.name), (), dtype, Role.PARAMETER, may_be_single=True, hidden=True)
    if population.is_spiking:
        yield from _slots_of_spikes(population)
        for target in sorted(population.conducted):
            if spec.attribute(names.conductance(target)) is None:
                yield slot(names.conductance(target), geometry, real, Role.STATE, **HIDDEN)
    for target in population.summed:
        yield slot(names.sum_of(target), geometry, real, Role.STATE, **HIDDEN)
    for name in population.delayed_variables:
        known = spec.attribute(name)
        dtype = population.dtype(known.type if known else "float")
        shape = (1, *(population.shape(known) if known else geometry))
        yield slot(names.past(name), shape, dtype, Role.STATE, layout=Layout.RING, **PAST)
    for op, name in population.reductions:
        yield slot(names.reduction(op, name), (), np.float64, Role.STATE, **HIDDEN)


def _slots_of_spikes(population: Neurons) -> Iterator[Slot]:
    slot, spec, geometry = population.slot, population.spec, population.geometry
    length = (1,)
    for spikes in population.emitted:
        lists: dict[str, Any] = {"layout": Layout.SPIKES, "below": population.size, **PAST}
        yield slot(f"{spikes}/{names.COUNT}", length, np.int64, Role.STATE, layout=Layout.RING, **PAST)
        yield slot(f"{spikes}/{names.RANK}", (0,), np.uint32, Role.STATE, **lists)
    last: dict[str, Any] = {"unit": "steps", "hidden": True, "on_reset": OnReset.NEVER}
    yield slot(names.LAST_SPIKE, geometry, np.int64, Role.TIME, **last)
    yield slot(names.RATE_COUNT, geometry, np.int32, Role.STATE, **HIDDEN)
    yield slot(names.RATE_WINDOW, (), np.int64, Role.STATE, unit="steps", hidden=True)
    if spec.refractory is not None:
        yield slot(names.REFRACTORY_LEFT, geometry, np.int32, Role.STATE, **HIDDEN)
        for name in spec.conductances if spec.drops_input else ():
            attribute = spec.attribute(name)
            dtype = population.dtype(attribute.type if attribute else "float")
            yield slot(names.kept(name), geometry, dtype, Role.SCRATCH, hidden=True)
        if not isinstance(spec.refractory, str):
            yield slot(names.REFRACTORY, geometry, population.dtype("float"), Role.PARAMETER, unit="ms")
