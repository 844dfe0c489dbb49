"""Given lists of synapses in a network: wired at compile, kept where the synapses change, restored by a reset.

A list stands in memory once. Until compile it is a :class:`GivenList` of the draft; from then on the synapses in the
tree are the list, as long as they are what was given. Before something changes that, the part that changes (the
weights, or all) is copied into slots of its own, ``names.GIVEN``, which are empty till then. What the list is, digest
by digest, its record says. Called by :class:`Projection`, ``synapses.py``, ``initial.py``, and by who loads and copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.errors import BrokenNetwork, DamagedFile, InvalidArgument
from engram.network.finite import FiniteCheck
from engram.state import names
from engram.state.slots import Layout, Role, Slot
from engram.wiring.pattern import LISTED

if TYPE_CHECKING:
    from engram.blueprint.records import BesideRecord, Blueprint, ConnectorRecord
    from engram.network.network import Network
    from engram.network.projection import Projection
    from engram.network.starts import Arrays
    from engram.wiring.connect import Wired
    from engram.wiring.connectivity import Side
    from engram.wiring.connectors import Sizes
    from engram.wiring.listed import GivenList

__all__ = [
    "PER_SYNAPSE",
    "Listed",
    "add_slots",
    "adopt_list",
    "drop_slots",
    "given_arrays",
    "given_of",
    "has_list",
    "keep_all",
    "keep_at_start",
    "keep_weights",
    "list_slots",
    "record_of",
    "refuse_lost",
    "settle",
    "wired_list",
    "with_own_lists",
]

Array = npt.NDArray[Any]

PER_SYNAPSE: Any = "one per synapse"
"""What stands for weights or delays of a list, where these are no one number."""
EXACT_DELAYS = f"{names.GIVEN_DELAYS}_ms"  # of a network that is not compiled


@dataclass(frozen=True)
class Listed:
    """A list that stands in the tree.

    Args:
        record: what it is.
    """

    kind: ClassVar[int] = LISTED
    own: ClassVar[Side | None] = None
    argument: ClassVar[float] = 0

    record: ConnectorRecord

    @property
    def call(self) -> str:
        """What messages and reports call it."""
        from engram.blueprint.given import of_given

        return f"given list of {of_given(self.record)[names.GIVEN_RANKS].count:,} synapses"

    def problem(self, sizes: Sizes) -> None:
        """Nothing can be wrong: it was checked when it was given, or read."""


def has_list(projection: Projection) -> bool:
    """Whether the synapses of a projection were given one by one."""
    connection = projection._draft.connection
    return connection is not None and connection.connector.kind == LISTED


def list_slots(projection: Projection) -> Iterator[Slot]:
    """Yield the slots for what no longer is as it was given, if something was."""
    return _slots(projection) if has_list(projection) else iter(())


def _slots(projection: Projection) -> Iterator[Slot]:
    columns = projection._post if projection.is_spiking else projection._pre
    facts: dict[str, dict[str, Any]] = {
        names.GIVEN_ROWS: {"dtype": np.dtype(np.int64), "least": 0},
        names.GIVEN_RANKS: {"dtype": np.dtype(np.uint32), "below": columns.size},
        names.GIVEN_DELAYS: {"dtype": np.dtype(np.uint16), "least": 1, "unit": "steps"},
        names.GIVEN_WEIGHT: {"dtype": projection._dtype("float")},
    }
    for name, some in facts.items():
        plain = {"shape": (0,), "role": Role.WIRING, "hidden": True, "layout": Layout.BLOCKS}
        yield Slot(owner=projection._path, name=name, **plain, **some)  # type: ignore[arg-type]  # all are named


def add_slots(network: Network, blueprint: Blueprint) -> None:
    """Add these slots where a file that is loaded has a list, and the network a rule."""
    from engram.blueprint.given import is_given

    for record in blueprint.projections:
        projection = network._projections.get(record.name)
        if projection is not None and is_given(record.connector) and not has_list(projection):
            network._state.add(_slots(projection))


def drop_slots(network: Network) -> None:
    """Take these slots away where a projection has no list any more."""
    gone = [
        path
        for projection in network._projections.values()
        if not has_list(projection)
        for path in map(projection._place, names.GIVEN)
        if path in network._state
    ]
    if gone:
        network._state.drop(gone)
        network._check = FiniteCheck(network)  # which knows all slots


# -- from the list to synapses -----------------------------------------------------------------------------


def wired_list(projection: Projection) -> Wired:
    """Return the synapses of a list, of whole populations."""
    connection, network = projection._draft.connection, projection._network
    assert connection is not None
    if isinstance(connection.connector, Listed):
        return _restored(projection, connection.connector.record)
    given: GivenList = connection.connector  # type: ignore[assignment]  # there are two kinds of lists
    is_multiple = connection.force_multiple_weights or projection._spec.is_plastic
    real = projection._dtype("float")
    given.check(network.dt, projection._where, real)
    return given.wired(network.dt, real, is_multiple=is_multiple, threads=network._threads)


def _restored(projection: Projection, record: ConnectorRecord) -> Wired:
    """Return the synapses that a list gave, out of the tree."""
    from engram.wiring.connect import Wired
    from engram.wiring.connectivity import Connectivity
    from engram.wiring.values import delay_steps_of, filled

    network, state = projection._network, projection._network._state
    live = projection._connectivity
    if _has(projection, names.GIVEN_ROWS):
        row_start, ranks = (state.read(projection._place(name)) for name in (names.GIVEN_ROWS, names.GIVEN_RANKS))
        steps = state.read(projection._place(names.GIVEN_DELAYS))
    else:
        row_start, ranks, steps = live.row_start.copy(), live.ranks.copy(), live.delay_steps.copy()
    if isinstance(record.delays_ms, float):
        steps = np.array(delay_steps_of(record.delays_ms, network.dt), np.uint16)
    wiring = Connectivity(live.by, live.n_pre, live.n_post, row_start, ranks, steps)
    if _has(projection, names.GIVEN_WEIGHT):
        return Wired(wiring, state.read(projection._place(names.GIVEN_WEIGHT)))
    if not isinstance(record.weights, float):
        return Wired(wiring, projection.array(names.WEIGHT))
    real = projection._dtype("float")
    if record.force_multiple_weights or projection._spec.is_plastic:
        return Wired(wiring, filled(wiring, record.weights, dtype=real, threads=network._threads))
    return Wired(wiring, np.array(record.weights, real))


# -- where synapses change ---------------------------------------------------------------------------------


def keep_at_start(projection: Projection, wired: Wired) -> None:
    """Begin with synapses that are the list; keep weights that will be others, or are from the first moment on."""
    if not has_list(projection):
        return
    state = projection._network._state
    for name in names.GIVEN:
        state.clear(projection._place(name))
    attribute = projection._spec.attribute(names.WEIGHT)
    is_other = names.WEIGHT in projection._draft.values or (attribute is not None and attribute.locality != "local")
    if _gives_weights(projection) and (is_other or projection._spec.is_plastic):
        state.append(projection._place(names.GIVEN_WEIGHT), wired.weights)


def keep_weights(projection: Projection) -> None:
    """Keep the weights of a list before the projection gets others."""
    if has_list(projection) and _gives_weights(projection) and not _has(projection, names.GIVEN_WEIGHT):
        state = projection._network._state
        state.append(projection._place(names.GIVEN_WEIGHT), state.read(projection._place(names.WEIGHT)))


def keep_all(projection: Projection) -> None:
    """Keep a list before the projection gets other synapses, or the same in another order."""
    if not has_list(projection) or _has(projection, names.GIVEN_ROWS) or not projection.nb_synapses:
        return
    keep_weights(projection)
    state, wiring = projection._network._state, projection._connectivity
    kept = {names.GIVEN_ROWS: wiring.row_start, names.GIVEN_RANKS: wiring.ranks}
    if not wiring.is_uniform:
        kept[names.GIVEN_DELAYS] = wiring.delay_steps
    for name, array in kept.items():
        state.append(projection._place(name), array)


def _has(projection: Projection, name: str) -> bool:
    """Whether a part of the list has a slot of its own."""
    return projection._network._state.slot(projection._place(name)).shape != (0,)


def _gives_weights(projection: Projection) -> bool:
    """Whether the list has a weight for each synapse."""
    connection = projection._draft.connection
    return connection is not None and connection.weights == PER_SYNAPSE


def refuse_lost(network: Network) -> None:
    """Raise BrokenNetwork if a network whose values can't be trusted has lists, which stand nowhere else."""
    lost = next(filter(has_list, network._projections.values()), None)
    if lost is not None:
        what = f"the synapses of {lost._where} were given one by one, and are among the values that can't be trusted"
        raise BrokenNetwork(f"{what}: {network._state.broken}\n  help: load a whole file.")


