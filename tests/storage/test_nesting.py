from __future__ import annotations

import pytest

from engram.errors import DamagedFile, SaveError
from engram.storage.nesting import check_nesting, nest, pair


def test_nest_follows_the_slashes():
    assert nest(["a/b/c", "a/b/d", "e"]) == {"a": {"b": {"c": 0, "d": 1}}, "e": 2}


def test_value_beside_a_folder_of_its_name_gets_a_percent_sign():
    keys = ["p/history", "p/history%", "p/history/rank"]

    assert nest(keys) == {"p": {"history%%": 0, "history%": 1, "history": {"rank": 2}}}


def test_reserved_first_segment_gets_a_percent_sign():
    assert nest(["engram", "x/engram"], {"engram"}) == {"engram%": 0, "x": {"engram": 1}}
    assert nest(["engram", "engram%", "engram/x"], {"engram"}) == {"engram%%%": 0, "engram%": 1, "engram%%": {"x": 2}}


def test_keys_that_differ_in_percent_signs_alone_keep_apart():
    keys = ["a", "a%", "a%%", "a%%/x", "a%/x", "a/x"]
    tree = nest(keys)

    assert tree == {"a%%%": 0, "a%%%%": 1, "a%%%%%": 2, "a%%": {"x": 3}, "a%": {"x": 4}, "a": {"x": 5}}


@pytest.mark.parametrize("keys", [["a", "a"], [""], ["a//b"], ["/a"], ["a/"], ["/".join("a" * 65)]])
def test_impossible_keys_are_refused(keys):
    with pytest.raises(DamagedFile, match="the manifest"):
        nest(keys)
    with pytest.raises(SaveError, match="the manifest"):
        check_nesting(keys)


def test_pair_lists_all_that_is_missing_or_too_much():
    tree = nest(["a/b", "a/c", "d/e", "f"])
    message = (
        r"'g' is not in the manifest; 'a/x' is not in the manifest; 'a/c' is missing; 'd' is a value.*; 'f' is missing"
    )

    with pytest.raises(DamagedFile, match=message):
        pair(tree, {"a": {"b": 1, "x": 2}, "d": 3, "g": 4}, dict)


def test_pair_gives_place_and_value():
    assert pair(nest(["a/b", "c"]), {"a": {"b": 1}, "c": 2}, dict) == {0: ("a/b", 1), 1: ("c", 2)}
