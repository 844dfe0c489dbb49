"""Packed rows: synapses that only add their weight, of one or several projections, in the order in which spikes walk.

In: canonical connectivity and weights of projections with one presynaptic population, and where their targets lie in
the arena of conductances. Out: :class:`PackedRows`, the only place where these synapses stand in memory, and for each
projection the values ``post_ranks``, ``delay_steps`` and ``w``, which are read out of it in canonical order and
written into it.

The arena is cut into slices, one or more for each thread; the index counts from the beginning of a slice: uint16 where
slices are short enough, so that 10 bytes a synapse become 6 or 2. A row is sorted by (slice, delay, target), ties as
drawn: what a thread walks in one step lies behind what it walked in the step before. Short segments of many projections
become one long one, which is what makes spikes cheap.
"""

from __future__ import annotations

import ctypes
import functools
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import BrokenNetwork, CompileError
from engram.native.agreement import agreed
from engram.native.library import core
from engram.native.pool import POOL
from engram.state import names
from engram.state.residence import Made, aligned
from engram.wiring.connectivity import Connectivity
from engram.wiring.derived import delays_of
from engram.wiring.undrawn import Undrawn, some_rows

__all__ = ["Member", "PackedRows", "PackedValue", "PackedView", "pack"]

Array = npt.NDArray[Any]

PIECE_BYTES = 1 << 21  # are copied at a time, or one row if it is longer
FILLED_AT_ONCE = 1 << 20  # synapses that are packed at a time, or one row: what is made of these is not kept
TABLE_BYTES = 12 << 20  # of where the synapses of a projection are; a larger table is made piece by piece, each time
_I64, _POINTER = ctypes.c_int64, ctypes.c_void_p
_FIELD_OF = {names.POST_RANKS: "rank", names.DELAY_STEPS: "delay_of", names.WEIGHT: "weight"}  # of _CopyC


class PackedView(ctypes.Structure):
    """``eg_packed`` of engram_packed.h."""

    _fields_ = (
        *(("n_rows", _I64), ("start", _POINTER), ("index", _POINTER), ("index_bytes", _I64)),
        *(("weight", _POINTER), ("weight_kind", _I64), ("delay", _POINTER), ("n_delays", _I64)),
        *(("offset", _POINTER), ("offset_bytes", _I64), ("n_slices", _I64), ("cut", _POINTER)),
    )


class _MemberC(ctypes.Structure):
    """``eg_member``."""

    _fields_ = (
        *(("start", _POINTER), ("rank", _POINTER), ("delay_of", _POINTER), ("uniform", _I64)),
        *(("weight", _POINTER), ("first", _I64)),
    )


class _PackC(ctypes.Structure):
    """``eg_pack_call``."""

    _fields_ = (
        *(("packed", _POINTER), ("members", _POINTER), ("n_members", _I64), ("before", _POINTER)),
        *(("scratch", _POINTER), ("scratch_bytes", _I64), ("longest", _I64)),
    )


class _CopyC(ctypes.Structure):
    """``eg_copy``."""

    _fields_ = (
        *(("packed", _POINTER), ("first", _I64), ("behind", _I64), ("slice", _I64), ("n_slices", _I64)),
        *(("part", _POINTER), ("part_row", _I64)),
        *(("before", _POINTER), ("before_slice", _I64), ("before_n_slices", _I64), ("start", _POINTER)),
        *(("skipped", _I64), ("rank", _POINTER), ("delay_of", _POINTER), ("weight", _POINTER)),
        *(("is_put", _I64), ("low", _I64), ("high", _I64)),
    )


@dataclass(frozen=True, eq=False)
class Member:
    """One projection to pack.

    Args:
        path: of the projection.
        connectivity: rows by pre.
        weights: (n_syn,) float32 or float64; () where one number serves all.
        first: the place of its first target in the arena.
        undrawn: makes order and weights, which the arrays don't have then; their memory is given up.
    """

    path: str
    connectivity: Connectivity
    weights: Array
    first: int
    undrawn: Undrawn | None = None

    def rows(self, low: int, high: int, threads: int) -> tuple[Connectivity, Array]:
        """Return the synapses of some rows, all others are empty, and their weights."""
        if self.undrawn is not None:
            return self.undrawn.take(low, high, threads)
        start, some = self.connectivity.row_start, some_rows(self.connectivity, low, high)
        return some, self.weights[start[low] : start[high]] if self.weights.shape else self.weights


