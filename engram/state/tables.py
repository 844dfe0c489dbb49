"""Poisson and binomial draws whose arguments are one number for a population: a word and a table per element.

In: arguments, a key, a step and a range of elements. Out: one value per element, bitwise equal to those of
``native/c/rejection.c``. The value of an element is how many of the survival thresholds P(X > k) lie above its word,
which is laid out as in ``state/draws.py``; a small word takes a second one and draws from the exact tail. Beyond the
table, and for arguments that no distribution has, see ``state/rejection.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engram.state import rejection
from engram.state.elementary import draw_exp
from engram.state.words import SMALL_WORD, Floats, Words, neuron_words, of_elements, tail_units

__all__ = ["neuron_binomial", "neuron_poisson"]

_LENGTH = 64  # P(X > 63) < 2**-65
_LIMIT = 15.0  # mean of what is counted
_MOST_TRIALS = 2.0**31


@dataclass(frozen=True)
class _Law:
    """What is counted: ``P(X = k) = P(X = k - 1) * (trials - k + 1) * rate / k``, without the factor if trials < 0.

    The value is ``offset + sign * X``.
    """

    first: float  # P(X = 0)
    rate: float
    trials: float = -1.0
    offset: float = 0.0
    sign: float = 1.0

    def ratio(self, k: float) -> float:
        return (self.rate if self.trials < 0.0 else (self.trials - k + 1.0) * self.rate) / k

    def thresholds(self) -> Words:
        """Return P(X > k) in units of 2**-32, descending, of all k for which it is no small word."""
        found = []
        probability, survival = self.first, 1.0
        for k in range(_LENGTH):
            survival -= probability
            scaled = survival * 2.0**32 + 0.5
            if scaled < SMALL_WORD:
                break
            found.append(int(scaled))
            probability *= self.ratio(k + 1.0)
        return np.array(found, np.uint32)

    def survival(self) -> Floats:
        """Return P(X > k) for k = 0 ... 63, descending, summed from the end."""
        probabilities = [self.first]
        for k in range(1, _LENGTH):
            probabilities.append(probabilities[-1] * self.ratio(float(k)))
        return np.asarray(np.cumsum([0.0, *probabilities[:0:-1]])[::-1], np.float64)


def neuron_poisson(mean: float, key: int, step: int, draw: int, first: int, n: int) -> Floats:
    """Return Poisson draws of elements first ... first + n - 1.

    Args:
        mean: of all elements; NaN for one that can't be.
        key, step, draw, first: as in :func:`engram.state.draws.neuron_uniform`.
    Returns:
        (n,) float64 integers.
    """
    mean = float(mean)
    if not 0.0 <= mean <= _LIMIT:
        return rejection.poisson(mean, key, _elements(first, n), 1, step, draw)
    return _drawn(_Law(_exp(-mean), mean), key, step, draw, first, n)


def neuron_binomial(trials: float, p: float, key: int, step: int, draw: int, first: int, n: int) -> Floats:
    """Return binomial draws of elements first ... first + n - 1.

    Args:
        trials, p: of all elements.
        key, step, draw, first: as in :func:`engram.state.draws.neuron_uniform`.
    Returns:
        (n,) float64 integers.
    """
    trials, p = float(trials), float(p)
    rare = p if p <= 0.5 else 1.0 - p
    is_law = 0.0 <= p <= 1.0 and 0.0 <= trials <= _MOST_TRIALS and math.floor(trials) == trials
    if not (is_law and trials * rare <= _LIMIT):
        return rejection.binomial(trials, p, key, _elements(first, n), 1, step, draw)
    nothing = _exp(trials * float(rejection.log_of_complement(np.array([rare]))[0]))
    rate = rare / (1.0 - rare)
    law = _Law(nothing, rate, trials) if p <= 0.5 else _Law(nothing, rate, trials, trials, -1.0)
    return _drawn(law, key, step, draw, first, n)


def _drawn(law: _Law, key: int, step: int, draw: int, first: int, n: int) -> Floats:
    words, first_block = neuron_words(key, step, draw, first, n)
    counts = _above(law.thresholds(), words)
    is_small = words < SMALL_WORD
    if is_small.any():
        units = tail_units(words, slice(0, 4, 1), first_block, key, step, draw)
        counts[is_small] = _above(law.survival(), units[is_small])
    return of_elements(law.offset + law.sign * counts, first, n)


def _above(descending: Words | Floats, values: Words | Floats) -> Floats:
    """Return how many of some numbers lie above each value."""
    return (descending.size - np.searchsorted(descending[::-1], values, side="right")).astype(np.float64)


def _elements(first: int, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(first, first + n, dtype=np.int64)


def _exp(x: float) -> float:
    return float(draw_exp(np.array([x]))[0])
