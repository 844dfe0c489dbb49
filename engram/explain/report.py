"""Reports: a whole network as a document that people read, in LaTeX or Markdown, before compile as well as after.

What it says is gathered by ``report_content.py``; a format is one function that writes a :class:`Document`.
"""

from __future__ import annotations

import os

from engram.errors import InvalidArgument
from engram.explain.document import Document
from engram.explain.document_markdown import to_markdown
from engram.explain.document_tex import to_tex
from engram.explain.report_content import report_blocks
from engram.program.program import Program
from engram.storage.files import replacing

__all__ = ["write_report"]

TITLE = "Description of the network"
SUFFIXES = (".tex", ".md")


def write_report(
    program: Program,
    filename: str | os.PathLike[str] = "./report.tex",
    standalone: bool = True,
    gather_subprojections: bool = False,
    title: str | None = None,
    author: str | None = None,
    date: str | None = None,
) -> str:
    """Write a description of a network; see :meth:`engram.Network.report`."""
    path = os.fspath(filename)
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise InvalidArgument(
            f"report: the suffix of {path!r} must be .tex or .md, not {suffix or 'missing'!r}\n"
            "  help: filename='report.md' writes Markdown, 'report.tex' LaTeX."
        )
    blocks = report_blocks(program, gather_subprojections)
    document = Document(TITLE if title is None else title, author or "", date or "", blocks)
    text = to_markdown(document) if suffix == ".md" else to_tex(document, standalone)
    with replacing(path) as file:
        file.write(text.encode("utf-8"))
    return path
