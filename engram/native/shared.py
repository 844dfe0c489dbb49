"""C structures that several jobs point to: lists of spikes, rows of synapses, sums put aside, functions that draw.

In: paths. Out: structures, each of which stays at its address for as long as a job uses it. When values have moved in
memory, they are made to lead to where everything is now.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary, ref

import numpy as np
import numpy.typing as npt

from engram.ir.nodes import DrawSpec
from engram.ir.rows import InFlight, Rows
from engram.native.library import core
from engram.native.pool import MAX_THREADS
from engram.native.structures import (
    FILLS,
    I64,
    LINE,
    TABLES,
    AheadC,
    Fills,
    InFlightC,
    Pointer,
    RowsC,
    Spikes,
)
from engram.state import names
from engram.state.residence import aligned
from engram.state.tree import State

__all__ = ["Ahead", "Handover", "Shared", "SpikeList", "WalkedRows", "address"]

Array = npt.NDArray[Any]
NONE: Array = np.zeros((0, 0))


class SpikeList:
    """The spikes of a population (``eg_spikes``), and what its threads find in a step."""

    def __init__(self, path: str) -> None:
        self.structure, self._path = Spikes(), path
        self._rank = self._count = ref(NONE)
        self._found = self._found_count = NONE
        self._ranges: Any = None

    def renew(self, state: State, threads: int) -> None:
        """Lead to where the list is now, with room for what so many threads find."""
        rank, count = (state.array(f"{self._path}/{name}") for name in (names.RANK, names.COUNT))
        if self._rank() is rank and self._count() is count and self._found_count.size >= threads * LINE:
            return
        if rank.shape[1:] != self._found.shape:
            self._found, self._found_count = aligned(rank.shape[1:], np.uint32), NONE
        if self._found_count.size < threads * LINE:
            before, self._found_count = self._found_count, aligned((threads * LINE,), np.int64)
            self._found_count[: before.size] = before.reshape(-1)  # a step may be under way
        it = self.structure
        it.rank, it.count, it.length, it.n = rank.ctypes.data, count.ctypes.data, *rank.shape
        it.found, it.found_count = self._found.ctypes.data, self._found_count.ctypes.data
        self._rank, self._count = ref(rank), ref(count)

    def set_ranges(self, begins: tuple[int, ...]) -> None:
        """Say which range of neurons each thread has; empty: they are shared out evenly."""
        ranges = (I64 * len(begins))(*begins) if begins else None
        self.structure.ranges, self.structure.n_ranges = ranges and ctypes.addressof(ranges), max(0, len(begins) - 1)
        self._ranges = ranges


class WalkedRows:
    """The synapses of a projection (``eg_rows``)."""

    def __init__(self) -> None:
        self.structure = RowsC()
        self._rows: ref[Rows] | None = None

    def renew(self, rows: Rows) -> None:
        """Lead to these rows."""
        if self._rows is not None and self._rows() is rows:
            return
        it = self.structure
        it.n_rows, it.start, it.rank = len(rows.start) - 1, rows.start.ctypes.data, rows.rank.ctypes.data
        it.delay, it.n_delays = rows.delay.ctypes.data, len(rows.delay)
        for name in ("short_rank", "segment", "delay_of", "column_start", "column_slot", "column_pre", "multapse"):
            array = getattr(rows, name)
            setattr(it, name, None if array is None else array.ctypes.data)
        self._in_flight = [_in_flight(some) for some in (rows.in_flight, rows.axons_in_flight)]
        it.in_flight, it.axons_in_flight = (some and ctypes.addressof(some) for some in self._in_flight)
        self._rows = ref(rows)


def _in_flight(some: InFlight | None) -> Any:
    """Return what was in flight as C sees it (``eg_in_flight``), or None."""
    if some is None:
        return None
    arrays = (some.since, some.arrives, some.emitted, some.synapse, some.pre)
    return InFlightC(*(array.ctypes.data for array in arrays), len(some.arrives))


class Ahead:
    """Sums of the next step that are put aside (``eg_ahead``)."""

    def __init__(self, n: int) -> None:
        self._sums, self.ready = aligned((n,), np.float64), aligned((MAX_THREADS * LINE,), np.int64)
        self.structure = AheadC(self._sums.ctypes.data, self.ready.ctypes.data)


class Handover:
    """Numbers that one job finds and another one reads in the same step: (n,) float64."""

    def __init__(self, n: int) -> None:
        self._numbers = aligned((n,), np.float64)
        self.address = int(self._numbers.ctypes.data)


class Shared:
    """The structures of one tree. They are gone when no job uses them any more."""

    def __init__(self, state: State) -> None:
        self._state, self._threads = state, 1
        self._lists: WeakValueDictionary[str, SpikeList] = WeakValueDictionary()
        self._rows: WeakValueDictionary[str, WalkedRows] = WeakValueDictionary()
        self._ahead: WeakValueDictionary[str, Ahead] = WeakValueDictionary()
        self._handover: WeakValueDictionary[str, Handover] = WeakValueDictionary()
        self.fills = Fills()

    def renew(self, rows: Mapping[str, Rows], threads: int) -> None:
        """Lead to where everything is now.

        Args:
            rows: of each projection, by path.
            threads: at most so many will run the jobs.
        """
        self._threads = threads
        for spikes in self._lists.values():
            spikes.renew(self._state, threads)
        for path, walked in self._rows.items():
            if path in rows:
                walked.renew(rows[path])

    def spikes(self, path: str) -> SpikeList:
        """Return a list of spikes."""
        found = self._lists.get(path)
        if found is None:
            found = self._lists[path] = SpikeList(path)
            found.renew(self._state, self._threads)
        return found

    def rows(self, path: str, rows: Rows) -> WalkedRows:
        """Return the rows of a projection."""
        found = self._rows.get(path)
        if found is None:
            found = self._rows[path] = WalkedRows()
            found.renew(rows)
        return found

    def ahead(self, path: str, n: int) -> Ahead:
        """Return what holds the sums of a projection onto ``n`` neurons."""
        found = self._ahead.get(path)
        if found is None:
            found = self._ahead[path] = Ahead(n)
        return found

    def handover(self, name: str, n: int) -> Handover:
        """Return the numbers of that name."""
        found = self._handover.get(name)
        if found is None:
            found = self._handover[name] = Handover(n)
        return found

    def all_ahead(self) -> list[Ahead]:
        """Return all that hold sums."""
        return list(self._ahead.values())

    def add_fills(self, draws: Sequence[DrawSpec]) -> None:
        """Have the functions at hand that some draws need."""
        for name, functions, is_needed in (
            ("draws", FILLS, any(draw.is_chunked and not draw.tabled for draw in draws)),
            ("rejection", TABLES, any(draw.tabled for draw in draws)),
        ):
            if is_needed and not getattr(self.fills, [*functions][-1]):  # the last one stands when all do
                library = core(name)
                for field, function in functions.items():
                    setattr(self.fills, field, address(getattr(library, function)))


def address(function: Any) -> int:
    """Return where a function of a library is."""
    return ctypes.cast(function, Pointer).value or 0
