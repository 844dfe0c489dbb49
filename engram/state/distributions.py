"""Random distributions as objects: ``eg.Uniform(0, 1)`` for weights, delays, attributes and initial values.

In: the numbers that a user gives. Out: frozen descriptions; ``state/draws.py`` turns keyed random words into values.
Called by ``network``, ``wiring`` and ``language``.

Used in a network, a distribution draws from the network's own keyed streams, so that values follow from the seed
alone. ``get_values`` draws from NumPy: from ``rng`` where one was given, else from a fresh, unseeded generator.
"""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from dataclasses import Field, InitVar, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.state.kinds import Kind, Numbers
from engram.state.streams import MAX_DRAWS

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

_Floats = npt.NDArray[np.float64]
_CHUNK = 1 << 16  # elements drawn at a time: what the generator needs then stays in cache


class Distribution(ABC):
    """What all distributions have in common: frozen dataclasses derive from it.

    Two distributions are equal if their numbers are, and if they draw from the same generator. The constructors also
    take ``seed``, an integer, short for ``rng=numpy.random.default_rng(seed)``.
    """

    kind: ClassVar[Kind]
    rng: _Generator | None  # to draw from instead of the network's own keyed streams
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @abstractmethod
    def as_numbers(self) -> Numbers:
        """Return (kind, a, b, min, max), the fields of ``eg_distribution``; unbounded is -/+ infinity."""

    @abstractmethod
    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """Draw from a NumPy generator, without bounds."""

    def get_values(self, shape: int | tuple[int, ...]) -> npt.NDArray[Any]:
        """Return new values from ``rng``, or from a fresh unseeded generator, clipped to the bounds.

        Returns:
            an array of this shape: int64 for DiscreteUniform and Binomial, else float64.
        """
        size = self._checked_shape(shape)
        values = self._draw(np.random.default_rng() if self.rng is None else self.rng, size)
        low, high = self.as_numbers()[3:]
        return values if low == -math.inf and high == math.inf else np.clip(values, low, high)

    def _checked_shape(self, shape: Any) -> tuple[int, ...]:
        size = shape if isinstance(shape, tuple | list) else (shape,)
        if any(isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 0 for n in size):
            expected = "a whole number, 0 or more, or a tuple of them"
            raise self._refuse("no such shape", expected, f"{shape!r:.60}", "say how many values: 10, or (2, 5).")
        return tuple(int(n) for n in size)

    def get_list_values(self, n: int) -> list[Any]:
        """Return n new values as a list; see :meth:`get_values`."""
        values: list[Any] = self.get_values(n).tolist()
        return values

    def get_value(self) -> Any:
        """Return one new value; see :meth:`get_values`."""
        return self.get_values(1)[0].item()

    def keyed_values(self, key: int, elements: int, draw: int = 0) -> _Floats:
        """Return the values of elements 0 ... ``elements`` - 1 of a keyed stream, each a function of its number alone.

        Args:
            key: from :func:`engram.state.streams.stream_key`.
            elements: how many.
            draw: number of the draw; any, 0 or more.
        Returns:
            (elements,) float64.
        """
        from engram.state.draws import sample  # only who draws needs the generators

        high, low = divmod(draw, MAX_DRAWS)  # assignments have no end: the word of the step, unused here, counts on
        values = np.empty(elements)
        for start in range(0, elements, _CHUNK):
            element = np.arange(start, min(start + _CHUNK, elements), dtype=np.int64)
            values[start : start + _CHUNK] = sample(self, key, element, element >> 32, high, low)
        return values

    def __repr__(self) -> str:
        """Write the call that makes an equal distribution, but for its generator."""
        shown = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "rng":
                continue
            if field.name in ("min", "max") and field.default is None:
                if value is not None:
                    shown.append(f"{field.name}={value!r}")
            else:
                shown.append(repr(value))
        return f"{type(self).__name__}({', '.join(shown)})"

    # ---- checks that the constructors share

    def _refuse(self, what: str, expected: str, got: object, help_: str) -> InvalidArgument:
        name = type(self).__name__
        return InvalidArgument(f"{name}: {what}\n  expected: {expected}\n  got: {got}\n  help: {help_}")

    def _take(self, name: str, number_type: type[int] | type[float] = float) -> None:
        """Store an argument as a plain number, or refuse it."""
        value: Any = getattr(self, name)
        is_whole = number_type is int
        is_number = not isinstance(value, bool) and isinstance(value, numbers.Real) and math.isfinite(value)
        if not is_number or (is_whole and value != int(value)):
            kind = "an integer" if is_whole else "a finite number"
            raise self._refuse(f"{name} must be {kind}", kind, repr(value), f"give {kind}, such as {name}=1.")
        object.__setattr__(self, name, number_type(value))

    def _take_bounds(self) -> None:
        """Store the optional ``min`` and ``max``, or refuse them."""
        for name in ("min", "max"):
            value = getattr(self, name)
            if isinstance(value, numbers.Real) and math.isinf(value):  # what "unbounded" is in files
                object.__setattr__(self, name, None)
            elif value is not None:
                self._take(name)
        low, high = self._bounds()
        if low > high:
            raise self._refuse(
                "min must not exceed max", "min <= max", f"min={low!r}, max={high!r}", "exchange the two."
            )

    def _bounds(self) -> tuple[float, float]:
        low, high = (getattr(self, name) for name in ("min", "max"))
        return (-math.inf if low is None else low), (math.inf if high is None else high)

    def _take_generator(self, seed: int | None) -> None:
        rng: Any = self.rng
        if rng is not None and not isinstance(rng, np.random.Generator):
            raise self._refuse(
                "rng must be a NumPy generator",
                "a numpy.random.Generator or None",
                f"{rng!r} ({type(rng).__name__})",
                "for a seed write seed=..., for a generator rng=numpy.random.default_rng(...).",
            )
        if seed is None:
            return
        if rng is not None:
            raise self._refuse("rng and seed exclude each other", "one of them", f"rng and seed={seed!r}", "drop one.")
        given: Any = seed
        if isinstance(given, bool) or not isinstance(given, numbers.Integral) or given < 0:
            raise self._refuse("seed must be an integer >= 0", "0, 1, 2, ...", repr(seed), "give such a number.")
        object.__setattr__(self, "rng", np.random.default_rng(int(seed)))


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
            got = f"min={self.min!r}, max={self.max!r}"
            raise self._refuse("min must be less than max", "min < max", got, "for one value write the number itself.")

    def as_numbers(self) -> Numbers:
        """Return (kind, min, max, -inf, inf)."""
        return int(self.kind), self.min, self.max, -math.inf, math.inf

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.uniform(self.min, self.max, shape)


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
            got = f"min={self.min!r}, max={self.max!r}"
            raise self._refuse("min must not exceed max", "min <= max", got, "exchange the two.")

    def as_numbers(self) -> Numbers:
        """Return (kind, min, max, -inf, inf)."""
        return int(self.kind), float(self.min), float(self.max), -math.inf, math.inf

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.integers(self.min, self.max, shape, endpoint=True)


