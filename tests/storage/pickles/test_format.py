from __future__ import annotations

import gzip
import io
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from engram.errors import DamagedFile, EngramError, SaveError, UnsupportedFile
from engram.state.slots import Role, Slot
from engram.state.tree import Leaf
from engram.storage.manifest import to_json
from engram.storage.pickles.format import GZIP, PICKLE
from tests.contracts.format_contract import FormatContract, MemoryWriter, few, joined, leaf, manifest_of, read, written


def several():
    return [
        leaf("network/step", np.int64(2**40), hidden=True),
        leaf("populations/exc/a", np.float32(0.1)),
        leaf("populations/exc/history", np.float64(-0.0)),
        leaf("populations/exc/history/rank", np.arange(1000, dtype="<u4"), 3, hidden=True),
        leaf("populations/exc/learns", np.array(True)),
        leaf("populations/exc/v", np.random.default_rng(1).random((20, 30))),
    ]


def values_of(leaves):
    return {item.slot.path: joined(item) for item in leaves}


class TestPickle(FormatContract):
    format = PICKLE


class TestPickleOfPython(FormatContract):
    """The same, after Python's pickle read the file and wrote it again: what a curious user's file is."""

    class Rewritten:
        name = "pickle"
        recognises = staticmethod(PICKLE.recognises)
        check = staticmethod(PICKLE.check)
        open = staticmethod(PICKLE.open)

        @staticmethod
        def write(out, manifest, leaves):
            plain = MemoryWriter()
            blocks = PICKLE.write(plain, manifest, leaves)
            out.write(pickle.dumps(pickle.loads(bytes(plain.data)), protocol=5))
            return blocks

    format = Rewritten()


def test_python_reads_the_file():
    leaves = several()
    manifest = manifest_of(leaves)
    loaded = pickle.loads(written(PICKLE, manifest, leaves))
    exc = loaded["populations"]["exc"]

    assert loaded["engram"] == to_json(manifest).decode()
    assert list(loaded) == ["engram", "engram/digest", "engram/blocks", "network", "populations"]
    assert loaded["network"] == {"step": 2**40}
    assert exc["a"] == float(np.float32(0.1))
    assert type(exc["history%"]) is float
    assert exc["learns"] is True
    assert exc["history"]["rank"].dtype == np.dtype("<u4")
    assert exc["history"]["rank"].flags.writeable
    assert exc["v"].tobytes() == joined(leaves[5])
    assert exc["v"].shape == (20, 30)


def test_python_warns_of_nothing_and_needs_only_names_that_numpy_1_and_2_have():
    data = written(PICKLE, manifest_of(several()), several())
    code = "import pickle, sys; pickle.load(sys.stdin.buffer)"

    subprocess.run([sys.executable, "-W", "error", "-c", code], input=data, check=True, capture_output=True)
    assert b"numpy._core" not in data
    assert data.count(b"numpy.core.multiarray") == 1


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_file_that_python_wrote_again_loads(protocol):
    leaves = several()
    data = pickle.dumps(pickle.loads(written(PICKLE, manifest_of(leaves), leaves)), protocol)
    found, values = read(PICKLE, data)

    assert found == manifest_of(leaves)
    assert values == values_of(leaves)
    assert read(GZIP, gzip.compress(data))[1] == values


def test_single_object_has_its_attributes_at_the_top():
    leaves = [
        leaf("populations/exc/engram", np.arange(3.0)),
        leaf("populations/exc/history/rank", np.arange(2, dtype="<u4"), hidden=True),
        leaf("populations/exc/internal", np.float64(2.0)),
        leaf("populations/exc/v", np.arange(2.0)),
    ]
    manifest = manifest_of(leaves, kind="population")
    data = written(PICKLE, manifest, leaves)
    loaded = pickle.loads(data)

    assert loaded["v"].tolist() == [0.0, 1.0]
    assert loaded["internal"]["history"]["rank"].tolist() == [0, 1]
    assert loaded["engram%"].tolist() == [0.0, 1.0, 2.0]
    assert loaded["internal%"] == 2.0
    assert read(PICKLE, data)[0] == manifest


