"""Connectors by distance: how large weights are, as a function of the squared distance of two neurons.

In: arguments as users gave them. Out: connectors as :class:`Connector` says, and their :class:`Bells`.
``near.py`` finds the pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.callers import plain_number
from engram.state.elementary import draw_exp
from engram.telling import told
from engram.wiring.connectivity import Side
from engram.wiring.connectors import Sizes
from engram.wiring.kinds import NEAR

__all__ = ["WIDER", "Bells", "DifferenceOfGaussians", "Gaussian"]

Array = npt.NDArray[Any]

WIDER = 1e-9
"""Relatively, how much wider is searched than where a weight is small: rounding must leave out no pair."""


class Bells(NamedTuple):
    """Weights as a sum of bells: ``amp*exp(-d2/(2*sigma^2))`` of the squared distance.

    Args:
        terms: (amp, sigma) of each; sigma > 0.
        least: weights whose amount is not above it are no synapses.
    """

    terms: tuple[tuple[float, float], ...]
    least: float

    def weights(self, d2: Array) -> Array:
        """Return the weights for some squared distances, float64."""
        total = np.zeros(d2.shape)
        for amp, sigma in self.terms:
            width = max(2.0 * sigma * sigma, np.finfo(np.float64).tiny)  # what is at no distance has the whole weight
            total += amp * draw_exp(-d2 / width)
        return total

    @property
    def reach(self) -> float:
        """A squared distance from which on no weight is above the least one."""
        height, widest = sum(abs(amp) for amp, _ in self.terms), max(sigma for _, sigma in self.terms)
        if height <= self.least:
            return 0.0
        return 2.0 * widest * widest * math.log(height / self.least) * (1.0 + WIDER) if self.least > 0 else math.inf


@dataclass(frozen=True)
class Gaussian:
    """Pairs with the weight ``amp*exp(-d2/(2*sigma^2))`` of their squared distance, where that is above ``limit*amp``.

    Distances are those of coordinates in the whole populations, normalised to [0, 1] along each axis.
    """

    amp: float
    sigma: float
    limit: float
    title: ClassVar[str] = "Gaussian"
    kind: ClassVar[int] = NEAR
    draws_rows_of: ClassVar[Side | None] = None
    argument: ClassVar[float] = 0

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        return f"gaussian(amp={told(self.amp)}, sigma={told(self.sigma)}, limit={told(self.limit)})"

    @property
    def bells(self) -> Bells:
        """The weights, and how large they are at least."""
        return Bells(((float(self.amp), float(self.sigma)),), abs(self.limit * self.amp))

    def problem(self, sizes: Sizes) -> tuple[str, str] | None:
        """Widths must be positive, the limit a share, and both sides must have coordinates of the same kind."""
        return _problem_of_bells(self, ("amp",), ("sigma",), self.limit, sizes, "gaussian(amp=1.0, sigma=0.1)")


@dataclass(frozen=True)
class DifferenceOfGaussians:
    """Pairs with the difference of two such weights, where its amount is above ``limit*abs(amp_pos - amp_neg)``."""

    amp_pos: float
    sigma_pos: float
    amp_neg: float
    sigma_neg: float
    limit: float
    title: ClassVar[str] = "Difference-of-Gaussian"
    kind: ClassVar[int] = NEAR
    draws_rows_of: ClassVar[Side | None] = None
    argument: ClassVar[float] = 0

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        bells = f"amp_pos={told(self.amp_pos)}, sigma_pos={told(self.sigma_pos)}, amp_neg={told(self.amp_neg)}"
        return f"dog({bells}, sigma_neg={told(self.sigma_neg)}, limit={told(self.limit)})"

    @property
    def bells(self) -> Bells:
        """The weights, and how large they are at least."""
        terms = (float(self.amp_pos), float(self.sigma_pos)), (-float(self.amp_neg), float(self.sigma_neg))
        return Bells(terms, abs(self.limit * (self.amp_pos - self.amp_neg)))

    def problem(self, sizes: Sizes) -> tuple[str, str] | None:
        """Widths must be positive, the limit a share, and both sides must have coordinates of the same kind."""
        example = "dog(amp_pos=1.0, sigma_pos=0.1, amp_neg=0.5, sigma_neg=0.3)"
        amps, sigmas = ("amp_pos", "amp_neg"), ("sigma_pos", "sigma_neg")
        return _problem_of_bells(self, amps, sigmas, self.limit, sizes, example)


def _problem_of_bells(
    of: object, amps: tuple[str, ...], sigmas: tuple[str, ...], limit: float, sizes: Sizes, example: str
) -> tuple[str, str] | None:
    for name in (*amps, *sigmas, "limit"):
        value = getattr(of, name)
        if not isinstance(plain_number(value), Real) or not math.isfinite(value):
            return f"{name} must be a finite number", f"e.g. {example}."
    for name in sigmas:
        if not getattr(of, name) > 0:
            return f"{name} must be above 0", f"e.g. {example}; distances are between 0 and 1 along each axis."
    if not 0 <= float(limit) < 1:
        return "limit must lie in [0, 1)", "it is the share of the largest weight below which there is no synapse."
    if sizes.geometries is not None and len(sizes.geometries[0]) != len(sizes.geometries[1]):
        pre, post = sizes.geometries
        what = f"the pre population has geometry {pre}, the post population {post}: there are no distances"
        return what, "give both the same number of axes, e.g. (n, 1) for n neurons beside (rows, columns)."
    return None
