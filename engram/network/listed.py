"""Given lists of synapses in a network: wired at compile, kept where the synapses change, restored by a reset.

A list stands in memory once. Until compile it is a :class:`GivenList` of the draft; from then on the synapses in the
tree are the list, as long as they are what was given. Before something changes that, the part that changes (the
weights, or all) is copied into slots of its own, ``names.GIVEN``, which are empty till then. What the list is, digest
by digest, its record says. Called by :class:`Projection`, ``synapses.py``, ``initial.py``, and by who loads and copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.errors import BrokenNetwork
from engram.network.finite import FiniteCheck
from engram.state import names
from engram.state.slots import Layout, Role, Slot
from engram.wiring.pattern import LISTED

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint, ConnectorRecord
    from engram.network.network import Network
    from engram.network.projection import Projection
    from engram.wiring.connect import Wired
    from engram.wiring.connectivity import Side
    from engram.wiring.connectors import Sizes
    from engram.wiring.listed import GivenList

__all__ = [
    "EXACT_DELAYS",
    "PER_SYNAPSE",
    "Listed",
    "add_slots",
    "drop_slots",
    "has_list",
    "has_own",
    "keep_all",
    "keep_at_start",
    "keep_weights",
    "list_slots",
    "refuse_lost",
    "restored",
    "wired_list",
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
        return restored(projection, connection.connector.record)
    given: GivenList = connection.connector  # type: ignore[assignment]  # there are two kinds of lists
    is_multiple = connection.force_multiple_weights or projection._spec.is_plastic
    real = projection._dtype("float")
    given.check(network.dt, projection._where, real)
    return given.wired(network.dt, real, is_multiple=is_multiple, threads=network._threads)


def restored(projection: Projection, record: ConnectorRecord) -> Wired:
    """Return the synapses that a list gave, out of the tree."""
    from engram.wiring.connect import Wired
    from engram.wiring.connectivity import Connectivity
    from engram.wiring.values import delay_steps_of, filled

    network, state = projection._network, projection._network._state
    live = projection._connectivity
    if has_own(projection, names.GIVEN_ROWS):
        row_start, ranks = (state.read(projection._place(name)) for name in (names.GIVEN_ROWS, names.GIVEN_RANKS))
        steps = state.read(projection._place(names.GIVEN_DELAYS))
    else:
        row_start, ranks, steps = live.row_start.copy(), live.ranks.copy(), live.delay_steps.copy()
    if isinstance(record.delays_ms, float):
        steps = np.array(delay_steps_of(record.delays_ms, network.dt), np.uint16)
    wiring = Connectivity(live.by, live.n_pre, live.n_post, row_start, ranks, steps)
    if has_own(projection, names.GIVEN_WEIGHT):
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
    if has_list(projection) and _gives_weights(projection) and not has_own(projection, names.GIVEN_WEIGHT):
        state = projection._network._state
        state.append(projection._place(names.GIVEN_WEIGHT), state.read(projection._place(names.WEIGHT)))


def keep_all(projection: Projection) -> None:
    """Keep a list before the projection gets other synapses, or the same in another order."""
    if not has_list(projection) or has_own(projection, names.GIVEN_ROWS) or not projection.nb_synapses:
        return
    keep_weights(projection)
    state, wiring = projection._network._state, projection._connectivity
    kept = {names.GIVEN_ROWS: wiring.row_start, names.GIVEN_RANKS: wiring.ranks}
    if not wiring.is_uniform:
        kept[names.GIVEN_DELAYS] = wiring.delay_steps
    for name, array in kept.items():
        state.append(projection._place(name), array)


def has_own(projection: Projection, name: str) -> bool:
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
