"""The tree: every value that a simulation remembers, under one name each.

In: slots. Out: NumPy arrays that kernels point into, leaves that storage writes, and pieces that storage fills.
Called by ``network`` (which owns one tree per network), ``native`` and ``ir`` (pointers), ``storage`` (bytes).

Slots of one name, dtype and role share an *arena*, one allocation per network in which every owner starts at a
multiple of 64 elements: packed rows (``wiring/packed.py``) reach the conductances of several populations in it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engram.errors import EngramError
from engram.state.slots import Layout, Role, Slot

__all__ = ["ARENA_STRIDE", "Blocks", "Leaf", "Made", "Packed", "Staged", "State", "aligned"]

ARENA_STRIDE = 64  # elements; also the unit at which threads cut ranges of neurons
BLOCK_BYTES = 1 << 20

Array = npt.NDArray[Any]


def aligned(shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """Return a zeroed array whose data start at a multiple of 64 bytes.

    Fresh pages come from the system as zeros and cost nothing until they are touched.
    """
    dtype = np.dtype(dtype)
    nbytes = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    raw = np.zeros(nbytes + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + nbytes].view(dtype).reshape(shape)


@dataclass(frozen=True)
class Leaf:
    """One value on its way to a file: its slot (with the present shape) and its bytes.

    ``pieces`` are C-contiguous arrays of the slot's dtype; joined they are the value. They are views
    wherever possible, so that writing a network needs no second copy of it; those of a packed value are :class:`Made`.
    """

    slot: Slot
    pieces: Iterable[Array]


@dataclass(frozen=True)
class Made:
    """Pieces that are made while one goes through them, which may be done several times.

    ``parts`` gives functions, each of which makes the next piece; several threads may call them at once.
    """

    parts: Callable[[], Iterator[Callable[[], Array]]]

    def __iter__(self) -> Iterator[Array]:
        return (make() for make in self.parts())


class Packed(Protocol):
    """A value (n,) that stands in memory in another order than in files, among others of its kind."""

    def parts(self) -> Iterator[Callable[[], Array]]:
        """Give functions that make the pieces of the value, in the order of files; see :class:`Made`."""

    def write(self) -> Iterator[Array]:
        """Give pieces to be filled, in the same order; one counts when the next is asked for."""


@dataclass(frozen=True)
class _Again:
    """Iterates anew over what a function gives."""

    make: Callable[[], Iterator[Array]]

    def __iter__(self) -> Iterator[Array]:
        return self.make()


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

    def pieces(self) -> tuple[Array, ...]:
        """Return the recorded rows as views, in order."""
        if not self.blocks:
            return ()
        return tuple(b for b in (*self.blocks[:-1], self.blocks[-1][: self.used]) if len(b))

    def joined(self) -> Array:
        """Return the recorded rows as one new array ``(rows, *row_shape)``."""
        pieces = self.pieces()
        return np.concatenate(pieces) if pieces else np.zeros((0, *self.row_shape), self.dtype)

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


@dataclass
class Staged:
    """Where the bytes of a file go: for each path its slot as in the file, and the pieces to fill.

    ``fresh`` holds the arrays that become the network's on commit; slots without an entry there are filled in place.
    """

    step: int
    slots: dict[str, Slot]
    pieces: dict[str, Iterable[Array]]
    fresh: dict[str, Array]


class State:
    """All arrays of one network, by path."""

    def __init__(self) -> None:
        self._slots: dict[str, Slot] = {}
        self._arrays: dict[str, Array] = {}
        self._blocks: dict[str, Blocks] = {}
        self._packed: dict[str, Packed] = {}
        self.version = 0  # grows when memory is replaced: pointers into it are void
        self._reads_of_written = count()
        self.broken = ""  # why the values can't be trusted (a load that failed half way); empty if they can

    @property
    def written(self) -> int:
        """A number that is another one after Python has written into the tree.

        As long as nobody counts that, it is another one each time; to be replaced by such a count.
        """
        return next(self._reads_of_written)

    # -- building -----------------------------------------------------------------------------------------

    def add(self, slots: Iterable[Slot]) -> None:
        """Allocate ``slots``, zeroed; those of fixed size and one (name, dtype, role) share an arena."""
        arenas: dict[tuple[str, np.dtype[Any], Role], list[Slot]] = {}
        for slot in slots:
            if slot.path in self._slots:
                raise EngramError(f"slot {slot.path!r} exists already")
            if slot.layout is Layout.BLOCKS:
                self._slots[slot.path] = slot
                self._blocks[slot.path] = Blocks(slot.shape[1:], slot.dtype)
            elif slot.free_length or slot.shape == () or slot.layout is not Layout.PLAIN:
                self._slots[slot.path] = slot
                self._arrays[slot.path] = aligned(slot.shape, slot.dtype)
            else:
                arenas.setdefault((slot.name, slot.dtype, slot.role), []).append(slot)
        for (_, dtype, _), members in arenas.items():
            starts = np.cumsum([0, *(-(-slot.size // ARENA_STRIDE) * ARENA_STRIDE for slot in members)])
            arena = aligned((int(starts[-1]),), dtype)
            for slot, start in zip(members, starts[:-1], strict=True):
                self._slots[slot.path] = slot
                self._arrays[slot.path] = arena[start : start + slot.size].reshape(slot.shape)

    def put(self, slot: Slot, array: Array) -> None:
        """Make ``array`` (taken over, C order, 64-byte aligned or not) the memory of ``slot``, new or existing."""
        self.version += 1
        self._slots[slot.path] = slot
        self._arrays[slot.path] = array
        self._packed.pop(slot.path, None)

    def pack(self, path: str, packed: Packed) -> None:
        """Let go of the array of a slot, whose value now stands elsewhere."""
        self.version += 1
        self._packed[path] = packed
        self._arrays.pop(path, None)

    def arena(self, path: str) -> tuple[Array, int]:
        """Return the flat allocation in which the array of a slot lies, and at which of its elements it begins."""
        array = self._arrays[path]
        root = array
        while isinstance(root.base, np.ndarray):
            root = root.base
        whole = root.reshape(-1).view(np.uint8)
        if root.dtype == np.uint8:  # made by `aligned`, which asks for 64 bytes more
            first = -root.ctypes.data % 64
            whole = whole[first : first + len(whole) - 64]
        whole = whole.view(array.dtype)
        return whole, (array.ctypes.data - whole.ctypes.data) // array.itemsize

    def is_packed(self, path: str) -> bool:
        """Say whether a value has no array of its own."""
        return path in self._packed

    def assign(self, path: str, values: Array) -> None:
        """Give a slot other values of its shape, or one value for all elements."""
        if path not in self._packed:
            self._arrays[path][...] = values
            return
        start = 0
        for piece in self._packed[path].write():
            piece[...] = values if values.shape == () else values[start : start + len(piece)]
            start += len(piece)

    # -- reading ------------------------------------------------------------------------------------------

    def __contains__(self, path: str) -> bool:
        return path in self._slots

    def __getitem__(self, path: str) -> Array:
        """Return the array in memory (for rings: rows in ring order); of a packed value a copy, read-only."""
        if path in self._packed:
            return self._unpacked(path)
        return self._arrays[path]

    def _unpacked(self, path: str) -> Array:
        slot, start = self._slots[path], 0
        whole = aligned(slot.shape, slot.dtype)
        for piece in Made(self._packed[path].parts):
            whole[start : start + len(piece)] = piece
            start += len(piece)
        whole.flags.writeable = False
        return whole

    def blocks(self, path: str) -> Blocks:
        """Return the record at ``path``."""
        return self._blocks[path]

    def slot(self, path: str) -> Slot:
        """Return the slot with the shape that its value has now."""
        slot = self._slots[path]
        if slot.layout is Layout.BLOCKS:
            return slot.with_shape((self._blocks[path].rows, *slot.shape[1:]))
        if slot.layout is Layout.SPIKES:
            return slot.with_shape((int(self._arrays[_count(path)].sum()),))
        return slot

    def slots(self) -> dict[str, Slot]:
        """Return all slots that are saved, by path, sorted."""
        return {path: self.slot(path) for path in sorted(self._slots) if self._slots[path].role is not Role.SCRATCH}

    def memory(self) -> Iterator[tuple[Slot, int]]:
        """Yield all slots, scratch too, each with the bytes of memory that it has of its own."""
        for path, slot in self._slots.items():
            if slot.layout is Layout.BLOCKS:
                yield slot, self._blocks[path].nbytes
            else:
                yield slot, 0 if path in self._packed else self._arrays[path].nbytes

    def arrays(self) -> Iterable[Array]:
        """Return all arrays but records, as they stand in memory."""
        return self._arrays.values()

    @property
    def step(self) -> int:
        """Number of finished steps."""
        return int(self._arrays["network/step"][()])

    def leaf(self, path: str) -> Leaf:
        """Return the value at ``path`` in the form in which it is saved."""
        slot = self.slot(path)
        if slot.layout is Layout.BLOCKS:
            return Leaf(slot, self._blocks[path].pieces())
        if path in self._packed:
            return Leaf(slot, Made(self._packed[path].parts))
        array = self._arrays[path]
        if slot.layout is Layout.RING:
            return Leaf(slot, _oldest_first(array, self.step))
        if slot.layout is Layout.SPIKES:
            counts = self._arrays[_count(path)]
            order = _row_order(len(array), self.step)
            return Leaf(slot, tuple(array[row, : counts[row]] for row in order if counts[row]))
        return Leaf(slot, (array,))

    def leaves(self, paths: Iterable[str] | None = None) -> list[Leaf]:
        """Return the leaves at ``paths`` (default: all that are saved), in path order."""
        return [self.leaf(path) for path in (self.slots() if paths is None else sorted(paths))]

    # -- filling ------------------------------------------------------------------------------------------

    def stage(self, slots: Sequence[Slot], step: int, same_wiring: Collection[str] = ()) -> Staged:
        """Return the pieces to fill with the values described by ``slots``, as of ``step`` finished steps.

        Everything that needs memory is allocated here; no value of the network changes. Each slot must exist in
        the tree; where its shape differs (free lengths, single values) a fresh array waits for :meth:`commit`.

        Args:
            same_wiring: owners whose wiring is known to be equal: what they have packed is filled in place. Packed
                values of other owners get a fresh array, since their order in memory follows from the wiring.
        """
        staged = Staged(step, {}, {}, {})
        for slot in slots:
            mine = self._slots[slot.path]
            shape, layout = slot.shape, mine.layout
            staged.slots[slot.path] = slot
            is_moved = slot.path in self._packed and slot.owner not in same_wiring
            if layout in (Layout.BLOCKS, Layout.SPIKES) or shape != mine.shape or is_moved:
                target = aligned(shape, mine.dtype)
                staged.fresh[slot.path] = target
                # a fresh ring is filled oldest first here, and rolled into place by commit
                staged.pieces[slot.path] = (target,)
            elif slot.path in self._packed:
                staged.pieces[slot.path] = _Again(self._packed[slot.path].write)
            elif layout is Layout.RING:
                staged.pieces[slot.path] = _oldest_first(self._arrays[slot.path], step)
            else:
                staged.pieces[slot.path] = (self._arrays[slot.path],)
        return staged

    def exchange(self, staged: Staged) -> None:
        """Give up the old arrays that :meth:`commit` would replace, before the new ones take up memory.

        To be called when nothing but filling is left to do: from here to the commit the values are unusable.
        """
        for path, values in staged.fresh.items():
            mine = self._slots[path]
            if mine.layout is Layout.BLOCKS:
                self._blocks[path].clear()
            elif mine.layout is Layout.PLAIN:
                self.put(mine.with_shape(values.shape), values)

    def commit(self, staged: Staged) -> None:
        """Make the filled arrays the network's. Only small copies happen here; nothing can fail."""
        for path, values in staged.fresh.items():
            mine = self._slots[path]
            if mine.layout is Layout.BLOCKS:
                self._blocks[path].fill(values)
            elif mine.layout is Layout.PLAIN:
                self.put(mine.with_shape(values.shape), values)
            elif mine.layout is Layout.RING:
                self.put(mine.with_shape(values.shape), values[np.argsort(_row_order(len(values), staged.step))])
        for path, values in staged.fresh.items():
            if self._slots[path].layout is Layout.SPIKES:
                self._unpack_spikes(path, values, staged.step)

    def _unpack_spikes(self, path: str, ranks: Array, step: int) -> None:
        counts = self._arrays[_count(path)]
        lists = self._arrays[path]
        if len(lists) != len(counts):
            self.version += 1
            lists = aligned((len(counts), lists.shape[1]), lists.dtype)
            self._arrays[path] = lists
        start = 0
        for row in _row_order(len(counts), step):
            lists[row, : counts[row]] = ranks[start : start + counts[row]]
            start += int(counts[row])


def _count(path: str) -> str:
    return path.rsplit("/", 1)[0] + "/count"


def _row_order(length: int, step: int) -> Array:
    """Rows of a ring, oldest first, after ``step`` finished steps: step s stands in row ``s % length``."""
    return (np.arange(length) + step) % max(length, 1)


def _oldest_first(ring: Array, step: int) -> tuple[Array, ...]:
    first = step % max(len(ring), 1)
    return tuple(piece for piece in (ring[first:], ring[:first]) if len(piece))
