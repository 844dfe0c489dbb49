"""Weights and delays: a number or a distribution becomes one number, or an array with one value per synapse.

In: what the user gave, and the connectivity. Out: arrays in canonical order, and the connectivity sorted by its
delays. A drawn value is a function of (key, pre, post, number of the multapse): it does not depend on the layout, nor
on which other pairs are connected. Multapses are numbered in the order of the rows given; when a projection is
connected that is the order in which they were drawn.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from engram.callers import plain_number
from engram.state.distributions import Distribution
from engram.state.kinds import Kind, Numbers
from engram.state.residence import aligned
from engram.state.truncation import LEAST
from engram.telling import told
from engram.wiring import executor
from engram.wiring.connectivity import MAX_DELAY_STEPS, Connectivity
from engram.wiring.errors import bad_connector

__all__ = [
    "Value",
    "by_delay",
    "check_delays",
    "check_weights",
    "delay_steps_of",
    "drawn",
    "drawn_steps",
    "filled",
    "has_generator",
    "sort_rows",
]

Array = npt.NDArray[Any]
Value = float | Distribution


def delay_steps_of(delay_ms: float, dt_ms: float) -> int:
    """Return a delay in steps, at least 1: rounded, halves to even. (So within 1e-6 of an integer it is that one.)"""
    return max(1, round(float(delay_ms) / dt_ms))


def check_delays(delays: Value, dt_ms: float, where: str) -> None:
    """Raise if ``delays`` is neither a number of ms nor a distribution with an upper end, too long or too rare.

    Raises:
        BadConnector: see above.
    """
    if isinstance(delays, Distribution):
        longest = _upper_end(delays)
        if longest == math.inf:
            raise bad_connector(
                f"delays={delays}", "a distribution of delays needs an upper end", where, "give it max=, in ms."
            )
        _check_rarity(delays, dt_ms, where)
    elif _is_finite(delays) and delays >= 0:
        longest = float(delays)
    else:
        problem = "delays must be a number of ms, 0 or more, or a distribution"
        advice, given = "e.g. delays=2.0, in ms, or delays=Uniform(1.0, 10.0).", cast(object, delays)
        if given is None:
            advice = "for the shortest delay, one step, leave it out."
        elif _is_matrix(delays):
            advice = "from_matrix(weights, delays) takes a matrix: a row per post neuron."
        elif _is_listed(delays):
            advice = "connect_from((pre, post, weights, delays)) takes one for each synapse, of arrays of ranks."
        raise bad_connector(f"delays={told(delays)}", problem, where, advice)
    if longest < 0:
        problem = "all of these delays are below 0 ms"
        raise bad_connector(f"delays={delays}", problem, where, "a delay is the time until a spike arrives.")
    if longest / dt_ms >= MAX_DELAY_STEPS + 0.5:
        problem = f"{longest:g} ms are {longest / dt_ms:.0f} steps of dt={dt_ms:g} ms, and at most 65535 are possible"
        raise bad_connector(f"delays={delays}", problem, where, "delays are in ms: use shorter ones, or a larger dt.")


def _is_matrix(value: Any) -> bool:
    """Whether somebody gives rows of values, also of different lengths."""
    if isinstance(value, list | tuple):
        return bool(value) and isinstance(value[0], list | tuple)
    return getattr(value, "ndim", 0) == 2


def _check_rarity(delays: Distribution, dt_ms: float, where: str) -> None:
    """Raise if too few delays of one step or more would be drawn to draw the others again."""
    *_, low, high, redraw = delays.as_numbers()
    found = delays.probability_between(max(low, dt_ms), high) if redraw else 1.0
    if found < LEAST:
        between = f"one step ({dt_ms:g} ms) and {high:g} ms"
        problem = f"delays are drawn again until they lie between {between}: its probability is {found:.3g}"
        help_ = f"it must be {LEAST:g} or more: choose other bounds, or leave out redraw=True, which then clips."
        raise bad_connector(f"delays={delays}", problem, where, help_)


def check_weights(weights: Value, where: str, dtype: npt.DTypeLike = np.float64) -> None:
    """Raise if ``weights`` is neither a number that is finite in ``dtype`` nor a distribution.

    Raises:
        BadConnector: see above.
    """
    if isinstance(weights, Distribution):
        return
    given = f"weights={told(weights)}"
    if not _is_finite(weights):
        problem = "weights must be a finite number or a distribution"
        if _is_matrix(weights):
            raise bad_connector(given, problem, where, "from_matrix(weights) takes a matrix: a row per post neuron.")
        if _is_listed(weights):
            advice = "connect_from((pre, post, weights)) takes one for each synapse, of arrays of ranks."
            raise bad_connector(given, problem, where, advice)
        raise bad_connector(given, problem, where, "e.g. weights=0.5 or weights=Uniform(0.0, 1.0).")
    with np.errstate(over="ignore"):
        is_held = np.isfinite(np.array(float(weights), dtype))
    if not is_held:
        name, most = np.dtype(dtype).name, np.finfo(np.dtype(dtype)).max
        problem = f"{name} holds numbers up to {most:.3g}"
        raise bad_connector(given, problem, where, "use smaller ones, or config(dtype=eg.float64).")


def drawn_steps(connectivity: Connectivity, delays: Value, *, dt_ms: float, key: int, threads: int = 1) -> Array:
    """Return delays in steps, uint16: () for one number, else (n_syn,).

    Shorter ones than a step become one step; a distribution that is drawn again has its ``min`` there instead.

    Args:
        connectivity: whose rows ascend by rank, as the delays shall be ordered.
        delays: in ms; checked. A distribution with a generator of its own is drawn row by row.
        dt_ms: step in ms.
        key: of the stream of delays.
        threads: at most so many.
    """
    if not isinstance(delays, Distribution):
        return np.array(delay_steps_of(delays, dt_ms), np.uint16)
    *_, low, _, redraw = delays.as_numbers()
    if redraw and low < dt_ms:
        delays = replace(delays, min=dt_ms)
    if has_generator(delays):
        quotients = np.rint(_values_of_generator(delays, connectivity.n_syn, np.float64) / dt_ms)
        return np.clip(quotients, 1, MAX_DELAY_STEPS).astype(np.uint16)
    steps = aligned((connectivity.n_syn,), np.uint16)
    _draw(connectivity, delays.as_numbers(), key, dt_ms, steps, threads)
    return steps


def by_delay(connectivity: Connectivity, steps: Array, values: Array, *, threads: int = 1) -> Connectivity:
    """Return ``connectivity`` with other delays, in canonical order.

    Args:
        connectivity: whose rows ascend by rank. Its ``ranks`` are sorted in place.
        steps: (n_syn,) or () uint16. Sorted in place.
        values: (n_syn,) of 4 or 8 bytes an element, sorted along, in place; or ().
        threads: at most so many.
    """
    if connectivity.by == "pre" and steps.ndim:
        sort_rows(connectivity.row_start, steps, connectivity.ranks, values if values.ndim else None, threads)
    return replace(connectivity, delay_steps=steps)


def drawn(
    connectivity: Connectivity,
    distribution: Distribution,
    *,
    key: int,
    dtype: npt.DTypeLike = np.float64,
    threads: int = 1,
) -> Array:
    """Return one value per synapse, (n_syn,).

    Args:
        connectivity: as the values shall be ordered.
        distribution: one with a generator of its own is drawn in canonical order.
        key: of the stream.
        dtype: float64 or float32, to which each value is rounded.
        threads: at most so many.
    """
    if has_generator(distribution):
        return _values_of_generator(distribution, connectivity.n_syn, dtype)
    values = aligned((connectivity.n_syn,), dtype)
    _draw(connectivity, distribution.as_numbers(), key, 1.0, values, threads)
    return values


def filled(connectivity: Connectivity, value: float, *, dtype: npt.DTypeLike = np.float64, threads: int = 1) -> Array:
    """Return ``value`` once per synapse, (n_syn,), its pages touched by the threads that fill them."""
    values = aligned((connectivity.n_syn,), dtype)
    numbers = int(Kind.CONSTANT), float(value), 0.0, -math.inf, math.inf, False
    _draw(connectivity, numbers, 0, 1.0, values, threads)
    return values


def sort_rows(row_start: Array, steps: Array, ranks: Array, other: Array | None, threads: int) -> None:
    """Sort each row by delay, in place and stably.

    Args:
        row_start: (n_rows + 1,) int64.
        steps: (n_syn,) uint16.
        ranks: (n_syn,) uint32, permuted along.
        other: (n_syn,) of 4 or 8 bytes an element, permuted along.
        threads: at most so many.
    """
    longest = int(np.diff(row_start).max(initial=0))
    chunks = executor.chunks_of(len(ranks), threads)
    width = 0 if other is None else other.itemsize
    scratch = aligned((chunks, 2 * longest), np.uint64)
    executor.run("sort", chunks, len(row_start) - 1, longest, row_start, steps, ranks, other, width, scratch)


def _draw(connectivity: Connectivity, numbers: Numbers, key: int, dt_ms: float, out: Array, threads: int) -> None:
    """Fill ``out``: float64 or float32 values, or uint16 delays in steps."""
    wiring, chunks = connectivity, executor.chunks_of(connectivity.n_syn, threads)
    is_by_delay = wiring.by == "pre" and not wiring.is_uniform  # then synapses of one pair need not be neighbours
    seen = aligned((chunks, wiring.n_columns), np.uint32) if is_by_delay else None
    rows = (int(wiring.by == "pre"), wiring.n_rows, wiring.n_columns, wiring.row_start, wiring.ranks, seen)
    executor.run("draw", chunks, *rows, numbers, key, dt_ms, out.itemsize, out)


def has_generator(value: Value) -> bool:
    """Whether it is a distribution to which the user gave a generator of its own."""
    return isinstance(value, Distribution) and value.rng is not None


def _values_of_generator(distribution: Distribution, n: int, dtype: npt.DTypeLike) -> Array:
    return np.ascontiguousarray(distribution.get_values(n), dtype)


def _is_finite(value: object) -> bool:
    """Whether a value of the user's is a number that can be meant."""
    number = None if isinstance(value, np.ndarray) and value.ndim else plain_number(value)
    try:
        return number is not None and math.isfinite(number)
    except OverflowError:  # an integer beyond float64
        return False


def _is_listed(value: object) -> bool:
    """Whether a value is a list or an array, which has one for each of something."""
    return isinstance(value, list | tuple | np.ndarray)


def _upper_end(distribution: Distribution) -> float:
    kind, a, b, _, longest, _ = distribution.as_numbers()
    ends = {Kind.CONSTANT: a, Kind.UNIFORM: b, Kind.DISCRETE_UNIFORM: b, Kind.BINOMIAL: a}
    return min(longest, ends.get(Kind(kind), math.inf))
