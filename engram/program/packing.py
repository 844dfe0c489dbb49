"""Which projections are delivered together, and their synapses as packed rows.

A *bundle* is projections with plain synapses (``g_target += w``), one presynaptic population and one target, no two
of which arrive at the same population. Bundles follow from the network's definition alone, since their order is the
order in which conductances are summed up. How a bundle stands in memory does not change a bit: projections with a
weight per synapse share packed rows, one with a single weight has rows of its own.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.ir.delivery import Arrival, Deliver
from engram.program.interrupts import held_interrupts
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.tree import ARENA_STRIDE

if TYPE_CHECKING:
    from engram.wiring.packed import PackedRows
    from engram.wiring.undrawn import Undrawn

__all__ = [
    "all_packed",
    "bundles",
    "cut_rows",
    "deliver_job",
    "even_cuts",
    "fair_cuts",
    "is_plain",
    "longest_delay",
    "pack_bundle",
    "packed_rows",
    "unpack",
]

Array = npt.NDArray[Any]

PACKED = (names.POST_RANKS, names.DELAY_STEPS, names.WEIGHT)  # what a projection with packed rows has no array of
MOST = 256  # projections of a bundle: EG_MAX_MEMBERS of packed.c
UNFAIR = 1.25  # times the mean share that the busiest thread may have before the arena is cut otherwise
SLICE = 1 << 16  # targets that an index of 16 bits can tell apart
MOST_SLICES = 4  # of a thread; more of them would be too short, and an index of 32 bits is better


def bundles(program: Program) -> list[list[Synapses]]:
    """Return the spiking and rate-coded projections in the order in which they are summed up."""
    found: list[list[Synapses]] = []
    open_bundles: dict[tuple[str, str], _Bundles] = defaultdict(_Bundles)
    for projection in program.projections.values():
        if not is_plain(projection):
            found.append([projection])
            continue
        bundle = open_bundles[projection.pre.path, projection.targets[0]].place_for(projection.post.path)
        if not bundle:
            found.append(bundle)
        bundle.append(projection)
    # what does more with a conductance than add to it comes after all that adds
    return sorted(found, key=lambda bundle: not bundle[0].spec.is_additive)


class _Bundles:
    """Bundles of one presynaptic population and target."""

    def __init__(self) -> None:
        self._bundles: list[list[Synapses]] = []
        self._first_open = 0  # all before it are full
        self._next_of: dict[str, int] = {}  # by post population: it stands in those before, or they were full

    def place_for(self, post: str) -> list[Synapses]:
        """Return the first bundle that has room and no projection to ``post``; a new one if there is none."""
        while self._first_open < len(self._bundles) and len(self._bundles[self._first_open]) >= MOST:
            self._first_open += 1
        number = max(self._first_open, self._next_of.get(post, 0))
        while number < len(self._bundles) and len(self._bundles[number]) >= MOST:
            number += 1
        self._next_of[post] = number + 1
        if number == len(self._bundles):
            self._bundles.append([])
        return self._bundles[number]


def is_plain(projection: Synapses) -> bool:
    """Whether a projection does nothing but ``g_target += w``, so that its synapses are packed."""
    return projection.is_spiking and projection.spec.is_plain and len(projection.targets) == 1


def packed_rows(projection: Synapses) -> PackedRows | None:
    """Return the rows in which the synapses of a projection stand with others; None if they have arrays."""
    state, path = projection.program.state, projection.place(names.POST_RANKS)
    home = state.residence(path) if path in state and not state.is_array(path) else None
    return home.rows if home is not None else None  # type: ignore[attr-defined]  # a PackedValue


def all_packed(program: Program) -> dict[str, PackedRows]:
    """Return all packed rows by the path of the first projection of each, by which jobs know them."""
    rows = (packed_rows(projection) for projection in program.projections.values() if is_plain(projection))
    return {r.paths[0]: r for r in rows if r is not None}


def pack_bundle(program: Program, bundle: list[Synapses], undrawn: Mapping[str, Undrawn]) -> None:
    """Pack the projections of a bundle.

    Args:
        undrawn: those that have neither order nor weights yet, by path.
    """
    if not is_plain(bundle[0]):
        return
    groups: dict[Any, list[Synapses]] = defaultdict(list)
    for projection in bundle:
        if projection.has_flights:  # a kernel of its own delivers those
            unpack(projection)
            continue
        has_one = program.state.slot(projection.place(names.WEIGHT)).shape == ()
        arena, _ = _place(program, projection)
        groups[projection.path if has_one else arena.ctypes.data].append(projection)
    for group in groups.values():
        _pack(program, group, undrawn)


def _pack(program: Program, group: list[Synapses], undrawn: Mapping[str, Undrawn]) -> None:
    from engram.wiring.packed import Member, PackedValue, pack

    state = program.state
    begins = {p.path: _place(program, p)[1] for p in group}
    first = min(group, key=lambda p: begins[p.path])
    known = packed_rows(first)
    if known is not None and _are_packed(group, known, begins):
        return
    for projection in group:
        unpack(projection)
    members = [
        Member(p.path, p.connectivity, state[p.place(names.WEIGHT)], begins[p.path], undrawn.get(p.path)) for p in group
    ]
    arena, _ = _place(program, first)
    rows = pack(members, known.cuts if known else even_cuts(len(arena), program.threads), program.threads)
    for projection in group:
        projection.memo.clear()  # from now on the connectivity is made of the rows when somebody asks
        for name in PACKED:
            slot = state.slot(projection.place(name))
            if slot.shape != ():
                state.move(slot.path, PackedValue(rows, projection.path, name, slot.dtype))


def _are_packed(group: list[Synapses], rows: PackedRows, begins: dict[str, int]) -> bool:
    """Whether a group stands in some rows, and nothing else does."""
    state, single = group[0].program.state, rows.weight is None
    return (
        {path: rows.place(path)[0] for path in rows.paths} == begins
        and all(packed_rows(p) is rows for p in group)
        and all((state.slot(p.place(names.WEIGHT)).shape == ()) == single for p in group)
        and all(
            state.slot(p.place(name)).shape == () or not state.is_array(p.place(name)) for p in group for name in PACKED
        )
    )


def unpack(projection: Synapses) -> None:
    """Give a projection arrays of its own again."""
    state = projection.program.state
    for name in PACKED:
        path = projection.place(name)
        if path in state and not state.is_array(path):
            state.put(state.slot(path), state.read(path))


def longest_delay(population: Neurons) -> int:
    """Return the longest delay of the projections that read what a population emitted, in steps, at least 1."""
    compared = [p for p in population.incoming if p.spec.compares_spikes]
    together: dict[int, list[Synapses]] = defaultdict(list)  # by their rows; those with arrays under 0
    for projection in (*population.outgoing, *compared):
        rows = packed_rows(projection)
        together[0 if rows is None else id(rows)].append(projection)
    return max([1, *(_longest_of(some) for some in together.values())])


def _longest_of(projections: list[Synapses]) -> int:
    """Return the longest delay of projections that stand in the same rows, or have arrays."""
    rows = packed_rows(projections[0])
    if rows is not None and len({p.path for p in projections}) == len(rows.paths):
        return rows.longest_delay
    # a projection that has left the rows has left its delays there
    return max(p.longest_delay for p in projections)


def deliver_job(program: Program, rows: PackedRows) -> Deliver:
    """Return the job that delivers the spikes of some rows."""
    projections = _members(program, rows)
    first = projections[0]
    arrivals = []
    for projection in projections:
        open_ = (projection.place(names.TRANSMISSION), projection.post.place(names.ENABLED))
        begins = np.clip(rows.cuts - rows.place(projection.path)[0], 0, projection.post.size)
        arrivals.append(Arrival(_target(projection), open_, tuple(begins.tolist())))
    weight = first.place(names.WEIGHT) if rows.weight is None else ""
    return Deliver(first.path, first.pre.place(names.HISTORY), tuple(arrivals), weight)


def _members(program: Program, rows: PackedRows) -> list[Synapses]:
    """Return the projections that stand in some rows, in their order."""
    return [p for path in rows.paths if isinstance(p := program.by_path[path], Synapses)]


def _target(projection: Synapses) -> str:
    return projection.post.place(names.conductance(projection.targets[0]))


def _place(program: Program, projection: Synapses) -> tuple[Array, int]:
    """Return the arena in which the conductances lie that a projection reaches, and where they begin in it."""
    return program.state.arena(_target(projection))


def cut_rows(program: Program) -> None:
    """Share every arena out among the threads so that each has about as many synapses to deliver."""
    arenas: dict[int, tuple[int, list[tuple[int, int, int]]]] = {}
    arena_of: dict[str, int] = {}
    packed = all_packed(program)
    for key, rows in packed.items():
        for projection in _members(program, rows):
            arena, first = _place(program, projection)
            size, reached = arenas.setdefault(arena.ctypes.data, (len(arena), []))
            reached.append((first, projection.post.size, projection.n_syn))
            arena_of[key] = arena.ctypes.data
    cuts = {key: fair_cuts(size, reached, program.threads) for key, (size, reached) in arenas.items()}
    with held_interrupts() as interrupted:
        for key, rows in packed.items():
            rows.cut(cuts[arena_of[key]])
    if interrupted:
        raise KeyboardInterrupt


def even_cuts(size: int, threads: int) -> Array:
    """Return where the slices of an arena begin, and its end, if threads get equally many targets."""
    return _sliced(np.linspace(0, -(-size // ARENA_STRIDE), threads + 1).astype(np.int64) * ARENA_STRIDE, size)


def fair_cuts(size: int, reached: list[tuple[int, int, int]], threads: int) -> Array:
    """Return the same with equally many synapses for each thread, or even cuts where they are nearly so.

    Args:
        size: of the arena.
        reached: for each projection its first target, and its numbers of targets and synapses.
        threads: that share the arena.
    """
    work = np.full(-(-size // ARENA_STRIDE), 1e-9)  # of each cache line; targets that nobody reaches are some, too
    for first, n, synapses in reached:
        begin = first // ARENA_STRIDE
        work[begin : begin + -(-n // ARENA_STRIDE)] += synapses / max(n, 1)
    done = np.concatenate([[0.0], np.cumsum(work)])
    even = np.linspace(0, len(work), threads + 1).astype(np.int64)
    if np.diff(done[even]).max() <= UNFAIR * done[-1] / threads:
        return even_cuts(size, threads)  # as the rows were cut when they were packed
    inner = np.searchsorted(done, done[-1] * np.arange(1, threads) / threads)
    return _sliced(np.concatenate([[0], inner, [len(work)]]).astype(np.int64) * ARENA_STRIDE, size)


def _sliced(begins: Array, size: int) -> Array:
    """Cut the ranges of threads into slices that an index of 16 bits can tell apart, if few are enough."""
    begins = np.minimum(begins, size)
    pieces = -(-int(np.diff(begins).max(initial=0)) // SLICE)
    if pieces > MOST_SLICES:
        pieces = 1
    parts = [np.linspace(low, high, pieces + 1).astype(np.int64)[:-1] for low, high in itertools.pairwise(begins)]
    return np.concatenate([*parts, [size]]).astype(np.int64)
