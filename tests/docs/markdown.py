"""Code blocks of Markdown files: found, and written anew where they are generated; so are tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Block", "blocks", "generated", "regenerate"]

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GENERATED = re.compile(r"(<!-- generated: (\w+) -->\n```\w*\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
# a table, or anything else that is no code, ends with a line of its own
_SECTION = re.compile(r"(<!-- generated: (\w+) -->\n\n)(.*?)(^\n<!-- end -->$)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of the file on which the text begins."""

    language: str
    text: str
    line: int


def blocks(path: Path, language: str) -> list[Block]:
    """Return the fenced blocks of one language."""
    text = path.read_text(encoding="utf-8")
    found = [Block(m[1], m[2], text.count("\n", 0, m.start(2)) + 1) for m in _FENCE.finditer(text)]
    return [block for block in found if block.language == language]


def generated(path: Path) -> dict[str, str]:
    """Return the blocks that follow a line ``<!-- generated: name -->``, by that name; tables after the code."""
    text = path.read_text(encoding="utf-8")
    return {m[2]: m[3] for pattern in (_GENERATED, _SECTION) for m in pattern.finditer(text)}


def regenerate(path: Path, texts: dict[str, str]) -> None:
    """Write those blocks anew."""
    text = path.read_text(encoding="utf-8")
    for pattern in (_GENERATED, _SECTION):
        text = pattern.sub(lambda m: f"{m[1]}{texts[m[2]]}{m[4]}", text)
    path.write_text(text, encoding="utf-8")
