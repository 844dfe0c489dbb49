"""What is read of a model as ANNarchy's scripts read it: plain arrays and lists, copies that a script may change.

What engram itself gives can be told from a copy: its elements set those of the network, or can't be set.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from engram.callers import shortened
from engram.network.giving_way import Action, Fact
from engram.program.readings import ReadArray, ReadFloat, ReadInt, ReadList, as_plain, number

__all__ = ["Plain", "plain"]

METHODS = frozenset("_present array connectivity_matrix get receptive_field receptive_fields sum".split())
"""Methods that read; what else reads is a property."""


def plain(value: Any) -> Any:
    """Return what was read as a copy of its own; anything else as it is."""
    if isinstance(value, ReadArray):
        return np.array(value.view(np.ndarray))
    if isinstance(value, ReadList):
        return [[*one] if isinstance(one, ReadList) else one for one in value]
    elements = value._elements if isinstance(value, ReadFloat | ReadInt) else None
    if elements is None:
        return value
    return number(as_plain(value), value._what, value._advice, lambda: tuple(plain(elements())))  # elements stay


class Plain:
    """Gives plain arrays and lists where the classes behind it give others."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in [name for name in dir(cls) if name not in vars(cls)]:
            member = inspect.getattr_static(cls, name)
            if name in METHODS:
                setattr(cls, name, _method(cls, name, member))
            elif isinstance(member, property) and not isinstance(member, Fact) and name[:1] != "_":
                setattr(cls, name, _property(cls, name, member))


def _property(cls: type, name: str, behind: property) -> property:
    """Return the property of a name, of whatever class comes behind this one."""

    def read(self: Any) -> Any:
        return plain(getattr(super(cls, self), name))

    def assign(self: Any, value: Any) -> None:
        getattr(super(cls, type(self)), name).__set__(self, value)

    return property(shortened(read), shortened(assign) if behind.fset else None, None, behind.__doc__)


def _method(cls: type, name: str, behind: Any) -> Any:
    """Return the method of a name, of whatever class comes behind this one."""
    function: Callable[..., Any] = getattr(cls, name)

    @functools.wraps(function)
    def read(self: Any, *args: Any, **kwargs: Any) -> Any:
        return plain(getattr(super(cls, self), name)(*args, **kwargs))

    return Action(read) if isinstance(behind, Action) else shortened(read)
