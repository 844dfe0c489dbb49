"""A place in the text of a model, and how a message shows it: line, column, source line, caret.

In: a text and offsets into it. Out: lines for ``errors.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from engram.state.caret import draw

__all__ = ["TextPlace"]


@dataclass(frozen=True)
class TextPlace:
    """A part of one text of one model.

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
        head = f"in {self.model}{block}"
        if not self.text:
            return f"  {head}"
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.start)
        source = self.text[first:] if last < 0 else self.text[first:last]
        return draw(head, source.rstrip("\r"), self.line, self.column, self.end - self.start)
