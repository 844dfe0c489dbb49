"""docs/coming-from.md: every row is run, on the side of engram."""

from __future__ import annotations

import re

import numpy as np
import pytest

import engram as eg
from tests.docs.markdown import ROOT

PAGE = ROOT / "docs" / "coming-from.md"


def rows() -> list[str]:
    """The cells of engram's column, which is the second: it is seen on a phone."""
    lines = [
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and set(line) - set("|- ")
    ]
    cells = [line.strip("|").split(" | ")[1].strip() for line in lines]
    return [cell for cell in cells if cell != "engram" and set(cell) - set("-|")]


@pytest.mark.cc
@pytest.mark.slow
def test_every_row_runs_one_after_the_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = {"eg": eg, "np": np}
    for row in rows():
        code = re.fullmatch(r"`([^`]+)`", row)
        assert code is not None, row
        exec(code[1], known)  # noqa: S102  our own text
    eg.clear()

    assert len(rows()) > 40
    assert known["later"].time == 0.0
