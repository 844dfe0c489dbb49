"""A tree in which something waits to be done: whoever asks it for anything at all finds it done.

Changes that copy whole arrays may wait for others like them (``program/pending.py``). What they are to is a tree of
this class meanwhile, each attribute and method of which does them first, so that there is no place that could forget.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from engram.state.tree import State

__all__ = ["Settle", "let_wait"]

Settle: TypeAlias = Callable[[Callable[[], None]], bool]
WAITS = "_waits"  # where the tree keeps what is to be done, by whom while it is being done, and under which lock


class _Waiting(State):
    """A tree in which something waits."""

    def __getattribute__(self, name: str) -> Any:
        _do(self)
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _do(self)
        object.__setattr__(self, name, value)


class _Work:
    """What is to be done.

    Args:
        settle: see :func:`let_wait`.
        lock: under which it is done.
    """

    def __init__(self, settle: Settle, lock: AbstractContextManager[Any]) -> None:
        self.settle, self.lock = settle, lock
        self.by: int | None = None  # the thread that is doing it, to which the tree is as any other


def let_wait(state: State, settle: Settle, lock: AbstractContextManager[Any]) -> None:
    """Let something be done as soon as anybody asks a tree for anything, by the thread that asks.

    Args:
        settle: does it, calls what it is given as soon as it is done, and returns whether the user has interrupted
            meanwhile, which it holds back until then. If it raises something before, and has not broken the tree, it is
            tried again the next time.
        lock: under which this is called, and under which it is done.
    """
    object.__setattr__(state, WAITS, _Work(settle, lock))
    object.__setattr__(state, "__class__", _Waiting)


def _do(state: State) -> None:
    fields = object.__getattribute__(state, "__dict__")
    work: _Work | None = fields.get(WAITS)
    if work is None or work.by == threading.get_ident():
        return
    with work.lock:
        if fields.get(WAITS) is not work:  # another thread has done it meanwhile
            return
        work.by = threading.get_ident()
        try:
            is_interrupted = work.settle(lambda: _clear(state, fields))
        except BaseException:
            if fields["broken"]:
                _clear(state, fields)
            raise
        finally:
            work.by = None
    if is_interrupted:
        raise KeyboardInterrupt


def _clear(state: State, fields: dict[str, Any]) -> None:
    object.__setattr__(state, "__class__", State)
    del fields[WAITS]
