"""What objects show of themselves once there is nothing to show: their network was forgotten, say, or they left it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from engram import markup
from engram.errors import EngramError
from engram.program.program import Program

__all__ = ["shown_if_there"]


def shown_if_there(show: Callable[[Any], str]) -> Callable[[Any], str]:
    """Let ``__repr__`` or ``_repr_html_`` of what belongs to a network say in one line why there is nothing to show.

    Python and notebooks call them where nobody asked for anything: they never raise.
    """

    @functools.wraps(show)
    def method(self: Any) -> str:
        core = self._core
        program = core if isinstance(core, Program) else core.program
        try:
            program.there()
            return show(self)
        except EngramError as error:
            name = "" if isinstance(core, Program) else f" {core.name!r}"
            line = f"{type(self).__name__}{name}: {str(error).partition(chr(10))[0]}"
        return f"<{line}>" if show.__name__ == "__repr__" else markup.heading(markup.plain(line))

    return method
