"""Documents as Markdown with tables and mathematics between dollars, as GitHub, Jupyter and pandoc read it.

Whatever a user calls an object stays text: no HTML, no links, no emphasis comes of it.
"""

from __future__ import annotations

import re
import unicodedata

from engram.explain.document import (
    Block,
    Cell,
    Document,
    Formula,
    Heading,
    Inline,
    Math,
    Paragraph,
    Table,
    Text,
    Verbatim,
)

__all__ = ["to_markdown"]

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKUP = re.compile(
    r"([\\`*_{}\[\]#|~$^]|^[-+=]|:(?=\S)|(?<=www)\.|^\d+(?=[.)]))"
)  # what some reader gives a meaning to


def to_markdown(document: Document) -> str:
    """Return the text of a Markdown file."""
    parts = [f"# {_text(document.title)}"] if document.title else []
    parts += [_text(line) for line in (document.author, document.date) if line]
    parts += [_block(block) for block in document.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(level, content):
            return f"{'#' * (level + 1)} {_cell(content)}"
        case Paragraph(content):
            return _cell(content)
        case Formula(latex, note):
            beside = rf" \qquad \text{{({_plain(note)})}}" if note else ""
            return f"$$\n{latex}{beside}\n$$"
        case Table(header, rows):
            lines = [_row([_text(name) for name in header]), _row(["---"] * len(header))]
            return "\n".join(lines + [_row([_cell(cell) for cell in row]) for row in rows])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(content: Cell) -> str:
    return "".join(_inline(part) for part in content)


def _inline(part: Inline) -> str:
    match part:
        case Text(text):
            return _text(text)
        case Verbatim(text):
            # between backticks only what is no markup there, nor in a table; else as text
            return f"`{text}`" if re.fullmatch(r"[A-Za-z0-9_.,:;=()+*/^ -]+", text) else _text(text)
        case Math(latex):
            return f"${latex}$" if latex else ""


def _text(text: str) -> str:
    """Return any characters on one line, as text that shows them."""
    escaped = _MARKUP.sub(_escape, re.sub(r"\s+", " ", text))
    return "".join(_ENTITIES.get(c) or _visible(c) for c in escaped)


def _escape(found: re.Match[str]) -> str:
    return (
        f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"
    )  # the full stop after a number is what makes a list


def _visible(c: str) -> str:
    """Return the character; one without a shape (it may turn the line round) by its number."""
    return f"U+{ord(c):04X}" if unicodedata.category(c).startswith("C") else c


def _plain(note: str) -> str:
    """Return words of ours that stand in a formula."""
    return re.sub(r"[^A-Za-z0-9 ,.;:-]", "?", note)
