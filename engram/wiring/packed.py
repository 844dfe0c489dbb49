"""Packed rows: synapses that only add their weight, of one or several projections, in the order in which spikes walk.

In: canonical connectivity and weights of projections with one presynaptic population, and where their targets lie in
the arena of conductances. Out: :class:`PackedRows`, the only place where these synapses stand in memory, and for each
projection the values ``post_ranks``, ``delay_steps`` and ``w``, which are read out of it in canonical order and
written into it. Called by ``network/packing.py``; ``native/c/packed.c`` packs and walks the rows, ``packed_copy.c``
reads them.

The arena is cut into slices, one or more for each thread; the index counts from the beginning of a slice: uint16 where
slices are short enough, so that 10 bytes a synapse become 6 or 2. A row is sorted by (slice, delay, target), ties as
drawn: what a thread walks in one step lies behind what it walked in the step before. Short segments of many projections
become one long one, which is what makes spikes cheap.
"""

from __future__ import annotations

import ctypes
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.native.library import core
from engram.native.pool import POOL
from engram.state.tree import aligned
from engram.wiring.connectivity import Connectivity
from engram.wiring.derived import delays_of

__all__ = ["Member", "PackedRows", "PackedValue", "PackedView", "pack"]

Array = npt.NDArray[Any]

PIECE_BYTES = 1 << 21  # are copied at a time, or one row if it is longer
FOUNDS = 2  # projections that are known: the present one, and the one whose last piece another thread copies
_I64, _POINTER = ctypes.c_int64, ctypes.c_void_p


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
        *(("scratch", _POINTER), ("scratch_bytes", _I64)),
    )


