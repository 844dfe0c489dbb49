"""Milliseconds and steps. A quotient within 1e-6 of a whole number is that number.

(``int(0.3/0.1)`` is 2, and ``ceil`` would run one step too many for durations such as 0.7 at dt=0.1.)
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from engram.callers import plain_number, warn
from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["CLOSE", "in_ms", "steps_ceil", "steps_exactly", "steps_rounded", "steps_truncated", "warn_of_rest"]

CLOSE = 1e-6  # of a step
MOST = 2.0**53  # steps: floats count no further
MOST_DECIMALS = 12


def in_ms(steps: Any, dt_ms: float) -> Any:
    """Return the times of steps in ms, as one would type them: 3 steps of 0.1 ms are 0.3, not 0.30000000000000004.

    Args:
        steps: a number, or an array of any shape.

    Returns:
        a float, or an array of float64.
    """
    decimals = _decimals(dt_ms)
    if isinstance(steps, int):
        return steps * dt_ms if decimals is None else round(steps * dt_ms, decimals)
    ms = np.multiply(steps, dt_ms, dtype=np.float64)
    return ms if decimals is None else np.round(ms, decimals)


@lru_cache(maxsize=64)
def _decimals(dt_ms: float) -> int | None:
    """Return with how many decimals a step was typed; None if it was computed, such as 1/3."""
    typed = f"{dt_ms:.{MOST_DECIMALS}f}".rstrip("0")
    return len(typed.partition(".")[2]) if float(typed) == dt_ms else None


def _quotient(ms: float, dt_ms: float, what: str) -> float:
    number = plain_number(ms)
    try:
        quotient = math.nan if number is None else float(number) / dt_ms
    except OverflowError:  # an integer beyond float64
        number = None
    if number is None:
        raise InvalidArgument(
            f"{what}: expected a number of ms, got {told(ms)}\n  help: times are plain numbers, in ms: 100.0."
        )
    if not math.isfinite(quotient):
        advice = f"give a multiple of dt={dt_ms:g} ms, such as {100 * dt_ms:g}."
        raise InvalidArgument(f"{what}: expected a finite number of ms, got {told(ms)}\n  help: {advice}")
    if quotient < 0:
        raise InvalidArgument(f"{what}: expected ms, 0 or more, got {told(ms)}")
    if quotient > MOST:
        limit = f"more than 2^53 steps of {dt_ms:g} ms"
        raise InvalidArgument(f"{what}: {told(ms)} ms are {limit}\n  help: times are in ms, not in seconds or steps.")
    return quotient


def steps_ceil(ms: float, dt_ms: float, what: str = "duration") -> int:
    """Return how many steps of ``dt_ms`` it takes to cover ``ms``.

    Raises:
        InvalidArgument: if ``ms`` is negative, infinite or no number.
    """
    quotient = _quotient(ms, dt_ms, what)
    near = round(quotient)
    return near if abs(quotient - near) <= CLOSE else math.ceil(quotient)


def steps_exactly(ms: float, dt_ms: float, what: str, least: int = 0) -> int:
    """Return how many steps ``ms`` are, which must be a whole number; help names the nearest, from ``least`` steps on.

    Raises:
        InvalidArgument: if it is not, or ``ms`` is negative, infinite or no number.
    """
    quotient = _quotient(ms, dt_ms, what)
    near = round(quotient)
    if abs(quotient - near) > CLOSE:
        nearest = sorted({max(least, steps) for steps in (math.floor(quotient), math.ceil(quotient))})
        help_ = " or ".join(f"{steps * dt_ms:.12g}" for steps in nearest)
        got = f"got {told(ms)}, which is {quotient:.12g} steps"
        raise InvalidArgument(f"{what}: expected a multiple of {dt_ms:g} ms, {got}\n  help: give {help_} ms.")
    return near


def steps_rounded(ms: float, dt_ms: float, what: str = "duration") -> int:
    """Return the nearest number of steps, halves to even.

    Raises:
        InvalidArgument: if ``ms`` is negative, infinite or no number.
    """
    return round(_quotient(ms, dt_ms, what))


def steps_truncated(ms: float, dt_ms: float, what: str = "duration") -> int:
    """Return how many whole steps fit into ``ms``.

    Raises:
        InvalidArgument: if ``ms`` is negative, infinite or no number.
    """
    return math.floor(_quotient(ms, dt_ms, what) + CLOSE)


def warn_of_rest(ms: float, steps: int, dt_ms: float, what: str) -> None:
    """Warn if ``ms`` were rounded or cut to so many steps."""
    quotient = _quotient(ms, dt_ms, what)
    if abs(quotient - steps) > CLOSE:
        taken = f"{steps * dt_ms:.12g} ms are taken, {steps} step{'s' if steps != 1 else ''}"
        advice = f"give a multiple of {dt_ms:g} ms, or make the network with a smaller dt."
        warn(f"{what}: {float(ms):.12g} ms are {quotient:.12g} steps of dt={dt_ms:g} ms: {taken}\n  help: {advice}")
