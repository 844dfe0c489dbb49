"""Constants: numbers that equations know by name, and that can be changed while a network lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import checked, shortened
from engram.errors import UnknownAttribute
from engram.models.registry import REGISTRY
from engram.program.constants import checked_constant, set_constant, set_in_all
from engram.program.program import Program

__all__ = ["Constant", "NetworkConstant"]

_METHODS = (
    *"add sub mul truediv floordiv mod divmod pow radd rsub rmul rtruediv rfloordiv rmod rdivmod rpow".split(),
    *"eq ne lt le gt ge hash bool int abs neg pos round trunc floor ceil repr str format".split(),
)
"""What Python does with a float, without the underscores."""


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

    @property
    def value(self) -> float:
        """The value of now, a plain float."""
        return float(self)

    @shortened
    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] != "_":
            what = f"{name!r} of the constant {vars(self).get('name', '')!r} can't be assigned"
            raise UnknownAttribute(f"{what}\n  help: .set(value) gives it another value.")
        object.__setattr__(self, name, value)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(float(self), dtype)

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)  # a copy is a number: it does not belong to a network


class NetworkConstant(_LiveFloat):
    """A constant of one network: a number, and ``set`` to change it there.

    Python computes with the value that the network has now.
    """

    name: str
    _program: Program

    def __new__(cls, name: str, value: float, program: Program) -> NetworkConstant:  # noqa: D102
        constant = float.__new__(cls, value)
        vars(constant)["name"] = name
        constant._program = program
        return constant

    def __float__(self) -> float:
        return self._program.constant(self.name)

    def set(self, value: float) -> None:
        """Change the value in the network."""
        set_constant(self._program, self.name, checked_constant(self.name, value))


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

    @partial(checked, name="Constant")
    def __new__(cls, name: str, value: float) -> Constant:  # noqa: D102
        number = checked_constant(name, value)
        constant = float.__new__(cls, number)
        vars(constant)["name"] = name
        constant.set(number)
        return constant

    def __float__(self) -> float:
        return REGISTRY.constants.get(self.name, self._value)

    def set(self, value: float) -> None:
        """Change the value, also in the networks that know the constant."""
        number = checked_constant(self.name, value)
        set_in_all(self.name, number)
        self._value = number
