import io
import itertools
import os
import subprocess
import sys
import zipfile
import zlib

import numpy as np
import pytest

from engram.errors import DamagedFile, SaveError
from engram.storage.reading import opened
from engram.storage.workers import Workers
from engram.storage.zip.deflate import deflate
from engram.storage.zip.directory import members_of, parse_central
from engram.storage.zip.format import ENGRAM, NPZ
from engram.storage.zip.records import Member, central, end, local, npy_header, parse_end
from tests.contracts.format_contract import FormatContract, few, leaf, manifest_of, read, written

FORMATS = pytest.mark.parametrize("fmt", [NPZ, ENGRAM], ids=["npz", "engram"])


class TestNpz(FormatContract):
    format = NPZ


class TestEngram(FormatContract):
    format = ENGRAM


def some():
    random = np.random.default_rng(1)
    return [
        leaf("populations/exc/v", random.random(1000)),
        leaf("populations/späti/flag", np.array([True, False])),
        leaf("projections/ee/ranks", random.integers(0, 99, (3, 700)).astype("u4")),
        leaf("projections/ee/tau", np.float32(2.5)),
    ]


@FORMATS
def test_numpy_reads_the_values(fmt):
    with np.load(io.BytesIO(written(fmt, manifest_of(some()), some())), allow_pickle=False) as found:
        values = [found[name] for name in ("populations/exc/v", "populations/sp%C3%A4ti/flag", "projections/ee/ranks",
                                           "projections/ee/tau")]  # fmt: skip

        assert [value.tobytes() for value in values] == [item.pieces[0].tobytes() for item in some()]
        assert [value.shape for value in values] == [item.slot.shape for item in some()]


@FORMATS
def test_zipfile_reads_the_members_in_order_with_fixed_facts(fmt):
    with zipfile.ZipFile(io.BytesIO(written(fmt, manifest_of(some()), some()))) as found:
        members = found.infolist()

        assert found.testzip() is None
        assert [member.filename for member in members] == [
            "engram/format",
            *("populations/exc/v.npy", "populations/sp%C3%A4ti/flag.npy", "projections/ee/ranks.npy"),
            *("projections/ee/tau.npy", "engram/blueprint.json", "engram/blocks.npy", "engram/manifest.json"),
        ]
        assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
        assert found.comment.startswith(b"engram 1 ")


def test_stored_values_begin_at_pages_and_small_ones_at_cache_lines():
    data = written(ENGRAM, manifest_of(some()), some())
    starts = {item.slot.path: data.index(item.pieces[0].tobytes()) for item in some() if item.slot.nbytes > 8}

    assert starts["populations/exc/v"] % 4096 == 0
    assert starts["projections/ee/ranks"] % 4096 == 0
    assert data.index(np.array([True, False]).tobytes(), data.index(b"flag.npy")) > 0


def test_npy_header_is_numpy_s():
    for shape in ((), (3,), (0, 5), (2, 3, 4)):
        values = np.zeros(shape, "<u4")
        out = io.BytesIO()
        np.save(out, values)
        found = np.load(io.BytesIO(npy_header(values.dtype, shape) + values.tobytes()))

        assert found.shape == shape
        assert npy_header(values.dtype, shape).split(b" }")[0] == out.getvalue().split(b" }")[0].replace(
            out.getvalue()[8:10], npy_header(values.dtype, shape)[8:10], 1
        )
        assert len(npy_header(values.dtype, shape)) % 64 == 0


@FORMATS
def test_name_below_our_own_folder_is_refused(fmt):
    with pytest.raises(SaveError, match="engram's own"):
        fmt.check(manifest_of([leaf("Engram/blocks", np.arange(2))]))


LARGE = ((1 << 31) - 1, 1 << 31, (1 << 32) - 2, (1 << 32) - 1, 1 << 32, 1 << 41)


def test_directory_entry_of_any_size_is_read_as_written():
    for size, offset in itertools.product((0, 1, *LARGE), repeat=2):
        member = Member(b"a.npy", size % 2 == 0, 77, size, size, offset)
        data = b"xx" + central(member)

        assert parse_central(data, 2) == (member, len(data))
        assert members_of(data[2:] * 3, 3) == [member] * 3


def test_directory_read_at_once_refuses_what_entries_read_one_by_one_refuse():
    members = [Member(b"populations/p/v.npy", k % 2 == 0, 77 + k, 90, 200, 300 * k) for k in range(3)]
    data = b"".join(map(central, members))

    def one_by_one(bad):
        at, found = 0, []
        for _ in members:
            member, at = parse_central(bad, at)
            found.append(member)
        assert at == len(bad)
        return found

    for at, bit in itertools.product(range(len(data)), range(8)):
        bad = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
        try:
            expected = one_by_one(bad)
        except (DamagedFile, AssertionError):
            with pytest.raises(DamagedFile, match="directory of the zip"):
                members_of(bad, 3)
        else:  # a checksum, a size, a letter: the values and the manifest tell
            assert members_of(bad, 3) == expected


@pytest.mark.parametrize("count", [0, 2, 4])
def test_directory_of_another_length_than_its_members_is_refused(count):
    data = central(Member(b"a.npy", True, 1, 2, 3, 0)) * 3

    with pytest.raises(DamagedFile, match="directory of the zip"):
        members_of(data, count)


