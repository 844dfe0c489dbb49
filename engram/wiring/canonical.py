"""Lists of synapses, in any order -> canonical order, with every array that belongs to them.

In: pre ranks, post ranks, delays, and any number of arrays with one value per synapse. Out: the same in canonical
order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.state.residence import aligned
from engram.wiring.connectivity import MAX_DELAY_STEPS, Connectivity, Side
from engram.wiring.derived import grouped
from engram.wiring.values import sort_rows

__all__ = ["canonical_from_lists", "with_changes"]

Array = npt.NDArray[Any]


def canonical_from_lists(
    pre: npt.ArrayLike,
    post: npt.ArrayLike,
    delay_steps: npt.ArrayLike,
    *arrays: Array,
    by: Side,
    n_pre: int,
    n_post: int,
    threads: int = 1,
) -> tuple[Connectivity, tuple[Array, ...]]:
    """Return the connectivity of a list of synapses, and ``arrays`` in its order.

    Args:
        pre: (n_syn,) integers, in any order; several synapses of one pair keep theirs.
        post: (n_syn,) integers.
        delay_steps: 1 to 65535; () if uniform, else (n_syn,).
        arrays: each of shape (n_syn, ...), or () for one value that all share, which stays as it is.
        by: whose rows.
        n_pre: all pre ranks are below it.
        n_post: all post ranks are below it.
        threads: at most so many.

    Raises:
        InvalidArgument: if a length does not fit, or a rank or delay is out of range. Nothing is changed.
    """
    pre = _checked("pre rank", pre, 0, n_pre - 1, np.uint32)
    post = _checked("post rank", post, 0, n_post - 1, np.uint32)
    steps = _checked("delay", delay_steps, 1, MAX_DELAY_STEPS, np.uint16)
    for name, array in (("post", post), ("delay_steps", steps), *((f"array {i}", a) for i, a in enumerate(arrays))):
        single = array.ndim == 0 and name != "post"
        if pre.ndim != 1 or not (single or array.shape[:1] == pre.shape):
            raise InvalidArgument(f"list of synapses: {name} has shape {array.shape}, but pre has shape {pre.shape}")

    rows, n_rows, columns, n_columns = (pre, n_pre, post, n_post) if by == "pre" else (post, n_post, pre, n_pre)
    by_column, order = aligned(pre.shape, np.uint32), aligned(pre.shape, np.uint32)
    grouped(columns, n_columns, items=by_column, threads=threads)
    row_start = grouped(rows, n_rows, order=by_column, items=order, threads=threads)
    ranks = columns[order]
    if steps.ndim:
        steps = steps[order]
        if by == "pre":
            sort_rows(row_start, steps, ranks, order, threads)
    connectivity = Connectivity(by, n_pre, n_post, row_start, ranks, steps)
    return connectivity, tuple(array[order] if array.ndim else array for array in arrays)


def with_changes(
    wiring: Connectivity,
    keep: Array,
    pre: Array,
    post: Array,
    delay_steps: Array,
    *arrays: Array,
) -> tuple[Connectivity, tuple[Array, ...]]:
    """Return a connectivity of which some synapses are left, with new ones, and ``arrays`` in its order.

    What is left stays in its order, so that nothing is sorted but the new ones.

    Args:
        keep: (n_syn,) bool.
        pre, post: ranks of new synapses, (n,), of pairs that have none left.
        delay_steps: () if uniform, else those of the kept synapses in their order, then of the new ones.
        arrays: of kept synapses in their order, then of new ones.
    """
    rows, columns = (pre, post) if wiring.by == "pre" else (post, pre)
    n_rows, n_columns = len(wiring.row_start) - 1, wiring.n_post if wiring.by == "pre" else wiring.n_pre
    of_rows = np.repeat(np.arange(n_rows), np.diff(wiring.row_start))
    ranks = wiring.ranks
    if not keep.all():
        of_rows, ranks = of_rows[keep], ranks[keep]
    row_start = np.zeros(n_rows + 1, np.int64)
    np.cumsum(np.bincount(of_rows, minlength=n_rows) + np.bincount(rows, minlength=n_rows), out=row_start[1:])
    if not len(pre):
        connectivity = Connectivity(wiring.by, wiring.n_pre, wiring.n_post, row_start, ranks, delay_steps)
        return connectivity, arrays
    n_kept, late = len(ranks), wiring.by == "pre" and delay_steps.ndim > 0
    n_late = int(delay_steps.max()) + 1 if late else 1
    if n_rows * n_late * n_columns >= 1 << 63:
        ends = np.concatenate([of_rows, rows]), np.concatenate([ranks, columns])
        every_pre, every_post = ends if wiring.by == "pre" else ends[::-1]
        sizes = {"n_pre": wiring.n_pre, "n_post": wiring.n_post}
        return canonical_from_lists(every_pre, every_post, delay_steps, *arrays, by=wiring.by, **sizes)

    def keys(row: Array, delays: Array, column: Array) -> Array:
        return (row * n_late + (delays.astype(np.int64) if late else 0)) * n_columns + column.astype(np.int64)

    of_new = keys(rows, delay_steps[n_kept:] if late else delay_steps, columns)
    order = np.argsort(of_new, kind="stable")
    of_kept = keys(of_rows, delay_steps[:n_kept] if late else delay_steps, ranks)
    at = np.searchsorted(of_kept, of_new[order], "right") + np.arange(len(order))
    is_new = np.zeros(n_kept + len(order), bool)
    is_new[at] = True
    is_old = ~is_new

    def put(array: Array) -> Array:
        if not array.ndim:
            return array
        placed = np.empty_like(array)
        placed[is_old], placed[at] = array[:n_kept], array[n_kept:][order]
        return placed

    ranks = put(np.concatenate([ranks, columns.astype(ranks.dtype)]))
    connectivity = Connectivity(wiring.by, wiring.n_pre, wiring.n_post, row_start, ranks, put(delay_steps))
    return connectivity, tuple(map(put, arrays))


def _checked(name: str, values: npt.ArrayLike, low: int, high: int, dtype: npt.DTypeLike) -> Array:
    array = np.asarray(values)
    if array.size == 0:
        return np.ascontiguousarray(array, dtype).reshape(array.shape)
    if array.dtype.kind not in "iu":
        raise InvalidArgument(f"list of synapses: {name}s must be integers, not {array.dtype}")
    if array.min() < low or array.max() > high:
        wrong = array.min() if array.min() < low else array.max()
        raise InvalidArgument(f"list of synapses: {name} {wrong} does not lie in [{low}, {high}]")
    return np.asarray(array, dtype, order="C")
