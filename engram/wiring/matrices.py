"""Matrices as lists of synapses: dense ones, those of scipy.sparse, files of Matrix Market.

In: what the user has. Out: :class:`SynapseList`.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.state.distribution import Distribution
from engram.telling import told
from engram.wiring.listed import Origin

__all__ = ["SynapseList", "is_sparse", "number_of", "of_matrix", "of_matrix_market", "of_sparse"]

Array = npt.NDArray[Any]


class SynapseList(NamedTuple):
    """A list of synapses, not checked: ranks within the sides of a projection, weights and delays in ms."""

    pre: Array
    post: Array
    weights: Array
    delays_ms: Array


def is_sparse(matrix: object) -> bool:
    """Whether something is a matrix (or array) of scipy.sparse."""
    return type(matrix).__module__.startswith("scipy.sparse")  # without loading it for what is none


def of_matrix(weights: Any, delays: Any, shape: tuple[int, int], is_pre_post: bool, origin: Origin) -> SynapseList:
    """Return the synapses of a dense matrix, post by pre; None and NaN stand for no synapse.

    Args:
        delays: a number, or a matrix of the same shape.
        shape: (n_post, n_pre).
        is_pre_post: whether the matrices are pre by post.
    """
    shape = shape[::-1] if is_pre_post else shape
    late = number_of(delays, "delays", origin)
    both = {"weights": weights} if late is not None else {"weights": weights, "delays": delays}
    matrix = _dense("weights", both, shape, is_pre_post, origin)
    exists = ~np.isnan(matrix)
    rows, columns = np.nonzero(exists)
    if late is None:
        late = _dense("delays", both, shape, is_pre_post, origin)[exists]
    pre, post = (rows, columns) if is_pre_post else (columns, rows)
    return SynapseList(pre, post, matrix[exists], late)


def _dense(name: str, both: dict[str, Any], shape: tuple[int, int], is_pre_post: bool, origin: Origin) -> Array:
    """Return one of the matrices that were given, weights alone or with delays."""
    order = "pre by post" if is_pre_post else "post by pre"
    matrix = _floats(both[name])
    if matrix is None:
        raise origin.wrong(f"{name} must be rows of equal length, of numbers and None", _advice_for(both[name]))
    if matrix.shape == shape:
        return matrix
    advice = f"it must be {order}."
    if matrix.shape == shape[::-1] and any(np.shape(one) != shape[::-1] for one in both.values()):
        advice = f"turn it: {name}={name}.T; pre_post says the order of weights and delays alike."
    elif matrix.shape == shape[::-1] and is_pre_post:
        advice = "leave out pre_post=True: the matrix is post by pre."
    elif matrix.shape == shape[::-1]:
        advice = f"it must be {order}; give pre_post=True for the other order."
    raise origin.wrong(f"{name} has shape {matrix.shape}, expected {shape} ({order})", advice)


def _advice_for(given: Any) -> str:
    """Say how to connect with what is no dense matrix of numbers."""
    if is_sparse(given):
        return "from_sparse(weights) takes a matrix of scipy.sparse, pre by post."
    if getattr(getattr(given, "dtype", None), "kind", "") == "b":
        return "np.where(mask, 0.5, np.nan) gives synapses where a mask is true."
    return "e.g. [[0.5, None], [None, 1.0]]."


def _floats(given: Any) -> Array | None:
    """Return a matrix as float64, NaN where there is None or where NumPy masks it; None if it holds something else."""
    if hasattr(given, "filled"):  # a masked array; its module is loaded then
        return _floats(given.astype(np.float64).filled(np.nan)) if given.dtype.kind in "fiu" else None
    try:
        found = np.asarray(given)
        return None if found.dtype.kind in "bc" else np.asarray(found, np.float64)  # True would become 1.0
    except (TypeError, ValueError):
        return None


def number_of(given: Any, name: str, origin: Origin) -> Array | None:
    """Return a number as an array of shape (); None if it is something else.

    Raises:
        BadConnector: if it is a distribution: a list says each value.
    """
    if isinstance(given, Distribution):
        problem = f"{name} can't be drawn from {given}: the synapses are given one by one"
        raise origin.wrong(problem, f"give {name}={given}.get_values(n) for n synapses.")
    is_number = isinstance(given, int | float | np.number) and not isinstance(given, bool)
    return np.asarray(given, np.float64) if is_number else None


def of_sparse(
    weights: Any, delays: Any, shape: tuple[int, int], origin: Origin, order: str = "pre by post"
) -> SynapseList:
    """Return the synapses of a matrix of scipy.sparse, pre by post: whatever it stores is one, zeros too.

    Args:
        delays: a number, or a matrix that stores elements in the same places.
        shape: (n_pre, n_post).
    """
    if not is_sparse(weights):
        advice = "e.g. scipy.sparse.csr_matrix(...); from_matrix() takes dense ones."
        raise origin.wrong(f"weights must be a matrix of scipy.sparse, not {told(weights)}", advice)
    found = _coordinates("weights", weights, shape, order, origin)
    late = number_of(delays, "delays", origin)
    if late is not None:
        return SynapseList(found.row, found.col, found.data, late)
    if not is_sparse(delays):
        problem = f"delays must be a number of ms, or a matrix of scipy.sparse, not {told(delays)}"
        raise origin.wrong(problem, "sparse_delays_from_weights() makes one.")
    others = _coordinates("delays", delays, shape, order, origin)
    mine, its = (np.lexsort((one.col, one.row)) for one in (found, others))
    same = len(mine) == len(its) and all(
        (getattr(found, side)[mine] == getattr(others, side)[its]).all() for side in ("row", "col")
    )
    if not same:
        problem = f"delays has {others.nnz} elements in other places than the {found.nnz} of weights"
        raise origin.wrong(problem, "sparse_delays_from_weights() makes delays in the same places.")
    return SynapseList(found.row[mine], found.col[mine], found.data[mine], others.data[its])


def _coordinates(name: str, matrix: Any, shape: tuple[int, int], order: str, origin: Origin) -> Any:
    if matrix.shape != shape:
        turned = f"give {name}.T." if matrix.shape == shape[::-1] else "one row for each neuron of the first side."
        raise origin.wrong(f"{name} has shape {matrix.shape}, expected {shape} ({order})", turned)
    return matrix.tocoo()


def of_matrix_market(
    filename: str | os.PathLike[str], delays: Any, shape: tuple[int, int], origin: Origin
) -> SynapseList:
    """Return the synapses of a file of Matrix Market, whose rows are post neurons.

    Args:
        shape: (n_post, n_pre).
    """
    from scipy.io import mmread  # which few networks need

    path = os.path.expanduser(filename)
    if not os.path.exists(path):
        raise origin.no_file(os.fspath(path))
    try:
        matrix = mmread(path)
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise origin.wrong(
            f"{os.fspath(filename)!r} can't be read: {error}", "it must be a Matrix Market file."
        ) from error
    if not is_sparse(matrix):
        return of_matrix(matrix, delays, shape, False, origin)
    rows = of_sparse(matrix, delays, shape, origin, "post by pre")
    return SynapseList(rows.post, rows.pre, rows.weights, rows.delays_ms)
