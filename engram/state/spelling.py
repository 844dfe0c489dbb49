"""How names are spelled: what looks the same is the same, and nothing in a name is invisible.

In: a name as a user, a script or a file gives it. Out: the same in Unicode's normal form C, in which an accent is one
with its letter where it can be. Called wherever an object gets a name, or is looked for by one.
"""

from __future__ import annotations

from typing import Any

from engram.elsewhere.near import nearest
from engram.errors import InvalidArgument, UnknownAttribute
from engram.telling import told

__all__ = ["code_point", "escape", "hidden_in", "is_hidden", "no_member", "object_name", "spelled"]

_LONGEST_NAME = 200

_UNNAMED = {"Cc": "CONTROL CHARACTER", "Cs": "SURROGATE", "Co": "PRIVATE USE", "Cn": "UNASSIGNED"}
_HIDDEN = frozenset((*_UNNAMED, "Cf", "Zl", "Zp", "Zs"))  # categories; the blank of ASCII alone is none of them
_BLANK = (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)  # letters and marks without any ink
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))  # of variants: nor have these


def is_hidden(character: str) -> bool:
    """Whether a character can't be seen, or is told apart from others by nobody: a control, a joiner, another blank."""
    if character.isascii():
        return not character.isprintable()
    from unicodedata import category  # names in ASCII, which most are, need no tables

    code = ord(character)
    return category(character) in _HIDDEN or code in _BLANK or any(code in some for some in _SELECTORS)


def escape(text: str) -> str:
    """Return ``text`` with every character that a terminal could obey written as an escape; a tab becomes a space."""
    if text.isprintable():
        return text
    return "".join(" " if c == "\t" else c if c.isprintable() else ascii(c)[1:-1] for c in text)


def code_point(character: str) -> str:
    """Return what messages call a character: ``U+200B ZERO WIDTH SPACE``."""
    import unicodedata  # as above

    name = unicodedata.name(character, "") or _UNNAMED[unicodedata.category(character)]
    return f"U+{ord(character):04X} {name}"


def hidden_in(text: str) -> str:
    """Return the first hidden character of a text and its place, for a message; ``""`` if there is none."""
    if text.isascii() and text.isprintable():
        return ""
    return next((f"{code_point(c)} as character {k}" for k, c in enumerate(text, 1) if is_hidden(c)), "")


def no_member(one: Any, name: str, what: str, instead: str = "") -> AttributeError:
    """Return the error of an object that lacks a member, with the nearest one, or all.

    Args:
        instead: what to type, if that is known.
    """
    if name[:1] == "_":  # Python and its tools ask for many
        return AttributeError(name)
    members = [member for member in dir(one) if member[:1] != "_"]
    near = nearest(name, members)
    help_ = instead or (f"did you mean {near!r}?" if near else f"it has {', '.join(members)}.")
    return UnknownAttribute(f"{what} has no attribute {name!r}\n  help: {help_}")


def spelled(name: str, what: str = "a name") -> str:
    """Return a name in Unicode's normal form C.

    Args:
        what: in messages, what it was to be.

    Raises:
        InvalidArgument: if it has a character that can't be seen.
    """
    hidden = hidden_in(name)
    if hidden:
        advice = "type it again, without what can't be seen."
        raise InvalidArgument(f"{told(name, 80)} can't be {what}: it has {hidden}\n  help: {advice}")
    if name.isascii():
        return name
    from unicodedata import normalize  # as above

    return normalize("NFC", name)


def object_name(name: Any) -> str:
    """Return the name of an object to be, as it is spelled in paths.

    Raises:
        InvalidArgument: if no object can have it.
    """
    given = spelled(name) if isinstance(name, str) else ""
    if not 0 < len(given) <= _LONGEST_NAME or "/" in given or given != given.strip():
        advice = f"use 1 to {_LONGEST_NAME} printable characters without a slash or spaces at the ends."
        raise InvalidArgument(f"{told(name, 80)} can't be a name\n  help: {advice}")
    return given
