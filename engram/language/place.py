"""A place in the text of a model, and how a message shows it: line, column, source line, caret.

In: a text and offsets into it. Out: lines for ``errors.py``. What is shown has no control characters: a model may
come from a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass

from engram.state.spelling import escape

__all__ = ["Place"]

_WIDTH = 100  # characters of a source line that a message shows


@dataclass(frozen=True)
class Place:
    """A stretch of one text of one model.

    Args:
        model: how messages call the model: ``Neuron 'adex'``.
        block: name of the text, such as ``equations``.
        text: the whole text of the block.
        start, end: offsets into it, end exclusive.
    """

    model: str
    block: str = ""
    text: str = ""
    start: int = 0
    end: int = 0

    @property
    def line(self) -> int:
        """The line in the block, from 1."""
        return self.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """The column in the line, from 1."""
        return self.start - (self.text.rfind("\n", 0, self.start) + 1) + 1

    def draw(self) -> str:
        """Return the lines of a message that show the place, each indented by two spaces."""
        if not self.block:
            return f"  in {self.model}"
        block = "" if self.block in ("equations", self.model) else f", block {self.block}"
        head = f"  in {self.model}{block}"
        if not self.text:
            return head
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.start)
        source = self.text[first:] if last < 0 else self.text[first:last]
        before, under, after = self._shown(source.rstrip("\r"), self.start - first)
        number = str(self.line)
        return (
            f"{head}, line {number}, column {self.column}:\n  {number} | {before}{under}{after}\n"
            f"  {' ' * len(number)} | {' ' * len(before)}{'^' * max(1, len(under))}"
        )

    def _shown(self, source: str, offset: int) -> tuple[str, str, str]:
        """Split a source line into what stands before, above and after the caret; a long line is cut."""
        length = max(0, self.end - self.start)
        before, under = escape(source[:offset]), escape(source[offset : offset + length])
        after = escape(source[offset + length :])
        if len(before) > _WIDTH // 2:
            before = "..." + before[-_WIDTH // 2 :]
        if len(under) > _WIDTH:
            under, after = under[:_WIDTH], "..."
        room = max(0, _WIDTH - len(before) - len(under))
        return before, under, after if len(after) <= room else after[:room] + "..."
