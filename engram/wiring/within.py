"""Synapses between parts of two populations, as synapses between the whole of them.

In: what a connector drew between the parts, and the ranks that the parts have. Out: the same with ranks of the whole
populations, in canonical order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.wiring.canonical import canonical_from_lists
from engram.wiring.connect import Wired
from engram.wiring.connectivity import Connectivity
from engram.wiring.undrawn import Parts, rename

__all__ = ["ascend", "widened"]

Array = npt.NDArray[Any]


def widened(wired: Wired, pre_ranks: Array, post_ranks: Array, n_pre: int, n_post: int, threads: int = 1) -> Wired:
    """Return synapses between whole populations.

    Args:
        wired: between the parts: rank k there is ``pre_ranks[k]`` or ``post_ranks[k]`` here. Its arrays are given up.
            Without weights only where both ascend.
        pre_ranks, post_ranks: of the parts, without repetition, in any order.
        n_pre, n_post: sizes of the whole populations.
        threads: at most so many.
    """
    part = wired.connectivity
    if ascend(pre_ranks, post_ranks):
        rows, columns, n = (pre_ranks, post_ranks, n_pre) if part.by == "pre" else (post_ranks, pre_ranks, n_post)
        lengths = np.zeros(n, np.int64)
        lengths[rows] = np.diff(part.row_start)
        row_start = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        undrawn = wired.undrawn
        if undrawn is None:
            rename(part.ranks, columns, threads)
        else:
            undrawn = replace(undrawn, parts=Parts(row_start, rows, columns, n_pre, n_post))
        whole = Connectivity(part.by, n_pre, n_post, row_start, part.ranks, part.delay_steps)
        return Wired(whole, wired.weights, undrawn)
    connectivity, (weights,) = canonical_from_lists(
        pre_ranks[part.pre_of_synapses()],
        post_ranks[part.post_of_synapses()],
        part.delay_steps,
        wired.weights,
        by=part.by,
        n_pre=n_pre,
        n_post=n_post,
        threads=threads,
    )
    return Wired(connectivity, weights)


def ascend(*several: Array) -> bool:
    """Whether all of some lists of ranks ascend."""
    return all(bool((ranks[1:] > ranks[:-1]).all()) for ranks in several)
