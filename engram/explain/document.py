"""Documents without a format: headings, paragraphs, formulas, tables.

In: built by ``report_content.py``. Out: written by ``document_tex.py`` and ``document_markdown.py``, which escape every
text; so no content needs to know where it will stand.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Block",
    "Cell",
    "Document",
    "Formula",
    "Heading",
    "Inline",
    "Math",
    "Paragraph",
    "Table",
    "Text",
    "Verbatim",
]


@dataclass(frozen=True)
class Text:
    """Words, of ours or of the user's: any characters."""

    text: str


@dataclass(frozen=True)
class Verbatim:
    """An identifier or a call, shown as it is typed: any characters."""

    text: str


@dataclass(frozen=True)
class Math:
    """Mathematics inside a line, as ``language/typeset.py`` makes it; it is not escaped."""

    latex: str


Inline = Text | Verbatim | Math
Cell = tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """The title of a section (level 1) or of a part of it (level 2)."""

    level: int
    content: Cell


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    content: Cell


@dataclass(frozen=True)
class Formula:
    """One formula on its own, and what is to be said about it beside it; ``latex`` is not escaped."""

    latex: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table: every row has as many cells as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


Block = Heading | Paragraph | Formula | Table


@dataclass(frozen=True)
class Document:
    """A whole document; what is empty of title, author and date is left out."""

    title: str
    author: str
    date: str
    blocks: tuple[Block, ...]
