from __future__ import annotations

import pytest

from engram.errors import DamagedFile
from engram.storage.contract import PIECE_BYTES
from engram.storage.pickles.byte_source import ByteSource, FileFeed
from tests.contracts.format_contract import MemoryReader

DATA = bytes(range(256)) * 10_000


def source(data=DATA):
    return ByteSource(FileFeed(MemoryReader(data)))


def test_reads_skips_and_peeks_follow_each_other():
    found = source()

    assert found.read(3) == DATA[:3]
    assert found.peek(2, 5) == DATA[3:8]
    found.skip(100_000)
    assert found.position == 100_003
    assert found.read(200_000) == DATA[100_003:300_003]
    assert found.peek(100_000, 100_000) == DATA[300_003:400_003]
    assert found.read(1) == DATA[300_003:300_004]
    assert found.position == 300_004


def test_pieces_are_bounded_and_complete():
    found = source()
    found.read(5)
    pieces = [bytes(piece) for piece in found.pieces(len(DATA) - 10)]

    assert max(map(len, pieces)) <= PIECE_BYTES
    assert b"".join(pieces) == DATA[5:-5]
    assert not found.at_end()
    assert found.read(5) == DATA[-5:]
    assert found.at_end()


def test_pieces_that_are_not_used_up_can_be_skipped():
    found = source()
    next(found.pieces(2_000_000))
    found.skip(2_000_000 - found.position)

    assert found.read(4) == DATA[2_000_000:2_000_004]


@pytest.mark.parametrize("call", [lambda s: s.read(11), lambda s: s.skip(11), lambda s: list(s.pieces(2**62))])
def test_too_little_is_refused(call):
    with pytest.raises(DamagedFile, match="end"):
        call(source(bytes(10)))


def test_lines_end_within_their_limit():
    found = source(b"numpy\ndtype\n" + b"x" * 300)

    assert [found.line(256), found.line(256)] == [b"numpy", b"dtype"]
    with pytest.raises(DamagedFile, match="a line ends nowhere"):
        found.line(256)
