from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from engram.errors import EngramError, SaveError, UnsupportedFile
from engram.state.slots import Role, Slot
from engram.storage.contract import Entry
from engram.storage.manifest import all_blocks, to_document
from engram.storage.mat.format import MAT
from engram.storage.mat.names import matlab_tree
from engram.storage.mat.read import Numbers, read_variables
from engram.storage.mat.write import CLASSES, size_of
from tests.contracts.format_contract import FormatContract, MemoryReader, few, joined, leaf, manifest_of, read, written

DATA = Path(__file__).parents[2] / "data" / "annarchy"


class TestMat(FormatContract):
    format = MAT


class TestMatOfScipy(FormatContract):
    """The same, after SciPy read the file and wrote it again, compressed: as MATLAB does with ``save -v7``."""

    class Rewritten:
        name = "mat"
        recognises = staticmethod(MAT.recognises)
        check = staticmethod(MAT.check)
        open = staticmethod(MAT.open)

        @staticmethod
        def write(out, manifest, leaves):
            plain = io.BytesIO()
            blocks = MAT.write(plain, manifest, leaves)
            out.write(rewritten(plain.getvalue()))
            return blocks

    format = Rewritten()


def rewritten(data, compressed=True):
    out = io.BytesIO()
    loaded = {name: value for name, value in load(data).items() if not name.startswith("__")}
    scipy.io.savemat(out, loaded, do_compression=compressed, long_field_names=True)
    return out.getvalue()


def load(data):
    return scipy.io.loadmat(io.BytesIO(data), simplify_cells=False)


def several():
    random = np.random.default_rng(1)
    return [
        leaf("monitors/m/v", random.random((50, 3, 4)), 7),
        leaf("network/step", np.int64(2**40), hidden=True),
        leaf("populations/exc/a", np.float32(0.1)),
        leaf("populations/exc/history/rank", np.arange(10, dtype="<u4"), 3, hidden=True),
        leaf("populations/exc/learns", np.array(True)),
        leaf("populations/exc/v", random.random((20, 30))),
        leaf("populations/my pop/v", random.random(3)),
    ]


def test_scipy_reads_the_file():
    leaves = several()
    loaded = load(written(MAT, manifest_of(leaves), leaves))
    exc = loaded["exc"][0, 0]

    assert [name for name in loaded if not name.startswith("__")] == [
        *("engram_manifest", "engram_digest", "engram_blocks", "exc", "x1", "m", "network")
    ]
    assert loaded["network"]["step"][0, 0].tolist() == [[2**40]]
    assert exc["a"][0, 0].dtype == np.float32
    assert exc["learns"].dtype == np.uint8
    assert exc["history"]["rank"][0, 0].shape == (1, 10)
    assert np.array_equal(exc["v"], leaves[5].pieces[0])
    assert np.array_equal(loaded["m"]["v"][0, 0], np.concatenate(leaves[0].pieces))
    assert np.array_equal(loaded["x1"]["v"][0, 0], leaves[6].pieces[0][None])


def test_manifest_in_the_file_is_json_with_the_replaced_names():
    leaves = several()
    manifest = manifest_of(leaves)
    loaded = load(written(MAT, manifest, leaves))
    document = json.loads(loaded["engram_manifest"].tobytes())

    assert document.pop("names") == {"x1": "populations/my pop"}
    assert document == json.loads(json.dumps(to_document(manifest, all_blocks(manifest))))


@pytest.mark.parametrize("dtype", CLASSES, ids=str)
def test_every_dtype_is_matlabs_own(dtype):
    values = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype)
    leaves = [leaf("populations/exc/x", values)]
    found = load(written(MAT, manifest_of(leaves), leaves))["exc"]["x"][0, 0]

    assert found.dtype == (np.uint8 if dtype == np.bool_ else dtype)
    assert found.tolist() == values.tolist()


def test_header_says_neither_day_nor_machine():
    data = written(MAT, manifest_of(few()), few())

    assert data[:128] == b"MATLAB 5.0 MAT-file, written by engram".ljust(116) + bytes(8) + b"\0\1IM"
    assert len(data) % 8 == 0


def test_size_is_known_before_writing():
    leaves = several()
    data = written(MAT, manifest_of(leaves), leaves)
    slots = [item.slot for item in leaves]
    tree, _ = matlab_tree("network", [slot.path for slot in slots])
    sizes = {name: size_of(node, name, slots) for name, node in tree.items()}
    at = 128
    found = []
    while at < len(data):
        found.append(8 + int.from_bytes(data[at + 4 : at + 8], "little"))
        at += found[-1]

    assert found[3:] == list(sizes.values())


