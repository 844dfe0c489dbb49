"""Bytes of a parameters file -> Python's values, and where they stand.

In: what people write by hand: JSON (RFC 8259) with comments (``//``, ``#``, ``/* */``) and trailing commas. Out: the
values, and the places of those that a network may have. Whatever can be understood in spite of a mistake is read on,
so that all mistakes of a file are reported together.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from engram.storage.parameters.errors import Source, shown
from engram.storage.parameters.tokens import BROKEN, OPENING, Tokens

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Path", "Spans", "decode", "parse"]

MAX_DEPTH = 64
MAX_BYTES = 64 << 20
PLACED = 3  # names deep stands what a network has: "populations", "exc", "tau"

Path: TypeAlias = tuple[str, ...]


class Spans(NamedTuple):
    """Where a value stands: offsets of it and of its key."""

    key: tuple[int, int]
    value: tuple[int, int]


def decode(data: bytes, name: str) -> Source:
    """Return the text of a file. Raises BadParameters if it isn't UTF-8, with or without a byte order mark."""
    expected, advice = "expected: UTF-8", "save it as UTF-8."
    encoding = json.detect_encoding(data[:4].ljust(4))
    if not encoding.startswith("utf-8"):
        what = f"the file is written in {encoding[:6].upper()}"
        Source(name, data[:400].decode(encoding, "replace")).stop(what, 0, 1, expected, advice=advice)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        start = len(data[: error.start].decode("utf-8"))
        got = f"got: byte 0x{data[error.start]:02x}, in an encoding such as Latin-1 or Windows-1252"
        source = Source(name, data.decode("utf-8", "replace"))
    source.stop("the file is not UTF-8", start, start + 1, expected, got, advice=advice)


def parse(source: Source) -> tuple[Any, dict[Path, Spans]]:
    """Return the document, and where what stands at most ``PLACED`` names deep stands.

    Mistakes that it can be understood in spite of are noted in the source. Of names given twice the first counts.

    Raises:
        BadParameters: if the text is no document at all.
    """
    reader = _Reader(source)
    if reader.next.kind == "end":
        reader.next.stop("the file is empty", "expected: {")
    start = reader.next.start
    document = reader.value(())
    reader.places[()] = Spans((start, start), (start, reader.next.last))
    if reader.next.kind != "end":
        reader.next.stop("there is more after the end of the document")
    return document, reader.places


class _Reader:
    """Follows the marks between the words."""

    def __init__(self, source: Source) -> None:
        self.next = Tokens(source)
        self.places: dict[Path, Spans] = {}

    def value(self, path: Path) -> Any:
        """Read one value."""
        if self.next.kind in ("{", "[") and len(path) == MAX_DEPTH:
            self.next.stop(f"values are nested more than {MAX_DEPTH} deep")
        if self.next.kind == "{":
            return self.object(path)
        if self.next.kind == "[":
            below = (*path, "")  # nobody asks for places in lists
            return [self.value(below) for _ in self.entries("]")]
        if self.next.kind not in OPENING:
            self.next.stop(f"{self.next.named()} stands where a value is expected")
        return self.next.word() if self.next.kind == "word" else self.next.string()

    def object(self, path: Path) -> dict[str, Any]:
        """Read what begins with ``{``."""
        found: dict[str, Any] = {}
        starts: dict[str, int] = {}
        for start in self.entries("}"):
            key = self.key()
            end, below = self.next.last, (*path, key)
            self.colon(key)
            value_start, value = self.next.start, BROKEN
            if self.next.kind in (",", "}"):
                self.next.note(f"the value of '{shown(key)}' is missing")
            else:
                value = self.value(below)
            first = starts.setdefault(unicodedata.normalize("NFC", key), start)
            if first != start:
                line = self.next.source.place(first)[0]
                self.next.source.note(f"'{shown(key)}' is given twice", start, end, f"the first is in line {line}")
                continue
            found[key] = value
            if len(below) <= PLACED:
                self.places.setdefault(below, Spans((start, end), (value_start, self.next.last)))
        return found

    def entries(self, close: str) -> Iterator[int]:
        """Read an object or a list; halt where an entry begins, to have that read."""
        mark, opened = self.next.text, self.next.start
        self.next.step()
        while self.next.kind not in (close, "end"):
            if self.next.kind == ",":
                self.next.note("there is a comma too many")
                self.next.step()
                continue
            yield self.next.start
            if self.next.kind == ",":
                self.next.step()
            elif self.next.kind in OPENING:
                self.next.source.note("a comma is missing", self.next.last, self.next.last + 1)
            else:
                break
        if self.next.kind != close:
            whose = f"for the {mark} in line {self.next.source.place(opened)[0]}"
            if self.next.kind == "end":
                self.next.stop("the file ends too early", f"expected: {close} {whose}")
            self.next.stop("the entry ends wrongly", f"expected: ',' or '{close}' {whose}", f"got: {self.next.named()}")
        self.next.step()

    def key(self) -> str:
        """Read a key; one without quotes is understood and reported."""
        if self.next.kind in ("text", "quote"):
            return self.next.string()
        if self.next.kind != "word":
            self.next.stop(f"{self.next.named()} stands where a name in double quotes is expected")
        key = self.next.text
        self.next.note("a name without double quotes", advice=f'write "{shown(key)}".')
        self.next.step()
        return key

    def colon(self, key: str) -> None:
        """Read the colon after a key."""
        if self.next.kind == "=":
            self.next.note(f"'=' after '{shown(key)}'", "expected: ':'")
        elif self.next.kind != ":":
            what, got = f"no colon after '{shown(key)}'", f"got: {self.next.named()}"
            self.next.source.stop(what, self.next.last, self.next.last + 1, "expected: ':'", got)
        self.next.step()
