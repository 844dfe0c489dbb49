"""Tests of what tests use: a check that could not fail would hide what it checks."""

import pytest

from tests.cases import check_each, each, matrix, sometimes, tried


def check_positive(number):
    if number == 0:
        pytest.fail("nothing")
    assert number > 0, "negative"


def test_cases_that_fail_are_named_together():
    check_each([1, 2], check_positive)
    with pytest.raises(AssertionError, match="(?s)^b: AssertionError: negative.*\nc: Failed: nothing"):
        check_each({"a": 1, "b": -1, "c": 0}, check_positive)


def test_no_case_is_a_failure():
    with pytest.raises(AssertionError, match="there is no case"):
        check_each([], check_positive)


@each("number", [1, 2, 3])
@each(("low", "high"), [(0, 5), (-1, 4)])
def test_each_case_of_a_decorated_test_is_tried(number, low, high, tmp_path):
    assert low < number < high
    assert not (tmp_path / f"{number} {low}").exists()  # fixtures are given, and are those of one test
    (tmp_path / f"{number} {low}").touch()


def test_cases_that_fail_of_a_decorated_test_are_named_together():
    named = r"(?s)\(-1,\): AssertionError: negative.*\n\(0,\): Failed: nothing"
    with pytest.raises(AssertionError, match=named) as caught:
        each("number", [1, -1, 0])(check_positive)()

    assert str(caught.value.__cause__).startswith("negative")


def test_matrix_has_all_pairs_and_each_row_and_column_everyday():
    pairs = matrix("abc", range(5), 2)
    everyday = [pair.values for pair in pairs if not pair.marks]

    assert [pair.values for pair in pairs] == [(row, column) for row in "abc" for column in range(5)]
    assert [sum(row == one for row, _ in everyday) for one in "abc"] == [2, 2, 2]
    assert {column for _, column in everyday} == set(range(5))
    with pytest.raises(AssertionError, match="never come"):
        matrix("ab", range(5), 2)


def test_one_of_so_many_is_tried_everyday_and_all_nightly(monkeypatch):
    assert sometimes(range(7), 3) == [0, 3, 6]
    monkeypatch.setattr("tests.cases.examples", lambda number: 5 * number)
    assert sometimes(range(7), 3) == [*range(7)]


def test_some_pairs_are_tried_everyday_and_all_nightly(monkeypatch):
    assert tried("ab", range(4), 2) == [("a", 0), ("a", 1), ("b", 2), ("b", 3)]
    monkeypatch.setattr("tests.cases.examples", lambda number: 5 * number)
    assert len(tried("ab", range(4), 2)) == 8
