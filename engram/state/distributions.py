"""Random distributions as objects: ``eg.Uniform(0, 1)`` for weights, delays, attributes and initial values.

In: the numbers that a user gives. Out: frozen descriptions; ``state/draws.py`` turns keyed random words into values.
Called by ``network``, ``wiring`` and ``language``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Distribution"]


@dataclass(frozen=True)
class Distribution:
    """A distribution with numeric arguments; the public classes derive from it.

    Args:
        rng: a NumPy generator to draw from instead of the network's own keyed stream.
    """

    rng: np.random.Generator | None = None
