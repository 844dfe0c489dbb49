"""What can be wrong with a parameters file, drawn with a caret under the place.

In: a text, and offsets into it. Out: :class:`Problem`, and the one exception that reports all problems of one file.
Made by ``parameters_text.py`` and ``parameters.py``.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from engram.errors import ParametersError

__all__ = ["BadParameters", "Problem", "Source", "escape", "listing", "nearest"]

SHOWN_CHARACTERS = 100  # of a source line
SHOWN_PROBLEMS = 20
SHOWN_NAMES = 40


@dataclass(frozen=True)
class Source:
    """The text of one file. ``name`` is what messages call the file."""

    name: str
    text: str
    starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ends = [match.end() for match in re.finditer(r"\r\n|\r|\n", self.text)]
        object.__setattr__(self, "starts", [0, *ends])

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1."""
        line = bisect.bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return a line without its end."""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong at one place.

    Args:
        what: in one line, naming the thing.
        source: the file's text; ``start`` and ``end`` are offsets into it.
        details: further lines, such as expected and got.
        advice: what to type next.
    """

    what: str
    source: Source
    start: int
    end: int
    details: tuple[str, ...] = ()
    advice: str = ""

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.source.place(self.start)[0]

    @property
    def column(self) -> int:
        """The column, from 1."""
        return self.source.place(self.start)[1]

    def __str__(self) -> str:
        lines = [self.what, *self._drawing(), *(f"  {line}" for line in self.details)]
        return "\n".join([*lines, f"  help: {self.advice}"] if self.advice else lines)

    def _drawing(self) -> list[str]:
        line, column = self.source.place(self.start)
        text = self.source.line(line)
        before, under = text[: column - 1], text[column - 1 : column - 1 + max(1, self.end - self.start)]
        after = text[len(before) + len(under) :]
        if len(before) > SHOWN_CHARACTERS // 2:
            before = "..." + before[-SHOWN_CHARACTERS // 2 :]
        under = under[:SHOWN_CHARACTERS]
        if len(after) > SHOWN_CHARACTERS // 2:
            after = after[: SHOWN_CHARACTERS // 2] + "..."
        before, under, after = escape(before), escape(under), escape(after)
        return [
            f"  in '{escape(self.source.name)}', line {line}, column {column}:",
            f"  {line} | {before}{under}{after}",
            f"  {' ' * len(str(line))} | {' ' * _width(before)}{'^' * max(1, _width(under))}",
        ]


class BadParameters(ParametersError):
    """A parameters file has problems; nothing was set. ``problems`` holds all of them in the order of the text."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.start))
        texts = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        count = len(self.problems)
        if count > SHOWN_PROBLEMS:
            texts.append(f"... and {count - SHOWN_PROBLEMS} more")
        if count > 1:
            texts.insert(0, f"'{escape(name)}' has {count} problems; nothing was set")
        else:
            head, _, rest = texts[0].partition("\n")
            texts[0] = f"{head}; nothing was set\n{rest}"
        super().__init__("\n\n".join(texts))


def escape(text: str) -> str:
    """Return a text in which nothing is left that a terminal would obey; a tab becomes a space."""
    printable = (" " if c == "\t" else c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return "".join(printable)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the advice to use the known name that ``name`` was probably meant to be, or nothing."""
    from difflib import get_close_matches  # needed for mistakes only

    folded = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return f"did you mean '{escape(folded[found[0]])}'?" if found else ""


def listing(names: Iterable[str]) -> str:
    """Return names for a line of a message, sorted; many are cut short."""
    shown = sorted(names, key=lambda name: (name.lower(), name))
    more = ", ..." if len(shown) > SHOWN_NAMES else ""
    return ", ".join(escape(name) for name in shown[:SHOWN_NAMES]) + more if shown else "none"


def _width(text: str) -> int:
    """Columns that a terminal uses for ``text``."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)
