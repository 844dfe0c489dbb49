"""Which cell of a notebook is running. Outside of notebooks, and of IPython, there are none."""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Callable, Hashable
from types import FrameType
from typing import Any, NamedTuple

from engram.callers import notebook

__all__ = ["Cell", "MadeInCells", "running_cell"]


class Cell(NamedTuple):
    """One run of a cell.

    Args:
        cell: what it is known by: its number in the notebook, or else its text.
        run: how many cells were run before, in this session.
    """

    cell: str
    run: int


def running_cell() -> Cell | None:
    """Return the cell that is running; None where there is none."""
    shell = notebook()
    if shell is None:
        return None
    header = getattr(shell, "parent_header", None)
    number = header.get("metadata", {}).get("cellId") if isinstance(header, dict) else None
    return Cell(str(number or _text_of_cell(shell.user_ns)), shell.execution_count)


def _text_of_cell(user: dict[str, Any]) -> str:
    """Return the name that IPython gives the code of the running cell: it follows from its text, and a number."""
    frame: FrameType | None = sys._getframe()
    found = ""
    while frame is not None:
        if frame.f_globals is user and frame.f_code.co_name == "<module>":
            found = frame.f_code.co_filename
        frame = frame.f_back
    return re.sub(r"-\d+-", "-", found)


class MadeInCells:
    """What cells have made: a cell that is run again puts what it makes then in the place of what it made before."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, Hashable], deque[tuple[int, Any]]] = {}
        self._told: Cell | None = None

    def before(self, key: Hashable, is_there: Callable[[Any], bool]) -> Any:
        """Return the first that the running cell made in a run before, and that is there yet; None if there is none.

        Args:
            key: what can stand for it.
        """
        now = running_cell()
        made = self._made.get((now.cell, key)) if now else None
        while now and made and made[0][0] != now.run:
            if is_there(made[0][1]):
                return made[0][1]
            made.popleft()
        return None

    def note_beside(self, one: Any) -> Any:
        """Note a population or projection; return one that the cell made in a run before, once for each run."""
        now, key = running_cell(), ("beside", one._core.section)
        before = self.before(key, lambda _: True)
        self.note(key, one)
        if before is None or self._told == now:
            return None
        self._told = now
        return before

    def note(self, key: Hashable, one: Any) -> None:
        """Note what the running cell has made, in the place of what :meth:`before` has returned."""
        now = running_cell()
        if now:
            made = self._made.setdefault((now.cell, key), deque())
            if made and made[0][0] != now.run:
                made.popleft()
            made.append((now.run, one))
