"""Packs that were made to hurt: each is refused with an error of ours, in memory and time bounded by the file."""

import json
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
import xxhash

from engram.errors import DamagedFile, EngramError
from engram.storage.manifest import to_json
from engram.storage.zip.format import ENGRAM, NPZ
from engram.storage.zip.records import Member, central, descriptor, end, local, npy_header
from engram.storage.zip.write import align_of
from tests.contracts.format_contract import few, leaf, manifest_of, read, written

FORMATS = pytest.mark.parametrize("fmt", [NPZ, ENGRAM], ids=["npz", "engram"])


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


class Forger:
    """Builds packs whose seals are right, whatever stands in them."""

    def __init__(self, fmt=NPZ):
        self.fmt = fmt
        self.data = bytearray()
        self.members = []
        self.add(b"engram/format", fmt.magic)

    def add(self, name, content, packed=None, size=None, crc=None, align=0, skip=0, is_listed=True):
        is_packed = packed is not None
        stored = packed if is_packed else content
        member = Member(name, is_packed, zlib.crc32(content) if crc is None else crc, len(stored),
                        len(content) if size is None else size, len(self.data))  # fmt: skip
        self.data += local(member, align, skip) + stored + (descriptor(member) if is_packed else b"")
        if is_listed:
            self.members.append(member)

    def value(self, name, values, **facts):
        head = npy_header(values.dtype, values.shape)
        content = head + values.tobytes()
        if self.fmt is NPZ:
            self.add(name, content, packed=deflated(content), **facts)
        else:
            align = align_of(values.nbytes)
            self.add(name, content, align=align, skip=len(head), **facts)

    def close(self, manifest, change=lambda document: None, blocks=None):
        if blocks is None:
            blocks = [
                xxhash.xxh3_64_intdigest(part) for item in self.leaves for part in [item.pieces[0].tobytes()] if part
            ]
        numbers = np.array(blocks, "<u8")
        listed = npy_header(numbers.dtype, numbers.shape) + numbers.tobytes()
        blueprint = json.dumps(manifest.blueprint).encode()
        document = json.loads(to_json(manifest))
        del document["blueprint"]
        document["blocks"] = xxhash.xxh3_128_hexdigest(numbers.tobytes())
        document["pack"] = {"blueprint": xxhash.xxh3_128_hexdigest(blueprint)}
        change(document)
        text = json.dumps(document).encode()
        for name, content in ((b"engram/blueprint.json", blueprint), (b"engram/blocks.npy", listed)):
            self.add(name, content)
        self.add(b"engram/manifest.json", text)
        return self.finish(b"engram 1 " + xxhash.xxh3_128_hexdigest(text).encode())

    def finish(self, comment):
        listed = b"".join(central(member) for member in self.members)
        return bytes(self.data) + listed + end(len(self.members), len(self.data), len(listed), comment)


def forged(fmt, build, change=lambda document: None):
    forger = Forger(fmt)
    forger.leaves = few()
    build(forger)
    return forger.close(manifest_of(few()), change)


def honest(forger):
    for item in few():
        forger.value(f"{item.slot.path}.npy".encode(), item.pieces[0])


@FORMATS
def test_forger_makes_readable_packs(fmt):
    """Else the tests below would prove nothing."""
    assert read(fmt, forged(fmt, honest))[0] == manifest_of(few())


def duplicate(forger):
    honest(forger)
    forger.value(b"populations/exc/v.npy", few()[1].pieces[0])


def duplicate_in_other_case(forger):
    honest(forger)
    forger.value(b"populations/exc/V.npy", few()[1].pieces[0])


def unlisted(forger):
    honest(forger)
    forger.add(b"virus.exe", b"MZ")


def missing(forger):
    forger.value(b"network/step.npy", few()[0].pieces[0])


def swapped(forger):
    for item in reversed(few()):
        forger.value(f"{item.slot.path}.npy".encode(), item.pieces[0])


def hidden(forger):
    honest(forger)
    forger.add(b"ghost", b"not in the directory", is_listed=False)


def gap(forger):
    honest(forger)
    forger.data += bytes(64)


def overlapping(forger):
    honest(forger)
    first = forger.members[1]
    forger.members[2] = Member(
        forger.members[2].name, first.deflated, first.crc, first.compressed, first.size, first.offset
    )


def climbing(forger):
    forger.value(b"network/step.npy", few()[0].pieces[0])
    forger.value(b"../../etc/passwd.npy", few()[1].pieces[0])


def pickled(forger):
    forger.value(b"network/step.npy", few()[0].pieces[0])
    head = npy_header(np.dtype("<f4"), (3,)).replace(b"'<f4'", b"'|O' ")
    forger.add(b"populations/exc/v.npy", head + b"cos\nsystem\n.", packed=deflated(head + b"cos\nsystem\n."))


def other_dtype(forger):
    forger.value(b"network/step.npy", few()[0].pieces[0])
    forger.value(b"populations/exc/v.npy", few()[1].pieces[0].view("<i4"))


def other_order(forger):
    forger.value(b"network/step.npy", few()[0].pieces[0])
    head = npy_header(np.dtype("<f4"), (3,)).replace(b"False, ", b"True,  ")
    content = head + few()[1].pieces[0].tobytes()
    forger.add(b"populations/exc/v.npy", content, packed=deflated(content) if forger.fmt is NPZ else None)