def test_end_of_any_size_is_read_as_written():
    for facts in itertools.product((0, 5, 0xFFFE, 0xFFFF, 1 << 17), (0, *LARGE), (0, *LARGE)):
        tail = end(*facts, b"comment")

        assert parse_end(b"y" * 200 + tail, sum(facts[1:]) + len(tail), b"comment") == facts


def test_alignment_counts_the_extra_field_of_large_members():
    for size, skip, offset in itertools.product((5, 1 << 31, 1 << 33), (0, 64, 128), (0, 4090, 4096 - 51, 1 << 33)):
        header = local(Member(b"a.npy", False, 1, size, size, offset), 4096, skip)

        assert (offset + len(header) + skip) % 4096 == 0


class Holes:
    """A file in which long stretches of zeros take no space."""

    def __init__(self, path):
        self._file = path.open("wb")
        self._zeros = bytes(1 << 20)

    def write(self, data):
        if len(data) == 1 << 20 and bytes(data) == self._zeros:
            self._file.seek(1 << 20, os.SEEK_CUR)
        else:
            self._file.write(data)
        return len(data)

    def tell(self):
        return self._file.tell()

    def patch(self, data, offset):
        end = self._file.tell()
        self._file.seek(offset)
        self._file.write(data)
        self._file.seek(end)

    def close(self):
        self._file.close()


@pytest.mark.nightly
@FORMATS
def test_values_over_four_gigabytes(fmt, tmp_path):
    large = np.zeros((5 << 30) // 8)
    large[-1] = 1.5
    leaves = [leaf("projections/a/w", large), leaf("projections/b/x", np.arange(5)), leaf("projections/c/y", large[:9])]
    manifest = manifest_of(leaves)
    out = Holes(tmp_path / "large")
    fmt.write(out, manifest, leaves)
    out.close()
    with opened(tmp_path / "large") as file:
        contents = fmt.open(file)
        sizes = {key: sum(map(len, pieces)) for key, pieces in contents.stream()}
    with zipfile.ZipFile(tmp_path / "large") as archive:
        last = np.load(io.BytesIO(archive.read("projections/b/x.npy")))

    assert contents.manifest == manifest
    assert sizes == {item.slot.path: item.slot.nbytes for item in leaves}
    assert last.tolist() == [0, 1, 2, 3, 4]


def test_offsets_over_four_gigabytes(tmp_path):
    """The same with a member whose content is a hole that nobody has to hash: only the directory is looked at."""
    first = Member(b"a.npy", False, 0, 5 << 30, 5 << 30, 0)
    second = Member(b"b.npy", False, 0x3610A686, 5, 5, (5 << 30) + len(local(first)))
    listed = central(first) + central(second)
    start = second.offset + len(local(second)) + 5
    with (tmp_path / "sparse.zip").open("wb") as out:
        out.write(local(first))
        out.seek(5 << 30, os.SEEK_CUR)
        out.write(local(second) + b"hello" + listed + end(2, start, len(listed), b""))
    with zipfile.ZipFile(tmp_path / "sparse.zip") as archive:
        found = [(member.file_size, member.header_offset) for member in archive.infolist()]

        assert archive.read("b.npy") == b"hello"
    assert found == [(5 << 30, 0), (5, second.offset)]


MEMORY = """
import resource, sys
import numpy as np
from engram.state.tree import Leaf
from engram.state.slots import Role, Slot
from engram.storage.save import save
from engram.storage.load import load
from tests.storage.small import Small
n = 6_000_000
net = Small(n_syn=n)
net.state.array("projections/ee/x")[...] = np.random.default_rng(0).random(n)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
save(sys.argv[1], net.description, net.state.leaves())
load(sys.argv[1], net.state, net.compare)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["npz", "engram"])
def test_saving_and_loading_need_less_than_64_megabytes(tmp_path, suffix):
    """120 MB of synapses; formats that hold a value as a whole would need 48 MB for each of w and x at once."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path / f"a.{suffix}")],
        capture_output=True, text=True, check=True, env=dict(os.environ, PYTHONPATH=os.getcwd()),
    )  # fmt: skip

    assert int(done.stdout) < 64


@FORMATS
def test_bytes_do_not_depend_on_how_a_value_is_cut(fmt):
    values = np.random.default_rng(1).random((400_000, 1))
    whole, cut = ([leaf("monitors/m/v", values, pieces)] for pieces in (1, 37))

    assert written(fmt, manifest_of(whole), whole) == written(fmt, manifest_of(cut), cut)


@pytest.mark.parametrize("sizes", [[0], [1], [65_532], [65_533], [1 << 20, 1 << 20, 70_000], [1 << 20, 1 << 20]])
def test_what_hardly_becomes_smaller_stands_in_the_stream_as_it_is(sizes):
    random = np.random.default_rng(1)
    blocks = [random.bytes(size) for size in sizes]
    with Workers(2, "test") as pool:
        stream = b"".join(deflate(b"head", map(memoryview, blocks), pool))

    assert zlib.decompress(stream, -15) == b"head" + b"".join(blocks)
    assert all(block[:65_000] in stream for block in blocks)


@FORMATS
def test_small_file_is_small(fmt):
    assert len(written(fmt, manifest_of(few()), few())) < 4500
    assert read(fmt, written(fmt, manifest_of(few()), few()))[0] == manifest_of(few())
