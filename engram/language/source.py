"""The texts of a model, and their division into statements.

In: what the user passed to ``eg.Neuron`` or ``eg.Synapse``, gathered by ``forms.py``. Out: pieces, one statement
each, in which comments are blanks, with offsets into the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engram.language.errors import MissingAssignment, TextError, TooLarge, UnbalancedParenthesis
from engram.language.hints import assignment_hint
from engram.language.nodes import Span
from engram.language.place import TextPlace
from engram.state.distributions import Distribution
from engram.state.spelling import escape

__all__ = [
    "BLANKS",
    "CALL_NODES",
    "MAX_DEPTH",
    "MAX_NODES",
    "MAX_PRINTED",
    "MAX_TEXT",
    "Block",
    "Piece",
    "Source",
    "find_assignment",
    "is_balanced",
    "split",
]

MAX_TEXT = 64 * 1024  # bytes of all texts of one model
MAX_PRINTED = 8 * MAX_TEXT  # where they are printed anew: 1e9 is 1000000000.0 then, and shared functions are in them
MAX_NODES = 16_384  # nodes of all expressions of one model, user functions put in place
CALL_NODES = 32  # as many nodes a call of a function, a power or a draw counts for: it is a page of machine code
MAX_WORDS = 6 * MAX_NODES  # names and numbers of all texts; a print has flags and functions beside its expressions
MAX_DEPTH = 200  # of one expression

BLANKS = " \t\r\n"  # what the grammar leaves out: other blanks of Unicode are errors wherever they stand

_COMMENT = re.compile(r"#[^\n]*")
_DERIVATIVE = re.compile(r"\bd((?!t\b)[A-Za-z_][A-Za-z0-9_]*)\s*/\s*d\s*t\b")
_WORD = re.compile(r"[A-Za-z0-9_.]+")
_NAME = re.compile(r"\b[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = re.compile(r"[-+*/]?(?<![=<>!])=(?!=)")


@dataclass(frozen=True)
class Block:
    """One text of a model.

    Args:
        name: ``equations``, ``pre_spike`` ...
        text: all of it, also what was given as a list or a dictionary.
        starts: offsets at which a new statement begins whatever stands before (items of a list).
        objects: (start, end, distribution): values that text can't hold, by the part that describes them.
    """

    name: str
    text: str
    starts: frozenset[int] = frozenset()
    objects: tuple[tuple[int, int, Distribution], ...] = ()

    def object_at(self, offset: int) -> Distribution | None:
        """Return the distribution object given for the statement at ``offset``, or None."""
        return next((o for start, end, o in self.objects if start <= offset < end), None)


@dataclass(frozen=True)
class Piece:
    """One statement of a block: ``text`` begins at offset ``start`` and has blanks where comments were."""

    block: str
    start: int
    text: str


@dataclass
class Source:
    """All texts of one model, and the problems found in them so far.

    Args:
        kind: ``neuron``, ``synapse``, or ``functions`` for functions outside of models; ``Pruning`` and ``Creating``
            for a condition alone.
        name: the user's name for the model, or ``""``.
        extra_values: what names in quotes stand for, as values of parameters.
        most: bytes that the texts may have.
        cautions: what is understood, but should be written in another way.
    """

    kind: str
    name: str
    blocks: dict[str, Block]
    extra_values: Mapping[str, Any] = field(default_factory=dict)
    most: int = MAX_TEXT
    problems: list[TextError] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    assumed: set[str] = field(default_factory=set)  # defined by wrong statements: not unknown elsewhere
    declared: set[str] = field(default_factory=set)  # names with an initial value, which the user meant to be variables

    @property
    def title(self) -> str:
        """How messages call the model."""
        title = self.kind.capitalize() if self.kind != "functions" else "functions"
        return f"{title} '{escape(self.name)}'" if self.name else title

    @property
    def is_printed(self) -> bool:
        """Whether the texts are a print of a model that was understood before."""
        return self.most > MAX_TEXT

    def content(self, block: str) -> str:
        """Return the text of a block without comments, and blanks and ``;`` around it; ``""`` if it says nothing."""
        return _COMMENT.sub("", self.blocks[block].text).strip(f"{BLANKS};") if block in self.blocks else ""

    def place(self, span: Span) -> TextPlace:
        """Return the place of a span, ready to be drawn."""
        block = self.blocks.get(span.block)
        return TextPlace(self.title, span.block, block.text if block else "", span.start, span.end)

    def report(self, problem: TextError) -> None:
        """Note a problem; all are raised together at the end."""
        self.problems.append(problem)

    def assume(self, piece: Piece) -> None:
        """Note the names that a wrong statement was to define, so that one mistake gives one error."""
        left = piece.text.split("=", 1)[0] if "=" in piece.text else (_NAME.findall(piece.text) or [""])[0]
        self.assumed.update(_NAME.findall(left))
        self.assumed.update(_DERIVATIVE.findall(piece.text))

    def check_size(self) -> None:
        """Report texts above the budget."""
        size = sum(len(block.text.encode("utf-8", "replace")) for block in self.blocks.values())
        if size > self.most:
            what = f"the texts of a model may have {self.most} bytes; these have {size}"
            self.report(TooLarge(what, TextPlace(self.title), advice="split it into several models."))
        elif size > MAX_TEXT:  # a shorter one has no room for so many
            self._check_words()

    def _check_words(self) -> None:
        """Report texts with more names and numbers than ever pass as nodes, before time is spent on their trees."""
        texts = [block.text for block in self.blocks.values()]
        count = sum(1 for text in texts for _ in _WORD.finditer(text))
        most = max(sum(1 for _ in _WORD.finditer(line)) for text in texts for line in re.split(r"[\n;]", text))
        if count > MAX_WORDS or most > 2 * MAX_NODES:
            what = f"the expressions of a model may have {MAX_NODES} nodes; these texts have {count} names and numbers"
            self.report(TooLarge(what, TextPlace(self.title), advice="split it into several models."))


def split(source: Source, name: str) -> list[Piece]:
    """Divide a block into statements: at newlines and ``;``, but a line without assignment continues the one before.

    Statements without an assignment or with unbalanced parentheses are reported, and left out.
    """
    block = source.blocks[name]
    clean = _COMMENT.sub(lambda m: " " * len(m.group()), block.text)
    sound: list[Piece] = []
    for start, end in _statements(clean, block.starts):
        piece = Piece(name, start, clean[start:end])
        if _is_sound(source, piece):
            sound.append(piece)
        else:
            source.assume(piece)
    return sound


def find_assignment(text: str) -> int | None:
    """Return where the assignment operator of a statement stands: outside parentheses, before any colon; or None."""
    depth = 0
    for i, c in enumerate(text):
        if c in "()":
            depth += 1 if c == "(" else -1
        elif c == ":" and depth <= 0:
            return None
        elif depth <= 0 and _ASSIGNMENT.match(text, i):
            return i
    return None


def is_balanced(source: Source, piece: Piece) -> bool:
    """Whether all parentheses of the piece have partners; if not, the first that lacks one is reported."""
    opened: list[int] = []
    for i, c in enumerate(piece.text):
        if c == "(":
            opened.append(i)
        elif c == ")" and not opened:
            _report_parenthesis(source, piece, i, "')' closes nothing", "remove it, or add '(' before.")
            return False
        elif c == ")":
            opened.pop()
    if opened:
        _report_parenthesis(source, piece, opened[-1], "'(' is never closed", "add ')'.")
    return not opened


def _statements(clean: str, starts: frozenset[int]) -> list[tuple[int, int]]:
    """Return (start, end) of each statement in text without comments."""
    found: list[tuple[int, int]] = []
    fresh = True  # after `;` and between the items of a list nothing is continued
    position = 0
    for line in re.split(r"(?<=[\n;])", clean):
        start, end = position, position + len(line.rstrip("\n;"))
        fresh = fresh or any(s in starts for s in range(position, position + max(1, len(line))) if s <= start)
        position += len(line)
        body = clean[start:end]
        if body.strip(BLANKS):
            start += len(body) - len(body.lstrip(BLANKS))
            end -= len(body) - len(body.rstrip(BLANKS))
            if found and not fresh and _continues(clean[slice(*found[-1])], clean[start:end]):
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
            fresh = False
        fresh = fresh or line.endswith(";")
    return found


def _continues(before: str, line: str) -> bool:
    return before.endswith((",", ":")) or find_assignment(line) is None


def _is_sound(source: Source, piece: Piece) -> bool:
    if find_assignment(piece.text) is None:
        end = piece.text.find("\n")
        span = Span(piece.block, piece.start, piece.start + (len(piece.text) if end < 0 else end))
        what = "a statement needs one of = += -= *= /="
        source.report(MissingAssignment(what, source.place(span), advice=assignment_hint(piece.text, piece.block)))
        return False
    return is_balanced(source, piece)


def _report_parenthesis(source: Source, piece: Piece, offset: int, what: str, advice: str) -> None:
    at = piece.start + offset
    place = source.place(Span(piece.block, at, at + 1))
    source.report(UnbalancedParenthesis(f"unbalanced parentheses: {what}", place, advice=advice))
