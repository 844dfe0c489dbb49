"""Reads the structure of MAT-files of level 5; every length is checked against the bytes that are there.

In: a file opened once. Out: for each variable nested dictionaries (structs), lists (cells, matrices of characters),
texts and :class:`Numbers`, which only say where real arrays stand. Sources: "MAT-File Format", The MathWorks, R2018a;
what SciPy and MATLAB write.

Refused: functions, objects, opaque and sparse arrays, complex numbers, arrays of structs, big-endian files.
Compressed variables are inflated to an anonymous temporary file, so that memory stays bounded.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from engram.errors import DamagedFile, UnsupportedFile
from engram.storage.contract import Reader
from engram.storage.mat.inflate import Inflated
from engram.storage.mat.order import Stored
from engram.storage.mat.write import INT8, INT32, MATRIX, STRUCT, UINT32

__all__ = ["Numbers", "read_variables"]

_MOST_DEPTH = 80
_MOST_AXES = 64
_COMPRESSED = 15
_CELL, _CHAR = 1, 4
_NAME = re.compile(r"[A-Za-z0-9_]{1,63}")
_STORED = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8"}
_NUMBERS = {6: "<f8", 7: "<f4", 8: "i1", 9: "u1", 10: "<i2", 11: "<u2", 12: "<i4", 13: "<u4", 14: "<i8", 15: "<u8"}
_TEXT = {2: "latin-1", 4: "utf-16-le", 16: "utf-8", 17: "utf-16-le", 18: "utf-32-le"}
_REFUSED = {3: "an object", 5: "a sparse array", 16: "a function", 17: "an opaque object", 18: "an object"}


@dataclass(frozen=True)
class Numbers:
    """A real array: MATLAB's shape, whether it is logical, and where its numbers stand, column-major."""

    dims: tuple[int, ...]
    is_logical: bool
    place: Stored


def read_variables(file: Reader) -> dict[str, Any]:
    """Return all variables by name. Errors: DamagedFile, UnsupportedFile."""
    _check_header(file)
    variables: dict[str, Any] = {}
    inflated = Inflated()
    cursor = _Cursor(file, 128, file.size)
    while cursor.at < cursor.end:
        kind, offset, length = cursor.element()
        inner = _Cursor(file, offset, offset + length)
        if kind == _COMPRESSED:
            whole = _Cursor(inflated, *inflated.append(file, offset, length))
            kind, offset, length = whole.element()
            inner = _Cursor(inflated, offset, offset + length)
            whole.check_end()
        if kind != MATRIX:
            cursor.fail(f"an element of type {kind} where a variable must be")
        name, value = _matrix(inner, 0)
        if not _NAME.fullmatch(name):
            cursor.fail(f"a variable has the impossible name {name[:80]!r}")
        if name in variables:
            cursor.fail(f"the variable {name!r} is there twice")
        variables[name] = value
    return variables


def _check_header(file: Reader) -> None:
    if file.size < 128:
        raise DamagedFile(f"a MAT-file has at least 128 bytes, this one has {file.size}")
    head = file.pread(128, 0)
    if head[124:] == b"\x01\x00MI":
        raise UnsupportedFile("the MAT-file is big-endian\n  help: save it again on a little-endian machine")
    text = head[:116].rstrip(b"\0")
    if not text.startswith(b"MATLAB 5.0 MAT-file") or not text.isascii():
        raise DamagedFile("this is no MAT-file of level 5")
    if any(c < 32 for c in text) or head[116:124] not in (bytes(8), b" " * 8) or head[124:] != b"\x00\x01IM":
        raise DamagedFile("the header of the MAT-file is damaged")


class _Cursor:
    """Takes elements one by one from a part of a file."""

    def __init__(self, file: Reader, at: int, end: int) -> None:
        self.file, self.at, self.end = file, at, end

    def fail(self, what: str) -> NoReturn:
        raise DamagedFile(f"near byte {self.at} of the MAT-file: {what}")

    def check_end(self) -> None:
        if self.at != self.end:
            self.fail(f"{self.end - self.at} bytes that nothing explains")

    def element(self) -> tuple[int, int, int]:
        """Pass over the next element; return its type, and the offset and length of its data."""
        start = self.at
        if self.end - start < 8:
            self.fail("the tag of an element is cut")
        tag = self.file.pread(8, start)
        kind, length = struct.unpack("<II", tag)
        if kind >> 16:
            kind, length = kind & 0xFFFF, kind >> 16
            if length > 4 or any(tag[4 + length :]):
                self.fail("a short element is damaged")
            self.at += 8
            return kind, start + 4, length
        padding = 0 if kind == _COMPRESSED else -length % 8
        if length + padding > self.end - start - 8:
            self.fail(f"an element of {length} bytes goes beyond its container")
        self.at += 8 + length + padding
        if padding and any(self.file.pread(padding, self.at - padding)):
            self.fail("the padding of an element is not empty")
        return kind, start + 8, length

    def data(self, expected: int, most: int) -> bytes:
        """Return the data of the next element, which must be of this type."""
        kind, offset, length = self.element()
        if kind != expected or length > most:
            self.fail(f"an element of type {kind} and {length} bytes instead of type {expected}, at most {most} bytes")
        return self.file.pread(length, offset)


