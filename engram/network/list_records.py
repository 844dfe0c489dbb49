"""Records of given lists: made when a network is compiled, adopted by whole loads, and made lists again in copies.

In: projections with lists. Out: records, and drafts that have them. Called by :class:`Network`, ``blueprinting.py``,
``starts.py``, and by who loads and copies; ``listed.py`` says where a list stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.errors import DamagedFile, InvalidArgument
from engram.network.listed import EXACT_DELAYS, Listed, has_list, has_own, restored
from engram.state import names

if TYPE_CHECKING:
    from engram.blueprint.records import BesideRecord, Blueprint, ConnectorRecord
    from engram.network.network import Network
    from engram.network.projection import Projection
    from engram.network.starts import Arrays
    from engram.wiring.listed import GivenList

__all__ = ["adopt_list", "given_arrays", "given_of", "record_of", "settle", "with_own_lists"]

Array = npt.NDArray[Any]


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
    if has_own(projection, names.GIVEN_ROWS):
        try:
            restored(projection, record).connectivity.check()
        except InvalidArgument as error:
            raise DamagedFile(f"{projection._path}: the given list is damaged: {error}") from error
    weights = of_given(record).get(names.GIVEN_WEIGHT)
    if weights is not None and weights.dtype != type_code(projection._dtype("float")):
        name = names.GIVEN_WEIGHT if has_own(projection, names.GIVEN_WEIGHT) else names.WEIGHT
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
    weights = names.GIVEN_WEIGHT if has_own(projection, names.GIVEN_WEIGHT) else names.WEIGHT
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
