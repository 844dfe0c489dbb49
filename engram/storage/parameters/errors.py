"""What is wrong with a parameters file, drawn with a caret under the place.

In: a text, and offsets into it. Out: one exception that reports all problems of one file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NoReturn

from engram.errors import ParametersError
from engram.state.caret import draw
from engram.state.spelling import escape

__all__ = ["SHOWN_PROBLEMS", "BadParameters", "ParameterText", "Problem", "listing", "shown"]

SHOWN_PROBLEMS = 20
MOST_PROBLEMS = 1000  # that are counted
SHOWN_NAMES = 40


@dataclass(frozen=True)
class ParameterText:
    """The text of one file, which messages call ``name``, and what is wrong with it."""

    name: str
    text: str
    problems: list[Problem] = field(default_factory=list)

    def note(self, what: str, start: int, end: int, *details: str, advice: str = "") -> None:
        """Add a problem. Raises BadParameters if there are more than anybody will read."""
        self.problems.append(Problem(what, self, start, end, details, advice))
        if len(self.problems) == MOST_PROBLEMS:
            raise BadParameters(self)

    def stop(self, what: str, start: int, end: int, *details: str, advice: str = "") -> NoReturn:
        """Add a last problem. Raises BadParameters."""
        self.note(what, start, end, *details, advice=advice)
        raise BadParameters(self)

    @cached_property
    def starts(self) -> list[int]:
        """Offsets of the lines; only messages ask for them."""
        return [0, *(end.end() for end in re.finditer(r"\r\n?|\n", self.text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


@dataclass(frozen=True)
class Problem:
    """What is wrong from ``start`` to ``end`` of a text, further lines (expected and got), and what to type next."""

    what: str
    source: ParameterText
    start: int
    end: int
    details: tuple[str, ...] = ()
    advice: str = ""

    def __str__(self) -> str:
        line, column = self.source.place(self.start)
        first, end = (*self.source.starts, len(self.source.text))[line - 1 : line + 1]
        text = self.source.text[first:end].rstrip("\r\n")
        drawing = draw(f"in '{escape(self.source.name)}'", text, line, column, self.end - self.start)
        advice = [f"  help: {self.advice}"] if self.advice else []
        return "\n".join([self.what, drawing, *(f"  {detail}" for detail in self.details), *advice])


class BadParameters(ParametersError):
    """A parameters file has problems; nothing was set. ``problems`` holds all of them in the order of the text."""

    def __init__(self, source: ParameterText) -> None:
        self.problems = tuple(sorted(source.problems, key=lambda problem: problem.start))
        texts = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        count = len(self.problems)
        if count > SHOWN_PROBLEMS:
            texts.append(f"... and {count - SHOWN_PROBLEMS} more")
        if count > 1:
            texts.insert(0, f"'{escape(source.name)}' has {count} problems; nothing was set")
        else:
            texts[0] = texts[0].replace("\n", "; nothing was set\n", 1)
        super().__init__("\n\n".join(texts))


def shown(text: str, most: int = 60) -> str:
    """Return what a message shows of a part of a file, which may be long."""
    return escape(text) if len(text) <= most else f"{escape(text[:most])}... ({len(text)} characters)"


def listing(names: Iterable[str]) -> str:
    """Return names for a line of a message, sorted; many are cut short."""
    listed = sorted(map(escape, names), key=lambda name: (name.lower(), name))
    return ", ".join(listed[:SHOWN_NAMES] + ["..."] * (len(listed) > SHOWN_NAMES)) or "none"
