"""Propagators: the matrices of equations with the method ``linear``, computed when parameters may have changed.

``P = exp(A h)`` and ``Q`` = its integral over the step, as Taylor series of scaled matrices, squared up again. Only
sums and products of floats are used, in one order, so that every machine gets the same bits (a BLAS would not do).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.errors import BadCoefficient
from engram.ir.interpret import evaluate
from engram.ir.nodes import Kernel, Place, Propagator, reads
from engram.ir.printer import expression_text
from engram.state.tree import State

__all__ = ["exponential", "fill_propagators"]

Array = npt.NDArray[np.float64]
LARGEST = 1e290  # of a coefficient: sums of them stay finite
TERMS = 20  # with norms up to 1/2 the first term left out is below 1e-26


def fill_propagators(
    kernel: Kernel, population: str, path_of: Callable[[Place], str], state: State, dt_ms: float
) -> None:
    """Compute the propagators of a kernel into their tables.

    Args:
        population: its name, for messages.
        path_of: the path in the tree of a place.
        dt_ms: step.

    Raises:
        BadCoefficient: if a coefficient is infinite or not a number: no table is changed then.
    """
    made = []
    for propagator in kernel.propagators:
        read = set().union(*(reads(e) for row in propagator.rates for e in row))
        sources = sorted((p for p in propagator.sources if p.symbol in read), key=lambda p: p.symbol)
        values = {p.symbol: state.array(path_of(p)).reshape(-1) for p in sources}
        rates = _rates(propagator, {**values, "dt": np.float64(dt_ms)})
        _check(propagator, rates, values, population)
        p, q = _remembered(rates.tobytes(), rates.shape, dt_ms)
        columns = [sum(q[:, j] for j in group) for group in propagator.inputs]
        made.append((propagator, {"P": p, "Q": np.stack(columns, axis=1) if columns else q}))
    for propagator, matrices in made:
        table = state.array(path_of(propagator.place))
        for number, (matrix, i, j) in enumerate(propagator.entries):
            table[number] = matrices[matrix][i, j]


def _rates(propagator: Propagator, values: dict[str, Any]) -> Array:
    """Return A, (n, n, m) for m neurons or for one that stands for all."""
    rows = [[np.atleast_1d(np.asarray(evaluate(e, values), np.float64)) for e in row] for row in propagator.rates]
    m = max(len(entry) for row in rows for entry in row)
    return np.array([[np.broadcast_to(entry, m) for entry in row] for row in rows])


def _check(propagator: Propagator, rates: Array, values: dict[str, Array], population: str) -> None:
    """Refuse coefficients that are infinite or not a number, or so large that a matrix of them would be."""
    wrong = np.argwhere(~(np.abs(rates) < LARGEST))
    if not len(wrong):
        return
    i, j, k = (int(x) for x in wrong[0])
    variable, other, rate = propagator.variables[i], propagator.variables[j], propagator.rates[i][j]
    parameters = sorted(reads(rate) & values.keys())  # all but dt
    called = {place.symbol: place.name for place in propagator.sources}
    held = [f"{called[one]} = {values[one][min(k, len(values[one]) - 1)]}" for one in parameters]
    where = f" in neuron {k}" if rates.shape[2] > 1 else ""
    known = f", with {', '.join(held)}" if held else ""
    raise BadCoefficient(
        f"population '{population}': d{variable}/dt can't be solved by the method 'linear'{where}: its coefficient of "
        f"'{other}' is {rates[i, j, k]:g}\n  it is {expression_text(rate)}{known}\n"
        f"  help: choose parameters for which it is finite, and below {LARGEST:g}; no time constant may be 0.",
        variable,
        tuple(called[one] for one in parameters),
    )


@lru_cache(maxsize=4)
def _remembered(rates: bytes, shape: tuple[int, ...], h: float) -> tuple[Array, Array]:
    """Most runs follow one another with the same parameters."""
    return exponential(np.frombuffer(rates, np.float64).reshape(shape), h)


def exponential(a: Array, h: float) -> tuple[Array, Array]:
    """Return ``exp(a h)`` and the integral of ``exp(a s)`` for s from 0 to h.

    Args:
        a: (n, n, m), m matrices at once, finite, in 1/ms.
        h: ms.

    Source:
        Moler & Van Loan 2003, SIAM Review 45:3-49 (scaling and squaring).
    """
    norm = float(np.max(sum(np.abs(a[:, j]) for j in range(len(a))))) * h
    squarings = max(0, math.ceil(math.log2(norm)) + 1) if norm > 0.5 else 0
    step = h / 2.0**squarings
    identity = np.eye(len(a))[:, :, np.newaxis]
    scaled = a * step
    # Horner: q = step*(1 + s/2 (1 + s/3 (...))), p = 1 + s/1 * (q/step)
    series = identity
    for k in range(TERMS, 1, -1):
        series = identity + _times(scaled, series) / k
    p, q = identity + _times(scaled, series), series * step
    for _ in range(squarings):
        q = q + _times(p, q)
        p = _times(p, p)
    return p, q


def _times(a: Array, b: Array) -> Array:
    """Return the matrix products, summed up from the first column on."""
    total = a[:, 0, np.newaxis] * b[np.newaxis, 0]
    for k in range(1, len(b)):
        total = total + a[:, k, np.newaxis] * b[np.newaxis, k]
    return np.asarray(total)
