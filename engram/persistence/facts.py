"""What a blueprint says that values of a file must agree with: how late what is read can be, and who is recorded.

In: a blueprint that was read, and how the file describes its values. Out: :class:`Facts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from engram.blueprint.records import BesideRecord, Blueprint, MonitorRecord
from engram.blueprint.values import ranks_of
from engram.state.slots import Layout, Slot
from engram.storage.contract import Facts

__all__ = ["facts_of"]


def facts_of(
    blueprint: Blueprint, slots: Iterable[Slot], beside: Callable[[MonitorRecord], npt.NDArray[np.int64] | None]
) -> Facts:
    """Return what the values of a file must agree with.

    Args:
        slots: of all values.
        beside: gives the ranks of a view that stand beside the blueprint; None: they are not known.
    """
    pasts: dict[str, int] = {}
    for slot in slots:
        if slot.layout is Layout.RING and slot.shape:
            pasts[slot.owner] = min(slot.shape[0], pasts.get(slot.owner, slot.shape[0]))
    pre = {f"projections/{one.name}": f"populations/{one.pre.population}" for one in blueprint.projections}
    ranks = {}
    for one in blueprint.monitors:
        if one.ranks is not None and one.projection is None:
            found = beside(one) if isinstance(one.ranks, BesideRecord) else ranks_of(one.ranks)
            if found is not None:
                ranks[f"monitors/{one.name}"] = np.sort(found)
    flat = frozenset(f"monitors/{one.name}" for one in blueprint.monitors if one.projection is not None)
    return Facts({path: pasts[owner] for path, owner in pre.items() if owner in pasts}, ranks, flat)
