"""Which projections are delivered together, and their synapses as packed rows.

A *bundle* is projections with plain synapses (``g_target += w``), one presynaptic population and one target, no two of
which arrive at the same population. Bundles follow from the network's definition alone, since their order is the order
in which conductances are summed up. How a bundle stands in memory does not change a bit: projections with a weight per
synapse share packed rows, one with a single weight has rows of its own. Called by ``network/compiling.py`` and
``schedule.py``; the interpreter keeps canonical arrays.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.ir.jobs import Arrival, Deliver
from engram.network.run import held_interrupts
from engram.state.tree import ARENA_STRIDE

if TYPE_CHECKING:
    from engram.network.network import Network
    from engram.network.projection import Projection
    from engram.wiring.packed import PackedRows

__all__ = [
    "bundles",
    "deliver_job",
    "even_cuts",
    "fair_cuts",
    "is_plain",
    "longest_delay",
    "pack_bundle",
    "pack_projections",
    "unpack",
]

Array = npt.NDArray[Any]

NAMES = ("post_ranks", "delay_steps", "w")  # what a projection with packed rows has no array of
MOST = 256  # projections of a bundle: EG_MAX_MEMBERS of packed.c
UNFAIR = 1.25  # times the mean share that the busiest thread may have before the arena is cut otherwise
SLICE = 1 << 16  # targets that an index of 16 bits can tell apart
MOST_SLICES = 4  # of a thread; more of them would be too short, and an index of 32 bits is better


def bundles(network: Network) -> list[list[Projection]]:
    """Return the spiking and rate-coded projections in the order in which they are summed up."""
    found: list[list[Projection]] = []
    open_bundles: dict[tuple[str, str], list[list[Projection]]] = defaultdict(list)
    for projection in network._projections.values():
        if not is_plain(projection):
            found.append([projection])
            continue
        same = open_bundles[projection._pre._path, projection._targets[0]]
        free = (b for b in same if len(b) < MOST and all(p._post is not projection._post for p in b))
        bundle = next(free, None)
        if bundle is None:
            bundle = []
            found.append(bundle)
            same.append(bundle)
        bundle.append(projection)
    # what does more with a conductance than add to it comes after all that adds
    return sorted(found, key=lambda bundle: not bundle[0]._spec.is_additive)


def is_plain(projection: Projection) -> bool:
    """Whether a projection does nothing but ``g_target += w``, so that its synapses are packed."""
    return projection.is_spiking and projection._spec.is_plain and len(projection._targets) == 1


def pack_projections(network: Network) -> None:
    """Bring all synapses into the form in which they are delivered, and forget rows that are no longer used."""
    used: dict[str, PackedRows] = {}
    if network._backend == "c":
        for bundle in bundles(network):
            used |= pack_bundle(network, bundle)
    network._packed = used
    _cut(network)


def pack_bundle(network: Network, bundle: list[Projection]) -> dict[str, PackedRows]:
    """Pack the projections of a bundle; returns their rows by the path of the first projection of each."""
    if not is_plain(bundle[0]):
        return {}
    state = network._state
    groups: dict[Any, list[Projection]] = defaultdict(list)
    for projection in bundle:
        has_one = state.slot(f"{projection._path}/w").shape == ()
        arena, _ = _place(network, projection)
        groups[projection._path if has_one else arena.ctypes.data].append(projection)
    return dict(_packed(network, group) for group in groups.values())


def _packed(network: Network, group: list[Projection]) -> tuple[str, PackedRows]:
    from engram.wiring.packed import Member, PackedValue, pack

    places = {p._path: _place(network, p)[1] for p in group}
    first = min(group, key=lambda p: places[p._path])  # of the rows: jobs know them by it
    state, known = network._state, network._packed.get(first._path)
    arena, _ = _place(network, first)
    paths = [f"{p._path}/{name}" for p in group for name in NAMES]
    if (
        known is not None
        and (known.weight is None) == (state.slot(f"{first._path}/w").shape == ())
        and {path: known.place(path)[0] for path in known.paths} == places
        and all(state.is_packed(path) for path in paths if state.slot(path).shape != ())
    ):
        return first._path, known
    for projection in group:
        unpack(projection)
    members = [Member(p._path, p._connectivity, state[f"{p._path}/w"], places[p._path]) for p in group]
    rows = pack(members, known.cuts if known else even_cuts(len(arena), network._threads), network._threads)
    for projection in group:
        projection._connectivity_now = None  # from now on made of the rows when somebody asks
        for name in NAMES:
            path = f"{projection._path}/{name}"
            if state.slot(path).shape != ():
                state.pack(path, PackedValue(rows, projection._path, name, state.slot(path).dtype))
    return first._path, rows


def unpack(projection: Projection) -> None:
    """Give a projection arrays of its own again."""
    state = projection._network._state
    for name in NAMES:
        path = f"{projection._path}/{name}"
        if path in state and state.is_packed(path):
            values = state[path]
            values.flags.writeable = True  # a copy that nobody else has
            state.put(state.slot(path), values)


def longest_delay(projection: Projection) -> int:
    """Return the longest delay in steps, at least 1."""
    network = projection._network
    for rows in network._packed.values():
        if projection._path in rows.paths and all(network._state.is_packed(f"{p}/post_ranks") for p in rows.paths):
            return rows.longest_delay  # all of these rows leave the same population
    return int(projection._network._state[f"{projection._path}/delay_steps"].max(initial=1))


def deliver_job(network: Network, rows: PackedRows) -> Deliver:
    """Return the job that delivers the spikes of some rows."""
    projections = [network._projections[path.partition("/")[2]] for path in rows.paths]
    first = projections[0]
    arrivals = []
    for projection in projections:
        open_ = (f"{projection._path}/transmission", f"{projection._post._path}/enabled")
        begins = np.clip(rows.cuts - rows.place(projection._path)[0], 0, projection._post.size)
        arrivals.append(Arrival(_target(projection), open_, tuple(begins.tolist())))
    weight = f"{first._path}/w" if rows.weight is None else ""
    return Deliver(first._path, f"{first._pre._path}/history", tuple(arrivals), weight)


def _target(projection: Projection) -> str:
    return f"{projection._post._path}/g_{projection._targets[0]}"


def _place(network: Network, projection: Projection) -> tuple[Array, int]:
    """Return the arena in which the conductances lie that a projection reaches, and where they begin in it."""
    return network._state.arena(_target(projection))


def _cut(network: Network) -> None:
    """Share every arena out among the threads so that each has about as many synapses to deliver."""
    arenas: dict[int, tuple[int, list[tuple[int, int, int]]]] = {}
    arena_of: dict[str, int] = {}
    for key, rows in network._packed.items():
        for path in rows.paths:
            projection = network._projections[path.partition("/")[2]]
            arena, first = _place(network, projection)
            size, reached = arenas.setdefault(arena.ctypes.data, (len(arena), []))
            reached.append((first, projection._post.size, projection.nb_synapses))
            arena_of[key] = arena.ctypes.data
    cuts = {key: fair_cuts(size, reached, network._threads) for key, (size, reached) in arenas.items()}
    with held_interrupts() as interrupted:
        for key, rows in network._packed.items():
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
