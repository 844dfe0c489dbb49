"""The words of a parameters file: texts, numbers and marks, one after the other, with their places.

In: the text of a file. Out: what ``json`` says that each text and number means, and reports of those that mean nothing.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Any, Final, NoReturn

from engram.state.spelling import escape
from engram.storage.parameters.errors import Source, shown

__all__ = ["BROKEN", "MAX_DIGITS", "OPENING", "Tokens"]

MAX_DIGITS = 100_000  # of one number: long ones take time out of proportion
SAFE_DIGITS = 600  # Python may refuse to convert integers of more than 640 digits

BROKEN: Final = object()  # stands for a value that could not be understood, and was reported

TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+|//[^\r\n]*|\#[^\r\n]*|/\*.*?\*/)
      | (?P<text>"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*"|'[^'\\\r\n]*(?:\\[^\r\n][^'\\\r\n]*)*')
      | (?P<quote>["'])
      | (?P<word>[^\s,:=\[\]{}"'\#/]+)
      | (?P<mark>/\*|.)
      | (?P<end>\Z)""",
    re.DOTALL | re.VERBOSE,
)
OPENING = ("text", "quote", "word", "{", "[")  # what a value begins with
ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|(\\.|[\x00-\x1f"])')
PYTHON_WORDS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "null", "NULL": "null"}
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


class Tokens:
    """Reads one text from left to right.

    Attributes:
        kind, text, start, end: of the next token; a mark is its own kind.
        last: the end of the token before.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.kind = self.text = ""
        self.start = self.end = self.last = 0
        self.step()

    def step(self) -> None:
        """Go on to the next token that is neither white space nor comment."""
        self.last = self.end
        self.kind = "blank"
        while self.kind == "blank":
            token = TOKEN.match(self.source.text, self.end)
            assert token is not None  # the end is a token, too
            self.text = token[0]
            self.kind = self.text if token.lastgroup == "mark" else str(token.lastgroup)
            self.start, self.end = token.span()
        if self.kind == "/*":
            self.source.stop("a comment has no end", self.start, self.end, "expected: */")

    def note(self, what: str, *details: str, advice: str = "") -> None:
        """Report the next token and read on."""
        self.source.note(what, self.start, self.end, *details, advice=advice)

    def stop(self, what: str, *details: str) -> NoReturn:
        """Report the next token and give up."""
        self.source.stop(what, self.start, self.start + 1, *details)

    def string(self) -> str:
        """Read a text in quotes."""
        if self.kind == "quote":
            self.stop("a text has no end", f"expected: {self.text} in the same line")
        if self.text[0] == "'":
            self.note("a text in single quotes", advice="write double quotes.")
        text: str = json.loads('"' + ESCAPE.sub(self.mended, self.text[1:-1]) + '"')
        try:
            text.encode()
        except UnicodeEncodeError:
            self.source.note("half of a surrogate pair is no character", self.start + 1, self.end - 1)
            text = "?"
        self.step()
        return text

    def mended(self, match: re.Match[str]) -> str:
        """Report what can't stand in a text, and return what can."""
        wrong, start = match[1], self.start + 1 + match.start()
        if wrong is None:
            return match[0]
        if wrong[0] == "\\":
            what, advice = f"unknown escape sequence '{escape(wrong)}'", "write \\\\ for a backslash."
            self.source.note(what, start, start + 2, advice=advice)
        elif wrong != '"':  # which may stand between single quotes
            advice = f"write \\u{ord(wrong):04x}."
            self.source.note("a control character in a text", start, start + 1, advice=advice)
        return json.dumps(wrong[-1])[1:-1]

    def word(self) -> Any:
        """Read a number, true, false or null."""
        text = self.text
        value: Any = BROKEN
        if len(text) > MAX_DIGITS and text[0] in "-0123456789":
            self.note(f"a number of {len(text)} characters", f"expected: at most {MAX_DIGITS}")
        else:
            try:
                value = JSON.decode(text)
            except ValueError:
                expected, advice = _hints(text)
                self.note(f"'{shown(text)}' is no JSON value", *expected, advice=advice)
        if isinstance(value, float) and math.isinf(value):
            self.note(f"{shown(text)} is too large for a number", "expected: at most 1.7976931348623157e308")
            value = BROKEN
        self.step()
        return value

    def named(self) -> str:
        """Return the next character as a message calls it."""
        if self.kind == "end":
            return "the end of the file"
        c = self.text[0]
        if c.isascii() and c.isprintable():
            return f"'{c}'"
        return f"U+{ord(c):04X} ({unicodedata.name(c, 'control character')})"


def _hints(word: str) -> tuple[tuple[str, ...], str]:
    """Return what was expected, and advice about a word that is no value."""
    if word in PYTHON_WORDS:
        return (), f"write {PYTHON_WORDS[word]}."
    if NOT_FINITE.fullmatch(word):
        return ("expected: a finite number",), ""
    if re.fullmatch(r"[+-]?[0-9.][0-9.eE+-]*", word):
        return ("expected: a number such as 0.5, -2 or 1e-3",), ""
    return ("expected: a number, true, false, null, or a text in double quotes",), ""


def _integer(text: str) -> int:
    """Return the integer that ``text`` stands for, of any length; Python's own conversion has a limit."""
    if text.startswith("-"):
        return -_integer(text[1:])
    if len(text) <= SAFE_DIGITS:
        return int(text)
    low = len(text) // 2
    power: int = 10**low
    return _integer(text[:-low]) * power + _integer(text[-low:])


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)  # json would take NaN, Infinity and -Infinity


JSON = json.JSONDecoder(parse_int=_integer, parse_constant=_no_number)
