"""What a load will do, gone through as the values of a file come."""

import numpy as np

from engram.state.slots import Role, Slot
from engram.storage.contract import Entry
from engram.storage.plan import Item, Plan


def test_values_find_what_is_planned_in_whatever_order_they_come():
    slots = {name: Slot.at(f"populations/p/{name}", (), np.dtype("<f8"), Role.STATE) for name in "abcd"}
    plan = Plan({name: Item(Entry(name, slot, b""), slot, slot.path, 0, True) for name, slot in slots.items()})

    for keys in ("abcd", "xabcd", "bacd", "dcba", "acxd"):
        found = [(key, item and item.entry.key) for key, item, _ in plan.in_turn((key, ()) for key in keys)]
        assert found == [(key, None if key == "x" else key) for key in keys]
