"""How subclasses of a network are made: the network is there before their constructor runs.

``class Loop(eg.Network)`` needs no ``super().__init__()``, and ``Loop(3, dt=0.5, seed=7)`` works although its
constructor names neither. A constructor that names ``dt`` or ``seed`` gets it, too; one that calls
``super().__init__(dt=..., seed=...)`` changes the settings of its network.
"""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ["NetworkType"]


class NetworkType(type):
    """The class of :class:`Network` and of its subclasses."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a new network."""
        make: Any = cls.__new__
        new, own = make(cls, *args, **kwargs), _constructor(cls)
        base = next(_constructor(kind) for kind in reversed(cls.__mro__) if isinstance(kind, NetworkType))
        if own is base:
            own(new, *args, **kwargs)
            return new
        base(new, **{name: kwargs[name] for name in ("dt", "seed") if name in kwargs})
        named = inspect.signature(own).parameters
        own(new, *args, **{name: x for name, x in kwargs.items() if name in named or name not in ("dt", "seed")})
        return new

    @property
    def __signature__(cls) -> inspect.Signature:
        own = inspect.signature(_constructor(cls))
        return own.replace(parameters=[*own.parameters.values()][1:])


def _constructor(kind: Any) -> Any:
    return kind.__init__