@dataclass(frozen=True, repr=False)
class Normal(Distribution):
    """Normal numbers of mean ``mu`` and standard deviation ``sigma``, clipped to [min, max]."""

    mu: float
    sigma: float
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    kind: ClassVar[Kind] = Kind.NORMAL

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("mu")
        self._take("sigma")
        self._take_bounds()
        self._take_generator(seed)
        if self.sigma < 0.0:
            raise self._refuse("sigma must not be negative", "sigma >= 0", repr(self.sigma), "drop the sign.")

    def as_numbers(self) -> Numbers:
        """Return (kind, mu, sigma, min, max)."""
        return int(self.kind), self.mu, self.sigma, *self._bounds()

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.normal(self.mu, self.sigma, shape)


@dataclass(frozen=True, repr=False)
class LogNormal(Distribution):
    """The exponential of normal numbers of mean ``mu`` and standard deviation ``sigma``, clipped to [min, max]."""

    mu: float
    sigma: float
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    kind: ClassVar[Kind] = Kind.LOG_NORMAL

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("mu")
        self._take("sigma")
        self._take_bounds()
        self._take_generator(seed)
        if self.sigma < 0.0:
            raise self._refuse("sigma must not be negative", "sigma >= 0", repr(self.sigma), "drop the sign.")

    def as_numbers(self) -> Numbers:
        """Return (kind, mu, sigma, min, max)."""
        return int(self.kind), self.mu, self.sigma, *self._bounds()

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.lognormal(self.mu, self.sigma, shape)