def longer(forger):
    forger.value(b"network/step.npy", few()[0].pieces[0])
    forger.value(b"populations/exc/v.npy", few()[1].pieces[0], size=64 + 64 + 12)
    forger.data += b"x"


@FORMATS
@pytest.mark.parametrize(
    "build",
    [duplicate, duplicate_in_other_case, unlisted, missing, swapped, hidden, gap, overlapping, climbing, pickled,
     other_dtype, other_order, longer],
)  # fmt: skip
def test_forged_members_are_refused(fmt, build):
    with pytest.raises(DamagedFile):
        read(fmt, forged(fmt, build))


@FORMATS
@pytest.mark.parametrize(
    "facts",
    [{"dtype": "|O"}, {"lengths": [10**12]}, {"lengths": [-3]}, {"path": "../x"}, {"lengths": [3, 1]}, {"axes": 2},
     {"path": "populations/inh"}, {"dtype": "<i4"}, {"name": "\x1b[2J"}, {"name": "w"}, {"slots": 0}],
)  # fmt: skip
def test_forged_facts_are_refused(fmt, facts):
    def change(document):
        for place in (document["slots"][1][0], document["owners"][1]):
            place.update({name: value for name, value in facts.items() if name in place})

    with pytest.raises(EngramError):
        read(fmt, forged(fmt, honest, change))


@FORMATS
def test_forged_block_digests_are_refused(fmt):
    forger = Forger(fmt)
    honest(forger)
    with pytest.raises(DamagedFile, match="network/step: wrong digest"):
        read(fmt, forger.close(manifest_of(few()), blocks=[1, 2]))
    forger = Forger(fmt)
    honest(forger)
    with pytest.raises(DamagedFile, match="another length"):
        read(fmt, forger.close(manifest_of(few()), blocks=[1]))


def peak_of(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_bomb_is_inflated_in_pieces_and_within_the_bounds_of_deflate():
    """200 MB of zeros in 200 KB are legitimate, but never in memory at once."""
    big = [leaf("populations/exc/v", np.zeros(25_000_000))]
    data = written(NPZ, manifest_of(big), big)
    contents = NPZ.open(Reader(data))

    def drain():
        for _, pieces in contents.stream():
            for _ in pieces:
                pass

    assert len(data) < 2_000_000
    assert peak_of(drain) < 8_000_000


class Reader:
    def __init__(self, data):
        self.data, self.size = data, len(data)

    def pread(self, length, offset):
        if offset + length > self.size:
            raise DamagedFile("too short")
        return self.data[offset : offset + length]


def test_bomb_beyond_the_bounds_of_deflate_is_refused_before_it_goes_off():
    def build(forger):
        forger.value(b"network/step.npy", few()[0].pieces[0])
        content = npy_header(np.dtype("<f4"), (10**6,)) + bytes(4 * 10**6)
        forger.add(b"populations/exc/v.npy", content, packed=deflated(content)[:1000])

    def attempt():
        with pytest.raises(DamagedFile, match="what the file can hold"):
            NPZ.open(Reader(data))

    data = forged(NPZ, build, lambda document: document["owners"][1].update(lengths=[10**6]))

    assert peak_of(attempt) < 1_000_000


def test_stream_that_inflates_to_more_or_less_than_promised_is_refused():
    for shape, length in (((3,), 4), ((3,), 2)):

        def build(forger, length=length, shape=shape):
            forger.value(b"network/step.npy", few()[0].pieces[0])
            head = npy_header(np.dtype("<f4"), shape)
            content = head + few()[1].pieces[0].tobytes()
            inside = head + bytes(4 * length)
            forger.add(b"populations/exc/v.npy", content, packed=deflated(inside))

        with pytest.raises(DamagedFile, match="longer|shorter"):
            read(NPZ, forged(NPZ, build))


def test_junk_after_the_deflate_stream_is_refused():
    def build(forger):
        forger.value(b"network/step.npy", few()[0].pieces[0])
        content = npy_header(np.dtype("<f4"), (3,)) + few()[1].pieces[0].tobytes()
        forger.add(b"populations/exc/v.npy", content, packed=deflated(content) + b"PK")

    with pytest.raises(DamagedFile, match="longer"):
        read(NPZ, forged(NPZ, build))


def test_million_members_are_refused_in_bounded_memory():
    entry = central(Member(b"x", False, 0, 0, 0, 0))
    directory = entry * 1_100_000
    data = written(NPZ, manifest_of(few()), few())[:59] + directory
    data += end(1_100_000, 59, len(directory), b"engram 1 " + b"0" * 32)

    def attempt():
        with pytest.raises(DamagedFile, match="1100000 members"):
            NPZ.open(Reader(data))

    assert peak_of(attempt) < 1_000_000


@FORMATS
@pytest.mark.parametrize("number", [0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000])
def test_extreme_numbers_in_every_field_of_the_directory_are_refused(fmt, number):
    data = written(fmt, manifest_of(few()), few())
    for start in range(data.index(b"PK\1\2"), len(data) - 4):
        forged_data = data[:start] + struct.pack("<I", number) + data[start + 4 :]
        if forged_data != data:
            with pytest.raises(EngramError):
                read(fmt, forged_data)