@pytest.mark.parametrize("fmt", [PICKLE, GZIP], ids=lambda fmt: fmt.name)
def test_bytes_do_not_depend_on_how_a_value_is_cut(fmt):
    values = np.random.default_rng(0).random(300_000)
    files = {
        written(fmt, manifest_of([one]), [one])
        for one in (leaf("monitors/m/v", values, cuts) for cuts in (1, 2, 7, 1000))
    }

    assert len(files) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("engram"), "not written by engram"),
        (lambda d: d.update(engram=d["engram"] + " "), "its digest is wrong"),
        (lambda d: d.update(extra=1), "'extra' is not in the manifest"),
        (lambda d: d["network"].pop("step"), "'network/step' is missing"),
        (lambda d: d["network"].update(step=7.0), "network/step: the manifest says int64"),
        (lambda d: d["network"].update(step=2**63), "network/step: the manifest says int64"),
        (lambda d: d.update(network=3), "'network' is a value, not a group"),
        (lambda d: d["populations"]["exc"].update(v=np.zeros(600)), r"the pickle has float64 \(600,\)"),
        (lambda d: d["populations"]["exc"].update(v=np.zeros((20, 30), "<i8")), "the pickle has int64"),
        (lambda d: d["populations"]["exc"].update(v=np.zeros((20, 30), order="F")), "Fortran order"),
        (lambda d: d["populations"]["exc"].update(a=[1.0]), "the pickle has another value"),
        (lambda d: d["populations"]["exc"].update(v=np.zeros((20, 30), ">f8")), "the pickle has >f8"),
    ],
)
def test_pickle_that_contradicts_its_manifest_is_refused(change, message):
    loaded = pickle.loads(written(PICKLE, manifest_of(several()), several()))
    change(loaded)

    with pytest.raises(EngramError, match=message):
        read(PICKLE, pickle.dumps(loaded, 4))


def test_two_values_that_share_their_bytes_are_refused():
    leaves = [leaf(f"populations/exc/{name}", np.arange(40.0)) for name in "uv"]
    loaded = pickle.loads(written(PICKLE, manifest_of(leaves), leaves))
    loaded["populations"]["exc"]["u"] = loaded["populations"]["exc"]["v"]

    with pytest.raises(DamagedFile, match="'populations/exc/u' and 'populations/exc/v' stand at the same place"):
        read(PICKLE, pickle.dumps(loaded))


def test_array_that_lacks_bytes_is_not_written():
    short = Leaf(Slot.at("populations/exc/v", (4,), np.dtype("<f8"), Role.STATE), (np.zeros(3),))

    with pytest.raises(SaveError, match="populations/exc/v: the value has not the 32 bytes"):
        written(PICKLE, manifest_of([short]), [short])


@pytest.mark.parametrize("fmt", [PICKLE, GZIP], ids=lambda fmt: fmt.name)
def test_check_refuses_what_could_not_be_loaded(fmt):
    manifest = manifest_of(few())
    entry = manifest.entries[0]._replace(key="/".join("a" * 70))

    with pytest.raises(SaveError, match="a key that no value can have"):
        fmt.check(replace(manifest, entries=(entry,)))


def test_pickle_of_another_program_is_named():
    with pytest.raises(UnsupportedFile, match="not written by engram"):
        read(PICKLE, pickle.dumps({"time_step": 100}))


def test_gzip_of_python_reads_the_file():
    leaves = several()
    data = written(GZIP, manifest_of(leaves), leaves)
    with gzip.open(io.BytesIO(data)) as file:
        inflated = file.read()

    assert inflated == written(PICKLE, manifest_of(leaves), leaves)
    assert data[:10] == b"\x1f\x8b\x08\0\0\0\0\0\x04\xff"
