"""Bytes of a parameters file -> Python's values, and where they stand.

In: what people write by hand: JSON (RFC 8259) with comments (``//``, ``#``, ``/* */``) and trailing commas. Out: the
values as ``json`` reads them, and the places of those that a network may have.

One pass over the tokens leaves out what ``json`` doesn't take, notes places, and mends slips, so that all are reported
together. It gives each token a line of its own: where ``json`` gives up, its line number tells which token is wrong.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from engram.errors import ParametersError
from engram.state.spelling import code_point, escape, is_hidden
from engram.storage.parameters.errors import BadParameters, Source, shown

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_DIGITS", "Path", "Spans", "decode", "parse"]

MAX_DEPTH = 64
MAX_BYTES = 64 << 20
MAX_DIGITS = 100_000  # of one number: long ones take time out of proportion
ARCHIVES = (b"PK\x03\x04", b"\x89HDF")
"""What files of states begin with."""
PLACED = 3  # names deep stands what a network has: "populations", "exc", "tau"

TOKEN = re.compile(
    r"""[ \t\r\n]+ | //[^\r\n]* | \#[^\r\n]* | /\*.*?\*/
      | (?P<text>"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*"|'[^'\\\r\n]*(?:\\[^\r\n][^'\\\r\n]*)*')
      | (?P<word>[^\s,:=\[\]{}"'\#/]+)
      | (?P<mark>/\*|.)""",
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
REFUSED = {  # what json says: what we say of the token, and what to type
    "Expecting value": ("stands where a value is expected", "write one before it, or delete a comma."),
    "Expecting property name enclosed in double quotes": ("stands where a name in double quotes is expected", ""),
    "Expecting ':' delimiter": ("stands where a colon is expected", "write ':' between a name and its value."),
    "Expecting ',' delimiter": ("stands where a comma is expected", "write ',' between two entries."),
    "Extra data": ("stands after the end of the document", "delete it, or a bracket before it."),
}
JSON = json.JSONDecoder(parse_int=lambda text: int(Decimal(text)))  # int refuses texts of many digits

Path: TypeAlias = tuple[str, ...]


class Spans(NamedTuple):
    """Where a value stands: offsets of it and of its key."""

    key: tuple[int, int]
    value: tuple[int, int]


def decode(data: bytes, name: str) -> Source:
    """Return the text of a file. Raises ParametersError if it isn't UTF-8, with or without a byte order mark."""
    expected, advice = "expected: UTF-8", "save it as UTF-8."
    if data[:4] in ARCHIVES:
        what = f"'{escape(name)}' is a state file, not a text of parameters; nothing was set"
        raise ParametersError(f"{what}\n  help: load({escape(name)!r}) reads it.")
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

    Mistakes that it can be understood in spite of are noted in the source. Of names given twice the last counts.

    Raises:
        BadParameters: if the text is no document at all.
    """
    scan = _Scan(source)
    scan.document()
    try:
        return JSON.decode("\n".join([*scan.lines, ""])), scan.places
    except json.JSONDecodeError as error:
        if error.lineno > len(scan.lines):  # what is missing is reported already
            raise BadParameters(source) from None
        refusal, token = error.msg, next(islice(_tokens(source), error.lineno - 1, None))
    # instead of what the pass made of the rest
    source.problems[:] = [problem for problem in source.problems if problem.start < token.start()]
    what, advice = REFUSED.get(refusal, ("can't stand here", ""))
    named = code_point(token[0][0]) if is_hidden(token[0][0]) else f"'{shown(token[0])}'"
    source.stop(f"{named} {what}", *token.span(), advice=advice)


def _tokens(source: Source) -> Iterator[re.Match[str]]:
    return (token for token in TOKEN.finditer(source.text) if token.lastgroup)


class _Open(NamedTuple):
    """An object or list that has not ended yet."""

    mark: str
    start: int
    path: Path | None
    names: dict[str, int]


class _Scan:
    """Goes once over the tokens of a text.

    Attributes:
        lines: the tokens as ``json`` shall read them.
        places: by path.
        open: what has not ended, the outermost first.
        key, path: where the last name stands, and the path of its value; None where no places are asked for.
        last, end: what came last: an opening bracket, a comma, or the end of a value, else ""; where it ended.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines: list[str] = []
        self.places: dict[Path, Spans] = {}
        self.open: list[_Open] = []
        self.key = (0, 0)
        self.path: Path | None = ()
        self.last, self.end = "", 0

    def document(self) -> None:
        """Go over all tokens, up to one that hides what the rest means."""
        for token in _tokens(self.source):
            text, place = token[0], token.span()
            is_end = text in ("}", "]") and bool(self.open)
            if text in ENDLESS:
                return self.source.note(ENDLESS[text][0], *place, ENDLESS[text][1])
            if text in CLOSING and len(self.open) == MAX_DEPTH:
                return self.source.note(f"values are nested more than {MAX_DEPTH} deep", *place)
            if is_end and text != CLOSING[self.open[-1].mark]:
                return self.unclosed(f"'{text}' can't stand here", *place)
            if is_end:
                line = self.close(text, place)
            elif text == "," and self.open and self.last in ("{", "[", ",", "value"):
                line = self.comma(place)
            elif token.lastgroup != "mark" or text in CLOSING:
                line = self.begin(text, place)
            else:
                line, self.last = text, ""
            self.lines.append(line)
            self.end = place[1]
        size = len(self.source.text)
        if self.open:
            self.unclosed("the file ends too early", size, size)
        if not self.lines:
            self.source.note("the file is empty", size, size, "expected: {")
        return None

    def unclosed(self, what: str, start: int, end: int) -> None:
        """Report that the last object or list doesn't end."""
        mark, line = self.open[-1].mark, self.source.place(self.open[-1].start)[0]
        self.source.note(what, start, end, f"expected: '{CLOSING[mark]}' for the '{mark}' in line {line}")

    def close(self, text: str, place: tuple[int, int]) -> str:
        """Take the end of an object or list."""
        _, start, path, _ = self.open.pop()
        if path is not None:
            self.places[path] = self.places[path]._replace(value=(start, place[1]))
        self.path, self.last = None, "value"
        return text

    def comma(self, place: tuple[int, int]) -> str:
        """Take a comma; it is written when the next entry comes."""
        if self.last == "value":
            self.last = ","
        else:
            self.source.note("there is a comma too many", *place, advice="delete it.")
        return ""

    def begin(self, text: str, place: tuple[int, int]) -> str:
        """Take a name, a value, or the beginning of one."""
        if self.open and self.last == "value":
            self.source.note("a comma is missing", self.end, self.end + 1, advice="write ',' here.")
            self.last = ","
        if self.last == ",":
            self.lines[-1] += ","
        if self.last in ("{", ",") and self.open[-1].mark == "{" and text not in CLOSING:
            return self.name(text, place)
        if self.path is not None:
            self.places[self.path] = Spans(self.key, place)
        if text not in CLOSING:
            self.last = "value"
            return self.text(text, place) if text[0] in "\"'" else self.word(text, place)
        self.open.append(_Open(text, place[0], self.path, {}))
        self.last, self.path = text, None
        return text

    def name(self, text: str, place: tuple[int, int]) -> str:
        """Return a name; one without quotes is understood and reported."""
        above, names = self.open[-1][2:]
        line = self.text(text, place) if text[0] in "\"'" else json.dumps(text)
        name = json.loads(line)
        if text[0] not in "\"'":
            self.source.note("a name without double quotes", *place, advice=f'write "{shown(text)}".')
        first = names.setdefault(unicodedata.normalize("NFC", name), place[0])
        if first != place[0]:
            detail = f"the first is in line {self.source.place(first)[0]}"
            self.source.note(f"'{shown(name)}' is given twice", *place, detail)
        self.path = None if above is None or len(above) == PLACED else (*above, name)
        self.key, self.last = place, ""
        return line

    def text(self, text: str, place: tuple[int, int]) -> str:
        """Return a text in double quotes; what can't stand in it is reported."""
        wrong = [found for found in ESCAPE.finditer(text, 1, len(text) - 1) if found[1]]
        for found in wrong:
            start, end = (place[0] + offset for offset in found.span())
            seen = found[0] if found[0].isprintable() else ascii(found[0])[1:-1]
            advice = f"write {json.dumps(found[0])[1:-1]} for it."
            self.source.note(f"'{seen}' can't stand in a text", start, end, advice=advice)
        if text[0] == "'":
            self.source.note("a text in single quotes", *place, advice="write double quotes.")
        return json.dumps(text[1:-1]) if wrong or text[0] == "'" else text

    def word(self, text: str, place: tuple[int, int]) -> str:
        """Return a number, true, false or null; 0 for what is reported."""
        known = WORD.fullmatch(text)
        if known and len(text) <= MAX_DIGITS and not (known[1] and math.isinf(float(text))):
            return text
        expected, advice = next(row for pattern, *row in WORDS if re.fullmatch(pattern, text))
        self.source.note(f"'{shown(text)}' is no JSON value", *place, expected, advice=advice)
        return "0"
