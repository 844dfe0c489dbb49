"""Rules of connection: each names its pattern, the side whose rows it draws, and what can be wrong with it.

In: what the user wrote. Out: frozen dataclasses. Made by ``network/connect.py``, carried out by ``wiring/connect.py``.

A connector names its kind of :class:`Pattern` and the side whose rows it draws; the other orientation is the transpose
of the same draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import ClassVar, Protocol

from engram.callers import plain_number
from engram.wiring.connectivity import Side
from engram.wiring.near import Bells
from engram.wiring.pattern import ALL, NEAR, NUMBER, ONE_TO_ONE, PROBABILITY, TOTAL

__all__ = [
    "AllToAll",
    "Connector",
    "DifferenceOfGaussians",
    "FixedNumberPost",
    "FixedNumberPre",
    "FixedProbability",
    "FixedTotalNumber",
    "Gaussian",
    "OneToOne",
    "Sizes",
]


@dataclass(frozen=True)
class Sizes:
    """What a connector must fit: the sizes of both sides, and how many neurons may not connect to themselves.

    ``geometries`` are those of the whole populations, where they are known.
    """

    n_pre: int
    n_post: int
    n_self: int = 0
    geometries: tuple[tuple[int, ...], tuple[int, ...]] | None = None


class Connector(Protocol):
    """What ``wiring/connect.py`` needs to know of a connector."""

    kind: ClassVar[int]
    own: ClassVar[Side | None]  # whose rows it draws; None if either side's are the same

    @property
    def call(self) -> str:
        """The call as the user wrote it, for messages."""

    @property
    def argument(self) -> float:
        """The one number that the pattern depends on, 0 if there is none."""

    def problem(self, sizes: Sizes) -> tuple[str, str] | None:
        """Return what is wrong and what to type instead, or None."""


@dataclass(frozen=True)
class AllToAll:
    """Every pair."""

    kind: ClassVar[int] = ALL
    own: ClassVar[Side | None] = None
    call: ClassVar[str] = "all_to_all()"
    argument: ClassVar[float] = 0

    def problem(self, sizes: Sizes) -> None:
        """Nothing can be wrong."""


@dataclass(frozen=True)
class OneToOne:
    """Pre rank k to post rank k, as far as both go; self connections are what is asked for."""

    kind: ClassVar[int] = ONE_TO_ONE
    own: ClassVar[Side | None] = None
    call: ClassVar[str] = "one_to_one()"
    argument: ClassVar[float] = 0

    def problem(self, sizes: Sizes) -> None:
        """Nothing can be wrong."""


@dataclass(frozen=True)
class FixedProbability:
    """Every pair with probability ``p``, independently. Which self connections are forbidden changes no other pair."""

    p: float
    kind: ClassVar[int] = PROBABILITY
    own: ClassVar[Side | None] = "pre"

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        return f"fixed_probability(p={self.p!r})"

    @property
    def argument(self) -> float:
        """The probability."""
        return float(self.p)

    def problem(self, sizes: Sizes) -> tuple[str, str] | None:
        """``p`` must be a probability."""
        if not _is_number(self.p, Real):
            return "p must be a number", "e.g. fixed_probability(0.1)."
        if not 0.0 <= self.p <= 1.0:
            return "p must lie in [0, 1]", "for every possible pair use all_to_all()."
        return None


@dataclass(frozen=True)
class _FixedNumber:
    """``number`` distinct neurons of ``side`` for each neuron of ``own``, every set equally likely."""

    number: int
    kind: ClassVar[int] = NUMBER
    own: ClassVar[Side | None]
    side: ClassVar[Side]

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        return f"fixed_number_{self.side}(number={self.number!r})"

    @property
    def argument(self) -> float:
        """The number."""
        return int(self.number)

    def problem(self, sizes: Sizes) -> tuple[str, str] | None:
        """``number`` must not exceed the neurons there are."""
        if not _is_number(self.number, Integral) or self.number < 0:
            return "number must be a whole number, 0 or more", f"e.g. fixed_number_{self.side}(10)."
        available = max((sizes.n_pre if self.side == "pre" else sizes.n_post) - bool(sizes.n_self), 0)
        if self.number > available:
            others = " besides the neuron itself (allow_self_connections is off)" if sizes.n_self else ""
            return f"there are only {available} {self.side} neurons{others}", f"ask for at most {available}."
        return None


@dataclass(frozen=True)
class FixedNumberPre(_FixedNumber):
    """Each post neuron gets ``number`` distinct pre neurons, every set equally likely."""

    own: ClassVar[Side | None] = "post"
    side: ClassVar[Side] = "pre"


@dataclass(frozen=True)
class FixedNumberPost(_FixedNumber):
    """Each pre neuron projects to ``number`` distinct post neurons, every set equally likely."""

    own: ClassVar[Side | None] = "pre"
    side: ClassVar[Side] = "post"


@dataclass(frozen=True)
class FixedTotalNumber:
    """``number`` synapses, each between a pre and a post neuron drawn independently of all others.

    One pair may get several (multapses). NEST's rule of this name does the same.
    """

    number: int
    kind: ClassVar[int] = TOTAL
    own: ClassVar[Side | None] = "pre"

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        return f"fixed_total_number(number={self.number!r})"

    @property
    def argument(self) -> float:
        """The number."""
        return int(self.number)

    def problem(self, sizes: Sizes) -> tuple[str, str] | None:
        """There must be a pair, and the synapses of each must be few enough to be numbered with 16 bits."""
        if not _is_number(self.number, Integral) or self.number < 0:
            return "number must be a whole number, 0 or more", "e.g. fixed_total_number(1000)."
        pairs = sizes.n_pre * sizes.n_post - sizes.n_self
        if self.number > 0 and pairs == 0:
            others = ": a neuron may not connect to itself (allow_self_connections is off)" if sizes.n_self else ""
            return f"there is no pair to connect{others}", "ask for 0 synapses, or for larger populations."
        most = min(_MOST_OF_A_PAIR * pairs, _MOST)
        if self.number > most:
            return f"there are only {pairs} pairs, for {most} synapses", f"ask for at most {most}."
        return None


@dataclass(frozen=True)
class Gaussian:
    """Pairs with the weight ``amp*exp(-d2/(2*sigma^2))`` of their squared distance, where that is above ``limit*amp``.

    Distances are those of coordinates in the whole populations, normalised to [0, 1] along each axis.
    """

    amp: float
    sigma: float
    limit: float
    kind: ClassVar[int] = NEAR
    own: ClassVar[Side | None] = None
    argument: ClassVar[float] = 0

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        return f"gaussian(amp={self.amp!r}, sigma={self.sigma!r}, limit={self.limit!r})"

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
    kind: ClassVar[int] = NEAR
    own: ClassVar[Side | None] = None
    argument: ClassVar[float] = 0

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        bells = f"amp_pos={self.amp_pos!r}, sigma_pos={self.sigma_pos!r}, amp_neg={self.amp_neg!r}"
        return f"dog({bells}, sigma_neg={self.sigma_neg!r}, limit={self.limit!r})"

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
        if not _is_number(value, Real) or not math.isfinite(value):
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


_MOST_OF_A_PAIR = 1 << 15  # on average, so that none gets 65536
_MOST = 1 << 53  # counted exactly by float64


def _is_number(value: object, kind: type) -> bool:
    """Whether a value of the user's is of ``kind``; True and False are no numbers here."""
    return isinstance(plain_number(value), kind)
