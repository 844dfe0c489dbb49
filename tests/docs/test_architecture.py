"""docs/ARCHITECTURE.md shows what the code does: every generated block is generated again."""

from __future__ import annotations

import os
import re

import pytest

from tests.docs import tour
from tests.docs.markdown import ROOT, generated, regenerate

PAGE = ROOT / "docs" / "ARCHITECTURE.md"


def test_the_page_has_the_blocks_of_the_tour():
    assert list(generated(PAGE)) == list(tour.BLOCKS)


@pytest.mark.cc
@pytest.mark.parametrize("name", tour.BLOCKS)
def test_block_is_what_the_code_produces_golden(name, tmp_path):
    text = tour.BLOCKS[name](tmp_path)
    if os.environ.get("ENGRAM_GOLDEN") == "1":
        regenerate(PAGE, {**generated(PAGE), name: text})

    assert generated(PAGE)[name] == text


def test_the_equation_stands_above_its_c():
    lines = tour.c().splitlines()
    comment = next(k for k, line in enumerate(lines) if f"/* {tour.EQUATION} */" in line)

    assert "=" in lines[comment + 1]


def test_the_page_lists_every_package():
    listing = PAGE.read_text(encoding="utf-8").split("```")[1]
    listed = [name for line in listing.splitlines() for name in re.split(r"  +", line)[0].split(" | ") if name]
    parts = (ROOT / "engram").glob("[a-z]*")

    assert sorted(listed) == sorted(p.stem for p in parts if p.suffix == ".py" or (p / "__init__.py").exists())


def test_the_page_names_only_files_that_exist():
    named = set(re.findall(r"`((?:engram|tests|examples|docs)/[\w/.]+\.\w+)`", PAGE.read_text(encoding="utf-8")))

    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_a_name_without_a_folder_stands_in_the_folder_that_was_named_last():
    table = PAGE.read_text(encoding="utf-8").partition("## Who finds what where")[2].partition("\n## ")[0]
    found, wrong = 0, []
    for row in table.splitlines():
        folder = None
        for name in re.findall(r"`((?:[\w]+/)*[\w]+\.(?:py|c|h|txt|lark)|engram/[\w/]*/)`", row):
            path = ROOT / name if name.startswith("engram/") else None
            if path is None and folder is not None:
                found += 1
                path = next((one / name for one in (folder, *folder.parents) if (one / name).exists()), None)
                wrong += [] if path is not None and path.is_relative_to(ROOT / "engram") else [(row[:60], name)]
            folder = folder if path is None else path if path.is_dir() else path.parent

    assert found > 50
    assert wrong == []
