"""Reading what belongs together as it is at one moment, also where another thread simulates."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from engram.program.recorder import Recorder
    from engram.program.synapses import Synapses

__all__ = ["as_one", "between_steps"]

R = TypeVar("R")


class _OfSynapses(Protocol):
    _core: Synapses


class _OfRecords(Protocol):
    _core: Recorder


def as_one(method: Callable[..., R]) -> Callable[..., R]:
    """Let a method of a handle of synapses see them between two steps, and between two changes of other threads.

    It waits for the end of a stretch of steps. Rules move synapses in place.
    """

    @functools.wraps(method)
    def call(self: _OfSynapses, *args: Any, **kwargs: Any) -> R:
        with self._core.program.lock:
            return method(self, *args, **kwargs)

    return call


def between_steps(method: Callable[..., R]) -> Callable[..., R]:
    """Let a method of a monitor see records, and drop them, between two steps: it waits for the end of a stretch."""

    @functools.wraps(method)
    def call(self: _OfRecords, *args: Any, **kwargs: Any) -> R:
        with self._core.program.lock:
            return method(self, *args, **kwargs)

    return call
