"""The kinds of distributions by number, the same in C; apart from ``draws.py``, so that naming one loads little."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Kind", "Numbers"]

Numbers = tuple[int, float, float, float, float, bool]  # kind, a, b, min, max, redraw: the fields of eg_distribution


class Kind(IntEnum):
    """The distributions, with the numbers that C uses. ``a`` and ``b`` are the arguments as the user gives them."""

    CONSTANT = 0  # a
    UNIFORM = 1  # a <= value < b (b itself only by rounding)
    DISCRETE_UNIFORM = 2  # integers a ... b
    NORMAL = 3  # mean a, standard deviation b
    LOG_NORMAL = 4  # exp of a normal with mean a, standard deviation b
    EXPONENTIAL = 5  # rate a: the mean is 1/a
    GAMMA = 6  # shape a, scale b
    BINOMIAL = 7  # a trials with probability b
    POISSON = 8  # mean a
