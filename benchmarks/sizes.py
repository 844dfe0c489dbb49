"""``make sizes``: lines per file and per function, largest first. Over 250 and 40 we look twice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("engram", "tests", "benchmarks", "examples", "tools")
FILE_LINES, FUNCTION_LINES = 250, 40
SHOWN = 15


def main() -> None:
    """Print the totals, the largest files and the longest functions."""
    for folder in FOLDERS:
        files = sorted((ROOT / folder).rglob("*.py"))
        print(f"{folder}: {len(files)} files, {sum(map(_lines, files)):,} lines")
    package = sorted((ROOT / "engram").rglob("*.py"))
    _print("files", [(_lines(file), str(file.relative_to(ROOT))) for file in package], FILE_LINES)
    _print("functions", [pair for file in package for pair in _functions(file)], FUNCTION_LINES)


def _print(title: str, sizes: list[tuple[int, str]], limit: int) -> None:
    print(f"\n{title} over {limit} lines: {sum(lines > limit for lines, _ in sizes)} of {len(sizes)}")
    for lines, name in sorted(sizes, reverse=True)[:SHOWN]:
        print(f"  {lines:4} {name}")


def _lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def _functions(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (lines of the body without its docstring, name) of each function."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body[0]
            yield (node.end_lineno or 0) - first.lineno + 1, f"{file.relative_to(ROOT)}: {node.name}"


if __name__ == "__main__":
    main()
