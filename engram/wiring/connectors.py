"""Rules of connection: each names its pattern, the side whose rows it draws, and what can be wrong with it.

In: what the user wrote. Out: frozen dataclasses.
Those by distance stand in ``bells.py``.

A connector names its kind of :class:`Pattern` and the side whose rows it draws; the other orientation is the transpose
of the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import ClassVar, Protocol

from engram.callers import plain_number, whole_number
from engram.telling import told
from engram.wiring.connectivity import Side
from engram.wiring.kinds import ALL, NUMBER, ONE_TO_ONE, PROBABILITY, TOTAL

__all__ = [
    "AllToAll",
    "Connector",
    "FixedNumberPost",
    "FixedNumberPre",
    "FixedProbability",
    "FixedTotalNumber",
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
    title: ClassVar[str]  # in ANNarchy's words
    draws_rows_of: ClassVar[Side | None]  # whose rows it draws; None if either side's are the same

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

    title: ClassVar[str] = "All-to-All"
    kind: ClassVar[int] = ALL
    draws_rows_of: ClassVar[Side | None] = None
    call: ClassVar[str] = "all_to_all()"
    argument: ClassVar[float] = 0

    def problem(self, sizes: Sizes) -> None:
        """Nothing can be wrong."""


@dataclass(frozen=True)
class OneToOne:
    """Pre rank k to post rank k, as far as both go; self connections are what is asked for."""

    title: ClassVar[str] = "One-to-One"
    kind: ClassVar[int] = ONE_TO_ONE
    draws_rows_of: ClassVar[Side | None] = None
    call: ClassVar[str] = "one_to_one()"
    argument: ClassVar[float] = 0

    def problem(self, sizes: Sizes) -> None:
        """Nothing can be wrong."""


@dataclass(frozen=True)
class FixedProbability:
    """Every pair with probability ``p``, independently. Which self connections are forbidden changes no other pair."""

    p: float
    title: ClassVar[str] = "Random"
    kind: ClassVar[int] = PROBABILITY
    draws_rows_of: ClassVar[Side | None] = "pre"

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        return f"fixed_probability(probability={told(self.p)})"

    @property
    def argument(self) -> float:
        """The probability."""
        return float(self.p)

    def problem(self, sizes: Sizes) -> tuple[str, str] | None:
        """``p`` must be a probability."""
        if not _is_number(self.p, Real):
            return "probability must be a number", "e.g. fixed_probability(0.1)."
        if not 0.0 <= self.p <= 1.0:
            return "probability must lie in [0, 1]", "for every possible pair use all_to_all()."
        return None


@dataclass(frozen=True)
class _FixedNumber:
    """``number`` distinct neurons of ``side`` for each neuron of ``own``, every set equally likely."""

    number: int
    title: ClassVar[str]
    kind: ClassVar[int] = NUMBER
    draws_rows_of: ClassVar[Side | None]
    side: ClassVar[Side]

    def __post_init__(self) -> None:
        _take_whole(self)

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        return f"fixed_number_{self.side}(number={told(self.number)})"

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

    title: ClassVar[str] = "Random Convergent"
    draws_rows_of: ClassVar[Side | None] = "post"
    side: ClassVar[Side] = "pre"


@dataclass(frozen=True)
class FixedNumberPost(_FixedNumber):
    """Each pre neuron projects to ``number`` distinct post neurons, every set equally likely."""

    title: ClassVar[str] = "Random Divergent"
    draws_rows_of: ClassVar[Side | None] = "pre"
    side: ClassVar[Side] = "post"


@dataclass(frozen=True)
class FixedTotalNumber:
    """``number`` synapses, each between a pre and a post neuron drawn independently of all others.

    One pair may get several (multapses). NEST's rule of this name does the same.
    """

    number: int
    title: ClassVar[str] = "Fixed total number"
    kind: ClassVar[int] = TOTAL
    draws_rows_of: ClassVar[Side | None] = "pre"

    def __post_init__(self) -> None:
        _take_whole(self)

    @property
    def call(self) -> str:
        """The call as the user wrote it."""
        return f"fixed_total_number(number={told(self.number)})"

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


_MOST_OF_A_PAIR = 1 << 15  # on average, so that none gets 65536
_MOST = 1 << 53  # counted exactly by float64


def _take_whole(rule: _FixedNumber | FixedTotalNumber) -> None:
    """Keep a whole number that arrives as a float as what it is; whatever else was given is refused by ``problem``."""
    number = whole_number(rule.number)
    if number is not None:
        object.__setattr__(rule, "number", number)


def _is_number(value: object, kind: type) -> bool:
    """Whether a value of the user's is of ``kind``; True and False are no numbers here."""
    return isinstance(plain_number(value), kind)
