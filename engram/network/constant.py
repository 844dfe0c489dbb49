"""Constants: numbers that equations know by name, and that can be changed while a network lives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.models.registry import REGISTRY
from engram.state.spelling import spelled

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["NETWORKS", "Constant", "NetworkConstant", "checked_constant"]

NETWORKS: WeakSet[Network] = WeakSet()  # all that live, so that ``set`` reaches them

_METHODS = (
    *"add sub mul truediv floordiv mod divmod pow radd rsub rmul rtruediv rfloordiv rmod rdivmod rpow".split(),
    *"eq ne lt le gt ge hash bool int abs neg pos round trunc floor ceil repr str format".split(),
)
"""What Python does with a float, without the underscores."""


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the largest float
        return False


def checked_constant(name: Any, value: Any) -> float:
    """Return the value of a constant to be.

    Raises:
        InvalidArgument: if the name can't stand in equations or means something there already, or the value is no
            finite number.
    """
    if isinstance(name, str):
        name = spelled(name, "the name of a constant")
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise InvalidArgument(f"a constant needs a name that equations can use, not {name!r:.60}")
    from engram.language.scope import may_be_constant  # scripts without constants need none of it

    if not may_be_constant(name):
        meaning = "equations call conductances so" if name.startswith("g_") else "it is reserved in equations"
        other = f"G_{name[2:]}" if name.startswith("g_") else f"{name.lstrip('_')}_0"
        raise InvalidArgument(
            f"a constant can't be named {name!r}: {meaning}\n  help: choose another, such as {other!r}."
        )
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not _is_finite(value):
        raise InvalidArgument(f"constant {name!r}: expected a finite number, got {value!r:.60}")
    return float(value)


def _forwarded(name: str) -> Callable[..., Any]:
    """Return the method of that name, of the value of now."""
    original = getattr(float, name)

    def method(self: float, *others: Any) -> Any:
        return original(float(self), *others)

    method.__name__ = name
    return method


class _LiveFloat(float):
    """A float that always computes with the value of now, which ``__float__`` of a subclass returns.

    Only C code that reads the number inside a float, such as ``math.sqrt``, sees the first one: give it ``float(c)``.
    """

    for _name in _METHODS:
        locals()[f"__{_name}__"] = _forwarded(f"__{_name}__")
    del _name

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(float(self), dtype)

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)  # a copy is a number: it does not belong to a network


class NetworkConstant(_LiveFloat):
    """A constant of one network: a number, and ``set`` to change it there.

    Python computes with the value that the network has now.
    """

    name: str
    _network: Network

    def __new__(cls, name: str, value: float, network: Network) -> NetworkConstant:  # noqa: D102
        constant = float.__new__(cls, value)
        constant.name = name
        constant._network = network
        return constant

    def __float__(self) -> float:
        return self._network._constant(self.name)

    def set(self, value: float) -> None:
        """Change the value in the network."""
        self._network._set_constant(self.name, checked_constant(self.name, value))


class Constant(_LiveFloat):
    """A number that all equations know by name. Python computes with its value of now.

    A second constant of the same name gives the first one another value, as ``set`` does.

    Args:
        name: as equations use it; a parameter of the same name hides it.
        value: finite.

    Raises:
        InvalidArgument: if one of them can't be.
    """

    name: str
    _value: float  # what it was last, should ``clear`` forget it

    def __new__(cls, name: str, value: float, net_id: int = 0) -> Constant:  # noqa: D102
        number = checked_constant(name, value)
        constant = float.__new__(cls, number)
        constant.name = name
        constant.set(number)
        return constant

    def __float__(self) -> float:
        return REGISTRY.constants.get(self.name, self._value)

    def set(self, value: float) -> None:
        """Change the value, also in the networks that know the constant."""
        number = checked_constant(self.name, value)
        networks = list(NETWORKS)
        for network in networks:
            network._check_constant(self.name, number)
        self._value = number
        REGISTRY.declare(self.name, self._value)
        for network in networks:
            network._set_constant(self.name, self._value)
