"""The tree: every value that a simulation remembers, under one name each.

In: slots. Out: NumPy arrays that kernels point into, leaves that storage writes, and pieces that storage fills.

A value is read and written by :meth:`State.read` and :meth:`State.write`, wherever it stands; ``state[path]`` shows it.
Only what walks memory by itself asks for the array (:meth:`State.array`).

Slots of one name, dtype and role share an *arena*, one allocation per network in which every owner starts at a
multiple of 64 elements: packed rows (``wiring/packed.py``) reach the conductances of several populations in it at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engram.errors import EngramError
from engram.state import names
from engram.state.residence import Array, Blocks, Residence, WholeArray, aligned
from engram.state.room import in_place
from engram.state.slots import Layout, Role, Slot

__all__ = ["ARENA_STRIDE", "Leaf", "Staged", "State"]

_ARRAYS = (Layout.PLAIN, Layout.TABLE)  # whose value is an array as it is in memory
_FIXED = (*_ARRAYS, Layout.RING)  # whose slots say the shape of now
_STEP = f"{names.NETWORK}/{names.STEP}"
ARENA_STRIDE = 64  # elements; also the unit at which threads cut ranges of neurons


class Leaf(NamedTuple):
    """One value on its way to a file: its slot (with the present shape) and its bytes.

    ``pieces`` are C-contiguous arrays of the slot's dtype; joined they are the value. They are views
    wherever possible, so that writing a network needs no second copy of it; those of a packed value are :class:`Made`.
    """

    slot: Slot
    pieces: Iterable[Array]


@dataclass(frozen=True)
class _Again:
    """Iterates anew over the pieces that a residence gives to be filled."""

    residence: Residence

    def __iter__(self) -> Iterator[Array]:
        return iter(self.residence.targets())


@dataclass
class Staged:
    """Where the bytes of a file go: for each path the pieces to fill.

    ``fresh`` holds the arrays that become the network's on commit; slots without an entry there are filled in place.
    ``same_wiring`` names the owners that have the same wiring afterwards.
    """

    step: int
    pieces: dict[str, Iterable[Array]]
    fresh: dict[str, Array]
    same_wiring: Collection[str] = ()


class State:
    """All values of one network, by path and by owner."""

    def __init__(self) -> None:
        self._slots: dict[str, Slot] = {}
        self._homes: dict[str, Residence] = {}
        self._paths_of: dict[str, list[str]] = {}  # by owner
        self.version = 0  # grows when memory is replaced: pointers into it are void
        self.removed = 0  # grows when slots go
        self.apart = 0  # grows when a value leaves memory that it shares, or that is no array: ``extents.py`` asks
        self.filled = 0  # grows when values come from elsewhere: arrays that fit are filled, and stay the same arrays
        self.written = 0  # grows when a value is changed from outside of a run: what follows from values is void
        self.changed: dict[
            str, bool
        ] = {}  # owners of what was written so, and whether values have other memory or wiring
        self.broken = ""  # why the values can't be trusted (a load that failed half way); empty if they can

    def settle(self) -> None:
        """Do what waits (``state/waiting.py``): nothing does in this class."""

    # -- building -----------------------------------------------------------------------------------------

    def add(self, slots: Iterable[Slot]) -> None:
        """Allocate ``slots``, zeroed; those of fixed size and one (name, dtype, role) share an arena."""
        arenas: dict[tuple[str, np.dtype[Any], Role], list[Slot]] = {}
        new: set[str] = set()
        for slot in slots:
            if slot.path in self._slots or slot.path in new:
                raise EngramError(f"slot {slot.path!r} exists already")
            new.add(slot.path)
            if slot.layout is Layout.BLOCKS:
                self._settle(slot, Blocks(slot.shape[1:], slot.dtype))
            elif slot.free_length or slot.shape == () or slot.layout is not Layout.PLAIN:
                self._settle(slot, WholeArray(aligned(slot.shape, slot.dtype)))
            else:
                arenas.setdefault((slot.name, slot.dtype, slot.role), []).append(slot)
        for (_, dtype, _), members in arenas.items():
            starts = np.cumsum([0, *(-(-slot.size // ARENA_STRIDE) * ARENA_STRIDE for slot in members)])
            arena = aligned((int(starts[-1]),), dtype)
            for slot, start in zip(members, starts[:-1].tolist(), strict=True):
                self._settle(slot, WholeArray(arena[start : start + slot.size].reshape(slot.shape), arena, start))

    def _settle(self, slot: Slot, home: Residence) -> None:
        if slot.path not in self._slots:
            self._paths_of.setdefault(slot.owner, []).append(slot.path)
        before = self._homes.get(slot.path)
        if before is not None and not (_is_alone(before) and _is_alone(home)):
            self.apart += 1
        self._slots[slot.path] = slot
        self._homes[slot.path] = home
        self.written += 1
        if slot.role is not Role.SCRATCH:
            self.changed[slot.owner] = True

    def put(self, slot: Slot, array: Array) -> None:
        """Make ``array`` (taken over, C order, 64-byte aligned or not) the memory of ``slot``, new or existing."""
        self.version += 1
        is_shown = array.base is not None and not array.flags.writeable  # of a slot, which would be shared then
        self._settle(slot, WholeArray(array.copy() if is_shown else array))

    def move(self, path: str, home: Residence) -> None:
        """Let a value stand elsewhere from now on; where it stood is given up."""
        self.version += 1
        self._settle(self._slots[path], home)

    def drop(self, paths: Iterable[str]) -> None:
        """Remove slots."""
        for path in paths:
            owner = self._slots[path].owner
            self._paths_of[owner].remove(path)
            del self._slots[path], self._homes[path]
            self.changed[owner] = True
            self.removed += 1
        self.version += 1
        self.written += 1

    def remove(self, owner: str) -> None:
        """Give up all values of an owner."""
        for path in self._paths_of.pop(owner, ()):
            del self._slots[path], self._homes[path]
        self.version += 1
        self.removed += 1
        self.changed.pop(owner, None)

    # -- where values stand -------------------------------------------------------------------------------

    def residence(self, path: str) -> Residence:
        """Return where a value stands."""
        return self._homes[path]

    def is_array(self, path: str) -> bool:
        """Say whether a value is an array of its own in memory."""
        return isinstance(self._homes[path], WholeArray)

    def with_values_elsewhere(self) -> set[str]:
        """Return the owners of values that are no arrays of their own."""
        return {self._slots[path].owner for path, home in self._homes.items() if not isinstance(home, WholeArray)}

    def array(self, path: str) -> Array:
        """Return the array in memory, for what walks it by itself (for rings: rows in ring order)."""
        home = self._homes[path]
        if not isinstance(home, WholeArray):
            raise EngramError(f"{path} has no array of its own\n  help: this is our bug.")
        return home.array

    def blocks(self, path: str) -> Blocks:
        """Return the record at ``path``, to be read, or written by a run."""
        home = self._homes[path]
        if not isinstance(home, Blocks):
            raise EngramError(f"{path} is no record\n  help: this is our bug.")
        return home

    def arena(self, path: str) -> tuple[Array, int]:
        """Return the flat allocation in which the array of a slot lies, and at which of its elements it begins."""
        home = self._homes[path]
        if not isinstance(home, WholeArray):
            raise EngramError(f"{path} has no array of its own\n  help: this is our bug.")
        return home.arena, home.first

    def in_place(self, path: str, n: int) -> Array | None:
        """Return the array of ``n`` elements that may take the place of a slot's, where that stands; see ``room.py``.

        Whoever fills it gives it to :meth:`put`; what the tree shows of the slot is void from the first element on.
        """
        home = self._homes[path]
        return in_place(home.views, n) if isinstance(home, WholeArray) else None

    # -- reading ------------------------------------------------------------------------------------------

    def __contains__(self, path: str) -> bool:
        return path in self._slots

    def __getitem__(self, path: str) -> Array:
        """Show a value, read-only: the array in memory (for rings: rows in ring order), or a copy of what has none."""
        home = self._homes[path]
        if isinstance(home, WholeArray):
            return home.shown
        whole = home.copy()
        whole.flags.writeable = False
        return whole

    def read(self, path: str, positions: Array | None = None) -> Array:
        """Return a copy of a value as it is saved, or (n,) of its elements as they stand in memory."""
        if positions is not None:
            return self._homes[path].gather(positions)
        if not self._slots[path].is_past:
            return self._homes[path].copy()
        pieces = [*self.leaf(path).pieces]
        return np.concatenate(pieces) if pieces else np.zeros(self.slot(path).shape, self._slots[path].dtype)

    def slot(self, path: str) -> Slot:
        """Return the slot with the shape that its value has now."""
        slot = self._slots[path]
        if slot.layout is Layout.BLOCKS:
            return slot.with_shape((self.blocks(path).rows, *slot.shape[1:]))
        if slot.layout is Layout.SPIKES:
            return slot.with_shape((int(self.array(_count(path)).sum()),))
        return slot

    def of(self, owner: str) -> list[Slot]:
        """Return the slots of an object that are saved, by path, with the shapes of now."""
        paths = sorted(self._paths_of.get(owner, ()))
        return [self.slot(path) for path in paths if self._slots[path].role is not Role.SCRATCH]

    def slots(self) -> dict[str, Slot]:
        """Return all slots that are saved, by path, sorted."""
        return {
            path: slot if slot.layout in _FIXED else self.slot(path)
            for path in sorted(self._slots)
            if (slot := self._slots[path]).role is not Role.SCRATCH
        }

    def slots_as_made(self) -> Iterable[Slot]:
        """Return all slots, scratch too, in the order in which they were made."""
        return self._slots.values()

    def role(self, path: str) -> Role:
        """Return what a slot is for."""
        return self._slots[path].role

    def is_plain_float(self, path: str) -> bool:
        """Say whether a value is an attribute of floats, and an array."""
        slot = self._slots.get(path)
        if slot is None or slot.hidden or slot.role is Role.SCRATCH or slot.layout is not Layout.PLAIN:
            return False
        return slot.dtype.kind == "f" and self.is_array(path)

    def memory(self) -> Iterator[tuple[Slot, int]]:
        """Yield all slots, scratch too, each with the bytes of memory that it has of its own."""
        for path, slot in self._slots.items():
            yield slot, self._homes[path].nbytes

    def arrays(self) -> Iterable[Array]:
        """Return all arrays of values that have one."""
        return (home.array for home in self._homes.values() if isinstance(home, WholeArray))

    @property
    def step(self) -> int:
        """Number of finished steps."""
        return int(self.array(_STEP).item())

    def leaf(self, path: str) -> Leaf:
        """Return the value at ``path`` in the form in which it is saved."""
        slot = self._slots[path]
        if slot.layout is Layout.PLAIN:  # nearly all are
            return Leaf(slot, self._homes[path].pieces())
        slot = self.slot(path)
        if slot.layout is Layout.RING:
            return Leaf(slot, _oldest_first(self.array(path), self.step))
        if slot.layout is Layout.SPIKES:
            array, counts = self.array(path), self.array(_count(path))
            order = _row_order(len(array), self.step)
            return Leaf(slot, tuple(array[row, : counts[row]] for row in order if counts[row]))
        return Leaf(slot, self._homes[path].pieces())

    def leaves(self, paths: Iterable[str] | None = None) -> list[Leaf]:
        """Return the leaves at ``paths`` (default: all that are saved), in path order."""
        return [self.leaf(path) for path in (self.slots() if paths is None else sorted(paths))]

    # -- writing ------------------------------------------------------------------------------------------

    def write(self, path: str, values: Any, positions: Array | None = None) -> None:
        """Give a value, or some of its elements, other values of the same shape, or one for all.

        Of a past the rows stand in memory as in :meth:`array`; :meth:`lengthen`, :meth:`forget` and :meth:`set_step`
        are the ways to change it.
        """
        self.note_written(path)
        home = self._homes[path]
        if positions is not None:
            home.scatter(positions, np.asarray(values))
        elif isinstance(home, WholeArray):
            home.array[...] = values
        else:
            given, start = np.asarray(values), 0
            for piece in home.targets():
                piece[...] = given if given.shape == () else given[start : start + len(piece)]
                start += len(piece)

    def note_written(self, path: str) -> None:
        """Count that a value was changed, as whoever writes into its array outside of a run says."""
        slot = self._slots[path]
        self.written += 1
        self.changed[slot.owner] = slot.role is Role.WIRING or self.changed.get(slot.owner, False)

    def append(self, path: str, rows: Any) -> None:
        """Add rows to a record."""
        self.written += 1
        self.blocks(path).append(np.asarray(rows))

    def refill(self, path: str, rows: Array) -> None:
        """Give a record other rows, which are taken over, not copied."""
        self.written += 1
        self.blocks(path).fill(rows)

    def clear(self, path: str) -> None:
        """Drop all rows of a record."""
        self.written += 1
        self.blocks(path).clear()

    # -- the past -----------------------------------------------------------------------------------------

    def longer(self, path: str, length: int) -> Array:
        """Return a ring that reaches further back; before what is known nothing spiked, and values were the oldest."""
        ring, slot, step = self.array(path), self._slots[path], self.step
        longer = aligned((length, *ring.shape[1:]), ring.dtype)
        if slot.layout is Layout.RING and not self._counts_spikes(slot):
            longer[...] = ring[step % len(ring)]
        for past in range(step - len(ring), step):
            longer[past % length] = ring[past % len(ring)]
        return longer

    def lengthen(self, path: str, ring: Array) -> None:
        """Put a ring that :meth:`longer` has made in place of the one before."""
        slot = self._slots[path]
        self.put(slot.with_shape((len(ring), *slot.shape[1:])) if slot.layout is Layout.RING else slot, ring)

    def forget(self, path: str) -> None:
        """Let a past say that nothing has spiked, or that values were always as they are now."""
        slot = self._slots[path]
        if self._counts_spikes(slot):
            self.write(slot.path, 0)
        elif slot.layout is Layout.RING:
            self.write(slot.path, self.array(f"{slot.owner}/{names.of_past(slot.name)}"))

    def _counts_spikes(self, slot: Slot) -> bool:
        lists = self._slots.get(f"{slot.path.removesuffix(names.COUNT)}{names.RANK}")
        return slot.path == _count(slot.path) and lists is not None and lists.layout is Layout.SPIKES

    def set_step(self, step: int) -> None:
        """Let the clock stand at another step; whatever counts from a moment moves along."""
        moved = step - self.step
        for path, slot in self._slots.items():
            if slot.is_past:  # step s stands in row s % length
                self.array(path)[...] = np.roll(self.array(path), moved, axis=0)
            elif slot.role is Role.TIME:
                self.write(path, self.array(path) + moved)
        self.write(_STEP, step)

    # -- filling ------------------------------------------------------------------------------------------

    def stage(self, slots: Mapping[str, Slot], step: int, same_wiring: Collection[str] = ()) -> Staged:
        """Return the pieces to fill with the values described by ``slots`` (by path), as of ``step`` finished steps.

        Everything that needs memory is allocated here; no value of the network changes. Each slot must exist in
        the tree; where its shape differs (free lengths, single values) a fresh array waits for :meth:`commit`.

        Args:
            same_wiring: owners whose wiring is known to be equal: what they have packed is filled in place. Packed
                values of other owners get a fresh array, since their order in memory follows from the wiring.
        """
        staged = Staged(step, {}, {}, same_wiring)
        for path, slot in slots.items():
            mine, home = self._slots[path], self._homes[path]
            if mine.layout is Layout.PLAIN and slot.shape == mine.shape and isinstance(home, WholeArray):
                staged.pieces[path] = (home.array,)  # nearly all are
                continue
            is_moved = not isinstance(home, WholeArray) and slot.owner not in same_wiring
            if mine.layout not in _FIXED or slot.shape != mine.shape or is_moved:
                target = aligned(slot.shape, mine.dtype)
                staged.fresh[path] = target
                # a fresh ring is filled oldest first here, and rolled into place by commit
                staged.pieces[path] = (target,)
            elif mine.layout is Layout.RING:
                staged.pieces[path] = _oldest_first(self.array(path), step)
            else:
                staged.pieces[path] = (home.array,) if isinstance(home, WholeArray) else _Again(home)
        return staged

    def give_up(self, staged: Staged) -> None:
        """Give up the old arrays that :meth:`commit` would replace, before the new ones take up memory.

        To be called when nothing but filling is left to do: from here to the commit the values are unusable.
        """
        for path, values in staged.fresh.items():
            mine = self._slots[path]
            if mine.layout is Layout.BLOCKS:
                self.clear(path)
            elif mine.layout in _ARRAYS:
                self.put(mine.with_shape(values.shape), values)

    def commit(self, staged: Staged) -> None:
        """Make the filled arrays the network's. Only small copies happen here; nothing can fail."""
        self.written += 1
        self.filled += 1
        for owner in {self._slots[path].owner for path in staged.pieces}:
            self.changed[owner] = owner not in staged.same_wiring or self.changed.get(owner, False)
        for path, values in staged.fresh.items():
            mine = self._slots[path]
            if mine.layout is Layout.BLOCKS:
                self.blocks(path).fill(values)
            elif mine.layout in _ARRAYS:
                self.put(mine.with_shape(values.shape), values)
            elif mine.layout is Layout.RING:
                self.put(mine.with_shape(values.shape), values[np.argsort(_row_order(len(values), staged.step))])
        for path, values in staged.fresh.items():
            if self._slots[path].layout is Layout.SPIKES:
                self._unpack_spikes(path, values, staged.step)

    def _unpack_spikes(self, path: str, ranks: Array, step: int) -> None:
        counts = self.array(_count(path))
        lists = self.array(path)
        if len(lists) != len(counts):
            lists = aligned((len(counts), lists.shape[1]), lists.dtype)
            self.put(self._slots[path], lists)
        start = 0
        for row in _row_order(len(counts), step):
            lists[row, : counts[row]] = ranks[start : start + counts[row]]
            start += int(counts[row])


def _is_alone(home: Residence) -> bool:
    """Whether a value is an array, and nothing else stands in its memory."""
    return isinstance(home, WholeArray) and home.arena.size == home.array.size


def _count(path: str) -> str:
    """The place of the lengths of a list of spikes."""
    return f"{path.rpartition('/')[0]}/{names.COUNT}"


def _row_order(length: int, step: int) -> Array:
    """Rows of a ring, oldest first, after ``step`` finished steps: step s stands in row ``s % length``."""
    return (np.arange(length) + step) % max(length, 1)


def _oldest_first(ring: Array, step: int) -> tuple[Array, ...]:
    first = step % max(len(ring), 1)
    return tuple(piece for piece in (ring[first:], ring[:first]) if len(piece))
