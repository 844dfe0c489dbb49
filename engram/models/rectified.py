"""Normal distributions of which what is below 0 becomes 0.

Source:
    Brette R (2009) Generation of correlated spike trains. Neural Comput 21:188-215, appendix A.
"""

from __future__ import annotations

import math
from typing import Any

__all__ = ["after_rectification", "before_rectification"]

MOST = 1e6  # mean over deviation, from which on nothing is cut off that a float could show


def before_rectification(mean: float, deviation: float) -> tuple[float, float]:
    """Return mean and standard deviation of the normal distribution that has the given ones once it is rectified.

    Args:
        mean: above 0.
        deviation: 0 or above.
    """
    if deviation * MOST <= mean:
        return mean, deviation
    from scipy.optimize import brentq  # takes 0.1 s, and few scripts need it

    wanted = mean / deviation
    low, high = -1.0, 1.0
    while _ratio(low) > wanted:
        low *= 2.0
    while _ratio(high) < wanted:
        high *= 2.0

    def excess(ratio: float, /, *_: Any, **__: Any) -> float:
        return _ratio(ratio) - wanted

    ratio = float(brentq(excess, low, high, xtol=1e-14))
    scale = mean / _moments(ratio)[0]
    return ratio * scale, scale


def after_rectification(mean: float, deviation: float) -> tuple[float, float]:
    """Return the mean and the standard deviation that are left of a normal distribution once it is rectified."""
    if deviation * MOST <= mean:
        return mean, deviation
    first, second = _moments(mean / deviation)
    return deviation * first, deviation * math.sqrt(max(second - first * first, 0.0))


def _ratio(mean: float) -> float:
    """Mean over standard deviation of what is left of a normal distribution with deviation 1."""
    first, second = _moments(mean)
    return first / math.sqrt(max(second - first * first, 1e-300))


def _moments(mean: float) -> tuple[float, float]:
    """First and second moment of a rectified normal distribution with deviation 1."""
    density = math.exp(-0.5 * mean * mean) / math.sqrt(2.0 * math.pi)
    above = 0.5 * math.erfc(-mean / math.sqrt(2.0))
    first = density + mean * above
    return first, above + mean * first
