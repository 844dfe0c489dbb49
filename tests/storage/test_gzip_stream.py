from __future__ import annotations

import gzip
import io
import zlib

import numpy as np
import pytest

from engram.errors import DamagedFile, EngramError, UnsupportedFile
from engram.storage.gzip_stream import GzipFeed, GzipWriter
from engram.storage.pickles.byte_source import ByteSource
from engram.storage.pickles.format import GZIP
from tests.contracts.format_contract import FormatContract, MemoryReader, MemoryWriter


class TestGzip(FormatContract):
    format = GZIP


def noise(length):
    return np.random.default_rng(length).integers(0, 64, length).astype("u1").tobytes()


def deflated(data, cuts=()):
    out = MemoryWriter()
    with GzipWriter(out) as writer:
        for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
            writer.write(memoryview(data)[start:end])
    return bytes(out.data)


def inflated(data):
    source = ByteSource(GzipFeed(MemoryReader(data)))
    parts = []
    while not source.at_end():
        parts.append(source.read(len(source.peek(1, 1 << 20))))
    return b"".join(parts)


@pytest.mark.parametrize("length", [0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_500_000])
def test_gzip_of_python_and_our_own_read_what_is_written(length):
    data = noise(length)

    assert gzip.decompress(deflated(data)) == data
    assert inflated(deflated(data)) == data


def test_same_input_gives_same_bytes_however_it_is_cut():
    data = noise(5_000_000)

    assert (
        len({deflated(data, cuts) for cuts in ((), (1,), (3, 1 << 20, 4_000_000), range(1000, 4_000_000, 77_777))}) == 1
    )


def test_header_with_a_name_is_read():
    out = io.BytesIO()
    with gzip.GzipFile("data.txt", "wb", fileobj=out) as file:
        file.write(b"hello")

    assert inflated(out.getvalue()) == b"hello"


@pytest.mark.parametrize("flag", [0x01, 0x02, 0x04, 0x10, 0x20, 0x80])
def test_header_with_other_flags_is_refused(flag):
    data = bytearray(gzip.compress(b"hello"))
    data[3] |= flag

    with pytest.raises(UnsupportedFile, match="gzip flags"):
        inflated(data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d[:-1], "7 bytes follow"),
        (lambda d: d + b"\0", "9 bytes follow"),
        (lambda d: d + d, "bytes follow"),
        (lambda d: d[:-8] + b"\1" + d[-7:], "checksum is wrong"),
        (lambda d: d[:-1] + b"\1", "length is wrong"),
        (lambda d: d[:-12], "end too early|bytes follow"),
        (lambda d: d[:12], "at least 18 bytes"),
        (lambda d: b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 2000, "the file name in the gzip header"),
        (lambda d: d[:10] + b"\xff" * 40, "can't be inflated"),
    ],
)
def test_damaged_gzip_is_refused(change, message):
    with pytest.raises(DamagedFile, match=message):
        inflated(change(deflated(noise(3000))))


def test_bomb_is_read_in_bounded_pieces():
    """60 MB from 60 kB: what is passed over is never held."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(1 << 20)
    body = b"".join(engine.compress(zeros) for _ in range(60)) + engine.flush()
    source = ByteSource(GzipFeed(MemoryReader(b"\x1f\x8b\x08" + bytes(7) + body + bytes(8))))
    source.skip(60 << 20)

    with pytest.raises(EngramError, match="checksum"):
        source.at_end()


def test_writer_that_fails_leaves_no_thread_behind():
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"), GzipWriter(Full()) as writer:
        writer.write(noise(10_000_000))
