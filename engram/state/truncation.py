"""Values between bounds: how probable they are, so that nobody draws again and again for nothing.

In: the numbers of a distribution and two bounds. Out: a probability. No draw depends on what is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from engram.state.kinds import Kind

__all__ = ["LEAST", "MOST_ATTEMPTS", "probability_between"]

LEAST = 1e-3  # rarer values are not drawn again: each would take more than 1,000 attempts
MOST_ATTEMPTS = 1 << 18  # EG_ATTEMPTS_BETWEEN in wiring.c. The chance that so many fail is below 1e-100.

_Law = Callable[[float, float, float], float]  # from the distribution's arguments a, b and a value x


def probability_between(kind: int, a: float, b: float, low: float, high: float) -> float:
    """Return the probability of [low, high], both included, to about 1e-10 of it.

    Args:
        kind: NORMAL, LOG_NORMAL, EXPONENTIAL, GAMMA or POISSON.
        a, b: its arguments.
        low, high: -/+ infinity where there is no bound; the probability is 0 if low > high.
    """
    if low > high:
        return 0.0
    if kind == Kind.LOG_NORMAL:
        return probability_between(Kind.NORMAL, a, b, _log(low), _log(high)) if high > 0.0 else 0.0
    if kind == Kind.NORMAL and b == 0.0:
        return float(low <= a <= high)
    is_counted = kind == Kind.POISSON and math.isfinite(low)
    before = math.ceil(low) - 1.0 if is_counted else low
    at_most, above = _LAWS[Kind(kind)]
    if at_most(a, b, before) > 0.5:  # the difference of the smaller ones is the exact one
        return above(a, b, before) - above(a, b, high)
    return at_most(a, b, high) - at_most(a, b, before)


def _log(x: float) -> float:
    return math.log(x) if x > 0.0 else -math.inf


def _gamma_at_most(alpha: float, beta: float, x: float) -> float:
    from scipy.special import gammainc  # takes 0.1 s to load

    return float(gammainc(alpha, max(x / beta, 0.0)))


def _gamma_above(alpha: float, beta: float, x: float) -> float:
    from scipy.special import gammaincc

    return float(gammaincc(alpha, max(x / beta, 0.0)))


def _poisson_at_most(rate: float, _: float, x: float) -> float:
    return _gamma_above(math.floor(x) + 1.0, 1.0, rate) if 0.0 <= x < math.inf else float(x > 0.0)


def _poisson_above(rate: float, _: float, x: float) -> float:
    return _gamma_at_most(math.floor(x) + 1.0, 1.0, rate) if 0.0 <= x < math.inf else float(x < 0.0)


_LAWS: dict[Kind, tuple[_Law, _Law]] = {  # P(X <= x), P(X > x)
    Kind.NORMAL: (
        lambda a, b, x: 0.5 * math.erfc((a - x) / b / math.sqrt(2.0)),
        lambda a, b, x: 0.5 * math.erfc((x - a) / b / math.sqrt(2.0)),
    ),
    Kind.EXPONENTIAL: (
        lambda a, _, x: -math.expm1(-a * x) if x > 0.0 else 0.0,
        lambda a, _, x: math.exp(-a * x) if x > 0.0 else 1.0,
    ),
    Kind.GAMMA: (_gamma_at_most, _gamma_above),
    Kind.POISSON: (_poisson_at_most, _poisson_above),
}