@dataclass(frozen=True, eq=False)
class _Part:
    """What is remembered of a member."""

    start: Array
    first: int
    n: int


class PackedRows:
    """The rows of one or several projections; made by :func:`pack`.

    Attributes:
        paths: of the projections, ascending by their place in the arena.
        start: (n_pre + 1,) int64.
        index: (n_syn,) uint16 or uint32, places in a slice of the arena.
        weight: (n_syn,) float32 or float64, None where one number serves all.
        delays: (K,) int64, those that occur, ascending, in steps.
        cuts: (S + 1,) int64, where the slices of the arena begin.
        offsets: (n_pre, S * K + 1) uint16 or uint32.
    """

    def __init__(self, members: Sequence[Member], delays: Array, cuts: Array, threads: int) -> None:
        self._parts = {m.path: _Part(m.connectivity.row_start, m.first, m.connectivity.n_post) for m in members}
        self.delays, self.cuts, self.threads = delays, cuts, threads
        self.start: Array = sum(m.connectivity.row_start for m in members)  # type: ignore[assignment]  # some there are
        self.index = aligned((self.n_syn,), _index_dtype(cuts))
        weights = members[0].weights
        self.weight = aligned((self.n_syn,), weights.dtype) if weights.shape else None
        self.offsets = self._new_offsets(cuts)
        self._view = self._view_of(self.index, self.offsets, cuts)
        self._founds = weakref.WeakValueDictionary[str, _Found]()  # as long as somebody copies with them
        _copies()

    @property
    def n_syn(self) -> int:
        """Number of synapses."""
        return int(self.start[-1])

    def n_syn_of(self, path: str) -> int:
        """Number of synapses of a projection."""
        return int(self._parts[path].start[-1])

    @property
    def paths(self) -> tuple[str, ...]:
        """The projections."""
        return tuple(self._parts)

    @property
    def longest_delay(self) -> int:
        """In steps, at least 1."""
        return int(self.delays.max(initial=1))

    @property
    def synapse_bytes(self) -> int:
        """What is read of a synapse: its target, and its weight if it has one of its own."""
        return self.index.itemsize + (0 if self.weight is None else self.weight.itemsize)

    def row_lengths(self, delay: int) -> Array:
        """Return how many synapses each row has of the delay with that number, (n_pre,) int64."""
        n_delays = len(self.delays)
        last = (len(self.cuts) - 1) * n_delays
        begin, end = (self.offsets[:, k : last + k : n_delays] for k in (delay, delay + 1))
        lengths: Array = (end.astype(np.int64) - begin).sum(axis=1)
        return lengths

    def place(self, path: str) -> tuple[int, int]:
        """Return where the targets of a projection lie in the arena: first and last + 1."""
        part = self._parts[path]
        return part.first, part.first + part.n

    @property
    def _longest(self) -> int:
        return int(np.diff(self.start).max(initial=0))

    def _new_offsets(self, cuts: Array) -> Array:
        dtype = np.uint16 if self._longest < 1 << 16 else np.uint32
        return aligned((len(self.start) - 1, (len(cuts) - 1) * len(self.delays) + 1), dtype)

    def view(self) -> PackedView:
        """Return the structure that C sees; the rows must outlive it."""
        return self._view

    def _view_of(self, index: Array, offsets: Array, cuts: Array) -> PackedView:
        kind = 0 if self.weight is None else 1 if self.weight.dtype == np.float32 else 2
        return PackedView(
            *(len(self.start) - 1, _data(self.start), _data(index), index.itemsize),
            *(_data(self.weight), kind, _data(self.delays), len(self.delays)),
            *(_data(offsets), offsets.itemsize, len(cuts) - 1, _data(cuts)),
        )

    def cut(self, cuts: Array) -> None:
        """Cut the arena otherwise: slice s from ``cuts[s]`` to below ``cuts[s + 1]``; no result depends on it.

        Everything is there before the first synapse moves. Interrupts must be held: weights change places.
        """
        if np.array_equal(cuts, self.cuts):
            return
        index = self.index
        if _index_dtype(cuts) != index.dtype:
            index = aligned((self.n_syn,), _index_dtype(cuts))
        offsets = self._new_offsets(cuts)
        before, after, scratch = self.view(), self._view_of(index, offsets, cuts), self._scratch()
        with POOL:
            self._pack(after, _PackC(before=ctypes.addressof(before)), scratch)
            self._check_filled(offsets)
            self.index, self.offsets, self.cuts, self._view = index, offsets, cuts, after
        self._founds.clear()

    def fill(self, members: Sequence[Member]) -> None:
        """Take over the synapses of the projections for which the rows were made."""
        scratch, row, n_rows = self._scratch(), 0, len(self.start) - 1
        while row < n_rows:
            end = int(self.start.searchsorted(self.start[row] + FILLED_AT_ONCE, "right")) - 1
            end = min(max(end, row + 1), n_rows)
            self._fill_rows(members, row, end, scratch)
            row = end

        self._check_filled(self.offsets)

    def _check_filled(self, offsets: Array) -> None:
        """Refuse rows that have fewer synapses than places, which would hold whatever was in memory before.

        Raises:
            BrokenNetwork: if the synapses of a row did not stand in canonical order.
        """
        short = np.flatnonzero(offsets[:, -1] != np.diff(self.start))
        if short.size:
            what = f"row {short[0]} of {', '.join(self.paths)} is not in the order of its delays and ranks"
            raise BrokenNetwork(f"{what}: it can't be packed\n  help: this is our bug.")

    def _fill_rows(self, members: Sequence[Member], low: int, high: int, scratch: Array) -> None:
        array = (_MemberC * len(members))()
        parts = [member.rows(low, high, self.threads) for member in members]  # C has only their addresses
        for target, member, (wiring, weights) in zip(array, members, parts, strict=True):
            uniform = int(wiring.delay_steps) if wiring.is_uniform else 0
            target.start, target.rank, target.uniform = _data(wiring.row_start[low:]), _data(wiring.ranks), uniform
            target.delay_of = None if wiring.is_uniform else _data(wiring.delay_steps)
            target.weight = None if self.weight is None else _data(weights)
            target.first = member.first
        first, start = self.start[low], self.start[low : high + 1] - self.start[low]
        view = self._view_of(self.index[first:], self.offsets[low:high], self.cuts)
        view.n_rows, view.start = high - low, _data(start)
        view.weight = None if self.weight is None else _data(self.weight[first:])
        with POOL:
            self._pack(view, _PackC(members=ctypes.addressof(array), n_members=len(members)), scratch)
        for member in members:
            for spent in member.undrawn.spent(low, high) if member.undrawn else ():
                _library().eg_give_back(_data(spent), spent.nbytes)

    def _scratch(self) -> Array:
        """Return the memory of ``eg_gathered`` for each thread."""
        whole = -(-self._longest // 2) * 2  # so that each has whole words
        return aligned((self.threads, 16 * len(self.delays) + 12 * whole), np.uint8)

    def _pack(self, view: PackedView, call: _PackC, scratch: Array) -> None:
        call.packed, call.scratch, call.scratch_bytes = ctypes.addressof(view), _data(scratch), scratch.shape[1]
        call.longest = self._longest
        _library().eg_pack(_parallel(), self.threads, ctypes.addressof(call))

    def pieces(self, path: str, synapses: int) -> Iterator[tuple[int, int, int, _Found]]:
        """Cut the rows of a projection into pieces of ``synapses``, or a row, each.

        Gives the first row, the last row + 1, the number of synapses, and where they are.
        """
        start, n_rows = self._parts[path].start, len(self.start) - 1
        low, high = self._slices(path)
        row_bytes = len(self.delays) * (high - low) * 2 * self.offsets.itemsize
        whole = self._found(path) if n_rows * row_bytes <= TABLE_BYTES else None
        most = n_rows if whole else max(1, TABLE_BYTES // 8 // row_bytes)
        row = 0
        while row < n_rows:
            end = int(start.searchsorted(start[row] + synapses, "right")) - 1
            end = min(max(end, row + 1), row + most, n_rows)
            yield row, end, int(start[end] - start[row]), whole or _Found(self, path, row, end)
            row = end

    def search(self, path: str, low: int, high: int, column: int) -> Array:
        """Return the positions of the synapses that rows of a projection have to one of its columns.

        Args:
            low, high: the first row and the last one + 1.
            column: a post rank.

        Returns:
            (n,) int64, in canonical order, ascending.
        """
        call, target = self._call(path), self._parts[path].first + column
        call.low, call.high, room = low, high, max(high - low, 16)
        while True:
            found = np.empty(room, np.int64)
            n = _copies().eg_search(ctypes.addressof(call), target, room, _data(found))
            if n <= room:
                return found[:n]
            room = n  # more of them than rows: multapses

    def _call(self, path: str) -> _CopyC:
        """Return what C must know of a projection."""
        low, high = self._slices(path)
        call = _CopyC(ctypes.addressof(self._view), *self.targets(path), low, high - low)
        call.start = _data(self._parts[path].start)
        return call

    def _found(self, path: str) -> _Found:
        found = self._founds.get(path)
        if found is None:
            number = self.paths.index(path)
            before = self._founds.get(self.paths[number - 1]) if number else None
            found = _Found(self, path, 0, len(self.start) - 1, before)
            found.find(self.threads)
            self._founds[path] = found  # complete, since several threads may read
        return found

    def _slices(self, path: str) -> tuple[int, int]:
        """Return the slices in which the targets of a projection lie: first and last + 1."""
        first, behind = self.place(path)
        return bisect_right(self.cuts, first) - 1, bisect_left(self.cuts, behind)

    def targets(self, path: str) -> tuple[int, int]:
        """Return the first target of a projection, and that of the projection that follows in the arena."""
        number = self.paths.index(path) + 1
        behind = int(self.cuts[-1]) if number == len(self.paths) else self.place(self.paths[number])[0]
        return self.place(path)[0], behind


class _Found:
    """Where the synapses of one projection are in some rows, and copies of them.

    Args:
        rows, path: the packed rows, and the projection.
        low, high: the first row and the last one + 1.
        before: of all rows, the same of the projection whose targets come before, or None.
    """

    def __init__(self, rows: PackedRows, path: str, low: int, high: int, before: _Found | None = None) -> None:
        slices = rows._slices(path)
        shape = (high - low, len(rows.delays), slices[1] - slices[0], 2)
        self.slice, self.table, self._low = slices[0], aligned(shape, rows.offsets.dtype), low
        self._rows, self._path, self._before = rows, path, before
        self._is_known = False

    def find(self, threads: int = 1) -> None:
        """Look for them, at most once."""
        if not self._is_known:
            call = self._call(self._low, self._low + len(self.table))
            if self._before is not None:
                before = self._before
                call.before, call.before_slice = _data(before.table), before.slice
                call.before_n_slices = before.table.shape[2]
            with POOL if threads > 1 else nullcontext():
                _copies().eg_find_parts(_parallel(), threads, ctypes.addressof(call))
            self._before, self._is_known = None, True

    def copy(self, low: int, high: int, name: str, values: Array, *, put: bool = False) -> None:
        """Copy ``post_ranks``, ``delay_steps`` or ``w`` of some of the rows into an array, or from it."""
        self.find()
        call = self._call(low, high)
        call.skipped, call.is_put = int(self._rows._parts[self._path].start[low]), int(put)
        setattr(call, _FIELD_OF[name], _data(values))
        # one thread, since memory is what it waits for; when a file is written others hash and write meanwhile
        _copies().eg_copy_rows(_parallel(), 1, ctypes.addressof(call))

    def _call(self, low: int, high: int) -> _CopyC:
        call = self._rows._call(self._path)
        call.part, call.part_row, call.low, call.high = _data(self.table), self._low, low, high
        return call


@dataclass(frozen=True)
class PackedValue:
    """Where a value of a projection stands whose synapses are packed: a residence of ``state``.

    Args:
        name: ``w``, ``post_ranks`` or ``delay_steps``.
    """

    rows: PackedRows
    path: str
    name: str
    dtype: np.dtype[Any]

    @property
    def nbytes(self) -> int:
        """None of its own: the rows have them."""
        return 0

    def pieces(self) -> Made:
        """Return the value in pieces of whole rows, which are made when they are asked for."""
        return Made(self._parts)

    def _parts(self) -> Iterator[Callable[[], Array]]:
        for low, high, n, found in self.rows.pieces(self.path, PIECE_BYTES // self.dtype.itemsize):
            yield functools.partial(self._piece, low, high, n, found)

    def _piece(self, low: int, high: int, n: int, found: _Found) -> Array:
        values = np.empty(n, self.dtype)
        found.copy(low, high, self.name, values)
        return values

    def targets(self) -> Iterator[Array]:
        """Give pieces to be filled. What arrives for ranks and delays must be what is there, and is dropped."""
        if self.name != names.WEIGHT:
            left, most = self.rows.n_syn_of(self.path), PIECE_BYTES // self.dtype.itemsize
            for first in range(0, left, most):
                yield aligned((min(most, left - first),), self.dtype)
            return
        for low, high, n, found in self.rows.pieces(self.path, PIECE_BYTES // self.dtype.itemsize):
            values = aligned((n,), self.dtype)
            yield values
            found.copy(low, high, self.name, values, put=True)

    def copy(self) -> Array:
        """Return the value as a new array."""
        whole, start = aligned((self.rows.n_syn_of(self.path),), self.dtype), 0
        for piece in self.pieces():
            whole[start : start + len(piece)] = piece
            start += len(piece)
        return whole

    def gather(self, positions: Array) -> Array:
        """Return a copy of some elements; the other synapses are left alone."""
        values = np.empty(len(positions), self.dtype)
        self._copy_some(positions, values, put=False)
        return values

    def scatter(self, positions: Array, values: Array) -> None:
        """Set some elements; only weights can be."""
        given = np.empty(len(positions), self.dtype)
        given[...] = values
        self._copy_some(positions, given, put=True)

    def _copy_some(self, positions: Array, values: Array, *, put: bool) -> None:
        asked, n_syn = np.ascontiguousarray(positions, np.int64), self.rows.n_syn_of(self.path)
        if len(asked) and not (asked.min() >= 0 and asked.max() < n_syn):
            raise IndexError(f"{self.path} has {n_syn} synapses")  # C would read and write beyond them
        call = self.rows._call(self.path)
        call.is_put = int(put)
        setattr(call, _FIELD_OF[self.name], _data(values))
        _copies().eg_copy_some(ctypes.addressof(call), _data(asked), len(asked))


def pack(members: Sequence[Member], cuts: Array, threads: int) -> PackedRows:
    """Bring projections together.

    Args:
        members: with one presynaptic population; targets don't overlap; all have one weight of their own or none has.
        cuts: (S + 1,) int64, where the slices of the arena begin, and its end.
        threads: at most so many.

    Raises:
        CompileError: if targets overlap, or lie outside of the arena.
    """
    members = sorted(members, key=lambda m: m.first)
    _check_places(members, cuts)
    found = np.concatenate([delays_of(m.connectivity, threads=threads) for m in members])
    delays = np.flatnonzero(np.bincount(found)).astype(np.int64)  # np.unique would load numpy.ma, which takes long
    rows = PackedRows(members, delays, cuts, threads)
    rows.fill(members)
    return rows


def _check_places(members: Sequence[Member], cuts: Array) -> None:
    """Refuse what could not be told apart once it is packed: C would write beyond the ends of its arrays."""
    behind, before = int(cuts[0]), "another array"
    for member in members:
        end = member.first + member.connectivity.n_post
        if member.first < behind or end > cuts[-1]:
            other = before if member.first < behind else "another array"
            what = f"{member.path} can't be packed: its places {member.first} to {end - 1} of the arena"
            raise CompileError(f"{what} are also those of {other}\n  help: this is our bug.")
        behind, before = end, member.path


def _index_dtype(cuts: Array) -> npt.DTypeLike:
    return np.dtype(np.uint16 if np.diff(cuts).max(initial=0) <= 1 << 16 else np.uint32)


def _data(array: Array | None) -> int | None:
    return None if array is None else array.ctypes.data


@functools.cache
def _parallel() -> ctypes.c_void_p:
    return ctypes.cast(core("engine").eg_parallel, _POINTER)


@functools.cache
def _library() -> ctypes.CDLL:
    given = {"eg_packed": PackedView, "eg_member": _MemberC, "eg_pack_call": _PackC}
    library = agreed("packed", given)
    library.eg_give_back.argtypes, library.eg_give_back.restype = [_POINTER, _I64], None
    library.eg_pack.argtypes, library.eg_pack.restype = [_POINTER, ctypes.c_int, _POINTER], None
    return library


@functools.cache
def _copies() -> ctypes.CDLL:
    """Return what saving, loading and reading need; loaded when rows are made, since no save should need a compiler."""
    library = agreed("packed_copy", {"eg_packed": PackedView, "eg_copy": _CopyC})
    for function in (library.eg_find_parts, library.eg_copy_rows):
        function.argtypes, function.restype = [_POINTER, ctypes.c_int, _POINTER], None
    library.eg_copy_some.argtypes, library.eg_copy_some.restype = [_POINTER, _POINTER, _I64], None
    library.eg_search.argtypes, library.eg_search.restype = [_POINTER, _I64, _I64, _POINTER], _I64
    return library
