"""Writes MAT-files of level 5: structs of arrays, uncompressed, little-endian, nothing that depends on the day.

In: a tree of names with leaves. Out: bytes; the size of every variable is known before the first is written. Source:
"MAT-File Format", The MathWorks, R2018a, chapter 1.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engram.errors import SaveError
from engram.state.slots import Slot
from engram.state.tree import Leaf
from engram.storage.contract import Writer
from engram.storage.mat.order import to_columns
from engram.storage.nesting import Tree

__all__ = [
    "CLASSES",
    "HEADER",
    "INT8",
    "INT32",
    "MATRIX",
    "STRUCT",
    "UINT8",
    "UINT32",
    "NumberClass",
    "dims_of",
    "size_of",
    "write_variable",
]

HEADER = b"MATLAB 5.0 MAT-file, written by engram".ljust(116) + bytes(8) + b"\x00\x01IM"

INT8, UINT8, INT32, UINT32, MATRIX = 1, 2, 5, 6, 14  # types of elements
STRUCT = 2  # a class of arrays
_NAME_LENGTH = 64  # of a field, with its final zero


@dataclass(frozen=True)
class NumberClass:
    """How MATLAB calls a dtype: the class of the array, the type of its element, and the logical flag."""

    number: int
    element: int
    is_logical: bool = False


CLASSES: dict[np.dtype[Any], NumberClass] = {
    np.dtype("?"): NumberClass(9, UINT8, True),
    np.dtype("<f8"): NumberClass(6, 9),
    np.dtype("<f4"): NumberClass(7, 7),
    np.dtype("i1"): NumberClass(8, INT8),
    np.dtype("u1"): NumberClass(9, UINT8),
    np.dtype("<i2"): NumberClass(10, 3),
    np.dtype("<u2"): NumberClass(11, 4),
    np.dtype("<i4"): NumberClass(12, INT32),
    np.dtype("<u4"): NumberClass(13, UINT32),
    np.dtype("<i8"): NumberClass(14, 12),
    np.dtype("<u8"): NumberClass(15, 13),
}


def dims_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that MATLAB gives a value: never less than two axes, a vector is a row."""
    if len(shape) < 2:
        return (1, *shape) if shape else (1, 1)
    dims = list(shape)
    while len(dims) > 2 and dims[-1] == 1:
        dims.pop()
    return tuple(dims)


def size_of(node: int | Tree, name: str, slots: Sequence[Slot]) -> int:
    """Return the size of a variable or field in bytes, with its tag and everything below it."""
    return 8 + _content_size(node, name, slots)


def write_variable(out: Writer, node: int | Tree, name: str, leaves: Sequence[Leaf], slots: Sequence[Slot]) -> None:
    """Write one variable, or one field (whose own name is empty); ``slots`` are those of ``leaves``."""
    out.write(struct.pack("<II", MATRIX, _content_size(node, name, slots)))
    if isinstance(node, int):
        _write_numbers(out, leaves[node], name)
        return
    fields = b"".join(field.encode("ascii").ljust(_NAME_LENGTH, b"\0") for field in node)
    out.write(_head(STRUCT, False, (1, 1), name))
    out.write(_element(INT32, struct.pack("<i", _NAME_LENGTH)) + _element(INT8, fields))
    for below in node.values():
        write_variable(out, below, "", leaves, slots)


def _write_numbers(out: Writer, leaf: Leaf, name: str) -> None:
    slot = leaf.slot
    kind = CLASSES[slot.dtype]
    head = _head(kind.number, kind.is_logical, dims_of(slot.shape), name)
    pieces = to_columns(slot.shape, slot.dtype, leaf.pieces)
    if slot.nbytes <= 4:
        data = b"".join(pieces)
        out.write(head + _element(kind.element, data))
        written = len(data)
    else:
        out.write(head + struct.pack("<II", kind.element, slot.nbytes))
        written = sum(out.write(piece) for piece in pieces)
        out.write(bytes(-slot.nbytes % 8))
    if written != slot.nbytes:
        raise SaveError(f"{slot.path}: {slot.nbytes} bytes expected, {written} found")


def _content_size(node: int | Tree, name: str, slots: Sequence[Slot]) -> int:
    if isinstance(node, int):
        slot = slots[node]
        return _head_size(len(dims_of(slot.shape)), name) + _element_size(slot.nbytes)
    below = sum(size_of(field, "", slots) for field in node.values())
    return _head_size(2, name) + _element_size(4) + _element_size(_NAME_LENGTH * len(node)) + below


def _head(number: int, is_logical: bool, dims: tuple[int, ...], name: str) -> bytes:
    flags = struct.pack("<II", number | (0x200 if is_logical else 0), 0)
    axes = struct.pack(f"<{len(dims)}i", *dims)
    return _element(UINT32, flags) + _element(INT32, axes) + _element(INT8, name.encode("ascii"))


def _head_size(axes: int, name: str) -> int:
    return _element_size(8) + _element_size(4 * axes) + _element_size(len(name))


def _element(kind: int, data: bytes) -> bytes:
    if 1 <= len(data) <= 4:  # the small form: type and length share a word
        return struct.pack("<HH", kind, len(data)) + data.ljust(4, b"\0")
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def _element_size(length: int) -> int:
    return 8 if length <= 4 else 8 + length + -length % 8
