"""The table of formats: each row has its tests."""

from importlib import import_module
from pkgutil import walk_packages

import pytest

import tests.storage
from engram.errors import InvalidArgument
from engram.storage.formats import TABLE, format_for
from tests.contracts.format_contract import FormatContract, few, manifest_of, written


def test_every_format_keeps_the_contract():
    for module in walk_packages(tests.storage.__path__, "tests.storage."):
        import_module(module.name)

    kept = [one.format for one in FormatContract.__subclasses__()]
    assert [row for row in TABLE if getattr(import_module(row.module), row.instance) not in kept] == []


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.PDF", "x.npy", "x.tar.xz"])
def test_suffix_of_another_kind_of_file_is_refused(name):
    with pytest.raises(InvalidArgument, match=r"expected one of \.npz, .*\.h5.*\n  help: "):
        format_for(name)


def test_suffix_says_how_a_file_is_written():
    expected = {"x.NPZ": "npz", "x.hdf5": "h5", "x.h5": "h5", "x": "pickle", "x.dat": "pickle", "x.npz.bak": "pickle"}

    assert {name: format_for(name).name for name in expected} == expected


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.instance)
def test_file_begins_as_the_table_says(row):
    """Parameters are not written over such a file."""
    written_now = written(getattr(import_module(row.module), row.instance), manifest_of(few()), few())

    assert row.head
    assert written_now.startswith(row.head)
