"""How messages show a place in a text: line and column, the line, and carets under the place.

In: one line of a text. Out: three lines, in which nothing is left that a terminal would obey: a text may come from a
stranger.
"""

from __future__ import annotations

from engram.state.spelling import escape

__all__ = ["draw"]

_WIDTH = 100  # characters of a line that a message shows


def draw(head: str, text: str, line: int, column: int, length: int) -> str:
    """Return the lines, each indented by two spaces; what is long is cut.

    Args:
        head: what the line stands in.
        text: the line, without its end.
        line, column: of the place, from 1.
        length: characters that get a caret; at least one is drawn.
    """
    start = column - 1
    # only what is shown is copied: a line of a stranger's may have many mistakes, and be as long as the text
    before, under = text[max(0, start - _WIDTH) : start], text[start : start + max(1, min(length, _WIDTH))]
    after = text[start + len(under) : start + 2 * _WIDTH]
    if len(before) > _WIDTH // 2:
        before = "..." + before[-_WIDTH // 2 :]
    room = max(0, _WIDTH - len(before) - len(under))
    if len(after) > room:
        after = after[:room] + "..."
    before, under, after = escape(before), escape(under), escape(after)
    return (
        f"  {head}, line {line}, column {column}:\n"
        f"  {line} | {before}{under}{after}\n"
        f"  {' ' * len(str(line))} | {' ' * _columns(before)}{'^' * max(1, _columns(under))}"
    )


def _columns(text: str) -> int:
    """Columns that a terminal uses for ``text``."""
    import unicodedata  # a start without mistakes needs no tables

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)
