"""Files of ANNarchy that are damaged, or want to run code, to fill the memory, or to confuse a network."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import tracemalloc
import zipfile

import numpy as np
import pytest
from scipy.io import savemat

import engram as eg
from engram.errors import DamagedFile, EngramError
from engram.storage.load import source_of
from tests.cases import check_each
from tests.persistence.annarchy_networks import FOLDERS, built
from tools.fuzz.hostile import EXECUTING

RATE = next(folder for folder in FOLDERS if folder.name == "rate")
POPULATION = {"name": "p", "geometry": (3,), "size": 3, "attributes": ["a"], "parameters": [], "variables": ["a"]}


def values(path):
    with source_of(path) as source:
        return [(entry.slot.path, entry.digest) for entry in source.contents.manifest.entries]


def npy(content):
    """Return an array of objects in an ``.npy``, whose pickle is anything."""
    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + len(head).to_bytes(2, "little") + head + content


def archive(members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return held.getvalue()


def test_what_is_no_data_is_refused_and_not_executed(tmp_path, monkeypatch):
    """As a pickle, deflated, and as an array of objects, alone or beside what a network's file has."""
    step = io.BytesIO()
    np.save(step, np.array(3))

    def refused(content):
        forms = {
            "x.txt": content,
            "x.gz": gzip.compress(content),
            "x.npz": archive({"time_step.npy": step.getvalue(), "pop0.npy": npy(content)}),
        }
        for name, data in forms.items():
            (tmp_path / name).write_bytes(data)
            with pytest.raises(EngramError):
                values(tmp_path / name)
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(forms)

    monkeypatch.chdir(tmp_path)
    check_each({name: (content,) for name, content in EXECUTING.items()}, refused)


def test_few_bytes_that_are_many_values_are_refused(tmp_path):
    def shared(depth):
        row = [1.0] * 10
        for _ in range(depth):
            row = [row] * 10
        return {**POPULATION, "a": row}

    row, array = [0.5] * 10_000, np.zeros(10_000)
    many = [f"a{k}" for k in range(2000)]
    synapses = {"post_ranks": [*range(2000)], "pre_ranks": [row] * 2000, "w": [row] * 2000, "delays": 1.0}
    ends = {"name": "p", "pre": "a", "post": "b", "target": "exc", "attributes": ["w"]}

    def refused(root):
        (tmp_path / "x.txt").write_bytes(pickle.dumps(root, protocol=4))
        with pytest.raises(EngramError, match="same values in more places"):
            values(tmp_path / "x.txt")

    check_each(
        {
            "nested": (shared(30),),
            "rows": ({**ends, **synapses},),
            "attributes": ({**POPULATION, "attributes": many, **dict.fromkeys(many, array)},),
        },
        refused,
    )


def test_archives_that_lie_are_refused(tmp_path):
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    whole = archive({f"{name}.npy": array.getvalue() for name in "abc"})

    def refused(content, message):
        (tmp_path / "x.npz").write_bytes(content)
        with pytest.raises(EngramError, match=message):
            values(tmp_path / "x.npz")

    swallowed = bytearray(whole)  # the entry of the second member becomes the comment of the first one's
    first, third = whole.index(b"PK\1\2"), whole.rindex(b"PK\1\2")
    length = third - whole.index(b"PK\1\2", first + 1)
    swallowed[first + 32 : first + 34] = length.to_bytes(2, "little")
    long = bytearray(array.getvalue())
    long[long.index(b"(3,)") : long.index(b"(3,)") + 4] = b"(9,)"
    check_each(
        {
            "swallowed": (bytes(swallowed), "the zip is damaged|directory of the zip is damaged"),
            "added": (whole + b"more", "comment|damaged"),
            "shape": (archive({"a.npy": bytes(long)}), "24 bytes of values instead of 72"),
            "header": (
                archive({"a.npy": array.getvalue().replace(b"'shape'", b"'shave'")}),
                "array of a kind that ANNarchy does not",
            ),
            "type": (
                archive({"a.npy": array.getvalue().replace(b"<f8", b"<V8")}),
                "array of a kind that ANNarchy does not",
            ),
            "other": (archive({"a.txt": b"hello"}), "'a.txt', which is no array"),
            "no array": (archive({"a.npy": b"hello"}), "no .npy array"),
            "compressed": (_compressed_with(zipfile.ZIP_BZIP2), "compressed in a way"),
        },
        refused,
    )


def _compressed_with(method):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as made:
        made.writestr("a.npy", b"hello")
    return held.getvalue()


@pytest.mark.parametrize("name", ["data.npz", "data.txt.gz", "data.txt", "data.mat", "ff.npz", "inp.npz"])
def test_damaged_files_are_refused_or_read_as_they_were(name, tmp_path):
    """Of a pickle as it is and of ``.mat`` only the structure can be checked: they have no checksums."""
    whole = (RATE / name).read_bytes()
    before, has_checksums = values(RATE / name), name.endswith(("npz", "gz"))
    draw = random.Random(name)
    path = tmp_path / name
    refused = 0
    for _ in range(150):
        data = bytearray(whole)
        if draw.random() < 0.2:
            del data[draw.randrange(len(data)) :]
        else:
            at = draw.randrange(8 * len(data))
            data[at // 8] ^= 1 << at % 8
        path.write_bytes(data)
        try:
            after = values(path)
        except EngramError:
            refused += 1
        else:
            assert after == before or not has_checksums
    assert refused > 40


@pytest.mark.cc
@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_network_stays_as_it_is_where_a_file_is_refused(tmp_path):
    whole = (RATE / "data.txt").read_bytes()
    net = built(RATE)
    net.simulate(3.0)
    draw = random.Random(1)
    refused = 0
    for _ in range(60):
        data, before = bytearray(whole), net.digest()
        at = draw.randrange(8 * len(data))
        data[at // 8] ^= 1 << at % 8
        (tmp_path / "x.txt").write_bytes(data)
        try:
            net.load(tmp_path / "x.txt")
        except EngramError:
            refused += 1
            assert net.digest() == before
    assert 10 < refused < 60


def _long_population(n):
    names = {"attributes": ["v"], "parameters": [], "variables": ["v"]}
    return {"name": "p", "geometry": (5,), "size": np.int64(5), **names, "v": np.zeros(n)}


LONG = 40_000_000
BOMBS = {
    "clock.npz": (lambda: {"net_id": np.zeros(LONG, "u1"), "time_step": np.zeros(LONG, "u1")}, "time_step|net_id"),
    "clock.gz": (lambda: {"time_step": np.zeros(LONG, "u1"), "net_id": 0}, "time_step"),
    "values.npz": (lambda: _long_population(LONG // 8), "v: 5000000 values in a population of size 5"),
    "values.gz": (lambda: {"time_step": 3, "p": _long_population(LONG // 8)}, "v: 5000000 values in a population"),
    "values.mat": (lambda: _long_population(LONG // 8), "v: 5000000 values in a population of size 5"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_can_not_be_so_long_takes_no_memory(name, tmp_path):
    make, message = BOMBS[name]
    path = tmp_path / name
    match path.suffix:
        case ".npz":
            np.savez_compressed(path, **make())
        case ".mat":
            savemat(path, make(), do_compression=True)
        case _:
            path.write_bytes(gzip.compress(pickle.dumps(make()), 1))

    tracemalloc.start()
    try:
        with pytest.raises(DamagedFile, match=message):
            eg.read(path)
        assert tracemalloc.get_traced_memory()[1] < LONG // 4
    finally:
        tracemalloc.stop()
