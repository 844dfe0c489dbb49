"""Matrices that users give to ``proj.from_sparse``: random ones, and delays where weights are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engram.callers import checked, plain_number
from engram.errors import InvalidArgument
from engram.network.population import Population
from engram.network.view import PopulationView
from engram.state.distributions import Distribution
from engram.telling import told
from engram.wiring.matrices import is_sparse

if TYPE_CHECKING:
    from engram.network.any_network import AnyNetwork

__all__ = ["sparse_delays_from_weights", "sparse_random_matrix"]

AT_ONCE = 1 << 22  # pairs that are drawn at a time


@checked
def sparse_random_matrix(
    pre: Population | PopulationView,
    post: Population | PopulationView,
    proba: float,
    weights: float | Distribution = 1.0,
    rng: np.random.Generator | None = None,
) -> Any:
    """Return a ``scipy.sparse.lil_matrix``, pre by post, in which each pair is connected with a probability.

    Args:
        weights: of the synapses, a number or a distribution.
        rng: draws which pairs are connected, row by row; ``net._keeper.runner.rng`` of the network by default.

    Raises:
        InvalidArgument: if the probability does not lie in [0, 1].
    """
    from scipy.sparse import csr_matrix  # which few networks need

    p = plain_number(proba)
    if p is None or not 0.0 <= p <= 1.0:
        raise InvalidArgument(f"sparse_random_matrix(): proba must lie in [0, 1], not {told(proba)}\n  help: e.g. 0.1.")
    rng = _network_of(pre)._keeper.runner.rng if rng is None else rng
    n_pre, n_post = pre.size, post.size
    height = max(1, AT_ONCE // max(n_post, 1))
    some = [np.nonzero(rng.random((min(height, n_pre - low), n_post)) < p) for low in range(0, n_pre, height)]
    rows = np.concatenate([found[0] + k * height for k, found in enumerate(some)])
    columns = np.concatenate([found[1] for found in some])
    values = weights.get_values(len(rows)) if isinstance(weights, Distribution) else np.full(len(rows), float(weights))
    return csr_matrix((values, (rows, columns)), (n_pre, n_post)).tolil()


def _network_of(side: Population | PopulationView) -> AnyNetwork:
    if not isinstance(side, Population | PopulationView):
        raise InvalidArgument(
            f"sparse_random_matrix(): expected a population or a view, not {told(side)}"
            "\n  help: sparse_random_matrix(pre, post, proba=0.1), as the first two."
        )
    return (side.population if isinstance(side, PopulationView) else side)._network


@checked
def sparse_delays_from_weights(weights: Any, delays: float | Distribution) -> Any:
    """Return a ``scipy.sparse.csr_matrix`` that stores delays in ms where another matrix stores weights.

    Args:
        weights: a matrix of ``scipy.sparse``.
        delays: a number, or a distribution, drawn row by row.

    Raises:
        InvalidArgument: if ``weights`` is no such matrix.
    """
    if not is_sparse(weights):
        what = f"sparse_delays_from_weights(): expected a matrix of scipy.sparse, not {told(weights)}"
        raise InvalidArgument(f"{what}\n  help: e.g. sparse_random_matrix(pre, post, 0.1, 1.0).")
    matrix = weights.tocsr().astype(np.float64, copy=True)
    n = matrix.nnz
    matrix.data[:] = delays.get_values(n) if isinstance(delays, Distribution) else float(delays)
    return matrix
