"""A network that has the values of a file has begun as that says: of each field, its concern decides."""

from engram.blueprint.adopt import adopted
from engram.blueprint.fields import Concern
from engram.blueprint.records import Blueprint
from tests.blueprint.changes import changes
from tests.blueprint.example import EXAMPLE
from tests.cases import check_each


def check_change(change):
    expected = change.value if change.concern in (Concern.START, Concern.RECIPE) else EXAMPLE

    assert repr(adopted(EXAMPLE, change.value, bool)) == repr(expected)
    if not change.place.startswith((".settings", ".constants", ".notes")):
        assert repr(adopted(EXAMPLE, change.value, lambda path: False)) == repr(EXAMPLE)


def test_what_says_how_things_begin_is_the_file_s_and_nothing_else():
    found = {
        one.place: (one,) for one in changes(EXAMPLE, Blueprint) if one.table is None and "permuted" not in one.place
    }
    check_each(found, check_change)
