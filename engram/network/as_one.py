"""Reading what belongs together as it is at one moment, also where another thread simulates with rules for synapses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from engram.program.synapses import Synapses

__all__ = ["as_one"]

R = TypeVar("R")


class _OfSynapses(Protocol):
    _core: Synapses


def as_one(method: Callable[..., R]) -> Callable[..., R]:
    """Let a method of a handle of synapses see them between two steps while rules are tested, which move them in place.

    It waits for the end of a stretch of steps, at most until rules are tested next; without rules for nothing.
    """

    @functools.wraps(method)
    def call(self: _OfSynapses, *args: Any, **kwargs: Any) -> R:
        if not self._core.tests_rules:
            return method(self, *args, **kwargs)
        with self._core.program.lock:
            return method(self, *args, **kwargs)

    return call