def _matrix(cursor: _Cursor, depth: int) -> tuple[str, Any]:
    """Return the name and value of the array whose content ``cursor`` covers."""
    if depth > _MOST_DEPTH:
        cursor.fail(f"nested deeper than {_MOST_DEPTH}")
    flags = cursor.data(UINT32, 8)
    if len(flags) != 8:
        cursor.fail("array flags of the wrong length")
    word, spare = struct.unpack("<II", flags)
    number = word & 0xFF
    if number in _REFUSED or word & 0x800:
        raise UnsupportedFile(
            f"the MAT-file holds {_REFUSED.get(number, 'complex numbers')}; only real arrays can be read"
        )
    if word & ~0x2FF or spare:
        cursor.fail("impossible array flags")
    axes = cursor.data(INT32, 4 * _MOST_AXES)
    dims = struct.unpack(f"<{len(axes) // 4}i", axes) if len(axes) % 4 == 0 else ()
    if len(dims) < 2 or min(dims) < 0:
        cursor.fail("impossible dimensions")
    try:
        name = cursor.data(INT8, 63).decode("ascii")
    except UnicodeDecodeError:
        cursor.fail("a name that is not ASCII")
    if word & 0x200 and number != 9:
        cursor.fail("a logical array that is not stored as bytes")
    value = _value(cursor, number, dims, bool(word & 0x200), depth)
    cursor.check_end()
    return name, value


def _value(cursor: _Cursor, number: int, dims: tuple[int, ...], is_logical: bool, depth: int) -> Any:
    if number == _CELL:
        return _cell(cursor, math.prod(dims), depth)
    if number == STRUCT:
        return _struct(cursor, dims, depth)
    kind, offset, length = cursor.element()
    if number == _CHAR:
        return _text(cursor, kind, offset, length, dims)
    if number not in _NUMBERS or kind not in _STORED:
        cursor.fail(f"an array of class {number}, stored as type {kind}")
    stored = np.dtype(_STORED[kind])
    if math.prod(dims) * stored.itemsize != length:
        cursor.fail(f"an array of dimensions {dims} with {length} bytes")
    return Numbers(dims, is_logical, Stored(cursor.file, offset, np.dtype(_NUMBERS[number]), stored))


def _inner(cursor: _Cursor, depth: int) -> Any:
    """Return the next element of a struct or a cell: an array without a name."""
    kind, offset, length = cursor.element()
    if kind != MATRIX:
        cursor.fail(f"an element of type {kind} where an array must be")
    if not length:  # what MATLAB writes for []
        return Numbers((0, 0), False, Stored(cursor.file, offset, np.dtype("<f8"), np.dtype("<f8")))
    name, value = _matrix(_Cursor(cursor.file, offset, offset + length), depth + 1)
    if name:
        cursor.fail("a name where none can be")
    return value


def _cell(cursor: _Cursor, count: int, depth: int) -> list[Any]:
    if 8 * count > cursor.end - cursor.at:
        cursor.fail(f"a cell array of {count} elements has no room for them")
    return [_inner(cursor, depth) for _ in range(count)]


def _struct(cursor: _Cursor, dims: tuple[int, ...], depth: int) -> dict[str, Any]:
    if dims != (1, 1):
        raise UnsupportedFile(
            f"the MAT-file holds an array of structs of dimensions {dims}; only single ones can be read"
        )
    width = int.from_bytes(cursor.data(INT32, 4), "little")
    names = cursor.data(INT8, cursor.end - cursor.at)
    if not 2 <= width <= 64 or len(names) % width:
        cursor.fail("the names of a struct's fields are damaged")
    value: dict[str, Any] = {}
    for start in range(0, len(names), width):
        raw = names[start : start + width]
        text, _, rest = raw.partition(b"\0")
        name = text.decode("latin-1")
        if len(text) == width or any(rest) or not _NAME.fullmatch(name) or name in value:
            cursor.fail(f"a field has the impossible name {raw!r}")
        value[name] = _inner(cursor, depth)
    return value


def _text(cursor: _Cursor, kind: int, offset: int, length: int, dims: tuple[int, ...]) -> str | list[str]:
    """Return a text, or the rows of a matrix of characters (blank-padded lists of texts) as they are."""
    if kind not in _TEXT or len(dims) > 2:
        raise UnsupportedFile(f"the MAT-file holds a text of type {kind} and dimensions {dims}")
    try:
        text = cursor.file.pread(length, offset).decode(_TEXT[kind])
    except UnicodeDecodeError:
        cursor.fail("an impossible text")
    rows, width = dims
    if len(text) != rows * width:
        cursor.fail(f"a text of {len(text)} characters and dimensions {dims}")
    return text if rows == 1 or not text else [text[row::rows] for row in range(rows)]
