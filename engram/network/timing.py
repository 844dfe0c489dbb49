"""How long functions take."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from engram.callers import checked
from engram.errors import InvalidArgument
from engram.telling import told

__all__ = ["timeit"]

P = ParamSpec("P")
R = TypeVar("R")


@checked
def timeit(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function print how long each of its calls took; to be written above it as ``@eg.timeit``."""
    if not callable(function):
        raise InvalidArgument(f"timeit: expected a function, got {told(function)}\n  help: write @timeit above it.")
    name = getattr(function, "__name__", repr(function))

    @wraps(function)
    def timed(*args: P.args, **kwargs: P.kwargs) -> R:
        start = time.perf_counter()
        result = function(*args, **kwargs)
        print(f"{name}: {time.perf_counter() - start:.4f} s")  # noqa: T201  what it is for
        return result

    return timed
