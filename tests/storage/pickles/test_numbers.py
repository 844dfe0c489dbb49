from __future__ import annotations

import pickle

import numpy as np
import pytest

from engram.storage.pickles.byte_source import ByteSource, FileFeed
from engram.storage.pickles.numbers import is_number, number_bytes, number_code, read_number
from tests.contracts.format_contract import MemoryReader

SINGLES = [
    0,
    1 << 31,
    1,
    0x3DCCCCCD,
    0x7F7FFFFF,
    0x7F800000,
    0xFF800000,
    0x7FC00000,
    0x7FA00001,
    0xFFC00005,
    0x7F800001,
]


def numbers():
    for code in ("i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"):
        limits = np.iinfo(code)
        for value in {0, 1, 255, -1, 256, limits.min, limits.max} & set(range(-2, 300)) | {limits.min, limits.max}:
            if limits.min <= value <= limits.max:
                yield np.array(value, code)
    yield from (np.array(bits, "<u4").view("<f4") for bits in SINGLES)
    yield from (np.array(bits << 32 | 7, "<u8").view("<f8") for bits in SINGLES)
    yield from (np.array(False), np.array(True))


def test_every_number_survives_with_all_its_bits():
    for value in numbers():
        code = number_code(value.dtype, value.tobytes())
        loaded = pickle.loads(b"\x80\x04" + code + b".")

        assert is_number(value.dtype)
        assert type(loaded) in (bool, int, float)
        assert loaded == value or (loaded != loaded and value != value)
        assert number_bytes(value.dtype, loaded) == value.tobytes()
        assert read_number(ByteSource(FileFeed(MemoryReader(code))), value.dtype) == value.tobytes()


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("<i4", 2**31),
        ("u1", -1),
        ("<i8", 1.0),
        ("<f8", 1),
        ("<f4", 0.1),
        ("<f4", 1e300),
        ("?", 1),
        ("i1", True),
        ("<f8", None),
        ("<c8", 1.0),
        ("<f4", "1"),
    ],
)
def test_number_that_the_dtype_can_not_hold_is_none(code, value):
    assert number_bytes(np.dtype(code), value) is None
