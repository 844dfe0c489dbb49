"""Weights and delays: a number or a distribution becomes one number, or an array with one value per synapse.

In: what the user gave, and the connectivity. Out: arrays in canonical order, and the connectivity sorted by its delays.
Called by ``wiring/connectors.py``, and by ``network`` when a distribution is assigned to ``proj.w``.
A drawn value is a function of (key, pre, post): it does not depend on the layout, nor on which other synapses exist.
"""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.distributions import Distribution
from engram.state.kinds import Kind, Numbers
from engram.state.tree import aligned
from engram.wiring import executor
from engram.wiring.connectivity import MAX_DELAY_STEPS, Connectivity
from engram.wiring.errors import bad_connector

__all__ = ["Value", "check_delays", "check_weights", "delay_steps_of", "drawn", "filled", "sort_rows", "with_delays"]

Array = npt.NDArray[Any]
Value = float | Distribution


def delay_steps_of(delay_ms: float, dt_ms: float) -> int:
    """Return a delay in steps, at least 1: rounded, halves to even. (So within 1e-6 of an integer it is that one.)"""
    return max(1, round(float(delay_ms) / dt_ms))


def check_delays(delays: Value, dt_ms: float, where: str) -> None:
    """Raise if ``delays`` is neither a number of ms nor a distribution with an upper end, or too long.

    Raises:
        BadConnector: see above.
    """
    if isinstance(delays, Distribution):
        longest = _upper_end(delays)
        if longest == math.inf:
            raise bad_connector(
                f"delays={delays}", "a distribution of delays needs an upper end", where, "give it max=, in ms."
            )
    elif _is_finite(delays) and delays >= 0:
        longest = float(delays)
    else:
        problem = "delays must be a number of ms, 0 or more, or a distribution"
        raise bad_connector(f"delays={delays!r}", problem, where, "for the shortest delay, one step, leave it out.")
    if longest / dt_ms >= MAX_DELAY_STEPS + 0.5:
        problem = f"{longest:g} ms are {longest / dt_ms:.0f} steps of dt={dt_ms:g} ms, and at most 65535 are possible"
        raise bad_connector(f"delays={delays}", problem, where, "delays are in ms: use shorter ones, or a larger dt.")


def check_weights(weights: Value, where: str) -> None:
    """Raise if ``weights`` is neither a finite number nor a distribution.

    Raises:
        BadConnector: see above.
    """
    if not isinstance(weights, Distribution) and not _is_finite(weights):
        problem = "weights must be a finite number or a distribution"
        raise bad_connector(f"weights={weights!r}", problem, where, "e.g. weights=0.5 or weights=Uniform(0.0, 1.0).")


def with_delays(connectivity: Connectivity, delays: Value, *, dt_ms: float, key: int, threads: int = 1) -> Connectivity:
    """Return ``connectivity`` with ``delays``, in canonical order.

    Args:
        connectivity: with uniform delays. Its ``ranks`` are sorted in place where delays differ.
        delays: in ms; checked. A distribution with a generator of its own is drawn row by row, by ascending rank.
        dt_ms: step in ms.
        key: of the stream of delays.
        threads: at most so many.
    """
    if not isinstance(delays, Distribution):
        return replace(connectivity, delay_steps=np.array(delay_steps_of(delays, dt_ms), np.uint16))
    steps = aligned((connectivity.n_syn,), np.uint16)
    if not _has_generator(delays):
        _draw(connectivity, delays, key, None, steps, dt_ms, threads)
    else:
        quotients = np.rint(_own_values(delays, connectivity.n_syn) / dt_ms)
        np.clip(quotients, 1, MAX_DELAY_STEPS, out=quotients)
        steps[:] = quotients
    if connectivity.by == "pre":
        sort_rows(connectivity.row_start, steps, connectivity.ranks, None, threads)
    return replace(connectivity, delay_steps=steps)


def drawn(connectivity: Connectivity, distribution: Distribution, *, key: int, threads: int = 1) -> Array:
    """Return one value per synapse, (n_syn,) float64.

    Args:
        connectivity: as the values shall be ordered.
        distribution: one with a generator of its own is drawn in canonical order.
        key: of the stream.
        threads: at most so many.
    """
    if _has_generator(distribution):
        return _own_values(distribution, connectivity.n_syn)
    values = aligned((connectivity.n_syn,), np.float64)
    _draw(connectivity, distribution, key, values, None, 1.0, threads)
    return values


def filled(connectivity: Connectivity, value: float, *, threads: int = 1) -> Array:
    """Return ``value`` once per synapse, (n_syn,) float64, its pages touched by the threads that fill them."""
    values = aligned((connectivity.n_syn,), np.float64)
    numbers = (int(Kind.CONSTANT), float(value), 0.0, -math.inf, math.inf)
    _draw_numbers(connectivity, numbers, 0, values, None, 1.0, threads)
    return values


def sort_rows(row_start: Array, steps: Array, ranks: Array, order: Array | None, threads: int) -> None:
    """Sort each row by delay, in place and stably; ``order`` (int64) is permuted along with ``ranks``."""
    longest = int(np.diff(row_start).max(initial=0))
    chunks = executor.chunks_of(len(ranks), threads)
    shape = (chunks, longest)
    spare = (
        aligned(shape, np.uint16),
        aligned(shape, np.uint32),
        None if order is None else aligned(shape, np.int64),
    )
    executor.run("sort", chunks, len(row_start) - 1, longest, row_start, steps, ranks, order, *spare)


def _draw(
    connectivity: Connectivity,
    distribution: Distribution,
    key: int,
    values: Array | None,
    steps: Array | None,
    dt_ms: float,
    threads: int,
) -> None:
    _draw_numbers(connectivity, distribution.as_numbers(), key, values, steps, dt_ms, threads)


def _draw_numbers(
    connectivity: Connectivity,
    numbers: Numbers,
    key: int,
    values: Array | None,
    steps: Array | None,
    dt_ms: float,
    threads: int,
) -> None:
    by_pre = int(connectivity.by == "pre")
    chunks = executor.chunks_of(connectivity.n_syn, threads)
    rows = (by_pre, connectivity.n_rows, connectivity.row_start, connectivity.ranks)
    executor.run("draw", chunks, *rows, numbers, key, values, steps, dt_ms)


def _has_generator(distribution: Distribution) -> bool:
    """Whether the user gave it a generator of its own; each subclass declares ``rng``, their base can't."""
    return getattr(distribution, "rng", None) is not None


def _own_values(distribution: Distribution, n: int) -> Array:
    return np.ascontiguousarray(distribution.get_values(n), np.float64)


def _is_finite(value: object) -> bool:
    """Whether a value of the user's is a number that can be meant."""
    return isinstance(value, Real) and math.isfinite(value)


def _upper_end(distribution: Distribution) -> float:
    kind, a, b, _, longest = distribution.as_numbers()
    ends = {Kind.CONSTANT: a, Kind.UNIFORM: b, Kind.DISCRETE_UNIFORM: b, Kind.BINOMIAL: a}
    return min(longest, ends.get(Kind(kind), math.inf))