@pytest.mark.parametrize("compressed", [False, True])
def test_file_that_scipy_wrote_again_loads(compressed):
    leaves = several()
    manifest = manifest_of(leaves)
    found, values = read(MAT, rewritten(written(MAT, manifest, leaves), compressed))

    assert found == manifest
    assert values == {item.slot.path: joined(item) for item in leaves}


def sized(length, dtype="<f8", path="projections/ee/w"):
    slot = Slot.at(path, (length,), np.dtype(dtype), Role.STATE)
    return Entry(slot.path, slot, b"")


def test_variable_over_two_gigabytes_is_refused_with_the_way_out():
    manifest = replace(
        manifest_of([]), entries=(sized(2**27, path="projections/ee/w"), sized(2**27, path="projections/ee/x"))
    )
    with pytest.raises(SaveError) as caught:
        MAT.check(manifest)

    assert str(caught.value) == (
        "the network can't be saved as .mat\n"
        "  the variable 'ee' takes 2147483952 bytes, a .mat file can hold at most 2147483647 in one\n"
        "  help: save to .engram or .npz, which have no such limit."
    )


def test_limit_counts_the_tags_as_well():
    most = 2**31 - 1
    overhead = size_of({"w": 0}, "ee", [sized(8, "u1").slot]) - 8
    fits = (most - overhead) // 8 * 8

    MAT.check(replace(manifest_of([]), entries=(sized(fits, "u1"),)))
    with pytest.raises(SaveError, match="'ee' takes 2147483648 bytes"):
        MAT.check(replace(manifest_of([]), entries=(sized(fits + 1, "u1"),)))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (sized(3, "<c16"), "have no complex128"),
        (sized(3, ">f8"), "have no >f8"),
        (sized(2**31, "i1"), "hold the shape"),
    ],
)
def test_check_refuses_what_matlab_has_not(entry, message):
    with pytest.raises(SaveError, match=message):
        MAT.check(replace(manifest_of([]), entries=(entry,)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("engram_manifest"), "not written by engram"),
        (lambda d: d.pop("engram_digest"), "not written by engram"),
        (lambda d: d.update(engram_digest=np.zeros((1, 32), "u1")), "its digest is wrong"),
        (lambda d: d.update(engram_manifest="text"), "is no row of at most"),
        (lambda d: d.update(extra=1.0), "'extra' is not in the manifest"),
        (lambda d: d.pop("m"), "'m' is missing"),
        (lambda d: d.update(m=1.0), "'m' is a value, not a group"),
        (lambda d: d["exc"].pop("v"), "'exc/v' is missing"),
        (
            lambda d: d["exc"].update(v=np.zeros((30, 20))),
            r"exc/v: the manifest says float64 \(20, 30\).* float64 \(30, 20\)",
        ),
        (lambda d: d["exc"].update(v=np.zeros((20, 30), "<f4")), "the MAT-file has float32"),
        (lambda d: d["exc"].update(v="text"), "the MAT-file has str"),
        (lambda d: d["exc"].update(learns=np.uint8(2)), "exc/learns: wrong digest"),
        (lambda d: d["exc"].update(learns=1.0), "exc/learns: the manifest says bool"),
        (lambda d: d["exc"].update(v=np.zeros((20, 30), "?")), r"the MAT-file has logical \(20, 30\)"),
    ],
)
def test_file_that_contradicts_its_manifest_is_refused(change, message):
    leaves = several()
    loaded = {
        name: {field: value[field][0, 0] for field in value.dtype.names} if value.dtype.names else value
        for name, value in load(written(MAT, manifest_of(leaves), leaves)).items()
        if not name.startswith("__")
    }
    change(loaded)
    out = io.BytesIO()
    scipy.io.savemat(out, loaded)

    with pytest.raises(EngramError, match=message):
        read(MAT, out.getvalue())


def test_reader_knows_texts_cells_and_structs_of_annarchy():
    """A projection with rows of unequal length, as ANNarchy 5.0.4 saves it."""
    data = (DATA / "ragged-proj0.mat").read_bytes()
    found, wanted = read_variables(MemoryReader(data)), load(data)

    assert found.keys() == {name for name in wanted if not name.startswith("__")}
    assert found["name"] == "proj0"
    assert [text.rstrip() for text in found["attributes"]] == [text.rstrip() for text in wanted["attributes"].tolist()]
    for row, expected in zip(found["pre_ranks"], wanted["pre_ranks"].ravel(), strict=True):
        assert type(row) is Numbers
        numbers = np.frombuffer(data, row.place.stored, np.prod(row.dims), row.place.offset)
        assert numbers.reshape(row.dims, order="F").tolist() == expected.tolist()


def test_mat_of_another_program_is_named():
    with pytest.raises(UnsupportedFile, match="not written by engram: it has no variable 'engram_manifest'"):
        read(MAT, (DATA / "ragged-proj0.mat").read_bytes())
