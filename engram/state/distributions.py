"""Random distributions as objects: ``eg.Uniform(0, 1)`` for weights, delays, attributes and initial values.

In: the numbers that a user gives. Out: frozen descriptions; ``state/draws.py`` turns keyed random words into values.

Used in a network, a distribution draws from the network's own keyed streams, so that values follow from the seed
alone. ``get_values`` draws from NumPy: from ``rng`` where one was given, else from a fresh, unseeded generator.

Values beyond ``min`` and ``max`` are clipped to them; with ``redraw=True`` they are drawn again until they lie between
the two, which gives the exact truncated law.
"""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy.typing as npt

from engram.callers import checked_calls, plain_number, whole_number
from engram.state.distribution import Distribution
from engram.state.kinds import Kind, Numbers
from engram.telling import told

if TYPE_CHECKING:
    from numpy.random import Generator as _Generator  # NumPy imports it on use; it takes 10 ms

__all__ = [
    "Binomial",
    "DiscreteUniform",
    "Distribution",
    "Exponential",
    "Gamma",
    "LogNormal",
    "Normal",
    "Poisson",
    "Uniform",
]


@checked_calls
@dataclass(frozen=True, repr=False)
class Uniform(Distribution):
    """Numbers between ``min`` and ``max``, all equally likely."""

    min: float
    max: float
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    kind: ClassVar[Kind] = Kind.UNIFORM

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("min")
        self._take("max")
        self._take_generator(seed)
        if self.min >= self.max:
            got = f"min={told(self.min)}, max={told(self.max)}"
            raise self._refuse("min must be less than max", "min < max", got, "for one value write the number itself.")

    def as_numbers(self) -> Numbers:
        """Return (kind, min, max, -inf, inf, False)."""
        return int(self.kind), self.min, self.max, -math.inf, math.inf, False

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        if math.isfinite(self.max - self.min):
            return rng.uniform(self.min, self.max, shape)
        u = rng.random(shape)
        return self.min * (1.0 - u) + self.max * u

    def _moved(self, factor: float, by: float) -> Distribution:
        low, high = sorted((factor * self.min + by, factor * self.max + by))
        return replace(self, min=low, max=high)


@checked_calls
@dataclass(frozen=True, repr=False)
class DiscreteUniform(Distribution):
    """Integers from ``min`` to ``max``, both included, all equally likely."""

    min: int
    max: int
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    kind: ClassVar[Kind] = Kind.DISCRETE_UNIFORM

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("min", int)
        self._take("max", int)
        self._take_generator(seed)
        if self.min > self.max:
            got = f"min={told(self.min)}, max={told(self.max)}"
            raise self._refuse("min must not exceed max", "min <= max", got, "exchange the two.")

    def as_numbers(self) -> Numbers:
        """Return (kind, min, max, -inf, inf, False)."""
        return int(self.kind), float(self.min), float(self.max), -math.inf, math.inf, False

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.integers(self.min, self.max, shape, endpoint=True)

    def _moved(self, factor: float, by: float) -> Distribution | None:
        if abs(factor) != 1.0 or by != int(by):
            return None
        low, high = sorted((int(factor) * self.min + int(by), int(factor) * self.max + int(by)))
        return replace(self, min=low, max=high)


@checked_calls
@dataclass(frozen=True, repr=False)
class Normal(Distribution):
    """Normal numbers of mean ``mu`` and standard deviation ``sigma``, in [min, max].

    What lies beyond a bound becomes that bound, or with ``redraw=True`` is drawn again: ``Normal(1.0, 0.5, min=0.0,
    redraw=True)`` follows the truncated law. The other laws with bounds do the same.
    """

    mu: float
    sigma: float
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    redraw: bool = field(default=False, kw_only=True)
    kind: ClassVar[Kind] = Kind.NORMAL

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("mu")
        self._take("sigma")
        self._take_bounds()
        self._take_generator(seed)
        if self.sigma < 0.0:
            raise self._refuse("sigma must not be negative", "sigma >= 0", repr(self.sigma), "drop the sign.")
        self._take_redraw()

    def as_numbers(self) -> Numbers:
        """Return (kind, mu, sigma, min, max, redraw)."""
        return int(self.kind), self.mu, self.sigma, *self._bounds(), self.redraw

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.normal(self.mu, self.sigma, shape)

    def _moved(self, factor: float, by: float) -> Distribution:
        mu, sigma = factor * self.mu + by, abs(factor) * self.sigma
        return replace(self, mu=mu, sigma=sigma, **self._bounds_moved(factor, by))


@checked_calls
@dataclass(frozen=True, repr=False)
class LogNormal(Distribution):
    """The exponential of normal numbers of mean ``mu`` and standard deviation ``sigma``, in [min, max]."""

    mu: float
    sigma: float
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    redraw: bool = field(default=False, kw_only=True)
    kind: ClassVar[Kind] = Kind.LOG_NORMAL

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("mu")
        self._take("sigma")
        self._take_bounds()
        self._take_generator(seed)
        if self.sigma < 0.0:
            raise self._refuse("sigma must not be negative", "sigma >= 0", repr(self.sigma), "drop the sign.")
        self._take_redraw()

    def as_numbers(self) -> Numbers:
        """Return (kind, mu, sigma, min, max, redraw)."""
        return int(self.kind), self.mu, self.sigma, *self._bounds(), self.redraw

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.lognormal(self.mu, self.sigma, shape)

    def _moved(self, factor: float, by: float) -> Distribution | None:
        if factor < 0 or by:
            return None
        return replace(self, mu=self.mu + math.log(factor), **self._bounds_moved(factor))


