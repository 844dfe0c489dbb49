"""Constants: numbers that equations know by name, and that can be changed while a network lives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

from engram.errors import InvalidArgument
from engram.models.registry import REGISTRY

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["NETWORKS", "Constant", "NetworkConstant", "checked_constant"]

NETWORKS: WeakSet[Network] = WeakSet()  # all that live, so that ``set`` reaches them


def checked_constant(name: Any, value: Any) -> float:
    """Return the value of a constant to be.

    Raises:
        InvalidArgument: if the name can't stand in equations, or the value is no finite number.
    """
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise InvalidArgument(f"a constant needs a name that equations can use, not {name!r:.60}")
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value):
        raise InvalidArgument(f"constant {name!r}: expected a finite number, got {value!r:.60}")
    return float(value)


class NetworkConstant(float):
    """A constant of one network: a number, and ``set`` to change it there."""

    name: str
    _network: Network

    def __new__(cls, name: str, value: float, network: Network) -> NetworkConstant:  # noqa: D102
        constant = float.__new__(cls, value)
        constant.name = name
        constant._network = network
        return constant

    def set(self, value: float) -> None:
        """Change the value in the network. (The object itself remains the old number.)"""
        self._network._set_constant(self.name, checked_constant(self.name, value))


class Constant(float):
    """A number that all equations know by name.

    Args:
        name: as equations use it; a parameter of the same name hides it.
        value: finite.

    Raises:
        InvalidArgument: if one of them can't be.
    """

    def __new__(cls, name: str, value: float, net_id: int = 0) -> Constant:  # noqa: D102
        constant = float.__new__(cls, checked_constant(name, value))
        constant.name = name
        REGISTRY.declare(name, float(constant))
        for network in list(NETWORKS):
            network._set_constant(name, float(constant))
        return constant

    name: str

    def set(self, value: float) -> None:
        """Change the value, also in the networks that know the constant. (The object itself remains the old number.)"""
        number = checked_constant(self.name, value)
        REGISTRY.declare(self.name, number)
        for network in list(NETWORKS):
            network._set_constant(self.name, number)
