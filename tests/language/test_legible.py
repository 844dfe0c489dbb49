"""Conditions of ``eg.Pruning`` and ``eg.Creating``: refused where they are written if they can't be read."""

from __future__ import annotations

import pytest

import engram as eg
from engram.errors import LanguageError

RIGHT = (
    "t is not 3.0",
    "q[1] > 2",
    "if pre.r > 1: a else: b",
    "not (w < -.5e-3 or f(a, pre . r)**2 != b)",
    "w <\n 1 # less",
    "a & b | c",
)
WRONG = (
    "r > > 1",
    "(r > 1",
    "r > 1)",
    "r.s > 1",
    "a b > 1",
    "a = 1",
    "f() > 1 2",
    "1, a",
    "if r",
    "a : 1",
    "r[",
    "é",
    "()",
)


def test_object_with_a_text_that_can_not_be_read_is_refused_where_it_is_written():
    with pytest.raises(LanguageError) as caught:
        eg.Pruning("w >")
    assert str(caught.value) == (
        "the statement ends too early\n  in Pruning, line 1, column 4:\n  1 | w >\n    |    ^\n"
        "  expected: a value (number, name, function or parenthesis)"
    )
    for text in WRONG:
        with pytest.raises(LanguageError, match="in Creating, line 1"):
            eg.Creating(text)
    for text in RIGHT:
        assert eg.Pruning(text).equation == text


def test_flags_of_an_object_are_not_in_the_comment_behind_its_condition():
    rule = eg.Synapse(pruning=eg.Pruning("w < 1.0  # small", proba=0.25))

    assert dict(rule.spec.blocks)["pruning"] == "w < 1.0 : proba=0.25"
