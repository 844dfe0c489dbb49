"""What all random distributions have in common: how they are drawn, written and checked.

In: the arguments of a distribution. Out: values, keyed or from NumPy. The distributions themselves:
``distributions.py``, which derives them from the class here.
"""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram import markup
from engram.callers import plain_number, shortened
from engram.elsewhere.lookup import member_help
from engram.errors import InvalidArgument
from engram.state.arithmetic import Arithmetic
from engram.state.kinds import Kind, Numbers
from engram.state.spelling import no_member
from engram.state.streams import MAX_DRAWS
from engram.state.truncation import LEAST, MOST_ATTEMPTS, probability_between
from engram.telling import told

if TYPE_CHECKING:
    from numpy.random import Generator  # NumPy imports it on use; it takes 10 ms

__all__ = ["Distribution"]

_Floats = npt.NDArray[np.float64]
_CHUNK = 1 << 16  # elements drawn at a time: what the generator needs then stays in cache
_MOST_COUNTED = 1 << 53  # whole numbers that float64 holds, one by one


class Distribution(Arithmetic, ABC):
    """What all distributions have in common: frozen dataclasses derive from it.

    Two distributions are equal if their numbers are, and if they draw from the same generator. The constructors also
    take ``seed``, an integer, short for ``rng=numpy.random.default_rng(seed)``.
    """

    kind: ClassVar[Kind]
    rng: Generator | None  # to draw from instead of the network's own keyed streams
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @abstractmethod
    def as_numbers(self) -> Numbers:
        """Return (kind, a, b, min, max, redraw), the fields of ``eg_distribution``; unbounded is -/+ infinity."""

    @abstractmethod
    def _draw(self, rng: Generator, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """Draw from a NumPy generator, without bounds."""

    @shortened
    def __getattr__(self, name: str) -> Any:
        raise no_member(self, name, "a distribution", member_help("distribution", name))

    def get_values(self, shape: int | tuple[int, ...]) -> npt.NDArray[Any]:
        """Return new values from ``rng``, or from a fresh unseeded generator, clipped to the bounds or drawn again.

        Returns:
            an array of this shape: int64 for DiscreteUniform, Binomial and Poisson without bounds, else float64.
        """
        size = self._checked_shape(shape)
        rng = np.random.default_rng() if self.rng is None else self.rng
        values = self._draw(rng, size)
        *_, low, high, redraw = self.as_numbers()
        if low == -math.inf and high == math.inf:
            return values
        for _ in range(MOST_ATTEMPTS if redraw else 0):
            is_outside = (values < low) | (values > high)
            if not is_outside.any():
                break
            values[is_outside] = self._draw(rng, (int(is_outside.sum()),))
        clipped: npt.NDArray[Any] = np.clip(values, low, high)
        return clipped

    def _moved(self, factor: float, by: float) -> Distribution | None:
        return None

    def _bounds_moved(self, factor: float, by: float = 0.0) -> dict[str, Any]:
        """Return the bounds of ``factor*x + by``, as the constructors take them."""
        low, high = ((None if math.isinf(one) else factor * one + by) for one in self._bounds())
        return {"min": low, "max": high} if factor > 0 else {"min": high, "max": low}

    def probability_between(self, low: float, high: float) -> float:
        """Return how probable it is that a value, before its bounds are looked at, lies in [low, high]."""
        return probability_between(*self.as_numbers()[:3], low, high)

    @property
    def gives_whole_numbers(self) -> bool:
        """Whether all values are whole numbers."""
        kind, *_, low, high, _ = self.as_numbers()
        is_whole = kind in (Kind.DISCRETE_UNIFORM, Kind.BINOMIAL, Kind.POISSON)
        return is_whole and all(math.isinf(bound) or bound == int(bound) for bound in (low, high))

    def _checked_shape(self, shape: Any) -> tuple[int, ...]:
        size = shape if isinstance(shape, tuple | list) else (shape,)
        if any(isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 0 for n in size):
            expected = "a whole number, 0 or more, or a tuple of them"
            raise self._refuse("no such shape", expected, told(shape), "say how many values: 10, or (2, 5).")
        return tuple(int(n) for n in size)

    def get_list_values(self, size: int) -> list[Any]:
        """Return so many new values as a list; see :meth:`get_values`."""
        values: list[Any] = self.get_values(size).tolist()
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
            if field.name == "redraw" or (field.name in ("min", "max") and field.default is None):
                if value is not field.default:
                    shown.append(f"{field.name}={value!r}")
            else:
                shown.append(repr(value))
        return f"{type(self).__name__}({', '.join(shown)})"

    def _repr_html_(self) -> str:
        """Show the call, and below it what is drawn."""
        about = (type(self).__doc__ or "").strip().partition("\n")[0].replace("``", "")
        return markup.heading(markup.code(repr(self))) + markup.paragraph(markup.plain(about))

    # ---- checks that the constructors share

    def _refuse(self, what: str, expected: str, got: object, help_: str) -> InvalidArgument:
        name = type(self).__name__
        return InvalidArgument(f"{name}: {what}\n  expected: {expected}\n  got: {got}\n  help: {help_}")

    def _take(self, name: str, number_type: type[int] | type[float] = float) -> None:
        """Store an argument as a plain number, or refuse it."""
        given = getattr(self, name)
        number, is_whole = _finite(given), number_type is int
        if number is None or (is_whole and number != int(number)):
            kind = "an integer" if is_whole else "a finite number"
            raise self._refuse(f"{name} must be {kind}", kind, told(given), f"give {kind}, such as {name}=1.")
        if is_whole and abs(number) > _MOST_COUNTED:
            expected = "an integer from -2^53 to 2^53"
            raise self._refuse(f"{name} is too large", expected, told(given), "values are counted exactly up to there.")
        object.__setattr__(self, name, number_type(number))

    def _take_bounds(self) -> None:
        """Store the optional ``min`` and ``max``, or refuse them."""
        for name in ("min", "max"):
            value = getattr(self, name)
            if plain_number(value) == (-math.inf if name == "min" else math.inf):  # what "unbounded" is in files
                object.__setattr__(self, name, None)
            elif value is not None:
                self._take(name)
        low, high = self._bounds()
        if low > high:
            raise self._refuse(
                "min must not exceed max", "min <= max", f"min={told(low)}, max={told(high)}", "exchange the two."
            )

    def _take_redraw(self) -> None:
        """Store ``redraw``; refuse it without bounds, and with bounds between which too few values lie."""
        given: Any = self.as_numbers()[-1]
        object.__setattr__(self, "redraw", bool(given))
        low, high = self._bounds()
        if not given:
            return
        if low == -math.inf and high == math.inf:
            help_ = "say within which bounds, or leave out redraw=True."
            raise self._refuse("redraw=True needs bounds", "min=, max= or both", "neither", help_)
        found = self.probability_between(low, high)
        if not found >= LEAST:
            expected = f"a probability of {LEAST:g} or more that a value lies between them"
            got = f"{found:.3g} for {self!r}"
            help_ = "move the bounds to where values are, or leave out redraw=True, which then clips."
            raise self._refuse("too few values lie between the bounds to draw again", expected, got, help_)

    def _bounds(self) -> tuple[float, float]:
        low, high = (getattr(self, name) for name in ("min", "max"))
        return (-math.inf if low is None else low), (math.inf if high is None else high)

    def _take_generator(self, seed: int | None) -> None:
        rng: Any = self.rng
        if rng is not None and not isinstance(rng, np.random.Generator):
            raise self._refuse(
                "rng must be a NumPy generator",
                "a numpy.random.Generator or None",
                f"{told(rng)} ({type(rng).__name__})",
                "for a seed write seed=..., for a generator rng=numpy.random.default_rng(...).",
            )
        if seed is None:
            return
        if rng is not None:
            got = f"rng and seed={told(seed)}"
            raise self._refuse("rng and seed exclude each other", "one of them", got, "drop one.")
        given: Any = seed
        if isinstance(given, bool) or not isinstance(given, numbers.Integral) or given < 0:
            raise self._refuse("seed must be an integer >= 0", "0, 1, 2, ...", told(seed), "give such a number.")
        object.__setattr__(self, "rng", np.random.default_rng(int(seed)))


def _finite(value: Any) -> Any:
    """Return a value of the user's as a plain number that float64 can hold, or None."""
    number = plain_number(value)
    try:
        return number if number is not None and math.isfinite(number) else None
    except OverflowError:  # an integer beyond float64
        return None
