"""Calls with keywords in the inline code of the README and of docs/ name what exists, and arguments that it takes."""

import ast
import re

import pytest

from engram.program.backends import BACKENDS
from tests.docs.markdown import ROOT
from tests.elsewhere.calls import ROOTS, exists

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES.remove(ROOT / "docs" / "coming-from.md")  # which has other simulators' calls; engram's are run


def calls(text: str) -> list[ast.Call]:
    """Return the calls of engram in a page that have a keyword, outside of blocks."""
    found = []
    for code in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)):
        try:
            nodes = ast.walk(ast.parse(code))
        except SyntaxError:
            continue
        found += [node for node in nodes if isinstance(node, ast.Call) and node.keywords and _root(node) in ROOTS]
    return found


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def test_there_are_calls():
    assert sum(len(calls(page.read_text(encoding="utf-8"))) for page in PAGES) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_calls_in_inline_code_are_right(page):
    for call in calls(page.read_text(encoding="utf-8")):
        assert exists(call.func) is not None, ast.unparse(call)
        exists(call)
        for keyword in call.keywords:
            assert keyword.arg != "backend" or ast.literal_eval(keyword.value) in BACKENDS, ast.unparse(call)
