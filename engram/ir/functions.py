"""User functions by themselves: one function as an expression of its arguments.

In: checked functions of ``language``. Out: IR that ``ir/interpret.py`` evaluates.
"""

from __future__ import annotations

from collections.abc import Sequence

from engram.ir.nodes import Expr
from engram.ir.scope import Scope
from engram.language.budget import check_budget
from engram.language.functions import check_complete
from engram.language.model import Function, Model
from engram.language.nodes import Call, Name
from engram.language.parts import raise_problems
from engram.language.source import Source

__all__ = ["ARGUMENT", "lower_function"]

ARGUMENT = "argument."  # before the names of arguments, so that no constant is mistaken for one


def lower_function(function: Function, functions: Sequence[Function], constants: frozenset[str]) -> Expr:
    """Return the value of a function; it reads ``argument.<name>`` as floats, and ``constants.<name>``.

    Args:
        functions: all that it may call, itself among them.
        constants: names that are constants.

    Raises:
        LanguageError: if it is too large with the functions that it calls.
    """
    call = Call(function.name, tuple(Name(name) for name in function.arguments))
    source = Source("function", function.name, {})
    check_budget(source, [call], {f.name: f for f in functions})
    check_complete(source, [call], {f.name: f for f in functions})
    raise_problems(source)
    scope = Scope(Model("neuron", "", (), functions=tuple(functions)), constants=constants)
    with scope.renaming({name: ARGUMENT + name for name in function.arguments}):
        return scope.lower(call)
