"""Tables in Markdown that are also readable as plain text: columns are padded."""

from __future__ import annotations

from collections.abc import Collection, Sequence

__all__ = ["table"]


def table(head: Sequence[str], lines: Sequence[Sequence[str]], left: Collection[int] = ()) -> str:
    """Return a table; columns whose number is in ``left`` are set flush left, the others flush right."""
    widths = [max(len(line[k]) for line in (head, *lines)) for k in range(len(head))]
    rule = ["-" * w if k in left else "-" * (w - 1) + ":" for k, w in enumerate(widths)]
    padded = [
        [cell.ljust(w) if k in left else cell.rjust(w) for k, (cell, w) in enumerate(zip(line, widths, strict=True))]
        for line in (head, *lines)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (padded[0], rule, *padded[1:]))
