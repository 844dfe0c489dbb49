"""Ranks of views that are too many for a blueprint: slots that stand beside it.

A view of more than 4,096 neurons that is no few runs is in the blueprint by its digest alone
(``blueprint/values.py``); its ranks, in the order of the view, are then a slot of the projection or monitor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.program.neurons import Neurons
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.slots import Role, Slot

__all__ = ["slots_beside", "views_beside", "write_beside"]

Array = npt.NDArray[Any]
View = tuple[str, Neurons, Array]


def views_beside(viewer: Synapses | Recorder) -> list[View]:
    """Return the views of a projection or monitor that stand beside the blueprint: (name of the slot, whole, ranks)."""
    return [view for view in _views(viewer) if _stands_beside(view[2])]


def _views(viewer: Synapses | Recorder) -> Iterator[View]:
    sides: tuple[tuple[str, Neurons, Array | None], ...]
    if isinstance(viewer, Synapses):
        sides = (names.PRE_PART, viewer.pre, viewer.pre_ranks), (names.POST_PART, viewer.post, viewer.post_ranks)
    else:
        sides = ((names.PART, viewer.population, viewer.ranks),)
    for name, population, ranks in sides:
        if ranks is not None:
            yield name, population, ranks


def _stands_beside(ranks: Array) -> bool:
    if len(ranks) == 1:  # of a dendrite: what is imported below takes many times as long as the rest of a monitor
        return False
    from engram.blueprint.records import MOST_RANKS, BesideRecord  # few networks have views
    from engram.blueprint.values import ranks_record

    return len(ranks) > MOST_RANKS and isinstance(ranks_record(ranks), BesideRecord)


def slots_beside(viewer: Synapses | Recorder) -> Iterator[Slot]:
    """Yield the slots of such views."""
    for name, population, ranks in views_beside(viewer):
        facts: dict[str, Any] = {"below": population.size, "hidden": True}
        yield Slot(viewer.path, name, ranks.shape, np.dtype(np.int64), Role.WIRING, **facts)


def write_beside(viewer: Synapses | Recorder) -> None:
    """Fill these slots."""
    for name, _, ranks in views_beside(viewer):
        viewer.program.state.write(viewer.place(name), ranks)
