"""What a population must remember: its slots. Called by :class:`Population`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.state.slots import Layout, Role, Slot

if TYPE_CHECKING:
    from engram.network.population import Population

__all__ = ["population_slots"]

HISTORY: dict[str, Any] = {"hidden": True, "free_length": True}


def population_slots(population: Population) -> Iterator[Slot]:
    """Yield all slots of a population; called by compile, and again when histories have their length."""
    slot, spec, geometry = population._slot, population._spec, population.geometry
    real = population._dtype("float")
    yield slot("enabled", (), np.bool_, Role.STATE, hidden=True)
    for attribute in spec.attributes:
        dtype = population._dtype(attribute.type)
        yield slot(attribute.name, population._shape(attribute), dtype, population._role(attribute))
        yield slot(f"init/{attribute.name}", (), dtype, Role.PARAMETER, may_be_single=True, hidden=True)
    if population.is_spiking:
        yield from _slots_of_spikes(population)
        for target in sorted(population._inputs - set(spec.targets)):
            yield slot(f"g_{target}", geometry, real, Role.STATE, hidden=True)
    else:
        for target in sorted(population._inputs | set(spec.targets)):
            yield slot(f"sum/{target}", geometry, real, Role.STATE, hidden=True)
    for name in sorted(population._network._delayed_variables(population)):
        known = spec.attribute(name)
        dtype = population._dtype(known.type if known else "float")
        shape = (population._longest_delay, *(population._shape(known) if known else geometry))
        yield slot(f"history/{name}", shape, dtype, Role.STATE, layout=Layout.RING, **HISTORY)
    for op, name in population._network._reductions(population):
        yield slot(f"internal/op/{op}.{name}", (), np.float64, Role.STATE, hidden=True)


def _slots_of_spikes(population: Population) -> Iterator[Slot]:
    slot, spec, geometry = population._slot, population._spec, population.geometry
    for spikes in ("history", "internal/axon") if spec.has_axon_spike else ("history",):
        lists: dict[str, Any] = {"layout": Layout.SPIKES, "below": population.size, **HISTORY}
        yield slot(
            f"{spikes}/count", (population._history_length,), np.int64, Role.STATE, layout=Layout.RING, **HISTORY
        )
        yield slot(f"{spikes}/rank", (0,), np.uint32, Role.STATE, **lists)
    yield slot("last_spike", geometry, np.int64, Role.TIME, unit="steps", hidden=True)
    yield slot("internal/rate/count", geometry, np.int32, Role.STATE, hidden=True)
    yield slot("internal/rate/window", (), np.int64, Role.STATE, unit="steps", hidden=True)
    if spec.refractory is not None:
        yield slot("refractory_left", geometry, np.int32, Role.STATE, hidden=True)
        if not isinstance(spec.refractory, str):
            yield slot("refractory", geometry, population._dtype("float"), Role.PARAMETER, unit="ms")
