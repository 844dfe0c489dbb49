"""What every file format must do. A format's test subclasses :class:`FormatContract` and says which format it is:

    class TestNpz(FormatContract):
        format = NPZ

Everything happens in memory, through :class:`MemoryWriter` and :class:`MemoryReader`.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from engram.errors import DamagedFile, EngramError, UnsupportedFile
from engram.state.digest import SlotHash
from engram.state.slots import Layout, Role, Slot
from engram.state.tree import Leaf
from engram.storage.contract import PIECE_BYTES, Format, Manifest
from engram.storage.manifest import entries_of
from tests.cases import check_each

HEAD_BYTES = 512


class MemoryWriter:
    """A file that is written front to back."""

    def __init__(self):
        self.data = bytearray()

    def write(self, data):
        view = memoryview(data).cast("B") if memoryview(data).nbytes else b""
        self.data += view
        return len(view)

    def tell(self):
        return len(self.data)

    def patch(self, data, offset):
        assert offset + len(data) <= len(self.data)
        self.data[offset : offset + len(data)] = data


class Made:
    """Pieces that are made whenever somebody goes through them; knows how often that was."""

    def __init__(self, pieces):
        self.pieces, self.times = pieces, 0

    def __iter__(self):
        self.times += 1
        return (piece.copy() for piece in self.pieces)


class MemoryReader:
    """A file in memory."""

    def __init__(self, data):
        self.data = bytes(data)
        self.size = len(self.data)

    def pread(self, length, offset):
        assert length >= 0
        assert offset >= 0
        if offset + length > self.size:
            raise DamagedFile("the file is too short")
        return self.data[offset : offset + length]


def leaf(path, values, pieces=None, **facts):
    """A leaf with the values of an array-like, cut into ``pieces`` along the first axis."""
    values = np.ascontiguousarray(values) if np.ndim(values) else np.asarray(values)
    slot = Slot.at(path, values.shape, values.dtype, facts.pop("role", Role.STATE), **facts)
    return Leaf(slot, (values,) if pieces is None else tuple(np.array_split(values, pieces)))


def manifest_of(leaves, kind="network", **facts):
    """A manifest for leaves (sorted by path), with some data as its blueprint."""
    defaults = {
        "kind": kind,
        "version": 1,
        "engram": "0.1.0",
        "step": 12345,
        "seed": 2**63 + 5,
        "blueprint": {"models": [{"blocks": {"equations": "dv/dt = µ\n"}}], "populations": [{"size": 3, "dt": 0.1}]},
        "parameters": {"lesson": [1, 2.5, {"µ": None}]},
        "entries": entries_of(kind, leaves),
        "not_saved": ("callback 'späti'",),
    }
    return Manifest(**(defaults | facts))


def written(fmt, manifest, leaves):
    """The bytes of a file."""
    out = MemoryWriter()
    fmt.check(manifest)
    assert fmt.write(out, manifest, leaves) == [entry.blocks for entry in manifest.entries]
    return bytes(out.data)


def read(fmt, data):
    """The manifest and the values, after all that a load checks; raises EngramError as a load would."""
    if not fmt.recognises(bytes(data[:HEAD_BYTES])):
        raise UnsupportedFile("not recognised")
    contents = fmt.open(MemoryReader(data))
    entries = {entry.key: entry for entry in contents.manifest.entries}
    values = {}
    for key, pieces in contents.stream():
        assert key in entries
        assert key not in values
        digest, joined = SlotHash(), bytearray()
        for piece in pieces:
            assert isinstance(piece, bytes | memoryview)
            assert len(piece) <= PIECE_BYTES
            digest.update(piece)
            joined += piece
        if digest.blocks() != entries[key].blocks or len(joined) != entries[key].slot.nbytes:
            raise DamagedFile(f"{key}: wrong digest")
        values[key] = bytes(joined)
    assert values.keys() == entries.keys()
    return contents.manifest, values


def joined(leaf):
    """The bytes of a leaf."""
    return b"".join(piece.tobytes() for piece in leaf.pieces)


def few():
    """The leaves of a small file, for tests that try every bit."""
    return [
        leaf("network/step", np.int64(7), hidden=True),
        leaf("populations/exc/v", np.array([0.5, -0.0, np.nan], "<f4"), unit="mV"),
    ]


DTYPES = ("?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8")
SHAPES = ((), (0,), (1,), (7,), (0, 3), (3, 0), (2, 3), (1, 1), (2, 1, 4))
NAMES = (
    *("späti", "神経", "😀", "e\u0301", "a b", "x.y", ".dot", "..", "-", "%41", "%", "a\\b", "a:b*?", "'\""),
    *("V", "v", "con", "1x", "for", "_x", "x1", "q" * 190),
)


class FormatContract:
    """The tests; ``format`` is the instance to test."""

    format: ClassVar[Format]

    def round_trip(self, leaves, **facts):
        leaves = sorted(leaves, key=lambda item: item.slot.path)
        manifest = manifest_of(leaves, **facts)
        found, values = read(self.format, written(self.format, manifest, leaves))

        assert found == manifest
        assert values == {entry.key: joined(item) for entry, item in zip(manifest.entries, leaves, strict=True)}

    def test_round_trip_of_every_dtype_and_shape(self):
        random = np.random.default_rng(5)
        self.round_trip(
            leaf(f"populations/{name}/x{k}", random.integers(0, 2 if dtype == "?" else 100, shape).astype(dtype))
            for name, dtype in zip("abcdefghijk", DTYPES, strict=True)
            for k, shape in enumerate(SHAPES)
        )

    def test_round_trip_keeps_every_bit_of_floats(self):
        bits = np.array([0, 1 << 63, 0x7FF0 << 48, 0xFFF0 << 48, 0x7FF8 << 48 | 99, 0xFFF4 << 48 | 7, 1], "<u8")
        self.round_trip([
            leaf("populations/exc/doubles", bits.view("<f8")),
            leaf("populations/exc/minus_zero", np.float64(-0.0)),
            leaf("populations/exc/nan", bits[5:6].view("<f8").reshape(())),
            leaf("populations/exc/singles", np.array([0, 1 << 31, 0x7FA00001, 0xFFC00005], "<u4").view("<f4")),
            leaf("populations/exc/yes", np.array(True)),
        ])  # fmt: skip

    def test_round_trip_of_a_value_in_pieces(self):
        values = np.random.default_rng(1).random((1000, 3))
        self.round_trip([
            leaf("monitors/m/empty", np.zeros((0, 4), "<f4"), 1, layout=Layout.BLOCKS, role=Role.RECORD),
            Leaf(Slot.at("monitors/m/none", (0, 2), np.dtype("<i4"), Role.RECORD, layout=Layout.BLOCKS), ()),
            leaf("monitors/m/v", values, 7, layout=Layout.BLOCKS, role=Role.RECORD, free_length=True),
        ])  # fmt: skip

    def test_round_trip_of_large_values(self):
        random = np.random.default_rng(2)
        self.round_trip([
            leaf("projections/ee/noise", random.integers(0, 256, 2 * PIECE_BYTES + 3).astype("u1")),
            leaf("projections/ee/ranks", np.arange(PIECE_BYTES // 2 + 1, dtype="<u4"), 3, below=10**6),
            leaf("projections/ee/zeros", np.zeros(PIECE_BYTES // 8, "<f8")),
        ])  # fmt: skip

    def test_round_trip_of_odd_names(self):
        paths = {f"populations/{name}/{other}" for name in NAMES for other in ("v", "V", name)}
        self.round_trip(leaf(path, np.arange(2.0) + k) for k, path in enumerate(sorted(paths)))

    @pytest.mark.parametrize("kind", ["population", "projection"])
    def test_round_trip_of_one_object(self, kind):
        self.round_trip(
            [
                leaf(f"{kind}s/exc/history/rank", np.arange(3, dtype="<u4"), hidden=True, layout=Layout.SPIKES),
                leaf(f"{kind}s/exc/wiring/row_start", np.arange(3), role=Role.WIRING, offsets=True),
                leaf(f"{kind}s/exc/v", np.arange(6.0).reshape(2, 3)),
                leaf(f"{kind}s/exc/tau", np.float32(2.5), role=Role.PARAMETER),
            ],
            kind=kind,
        )

    def test_round_trip_of_nothing(self):
        self.round_trip([], blueprint={}, parameters={}, not_saved=())

    def test_round_trip_of_many_slots(self):
        self.round_trip(leaf(f"populations/p{k}/v", np.full(k % 5, k, "<i4")) for k in range(500))

    def test_same_input_gives_same_bytes(self):
        assert written(self.format, manifest_of(few()), few()) == written(self.format, manifest_of(few()), few())

    def test_stream_can_be_read_twice(self):
        contents = self.format.open(MemoryReader(written(self.format, manifest_of(few()), few())))
        first, second = ({key: b"".join(pieces) for key, pieces in contents.stream()} for _ in range(2))

        assert first == second
        assert len(first) == 2

    def test_file_begins_so_that_it_is_recognised(self):
        data = written(self.format, manifest_of(few()), few())

        assert self.format.recognises(data[:HEAD_BYTES])
        assert self.format.recognises(data) or len(data) > HEAD_BYTES

    def test_file_truncated_anywhere_is_refused(self):
        data = written(self.format, manifest_of(few()), few())

        for length in range(len(data)):
            with pytest.raises(EngramError):
                read(self.format, data[:length])

    def refused(self, data):
        with pytest.raises(EngramError):
            read(self.format, data)

    def test_junk_after_the_end_is_refused(self):
        data = written(self.format, manifest_of(few()), few())

        for junk in (b"\0", b"\n", b"x", b"\0" * 511, b"PK\5\6" + b"\0" * 18, data):
            self.refused(data + junk)

    def test_junk_before_the_beginning_is_refused(self):
        data = written(self.format, manifest_of(few()), few())

        for junk in (b"\0", b"PK", b"\0" * 512):
            self.refused(junk + data)

    def test_flipped_bits_of_every_byte_are_refused_or_change_nothing(self):
        """One bit of each byte, so that each of the eight comes everywhere."""
        self.flip(lambda position: (position % 8,))

    @pytest.mark.nightly
    def test_every_flipped_bit_is_refused_or_changes_nothing(self):
        self.flip(lambda position: range(8))

    def flip(self, bits):
        manifest = manifest_of(few())
        data = bytearray(written(self.format, manifest, few()))
        values = {entry.key: joined(item) for entry, item in zip(manifest.entries, few(), strict=True)}
        silent = []
        for position in range(len(data)):
            for bit in bits(position):
                data[position] ^= 1 << bit
                try:
                    if read(self.format, data) != (manifest, values):
                        silent.append((position, bit))
                except EngramError:
                    pass
                data[position] ^= 1 << bit

        assert silent == []

    @pytest.mark.nightly
    def test_ten_thousand_flipped_bits_of_a_large_file_are_refused_or_change_nothing(self):
        random = np.random.default_rng(3)
        leaves = [*few(), leaf("projections/ee/w", random.random(30_000)), leaf("projections/ee/x", np.zeros(30_000))]
        manifest = manifest_of(leaves)
        values = {entry.key: joined(item) for entry, item in zip(manifest.entries, leaves, strict=True)}
        data = bytearray(written(self.format, manifest, leaves))
        silent = []
        for position, bit in zip(random.integers(0, len(data), 10_000), random.integers(0, 8, 10_000), strict=True):
            data[position] ^= 1 << int(bit)
            try:
                if read(self.format, data) != (manifest, values):
                    silent.append((position, bit))
            except EngramError:
                pass
            data[position] ^= 1 << int(bit)

        assert silent == []

    def test_overwritten_stretch_is_refused_or_changes_nothing(self):
        check_each(range(200), self.overwrite)

    def overwrite(self, seed):
        random = np.random.default_rng(seed)
        manifest = manifest_of(few())
        data = bytearray(written(self.format, manifest, few()))
        start, length = int(random.integers(0, len(data))), int(random.integers(1, 64))
        junk = random.integers(0, 256, length).astype("u1").tobytes() if seed % 2 else bytes(length)
        data[start : start + length] = junk[: len(data) - start]
        try:
            found, values = read(self.format, data)
        except EngramError:
            return

        assert found == manifest
        assert [values[entry.key] for entry in manifest.entries] == [joined(item) for item in few()]

    def test_values_that_are_made_piece_by_piece_give_the_same_file_and_are_made_once(self):
        manifest, made = manifest_of(few()), [Leaf(item.slot, Made(item.pieces)) for item in few()]

        assert written(self.format, manifest, made) == written(self.format, manifest, few())
        assert [item.pieces.times for item in made] == [1] * len(made)

    def test_other_version_is_refused_with_the_way_out(self):
        said = {99: r"(?s)version 99.*help: .*upgrade", 0: r"(?s)version 0.*help: there is no such version"}
        for version, message in said.items():
            manifest = replace(manifest_of(few()), version=version)
            out = MemoryWriter()
            self.format.write(out, manifest, few())

            with pytest.raises(UnsupportedFile, match=message):
                read(self.format, bytes(out.data))

    def test_foreign_file_is_refused(self):
        check_each([*(b"", b"\0", b"hello, world\n", b"{}", b"\xff" * 600),
                    *(b"\x7fELF" + bytes(600), b"\x89HDF\r\n\x1a\n" + bytes(600))], self.refused)  # fmt: skip

    def test_plain_npz_is_refused(self):
        plain, packed = io.BytesIO(), io.BytesIO()
        np.savez(plain, v=np.arange(3))
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("hello.txt", "hello")

        for data in (plain.getvalue(), packed.getvalue()):
            with pytest.raises(EngramError):
                read(self.format, data)
