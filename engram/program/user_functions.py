"""User functions called from Python: ``pop.f(x, y)``, ``eg.functions("f")(x, y)``.

In: numbers, lists or arrays. Out: what the function's text says, element by element, computed by the interpreter from
the checked tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.elsewhere.near import nearest
from engram.errors import InvalidArgument
from engram.models.definition import Definition
from engram.models.registry import REGISTRY
from engram.program.program import Program
from engram.telling import told

if TYPE_CHECKING:
    from engram.ir.nodes import Expr
    from engram.language.model import Function

__all__ = ["UserFunction", "model_functions", "shared_function"]

Array = npt.NDArray[Any]


class UserFunction:
    """A function of a model, or one for all models, that can be called with numbers, lists or arrays.

    Args:
        function: to be called.
        functions: all that it may call.
        constants: names that it may read.
        network: where the values of constants come from.
    """

    def __init__(
        self, function: Function, functions: Sequence[Function], constants: Iterable[str], program: Program
    ) -> None:
        self._function, self._functions, self._program = function, functions, program
        self._constants = frozenset(constants)

    def __repr__(self) -> str:
        return f"<function {self._signature}>"

    @property
    def _signature(self) -> str:
        return f"{self._function.name}({', '.join(self._function.arguments)})"

    def __call__(self, *values: Any) -> Any:
        """Return the value, element by element.

        Args:
            values: one for each argument: numbers, lists, or arrays; a number goes with every element.

        Returns:
            a number for numbers; a list where lists were given and no array; else an array of their shape.

        Raises:
            InvalidArgument: if there are too many or too few, one holds no numbers, or their shapes differ.
            LanguageError: if the function is too large with those that it calls.
        """
        names = self._function.arguments
        if len(values) != len(names):
            wanted = f"{len(names)} argument{'s' if len(names) != 1 else ''}"
            raise InvalidArgument(f"{self._signature} takes {wanted}, not {len(values)}")
        arrays = {name: self._numbers(name, value) for name, value in zip(names, values, strict=True)}
        shape = self._common_shape(arrays)
        result = self._evaluated(arrays)
        if shape == ():
            return result.item()
        spread = np.broadcast_to(result, shape)
        return spread.copy() if any(isinstance(v, np.ndarray) for v in values) else spread.tolist()

    def _numbers(self, name: str, value: Any) -> Array:
        try:
            array = np.asarray(value)
        except ValueError:
            array = np.empty(0, object)  # lists of different lengths
        if array.dtype.kind not in "fiub":
            raise InvalidArgument(
                f"{self._signature}: {name} must be a number, a list or an array, not {told(value)}"
                "\n  help: call it with numbers: f(1.0), f(pop.v)."
            )
        return array.astype(np.float64)

    def _common_shape(self, arrays: Mapping[str, Array]) -> tuple[int, ...]:
        shapes = {name: array.shape for name, array in arrays.items() if array.shape != ()}
        if len(set(shapes.values())) > 1:
            found = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
            raise InvalidArgument(f"{self._signature}: arguments must have one shape, or be numbers; {found}")
        return next(iter(shapes.values()), ())

    def _evaluated(self, arrays: Mapping[str, Array]) -> Array:
        from engram.ir.functions import ARGUMENT  # what only calls need
        from engram.ir.interpret import evaluate
        from engram.ir.nodes import Place, Read, nodes_of

        expr = self._expr
        values: dict[str, Any] = {ARGUMENT + name: array for name, array in arrays.items()}
        now = self._program.constants_now
        known = {Place(name, "network", "constant").symbol: name for name in self._constants}
        values |= {symbol: np.float64(now[name]) for symbol, name in known.items() if name in now}
        for symbol in {node.symbol for node in nodes_of(expr) if isinstance(node, Read)} - set(values):
            name = known[symbol]
            advice = f"declare it with net.constant({name!r}, ...) before compile()."
            raise InvalidArgument(f"{self._signature}: the network has no constant {name!r}\n  help: {advice}")
        return np.asarray(evaluate(expr, values))

    @cached_property
    def _expr(self) -> Expr:
        from engram.ir.build import convert
        from engram.ir.functions import lower_function

        expr = lower_function(self._function, self._functions, self._constants)
        return expr if expr.type == "bool" else convert(expr, "float")


def model_functions(definition: Definition, program: Program) -> dict[str, UserFunction]:
    """Return the functions of a model, by name, without those that are shared by all models."""
    known = definition.callable_functions
    return {f.name: UserFunction(f, known, definition._constants, program) for f in definition.model_functions}


def shared_function(name: str, program: Program) -> UserFunction:
    """Return a function that ``add_function`` declared.

    Raises:
        InvalidArgument: if there is none of that name.
    """
    known = {f.name: f for f in REGISTRY.parsed()}
    if not isinstance(name, str) or name not in known:
        near = nearest(name, known) if isinstance(name, str) else None
        there_are = f"there are {', '.join(map(repr, known)) or 'none'}."
        advice = f"did you mean {near!r}?" if near else f"add_function() declares one; {there_are}"
        raise InvalidArgument(f"there is no function {told(name)}\n  help: {advice}")
    return UserFunction(known[name], [*known.values()], REGISTRY.names, program)
