"""What a blueprint says that values of a file must agree with: how late what is read can be, and who is recorded.

In: a blueprint that was read, and how the file describes its values. Out: :class:`Facts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import numpy.typing as npt

from engram.blueprint.records import BesideRecord, Blueprint, MonitorRecord
from engram.blueprint.values import ranks_of
from engram.state.slots import Layout, Slot
from engram.storage.contract import Facts, OfSynapses

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
    attributes: dict[str, list[Slot]] = {}  # of projections that are recorded, and what else they have
    recorded = {f"projections/{one.projection}" for one in blueprint.monitors if one.projection is not None}
    for slot in slots:
        if slot.layout is Layout.RING and slot.shape:
            pasts[slot.owner] = min(slot.shape[0], pasts.get(slot.owner, slot.shape[0]))
        elif slot.owner in recorded:
            attributes.setdefault(slot.owner, []).append(slot)
    pre = {f"projections/{one.name}": f"populations/{one.pre.population}" for one in blueprint.projections}
    ranks: dict[str, npt.NDArray[np.int64]] = {}
    flat: dict[str, OfSynapses] = {}
    for one in blueprint.monitors:
        path, found = f"monitors/{one.name}", None
        if one.ranks is not None:
            found = beside(one) if isinstance(one.ranks, BesideRecord) else ranks_of(one.ranks)
        if one.projection is None:
            if found is not None:
                ranks[path] = np.sort(found)
        else:
            is_known = (one.ranks is None) is (found is None)
            flat[path] = _of_synapses(f"projections/{one.projection}" if is_known else "", found, attributes)
    return Facts({path: pasts[owner] for path, owner in pre.items() if owner in pasts}, ranks, flat)


def _of_synapses(
    projection: str, ranks: npt.NDArray[np.int64] | None, attributes: Mapping[str, Iterable[Slot]]
) -> OfSynapses:
    each, per_post = set(), set()
    for slot in attributes.get(projection, ()):
        if slot.free_length:  # also where one number stands for all
            each.add(slot.name)
        elif slot.shape:
            per_post.add(slot.name)
    return OfSynapses(projection, ranks, frozenset(each), frozenset(per_post))
