"""The bytes between the values of a zip: headers, directory, end, and the header of an ``.npy``.

Everything here is a pure function of a member's facts, with no field left to choose. The writer writes these bytes;
the reader builds them again from the directory and compares, so a bit that differs anywhere is found although a zip's
own checksums cover only the values.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engram.errors import DamagedFile
from engram.state.digest import type_code

__all__ = [
    "CHECKSUM_AT",
    "Member",
    "central",
    "checksum",
    "descriptor",
    "end",
    "local",
    "npy_header",
    "parse_end",
]

ZIP64_SIZE = 1 << 31  # many readers keep sizes in signed numbers
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
DATE = 0x0021  # 1980-01-01, the first day that a zip can say; the time is 0
MADE_BY = 3 << 8 | 45  # Unix, version 4.5 of the specification (zip64)
ATTRIBUTES = 0o100644 << 16
CHECKSUM_AT = 14  # of a local header
ALIGN_ID = 0xD935  # as Android's zipalign
LOCAL, CENTRAL = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I")
AFTER, AFTER64 = struct.Struct("<4sIII"), struct.Struct("<4sIQQ")
ALIGN = struct.Struct("<HHH")  # what begins an extra field for alignment: zeros follow
END, END64, LOCATOR64 = struct.Struct("<4s4H2IH"), struct.Struct("<4sQ2H2I4Q"), struct.Struct("<4sIQI")


class Member(NamedTuple):
    """One file in the zip. ``size`` counts the bytes of the content, ``compressed`` those that stand in the zip."""

    name: bytes
    deflated: bool
    crc: int
    compressed: int
    size: int
    offset: int


def local(member: Member, align: int = 0, skip: int = 0) -> bytes:
    """Return the local header, padded so that the byte ``skip`` after it stands at a multiple of ``align``.

    Of a deflated member checksum and sizes follow its data (:func:`descriptor`), so they are zero here.
    """
    name, deflated, crc, compressed, size, offset = member
    extra, needed, method = b"", 20, 8 if deflated else 0
    is_large = size >= ZIP64_SIZE
    if deflated:
        crc = compressed = size = 0
    if is_large:
        extra, needed = struct.pack("<HHQQ", 1, 16, size, compressed), 45
        compressed = size = FULL32
    if align:  # last, since the other extra fields move the data
        start = offset + LOCAL.size + len(name) + len(extra) + ALIGN.size + skip
        padding = -start % align
        extra += ALIGN.pack(ALIGN_ID, 2 + padding, align) + bytes(padding)
    fixed = LOCAL.pack(b"PK\3\4", needed, method, method, 0, DATE, crc, compressed, size, len(name), len(extra))
    return fixed + name + extra


def checksum(member: Member) -> bytes:
    """Return the bytes of the checksum, which stand ``CHECKSUM_AT`` bytes into the local header."""
    return struct.pack("<I", member.crc)


def descriptor(member: Member) -> bytes:
    """Return what follows the data of a deflated member."""
    form = AFTER64 if member.size >= ZIP64_SIZE else AFTER
    return form.pack(b"PK\7\x08", member.crc, member.compressed, member.size)


def central(member: Member) -> bytes:
    """Return the member's entry in the directory."""
    name, deflated, crc, compressed, size, offset = member
    extra, method = b"", 8 if deflated else 0
    if size >= ZIP64_SIZE:
        extra = struct.pack("<QQ", size, compressed)
        compressed = size = FULL32
    if offset >= FULL32:
        offset, extra = FULL32, extra + struct.pack("<Q", offset)
    extra = struct.pack("<HH", 1, len(extra)) + extra if extra else b""
    fixed = (b"PK\1\2", MADE_BY, 45 if extra else 20, method, method, 0, DATE, crc, compressed, size)
    return CENTRAL.pack(*fixed, len(name), len(extra), 0, 0, 0, ATTRIBUTES, offset) + name + extra


def end(count: int, start: int, size: int, comment: bytes) -> bytes:
    """Return what follows the directory of ``count`` members, which begins at ``start`` and has ``size`` bytes."""
    large = b""
    if count >= FULL16 or start >= FULL32 or size >= FULL32:
        large = END64.pack(b"PK\6\6", END64.size - 12, MADE_BY, 45, 0, 0, count, count, size, start)
        large += LOCATOR64.pack(b"PK\6\7", 0, start + size, 1)
    few, small, low = min(count, FULL16), min(size, FULL32), min(start, FULL32)
    return large + END.pack(b"PK\5\6", 0, 0, few, few, small, low, len(comment)) + comment


def parse_end(tail: bytes, file_size: int, comment: bytes) -> tuple[int, int, int]:
    """Return count, start and size of the directory, from the last bytes of a file that ends with ``comment``."""
    at = len(tail) - len(comment) - END.size
    if at < 0:
        raise DamagedFile("the file is too short for a zip")
    _, _, _, _, count, size, start, _ = END.unpack_from(tail, at)
    if FULL32 in (size, start) or count == FULL16:
        if at < END64.size + LOCATOR64.size:
            raise DamagedFile("the end of the zip is damaged")
        *_, count, size, start = END64.unpack_from(tail, at - END64.size - LOCATOR64.size)
    expected = end(count, start, size, comment) if max(count, size, start) < 1 << 63 else b""
    if not expected or not tail.endswith(expected) or start + size + len(expected) != file_size:
        raise DamagedFile("the end of the zip is damaged, or something was added to the file")
    return count, start, size


@lru_cache(maxsize=1024)
def npy_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """Return the first bytes of an ``.npy`` in C order; their number is a multiple of 64."""
    text = f"{{'descr': '{type_code(dtype)}', 'fortran_order': False, 'shape': {shape!r}, }}".encode("ascii")
    text += b" " * (-(10 + len(text) + 1) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text
