"""MAT-files with sizes that lie, classes that run code, bombs: each is refused, quickly, in bounded memory."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import numpy as np
import pytest

from engram.errors import DamagedFile, EngramError, UnsupportedFile
from engram.storage.mat.format import MAT
from engram.storage.mat.read import read_variables
from engram.storage.mat.write import HEADER
from tests.cases import check_each, each
from tests.contracts.format_contract import MemoryReader, few, manifest_of, read, written

INT8, UINT8, INT32, UINT32, DOUBLE, MATRIX, COMPRESSED = 1, 2, 5, 6, 9, 14, 15


def variables(body, header=HEADER):
    return read_variables(MemoryReader(header + body))


def element(kind, data, length=None):
    tag = struct.pack("<II", kind, len(data) if length is None else length)
    return tag + data + bytes(-len(data) % 8)


def matrix(number=6, dims=(1, 3), name=b"v", content=None, flags=0, spare=0, length=None, axes=None):
    """An array with freely chosen facts; by default three doubles."""
    content = element(DOUBLE, bytes(24)) if content is None else content
    axes = struct.pack(f"<{len(dims)}i", *dims) if axes is None else axes
    body = element(UINT32, struct.pack("<II", number | flags, spare)) + element(INT32, axes) + element(INT8, name)
    return element(MATRIX, body + content, length)


def struct_of(fields, width=64, dims=(1, 1), name=b"s"):
    names = b"".join(field.ljust(width, b"\0") for field, _ in fields)
    head = element(INT32, struct.pack("<i", width)) + element(INT8, names)
    return matrix(2, dims, name, head + b"".join(value for _, value in fields))


def test_arrays_by_hand_are_read():
    found = variables(matrix() + struct_of([(b"a", matrix(name=b""))]) + matrix(1, (1, 1), b"c", matrix(name=b"")))

    assert list(found) == ["v", "s", "c"]
    assert found["v"].dims == found["s"]["a"].dims == found["c"][0].dims == (1, 3)


REFUSED = {
    "object": matrix(3),
    "sparse": matrix(5),
    "function": matrix(16),
    "opaque": matrix(17),
    "new object": matrix(18),
    "complex": matrix(flags=0x800, content=2 * element(DOUBLE, bytes(24))),
    "array of structs": struct_of([(b"a", matrix(name=b""))], dims=(1, 2)),
    "text of lines and pages": matrix(4, (1, 1, 2), content=element(UINT8, b"ab")),
    "text of unknown encoding": matrix(4, (1, 2), content=element(DOUBLE, bytes(16))),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_real_array_is_refused(case):
    with pytest.raises(UnsupportedFile, match="the MAT-file holds"):
        variables(REFUSED[case])


def deep(levels):
    inner = matrix(name=b"")
    for _ in range(levels):
        inner = matrix(1, (1, 1), b"", inner)
    return inner


def compressed(data, level=9):
    body = zlib.compress(data, level)
    return struct.pack("<II", COMPRESSED, len(body)) + body


BROKEN = {
    "tag cut": b"\x0e\0\0\0",
    "longer than the file": matrix(length=2**31 - 1),
    "longer than anything": matrix(length=2**32 - 1),
    "shorter than its content": matrix(length=40),
    "longer by a padding": matrix()[:-8] + bytes(3),
    "inner longer than outer": matrix(content=element(DOUBLE, bytes(24), 4096)),
    "inner shorter": matrix(content=element(DOUBLE, bytes(24), 16)),
    "nothing explains": matrix(content=element(DOUBLE, bytes(24)) + bytes(8)),
    "no variable": element(DOUBLE, bytes(24)),
    "tag of zeros": matrix() + bytes(8),
    "zeros between": matrix() + bytes(16) + matrix(name=b"w"),
    "variable twice": matrix() + matrix(),
    "padding not empty": matrix(dims=(1, 1), number=9, content=struct.pack("<II", UINT8, 1) + b"\1\0\0\0\0\0\0\1"),
    "short element too long": matrix(dims=(1, 5), number=9, content=struct.pack("<HH", UINT8, 5) + bytes(4)),
    "short element not empty": matrix(dims=(1, 1), number=9, content=struct.pack("<HH", UINT8, 1) + b"\1\0\1\0"),
    "class 0": matrix(0),
    "class 99": matrix(99),
    "flags": matrix(flags=0x100),
    "global": matrix(flags=0x400),
    "high flags": matrix(flags=0x10000),
    "spare word": matrix(spare=1),
    "logical doubles": matrix(flags=0x200),
    "flags of four bytes": element(MATRIX, element(UINT32, bytes(4))),
    "flags of another type": element(MATRIX, element(INT32, bytes(8))),
    "no axes": matrix(dims=()),
    "one axis": matrix(dims=(3,)),
    "half an axis": matrix(axes=bytes(9)),
    "negative axis": matrix(dims=(-1, -3)),
    "product overflows": matrix(dims=(2**30, 2**30, 16)),
    "product overflows to three": matrix(dims=(3, *(2**31 - 1,) * 2)),
    "a thousand axes": matrix(dims=(1,) * 1000),
    "too many numbers": matrix(dims=(1, 2)),
    "too few numbers": matrix(dims=(1, 4)),
    "name not ASCII": matrix(name=b"\xff"),
    "name empty": matrix(name=b""),
    "name with a zero": matrix(name=b"a\0b"),
    "name of 64 letters": matrix(name=b"a" * 64),
    "name is a path": matrix(name=b"../x"),
    "stored as a matrix": matrix(content=element(MATRIX, bytes(24))),
    "text that is too long": matrix(4, (1, 3), content=element(UINT8, b"ab")),
    "text of no encoding": matrix(4, (1, 1), content=element(16, b"\xff")),
    "cell without room": matrix(1, (2**31 - 1, 2**31 - 1), content=b""),
    "cell of numbers": matrix(1, (1, 1), content=element(DOUBLE, bytes(8))),
    "cell with a name": matrix(1, (1, 1), content=matrix(name=b"x")),
    "cells nested deeply": matrix(1, (1, 1), b"c", deep(200)),
    "cells nested a thousand times": matrix(1, (1, 1), b"c", deep(3000)),
    "struct field twice": struct_of([(b"a", matrix(name=b""))] * 2),
    "struct field empty": struct_of([(b"", matrix(name=b""))]),
    "struct field unended": struct_of([(b"a" * 8, matrix(name=b""))], width=8),
    "struct field with rest": struct_of([(b"a\0b", matrix(name=b""))]),
    "struct width 0": matrix(2, (1, 1), b"s", element(INT32, bytes(4)) + element(INT8, b"")),
    "struct width negative": matrix(2, (1, 1), b"s", element(INT32, b"\xff" * 4) + element(INT8, bytes(64))),
    "struct width odd": matrix(2, (1, 1), b"s", element(INT32, b"\x07\0\0\0") + element(INT8, b"a" * 12)),
    "struct lacks a value": struct_of([(b"a", matrix(name=b"")), (b"b", b"")]),
    "compressed nothing": compressed(b""),
    "compressed numbers": compressed(element(DOUBLE, bytes(24))),
    "compressed twice": compressed(compressed(matrix())),
    "compressed two": compressed(matrix() + matrix(name=b"w")),
    "compressed cut": compressed(matrix())[:-1],
    "compressed and more": element(COMPRESSED, zlib.compress(matrix()) + b"\0"),
    "compressed, wrong checksum": compressed(matrix())[:-1] + b"\x55",
    "compressed, no zlib": struct.pack("<II", COMPRESSED, 16) + b"\xff" * 16,
    "compressed, cut inside": compressed(matrix()[:-8]),
    "compressed, longer than the file": struct.pack("<II", COMPRESSED, 2**31) + zlib.compress(matrix()),
}  # fmt: skip


def test_what_contradicts_itself_is_refused():
    def refused(data):
        with pytest.raises(EngramError):
            variables(data)

    check_each(BROKEN, refused)


@each(
    "header",
    [
        HEADER.replace(b"5.0", b"7.3"),
        HEADER[:50] + b"\x07" + HEADER[51:],
        HEADER[:50] + b"\xe9" + HEADER[51:],
        HEADER[:120] + b"\1" + HEADER[121:],
        HEADER[:124] + b"\0\2IM",
        HEADER[:124] + b"\1\0MI",
        HEADER[:127],
    ],
)
def test_damaged_or_foreign_header_is_refused(header):
    with pytest.raises(EngramError, match="MAT-file"):
        variables(b"", header)


def test_bomb_is_inflated_in_bounded_memory():
    """100 MB of zeros in 100 kB, inside one variable: allowed, but never held in memory."""
    engine = zlib.compressobj(9)
    length = 100 << 20
    head = matrix(9, (1, length), content=b"")
    tag = struct.pack("<II", MATRIX, len(head) + length)
    body = engine.compress(tag + head[8:] + struct.pack("<II", UINT8, length))
    body += b"".join(engine.compress(bytes(1 << 20)) for _ in range(100)) + engine.flush()
    tracemalloc.start()
    try:
        found = variables(struct.pack("<II", COMPRESSED, len(body)) + body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert found["v"].dims == (1, length)
    assert peak < 16 << 20


def test_sizes_are_refused_before_anything_is_allocated():
    tracemalloc.start()
    try:
        for dims in ((2**31 - 1, 1), (2**31 - 1, 2**31 - 1), (2**20, 2**20)):
            with pytest.raises(DamagedFile, match="an array of dimensions"):
                variables(matrix(dims=dims))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 1 << 20


def test_unlisted_variable_is_refused():
    with pytest.raises(DamagedFile, match="'v' is not in the manifest"):
        read(MAT, written(MAT, manifest_of(few()), few()) + matrix())


WORDS = (0, 1, 2, 5, 6, 7, 8, 9, 14, 15, 16, 64, 0x200, 0x206, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 8)


def test_random_words_are_refused_or_change_nothing():
    """Each file has one word replaced by one that means something."""
    original = written(MAT, manifest_of(few()), few())
    intact = read(MAT, original)
    check_each(range(300), lambda seed: replace_word(original, intact, seed))


def replace_word(original, intact, seed):
    random, data = np.random.default_rng(seed), bytearray(original)
    at = int(random.integers(32, len(data) // 4)) * 4
    words = [*WORDS, len(data), at]
    data[at : at + 4] = struct.pack("<I", words[int(random.integers(len(words)))])
    try:
        found = read(MAT, bytes(data))
    except EngramError:
        return

    assert found == intact
