"""What several values of one owner must be together: whether synapses stand in order, whether records are whole.

In: elements of these values, piece by piece, in any order. Out: what is wrong, in words, once the last one has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from engram.state import names
from engram.state.residence import Array
from engram.state.slots import Layout, Slot
from engram.storage.contract import OfSynapses
from engram.storage.samples import WITH_RECORDS, Samples
from engram.storage.synapse_order import RANKS, Order, PerPost

__all__ = ["Together", "is_of_several", "of_owners", "unequal_lists"]

_OF_MONITORS = "monitors/"
_OF_SYNAPSES = frozenset({*RANKS, names.ROW_START, names.DELAY_STEPS})


class Together(Protocol):
    """Values of one owner that are judged when all have been seen."""

    def take(self, name: str, at: int, values: Array) -> None:
        """Take elements of the value with that name, which begin at its element ``at``."""

    def end(self, name: str) -> str:
        """Note that the value with that name is complete; return what is wrong, if it was the last one."""


def is_of_several(slot: Slot) -> bool:
    """Whether a value may be judged together with others; most are not, and to ask is quick."""
    name = slot.name
    if name in _OF_SYNAPSES:
        return slot.layout is Layout.PLAIN
    return slot.owner.startswith(_OF_MONITORS) and (name == names.PERIOD or name.startswith(WITH_RECORDS))


def of_owners(
    slots: Iterable[Slot], records: Iterable[Slot], step: int | None, flat: Mapping[str, OfSynapses]
) -> dict[str, Together]:
    """Return by owner what judges its values together.

    Args:
        slots: of a file; those will do that have rules.
        records: those among all that are lists of blocks.
        step: at which it was saved; None if it does not say.
        flat: monitors whose records have no rows, as they are of synapses, by path.
    """
    several: dict[str, dict[str, Slot]] = {}
    recorded: dict[str, dict[str, Slot]] = {}
    for slot in slots:
        if is_of_several(slot):
            several.setdefault(slot.owner, {})[slot.name] = slot
    for slot in records:
        if slot.owner.startswith(_OF_MONITORS):
            recorded.setdefault(slot.owner, {})[slot.name] = slot
    found: dict[str, Together] = {}
    counted: dict[str, list[PerPost]] = {}
    for owner, parts in several.items():
        if owner.startswith(_OF_MONITORS):
            of = flat.get(owner)
            wiring = {} if of is None else several.get(of.projection, {})
            found[owner] = samples = Samples(parts, recorded.get(owner, {}), step, of, wiring)
            if of is not None:
                counted.setdefault(of.projection, []).extend(samples.counted)
    for owner, parts in several.items():
        if names.ROW_START in parts and len(parts.keys() & {*RANKS}) == 1:  # files of ANNarchy have both, in any order
            found[owner] = Order(parts, counted.get(owner, ()))
    return found


def unequal_lists(slots: Mapping[str, Slot]) -> dict[str, str]:
    """Return what is wrong with records of events whose two lists are not equally long, by the path of the ranks."""
    found = {}
    for path, slot in slots.items():
        if slot.layout is Layout.BLOCKS and slot.below is not None and slot.owner.startswith(_OF_MONITORS):
            steps = slots.get(f"{path.removesuffix(names.RANK)}{names.STEP}")
            if steps is not None and steps.shape != slot.shape:
                found[path] = f"{slot.size} neurons that have spiked, at {steps.size} times"
    return found
