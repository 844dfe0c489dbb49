"""Pickles of what ANNarchy's files hold, as opcodes: numbers in boxes by the million, which are never boxed here.

In: dictionaries, lists, tuples, texts, numbers, arrays, :class:`Ragged`, :class:`Boxed`. Out: pieces of a pickle of
protocol 4, for Python's own reader with NumPy 1 and 2. The source of the opcodes is ``pickletools``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.digest import type_code
from engram.storage.pickles.emit import text_code
from engram.storage.pickles.numbers import integer_code

__all__ = ["Boxed", "Ragged", "pickled"]

Array = npt.NDArray[Any]

_FLOAT = np.dtype([("op", "u1"), ("value", ">f8")])  # BINFLOAT
_INT = np.dtype([("op", "u1"), ("value", "<i4")])  # BININT
_OBJECTS = ("O8", "|", 63)  # of dtype: code, order, flags


@dataclass(frozen=True, eq=False)
class Ragged:
    """Lists of numbers, one for each row.

    Args:
        array: (n,), the rows one after the other.
        row_start: (n_rows + 1,) where each begins.
        is_array: whether an array of objects holds the lists, instead of a list.
    """

    array: Array
    row_start: Array
    is_array: bool

    @property
    def width(self) -> int | None:
        """The length of the rows, if all have one."""
        lengths = np.diff(self.row_start)
        return int(lengths[0]) if len(lengths) and (lengths == lengths[0]).all() else None


@dataclass(frozen=True, eq=False)
class Boxed:
    """An array of objects without axes, that holds a value."""

    value: Any


def pickled(value: Any) -> Iterator[bytes]:
    """Give the pieces of a pickle."""
    yield b"\x80\x04"  # PROTO
    yield from _value(value)
    yield b"."  # STOP


def _value(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        yield b"}\x94("  # EMPTY_DICT MEMOIZE MARK ... SETITEMS; without MEMOIZE a pickle would begin as engram's do
        for name, one in value.items():
            yield text_code(name.encode("utf-8"))
            yield from _value(one)
        yield b"u"
    elif isinstance(value, list | tuple):
        yield b"](" if isinstance(value, list) else b"("  # EMPTY_LIST MARK ... APPENDS, MARK ... TUPLE
        for one in value:
            yield from _value(one)
        yield b"e" if isinstance(value, list) else b"t"
    elif isinstance(value, str):
        yield text_code(value.encode("utf-8"))
    elif isinstance(value, Ragged):
        yield from _rows(value)
    elif isinstance(value, Boxed):
        yield _head((), *_OBJECTS) + b"]"
        yield from _value(value.value)
        yield b"atb"  # APPEND TUPLE BUILD
    elif isinstance(value, np.ndarray):
        yield from _array(value)
    else:
        yield from _boxes(np.asarray(value).reshape(1))


def _rows(rows: Ragged) -> Iterator[bytes]:
    if rows.is_array:
        yield _head((len(rows.row_start) - 1,), *_OBJECTS)
    yield b"]("  # EMPTY_LIST MARK ... APPENDS
    for start, end in pairwise(rows.row_start.tolist()):
        yield b"]("
        yield from _boxes(rows.array[start:end])
        yield b"e"
    yield b"etb" if rows.is_array else b"e"


def _boxes(array: Array) -> Iterator[bytes]:
    """Give one number of Python's for each element."""
    if array.dtype.kind == "f":
        boxes = np.empty(len(array), _FLOAT)
        boxes["op"], boxes["value"] = ord("G"), array
        yield boxes.tobytes()
    elif array.dtype.kind == "b":
        yield np.where(array, 0x88, 0x89).astype(np.uint8).tobytes()  # NEWTRUE NEWFALSE
    elif array.size and int(array.min()) >= -(2**31) and int(array.max()) < 2**31:
        boxes = np.empty(len(array), _INT)
        boxes["op"], boxes["value"] = ord("J"), array
        yield boxes.tobytes()
    else:
        yield b"".join(map(integer_code, array.tolist()))


def _array(array: Array) -> Iterator[bytes]:
    code, data = type_code(array.dtype), np.ascontiguousarray(array).tobytes()
    yield _head(array.shape, code[1:], code[:1], 0) + b"\x8e" + struct.pack("<Q", len(data))  # BINBYTES8
    yield data
    yield b"tb"  # TUPLE BUILD


def _head(shape: tuple[int, ...], code: str, order: str, flags: int) -> bytes:
    """_reconstruct(ndarray, (0,), b"b"), and its state (1, shape, dtype, False, ... up to what it holds."""
    # this module name loads in numpy 1 and 2; BININT1 0, TUPLE1, SHORT_BINBYTES "b", TUPLE3, REDUCE
    made = _symbol("numpy.core.multiarray", "_reconstruct") + _symbol("numpy", "ndarray") + b"K\x00\x85C\x01b\x87R"
    axes = b"".join(map(integer_code, shape))
    # NEWFALSE NEWTRUE TUPLE3 REDUCE, then version 3 of the state of a dtype, and BUILD
    dtype = _symbol("numpy", "dtype") + text_code(code.encode("ascii")) + b"\x89\x88\x87R(K\x03"
    dtype += text_code(order.encode("ascii")) + b"NNN" + 2 * integer_code(-1) + integer_code(flags) + b"tb"
    return made + b"(K\x01(" + axes + b"t" + dtype + b"\x89"  # MARK 1 MARK ... TUPLE, dtype, NEWFALSE: C order


def _symbol(module: str, name: str) -> bytes:
    return text_code(module.encode("ascii")) + text_code(name.encode("ascii")) + b"\x93"  # STACK_GLOBAL
