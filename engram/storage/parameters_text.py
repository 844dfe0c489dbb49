"""Bytes of a parameters file -> nodes that know where they stand.

In: what people write by hand: JSON (RFC 8259) with comments (``//``, ``#``, ``/* */``) and trailing commas. Out: a
tree of :class:`Node`. Called by ``parameters.py``. Whatever can be understood in spite of a mistake is read on, so that
all mistakes of a file are reported together.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn

from engram.storage.parameters_errors import BadParameters, Problem, Source, escape

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_DIGITS", "Kind", "Member", "Node", "decode", "integer", "parse"]

MAX_DEPTH = 64
MAX_BYTES = 64 << 20
MAX_PROBLEMS = 1000
MAX_DIGITS = 100_000  # of one number: long ones take time out of proportion
SAFE_DIGITS = 600  # Python may refuse to convert integers of more than 640 digits

SPACE = re.compile(r"[ \t\r\n]+|//[^\r\n]*|#[^\r\n]*|/\*.*?\*/", re.DOTALL)
STRING = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*"')
SINGLE_QUOTED = re.compile(r"'(?:[^'\\\r\n]|\\[^\r\n])*'")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
WORD = re.compile(r"""[^\s,:=\[\]{}"'#/]+""")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
LITERALS = {"true": True, "false": False, "null": None}
PYTHON_WORDS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "null", "NULL": "null"}
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
MARKS = (
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\xfe\xff", "UTF-16"),
    (b"\xff\xfe", "UTF-16"),
    (b"\x00\x00\x00", "UTF-32"),
    (b"\x00", "UTF-16"),
)


class Kind(str, Enum):
    """What a node is, as messages call it."""

    OBJECT = "an object"
    ARRAY = "a list"
    STRING = "a text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    NULL = "null"
    BROKEN = "something else"  # reported already


@dataclass(frozen=True)
class Node:
    """One value and the stretch of the text that it was read from.

    ``value`` is a Python number, text, bool or None, a tuple of nodes (list), or a tuple of members (object).
    """

    kind: Kind
    start: int
    end: int
    value: Any = None

    def plain(self) -> Any:
        """Return the value as Python's lists and dictionaries."""
        if self.kind is Kind.OBJECT:
            return {member.key: member.node.plain() for member in self.value}
        if self.kind is Kind.ARRAY:
            return [node.plain() for node in self.value]
        return self.value


@dataclass(frozen=True)
class Member:
    """One entry of an object. ``start`` and ``end`` are the key's."""

    key: str
    start: int
    end: int
    node: Node


class _Stop(Exception):
    """The rest of the text makes no sense."""


def decode(data: bytes, name: str) -> Source:
    """Return the text of a file. Raises BadParameters if it isn't UTF-8, with or without a byte order mark."""
    encoding = next((encoding for mark, encoding in MARKS if data.startswith(mark)), None)
    if encoding is None and data[1:2] == b"\x00":
        encoding = "UTF-32" if data[1:4] == b"\x00\x00\x00" else "UTF-16"
    if encoding is not None:
        shown = data[:400].decode(encoding, "replace")
        problem = Problem(
            f"the file is written in {encoding}", Source(name, shown), 0, 1, ("expected: UTF-8",), "save it as UTF-8."
        )
        raise BadParameters(name, [problem])
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        source = Source(name, data.decode("utf-8", "replace"))
        place = len(data[: error.start].decode("utf-8"))
        got = f"got: byte 0x{data[error.start]:02x}, in an encoding such as Latin-1 or Windows-1252"
        problem = Problem(
            "the file is not UTF-8", source, place, place + 1, ("expected: UTF-8", got), "save it as UTF-8."
        )
        raise BadParameters(name, [problem]) from None


def parse(source: Source) -> tuple[Node, list[Problem]]:
    """Return the document, and the problems it can be read in spite of.

    Raises:
        BadParameters: if the text is no document at all, with the problems found up to there.
    """
    reader = _Reader(source)
    try:
        reader.skip()
        if reader.at == len(source.text):
            reader.stop("the file is empty", reader.at, reader.at + 1, ("expected: {",))
        node = reader.value(0)
        reader.skip()
        if reader.at < len(source.text):
            reader.stop("there is more after the end of the document", reader.at, reader.at + 1)
    except _Stop:
        raise BadParameters(source.name, reader.problems) from None
    return node, reader.problems