# -- records -----------------------------------------------------------------------------------------------


def settle(network: Network) -> None:
    """Let the lists of a network that was just compiled stand in the tree alone."""
    for projection in network._projections.values():
        connection = projection._draft.connection
        if connection is not None and has_list(projection) and not isinstance(connection.connector, Listed):
            record = _record_of_tree(projection)
            projection._draft.connection = replace(connection, connector=Listed(record))


def adopt_list(projection: Projection) -> None:
    """Let a list that was loaded be the projection's: its weights may have another dtype here than in the file.

    Raises:
        DamagedFile: if what stands beside the synapses is no list.
    """
    from engram.blueprint.given import of_given
    from engram.state.digest import type_code

    connection = projection._draft.connection
    if connection is None or not isinstance(connection.connector, Listed):
        return
    record = connection.connector.record
    if _has(projection, names.GIVEN_ROWS):
        try:
            _restored(projection, record).connectivity.check()
        except InvalidArgument as error:
            raise DamagedFile(f"{projection._path}: the given list is damaged: {error}") from error
    weights = of_given(record).get(names.GIVEN_WEIGHT)
    if weights is not None and weights.dtype != type_code(projection._dtype("float")):
        name = names.GIVEN_WEIGHT if _has(projection, names.GIVEN_WEIGHT) else names.WEIGHT
        record = replace(record, weights=_beside(projection, name))
        projection._draft.connection = replace(connection, connector=Listed(record))


