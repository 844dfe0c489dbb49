"""Reads pickles by a machine of our own that never imports and never calls.

In: a :class:`ByteSource`. Out: dict, list, tuple, str, int, float, bool, None, and :class:`Array` for numpy's arrays,
of which only the place in the stream is kept. It knows the opcodes that Python's pickler writes for these types
under protocols 2 to 5; anything else is refused.

Whatever a stream says, memory stays in proportion to what has been read of it, and nesting ends at MAX_DEPTH.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from engram.errors import DamagedFile, UnsupportedFile
from engram.storage.pickles.arrays import SYMBOLS, Bytes, build, reduce
from engram.storage.pickles.byte_source import ByteSource
from engram.storage.pickles.tree import MAX_DEPTH, check_tree

__all__ = ["read_pickle"]

_MOST_INLINE = 256  # bytes that are kept instead of their place
_LEAST_MEMORY = 64 << 20
_LONGEST_NAME = 256
_MOST_PEEKED = 9 * 512
_OTHER_KEYS = frozenset({int, float, bool, tuple, type(None)})  # that others give their dictionaries
_RUNS = {  # one opcode again and again: ANNarchy writes a number per synapse
    op: np.dtype([("op", "u1"), ("value", kind)])
    for op, kind in ((b"G", ">f8"), (b"K", "u1"), (b"M", "<u2"), (b"J", "<i4"))
}


def read_pickle(source: ByteSource, memory: int = 0) -> Any:
    """Return what the pickle describes; the source must end with it.

    Args:
        source: at the pickle's first byte.
        memory: estimated bytes that its objects may take (at least 64 MiB are always allowed).
    Errors: DamagedFile, UnsupportedFile.
    """
    machine = _Machine(source, max(memory, _LEAST_MEMORY))
    try:
        value = machine.run()
    except UnicodeDecodeError as error:
        machine.fail(f"an impossible text: {error}")
    if not source.at_end():
        machine.fail("something follows the end of the pickle")
    check_tree(value)
    return value


class _Machine:
    """A stack, marks on it, and a memo."""

    def __init__(self, source: ByteSource, memory: int) -> None:
        self._source = source
        self._memory = memory
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._frame_end = 0

    def run(self) -> Any:
        byte, opcodes = self._source.byte, _OPCODES
        head = self._source.read(2)
        if head[0] != 0x80 or not 2 <= head[1] <= 5:
            self.fail("this is no pickle of protocol 2 to 5")
        while (code := byte()) != 0x2E:
            opcode = opcodes[code]
            if opcode is None:
                raise UnsupportedFile(
                    f"at byte {self._source.position - 1}: opcode {code:#04x} can't be needed for arrays and numbers"
                )
            opcode(self)
        if len(self._stack) != 1 or self._marks or self._frame_end > self._source.position:
            self.fail("the pickle stops before it is complete")
        return self._stack.pop()

    def fail(self, what: str) -> NoReturn:
        raise DamagedFile(f"at byte {self._source.position} of the pickle: {what}")

    # -- stack --------------------------------------------------------------------------------------------

    def push(self, value: Any, cost: int = 40) -> None:
        self._memory -= cost
        if self._memory < 0:
            self._spend(0)
        self._stack.append(value)

    def _spend(self, memory: int) -> None:
        self._memory -= memory
        if self._memory < 0:
            self.fail("more objects than a file of this size needs, or than this machine can hold")

    def pop(self) -> Any:
        self._needs_one()
        return self._stack.pop()

    def _needs_one(self) -> None:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            self.fail("an opcode lacks its argument")

    def top(self, kind: type) -> Any:
        self._needs_one()
        value = self._stack[-1]
        if type(value) is not kind:
            self.fail(f"items are added to {type(value).__name__} instead of {kind.__name__}")
        return value

    def mark(self) -> None:
        if len(self._marks) >= 2 * MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH}")
        self._marks.append(len(self._stack))

    def items(self) -> list[Any]:
        if not self._marks:
            self.fail("a mark is missing")
        start = self._marks.pop()
        items = self._stack[start:]
        del self._stack[start:]
        return items

    # -- numbers and texts --------------------------------------------------------------------------------

    def number(self, length: int, signed: bool = False) -> int:
        if length == 1 and not signed:
            return self._source.byte()
        return int.from_bytes(self._source.read(length), "little", signed=signed)

    def long(self) -> None:
        length = self.number(1)
        if length > 9:
            raise UnsupportedFile(f"at byte {self._source.position}: an integer of more than 64 bits")
        self.push(self.number(length, signed=True))

    def float(self) -> None:
        self.push(struct.unpack(">d", self._source.read(8))[0])
        self.more(b"G")

    def integer(self, op: bytes, width: int, signed: bool = False) -> None:
        self.push(self.number(width, signed), 8 if width == 1 else 40)
        self.more(op)

    def more(self, op: bytes) -> None:
        """Push the numbers that follow with the same opcode."""
        if not self._source.peek(1, 1).startswith(op):  # nearly always, where objects are many and small
            return
        kind = _RUNS[op]
        width = kind.itemsize
        while (peeked := self._source.peek(width, _MOST_PEEKED)).startswith(op) and len(peeked) >= width:
            run = np.frombuffer(peeked, kind, count=len(peeked) // width)
            others = np.flatnonzero(run["op"] != op[0])
            run = run[: others[0]] if len(others) else run
            self._spend(32 * len(run))
            self._source.skip(width * len(run))
            self._stack.extend(run["value"].tolist())

    def text(self, width: int) -> None:
        length = self.number(width)
        if length > self._memory:
            self.fail(f"a text of {length} bytes")
        text = self._source.read(length).decode("utf-8", "surrogatepass")
        self.push(text, sys.getsizeof(text))

    def data(self, width: int) -> None:
        length = self.number(width)
        offset = self._source.position
        if length <= _MOST_INLINE:
            self.push(Bytes(offset, length, self._source.read(length)), 160 + length)
        else:
            self._source.skip(length)
            self.push(Bytes(offset, length), 160)

    def frame(self) -> None:
        length = self.number(8)
        if self._frame_end > self._source.position:
            self.fail("a frame begins inside another")
        self._frame_end = self._source.position + length

    # -- containers ---------------------------------------------------------------------------------------

    def tuple(self, length: int) -> None:
        items = [self.pop() for _ in range(length)]
        self.push(tuple(reversed(items)), 48 + 8 * length)

    def append(self) -> None:
        item = self.pop()
        self.top(list).append(item)

    def extend(self) -> None:
        items = self.items()
        self.top(list).extend(items)

    def set_item(self) -> None:
        value, name = self.pop(), self.pop()
        self._set(self.top(dict), [name, value])

    def set_items(self) -> None:
        items = self.items()
        self._set(self.top(dict), items)

    def _set(self, target: dict[str, Any], items: list[Any]) -> None:
        names, values = items[::2], items[1::2]
        kinds = {type(name) for name in names} - {str}
        if len(names) != len(values) or not kinds <= _OTHER_KEYS:
            self.fail("a dictionary must have texts as keys, each with a value")
        if kinds:
            raise UnsupportedFile(f"at byte {self._source.position}: keys of a dictionary that are no texts")
        self._spend(100 * len(names))
        before = len(target)
        target.update(zip(names, values, strict=True))
        if len(target) != before + len(names):
            self.fail("a dictionary has a key twice")

    # -- memo and calls -----------------------------------------------------------------------------------

    def put(self, width: int) -> None:
        key = self.number(width) if width else len(self._memo)
        self._needs_one()
        self._spend(100)
        if key in self._memo:
            self.fail("a place of the memo is used twice")
        self._memo[key] = self._stack[-1]

    def get(self, width: int) -> None:
        key = self.number(width)
        if key not in self._memo:
            self.fail("a place of the memo is empty")
        self.push(self._memo[key], 8)

    def symbol(self, module: object, name: object) -> None:
        symbol = SYMBOLS.get((module, name)) if type(module) is str and type(name) is str else None
        if symbol is None:
            raise UnsupportedFile(
                f"the pickle asks for {f'{module}.{name}'[:200]!r}, which is no array of numbers; nothing was executed"
            )
        self.push(symbol)

    def name(self) -> None:
        module, name = (self._source.line(_LONGEST_NAME).decode("utf-8") for _ in range(2))
        self.symbol(module, name)

    def stack_name(self) -> None:
        name, module = self.pop(), self.pop()
        self.symbol(module, name)

    def call(self) -> None:
        arguments, symbol = self.pop(), self.pop()
        self.push(reduce(symbol, arguments), 200)

    def build(self) -> None:
        state = self.pop()
        target = self.pop()
        build(target, state)
        self._stack.append(target)


_KNOWN: dict[int, Callable[[_Machine], None]] = {
    ord("N"): lambda m: m.push(None, 8),  # NONE
    0x88: lambda m: m.push(True, 8),  # NEWTRUE
    0x89: lambda m: m.push(False, 8),  # NEWFALSE
    ord("K"): lambda m: m.integer(b"K", 1),  # BININT1
    ord("M"): lambda m: m.integer(b"M", 2),  # BININT2
    ord("J"): lambda m: m.integer(b"J", 4, signed=True),  # BININT
    0x8A: _Machine.long,  # LONG1
    ord("G"): _Machine.float,  # BINFLOAT
    0x8C: lambda m: m.text(1),  # SHORT_BINUNICODE
    ord("X"): lambda m: m.text(4),  # BINUNICODE
    0x8D: lambda m: m.text(8),  # BINUNICODE8
    ord("C"): lambda m: m.data(1),  # SHORT_BINBYTES
    ord("B"): lambda m: m.data(4),  # BINBYTES
    0x8E: lambda m: m.data(8),  # BINBYTES8
    0x96: lambda m: m.data(8),  # BYTEARRAY8
    ord("("): _Machine.mark,  # MARK
    ord(")"): lambda m: m.tuple(0),  # EMPTY_TUPLE
    0x85: lambda m: m.tuple(1),  # TUPLE1
    0x86: lambda m: m.tuple(2),  # TUPLE2
    0x87: lambda m: m.tuple(3),  # TUPLE3
    ord("t"): lambda m: m.push(tuple(m.items()), 48),  # TUPLE
    ord("]"): lambda m: m.push([], 96),  # EMPTY_LIST
    ord("a"): _Machine.append,  # APPEND
    ord("e"): _Machine.extend,  # APPENDS
    ord("}"): lambda m: m.push({}, 80),  # EMPTY_DICT
    ord("s"): _Machine.set_item,  # SETITEM
    ord("u"): _Machine.set_items,  # SETITEMS
    0x94: lambda m: m.put(0),  # MEMOIZE
    ord("q"): lambda m: m.put(1),  # BINPUT
    ord("r"): lambda m: m.put(4),  # LONG_BINPUT
    ord("h"): lambda m: m.get(1),  # BINGET
    ord("j"): lambda m: m.get(4),  # LONG_BINGET
    0x95: _Machine.frame,  # FRAME
    ord("c"): _Machine.name,  # GLOBAL
    0x93: _Machine.stack_name,  # STACK_GLOBAL
    ord("R"): _Machine.call,  # REDUCE
    ord("b"): _Machine.build,  # BUILD
}
_OPCODES = [_KNOWN.get(code) for code in range(256)]
