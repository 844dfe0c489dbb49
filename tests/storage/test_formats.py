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


@pytest.mark.parametrize("name", [".npz", "x/.H5", ".gz", ".txt", ".json"])
def test_suffix_without_a_name_is_refused(name):
    with pytest.raises(InvalidArgument, match="a suffix without a name before it\n  help: give it one: '.*run"):
        format_for(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    {"x.hdf": "x.h5", "x.nzp": "x.npz", "x.np": "x.npz", "x.NPZZ": "x.npz", "x.npz ": "x.npz", "x.gzip": "x.gz",
     "x.zg": "x.gz", "x.engarm": "x.engram", "x.eng": "x.engram", "x.matlab": "x.mat", "x.matt": "x.mat",
     "x.hdf55": "x.hdf5"}.items(),
)  # fmt: skip
def test_mistyped_suffix_is_refused_with_the_one_that_is_near(name, meant):
    with pytest.raises(InvalidArgument, match=f"can't be saved as .*\n  help: did you mean '{meant}'"):
        format_for(name)


def test_suffix_says_how_a_file_is_written():
    expected = {"x.NPZ": "npz", "x.hdf5": "h5", "x.h5": "h5", "x": "pickle", "x.dat": "pickle", "x.npz.bak": "pickle"}
    expected |= dict.fromkeys(("x.net", "x.data", "x.pkl", "x.0.5", "x.5h", "x.m5", ".run", "x.", "x.nat"), "pickle")

    assert {name: format_for(name).name for name in expected} == expected


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.instance)
def test_file_begins_as_the_table_says(row):
    """Parameters are not written over such a file."""
    written_now = written(getattr(import_module(row.module), row.instance), manifest_of(few()), few())

    assert row.head
    assert written_now.startswith(row.head)
