"""Ctrl-C, held back while something happens that is all or nothing."""

from __future__ import annotations

import signal
import threading
from types import FrameType

__all__ = ["held_interrupts"]


class held_interrupts:  # noqa: N801  it reads as what it does; a class, since it is entered several times in a step
    """Collect SIGINT instead of raising wherever Python happens to be; only the main thread gets signals.

    Within another one it has nothing to do: that one collects.
    """

    __slots__ = ("_caught", "_is_outermost")
    _is_held = False  # by the main thread

    def __enter__(self) -> list[int]:
        self._caught: list[int] = []
        self._is_outermost = (
            not held_interrupts._is_held
            and threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._is_outermost:
            signal.signal(signal.SIGINT, self._note)
            held_interrupts._is_held = True
        return self._caught

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._caught.append(number)

    def __exit__(self, *error: object) -> None:
        if self._is_outermost:
            held_interrupts._is_held = False
            signal.signal(signal.SIGINT, signal.default_int_handler)
