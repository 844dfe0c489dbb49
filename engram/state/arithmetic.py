"""Arithmetic with distributions: ``2*eg.Uniform(0, 1)`` is ``eg.Uniform(0, 2)``.

What comes out is one of the distributions that there are, as files and kernels know no others. Where the result is none
of them, an error says what to write.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from engram.callers import plain_float, shortened
from engram.errors import WrongCall
from engram.telling import told

__all__ = ["Arithmetic"]


OPERATORS: dict[Any, str] = {
    np.multiply: "mul",
    np.true_divide: "truediv",
    np.add: "add",
    np.subtract: "sub",
    np.power: "pow",
}
"""What NumPy's numbers leave to the operators below."""


class Arithmetic:
    """What can be multiplied by a number, and moved by one."""

    @abstractmethod
    def _moved(self, factor: float, by: float) -> Any:
        """Return the distribution of ``factor*x + by``, or None if it is none that there is; the factor is not 0."""

    def _result(self, text: str, other: Any, factor: float = 1.0, by: float = 0.0) -> Any:
        moved = None
        if plain_float(other) is not None and factor:
            moved = self if (factor, by) == (1.0, 0.0) else self._moved(factor, by)
        if moved is None:
            what = f"{text} is none of the distributions that there are"
            advice = f"draw the values and compute with them: eg.{self!r}.get_values(n). Any number can be a factor of "
            advice += "Uniform and Normal, and be added; bounds are min= and max=; equations take any expression."
            raise WrongCall(f"{what}\n  help: {advice}")
        return moved

    @shortened
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = OPERATORS.get(ufunc)
        if name is None or method != "__call__" or kwargs:
            return self.__array_function__(ufunc, (), inputs, kwargs)
        other, side = (inputs[1], "") if inputs[0] is self else (inputs[0], "r")
        return getattr(self, f"__{side}{name}__")(other)

    @shortened
    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in (np.equal, np.not_equal):
            return (isinstance(args[0], Arithmetic) and args[0] == args[1]) == (function is np.equal)
        if function in (np.ndim, np.shape, np.size):
            return function(0.0)  # it is one thing
        return self._result(f"np.{function.__name__}({', '.join(map(told, args))})", None)

    @shortened
    def __mul__(self, other: Any) -> Any:
        return self._result(f"{self!r}*{told(other)}", other, factor=plain_float(other) or 0.0)

    @shortened
    def __rmul__(self, other: Any) -> Any:
        return self._result(f"{told(other)}*{self!r}", other, factor=plain_float(other) or 0.0)

    @shortened
    def __truediv__(self, other: Any) -> Any:
        number = plain_float(other)
        return self._result(f"{self!r}/{told(other)}", other, factor=1.0 / number if number else 0.0)

    @shortened
    def __add__(self, other: Any) -> Any:
        return self._result(f"{self!r} + {told(other)}", other, by=plain_float(other) or 0.0)

    @shortened
    def __radd__(self, other: Any) -> Any:
        return self._result(f"{told(other)} + {self!r}", other, by=plain_float(other) or 0.0)

    @shortened
    def __sub__(self, other: Any) -> Any:
        return self._result(f"{self!r} - {told(other)}", other, by=-(plain_float(other) or 0.0))

    @shortened
    def __rsub__(self, other: Any) -> Any:
        return self._result(f"{told(other)} - {self!r}", other, factor=-1.0, by=plain_float(other) or 0.0)

    @shortened
    def __neg__(self) -> Any:
        return self._result(f"-{self!r}", 1, factor=-1.0)

    @shortened
    def __rtruediv__(self, other: Any) -> Any:
        return self._result(f"{told(other)}/{self!r}", None)

    @shortened
    def __pow__(self, other: Any) -> Any:
        return self._result(f"{self!r}**{told(other)}", None)

    @shortened
    def __rpow__(self, other: Any) -> Any:
        return self._result(f"{told(other)}**{self!r}", None)

    @shortened
    def __abs__(self) -> Any:
        return self._result(f"abs({self!r})", None)
