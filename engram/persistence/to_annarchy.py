"""Files of engram as ANNarchy's: what such files can hold of a network, in the form that they have.

In: a file that was opened. Out: ``Content``: attributes, and synapses one post neuron after the other. What else a
file of engram's holds, spikes in flight first of all, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engram.persistence.opening import definition_of
from engram.state import names
from engram.state.slots import Layout
from engram.storage.annarchy.content import AnnarchyPopulation, AnnarchyProjection, Content

if TYPE_CHECKING:
    from engram.blueprint.records import PopulationRecord, ProjectionRecord
    from engram.ir.spec import Attribute
    from engram.persistence.reading import File

__all__ = ["as_annarchy"]

Array = npt.NDArray[Any]
Values: TypeAlias = Mapping[str, Array]
Attributes: TypeAlias = "Sequence[Attribute]"


def as_annarchy(file: File) -> Content:
    """Return what of a file of engram's a file of ANNarchy can hold.

    Raises:
        DamagedFile: if it is damaged.
    """
    said, dt_ms = file.blueprint, file.blueprint.settings.dt_ms
    attributes = [definition_of(model).spec.attributes for model in said.models]
    slots = {entry.slot.path: entry.slot for entry in file.manifest.entries}
    owners = {slot.owner for slot in slots.values()}
    wanted = {path for path, slot in slots.items() if slot.layout is Layout.PLAIN and slot.owner != names.NETWORK}
    values = {
        path: np.concatenate([*pieces, np.zeros(0, slots[path].dtype)]).reshape(slots[path].shape)
        for path, pieces in file.each()
        if path in wanted
    }
    populations = {
        one.name: _population(one, attributes[one.model], values)
        for one in said.populations
        if f"populations/{one.name}" in owners
    }
    projections = {
        one.name: _projection(one, attributes[one.model], values, dt_ms)
        for one in said.projections
        if f"projections/{one.name}" in owners
    }
    return Content(file.kind, file.step if file.kind == "network" else None, populations, projections)


def _population(record: PopulationRecord, attributes: Attributes, values: Values) -> AnnarchyPopulation:
    place = f"populations/{record.name}/"
    of_model = {one.name: values[place + one.name] for one in attributes if not one.is_table}
    parameters = frozenset(one.name for one in attributes if not one.is_variable)
    start = place + names.conductance("")
    conductances = {path.removeprefix(place): value for path, value in values.items() if path.startswith(start)}
    return AnnarchyPopulation(record.name, record.geometry, {**of_model, **conductances}, parameters)


def _projection(record: ProjectionRecord, attributes: Attributes, values: Values, dt_ms: float) -> AnnarchyProjection:
    place = f"projections/{record.name}/"
    rows, by = values[place + names.ROW_START], "pre" if place + names.POST_RANKS in values else "post"
    ranks = values[place + (names.POST_RANKS if by == "pre" else names.PRE_RANKS)].astype(np.int64)
    row = np.repeat(np.arange(len(rows) - 1), np.diff(rows))
    pre, post = (row, ranks) if by == "pre" else (ranks, row)
    order = np.lexsort((pre, post))
    post_ranks, lengths = np.unique(post, return_counts=True)
    row_start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def of_annarchy(name: str, locality: str) -> Array:
        value = values[place + name]
        if locality == "semiglobal":
            return value[post_ranks]
        if value.ndim == 2:  # one for all synapses of a neuron
            value = value[0, post] if len(value) == 1 else value[pre, 0]
        return value[order] if value.ndim else value

    localities = {names.WEIGHT: "local", **{one.name: one.locality for one in attributes}}
    return AnnarchyProjection(
        record.name,
        record.pre.population,
        record.post.population,
        record.targets,
        post_ranks,
        row_start,
        pre[order],
        of_annarchy(names.DELAY_STEPS, "local") * np.float64(dt_ms),
        None,
        {name: of_annarchy(name, locality) for name, locality in localities.items()},
        frozenset(localities) - {one.name for one in attributes if one.is_variable},
    )
