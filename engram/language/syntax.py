"""Text -> raw syntax tree: the grammar applied, and its complaints turned into messages with carets.

In: pieces from ``source.py``. Out: raw statements, whose expressions still have every function as a plain Call and
whose spans already point into the block. ``resolve.py`` gives the names their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from unicodedata import combining

from engram.language import chains
from engram.language.build import RawFlag, RawStatement, TreeBuilder
from engram.language.errors import BadSyntax, ExtraAssignment, InvalidCharacter, MissingElse, TooLarge
from engram.language.hints import character_hint, token_hint
from engram.language.nodes import Expr, Span
from engram.language.source import BLANKS, MAX_DEPTH, Piece, Source, is_balanced, split
from engram.language.trees import measure
from engram.state.spelling import code_point, escape, is_hidden

if TYPE_CHECKING:
    from lark import Lark

__all__ = ["Statement", "read_expression", "read_statements"]

_VALUES = {"NAME", "NUMBER", "LPAR"}
_NUMPYS = re.compile(
    r"\b(?:np|numpy)\s*\.\s*(?:float|int|uint)[0-9]+(?=\(\s*[-+]?(?:inf|[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*\))", re.ASCII
)
"""The kind of a scalar of NumPy before its number in parentheses, as ``f"{x!r}"`` has it: ``np.float64(10.0)``."""
_WORDS = {
    "ASSIGN": "an assignment",
    "NAME": "a name",
    "COLON": "':'",
    "COMMA": "','",
    "RPAR": "')'",
    "ELSE": "'else'",
    "$END": "the end of the statement",
}


@dataclass(frozen=True)
class Statement:
    """A statement as the grammar sees it; the offset of ``piece`` is already in every span."""

    piece: Piece
    left: Expr
    op: str
    right: Expr
    flags: tuple[RawFlag, ...]
    span: Span


def read_statements(source: Source, block: str) -> list[Statement]:
    """Parse all statements of a block; those that can't be parsed are reported and left out."""
    found: list[Statement] = []
    for piece in split(source, block) if block in source.blocks else ():
        raw = _parse(source, piece, "statement")
        if isinstance(raw, RawStatement):
            span = Span(block, piece.start, piece.start + len(piece.text))
            found.append(Statement(piece, raw.left, raw.op, raw.right, raw.flags, span))
        else:
            source.assume(piece)
    return found


def read_expression(source: Source, block: str) -> Expr | None:
    """Parse a block that is one expression (``spike``, ``psp``); None when it is absent, empty or wrong."""
    text = source.blocks[block].text if block in source.blocks else ""
    clean = "\n".join(line.split("#", 1)[0].ljust(len(line)) for line in text.split("\n"))
    if not clean.strip(BLANKS):
        return None
    start = len(clean) - len(clean.lstrip(BLANKS))
    piece = Piece(block, start, clean.strip(BLANKS).rstrip(";"))
    return _parse(source, piece, "expression") if is_balanced(source, piece) else None


@lru_cache(maxsize=1)
def _lark() -> Lark:
    from lark import Lark  # takes 60 ms, and a warm start needs no parser

    grammar = resources.files("engram.language").joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", start=["statement", "expression"], keep_all_tokens=True)


def _parse(source: Source, piece: Piece, start: str) -> Any:
    """Parse one piece; None when it is wrong, which is then reported."""
    from lark import UnexpectedCharacters, UnexpectedToken

    try:
        tree = _lark().parse(_NUMPYS.sub(lambda kind: " " * len(kind[0]), piece.text), start=start)
    except UnexpectedCharacters as error:
        _report_character(source, piece, error.pos_in_stream or 0)
        return None
    except UnexpectedToken as error:
        _report_token(source, piece, start, error.token, error.expected)
        return None
    builder = TreeBuilder(piece.block, piece.start)
    raw, grouped = builder.build(tree), builder.grouped
    if not isinstance(raw, RawStatement):
        raw = _flat(raw, grouped)
        return raw if _is_shallow(source, piece, [raw]) else None
    flags = tuple(f if f.value is None else replace(f, value=_flat(f.value, grouped)) for f in raw.flags)
    raw = replace(raw, left=_flat(raw.left, grouped), right=_flat(raw.right, grouped), flags=flags)
    roots = [raw.left, raw.right, *(flag.value for flag in flags if flag.value is not None)]
    return raw if _is_shallow(source, piece, roots) else None


