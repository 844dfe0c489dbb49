"""How subclasses of a network are made: the network is there before their constructor runs.

``class Loop(eg.Network)`` needs no ``super().__init__()``, and ``Loop(3, dt=0.5, seed=7)`` works although its
constructor names neither. A constructor that names ``dt`` or ``seed`` gets it, too; one that calls
``super().__init__(dt=..., seed=...)`` changes the settings of its network.
"""

from __future__ import annotations

import inspect
from typing import Any

from engram.callers import shortened

__all__ = ["NetworkType", "constructor_takes", "named_arguments"]

SETTINGS = ("dt", "seed")  # of every network


class NetworkType(type):
    """The class of :class:`Network` and of its subclasses."""

    @shortened
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a new network."""
        make: Any = cls.__new__
        new, constructor = make(cls, *args, **kwargs), _constructor(cls)
        base = next(_constructor(kind) for kind in reversed(cls.__mro__) if isinstance(kind, NetworkType))
        new._given = args, kwargs
        if constructor is base:
            constructor(new, *args, **kwargs)
            return new
        base(new, **{name: kwargs[name] for name in SETTINGS if name in kwargs})
        cls._construct(new, args, kwargs)
        return new

    def _construct(cls, new: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Call the constructor of a subclass; settings that it does not name are left out."""
        constructor = _constructor(cls)
        named = inspect.signature(constructor).parameters
        constructor(new, *args, **{name: x for name, x in kwargs.items() if name in named or name not in SETTINGS})

    @property
    def __signature__(cls) -> inspect.Signature:
        takes = inspect.signature(_constructor(cls))
        return takes.replace(parameters=[*takes.parameters.values()][1:])


def _constructor(kind: Any) -> Any:
    return kind.__init__


def constructor_takes(kind: Any) -> set[str]:
    """Return the parameters of the constructor of a subclass but for the seed; none if it has no own one."""
    if _constructor(kind) is next(_constructor(one) for one in reversed(kind.__mro__) if isinstance(one, NetworkType)):
        return set()
    named = {p.name for p in _parameters(kind) if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return (named | {"dt"}) - {"seed"}


def named_arguments(kind: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a constructor, by name as far as possible."""
    names = [p.name for p in _parameters(kind) if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(args) > len(names):
        return args, kwargs
    return (), {**dict(zip(names, args, strict=False)), **kwargs}


def _parameters(kind: Any) -> list[inspect.Parameter]:
    return [*inspect.signature(_constructor(kind)).parameters.values()][1:]
