"""Given lists of synapses in files and copies: adopted by whole loads, and made lists again of what stands beside.

In: projections with lists, records, arrays. Out: drafts that have lists. ``program/listed.py`` says
where a list stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.blueprint.fields import wrong
from engram.blueprint.given import of_given
from engram.blueprint.records import BesideRecord, Blueprint, ConnectorRecord
from engram.errors import DamagedFile, InvalidArgument
from engram.program.list_records import given_list_of, record_of, weights_record
from engram.program.listed import Listed, has_slot, list_of, restored
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.digest import type_code
from engram.wiring.connectivity import Connectivity
from engram.wiring.listed import ONE_STEP, GivenList

__all__ = ["adopt_list", "given_arrays", "given_of", "with_rounded_lists"]

Array = npt.NDArray[Any]
EXACT_DELAYS = f"{names.GIVEN_DELAYS}_ms"  # of a network that is not compiled


def adopt_list(projection: Synapses) -> None:
    """Let a list that was loaded be the projection's: its weights may have another dtype here than in the file.

    Raises:
        DamagedFile: if what stands beside the synapses is no list.
    """
    connection = list_of(projection)
    if connection is None or not isinstance(connection.connector, Listed):
        return
    record = connection.connector.record
    if has_slot(projection, names.GIVEN_ROWS):
        with _undamaged(projection):
            restored(projection, record).connectivity.check()
    weights = record.weights
    if isinstance(weights, BesideRecord) and weights.dtype != type_code(projection.dtype("float")):
        record = replace(record, weights=weights_record(projection))
        projection.draft.connection = replace(connection, connector=Listed(record))


@contextmanager
def _undamaged(projection: Synapses) -> Iterator[None]:
    """Let arrays that are no list be the fault of where they come from."""
    try:
        yield
    except InvalidArgument as error:
        raise DamagedFile(f"{projection.path}: the given list is damaged: {error}") from error


def with_rounded_lists(program: Program, blueprint: Blueprint) -> Blueprint:
    """Return the blueprint of a network with the records of its lists as they are in the dtype of its weights."""
    connectors = ((p.name, c.connector) for p in program.projections.values() if (c := list_of(p)) is not None)
    lists = {name: connector.record for name, connector in connectors if isinstance(connector, Listed)}
    if not lists:
        return blueprint
    projections = (replace(one, connector=lists.get(one.name, one.connector)) for one in blueprint.projections)
    return replace(blueprint, projections=tuple(projections))


# -- copies ------------------------------------------------------------------------------------------------


def given_arrays(projection: Synapses) -> dict[str, Array]:
    """Return what stands beside the blueprint for a list that is not compiled, by path: not rounded."""
    given = given_list_of(projection)
    if given is None:
        return {}
    parts = {names.GIVEN_ROWS: given.row_start, names.GIVEN_RANKS: given.ranks}
    parts |= {names.GIVEN_WEIGHT: given.weights, EXACT_DELAYS: given.delays_ms}
    return {projection.place(name): array for name, array in parts.items() if array.ndim}


def given_of(
    projection: Synapses, record: ConnectorRecord, read: Callable[[str], Array], is_checked: bool
) -> GivenList:
    """Return the list of a record, of a network that is not compiled.

    Args:
        read: gives the arrays beside the record, by path.
        is_checked: whether they must be those of which the record has the digests.

    Raises:
        DamagedFile: if the arrays are not those of the record.
    """
    row_start, ranks = (read(projection.place(name)) for name in (names.GIVEN_ROWS, names.GIVEN_RANKS))
    weights, delays_ms = (
        np.array(number) if isinstance(number, float) else read(projection.place(name))
        for name, number in ((names.GIVEN_WEIGHT, record.weights), (EXACT_DELAYS, record.delays_ms))
    )
    n_pre, n_post = projection.pre.size, projection.post.size
    with _undamaged(projection):
        Connectivity(projection.by, n_pre, n_post, row_start, ranks, ONE_STEP).check()
    if any(array.shape not in ((), ranks.shape) for array in (weights, delays_ms)):
        raise wrong(projection.path, "a weight and a delay for each synapse of its list", "others")
    given = GivenList(projection.by, n_pre, n_post, row_start, ranks, weights, delays_ms)
    if is_checked and record_of(projection, given, record.force_multiple_weights) != record:
        digest = of_given(record)[names.GIVEN_RANKS].digest
        raise wrong(projection.path, f"the given list with the digest {digest}", "another")
    return given
