"""HTML that notebooks show. Here alone text becomes markup, so that nothing a user has named is taken for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

__all__ = ["code", "folded", "formula", "heading", "listed", "paragraph", "plain", "preformatted", "table"]

_QUIET = {"$": "<span>$</span>", "\\": "<span>\\</span>"}  # alone in an element they begin no mathematics
# as ``html.escape``, whose module loads the names of all characters
_SHOWN = {**_QUIET, "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
_MATHS = {"&": "&amp;", "<": r"\lt ", ">": r"\gt "}


def plain(text: str) -> str:
    """Return any characters as HTML that shows them."""
    return "".join(_SHOWN.get(c, c) for c in text)


def code(text: str) -> str:
    """Return something as it is typed."""
    return f"<code>{plain(text)}</code>"


def formula(latex: str) -> str:
    """Return mathematics that a notebook typesets; ``latex`` is made by us."""
    return f"${''.join(_MATHS.get(c, c) for c in latex)}$" if latex else ""


def heading(html: str) -> str:
    """Return a line in bold."""
    return f"<div><b>{html}</b></div>"


def paragraph(html: str) -> str:
    """Return a paragraph."""
    return f"<p>{html}</p>"


def listed(items: Iterable[str]) -> str:
    """Return a list, of HTML; nothing if it is empty."""
    found = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{found}</ul>" if found else ""


def preformatted(text: str) -> str:
    """Return text whose lines and columns stay as they are."""
    return f"<pre>{plain(text)}</pre>"


def folded(title: str, html: str, is_open: bool = False) -> str:
    """Return what a click on its title, which is plain text, shows and hides."""
    return f"<details{' open' if is_open else ''}><summary>{plain(title)}</summary>{html}</details>"


def table(head: Sequence[str], lines: Iterable[Sequence[str]], left: Collection[int] | None = None) -> str:
    """Return a table of HTML cells.

    Args:
        head: plain text.
        left: numbers of the columns that are set flush left; all of them by default.
    """
    sides = ["left" if left is None or k in left else "right" for k in range(len(head))]
    rows = [("th", [plain(one) for one in head]), *(("td", line) for line in lines)]
    html = (
        "".join(f'<{tag} style="text-align:{side}">{cell}</{tag}>' for side, cell in zip(sides, cells, strict=True))
        for tag, cells in rows
    )
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in html)}</table>"
