"""docs/spec-coverage.md names tests that exist."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"\| ([0-9., ]+) \| (.+?) \| (.+) \|")  # one section or several
EVASIONS = {"skip", "skipif", "xfail", "importorskip", "suppress"}
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows():
    text = (ROOT / "docs" / "spec-coverage.md").read_text(encoding="utf-8")
    return [match.groups() for line in text.splitlines() if (match := ROW.fullmatch(line))]


@functools.cache
def functions_in(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def names_in(file):
    return {test.name for test in functions_in(file)}


def evasions(source):
    """What in a test, or beside it in its file, keeps it from failing: marks of pytest and calls of its functions."""
    nodes = list(ast.walk(ast.parse(source)))
    words = [n.attr for n in nodes if isinstance(n, ast.Attribute)]
    words += [n.name for n in nodes if isinstance(n, ast.alias)]
    return [word for word in words if word in EVASIONS]


def test_every_named_test_exists():
    named = [pair for _, _, tests in rows() for pair in NAMED.findall(tests)]

    assert len(named) > 100
    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []


def test_no_named_test_can_be_skipped_or_may_fail():
    """Marks on the test, marks on all of its file, and calls in its body."""
    wrong = []
    for file in sorted({file for _, _, tests in rows() for file, _ in NAMED.findall(tests)}):
        text = (ROOT / file).read_text(encoding="utf-8")
        named = {name for _, _, tests in rows() for f, name in NAMED.findall(tests) if f == file}
        statements = [ast.unparse(node) for node in ast.parse(text).body]  # an import may have several lines
        shared = "\n".join(one for one in statements if one.startswith(("pytestmark", "import", "from")))
        parts = [(f"{file} (all of it)", shared)]
        parts += [(f"{file}::{t.name}", ast.unparse(t)) for t in functions_in(file) if t.name in named]
        wrong += [f"{place}: {found}" for place, source in parts for found in evasions(source)]

    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.xfail\ndef test_x(): pass",
        "@pytest.mark.skip(reason='later')\ndef test_x(): pass",
        "@pytest.mark.skipif(True, reason='here')\ndef test_x(): pass",
        "@pytest.mark.parametrize('a', [pytest.param(1, marks=pytest.mark.xfail)])\ndef test_x(a): pass",
        "def test_x():\n    pytest.skip('not now')",
        "def test_x():\n    sympy = pytest.importorskip('sympy')",
        "def test_x():\n    with contextlib.suppress(AssertionError):\n        assert False",
        "from pytest import skip",
        "pytestmark = pytest.mark.skip",
    ],
)
def test_what_lets_a_test_pass_without_being_right_is_found(source):
    assert evasions(source) != []
    assert evasions("@pytest.mark.parametrize('a', [1])\ndef test_x(a):\n    assert a.skipped == 1") == []


def test_every_rule_has_a_test_or_says_that_there_is_none():
    assert [rule for _, rule, tests in rows() if not NAMED.search(tests) and tests != "*not available*"] == []


def test_all_sections_are_covered():
    sections = {section for several, _, _ in rows() for section in several.split(", ")}

    assert sections >= {"3.1", "3.2", "3.3", "3.4", "3.5", "4", "5", "6.1", "6.2", "6.3", "6.4", "6.5"}
    assert sections >= {"7", "8", "9", "10", "10.1", "11", "12", "13", "14", "16"}
