"""Where the elements of a value stand in memory: in an array of their own, in blocks, or in rows with others.

A slot has one logical value, whose elements are counted in canonical order and C order, and one residence. Everything
but what walks memory by itself (the structures that C sees, the interpreter) goes through these few operations, so
that it works for any residence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Blocks", "Made", "Mark", "Residence", "WholeArray", "aligned"]

Array = npt.NDArray[Any]
BLOCK_BYTES = 1 << 20


def aligned(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """Return a zeroed array whose data start at a multiple of 64 bytes.

    Fresh pages come from the system as zeros and cost nothing until they are touched.
    """
    dtype = np.dtype(dtype)
    nbytes = math.prod(shape) * dtype.itemsize
    raw = np.zeros(nbytes + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + nbytes].view(dtype).reshape(shape)


@dataclass(frozen=True)
class Made:
    """Pieces that are made while one goes through them, which may be done several times.

    ``parts`` gives functions, each of which makes the next piece; several threads may call them at once.
    """

    parts: Callable[[], Iterator[Callable[[], Array]]]

    def __iter__(self) -> Iterator[Array]:
        return (make() for make in self.parts())


class Residence(Protocol):
    """Where a value stands."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory that only this value occupies."""

    def pieces(self) -> Iterable[Array]:
        """Return pieces which, joined, are the value: views, or :class:`Made`."""

    def targets(self) -> Iterable[Array]:
        """Return pieces to be filled, in the same order; one counts when the next is asked for."""

    def copy(self) -> Array:
        """Return the value as a new array."""

    def gather(self, positions: Array) -> Array:
        """Return a copy of the elements at some positions, (n,) int64, in their order."""

    def scatter(self, positions: Array, values: Array) -> None:
        """Give the elements at some positions other values: (n,), or one for all."""


class WholeArray:
    """A value that is an array in memory.

    Args:
        array: C-contiguous.
        arena: the flat allocation in which it lies; its own by default.
        first: at which element of the arena it begins.
    """

    __slots__ = ("arena", "array", "first", "shown")

    def __init__(self, array: Array, arena: Array | None = None, first: int = 0) -> None:
        self.array = array
        self.arena = array.reshape(-1) if arena is None else arena
        self.first = first
        self.shown: Array = array.view()  # for readers
        self.shown.flags.writeable = False

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return self.array.nbytes

    @property
    def views(self) -> list[Array]:
        """Return all that it has of the memory."""
        return [self.array, self.arena, self.shown]

    def pieces(self) -> tuple[Array, ...]:
        """Return the array."""
        return (self.array,)

    def targets(self) -> tuple[Array, ...]:
        """Return the array."""
        return (self.array,)

    def copy(self) -> Array:
        """Return a copy of the array."""
        copy: Array = self.array.copy()
        return copy

    def gather(self, positions: Array) -> Array:
        """Return a copy of some elements."""
        found: Array = self.array.reshape(-1)[positions]
        return found

    def scatter(self, positions: Array, values: Array) -> None:
        """Set some elements."""
        self.array.reshape(-1)[positions] = values


class Mark(NamedTuple):
    """Where a record ended."""

    blocks: tuple[Array, ...]
    head: Array


class Blocks:
    """The memory of a record slot: blocks of rows, each block full before the next begins.

    C fills the last block and counts its rows in ``head``: where that block begins, how many rows it has, and how many
    of them are used. Python may be interrupted at any moment: then the rows are those from before or from after a call,
    and C writes into no block that the head doesn't lead to.

    Args:
        row_shape: shape of one row, ``()`` for one number per row.
        dtype: of the elements.
        least: rows of one block are as many as fit into 1 MiB, and so many at least.
    """

    def __init__(self, row_shape: tuple[int, ...], dtype: npt.DTypeLike, least: int = 1) -> None:
        self.row_shape = row_shape
        self.dtype = np.dtype(dtype)
        row_bytes = max(1, int(np.prod(row_shape, dtype=np.int64)) * self.dtype.itemsize)
        self.block_rows = max(least, BLOCK_BYTES // row_bytes, 1)
        self.blocks: list[Array] = []
        self.head = np.zeros(3, np.int64)  # eg_head of engram.h; stays where it is

    @property
    def used(self) -> int:
        """Rows in the last block; none if it has only just been made and the head doesn't lead to it yet."""
        return int(self.head[2]) if self.blocks and self.blocks[-1].ctypes.data == self.head[0] else 0

    @used.setter
    def used(self, rows: int) -> None:
        self.head[2] = rows

    @property
    def rows(self) -> int:
        """Number of rows recorded."""
        return sum(len(block) for block in self.blocks[:-1]) + self.used

    @property
    def room(self) -> int:
        """Rows left in the last block."""
        return int(self.head[1] - self.head[2])

    @property
    def nbytes(self) -> int:
        """Bytes of the rows recorded; those that are free have been asked for, but were never touched."""
        return sum(piece.nbytes for piece in self.pieces())

    def grow(self, least: int = 1) -> Array:
        """Close the last block at its used rows and return a fresh one, of ``least`` rows or more."""
        fresh, used = aligned((max(self.block_rows, least), *self.row_shape), self.dtype), self.used
        self.head[1:] = used  # nothing more is written into the last block
        if self.blocks:
            self.blocks[-1] = self.blocks[-1][:used]
        self.blocks.append(fresh)
        self.head[:] = fresh.ctypes.data, len(fresh), 0
        return fresh

    def mark(self) -> Mark:
        """Return where it ends now."""
        return Mark(tuple(self.blocks), self.head.copy())

    def back_to(self, mark: Mark) -> None:
        """Drop the rows that were added since; what was there then has not changed."""
        self.blocks = [*mark.blocks]
        self.head[:] = mark.head

    def append(self, rows: Array) -> None:
        """Add rows, (n, *row_shape)."""
        done = 0
        while done < len(rows):
            if self.room == 0:
                self.grow()
            some = rows[done : done + self.room]
            self.blocks[-1][self.used : self.used + len(some)] = some
            self.used += len(some)
            done += len(some)

    def pieces(self) -> tuple[Array, ...]:
        """Return the recorded rows as views, in order."""
        if not self.blocks:
            return ()
        return tuple(b for b in (*self.blocks[:-1], self.blocks[-1][: self.used]) if len(b))

    def targets(self) -> tuple[Array, ...]:
        """Return the same."""
        return self.pieces()

    def copy(self) -> Array:
        """Return the recorded rows as one new array ``(rows, *row_shape)``."""
        pieces = self.pieces()
        return np.concatenate(pieces) if pieces else np.zeros((0, *self.row_shape), self.dtype)

    def gather(self, positions: Array) -> Array:
        """Return a copy of some elements."""
        found: Array = self.copy().reshape(-1)[positions]
        return found

    def scatter(self, positions: Array, values: Array) -> None:
        """Set some elements; rows in earlier blocks too."""
        values, first = np.broadcast_to(values, positions.shape), 0
        for piece in self.pieces():
            mine = (positions >= first) & (positions < first + piece.size)
            piece.reshape(-1)[positions[mine] - first] = values[mine]
            first += piece.size

    def clear(self) -> None:
        """Drop all rows."""
        self.head[1] = self.head[2]  # nothing more is written into the last block
        self.blocks = []
        self.head[:] = 0

    def fill(self, values: Array) -> None:
        """Replace the rows by ``values`` (taken over, not copied)."""
        self.clear()
        if len(values):
            self.blocks = [values]
            self.head[:] = values.ctypes.data, len(values), len(values)
