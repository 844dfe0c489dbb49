"""Blocks of a document as HTML for notebooks; mathematics stands between dollars, which these typeset."""

from __future__ import annotations

from collections.abc import Iterable

from engram import markup
from engram.explain.document import Block, Cell, Formula, Heading, Inline, Math, Paragraph, Table, Text, Verbatim

__all__ = ["to_html"]


def to_html(blocks: Iterable[Block]) -> str:
    """Return the blocks one below the other."""
    return "".join(map(_block, blocks))


def _block(block: Block) -> str:
    match block:
        case Heading(_, content):
            return markup.heading(_cell(content))
        case Paragraph(content):
            return markup.paragraph(_cell(content))
        case Formula(latex, note):
            beside = f" &emsp; ({markup.plain(note)})" if note else ""
            return markup.paragraph(markup.formula(latex) + beside)
        case Table(header, rows):
            return markup.table(header, [[_cell(cell) for cell in row] for row in rows])


def _cell(content: Cell) -> str:
    return "".join(map(_inline, content))


def _inline(part: Inline) -> str:
    match part:
        case Text(text):
            return markup.plain(text)
        case Verbatim(text):
            return markup.code(text)
        case Math(latex):
            return markup.formula(latex)
