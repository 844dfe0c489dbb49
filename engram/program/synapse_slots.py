"""What a projection must remember: its slots, without synapses: those with one value for each are empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engram.ir.nodes import OFFSET_SYMBOL, PERIOD_SYMBOL
from engram.program.beside import slots_beside
from engram.program.lifting import lifted_shape
from engram.program.listed import list_slots
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.slots import OnReset, Role, Slot

__all__ = ["synapse_slots"]


def synapse_slots(synapses: Synapses) -> Iterator[Slot]:
    """All slots that the projection needs, without synapses: those with one value for each are empty."""
    for attribute in synapses.spec.attributes:
        dtype = synapses.dtype(attribute.type)
        local = attribute.locality == "local"
        shape = (0,) if local else synapses.shape(attribute)
        if attribute.name != names.WEIGHT:
            form = {"free_length": local, "may_be_single": True}
            yield synapses.slot(names.initial(attribute.name), (), dtype, Role.PARAMETER, hidden=True, **form)
        yield synapses.slot(
            attribute.name,
            shape,
            dtype,
            Role.STATE if attribute.is_variable else Role.PARAMETER,
            free_length=local,
            may_be_single=attribute.name == names.WEIGHT and local,
            lifted=lifted_shape(synapses, attribute.name),
            on_reset=OnReset.KEEP if attribute.name == names.WEIGHT else OnReset.INITIAL,
        )
    facts: dict[str, Any] = {"hidden": True}
    rows, columns = (synapses.pre, synapses.post) if synapses.by == "pre" else (synapses.post, synapses.pre)
    yield synapses.slot(names.ROW_START, (rows.size + 1,), np.int64, Role.WIRING, offsets=True, **facts)
    facts["free_length"] = True
    yield synapses.slot(synapses.ranks_name, (0,), np.uint32, Role.WIRING, below=columns.size, **facts)
    yield synapses.slot(names.DELAY_STEPS, (0,), np.uint16, Role.WIRING, may_be_single=True, unit="steps", **facts)
    for name in synapses.spec.last_slots:
        lifted = lifted_shape(synapses, name)
        is_free = name == names.LAST_PRE
        shape = (0,) if is_free else (synapses.post.size,)
        on_reset = OnReset.NOW if synapses.spec.dated else OnReset.NEVER
        facts = {"hidden": True, "free_length": is_free, "lifted": lifted, "on_reset": on_reset}
        yield synapses.slot(name, shape, np.int64, Role.TIME, unit="steps", **facts)
    for flag in names.FLAGS["projections"]:
        if flag != names.AXON_TRANSMISSION or synapses.spec.has_axon_spike:
            yield synapses.slot(flag, (), np.bool_, Role.STATE, hidden=True)
    for name in (PERIOD_SYMBOL, OFFSET_SYMBOL):
        yield synapses.slot(name, (), np.int64, Role.STATE, hidden=True, unit="steps")
    for rule in (rule for rule in names.RULES if getattr(synapses.spec, rule) is not None):
        for name in (names.rule_period(rule), names.rule_offset(rule)):
            yield synapses.slot(name, (), np.int64, Role.STATE, hidden=True, unit="steps")
    yield from slots_beside(synapses)
    yield from list_slots(synapses)
