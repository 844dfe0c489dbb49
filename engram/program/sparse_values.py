"""Values of synapses that stand in a matrix, post by pre: of ``scipy.sparse``, as ``weights_csr`` gives it, or dense.

In: a compiled projection and a matrix with an entry for each of its synapses. Out: values in canonical order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.program.reach import reach_of
from engram.program.synapses import Synapses
from engram.state.distributions import Distribution

__all__ = ["is_dense", "is_matrix", "of_dense", "of_matrix"]

Array = npt.NDArray[Any]
SOME = 5  # pairs that a message names


def is_matrix(value: Any) -> bool:
    """Say whether a value is a matrix of scipy.sparse."""
    if isinstance(value, int | float | str | list | np.ndarray | Distribution):
        return False
    from engram.wiring.matrices import is_sparse  # with synapses: importing engram must be quick

    return is_sparse(value)


def of_matrix(synapses: Synapses, what: str, matrix: Any) -> Array:
    """Return the values of a matrix in canonical order, (n_syn,).

    Raises:
        InvalidArgument: unless the matrix has the shape (post, pre) and one entry for each synapse.
    """
    reach, shape = reach_of(synapses), (synapses.post.size, synapses.pre.size)
    if matrix.shape != shape:
        advice = "give matrix.T." if matrix.shape == shape[::-1] else "weights_csr() gives one of the right shape."
        problem = f"expected a matrix of shape {shape} (post by pre), got one of shape {matrix.shape}"
        raise InvalidArgument(f"{what}: {problem}\n  help: {advice}")
    rows = matrix.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()  # sorts, too
    mine = _keys(np.repeat(np.arange(shape[0]), reach.per_post), reach.pre_in_order(), shape[1])
    _refuse_several(what, mine, shape[1])
    theirs = _keys(np.repeat(np.arange(shape[0]), np.diff(rows.indptr)), rows.indices, shape[1])
    if not np.array_equal(mine, theirs):
        raise _other_pairs(what, mine, theirs, shape[1])
    return reach.in_canonical_order(rows.data)


def is_dense(synapses: Synapses, value: Any) -> bool:
    """Say whether a value is an array with a row for each post neuron and a column for each pre neuron."""
    return isinstance(value, np.ndarray) and value.shape == (synapses.post.size, synapses.pre.size)


def of_dense(synapses: Synapses, what: str, matrix: Array) -> Array:
    """Return the values of an array (post, pre) in canonical order, (n_syn,).

    Raises:
        InvalidArgument: if it is not 0 or NaN where there is no synapse, or a pair has several.
    """
    reach, n_pre = reach_of(synapses), matrix.shape[1]
    post, pre = np.repeat(np.arange(len(matrix)), reach.per_post), reach.pre_in_order()
    _refuse_several(what, _keys(post, pre, n_pre), n_pre)
    others = (matrix != 0) & (matrix == matrix)  # not NaN
    others[post, pre] = False
    if others.any():
        added = np.flatnonzero(others)
        problem = f"{len(added):,} entries have no synapse: {_named(added, n_pre)}"
        advice = "let them be 0, as in connectivity_matrix(), or nan; create_synapse() makes synapses."
        raise InvalidArgument(f"{what}: the matrix is of other synapses; {problem}\n  help: {advice}")
    return reach.in_canonical_order(matrix[post, pre])


def _refuse_several(what: str, mine: Array, n_pre: int) -> None:
    if (mine[1:] == mine[:-1]).any():
        pair = _named(mine[1:][mine[1:] == mine[:-1]][:1], n_pre)
        advice = "give a list for each post neuron, as the attribute is read."
        problem = f"several synapses connect one pair ({pair}), and a matrix has one entry for it"
        raise InvalidArgument(f"{what}: {problem}\n  help: {advice}")


def _keys(post: Array, pre: Array, n_pre: int) -> Array:
    """Return a number for each pair, (n,) int64, ascending by post, then pre."""
    return np.asarray(post * np.int64(n_pre) + pre)


def _other_pairs(what: str, mine: Array, theirs: Array, n_pre: int) -> InvalidArgument:
    """Return the error about a matrix with entries in other places than there are synapses."""
    missing, added = np.setdiff1d(mine, theirs), np.setdiff1d(theirs, mine)
    found = [
        f"{len(keys):,} {problem}: {_named(keys, n_pre)}"
        for keys, problem in ((missing, "synapses have no entry"), (added, "entries have no synapse"))
        if len(keys)
    ]
    advice = "change the .data of weights_csr(), or fill what is missing with explicit zeros."
    return InvalidArgument(f"{what}: the matrix is of other synapses; {'; '.join(found)}\n  help: {advice}")


def _named(keys: Array, n_pre: int) -> str:
    pairs = [f"{key % n_pre} -> {key // n_pre}" for key in keys[:SOME].tolist()]
    return ", ".join([*pairs, "..."] if len(keys) > SOME else pairs)
