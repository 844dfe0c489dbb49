"""Copies of networks, and what a pickle holds of one: the blueprint, and arrays.

A network that is not compiled is its blueprint and what stands beside it; a compiled one is its blueprint and its tree.
Called by :class:`Network`, and by handles, which go with their network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.blueprint.records import BesideRecord
from engram.blueprint.values import ranks_record
from engram.network.blueprinting import given_values
from engram.state import names

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["arrays_beside"]

Array = npt.NDArray[Any]


def arrays_beside(network: Network) -> dict[str, Array]:
    """Return the arrays that stand beside the blueprint of a network, by the paths that slots for them have."""
    return {path: array for path, array in _given_arrays(network) if array.ndim} | dict(_parts(network))


def _given_arrays(network: Network) -> Iterator[tuple[str, Array]]:
    for owner in network._owners:
        for name, value in given_values(owner):
            if isinstance(value, np.ndarray):
                yield owner._place(names.initial(name)), value
    for population in network._populations.values():
        if population._draft.refractory_ms is not None:
            yield population._place(names.REFRACTORY), population._draft.refractory_ms


def _parts(network: Network) -> Iterator[tuple[str, Array]]:
    """Yield the ranks of views that are too many for their records."""
    views = [
        (projection._place(name), ranks)
        for projection in network._projections.values()
        for name, ranks in ((names.PRE_PART, projection._pre_ranks), (names.POST_PART, projection._post_ranks))
    ]
    views += [(m._place(names.PART), None if m._view is None else m._view._ranks) for m in network._monitors.values()]
    for path, ranks in views:
        if ranks is not None and isinstance(ranks_record(ranks), BesideRecord):
            yield path, ranks
