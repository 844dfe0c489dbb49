"""Which layout of ``ir/layouts.py`` the synapses of a projection have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engram.ir.layouts import FULL, LIST, OTHERS, SHORT_LIST
from engram.program.synapses import Synapses

if TYPE_CHECKING:
    from engram.wiring.connectivity import Connectivity

__all__ = ["layout_of", "possible_layouts"]

CHUNK = 1 << 20  # synapses to look at at a time, so that it takes little memory


def possible_layouts(projection: Synapses, n_syn: int) -> tuple[str, ...]:
    """Return the layouts that ``n_syn`` synapses can have, the best first; the last one fits any."""
    if projection.is_spiking:
        return ("",)  # rows are presynaptic
    n_pre, n_post = projection.pre.size, projection.post.size
    possible = [SHORT_LIST if n_pre < 1 << 16 else LIST]
    if n_syn == n_pre * n_post:
        possible.insert(0, FULL)
    if n_syn == n_pre * (n_pre - 1) > 0 and n_pre == n_post:
        possible.insert(0, OTHERS)
    return tuple(layout.name for layout in possible)


def layout_of(projection: Synapses) -> str:
    """Return the layout of a projection's synapses as they are now."""
    if projection.is_spiking:
        return ""
    wiring = projection.connectivity
    *dense, other = possible_layouts(projection, wiring.n_syn)
    return next((name for name in dense if _is_dense(wiring, name)), other)


def _is_dense(wiring: Connectivity, layout: str) -> bool:
    """Whether the rows are those of a dense layout; as many synapses may stand elsewhere."""
    length = wiring.n_pre - (layout == OTHERS.name)
    if not np.array_equal(wiring.row_start, np.arange(wiring.n_post + 1) * length):
        return False
    column, ranks = np.arange(length), wiring.ranks.reshape(wiring.n_post, length)
    at_a_time = max(1, CHUNK // length)
    for low in range(0, wiring.n_post, at_a_time):
        some = ranks[low : low + at_a_time]
        post = np.arange(low, low + len(some))[:, np.newaxis]
        if not np.all(some == (column + (column >= post) if layout == OTHERS.name else column)):
            return False
    return True
