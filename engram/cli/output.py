"""What commands print: a stranger's file speaks through it, so nothing in it may command the terminal."""

from __future__ import annotations

import json
import re
import sys

__all__ = ["printable", "say", "say_json"]

_NOT_PLAIN = re.compile(r"[^\n -~]")


def printable(text: str) -> str:
    """Escape control characters but newlines: names in files are strangers' text, and terminals obey it."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)


def say(text: str) -> None:
    """Print a line, escaped; what the terminal's encoding has no letters for, too."""
    encoding = sys.stdout.encoding or "utf-8"
    print(printable(text).encode(encoding, "backslashreplace").decode(encoding))


def say_json(text: str) -> None:
    """Print JSON text as ASCII: what is no letter of it stands in strings, where JSON has an escape for it."""
    print(_NOT_PLAIN.sub(lambda found: _escape(found[0]), text))


def _escape(character: str) -> str:
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