def _flat(expr: Expr, grouped: set[int]) -> Expr:
    """Return an expression whose long sums are no deep trees; one without any is not touched."""
    return chains.halved(expr, grouped) if measure(expr)[1] > chains.LONGEST else expr


def _is_shallow(source: Source, piece: Piece, roots: Sequence[Expr]) -> bool:
    """Whether every expression is within the budget of depth, so that all later passes may recurse."""
    if all(measure(root)[1] <= MAX_DEPTH for root in roots):
        return True
    what = f"an expression may be nested {MAX_DEPTH} deep; this one is deeper"
    advice = "name parts of it by statements of their own."
    source.report(TooLarge(what, source.place(_span(piece, 0, len(piece.text))), advice=advice))
    return False


def _span(piece: Piece, start: int, end: int) -> Span:
    return Span(piece.block, piece.start + start, piece.start + end)


def _report_character(source: Source, piece: Piece, at: int) -> None:
    character = escape(piece.text[at])
    is_alone = not is_hidden(piece.text[at]) and not combining(piece.text[at])
    shown = f"'{character}'" if is_alone else code_point(piece.text[at])
    what, advice = f"unexpected character {shown}", character_hint(piece.text, at, piece.block)
    source.report(InvalidCharacter(what, source.place(_span(piece, at, at + 1)), advice=advice, identifier=character))


def _report_token(source: Source, piece: Piece, start: str, token: Any, expected: set[str]) -> None:
    """Report a token that can't stand where it stands, as the mistake that it most likely is."""
    at_end = token.type == "$END"
    first, end = (len(piece.text), len(piece.text) + 1) if at_end else (token.start_pos, token.end_pos)
    place = source.place(_span(piece, first, end))
    lonely = _lonely_if(piece.text)
    if token.type == "ASSIGN":
        what = f"'{token}' can't stand here: one assignment in each statement, none in an expression"
        source.report(ExtraAssignment(what, place, advice=_assignment_advice(piece, start, piece.text[end : end + 1])))
    elif lonely is not None and (at_end or token.type == "COLON"):
        what = "a conditional needs an 'else'"
        at = source.place(_span(piece, lonely, lonely + 2))
        source.report(MissingElse(what, at, advice="write 'if condition: value else: value'."))
    else:
        what = "the statement ends too early" if at_end else f"unexpected '{escape(str(token))}'"
        advice = token_hint(piece.text, first, str(token), token.type, expected, piece.block)
        if start == "expression" and "\n" in piece.text[:first]:
            advice = f"`{piece.block}` is one expression; 'and' and 'or' join conditions."
        source.report(BadSyntax(what, place, (f"expected: {_describe(expected)}",), advice))


def _assignment_advice(piece: Piece, start: str, after: str) -> str:
    if after in ("<", ">") and after:
        return f"write '{after}='."
    if start == "statement":
        return "'==' compares; ';' or a new line begins a new statement."
    if piece.block == "psp":
        return "`psp` is an expression: write only what stands on the right."
    return "'==' compares."


def _lonely_if(text: str) -> int | None:
    """Return where the first ``if`` without ``else`` stands, or None."""
    opened: list[int] = []
    for word in re.finditer(r"\b(if|else)\b", text):
        if word.group() == "if":
            opened.append(word.start())
        elif opened:
            opened.pop()
    return opened[0] if opened else None


def _describe(expected: set[str]) -> str:
    """Say in words which tokens could have stood somewhere."""
    if expected & _VALUES == _VALUES:
        return "a value (number, name, function or parenthesis)"
    if "PLUS" in expected:
        return "an operator"
    words = [word for token, word in _WORDS.items() if token in expected]
    return ", ".join(words) or "the end of the statement"
