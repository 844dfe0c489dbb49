"""Members of handles that give way to a model: where it has an attribute of that name, users read and set that.

A model is written without handles in mind, and what they gain later must hide nothing of it. (Members that don't give
way are refused as names of attributes: see :meth:`Handle._check_names`.) Some members of networks give
way to what a script keeps there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from engram.callers import checked

__all__ = ["Action", "Fact", "Replaceable", "is_taken"]


class Fact(property):
    """A property that gives way."""

    def __get__(self, handle: Any, kind: type | None = None) -> Any:
        name = getattr(self.fget, "__name__", "")
        if handle is not None and handle._is_models(name):
            return handle.__getattr__(name)
        return super().__get__(handle, kind)


class Action:
    """A method that gives way; its arguments are checked."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = checked(function)
        self.__doc__ = function.__doc__

    def __get__(self, handle: Any, kind: type | None = None) -> Any:
        if handle is None:
            return self._function
        name = self._function.__name__
        return handle.__getattr__(name) if handle._is_models(name) else self._function.__get__(handle, kind)


class Replaceable:
    """A fact of a network, which a script may replace by an attribute of its own."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(self, network: Any, kind: type | None = None) -> Any:
        return self if network is None else self._function(network)


def is_taken(kind: type, name: str) -> bool:
    """Say whether handles of a kind have a member of that name which does not give way."""
    return hasattr(kind, name) and not isinstance(inspect.getattr_static(kind, name), Fact | Action)
