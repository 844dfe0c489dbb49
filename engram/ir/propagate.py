"""Propagators: the matrices of equations with the method ``linear``, computed when parameters may have changed.

``P = exp(A h)`` and ``Q`` = its integral over the step, as Taylor series of scaled matrices, squared up again. Only
sums and products of floats are used, in one order, so that every machine gets the same bits (a BLAS would not do).
Called by ``network/run.py`` before each run; works on one set of parameters or on one per neuron alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.interpret import evaluate
from engram.ir.nodes import Kernel, Propagator
from engram.state.tree import State

__all__ = ["exponential", "fill_propagators"]

Array = npt.NDArray[np.float64]
Matrix = list[list[Array]]
TERMS = 20  # with norms up to 1/2 the first term left out is below 1e-26


def fill_propagators(kernel: Kernel, paths: Mapping[str, str], state: State, dt_ms: float) -> None:
    """Compute the propagators of a kernel into its arguments.

    Args:
        paths: in the tree, of the kernel's arguments, by symbol.
        dt_ms: step.
    """
    for propagator in kernel.propagators:
        values = {symbol: state[path].reshape(-1) for symbol, path in paths.items()}
        p, q = exponential(_rates(propagator, values), dt_ms)
        for symbol, matrix, i, j in propagator.entries():
            if symbol in paths:
                state[paths[symbol]].reshape(-1)[...] = (p if matrix == "P" else q)[i][j]


def _rates(propagator: Propagator, values: Mapping[str, Any]) -> Matrix:
    return [[np.atleast_1d(np.asarray(evaluate(e, values), np.float64)) for e in row] for row in propagator.rates]


def exponential(a: Sequence[Sequence[Array]], h: float) -> tuple[Matrix, Matrix]:
    """Return ``exp(a h)`` and the integral of ``exp(a s)`` for s from 0 to h.

    Args:
        a: n by n entries, each (k,) or (1,) for k matrices at once, in 1/ms.
        h: ms.

    Source:
        Moler & Van Loan 2003, SIAM Review 45:3-49 (scaling and squaring).
    """
    n = len(a)
    norm = max((float(np.max(sum(np.abs(e) for e in row))) for row in a), default=0.0) * h
    if not math.isfinite(norm):
        nan = [[np.full(1, np.nan)] * n for _ in range(n)]
        return nan, nan
    squarings = max(0, math.ceil(math.log2(norm)) + 1) if norm > 0.5 else 0
    step = h / 2.0**squarings
    identity: Matrix = [[np.array([1.0 if i == j else 0.0]) for j in range(n)] for i in range(n)]
    scaled = [[e * step for e in row] for row in a]
    # Horner: q = step*(1 + s/2 (1 + s/3 (...))), p = 1 + s/1 * (q/step)
    series = identity
    for k in range(TERMS, 1, -1):
        series = _plus(identity, [[e / k for e in row] for row in _times(scaled, series)])
    p, q = _plus(identity, _times(scaled, series)), [[e * step for e in row] for row in series]
    for _ in range(squarings):
        q = _plus(q, _times(p, q))
        p = _times(p, p)
    return p, q


def _times(a: Sequence[Sequence[Array]], b: Matrix) -> Matrix:
    n = len(b)
    return [[_dot([a[i][k] * b[k][j] for k in range(n)]) for j in range(n)] for i in range(n)]


def _dot(products: Sequence[Array]) -> Array:
    total = products[0]
    for product in products[1:]:
        total = total + product
    return total


def _plus(a: Matrix, b: Matrix) -> Matrix:
    return [[x + y for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]
