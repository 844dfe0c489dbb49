from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

from engram.errors import DamagedFile
from engram.storage.gzip_stream import GzipFeed
from engram.storage.pickles.arrays import Array
from engram.storage.pickles.byte_source import ByteSource, FileFeed
from engram.storage.pickles.read import read_pickle
from tests.contracts.format_contract import MemoryReader

DATA = Path(__file__).parents[2] / "data" / "annarchy"
PROTOCOLS = (2, 3, 4, 5)


def machine(data):
    """What the machine reads, with the arrays filled in."""
    return filled(read_pickle(ByteSource(FileFeed(MemoryReader(data)))), data)


def filled(node, data):
    if type(node) is dict:
        return {name: filled(value, data) for name, value in node.items()}
    if type(node) in (list, tuple):
        return type(node)(filled(value, data) for value in node)
    if type(node) is not Array:
        return node
    if type(node.data) is list:
        array = np.empty(len(node.data), object)
        array[:] = [filled(value, data) for value in node.data]
        return array.reshape(node.shape)
    run = node.data.data
    if run is None:
        run = data[node.data.offset : node.data.offset + node.data.length]
    return np.frombuffer(run, node.type).reshape(node.shape, order="F" if node.is_fortran else "C")


def assert_same(found, wanted):
    assert type(found) is type(wanted)
    if isinstance(wanted, dict):
        assert list(found) == list(wanted)
        for name in wanted:
            assert_same(found[name], wanted[name])
    elif isinstance(wanted, list | tuple):
        assert len(found) == len(wanted)
        for pair in zip(found, wanted, strict=True):
            assert_same(*pair)
    elif isinstance(wanted, np.ndarray):
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        if wanted.dtype == object:
            assert_same(found.tolist(), wanted.tolist())
        else:
            assert found.tobytes() == wanted.tobytes()
    else:
        assert found == wanted or (found != found and wanted != wanted)


PLAIN = {
    "integers": [0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, -(2**31), 2**31, 2**63 - 1, -(2**63), 2**64 - 1],
    "floats": [0.1, -0.0, float("inf"), float("nan"), 5e-324],
    "texts": ["", "späti", "神経", "😀", "q" * 300, "x" * 70000, "\n'\\"],
    "others": (None, True, False, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, {"a": {"b": [[]]}}),
}
ARRAYS = {
    "doubles": np.arange(5.0),
    "zero": np.array(2.5),
    "empty": np.zeros((0, 3)),
    "large": np.arange(3000, dtype="<u4"),
    "matrix": np.arange(6).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype="i2").reshape(2, 3)),
    "strided": np.arange(10.0)[::2],
    "big": np.arange(4, dtype=">f8"),
    "bool": np.array([True, False]),
    "complex": np.array([1j]),
    "texts": np.array(["exc", "späti"]),
    "bytes": np.array([b"a", b"bc"]),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_machine_reads_what_python_writes_of_plain_values(protocol):
    assert_same(machine(pickle.dumps(PLAIN, protocol)), PLAIN)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", ARRAYS)
def test_machine_reads_what_numpy_writes_of_arrays(name, protocol):
    assert_same(machine(pickle.dumps({"a": ARRAYS[name]}, protocol)), {"a": ARRAYS[name]})


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_machine_reads_scalars_and_ragged_arrays(protocol):
    ragged = np.empty(2, object)
    ragged[:] = [[1, 2], [3.5]]
    data = pickle.dumps({"a": np.float32(0.1), "b": np.int64(-3), "c": ragged}, protocol)

    assert_same(machine(data), {"a": np.array(0.1, "<f4"), "b": np.array(-3), "c": ragged})


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_machine_reads_shared_objects_once(protocol):
    row = [1.0, 2.0]
    array = np.arange(1000.0)
    found = read_pickle(ByteSource(FileFeed(MemoryReader(pickle.dumps([row, row, array, array], protocol)))))

    assert found[0] is found[1]
    assert found[2] is found[3]


@pytest.mark.parametrize("count", [1, 2, 511, 512, 513, 5000])
def test_machine_reads_long_runs_of_floats(count):
    values = np.random.default_rng(count).random(count).tolist()

    assert machine(pickle.dumps([values, [*values[:3], 1, *values]])) == [values, [*values[:3], 1, *values]]


def test_machine_reads_a_large_list_in_many_frames():
    values = [[float(k), k, str(k)] for k in range(20_000)]

    assert machine(pickle.dumps(values)) == values


@pytest.mark.parametrize("name", ["spiking-pop0.txt", "ragged-proj0.gz"])
def test_machine_reads_files_of_annarchy(name):
    file = MemoryReader((DATA / name).read_bytes())
    is_deflated = name.endswith(".gz")
    data = gzip.decompress(file.data) if is_deflated else file.data
    found = read_pickle(ByteSource(GzipFeed(file) if is_deflated else FileFeed(file)))

    assert_same(filled(found, data), pickle.loads(data))


def test_machine_names_the_byte_where_it_stopped():
    with pytest.raises(DamagedFile, match=r"at byte \d+ of the pickle: the pickle stops before it is complete"):
        machine(b"\x80\x04NN.")
