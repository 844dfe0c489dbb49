"""Reports: a whole network as a document that people read, in LaTeX or Markdown.

``eg.report("net.tex")`` describes the implicit network, ``net.report("net.md")`` another; before compile as well as
after. What it says is gathered by ``report_content.py``; a format is one function that writes a :class:`Document`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engram.callers import checked
from engram.errors import InvalidArgument
from engram.network.document import Document
from engram.network.document_markdown import to_markdown
from engram.network.document_tex import to_tex
from engram.network.implicit import network_or_implicit
from engram.network.report_content import report_blocks
from engram.storage.files import replacing

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["report"]

TITLE = "Description of the network"
SUFFIXES = (".tex", ".md")


@checked
def report(
    network: Network | None = None,
    filename: str | os.PathLike[str] = "./report.tex",
    standalone: bool = True,
    gather_subprojections: bool = False,
    title: str | None = None,
    author: str | None = None,
    date: str | None = None,
) -> str:
    """Write a description of a network: populations, projections, models as mathematics, parameters.

    The same network gives the same bytes. An old file is replaced when the new one is whole.

    Args:
        network: the implicit one by default.
        filename: ``.tex`` or ``.md``.
        standalone: of ``.tex``: a whole document; otherwise sections to be included in one.
        gather_subprojections: list projections of one synapse between the same populations in one row.
        title, author, date: any text; without a date the report has none.

    Returns:
        the path of the file.

    Raises:
        InvalidArgument: for another suffix.
        SaveError: the file could not be written; an old one is as it was.
    """
    path = os.fspath(filename)
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise InvalidArgument(
            f"report: the suffix of {path!r} must be .tex or .md, not {suffix or 'missing'!r}\n"
            "  help: filename='report.md' writes Markdown, 'report.tex' LaTeX."
        )
    blocks = report_blocks(network_or_implicit(network), gather_subprojections)
    document = Document(TITLE if title is None else title, author or "", date or "", blocks)
    text = to_markdown(document) if suffix == ".md" else to_tex(document, standalone)
    with replacing(path) as file:
        file.write(text.encode("utf-8"))
    return path
