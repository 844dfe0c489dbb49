"""Writes pickles of plain containers and arrays, protocol 4, without copying an array.

In: a nested dictionary of texts, numbers and leaves. Out: a pickle that Python's own ``pickle.load`` reads, with
numpy 1.x as well as 2.x. Called by ``pickles``. The source of the opcodes is ``pickletools`` of the standard library.
"""

from __future__ import annotations

import struct

import numpy as np

from engram.errors import SaveError
from engram.state.digest import type_code
from engram.state.tree import Leaf
from engram.storage.contract import Writer

__all__ = ["Value", "emit"]

Value = str | bool | int | float | None | Leaf | dict[str, "Value"]

_RECONSTRUCT = ("numpy.core.multiarray", "_reconstruct")  # this module name loads in numpy 1 and 2
_NDARRAY = ("numpy", "ndarray")
_DTYPE = ("numpy", "dtype")


def emit(out: Writer, value: Value) -> None:
    """Write ``value`` as one complete pickle; a leaf of shape ``()`` becomes a number of Python's if that is exact."""
    emitter = _Emitter(out)
    emitter.head += b"\x80\x04"  # PROTO
    emitter.value(value)
    emitter.head += b"."  # STOP
    emitter.flush()


class _Emitter:
    """The opcodes on their way; only the fixed parts of arrays are memoised."""

    def __init__(self, out: Writer) -> None:
        self._out = out
        self.head = bytearray()  # not yet written
        self._memo: dict[object, int] = {}

    def flush(self) -> None:
        self._out.write(self.head)
        self.head = bytearray()

    def value(self, value: Value) -> None:
        if isinstance(value, dict):
            self.head += b"}("  # EMPTY_DICT MARK
            for name, item in value.items():
                self._text(name)
                self.value(item)
            self.head += b"u"  # SETITEMS
        elif isinstance(value, str):
            self._text(value)
        elif isinstance(value, Leaf):
            self._leaf(value)
        elif value is None:
            self.head += b"N"
        elif isinstance(value, bool):
            self.head += b"\x88" if value else b"\x89"  # NEWTRUE NEWFALSE
        elif isinstance(value, int):
            self.head += _integer(value)
        else:
            self.head += b"G" + struct.pack(">d", value)  # BINFLOAT

    def _text(self, text: str) -> None:
        data = text.encode("utf-8")
        if len(data) < 256:
            self.head += b"\x8c" + struct.pack("<B", len(data))  # SHORT_BINUNICODE
        else:
            self.head += b"\x8d" + struct.pack("<Q", len(data))  # BINUNICODE8
        self.head += data

    def _leaf(self, leaf: Leaf) -> None:
        if leaf.slot.shape == () and (number := _number(leaf)) is not None:
            self.head += number
            return
        self._empty_array()
        self.head += b"(K\x01("  # MARK, version 1 of the state; MARK
        for length in leaf.slot.shape:
            self.head += _integer(length)
        self.head += b"t"  # TUPLE
        self._dtype(leaf.slot.dtype)
        self.head += b"\x89\x8e" + struct.pack("<Q", leaf.slot.nbytes)  # NEWFALSE (C order), BINBYTES8
        self.flush()
        written = 0
        for piece in leaf.pieces:
            data = np.ascontiguousarray(piece).reshape(-1).view(np.uint8).data
            self._out.write(data)
            written += len(data)
        if written != leaf.slot.nbytes:
            raise SaveError(f"{leaf.slot.path}: {leaf.slot.nbytes} bytes expected, {written} found")
        self.head += b"tb"  # TUPLE BUILD

    def _empty_array(self) -> None:
        """_reconstruct(ndarray, (0,), b"b")."""
        self._symbol(_RECONSTRUCT)
        if not self._recall("arguments"):
            self._symbol(_NDARRAY)
            self.head += b"K\x00\x85C\x01b\x87"  # BININT1 0 TUPLE1, SHORT_BINBYTES "b", TUPLE3
            self._remember("arguments")
        self.head += b"R"  # REDUCE

    def _dtype(self, dtype: np.dtype[np.generic]) -> None:
        code = type_code(dtype)
        if self._recall(code):
            return
        self._symbol(_DTYPE)
        self._text(code[1:])
        self.head += b"\x89\x88\x87R"  # NEWFALSE NEWTRUE TUPLE3 REDUCE
        self.head += b"(K\x03"  # MARK, version 3 of the state
        self._text(code[0])
        minus_one = b"J\xff\xff\xff\xff"
        self.head += b"NNN" + minus_one + minus_one + b"K\x00tb"
        self._remember(code)

    def _symbol(self, symbol: tuple[str, str]) -> None:
        if not self._recall(symbol):
            self._text(symbol[0])
            self._text(symbol[1])
            self.head += b"\x93"  # STACK_GLOBAL
            self._remember(symbol)

    def _remember(self, what: object) -> None:
        self._memo[what] = len(self._memo)
        self.head += b"\x94"  # MEMOIZE

    def _recall(self, what: object) -> bool:
        if what in self._memo:
            self.head += b"h" + struct.pack("<B", self._memo[what])  # BINGET; there are fewer than 20
        return what in self._memo


def _integer(value: int) -> bytes:
    if 0 <= value < 256:
        return b"K" + struct.pack("<B", value)  # BININT1
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)  # BININT
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + struct.pack("<B", len(data)) + data  # LONG1


def _number(leaf: Leaf) -> bytes | None:
    """Return the opcode of a single number, or None if Python's types would change its bits (a float32 NaN)."""
    array = leaf.pieces[0].reshape(-1)
    kind = leaf.slot.dtype.kind
    if kind == "b":
        return b"\x88" if array[0] else b"\x89"
    if kind in "iu":
        return _integer(int(array[0]))
    if kind != "f" or (leaf.slot.dtype.itemsize == 4 and np.isnan(array[0])):
        return None
    return b"G" + array.astype(">f8").tobytes()