@dataclass(frozen=True, repr=False)
class Exponential(Distribution):
    """Exponential numbers of rate ``Lambda`` (their mean is ``1/Lambda``), clipped to [min, max].

    The argument is the rate, as in equations. (ANNarchy's class takes it as the mean.)
    """

    Lambda: float
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    kind: ClassVar[Kind] = Kind.EXPONENTIAL

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("Lambda")
        self._take_bounds()
        self._take_generator(seed)
        if self.Lambda <= 0.0:
            help_ = "Lambda is the rate: for a mean of 5 write 0.2."
            raise self._refuse("Lambda must be positive", "Lambda > 0", repr(self.Lambda), help_)

    def as_numbers(self) -> Numbers:
        """Return (kind, Lambda, 0, min, max)."""
        return int(self.kind), self.Lambda, 0.0, *self._bounds()

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.exponential(1.0 / self.Lambda, shape)


@dataclass(frozen=True, repr=False)
class Gamma(Distribution):
    """Gamma numbers of shape ``alpha`` and scale ``beta`` (their mean is ``alpha*beta``), clipped to [min, max]."""

    alpha: float
    beta: float = 1.0
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
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

    def as_numbers(self) -> Numbers:
        """Return (kind, alpha, beta, min, max)."""
        return int(self.kind), self.alpha, self.beta, *self._bounds()

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.gamma(self.alpha, self.beta, shape)


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
        self._take("n", int)
        self._take("p")
        self._take_generator(seed)
        if self.n < 0:
            raise self._refuse("n must not be negative", "n >= 0", repr(self.n), "n is the number of trials.")
        if not 0.0 <= self.p <= 1.0:
            raise self._refuse("p must lie in [0, 1]", "0 <= p <= 1", repr(self.p), "p is the chance of one trial.")

    def as_numbers(self) -> Numbers:
        """Return (kind, n, p, -inf, inf)."""
        return int(self.kind), float(self.n), self.p, -math.inf, math.inf

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.binomial(self.n, self.p, shape)


@dataclass(frozen=True, repr=False)
class Poisson(Distribution):
    """How many events happen where ``Lambda`` are expected, clipped to [min, max]. (ANNarchy has no such class.)"""

    Lambda: float
    min: float | None = None
    max: float | None = None
    rng: _Generator | None = None
    seed: InitVar[int | None] = None
    kind: ClassVar[Kind] = Kind.POISSON

    def __post_init__(self, seed: int | None) -> None:
        """Check the arguments."""
        self._take("Lambda")
        self._take_bounds()
        self._take_generator(seed)
        if self.Lambda < 0.0:
            raise self._refuse("Lambda must not be negative", "Lambda >= 0", repr(self.Lambda), "Lambda is the mean.")

    def as_numbers(self) -> Numbers:
        """Return (kind, Lambda, 0, min, max)."""
        return int(self.kind), self.Lambda, 0.0, *self._bounds()

    def _draw(self, rng: _Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        return rng.poisson(self.Lambda, shape)
