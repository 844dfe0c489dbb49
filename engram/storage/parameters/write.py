"""Parameters -> the JSON file that people edit.

In: numbers by object and attribute, constants, and whatever the user keeps under ``network``. Out: bytes that
``read.py`` reads back to the bit. What a reader would refuse is refused here, all of it in one error.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engram.errors import InvalidArgument, SaveError
from engram.state.spelling import escape
from engram.storage.files import opened, replacing
from engram.storage.formats import OTHER_KINDS, STATE_HEADS, STATE_SUFFIXES, suffix_meant
from engram.storage.parameters.text import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, decode, parse
from engram.storage.parameters.values import plain_number

__all__ = ["dump_parameters", "write_parameters"]

INDENT = 4
SECTIONS = ("populations", "projections", "network", "constants")
NUMBERS = {"populations": 3, "projections": 3, "constants": 2}  # so many names deep stand numbers, and nothing else


def write_parameters(path: str | os.PathLike[str], *sections: Mapping[str, Any]) -> dict[str, Any]:
    """Write a parameters file, whole or not at all; missing folders are made.

    Args:
        sections: populations and projections: numbers by object and attribute, each written in its own type; network:
            whatever JSON can hold; constants: numbers by name.

    Returns:
        The third section as it will be read: NumPy's numbers are Python's, tuples lists.

    Raises:
        SaveError: if a value has no place in such a file (NaN, infinity, an array), or it can't be written.
        InvalidArgument: if a saved network has, or would have, that name, or the suffix is of another kind of file.
    """
    name = os.fspath(path)
    _refuse_states(name)
    data = dump_parameters(*sections, name=name)
    with replacing(path) as out:
        out.write(data)
    kept: dict[str, Any] = parse(decode(data, name))[0]["network"]
    return kept


def _refuse_states(name: str) -> None:
    """Refuse to write text over a saved network, or under the suffix of one, or of what is no parameters at all."""
    what, suffix = "", os.path.splitext(name)[1].lower()
    if suffix in STATE_SUFFIXES or suffix_meant(suffix) or (suffix in OTHER_KINDS and suffix != ".json"):
        what = f"'{escape(name)}' would be parameters as JSON text in a file called {suffix}"
    elif name == "-":
        what = "'-' is no name of a file"
    elif os.path.isfile(name):
        with opened(name) as file:
            if file.pread(min(16, file.size), 0).startswith(STATE_HEADS):
                what = f"'{escape(name)}' is a saved state, which parameters as JSON text would replace"
    if what:
        raise InvalidArgument(f"{what}; nothing was written\n  help: give it another name: parameters.json.")


def dump_parameters(*sections: Mapping[str, Any], name: str = "parameters") -> bytes:
    """Return the bytes of a parameters file; see :func:`write_parameters`. Same values, same bytes."""
    writer = _Writer()
    text = writer.value(dict(zip(SECTIONS, sections, strict=True)), ()) + "\n"
    if writer.refused:
        listed = "".join(f"\n  {one}" for one in writer.refused)
        raise SaveError(f"'{escape(name)}' can't hold these values; nothing was written{listed}")
    data = text.encode("utf-8")
    if len(data) > MAX_BYTES:
        raise SaveError(f"'{escape(name)}' would have {len(data)} bytes, more than {MAX_BYTES}; nothing was written")
    return data


class _Writer:
    """Writes values as JSON, an entry a line. (``json.dumps`` would do but for integers of many digits.)"""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def value(self, value: Any, path: tuple[str, ...]) -> str:
        """Return the text of any value."""
        if isinstance(value, Mapping | list | tuple) and len(path) != NUMBERS.get(path[0] if path else ""):
            if len(path) == MAX_DEPTH:  # raised at once: a list that holds itself twice would take for ever
                where = escape("/".join(path)[:80])
                raise SaveError(f"{where}...: nested more than {MAX_DEPTH} deep; nothing was written")
            margin = "\n" + " " * INDENT * len(path)
            if isinstance(value, Mapping):
                begin, entries, end = "{", self.members(value, path), "}"
            else:
                begin, end = "[", "]"
                entries = (self.value(one, (*path, str(index))) for index, one in enumerate(value))
            lines = ",".join(f"{margin}{' ' * INDENT}{entry}" for entry in entries)
            return f"{begin}{lines}{margin if lines else ''}{end}"
        if path[0] == "network" and (value is None or isinstance(value, str)):
            return self.text(value, path)
        return self.number(value, path)

    def members(self, values: Mapping[Any, Any], path: tuple[str, ...]) -> Iterator[str]:
        """Give the text of each entry of an object."""
        names: set[str] = set()
        for key, one in values.items():
            below = (*path, str(key))
            if not isinstance(key, str):
                self.refuse(below, f"a key must be a text, not {type(key).__name__}")
                continue
            name = unicodedata.normalize("NFC", key)
            if name in names:
                self.refuse(below, "another key differs from it only in how it is encoded")
            names.add(name)
            yield f"{self.text(key, below)}: {self.value(one, below)}"

    def text(self, value: str | None, path: tuple[str, ...]) -> str:
        """Return a text in quotes, or null."""
        text = json.dumps(value, ensure_ascii=False)
        if any("\ud800" <= c <= "\udfff" for c in text):
            self.refuse(path, "a text with half of a surrogate pair")
        return text

    def number(self, value: Any, path: tuple[str, ...]) -> str:
        """Return the shortest text of a number."""
        number = plain_number(value)
        if number is None:
            advice = "; write .tolist()" if hasattr(value, "tolist") and path[0] == "network" else ""
            self.refuse(path, f"{type(value).__name__} is neither number nor text{advice}")
        elif number - number != 0:  # math.isfinite refuses integers of many digits, as json.dumps does
            self.refuse(path, f"{number} is no finite number")
        text = str(Decimal(number)) if type(number) is int else json.dumps(number)
        if len(text) > MAX_DIGITS:
            self.refuse(path, f"a number of {len(text)} characters, more than {MAX_DIGITS}")
        return text

    def refuse(self, path: tuple[str, ...], why: str) -> None:
        """Note a value that no reader takes."""
        self.refused.append(f"{escape('/'.join(path))}: {why}")
