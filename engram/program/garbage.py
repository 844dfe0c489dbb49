"""No search for garbage while a network is made, laid out, saved or loaded.

Each of its values takes a few objects that live long, and Python would go through all of them again and again in search
of circles that are not there: a fifth of the time, more with every object.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["no_collection"]


@contextmanager
def no_collection() -> Iterator[None]:
    """Leave unreachable circles where they are for the time of a ``with``, in all threads."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
