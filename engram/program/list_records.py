"""Records of given lists: of one that is not compiled yet, and of those that stand in the tree alone from compile on.

In: projections with lists. Out: records, and drafts that have them. ``listed.py`` says where a list
stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engram.program.drafts import Connection
from engram.program.listed import Listed, has_slot, list_of
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state import names

if TYPE_CHECKING:
    from engram.blueprint.records import BesideRecord, ConnectorRecord
    from engram.wiring.listed import GivenList

__all__ = ["given_list_of", "record_of", "settle", "weights_record"]


def given_list_of(projection: Synapses) -> GivenList | None:
    """Return the list of a projection, while it does not stand in the tree."""
    connection = list_of(projection)
    if connection is None or isinstance(connection.connector, Listed):
        return None
    return connection.connector  # type: ignore[return-value]  # there are two kinds of lists


def settle(program: Program) -> None:
    """Let the lists of a network that was just compiled stand in the tree alone."""
    for projection in program.projections.values():
        given, connection = given_list_of(projection), list_of(projection)
        if given is not None and connection is not None:
            record = _record_of_tree(projection, given, connection)
            projection.draft.connection = replace(connection, connector=Listed(record))


def _record_of_tree(projection: Synapses, given: GivenList, connection: Connection) -> ConnectorRecord:
    from engram.blueprint.given import given_record  # with lists: importing engram must be quick

    return given_record(
        _beside(projection, names.ROW_START),
        _beside(projection, projection.ranks_name),
        weights_record(projection) if given.weights.ndim else float(given.weights),
        _beside(projection, names.DELAY_STEPS) if given.delays_ms.ndim else float(given.delays_ms),
        connection.force_multiple_weights,
    )


def weights_record(projection: Synapses) -> BesideRecord:
    """Return the record of the weights of a list, wherever they stand in the tree."""
    return _beside(projection, names.GIVEN_WEIGHT if has_slot(projection, names.GIVEN_WEIGHT) else names.WEIGHT)


def _beside(projection: Synapses, name: str) -> BesideRecord:
    from engram.blueprint.records import BesideRecord
    from engram.state.digest import digest_leaf, type_code

    leaf = projection.program.state.leaf(projection.place(name))
    code: Any = type_code(leaf.slot.dtype)  # one of those that a record can have
    return BesideRecord(code, leaf.slot.shape, digest_leaf(leaf))


def record_of(projection: Synapses, given: GivenList, force_multiple_weights: bool) -> ConnectorRecord:
    """Return the record of a list that is not compiled yet, as it would be compiled now."""
    from engram.blueprint.given import described, given_record
    from engram.blueprint.values import beside

    program = projection.program
    wired = given.wired(program.dt, projection.dtype("float"), threads=program.threads)
    wiring = wired.connectivity
    return given_record(
        beside(wiring.row_start),
        beside(wiring.ranks),
        described(wired.weights) if given.weights.ndim else float(given.weights),
        beside(wiring.delay_steps) if given.delays_ms.ndim else float(given.delays_ms),
        force_multiple_weights,
    )
