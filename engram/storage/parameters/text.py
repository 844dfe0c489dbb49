"""Bytes of a parameters file -> Python's values, and where they stand.

In: what people write by hand: JSON (RFC 8259) with comments (``//``, ``#``, ``/* */``) and trailing commas. Out: the
values, each text and number as ``json`` reads it, and the places of those that a network may have.

One pass over the tokens notes places, and mends slips, so that all are reported together.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn, TypeAlias

from engram.errors import ParametersError
from engram.state.spelling import code_point, escape, is_hidden
from engram.storage.formats import STATE_HEADS
from engram.storage.parameters.errors import ParameterText, shown

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_DIGITS", "Path", "Spans", "decode", "parse"]

MAX_DEPTH = 64
MAX_BYTES = 64 << 20
MAX_DIGITS = 100_000  # of one number: long ones take time out of proportion
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # that stand in no text, whatever its encoding
PLACED = 3  # names deep stands what a network has: "populations", "exc", "tau"

TOKEN = re.compile(
    r"""[ \t\r\n]+ | //[^\r\n]* | \#[^\r\n]* | /\*.*?\*/
      | (?P<text>"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*"|'[^'\\\r\n]*(?:\\[^\r\n][^'\\\r\n]*)*')
      | (?P<word>[^\s,:=\[\]{}"'\#/]+)
      | (?P<mark>/\*|.) | (?P<end>\Z)""",
    re.DOTALL | re.VERBOSE,
)
ESCAPE = re.compile(  # the group takes what can't stand in a text, such as half of a surrogate pair
    r"""\\["\\/bfnrt] | \\u(?i:(?!d[89a-f])[0-9a-f]{4} | d[89ab][0-9a-f]{2}\\(?-i:u)d[c-f][0-9a-f]{2})
      | (\\u[0-9a-fA-F]{4} | \\. | [\x00-\x1f])""",
    re.VERBOSE,
)
WORD = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
VALUE = "expected: a number, true, false, null, or a text in double quotes"
WORDS = (  # that are refused: what is expected, and what to type; the first row that fits counts
    (rf"[0-9.eE+-]{{{MAX_DIGITS + 1},}}", f"expected: at most {MAX_DIGITS} characters", ""),
    (WORD.pattern, "expected: at most 1.7976931348623157e308", ""),
    ("True|TRUE", VALUE, "write true."),
    ("False|FALSE", VALUE, "write false."),
    ("None|NULL", VALUE, "write null."),
    ("[+-]?(?i:nan|inf|infinity)", "expected: a finite number", ""),
    ("[+-]?[0-9.][0-9.eE+-]*", "expected: a number such as 0.5, -2 or 1e-3", ""),
    (".*", VALUE, ""),
)
ENDLESS = {  # what begins with these marks, and how it ends
    '"': ("a text has no end", 'expected: " in the same line'),
    "'": ("a text has no end", "expected: ' in the same line"),
    "/*": ("a comment has no end", "expected: */"),
}
CLOSING = {"{": "}", "[": "]"}
JSON = json.JSONDecoder(parse_int=lambda text: int(Decimal(text)))  # int refuses texts of many digits

Path: TypeAlias = tuple[str, ...]


class Spans(NamedTuple):
    """Where a value stands: offsets of it and of its key."""

    key: tuple[int, int]
    value: tuple[int, int]


def decode(data: bytes, name: str) -> ParameterText:
    """Return the text of a file. Raises ParametersError if it isn't UTF-8, with or without a byte order mark."""
    expected, advice = "expected: UTF-8", "save it as UTF-8."
    if data.startswith(STATE_HEADS):
        what = f"'{escape(name)}' is a state file or an archive, not a text of parameters; nothing was set"
        raise ParametersError(f"{what}\n  help: load({escape(name)!r}) reads a network that was saved.")
    encoding = json.detect_encoding(data[:4].ljust(4))
    if not encoding.startswith("utf-8"):
        text = data[:400].decode(encoding, "replace")
        if CONTROLS.search(text) or "\ufffd" in text[:-1]:
            raise _binary(name)
        ParameterText(name, text).stop(f"the file is written in {encoding[:6].upper()}", 0, 1, expected, advice=advice)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return ParameterText(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        if CONTROLS.search(data.decode("latin-1")):
            raise _binary(name) from None
        start = len(data[: error.start].decode("utf-8"))
        got = f"got: byte 0x{data[error.start]:02x}, in an encoding such as Latin-1 or Windows-1252"
        source = ParameterText(name, data.decode("utf-8", "replace"))
    source.stop("the file is not UTF-8", start, start + 1, expected, got, advice=advice)


def _binary(name: str) -> ParametersError:
    what = f"'{escape(name)}' is binary data, not a text of parameters; nothing was set"
    return ParametersError(f"{what}\n  help: net.save_parameters('parameters.json') writes one, to be edited.")


def parse(source: ParameterText) -> tuple[Any, dict[Path, Spans]]:
    """Return the document, and where what stands at most ``PLACED`` names deep stands.

    Mistakes that it can be understood in spite of are noted in the source. Of names given twice the last counts.

    Raises:
        BadParameters: if the text is no document at all.
    """
    reader = _Reader(source)
    document = reader.value((), (0, 0))
    if reader.text:
        reader.refuse("stands after the end of the document", "delete it, or a bracket before it.")
    return document, reader.places


class _Reader:
    """Goes once over the tokens of a text.

    Attributes:
        kind, text, span: of the next token; the kind is a group of ``TOKEN``, the text is empty at the end.
        end: where the token before it ends.
        open: the brackets of what has not ended yet, and where they stand.
        places: by path.
    """

    def __init__(self, source: ParameterText) -> None:
        self.source = source
        self.tokens = TOKEN.finditer(source.text)
        self.kind, self.text, self.span = "", "", (0, 0)
        self.open: list[tuple[str, int]] = []
        self.places: dict[Path, Spans] = {}
        self.take()

    def take(self) -> tuple[str, tuple[int, int]]:
        """Go on to the token after the next one; returns that one's text and place."""
        taken = self.text, self.span
        self.end = self.span[1]
        for token in self.tokens:
            if token.lastgroup:  # no blank or comment
                self.kind, self.text, self.span = token.lastgroup, token[0], token.span()
                break
        return taken

    def refuse(self, what: str, advice: str = "") -> NoReturn:
        """Raise BadParameters: nothing can be made of the next token."""
        mark, start = self.open[-1] if self.open else ("", 0)
        if self.text in ENDLESS:
            what, detail = ENDLESS[self.text]
        elif mark and self.text in ("", "}", "]") and self.text != CLOSING[mark]:
            what = f"'{self.text}' can't stand here" if self.text else "the file ends too early"
            detail = f"expected: '{CLOSING[mark]}' for the '{mark}' in line {self.source.place(start)[0]}"
        elif not self.text:
            what, detail = "the file is empty", "expected: {"
        else:
            named = code_point(self.text[0]) if is_hidden(self.text[0]) else f"'{shown(self.text)}'"
            self.source.stop(f"{named} {what}", *self.span, advice=advice)
        self.source.stop(what, *self.span, detail)

    def value(self, path: Path | None, key: tuple[int, int]) -> Any:
        """Return what begins with the next token; ``path`` is None where no places are asked for."""
        kind, (start, _) = self.kind, self.span
        found: Any
        if self.text in CLOSING:
            found = self.inside(path)
        elif kind == "text":
            found = self.quoted(*self.take())
        elif kind == "word":
            found = self.word(*self.take())
        else:
            self.refuse("stands where a value is expected", "write one before it, or delete a comma.")
        if path is not None:
            self.places[path] = Spans(key, (start, self.end))
        return found

    def inside(self, path: Path | None) -> dict[str, Any] | list[Any]:
        """Return an object or a list."""
        if len(self.open) == MAX_DEPTH:
            self.source.stop(f"values are nested more than {MAX_DEPTH} deep", *self.span)
        mark, (start, _) = self.take()
        self.open.append((mark, start))
        named: dict[str, Any] = {}
        listed: list[Any] = []
        first: dict[str, int] = {}
        while self.more(CLOSING[mark], not (named or listed)):
            if mark == "[":
                listed.append(self.value(None, (0, 0)))
                continue
            name, place = self.name(first)
            below = None if path is None or len(path) == PLACED else (*path, name)
            named[name] = self.value(below, place)
        self.take()
        self.open.pop()
        return named if mark == "{" else listed

    def more(self, closing: str, is_first: bool) -> bool:
        """Go to the next entry; returns whether there is one."""
        may_come = is_first
        while self.text == ",":
            _, place = self.take()
            if may_come:
                self.source.note("there is a comma too many", *place, advice="delete it.")
            may_come = True
        if self.text == closing:
            return False
        if not may_come:
            if self.kind not in ("text", "word") and self.text not in CLOSING:
                self.refuse("stands where a comma is expected", "write ',' between two entries.")
            self.source.note("a comma is missing", self.end, self.end + 1, advice="write ',' here.")
        return True

    def name(self, first: dict[str, int]) -> tuple[str, tuple[int, int]]:
        """Return a name and its place, and go behind its colon; ``first`` says where each name was given first."""
        is_quoted = self.kind == "text"
        if not is_quoted and self.kind != "word":
            self.refuse("stands where a name in double quotes is expected")
        text, place = self.take()
        name = self.quoted(text, place) if is_quoted else text
        if not is_quoted:
            self.source.note("a name without double quotes", *place, advice=f'write "{shown(text)}".')
        before = first.setdefault(unicodedata.normalize("NFC", name), place[0])
        if before != place[0]:
            detail = f"the first is in line {self.source.place(before)[0]}"
            self.source.note(f"'{shown(name)}' is given twice", *place, detail)
        if self.text != ":":
            self.refuse("stands where a colon is expected", "write ':' between a name and its value.")
        self.take()
        return name, place

    def quoted(self, text: str, place: tuple[int, int]) -> str:
        """Return what stands in quotes; what can't stand there is reported."""
        wrong = [found for found in ESCAPE.finditer(text, 1, len(text) - 1) if found[1]]
        for found in wrong:
            start, end = (place[0] + offset for offset in found.span())
            seen = found[0] if found[0].isprintable() else ascii(found[0])[1:-1]
            advice = f"write {json.dumps(found[0])[1:-1]} for it."
            self.source.note(f"'{seen}' can't stand in a text", start, end, advice=advice)
        if text[0] == "'":
            self.source.note("a text in single quotes", *place, advice="write double quotes.")
        return text[1:-1] if wrong or text[0] == "'" else str(json.loads(text))

    def word(self, text: str, place: tuple[int, int]) -> Any:
        """Return a number, true, false or null; 0 for what is reported."""
        known = WORD.fullmatch(text)
        if known and len(text) <= MAX_DIGITS and not (known[1] and math.isinf(float(text))):
            return JSON.decode(text)
        expected, advice = next(row for pattern, *row in WORDS if re.fullmatch(pattern, text))
        self.source.note(f"'{shown(text)}' is no JSON value", *place, expected, advice=advice)
        return 0
