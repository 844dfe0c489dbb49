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

__all__ = ["canonical_from_lists"]

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
