"""Ranks of views that are too many for a blueprint: slots that stand beside it.

A view of more than 4,096 neurons that is no few runs is in the blueprint by its digest alone
(``blueprint/values.py``); its ranks, in the order of the view, are then a slot of the projection or monitor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.state import names
from engram.state.slots import Role, Slot

if TYPE_CHECKING:
    from engram.network.monitor import Monitor
    from engram.network.population import Population
    from engram.network.projection import Projection

__all__ = ["part_slots", "parts_beside", "write_parts"]

Array = npt.NDArray[Any]
Part = tuple[str, "Population", Array]


def parts_beside(viewer: Projection | Monitor) -> list[Part]:
    """Return the views of a projection or monitor that stand beside the blueprint: (name of the slot, whole, ranks)."""
    return [part for part in _views(viewer) if _stands_beside(part[2])]


def _views(viewer: Projection | Monitor) -> Iterator[Part]:
    if viewer._section == "monitors":
        if viewer._view is not None:
            yield names.PART, viewer._population, viewer._view._ranks
        return
    for name, population, ranks in (
        (names.PRE_PART, viewer._pre, viewer._pre_ranks),
        (names.POST_PART, viewer._post, viewer._post_ranks),
    ):
        if ranks is not None:
            yield name, population, ranks


def _stands_beside(ranks: Array) -> bool:
    from engram.blueprint.records import MOST_RANKS, BesideRecord  # few networks have views
    from engram.blueprint.values import ranks_record

    return len(ranks) > MOST_RANKS and isinstance(ranks_record(ranks), BesideRecord)


def part_slots(viewer: Projection | Monitor) -> Iterator[Slot]:
    """Yield the slots of such views."""
    for name, population, ranks in parts_beside(viewer):
        facts: dict[str, Any] = {"below": population.size, "hidden": True}
        yield Slot(viewer._path, name, ranks.shape, np.dtype(np.int64), Role.WIRING, **facts)


def write_parts(viewer: Projection | Monitor) -> None:
    """Fill these slots."""
    for name, _, ranks in parts_beside(viewer):
        viewer._network._state.write(viewer._place(name), ranks)
