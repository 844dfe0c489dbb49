"""docs/language.md shows the tables of the code: every one is generated again."""

from __future__ import annotations

import os

import pytest

from engram.language.flags import _GROUPS
from engram.language.vocabulary import FUNCTIONS, GLOBAL_OPS, TIMES
from tests.docs import language_tables
from tests.docs.markdown import ROOT, generated, regenerate

PAGE = ROOT / "docs" / "language.md"


def test_the_page_has_all_tables():
    assert list(generated(PAGE)) == list(language_tables.TABLES)


@pytest.mark.cc
@pytest.mark.parametrize("name", language_tables.TABLES)
def test_table_is_that_of_the_code_golden(name):
    text = language_tables.TABLES[name]()
    if os.environ.get("ENGRAM_GOLDEN") == "1":
        regenerate(PAGE, {**generated(PAGE), name: text})

    assert generated(PAGE)[name] == text


def test_every_word_of_the_code_is_explained_and_no_other():
    flags = {name for group, names in _GROUPS.items() if group != "method" for name in names} | {"method"}

    assert set(language_tables.EXAMPLES) == set(FUNCTIONS)
    assert set(language_tables.MEANT) == flags
    assert set(language_tables.GLOBALS) == set(GLOBAL_OPS)
    assert set(language_tables.TIMED) == {name for times in TIMES.values() for name in times}
