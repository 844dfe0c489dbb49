"""A word to whoever waits for the compiler, in a terminal or a notebook: it is needed once per model."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["announced"]

LONG_S = 1.0


@contextmanager
def announced(n_kernels: int) -> Iterator[None]:
    """Say that kernels are compiled, if it takes more than a second; files and pipes are told nothing."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield
        return
    text = f"compiling {n_kernels} kernel{'s' if n_kernels != 1 else ''} (once)\n"
    timer = threading.Timer(LONG_S, sys.stderr.write, [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