def with_own_lists(network: Network, blueprint: Blueprint) -> Blueprint:
    """Return the blueprint of a network with the records of its lists as they are in the dtype of its weights."""
    lists = {p.name: p._draft.connection.connector.record for p in network._projections.values()
             if p._draft.connection is not None and isinstance(p._draft.connection.connector, Listed)}  # fmt: skip
    if not lists:
        return blueprint
    projections = (replace(one, connector=lists.get(one.name, one.connector)) for one in blueprint.projections)
    return replace(blueprint, projections=tuple(projections))


def _record_of_tree(projection: Projection) -> ConnectorRecord:
    from engram.blueprint.given import given_record

    connection = projection._draft.connection
    assert connection is not None
    given: Any = connection.connector
    weights = names.GIVEN_WEIGHT if _has(projection, names.GIVEN_WEIGHT) else names.WEIGHT
    return given_record(
        _beside(projection, names.ROW_START),
        _beside(projection, projection._ranks_name),
        _beside(projection, weights) if given.weights.ndim else float(given.weights),
        _beside(projection, names.DELAY_STEPS) if given.delays_ms.ndim else float(given.delays_ms),
        connection.force_multiple_weights,
    )


def _beside(projection: Projection, name: str) -> BesideRecord:
    from engram.blueprint.records import BesideRecord
    from engram.state.digest import digest_leaf, type_code

    leaf = projection._network._state.leaf(projection._place(name))
    return BesideRecord(type_code(leaf.slot.dtype), leaf.slot.shape, digest_leaf(leaf))  # type: ignore[arg-type]


def record_of(projection: Projection, given: GivenList, force_multiple_weights: bool) -> ConnectorRecord:
    """Return the record of a list that is not compiled yet, as it would be compiled now."""
    from engram.blueprint.given import described, given_record
    from engram.blueprint.values import beside

    wired = given.wired(projection._network.dt, projection._dtype("float"), threads=projection._network._threads)
    wiring = wired.connectivity
    return given_record(
        beside(wiring.row_start),
        beside(wiring.ranks),
        described(wired.weights) if given.weights.ndim else float(given.weights),
        beside(wiring.delay_steps) if given.delays_ms.ndim else float(given.delays_ms),
        force_multiple_weights,
    )


# -- copies ------------------------------------------------------------------------------------------------


def given_arrays(projection: Projection) -> dict[str, Array]:
    """Return what stands beside the blueprint for a list that is not compiled, by path: not rounded."""
    connection = projection._draft.connection
    if connection is None or not has_list(projection) or isinstance(connection.connector, Listed):
        return {}
    given: Any = connection.connector
    parts = {names.GIVEN_ROWS: given.row_start, names.GIVEN_RANKS: given.ranks}
    parts |= {names.GIVEN_WEIGHT: given.weights, EXACT_DELAYS: given.delays_ms}
    return {projection._place(name): array for name, array in parts.items() if array.ndim}


def given_of(projection: Projection, record: ConnectorRecord, arrays: Arrays) -> GivenList | Listed:
    """Return the list of a record: that of the arrays beside it, or the one that stands in the tree.

    Raises:
        DamagedFile, InvalidArgument: if the arrays are not those of the record.
    """
    if not arrays.has_lists:
        return Listed(record)
    from engram.blueprint.fields import wrong
    from engram.blueprint.given import of_given
    from engram.wiring.connectivity import Connectivity
    from engram.wiring.listed import ONE_STEP, GivenList

    parts = of_given(record)
    row_start, ranks = (arrays.read(projection._place(name)) for name in (names.GIVEN_ROWS, names.GIVEN_RANKS))
    weights, delays_ms = (
        np.array(number) if isinstance(number, float) else arrays.read(projection._place(name))
        for name, number in ((names.GIVEN_WEIGHT, record.weights), (EXACT_DELAYS, record.delays_ms))
    )
    wiring = Connectivity(
        "pre" if projection.is_spiking else "post",
        projection._pre.size,
        projection._post.size,
        row_start,
        ranks,
        ONE_STEP,
    )
    wiring.check()
    if any(array.shape not in ((), ranks.shape) for array in (weights, delays_ms)):
        raise wrong(projection._path, "a weight and a delay for each synapse of its list", "others")
    given = GivenList(wiring.by, wiring.n_pre, wiring.n_post, row_start, ranks, weights, delays_ms)
    if arrays.is_checked and record_of(projection, given, record.force_multiple_weights) != record:
        raise wrong(projection._path, f"the given list with the digest {parts[names.GIVEN_RANKS].digest}", "another")
    return given
