"""Keyed random draws in NumPy: a draw is a pure function of (key, element, step, draw number).

In: a key from ``state/streams.py`` and counters. Out: arrays of random values, bitwise equal to what
``native/c/engram_draws.h`` and ``native/c/draws.c`` compute; that header explains the counters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np

from engram.state.elementary import draw_exp, draw_log, draw_sincos_turn
from engram.state.kinds import Kind, Numbers
from engram.state.rejection import binomial, gamma, length_of, poisson
from engram.state.truncation import MOST_ATTEMPTS
from engram.state.words import (
    Counter,
    Floats,
    Words,
    neuron_words,
    normal_of,
    of_elements,
    radii,
    tail_units,
    threefry,
    unit32,
    unit53,
    unit_tail,
)

__all__ = [
    "Numbered",
    "neuron_exponential",
    "neuron_normal",
    "neuron_uniform",
    "sample",
    "synapse_exponential",
    "synapse_normal",
    "synapse_uniform",
]


class Numbered(Protocol):
    """Whatever can be written as the numbers of a distribution."""

    def as_numbers(self) -> Numbers:
        """Return (kind, a, b, min, max, redraw)."""
        ...


# ---------------------------------------------------------------- draws of neurons


def neuron_uniform(key: int, step: int, draw: int, first: int, n: int) -> Floats:
    """Return uniform draws in (0, 1), 32 bits, of elements first ... first + n - 1.

    Args:
        key: of the stream and of ``step >> 32``.
        step: of the simulation.
        draw: number of the draw in the model, below :data:`engram.state.streams.MAX_DRAWS`.
        first: any element; the result does not depend on how a range is cut.
    Returns:
        (n,) float64.
    """
    words, _ = neuron_words(key, step, draw, first, n)
    return of_elements(unit32(words), first, n)


def neuron_normal(key: int, step: int, draw: int, first: int, n: int) -> Floats:
    """Return standard normal draws; arguments as in :func:`neuron_uniform`."""
    words, first_block = neuron_words(key, step, draw, first, n)
    radius = radii(tail_units(words, slice(0, 4, 2), first_block, key, step, draw))
    sine, cosine = draw_sincos_turn(unit32(words[:, 1::2]))
    values = np.empty(words.shape)
    values[:, 0::2] = radius * cosine
    values[:, 1::2] = radius * sine
    return of_elements(values, first, n)


def neuron_exponential(key: int, step: int, draw: int, first: int, n: int) -> Floats:
    """Return exponential draws of rate 1; arguments as in :func:`neuron_uniform`."""
    words, first_block = neuron_words(key, step, draw, first, n)
    return of_elements(-draw_log(tail_units(words, slice(0, 4, 1), first_block, key, step, draw)), first, n)


# ---------------------------------------------------------------- draws of synapses


def synapse_uniform(key: int, pre: Counter, post: Counter, step: int, draw: Counter) -> Floats:
    """Return uniform draws in (0, 1), 32 bits.

    Args:
        pre, post: ranks, broadcast together.
        draw: number of the draw + 2**16 * number of the multapse.
    Returns:
        (n,) float64.
    """
    return unit32(threefry(key, pre, post, step, draw)[0])


def synapse_normal(key: int, pre: Counter, post: Counter, step: int, draw: Counter) -> Floats:
    """Return standard normal draws; arguments as in :func:`synapse_uniform`."""
    words = threefry(key, pre, post, step, draw)
    return normal_of(words[0], words[1], words[2])


def synapse_exponential(key: int, pre: Counter, post: Counter, step: int, draw: Counter) -> Floats:
    """Return exponential draws of rate 1; arguments as in :func:`synapse_uniform`."""
    words = threefry(key, pre, post, step, draw)
    return -draw_log(unit_tail(words[0], words[2]))


# ---------------------------------------------------------------- distributions of weights, delays, attributes


def sample(distribution: Numbered | Numbers, key: int, a: Counter, b: Counter, step: int, draw: Counter) -> Floats:
    """Return draws of a distribution, clipped to its bounds or drawn again; ``eg_wiring_draw`` in C.

    Attempt t to draw again, 1, 2 ..., has the key ``key + t``.

    Args:
        distribution: or its numbers (kind, a, b, min, max, redraw).
        a, b, draw: counters, numbers or (n,) integers, broadcast together.
    Returns:
        (n,) float64.
    """
    numbers = distribution if isinstance(distribution, tuple) else distribution.as_numbers()
    low, high, redraw = numbers[3:]
    values = _unbounded(numbers, key, a, b, step, draw)
    if redraw:
        counters = [np.broadcast_to(np.asarray(word, np.int64), values.shape) for word in (a, b, draw)]
        waiting = np.arange(values.size)
        for attempt in range(1, MOST_ATTEMPTS):
            waiting = waiting[(values[waiting] < low) | (values[waiting] > high)]
            if waiting.size == 0:
                break
            first, second, number = (word[waiting] for word in counters)
            values[waiting] = _unbounded(numbers, key + attempt, first, second, step, number)
    values = np.where(values < low, low, values)
    return np.where(values > high, high, values)


def _unbounded(numbers: Numbers, key: int, a: Counter, b: Counter, step: int, draw: Counter) -> Floats:
    """Return draws of a distribution whose bounds are left out; arguments as in :func:`sample`."""
    kind, first, second = numbers[:3]
    if kind == Kind.CONSTANT:
        return np.full(length_of(a, b, draw), first)
    if kind == Kind.GAMMA:
        return second * gamma(first, key, a, b, step, draw)
    if kind == Kind.BINOMIAL:
        return binomial(first, second, key, a, b, step, draw)
    if kind == Kind.POISSON:
        return poisson(first, key, a, b, step, draw)
    return _SIMPLE[Kind(kind)](first, second, threefry(key, a, b, step, draw))


def _uniform(a: float, b: float, w: tuple[Words, ...]) -> Floats:
    u = unit53(w[0], w[1])
    return a + (b - a) * u if math.isfinite(b - a) else a * (1.0 - u) + b * u


_SIMPLE: dict[Kind, Callable[[float, float, tuple[Words, ...]], Floats]] = {
    Kind.UNIFORM: _uniform,
    Kind.DISCRETE_UNIFORM: lambda a, b, w: a + np.floor((b - a + 1.0) * unit53(w[0], w[1])),
    Kind.NORMAL: lambda a, b, w: a + b * normal_of(w[0], w[1], w[2]),
    Kind.LOG_NORMAL: lambda a, b, w: draw_exp(a + b * normal_of(w[0], w[1], w[2])),
    Kind.EXPONENTIAL: lambda a, b, w: -draw_log(unit_tail(w[0], w[2])) / a,
}