@checked_calls
@dataclass(frozen=True, repr=False)
class Exponential(Distribution):
    """Exponential numbers of rate ``Lambda`` (their mean is ``1/Lambda``), in [min, max].

    The argument is the rate, as in equations. (ANNarchy's class takes it as the mean.)
    """

    Lambda: float
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    redraw: bool = field(default=False, kw_only=True)
    kind: ClassVar[Kind] = Kind.EXPONENTIAL

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("Lambda")
        self._take_bounds()
        self._take_generator(seed)
        if self.Lambda <= 0.0:
            help_ = "Lambda is the rate: for a mean of 5 write 0.2."
            raise self._refuse("Lambda must be positive", "Lambda > 0", repr(self.Lambda), help_)
        if math.isinf(1.0 / self.Lambda):
            help_ = "Lambda is the rate: for a mean of 5 write 0.2."
            raise self._refuse("the mean 1/Lambda must be finite", "Lambda > 1e-308", repr(self.Lambda), help_)
        self._take_redraw()

    def as_numbers(self) -> Numbers:
        """Return (kind, Lambda, 0, min, max, redraw)."""
        return int(self.kind), self.Lambda, 0.0, *self._bounds(), self.redraw

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.exponential(1.0 / self.Lambda, shape)

    def _moved(self, factor: float, by: float) -> Distribution | None:
        if factor < 0 or by:
            return None
        return replace(self, Lambda=self.Lambda / factor, **self._bounds_moved(factor))


@checked_calls
@dataclass(frozen=True, repr=False)
class Gamma(Distribution):
    """Gamma numbers of shape ``alpha`` and scale ``beta`` (their mean is ``alpha*beta``), in [min, max]."""

    alpha: float
    beta: float = 1.0
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    redraw: bool = field(default=False, kw_only=True)
    kind: ClassVar[Kind] = Kind.GAMMA

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("alpha")
        self._take("beta")
        self._take_bounds()
        self._take_generator(seed)
        for name, value in (("alpha", self.alpha), ("beta", self.beta)):
            if value <= 0.0:
                raise self._refuse(
                    f"{name} must be positive", f"{name} > 0", repr(value), "alpha is the shape, beta the scale."
                )
        if math.isinf(self.alpha * self.beta):
            got = f"alpha={told(self.alpha)}, beta={told(self.beta)}"
            raise self._refuse("the mean alpha*beta must be finite", "a finite mean", got, "use a smaller scale.")
        self._take_redraw()

    def as_numbers(self) -> Numbers:
        """Return (kind, alpha, beta, min, max, redraw)."""
        return int(self.kind), self.alpha, self.beta, *self._bounds(), self.redraw

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.gamma(self.alpha, self.beta, shape)

    def _moved(self, factor: float, by: float) -> Distribution | None:
        return None if factor < 0 or by else replace(self, beta=factor * self.beta, **self._bounds_moved(factor))


@checked_calls
@dataclass(frozen=True, repr=False)
class Binomial(Distribution):
    """How many of ``n`` trials succeed, each with probability ``p``."""

    n: int
    p: float
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    kind: ClassVar[Kind] = Kind.BINOMIAL

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        if plain_number(self.p) is not None and self.p > 1 and (whole_number(self.n) is None or self.n <= 1):
            got = f"Binomial({told(self.n)}, {told(self.p)})"
            raise self._refuse("p must lie in [0, 1]", "n, p", got, "the order is n, p: the trials stand first.")
        self._take("n", int)
        self._take("p")
        self._take_generator(seed)
        if self.n < 0:
            raise self._refuse("n must not be negative", "n >= 0", repr(self.n), "n is the number of trials.")
        if not 0.0 <= self.p <= 1.0:
            raise self._refuse("p must lie in [0, 1]", "0 <= p <= 1", repr(self.p), "p is the chance of one trial.")

    def as_numbers(self) -> Numbers:
        """Return (kind, n, p, -inf, inf, False)."""
        return int(self.kind), float(self.n), self.p, -math.inf, math.inf, False

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.binomial(self.n, self.p, shape)


@checked_calls
@dataclass(frozen=True, repr=False)
class Poisson(Distribution):
    """How many events happen where ``Lambda`` are expected, in [min, max]. (ANNarchy has no such class.)"""

    Lambda: float
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    redraw: bool = field(default=False, kw_only=True)
    kind: ClassVar[Kind] = Kind.POISSON

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("Lambda")
        self._take_bounds()
        self._take_generator(seed)
        if self.Lambda < 0.0:
            raise self._refuse("Lambda must not be negative", "Lambda >= 0", repr(self.Lambda), "Lambda is the mean.")
        if self.Lambda > 2.0**53:
            help_ = "counts are exact up to there: of such a mean write Normal(Lambda, Lambda**0.5)."
            raise self._refuse("Lambda is too large", "Lambda <= 2^53", repr(self.Lambda), help_)
        self._take_redraw()

    def as_numbers(self) -> Numbers:
        """Return (kind, Lambda, 0, min, max, redraw)."""
        return int(self.kind), self.Lambda, 0.0, *self._bounds(), self.redraw

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.poisson(self.Lambda, shape)