class _Reader:
    """Reads one text from left to right. ``at`` is the next character's offset."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.problems: list[Problem] = []

    def note(self, what: str, start: int, end: int, details: tuple[str, ...] = (), advice: str = "") -> None:
        """Add a problem and read on, unless there are more than anybody will read."""
        self.problems.append(Problem(what, self.source, start, end, details, advice))
        if len(self.problems) == MAX_PROBLEMS:
            raise _Stop

    def stop(self, what: str, start: int, end: int, details: tuple[str, ...] = (), advice: str = "") -> NoReturn:
        """Add a problem and give up."""
        self.note(what, start, end, details, advice)
        raise _Stop

    def peek(self) -> str:
        """Return the next character, or nothing at the end."""
        return self.text[self.at : self.at + 1]

    def skip(self) -> None:
        """Go on to what is neither white space nor comment."""
        while match := SPACE.match(self.text, self.at):
            self.at = match.end()
        if self.text.startswith("/*", self.at):
            self.stop("a comment has no end", self.at, self.at + 2, ("expected: */",))

    def value(self, depth: int) -> Node:
        """Read one value that stands in ``depth`` objects and lists."""
        start, first = self.at, self.peek()
        if first not in ("{", "["):
            return self.string() if first in ('"', "'") else self.word()
        if depth == MAX_DEPTH:
            self.stop(f"values are nested more than {MAX_DEPTH} deep", start, start + 1)
        self.at += 1
        members = self.object(start, depth) if first == "{" else self.array(start, depth)
        return Node(Kind.OBJECT if first == "{" else Kind.ARRAY, start, self.at, members)

    def object(self, start: int, depth: int) -> tuple[Member, ...]:
        """Read what follows ``{``."""
        found: dict[str, Member] = {}
        while self.next_one(start, "}"):
            key = self.key()
            self.colon(key)
            if self.peek() in (",", "}"):
                self.note(f"the value of '{escape(key.value)}' is missing", self.at, self.at + 1)
                node = Node(Kind.BROKEN, self.at, self.at)
            else:
                node = self.value(depth + 1)
            self.add(found, Member(key.value, key.start, key.end, node))
            self.comma(node.end, start, "}")
        return tuple(found.values())

    def array(self, start: int, depth: int) -> tuple[Node, ...]:
        """Read what follows ``[``."""
        found: list[Node] = []
        while self.next_one(start, "]"):
            found.append(self.value(depth + 1))
            self.comma(found[-1].end, start, "]")
        return tuple(found)

    def next_one(self, start: int, close: str) -> bool:
        """Go to the next entry; False if there is none and the closing bracket was read."""
        self.skip()
        while self.peek() == ",":
            self.note("there is a comma too many", self.at, self.at + 1)
            self.at += 1
            self.skip()
        if self.at == len(self.text):
            line = self.source.place(start)[0]
            opened = f"expected: {close} for the {self.text[start]} in line {line}"
            self.stop("the file ends too early", self.at, self.at + 1, (opened,))
        if self.peek() != close:
            return True
        self.at += 1
        return False

    def key(self) -> Node:
        """Read a key; one without quotes is understood and reported."""
        if self.peek() in ('"', "'"):
            return self.string()
        match = WORD.match(self.text, self.at)
        if match is None:
            self.stop(f"{self.named()} stands where a name in double quotes is expected", self.at, self.at + 1)
        self.at = match.end()
        self.note("a name without double quotes", match.start(), self.at, advice=f'write "{escape(match[0])}".')
        return Node(Kind.STRING, match.start(), self.at, match[0])

    def colon(self, key: Node) -> None:
        """Read the colon after a key."""
        self.skip()
        if self.peek() == "=":
            self.note(f"'=' after '{escape(key.value)}'", self.at, self.at + 1, ("expected: ':'",))
        elif self.peek() != ":":
            details = ("expected: ':'", f"got: {self.named()}")
            self.stop(f"no colon after '{escape(key.value)}'", key.end, key.end + 1, details)
        self.at += 1
        self.skip()

    def comma(self, end: int, start: int, close: str) -> None:
        """Read the comma after an entry that ended at ``end``; one that is missing is reported."""
        self.skip()
        following = self.peek()
        if following == ",":
            self.at += 1
        elif following in ('"', "'", "{", "[") or WORD.match(self.text, self.at):
            self.note("a comma is missing", end, end + 1)
        elif following not in (close, ""):
            line = self.source.place(start)[0]
            details = (f"expected: ',' or '{close}' for the {self.text[start]} in line {line}", f"got: {self.named()}")
            self.stop("the entry ends wrongly", self.at, self.at + 1, details)

    def add(self, found: dict[str, Member], member: Member) -> None:
        """Add an entry to its object, unless the name is taken."""
        name = unicodedata.normalize("NFC", member.key)
        first = found.setdefault(name, member)
        if first is not member:
            line = self.source.place(first.start)[0]
            self.note(
                f"'{escape(member.key)}' is given twice", member.start, member.end, (f"the first is in line {line}",)
            )

    def string(self) -> Node:
        """Read a text in quotes."""
        start = self.at
        double = self.peek() == '"'
        match = (STRING if double else SINGLE_QUOTED).match(self.text, start)
        if match is None:
            self.stop("a text has no end", start, start + 1, (f"expected: {self.peek()} in the same line",))
        self.at = match.end()
        if not double:
            self.note("a text in single quotes", start, self.at, advice="write double quotes.")
        return Node(Kind.STRING, start, self.at, self.unescaped(match[0][1:-1], start + 1))

    def unescaped(self, body: str, start: int) -> str:
        """Return what a text between quotes means."""
        for match in re.finditer(r"[\x00-\x1f]", body):
            place = start + match.start()
            self.note("a control character in a text", place, place + 1, advice=f"write \\u{ord(match[0]):04x}.")
        text = ESCAPE.sub(lambda match: self.escaped(match, start), body)
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.note("half of a surrogate pair is no character", start, start + len(body))
            return "?"

    def escaped(self, match: re.Match[str], start: int) -> str:
        """Return what one escape sequence means."""
        code = match[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in ESCAPES:
            place = start + match.start()
            self.note(
                f"unknown escape sequence '{escape(match[0])}'", place, place + 2, advice="write \\\\ for a backslash."
            )
        return ESCAPES.get(code, code)

    def word(self) -> Node:
        """Read a number, true, false or null."""
        match = WORD.match(self.text, self.at)
        if match is None:
            got = self.named()
            self.stop(f"{got} stands where a value is expected", self.at, self.at + 1)
        start, text = self.at, match[0]
        self.at = match.end()
        if text in LITERALS:
            kind = Kind.NULL if text == "null" else Kind.BOOLEAN
            return Node(kind, start, self.at, LITERALS[text])
        number = NUMBER.fullmatch(text)
        if number is None:
            self.note(f"'{escape(text)}' is no JSON value", start, self.at, *_advice(text))
            return Node(Kind.BROKEN, start, self.at)
        if len(text) > MAX_DIGITS:
            self.note(f"a number of {len(text)} characters", start, self.at, (f"expected: at most {MAX_DIGITS}",))
            return Node(Kind.BROKEN, start, self.at)
        value = float(text) if number[1] or number[2] else integer(text)
        if isinstance(value, float) and math.isinf(value):
            self.note(
                f"{text} is too large for a number", start, self.at, ("expected: at most 1.7976931348623157e308",)
            )
            return Node(Kind.BROKEN, start, self.at)
        return Node(Kind.NUMBER, start, self.at, value)

    def named(self) -> str:
        """Return the next character as a message calls it."""
        c = self.peek()
        if not c:
            return "the end of the file"
        if c.isascii() and c.isprintable():
            return f"'{c}'"
        return f"U+{ord(c):04X} ({unicodedata.name(c, 'control character')})"


def integer(text: str) -> int:
    """Return the integer that ``text`` stands for, of any length; Python's own conversion has a limit."""
    if text.startswith("-"):
        return -integer(text[1:])
    if len(text) <= SAFE_DIGITS:
        return int(text)
    low = len(text) // 2
    power: int = 10**low
    return integer(text[:-low]) * power + integer(text[-low:])


def _advice(text: str) -> tuple[tuple[str, ...], str]:
    """Return details and advice about a word that is no value."""
    if text in PYTHON_WORDS:
        return (), f"write {PYTHON_WORDS[text]}."
    if NOT_FINITE.fullmatch(text):
        return ("expected: a finite number",), ""
    if re.fullmatch(r"[+-]?[0-9.][0-9.eE+-]*", text):
        return ("expected: a number such as 0.5, -2 or 1e-3",), ""
    return ("expected: a number, true, false, null, or a text in double quotes",), ""
