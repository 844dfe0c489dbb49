"""docs/spec-coverage.md names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"\| ([0-9.]+) \| (.+?) \| (.+) \|")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows():
    text = (ROOT / "docs" / "spec-coverage.md").read_text(encoding="utf-8")
    return [match.groups() for line in text.splitlines() if (match := ROW.fullmatch(line))]


def names_in(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_named_test_exists():
    named = [pair for _, _, tests in rows() for pair in NAMED.findall(tests)]

    assert len(named) > 100
    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []


def test_every_rule_has_a_test_or_says_that_there_is_none():
    assert [rule for _, rule, tests in rows() if not NAMED.search(tests) and tests != "*not available*"] == []


def test_all_sections_are_covered():
    sections = {section for section, _, _ in rows()}

    assert sections >= {"3.1", "3.2", "3.3", "3.4", "3.5", "4", "5", "6.1", "6.2", "6.3", "6.4", "6.5", "13"}
