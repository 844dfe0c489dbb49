"""Says which opcodes make up a pickle of nested dictionaries, with holes for numbers and for the bytes of arrays.

In: a nested dictionary of texts and holes. Out: bytes and holes in the order of the stream, protocol 4, for Python's
own ``pickle.load`` with numpy 1.x as well as 2.x. Who writes fills the holes; who reads compares
a stream with what it must be. The source of the opcodes is ``pickletools``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engram.state.digest import type_code
from engram.state.slots import Slot
from engram.storage.pickles.numbers import integer_code, is_number

__all__ = ["PREFIX", "Hole", "Value", "opcodes", "text_code"]

PREFIX = b"\x80\x04}("  # PROTO 4, EMPTY_DICT, MARK; Python's own pickler would have a FRAME or a memo here

_RECONSTRUCT = ("numpy.core.multiarray", "_reconstruct")  # this module name loads in numpy 1 and 2
_NDARRAY = ("numpy", "ndarray")
_DTYPE = ("numpy", "dtype")


@dataclass(frozen=True)
class Hole:
    """Where the value of manifest entry ``index`` stands: an opcode for a number, or the bytes of an array."""

    index: int
    slot: Slot

    @property
    def is_number(self) -> bool:
        """Whether the value is written as one of Python's numbers."""
        return self.slot.shape == () and is_number(self.slot.dtype)


Value = str | Hole | dict[str, "Value"]


def opcodes(root: dict[str, Value]) -> Iterator[bytes | Hole]:
    """Give one complete pickle; only the fixed parts of arrays are memoised."""
    yield b"\x80\x04"  # PROTO
    yield from _value(root, _Memo())
    yield b"."  # STOP


def text_code(text: bytes) -> bytes:
    """Return the opcode that pushes a text, given in UTF-8."""
    if len(text) < 256:
        return b"\x8c" + struct.pack("<B", len(text)) + text  # SHORT_BINUNICODE
    return b"\x8d" + struct.pack("<Q", len(text)) + text  # BINUNICODE8


def _value(value: Value, memo: _Memo) -> Iterator[bytes | Hole]:
    if isinstance(value, str):
        yield text_code(value.encode("utf-8"))
    elif isinstance(value, dict):
        yield b"}("  # EMPTY_DICT MARK
        for name, item in value.items():
            yield text_code(name.encode("utf-8"))
            yield from _value(item, memo)
        yield b"u"  # SETITEMS
    elif value.is_number:
        yield value
    else:
        yield _array_head(value.slot, memo)
        yield value
        yield b"tb"  # TUPLE BUILD


def _array_head(slot: Slot, memo: _Memo) -> bytes:
    """_reconstruct(ndarray, (0,), b"b"), and its state up to the bytes."""
    code = _symbol(_RECONSTRUCT, memo)
    arguments = memo.recall("arguments")
    if not arguments:
        # BININT1 0, TUPLE1, SHORT_BINBYTES "b", TUPLE3
        arguments = _symbol(_NDARRAY, memo) + b"K\x00\x85C\x01b\x87" + memo.remember("arguments")
    axes = b"".join(integer_code(length) for length in slot.shape)
    shape = b"(K\x01(" + axes + b"t"  # MARK, version 1 of the state; MARK ... TUPLE
    end = b"\x89\x8e" + struct.pack("<Q", slot.nbytes)  # NEWFALSE (C order), BINBYTES8
    return code + arguments + b"R" + shape + _dtype(slot.dtype, memo) + end


def _dtype(dtype: np.dtype[Any], memo: _Memo) -> bytes:
    name = type_code(dtype)
    if known := memo.recall(name):
        return known
    # NEWFALSE NEWTRUE TUPLE3 REDUCE, MARK, version 3 of the state
    code = _symbol(_DTYPE, memo) + text_code(name[1:].encode("ascii")) + b"\x89\x88\x87R(K\x03"
    code += text_code(name[:1].encode("ascii")) + b"NNN" + 2 * b"J\xff\xff\xff\xff" + b"K\x00tb"
    return code + memo.remember(name)


def _symbol(symbol: tuple[str, str], memo: _Memo) -> bytes:
    if known := memo.recall(symbol):
        return known
    texts = b"".join(text_code(text.encode("ascii")) for text in symbol)
    return texts + b"\x93" + memo.remember(symbol)  # STACK_GLOBAL


class _Memo:
    """What the unpickler remembers; never more than some 20 things."""

    def __init__(self) -> None:
        self._places: dict[object, int] = {}

    def remember(self, what: object) -> bytes:
        self._places[what] = len(self._places)
        return b"\x94"  # MEMOIZE

    def recall(self, what: object) -> bytes:
        return b"h" + struct.pack("<B", self._places[what]) if what in self._places else b""  # BINGET
