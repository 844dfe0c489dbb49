"""Drafts made of records: what a blueprint says of how objects begin, as handles keep it.

In: records of starts, and the arrays that stand beside them. Out: drafts, for networks that are made of blueprints
(``opening.py``) and for networks that go on as a file says (``adopting.py``). What can't be is the blueprint's fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.blueprint.fields import shown, wrong
from engram.blueprint.given import is_given
from engram.blueprint.records import (
    BesideRecord,
    ConnectorRecord,
    DistributionRecord,
    MonitorRecord,
    PopulationStart,
    ProjectionStart,
    Value,
)
from engram.blueprint.values import beside, connector_of, distribution_of
from engram.errors import DamagedFile, EngramError
from engram.persistence.lists import given_of
from engram.program.component import Component
from engram.program.drafts import PER_SYNAPSE, Connection, PopulationDraft, ProjectionDraft, StopRule
from engram.program.given import InSteps
from engram.program.learning import learning_steps
from engram.program.limits import check_limit
from engram.program.listed import Listed
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.synapses import Synapses
from engram.program.units import steps_rounded
from engram.program.values import as_values
from engram.state import names
from engram.state.distributions import Distribution
from engram.wiring.kinds import NEAR

if TYPE_CHECKING:
    from engram.ir.spec import Attribute

__all__ = ["Arrays", "connection_of", "monitor_times", "placed", "population_draft", "projection_draft"]

Array = npt.NDArray[Any]


class Arrays(NamedTuple):
    """What stands beside a blueprint.

    Args:
        read: gives an array by the path of its slot.
        is_checked: whether it must be the one of which the blueprint has the digest.
        has_values: whether there are those of starts; they are left out where the tree does not have them yet.
        has_lists: whether there are those of given lists; else they stand in the tree, or will.
    """

    read: Callable[[str], Array]
    is_checked: bool = True
    has_values: bool = True
    has_lists: bool = True

    def agreed(self, record: BesideRecord, path: str) -> Array:
        """Return an array; raises DamagedFile if it is not the one that the blueprint speaks of."""
        array = self.read(path)
        self.check(record, array, path)
        return array

    def check(self, record: BesideRecord, array: Array, path: str) -> None:
        """Raise DamagedFile if an array is not the one that the blueprint speaks of."""
        found = beside(array) if self.is_checked else record
        if found != record:
            expected, got = (f"{one.dtype} {one.shape} with the digest {one.digest}" for one in (record, found))
            raise wrong(path, expected, got)


LONGEST = 1000  # characters of what a message says of one object


@contextmanager
def placed(what: str, name: str = "") -> Iterator[None]:
    """Let what is wrong be the fault of the blueprint, at a place."""
    try:
        yield
    except DamagedFile:
        raise
    except EngramError as error:
        text = str(error)
        text = text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
        place = f"{what} {name!r}" if name else what
        raise DamagedFile(f"the blueprint describes what can't be: {place}\n  {text}") from error


def population_draft(
    population: Neurons, start: PopulationStart, stop: StopRule | None, arrays: Arrays
) -> PopulationDraft:
    """Return what a population was told, as a record says."""
    rest, what = start.refractory_ms, population.place(names.REFRACTORY)
    if rest is not None and not isinstance(population.spec.refractory, float):
        raise wrong(what, "none, as the model has no number for it", shown(rest) if isinstance(rest, float) else "some")
    given: Any = rest
    if isinstance(rest, DistributionRecord):
        given = distribution_of(rest)
    elif isinstance(rest, BesideRecord):  # users can set it later, so that it may be another by now
        given = arrays.read(what) if arrays.has_values else None
    periods = given
    if given is not None and not isinstance(given, Distribution):
        periods = as_values(given, np.dtype(np.float64), population.geometry, what)
        if not (periods >= 0).all():
            raise wrong(what, "ms, 0 or more", "less, or NaN")
    window = start.rate_window_ms
    if window and not (population.is_spiking and steps_rounded(window, population.program.dt, "window")):
        raise wrong(f"{population.path}: rate_window_ms", "0, or a step or more, of spiking neurons", shown(window))
    flags = {flag: getattr(start, flag) for flag in names.FLAGS["populations"]}
    values = _values(population, start.values, arrays)
    return PopulationDraft(values, flags, periods, window or None, stop)


def projection_draft(
    projection: Synapses, start: ProjectionStart, connection: Connection | None, arrays: Arrays
) -> ProjectionDraft:
    """Return what a projection was told, as a record says."""
    dt_ms, period, offset = projection.program.dt, start.learning_period_ms, start.learning_offset_ms
    learning_steps(dt_ms, period, offset)
    flags = {flag: getattr(start, flag) for flag in names.FLAGS["projections"]}
    times = None if period == dt_ms else period, offset or None
    return ProjectionDraft(_values(projection, start.values, arrays), flags, connection, *times)


def monitor_times(program: Program, record: MonitorRecord) -> tuple[float | None, float | None]:
    """Return the period and the offset that a monitor was given; None where they go without saying."""
    return None if record.period_ms == program.dt else record.period_ms, record.offset_ms or None


def connection_of(projection: Synapses, record: ConnectorRecord, arrays: Arrays) -> Connection:
    """Return what a connector method was asked for."""
    if is_given(record):
        given: Any = (
            given_of(projection, record, arrays.read, arrays.is_checked) if arrays.has_lists else Listed(record)
        )
        said: list[Any] = [
            PER_SYNAPSE if isinstance(one, BesideRecord) else one for one in (record.weights, record.delays_ms)
        ]
        return Connection(given, said[0], said[1], True, record.force_multiple_weights)
    weights, delays = (_number_or_distribution(value) for value in (record.weights, record.delays_ms))
    connector = connector_of(record)
    if connector.kind == NEAR:
        weights = PER_SYNAPSE
    return Connection(connector, weights, delays, record.allow_self, record.force_multiple_weights)


def _number_or_distribution(value: float | DistributionRecord | BesideRecord) -> float | Distribution:
    if isinstance(value, BesideRecord):  # checks.py refuses it in what comes from outside
        raise wrong("weights and delays of a rule", "numbers or distributions", "an array")
    return distribution_of(value) if isinstance(value, DistributionRecord) else value


# -- values ------------------------------------------------------------------------------------------------


def _values(owner: Component, values: tuple[tuple[str, Value], ...], arrays: Arrays) -> dict[str, Any]:
    return {
        name: _given_value(owner, name, value, arrays)
        for name, value in values
        if arrays.has_values or not isinstance(value, BesideRecord)
    }


def _given_value(owner: Component, name: str, value: Value, arrays: Arrays) -> Array | Distribution | InSteps:
    """Return what an attribute was given before compile, as its owner keeps it.

    Raises:
        EngramError: if the attribute does not exist, or can't have it.
    """
    attribute = owner.spec.attribute(name)
    if attribute is None:
        raise owner.unknown(name)
    path = owner.place(name)
    if isinstance(value, DistributionRecord):
        if attribute.locality == "global":
            raise wrong(path, "one number", f"{value.name}, of which each element has its own")
        return distribution_of(value)
    given = _array(owner, attribute, value, arrays) if isinstance(value, BesideRecord) else value
    if attribute.is_table and attribute.type == "int" and isinstance(value, BesideRecord) and value.dtype == "<f8":
        in_ms = np.asarray(given, np.float64)
        arrays.check(value, in_ms, owner.place(names.initial(name)))
        return InSteps(in_ms)
    shape = owner.shape(attribute) if isinstance(value, BesideRecord) else ()
    if attribute.is_table and isinstance(value, BesideRecord) and value.shape[1:] == shape[1:]:
        shape = value.shape
    exact = as_values(given, owner.exact(attribute.type), shape, path)
    rounded = owner.rounded(attribute, exact)
    if isinstance(value, BesideRecord):
        arrays.check(value, rounded, owner.place(names.initial(name)))
    elif type(exact.item()) is not type(value):
        raise wrong(path, f"a value of type {attribute.type}", shown(value))
    if arrays.is_checked or not isinstance(value, BesideRecord):
        check_limit(owner, name, exact)
    return exact


def _array(owner: Component, attribute: Attribute, value: BesideRecord, arrays: Arrays) -> Array:
    if isinstance(owner, Synapses) and attribute.locality == "local":
        raise wrong(owner.place(attribute.name), "a number or a distribution", f"an array of shape {value.shape}")
    return arrays.read(owner.place(names.initial(attribute.name)))
