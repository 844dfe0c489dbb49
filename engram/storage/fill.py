"""Pass 2: the bytes of a file into the arrays of the tree, verified where they arrived.

In: an open file, a plan, staged pieces. Out: nothing; the pieces are filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from engram.errors import DamagedFile
from engram.state import names
from engram.state.digest import SHORT_BYTES, SlotHash, hash_bytes
from engram.state.residence import Array
from engram.state.tree import Staged, State
from engram.storage.contract import Contents, InPlace
from engram.storage.plan import Item, Plan
from engram.storage.values import convert, elements, moved

__all__ = ["fill", "fill_with"]


def fill(contents: Contents, plan: Plan, staged: Staged, state: State) -> None:
    """Read a file for the second time and put its values in place; raises DamagedFile if it is another file by now.

    Args:
        state: which has the arrays that are filled, of whatever the file brings.
    """
    filled = 0
    of_neurons: list[tuple[Item, Array]] = []
    for _, item, pieces in plan.in_turn(contents.stream()):
        if item is None:
            for _ in pieces:
                pass
            continue
        targets = staged.pieces[item.path]
        arrived: bytes | None
        if item.side:
            data = b"".join(pieces)
            of_neurons.append((item, np.frombuffer(data, item.entry.slot.dtype)))
            arrived = hash_bytes(data)
        else:
            arrived = _copied(pieces, targets) if item.is_plain else _converted(item, pieces, targets)
        if arrived != item.entry.blocks:
            raise DamagedFile(f"{item.path}: the bytes that arrived are not those that were checked")
        filled += 1
    if filled != len(plan.items):
        raise DamagedFile("the file has fewer values than before")
    for item, values in of_neurons:  # now that it is known which synapse is whose
        moved_values = moved(convert(values, item.target.dtype), item.shift)
        row_start, ranks = (state.array(f"{item.target.owner}/{name}") for name in (names.ROW_START, names.POST_RANKS))
        each = np.repeat(moved_values, np.diff(row_start)) if item.side == "pre" else moved_values[ranks]
        fill_with(staged.pieces[item.path], each)


def fill_with(pieces: Iterable[Array], values: Array) -> None:
    """Put the values of an array into staged pieces."""
    target = _Target(pieces)
    for _ in target.put(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data):
        pass


def _copied(pieces: Iterable[bytes | memoryview], targets: Iterable[Array]) -> bytes | None:
    """Copy a value; return the digests of the blocks that have arrived, None if there are too few bytes."""
    if type(targets) is tuple and len(targets) == 1 and targets[0].nbytes <= SHORT_BYTES:
        (first,) = targets
        data = b"".join(pieces)
        if len(data) != first.nbytes:
            return None
        if not data:
            return b""
        arrived = first.data.cast("B")
        arrived[:] = data
        return hash_bytes(arrived)
    digest = SlotHash()
    if type(targets) is tuple and len(targets) == 1 and isinstance(pieces, InPlace):
        for arrived in pieces.read_into(targets[0].data.cast("B")):
            digest.update(arrived)
        return digest.blocks()
    target = _Target(targets)
    for piece in pieces:
        for arrived in target.put(piece):
            digest.update(arrived)
    return digest.blocks() if target.is_full else None


def _converted(item: Item, pieces: Iterable[bytes | memoryview], targets: Iterable[Array]) -> bytes | None:
    """Convert a value; return the digests of the blocks that were read, None if there are too few bytes."""
    digest, target = SlotHash(), _Target(targets)

    def hashed() -> Iterator[bytes | memoryview]:
        for piece in pieces:
            digest.update(piece)
            yield piece

    for found in elements(hashed(), item.entry.slot.dtype):
        values = moved(convert(found, item.target.dtype), item.shift)
        if item.has_same_form:
            fill_from = values
        elif item.entry.slot.shape == ():
            target.spread(values[0])
            continue
        elif target.is_full:  # all are equal, and the first one is there
            continue
        else:
            fill_from = values[:1]
        for _ in target.put(np.ascontiguousarray(fill_from).view(np.uint8).data):
            pass
    return digest.blocks() if target.is_full else None


class _Target:
    """The pieces that one value goes to, filled front to back."""

    def __init__(self, pieces: Iterable[Array]) -> None:
        self._whole, self._next = pieces, iter(pieces)
        self._left = np.empty(0, np.uint8)
        self.is_full = False
        self._advance()

    def _advance(self) -> None:
        """Go on to the next piece once one is full; asking for the next puts a packed one in its place."""
        while not len(self._left) and not self.is_full:
            piece = next(self._next, None)
            if piece is None:
                self.is_full = True
            else:
                self._left = piece.reshape(-1).view(np.uint8)

    def put(self, data: bytes | memoryview) -> Iterator[memoryview]:
        """Copy ``data`` behind what is there; give the pieces of memory where it arrived."""
        values = np.frombuffer(data, np.uint8)
        while len(values):
            if self.is_full:
                raise DamagedFile("a value has more bytes than before")
            count = min(len(values), len(self._left))
            arrived = self._left[:count]
            arrived[:] = values[:count]
            yield arrived.data
            values = values[count:]
            self._left = self._left[count:]
            self._advance()

    def spread(self, value: Any) -> None:
        """Fill everything with one value."""
        for piece in self._whole:
            piece[...] = value
        self.is_full = True
