"""Documents as LaTeX, to be compiled by pdflatex, xelatex or lualatex, or to be included in another document.

Whatever a user calls an object stays text. Characters that the fonts lack are shown by their number, so that any name
compiles.
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
from engram.language.symbols import GREEK

__all__ = ["to_tex"]

_PREAMBLE = r"""\documentclass[a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage{amsmath}
\usepackage{longtable}
\usepackage{array}
\usepackage[margin=2cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\setlength{\LTleft}{0pt}
"""
_SPECIAL = {
    **{c: "\\" + c for c in "{}$&#%"},
    "_": r"\_\allowbreak{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",  # after the end of a row brackets are its argument, and a star is another command
    "]": "{]}",
    "*": "{*}",
}
_LATIN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĂăĄąĆćČčĎďĐđĘęĚěĞğİıĲĳĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮů"
    "ŰűŸŹźŻżŽž"
)
"""Letters beyond ASCII that the encoding T1 has."""


_LETTERS = 92  # of a line, with what stands between columns


def to_tex(document: Document, standalone: bool = True) -> str:
    """Return the text of a LaTeX file: a whole document, or its sections alone."""
    body = "\n\n".join(_block(block) for block in document.blocks)
    if not standalone:
        return body + "\n"
    head = [_PREAMBLE + rf"\title{{{_text(document.title)}}}"]
    head += [rf"\author{{{_text(document.author)}}}", rf"\date{{{_text(document.date)}}}", r"\begin{document}"]
    head += [r"\maketitle"] if document.title or document.author or document.date else []
    return "\n".join([*head, "", body, "", r"\end{document}", ""])


def _block(block: Block) -> str:
    match block:
        case Heading(level, content):
            return rf"\{'sub' * (level - 1)}section*{{{_cell(content)}}}"
        case Paragraph(content):
            return _cell(content)
        case Formula(latex, note):
            # inside a line, since only there a long formula is broken into several lines
            return rf"$\displaystyle {latex}$" + (rf"\hfill({_text(note)})" if note else "")
        case Table(header, rows):
            return _table(header, rows)


def _table(header: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]) -> str:
    columns = "".join(_column(share) for share in _shares(header, rows))
    title = " & ".join(rf"\textbf{{{_text(name)}}}" for name in header)
    lines = [rf"\begingroup\small\begin{{longtable}}{{{columns}}}", r"\hline", rf"{title} \\ \hline \endhead"]
    lines += [" & ".join(_cell(cell) for cell in row) + r" \\" for row in rows]
    return "\n".join([*lines, r"\hline", r"\end{longtable}\endgroup"])


def _shares(header: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]) -> list[float]:
    """Return which part of the line each column gets: what its longest cell needs, the widest less if need be."""
    wanted = [max(len(n), *(sum(map(_length, row[k])) for row in rows), 4) + 3 for k, n in enumerate(header)]
    widest = max(wanted)
    while sum(min(width, widest) for width in wanted) > _LETTERS and widest > 5:
        widest -= 1
    return [min(width, widest) / _LETTERS for width in wanted]


def _length(part: Inline) -> int:
    """Return about how many letters wide a part is."""
    return 6 if isinstance(part, Math) else len(part.text)


def _column(share: float) -> str:
    return f">{{\\raggedright\\arraybackslash}}p{{\\dimexpr{share:.4f}\\linewidth-2\\tabcolsep}}"


def _cell(content: Cell) -> str:
    return "".join(_inline(part) for part in content)


def _inline(part: Inline) -> str:
    match part:
        case Text(text):
            return _text(text)
        case Verbatim(text):
            return r"\texttt{" + _text(text).replace("(", r"(\allowbreak{}") + "}"
        case Math(latex):
            return f"${latex}$" if latex else ""


def _text(text: str) -> str:
    """Return any characters on one line, as text that shows them."""
    words = re.sub(r"([-,])(?=\1)", "\\1\0", re.sub(r"\s+", " ", text))  # two hyphens would become a dash
    return "".join("{}" if c == "\0" else _SPECIAL.get(c) or _letter(c) for c in words)


def _letter(c: str) -> str:
    if " " <= c <= "~" or c in _LATIN:
        return c
    greek = unicodedata.name(c, "").removeprefix("GREEK SMALL LETTER ").lower()
    return rf"$\{greek}$" if greek in GREEK else rf"\texttt{{U+{ord(c):04X}}}"
