"""Given lists of synapses in a network: wired at compile, kept where the synapses change, restored by a reset.

A list stands in memory once. Until compile it is a :class:`GivenList` of the draft; from then on the synapses in the
tree are the list, as long as they are what was given. Before something changes that, the part that changes (the
weights, or all) is copied into slots of its own, ``names.GIVEN``, which are empty till then. What the list is, digest
by digest, its record says (``list_records.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from engram.errors import BrokenNetwork
from engram.program.drafts import PER_SYNAPSE, Connection
from engram.program.lifting import per_synapse
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.slots import Layout, Role, Slot
from engram.wiring.kinds import LISTED

if TYPE_CHECKING:
    from engram.blueprint.records import ConnectorRecord
    from engram.wiring.connect import Wired
    from engram.wiring.connectivity import Side
    from engram.wiring.connectors import Sizes
    from engram.wiring.listed import GivenList

__all__ = [
    "Listed",
    "add_slots",
    "check_list",
    "drop_slots",
    "has_slot",
    "keep_all",
    "keep_at_start",
    "keep_weights",
    "list_of",
    "list_slots",
    "refuse_lost",
    "restored",
    "to_keep",
    "wired_list",
]

Array = npt.NDArray[Any]


class Listed:
    """A list that stands in the tree.

    Args:
        record: what it is.
    """

    kind: ClassVar[int] = LISTED
    title: ClassVar[str] = "User-defined"
    draws_rows_of: ClassVar[Side | None] = None
    argument: ClassVar[float] = 0

    def __init__(self, record: ConnectorRecord) -> None:
        self.record = record

    @property
    def call(self) -> str:
        """What messages and reports call it."""
        from engram.blueprint.given import of_given  # with the blueprint: importing engram must be quick

        return f"given list of {of_given(self.record)[names.GIVEN_RANKS].count:,} synapses"

    def problem(self, sizes: Sizes) -> None:
        """Nothing can be wrong: it was checked when it was given, or read."""


def list_of(projection: Synapses) -> Connection | None:
    """Return what a connector was asked for, if the synapses of a projection were given one by one."""
    connection = projection.draft.connection
    return connection if connection is not None and connection.connector.kind == LISTED else None


def list_slots(projection: Synapses) -> Iterator[Slot]:
    """Yield the slots for what no longer is as it was given, if something was."""
    return _slots(projection) if list_of(projection) else iter(())


def _slots(projection: Synapses) -> Iterator[Slot]:
    columns = projection.post if projection.by == "pre" else projection.pre
    facts: dict[str, dict[str, Any]] = {
        names.GIVEN_ROWS: {"dtype": np.int64},
        names.GIVEN_RANKS: {"dtype": np.uint32, "below": columns.size},
        names.GIVEN_DELAYS: {"dtype": np.uint16, "unit": "steps"},
        names.GIVEN_WEIGHT: {"dtype": projection.dtype("float")},
    }
    for name, some in facts.items():
        yield projection.slot(name, (0,), some.pop("dtype"), Role.WIRING, hidden=True, layout=Layout.BLOCKS, **some)


def add_slots(program: Program, listed: Iterable[str]) -> None:
    """Add these slots where a file that is loaded has a list, and the network a rule.

    Args:
        listed: names of the projections that have one in the file.
    """
    for name in listed:
        projection = program.projections.get(name)
        if projection is not None and list_of(projection) is None:
            program.state.add(_slots(projection))


def drop_slots(program: Program) -> bool:
    """Take these slots away where a projection has no list any more; return whether there were some."""
    gone = [
        path
        for projection in program.projections.values()
        if list_of(projection) is None
        for path in map(projection.place, names.GIVEN)
        if path in program.state
    ]
    program.state.drop(gone)
    return bool(gone)


# -- from the list to synapses -----------------------------------------------------------------------------


def check_list(connector: Any, dt_ms: float, where: str) -> None:
    """Refuse a list with a delay that is too long for steps of ``dt_ms``; what stands in the tree was checked."""
    if not isinstance(connector, Listed):
        connector.check(dt_ms, where)


def wired_list(projection: Synapses, connection: Connection) -> Wired:
    """Return the synapses of a list, of whole populations."""
    program = projection.program
    if isinstance(connection.connector, Listed):
        return restored(projection, connection.connector.record)
    given: GivenList = connection.connector  # type: ignore[assignment]  # there are two kinds of lists
    is_multiple = connection.force_multiple_weights or projection.spec.is_plastic
    real = projection.dtype("float")
    given.check(program.dt, projection.where, real)
    return given.wired(program.dt, real, is_multiple=is_multiple, threads=program.threads)


def restored(projection: Synapses, record: ConnectorRecord) -> Wired:
    """Return the synapses that a list gave, out of the tree."""
    from engram.wiring.connect import Wired
    from engram.wiring.connectivity import Connectivity
    from engram.wiring.values import delay_steps_of, filled

    program, state = projection.program, projection.program.state
    live = projection.connectivity
    if has_slot(projection, names.GIVEN_ROWS):
        row_start, ranks = (state.read(projection.place(name)) for name in (names.GIVEN_ROWS, names.GIVEN_RANKS))
        steps = state.read(projection.place(names.GIVEN_DELAYS))
    else:
        row_start, ranks, steps = live.row_start.copy(), live.ranks.copy(), live.delay_steps.copy()
    if isinstance(record.delays_ms, float):
        steps = np.array(delay_steps_of(record.delays_ms, program.dt), np.uint16)
    wiring = Connectivity(live.by, live.n_pre, live.n_post, row_start, ranks, steps)
    if has_slot(projection, names.GIVEN_WEIGHT):
        return Wired(wiring, state.read(projection.place(names.GIVEN_WEIGHT)))
    if not isinstance(record.weights, float):
        return Wired(wiring, per_synapse(projection, names.WEIGHT).copy())
    real = projection.dtype("float")
    if record.force_multiple_weights or projection.spec.is_plastic:
        return Wired(wiring, filled(wiring, record.weights, dtype=real, threads=program.threads))
    return Wired(wiring, np.array(record.weights, real))


# -- where synapses change ---------------------------------------------------------------------------------


def keep_at_start(projection: Synapses, wired: Wired) -> None:
    """Begin with synapses that are the list; keep weights that will be others, or are from the first moment on."""
    connection = list_of(projection)
    if connection is None:
        return
    state = projection.program.state
    for name in names.GIVEN:
        state.clear(projection.place(name))
    attribute = projection.spec.attribute(names.WEIGHT)
    is_other = names.WEIGHT in projection.draft.values or (attribute is not None and attribute.locality != "local")
    if connection.weights == PER_SYNAPSE and (is_other or projection.spec.is_plastic):
        state.append(projection.place(names.GIVEN_WEIGHT), wired.weights)


def keep_weights(projection: Synapses) -> None:
    """Keep the weights of a list before the projection gets others."""
    connection = list_of(projection)
    if connection and connection.weights == PER_SYNAPSE and not has_slot(projection, names.GIVEN_WEIGHT):
        state = projection.program.state
        state.append(projection.place(names.GIVEN_WEIGHT), state.read(projection.place(names.WEIGHT)))


def keep_all(projection: Synapses) -> None:
    """Keep a list before the projection gets other synapses, or the same in another order."""
    for name, array in to_keep(projection).items():
        projection.program.state.append(projection.place(name), array)


def to_keep(projection: Synapses) -> dict[str, Array]:
    """Return what :func:`keep_all` keeps: nothing if there is no list, or it is kept already."""
    connection = list_of(projection)
    if connection is None or has_slot(projection, names.GIVEN_ROWS):
        return {}
    wiring = projection.connectivity
    kept = {names.GIVEN_ROWS: wiring.row_start, names.GIVEN_RANKS: wiring.ranks}
    if not wiring.is_uniform:
        kept[names.GIVEN_DELAYS] = wiring.delay_steps
    if connection.weights == PER_SYNAPSE and not has_slot(projection, names.GIVEN_WEIGHT):
        kept[names.GIVEN_WEIGHT] = projection.program.state.read(projection.place(names.WEIGHT))
    return kept


def has_slot(projection: Synapses, name: str) -> bool:
    """Whether a part of the list has a slot of its own."""
    return projection.program.state.slot(projection.place(name)).shape != (0,)


def refuse_lost(program: Program) -> None:
    """Raise BrokenNetwork if a network whose values can't be trusted has lists, which stand nowhere else."""
    lost = next(filter(list_of, program.projections.values()), None) if program.state.broken else None
    if lost is not None:
        what = f"the synapses of {lost.where} were given one by one, and are among the values that can't be trusted"
        raise BrokenNetwork(f"{what}: {program.state.broken}\n  help: load a whole file.")