class _CopyC(ctypes.Structure):
    """``eg_copy``."""

    _fields_ = (
        *(("packed", _POINTER), ("first", _I64), ("behind", _I64), ("slice", _I64), ("n_slices", _I64)),
        *(("part", _POINTER), ("before", _POINTER), ("before_slice", _I64), ("before_n_slices", _I64)),
        ("start", _POINTER),
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
    """

    path: str
    connectivity: Connectivity
    weights: Array
    first: int


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
        self._founds: dict[str, Array] = {}  # where the synapses of the last few projections are
        self._founds_lock = threading.Lock()
        _copies()

    @property
    def n_syn(self) -> int:
        """Number of synapses."""
        return int(self.start[-1])

    @property
    def paths(self) -> tuple[str, ...]:
        """The projections."""
        return tuple(self._parts)

    @property
    def _longest(self) -> int:
        return int(np.diff(self.start).max(initial=0))

    def place(self, path: str) -> tuple[int, int]:
        """Return where the targets of a projection lie in the arena: first and last + 1."""
        part = self._parts[path]
        return part.first, part.first + part.n

    def _new_offsets(self, cuts: Array) -> Array:
        dtype = np.uint16 if self._longest < 1 << 16 else np.uint32
        return aligned((len(self.start) - 1, (len(cuts) - 1) * len(self.delays) + 1), dtype)

    def view(self) -> PackedView:
        """Return the structure that C sees; the rows must outlive it."""
        kind = 0 if self.weight is None else 1 if self.weight.dtype == np.float32 else 2
        return PackedView(
            *(len(self.start) - 1, _data(self.start), _data(self.index), self.index.itemsize),
            *(_data(self.weight), kind, _data(self.delays), len(self.delays)),
            *(_data(self.offsets), self.offsets.itemsize, len(self.cuts) - 1, _data(self.cuts)),
        )

    def cut(self, cuts: Array) -> None:
        """Cut the arena otherwise: slice s from ``cuts[s]`` to below ``cuts[s + 1]``; no result depends on it."""
        if np.array_equal(cuts, self.cuts):
            return
        before, kept = self.view(), (self.index, self.offsets, self.cuts)
        self._founds.clear()
        if _index_dtype(cuts) != self.index.dtype:
            self.index = aligned((self.n_syn,), _index_dtype(cuts))
        self.offsets, self.cuts = self._new_offsets(cuts), cuts
        self._pack(_PackC(before=ctypes.addressof(before)))
        del kept  # until now `before` pointed there

    def fill(self, members: Sequence[Member]) -> None:
        """Take over the synapses of the projections for which the rows were made."""
        array = (_MemberC * len(members))()
        for target, member in zip(array, members, strict=True):
            wiring = member.connectivity
            uniform = int(wiring.delay_steps) if wiring.is_uniform else 0
            target.start, target.rank, target.uniform = _data(wiring.row_start), _data(wiring.ranks), uniform
            target.delay_of = None if wiring.is_uniform else _data(wiring.delay_steps)
            target.weight = None if self.weight is None else _data(member.weights)
            target.first = member.first
        self._pack(_PackC(members=ctypes.addressof(array), n_members=len(members)))

    def _pack(self, call: _PackC) -> None:
        view = self.view()
        longest = -(-self._longest // 2) * 2  # 12 bytes each; the scratch of a thread is whole words
        scratch = aligned((self.threads, 16 * len(self.delays) + 12 * longest), np.uint8)  # eg_gathered
        call.packed, call.scratch, call.scratch_bytes = ctypes.addressof(view), _data(scratch), scratch.shape[1]
        self._run(_library().eg_pack, ctypes.addressof(call))

    def rows_of(self, path: str, most: int) -> Iterator[tuple[int, int, int]]:
        """Cut the rows of a projection into pieces of ``most`` synapses: first row, last row + 1, their synapses."""
        start = self._parts[path].start
        row, n_rows = 0, len(start) - 1
        while row < n_rows:
            end = int(np.searchsorted(start, start[row] + most, side="right")) - 1
            end = min(max(end, row + 1), n_rows)
            yield row, end, int(start[end] - start[row])
            row = end

    def copy(self, path: str, low: int, high: int, name: str, values: Array, *, put: bool = False) -> None:
        """Copy ``post_ranks``, ``delay_steps`` or ``w`` of some rows of a projection into an array, or from it."""
        view, found = self.view(), self._found(path)
        where = {"post_ranks": "rank", "delay_steps": "delay_of", "w": "weight"}[name]
        copy = self._copy_of(view, path, found)
        copy.skipped, copy.is_put, copy.low, copy.high = int(self._parts[path].start[low]), int(put), low, high
        setattr(copy, where, _data(values))
        # one thread, since memory is what it waits for; when a file is written others hash and write meanwhile
        _copies().eg_copy_rows(_parallel(), 1, ctypes.addressof(copy))

    def _found(self, path: str) -> Array:
        """Return where the synapses of a projection are; of the last few that were asked for it is known."""
        with self._founds_lock:
            found = self._founds.get(path)
            if found is None:
                low, high = self._slices(path)
                found = aligned((len(self.start) - 1, len(self.delays), high - low, 2), self.offsets.dtype)
                view = self.view()
                copy = self._copy_of(view, path, found)
                self._look_back(copy, path)
                self._run(_copies().eg_find_parts, ctypes.addressof(copy))
                while len(self._founds) >= FOUNDS:
                    del self._founds[next(iter(self._founds))]
                self._founds[path] = found
            return found

    def _look_back(self, copy: _CopyC, path: str) -> None:
        """Let the synapses of a projection begin where those of the one before it are known to end."""
        place = self.paths.index(path)
        before = self._founds.get(self.paths[place - 1]) if place else None
        if before is not None:
            copy.before, (copy.before_slice, _) = _data(before), self._slices(self.paths[place - 1])
            copy.before_n_slices = before.shape[2]

    def _copy_of(self, view: PackedView, path: str, found: Array) -> _CopyC:
        part, (low, high) = self._parts[path], self._slices(path)
        place = self.paths.index(path) + 1
        behind = int(self.cuts[-1]) if place == len(self.paths) else self._parts[self.paths[place]].first
        copy = _CopyC(ctypes.addressof(view), part.first, behind, low, high - low, _data(found))
        copy.start = _data(part.start)
        return copy

    def _slices(self, path: str) -> tuple[int, int]:
        """Return the slices in which the targets of a projection lie: first and last + 1."""
        first, behind = self.place(path)
        return int(np.searchsorted(self.cuts, first, "right")) - 1, int(np.searchsorted(self.cuts, behind, "left"))

    def _run(self, function: Any, *arguments: int) -> None:
        with POOL:
            function(_parallel(), self.threads, *arguments)


@dataclass(frozen=True)
class PackedValue:
    """One value of a projection whose synapses are packed; what ``state`` knows as ``Packed``.

    Args:
        name: ``w``, ``post_ranks`` or ``delay_steps``.
    """

    rows: PackedRows
    path: str
    name: str
    dtype: np.dtype[Any]

    def parts(self) -> Iterator[Callable[[], Array]]:
        """Give functions that make the value in pieces of whole rows."""
        for low, high, n in self.rows.rows_of(self.path, PIECE_BYTES // self.dtype.itemsize):
            yield functools.partial(self._piece, low, high, n)

    def _piece(self, low: int, high: int, n: int) -> Array:
        values = np.empty(n, self.dtype)
        self.rows.copy(self.path, low, high, self.name, values)
        return values

    def write(self) -> Iterator[Array]:
        """Give pieces to be filled. What arrives for ranks and delays must be what is there, and is dropped."""
        for low, high, n in self.rows.rows_of(self.path, PIECE_BYTES // self.dtype.itemsize):
            values = aligned((n,), self.dtype)
            yield values
            if self.name == "w":
                self.rows.copy(self.path, low, high, self.name, values, put=True)


def pack(members: Sequence[Member], cuts: Array, threads: int) -> PackedRows:
    """Bring projections together.

    Args:
        members: with one presynaptic population; targets don't overlap; all have one weight of their own or none has.
        cuts: (S + 1,) int64, where the slices of the arena begin, and its end.
        threads: at most so many.
    """
    members = sorted(members, key=lambda m: m.first)
    found = np.concatenate([delays_of(m.connectivity, threads=threads) for m in members])
    delays = np.flatnonzero(np.bincount(found)).astype(np.int64)  # np.unique would load numpy.ma, which takes long
    rows = PackedRows(members, delays, cuts, threads)
    rows.fill(members)
    return rows


def _index_dtype(cuts: Array) -> npt.DTypeLike:
    return np.dtype(np.uint16 if np.diff(cuts).max(initial=0) <= 1 << 16 else np.uint32)


def _data(array: Array | None) -> int | None:
    return None if array is None else array.ctypes.data


@functools.cache
def _parallel() -> ctypes.c_void_p:
    return ctypes.cast(core("engine").eg_parallel, _POINTER)


@functools.cache
def _library() -> ctypes.CDLL:
    library = core("packed")
    library.eg_pack.argtypes, library.eg_pack.restype = [_POINTER, ctypes.c_int, _POINTER], None
    return library


@functools.cache
def _copies() -> ctypes.CDLL:
    """Return what saving, loading and reading need; loaded when rows are made, since no save should need a compiler."""
    library = core("packed_copy")
    for function in (library.eg_find_parts, library.eg_copy_rows):
        function.argtypes, function.restype = [_POINTER, ctypes.c_int, _POINTER], None
    return library
