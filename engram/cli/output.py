"""What commands print: a stranger's file speaks through it, so nothing in it may command the terminal."""

from __future__ import annotations

import sys

__all__ = ["printable", "say"]


def printable(text: str) -> str:
    """Escape control characters but newlines: names in files are strangers' text, and terminals obey it."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)


def say(text: str) -> None:
    """Print a line, escaped; what the terminal's encoding has no letters for, too."""
    encoding = sys.stdout.encoding or "utf-8"
    print(printable(text).encode(encoding, "backslashreplace").decode(encoding))
