"""Networks made of blueprints: what handles were told, told again.

In: a blueprint, and the arrays that stand beside it. Out: a network, not compiled, whose blueprint it is. Nothing is
drawn, nothing is warned of, and nothing that was declared in this process is asked for. Called by ``copies.py``, and by
who opens files. A blueprint may come from a stranger: what can't be is refused by the name of its object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.blueprint.fields import shown, wrong
from engram.blueprint.records import (
    BesideRecord,
    Blueprint,
    ConnectorRecord,
    DistributionRecord,
    ListRecord,
    ModelRecord,
    MonitorRecord,
    PopulationRecord,
    PopulationStart,
    ProjectionRecord,
    ProjectionStart,
    Ranks,
    SideRecord,
    Value,
)
from engram.blueprint.values import beside, connector_of, distribution_of
from engram.errors import DamagedFile, EngramError
from engram.models.definition import Neuron, Synapse
from engram.network.blueprinting import blueprint_of
from engram.network.connect import Connection
from engram.network.constant import checked_constant
from engram.network.drafts import MonitorDraft, PopulationDraft, ProjectionDraft
from engram.network.implicit import implicit
from engram.network.learning import learning_steps
from engram.network.monitor import Monitor
from engram.network.population import Population
from engram.network.projection import Projection
from engram.network.stopping import stop_rule
from engram.network.units import steps_rounded
from engram.network.values import as_values
from engram.network.view import PopulationView
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.limits import Limit

if TYPE_CHECKING:
    from engram.ir.spec import Attribute
    from engram.models.definition import Definition
    from engram.network.network import Network
    from engram.network.stopping import StopRule

__all__ = ["Arrays", "adopt", "definition_of", "network_of"]

Array = npt.NDArray[Any]
Arrays = Callable[[str], Array]
"""Gives the array that stands beside a blueprint, by the path of its slot."""

LONGEST = 1000  # characters of what a message says of one object


def network_of(
    blueprint: Blueprint,
    arrays: Arrays | None = None,
    kind: type[Network] | None = None,
    definitions: Sequence[Definition] | None = None,
) -> Network:
    """Return the network that a blueprint describes, not compiled.

    Args:
        blueprint: that was checked when it was read.
        arrays: gives what stands beside it; None: nothing does.
        kind: class of the network. Its own constructor is not called.
        definitions: its models, where they are at hand; made of their records otherwise.

    Raises:
        DamagedFile: naming the first object that can't be.
    """
    settings, beside_it = blueprint.settings, arrays or _nothing
    kind = kind or implicit.kind
    network = kind.__new__(kind)
    implicit.kind.__init__(network, settings.dt_ms, settings.seed)
    keys = ("method", "event_clock", "dtype", "num_threads", "check_finite")
    network.config(**{key: getattr(settings, key) for key in keys})
    if settings.synapse_dtype != settings.dtype:
        network.config(synapse_dtype=settings.synapse_dtype)
    network._backend = settings.backend
    with _placed("constants"):
        network._constants = {one.name: checked_constant(one.name, one.value) for one in blueprint.constants}
    network._own_constants = {one.name for one in blueprint.constants if one.is_own}
    models = list(definitions) if definitions is not None else _models(blueprint)
    owners = (("populations", blueprint.populations), ("projections", blueprint.projections))
    network._said_uids = {f"{section}/{one.name}": one.uid for section, records in owners for one in records}
    for population in blueprint.populations:
        with _placed("population", population.name):
            _create(network, population, models[population.model], beside_it)
    for projection in blueprint.projections:
        with _placed("projection", projection.name):
            _connect(network, projection, models[projection.model], beside_it)
    network._said_uids = None
    for monitor in blueprint.monitors:
        with _placed("monitor", monitor.name):
            _record(network, monitor, beside_it)
    return network


def adopt(network: Network, blueprint: Blueprint, is_loaded: Callable[[str], bool] = bool) -> None:
    """Let a compiled network have begun as a blueprint says, once its values have come from the file of that blueprint.

    Where a draft says the same already it stays, with a generator of the user's own. Arrays are those of the tree: of
    refractory periods what they are now, as no file has others.

    Args:
        network: whose structure agrees.
        blueprint: of the file, whole.
        is_loaded: whether the values of an object have come from it, by its path; of all by default.

    Raises:
        DamagedFile: if something can't be; nothing has changed then.
    """
    own, arrays = blueprint_of(network), network._state.read
    drafts: list[tuple[Any, Any]] = []
    for owner, mine, its in _pairs(network._populations, own.populations, blueprint.populations, is_loaded):
        if mine.start != its.start:
            with _placed("population", owner.name):
                drafts.append((owner, _population_draft(owner, its.start, owner._draft.stop, arrays)))
    for owner, mine, its in _pairs(network._projections, own.projections, blueprint.projections, is_loaded):
        if (mine.start, mine.connector) != (its.start, its.connector):
            with _placed("projection", owner.name):
                is_same = mine.connector == its.connector or its.connector is None
                connection = owner._draft.connection if is_same else _connection(its.connector)
                drafts.append((owner, _projection_draft(owner, its.start, connection, arrays)))
    for monitor, mine, its in _pairs(network._monitors, own.monitors, blueprint.monitors, is_loaded):
        if mine != its:
            drafts.append((monitor, MonitorDraft(*_times(network, its), its.active)))
    constants = {one.name: one.value for one in blueprint.constants}
    for owner, draft in drafts:
        if isinstance(draft, ProjectionDraft) and draft.connection is not owner._draft.connection:
            owner._own_draws.pop("synapses", None)
        owner._draft = draft
    network._constants |= {name: constants[name] for name in network._constants.keys() & constants}
    network._first_seed = blueprint.settings.seed


def _pairs(
    known: dict[str, Any], mine: tuple[Any, ...], its: tuple[Any, ...], is_loaded: Callable[[str], bool]
) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (object, its record, that of a file) for all objects that both have and whose values come from it."""
    by_name = {record.name: record for record in its}
    for one in mine:
        if one.name in by_name and is_loaded(known[one.name]._path):
            yield known[one.name], one, by_name[one.name]


def _nothing(path: str) -> Array:
    raise DamagedFile(f"{path}: the array that stands beside the blueprint is missing")


@contextmanager
def _placed(what: str, name: str = "") -> Iterator[None]:
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


# -- models ------------------------------------------------------------------------------------------------


def _models(blueprint: Blueprint) -> list[Definition]:
    """Return the models of a blueprint, which must agree with its settings."""
    settings, found = blueprint.settings, []
    for k, record in enumerate(blueprint.models):
        definition = definition_of(record)
        expected = settings.method if definition.spec.asks_for_method else ""
        if record.method != expected:
            raise wrong(f"models[{k}].method", shown(expected), shown(record.method))
        if record.event_clock not in ("", settings.event_clock):
            raise wrong(f"models[{k}].event_clock", shown(settings.event_clock), shown(record.event_clock))
        found.append(definition)
    return found


def definition_of(record: ModelRecord) -> Definition:
    """Return the model of a record; the method stands in the network.

    Raises:
        DamagedFile: if there can be no such model.
    """
    texts: dict[str, Any] = dict(record.blocks)
    if record.drops_input:
        texts["refractory_input"] = "drop"
    limits = tuple(Limit(one.name, one.rule, one.why) for one in record.limits)
    kind: type[Definition] = Neuron if record.kind == "neuron" else Synapse
    with _placed("model", record.name or record.kind):
        facts = (record.constants, limits, record.event_clock or "exact")
        definition = kind.recorded(record.name, record.description, texts, *facts)
    what = f"the model {record.name or record.kind!r}"
    if definition.spec.constants != record.constants:
        lists = (", ".join(names) or "none" for names in (definition.spec.constants, record.constants))
        raise wrong(f"{what}: constants", *lists)
    if bool(definition.spec.last_slots) != bool(record.event_clock):
        expected = "one" if definition.spec.last_slots else "none, as nothing is event-driven"
        raise wrong(f"{what}: event_clock", expected, shown(record.event_clock))
    return definition


# -- objects -----------------------------------------------------------------------------------------------


def _create(network: Network, record: PopulationRecord, model: Definition, arrays: Arrays) -> None:
    population = Population(record.geometry, model, record.name, network=network)  # type: ignore[arg-type]  # a neuron
    if record.stop is not None:
        known = frozenset(network._constants) - {a.name for a in population._spec.attributes}
        population._draft.stop = stop_rule(population, record.stop, known)
    population._draft = _population_draft(population, record.start, population._draft.stop, arrays)


def _connect(network: Network, record: ProjectionRecord, model: Definition, arrays: Arrays) -> None:
    path = f"projections/{record.name}"
    pre = _side(network, record.pre, f"{path}/{names.PRE_PART}", arrays)
    post = _side(network, record.post, f"{path}/{names.POST_PART}", arrays)
    target: Any = record.targets[0] if len(record.targets) == 1 else list(record.targets)
    projection = Projection(pre, post, target, model, record.name, network=network)  # type: ignore[arg-type]  # a synapse
    if record.connector is not None:
        projection._draft.connection = _connection(record.connector)
        projection._check_connection(projection._draft.connection, network.dt, is_known=True)
    projection._draft = _projection_draft(projection, record.start, projection._draft.connection, arrays)


def _population_draft(
    population: Population, start: PopulationStart, stop: StopRule | None, arrays: Arrays
) -> PopulationDraft:
    """Return what a population was told, as a record says."""
    rest, what = start.refractory_ms, population._place(names.REFRACTORY)
    if rest is not None and not isinstance(population._spec.refractory, float):
        raise wrong(what, "none, as the model has no number for it", shown(rest) if isinstance(rest, float) else "some")
    given = arrays(what) if isinstance(rest, BesideRecord) else rest
    periods = None if given is None else as_values(given, np.dtype(np.float64), population.geometry, what)
    if periods is not None and not (periods >= 0).all():
        raise wrong(what, "ms, 0 or more", "less, or NaN")
    window = start.rate_window_ms
    if window and not (population.is_spiking and steps_rounded(window, population._network.dt, "window")):
        raise wrong(f"{population._path}: rate_window_ms", "0, or a step or more, of spiking neurons", shown(window))
    return PopulationDraft(_values(population, start.values, arrays), periods, window or None, start.enabled, stop)


def _projection_draft(
    projection: Projection, start: ProjectionStart, connection: Connection | None, arrays: Arrays
) -> ProjectionDraft:
    """Return what a projection was told, as a record says."""
    dt_ms, period, offset = projection._network.dt, start.learning_period_ms, start.learning_offset_ms
    learning_steps(dt_ms, period, offset)
    flags = {flag: getattr(start, flag) for flag in names.FLAGS}
    times = None if period == dt_ms else period, offset or None
    return ProjectionDraft(_values(projection, start.values, arrays), connection, flags, *times)


def _times(network: Network, record: MonitorRecord) -> tuple[float | None, float | None]:
    return None if record.period_ms == network.dt else record.period_ms, record.offset_ms or None


def _connection(record: ConnectorRecord) -> Connection:
    """Return what a connector method was asked for."""
    weights, delays = (
        distribution_of(value) if isinstance(value, DistributionRecord) else value
        for value in (record.weights, record.delays_ms)
    )
    return Connection(connector_of(record), weights, delays, record.allow_self, record.force_multiple_weights)


def _record(network: Network, record: MonitorRecord, arrays: Arrays) -> None:
    path = f"monitors/{record.name}/{names.PART}"
    whom = _side(network, SideRecord(record.population, record.ranks), path, arrays)
    Monitor(whom, list(record.variables), *_times(network, record), record.active, record.name, network=network)


def _side(network: Network, side: SideRecord, path: str, arrays: Arrays) -> Population | PopulationView:
    population = network._populations[side.population]
    return population if side.ranks is None else PopulationView(population, _ranks(side.ranks, path, arrays))


def _ranks(record: Ranks, path: str, arrays: Arrays) -> Array:
    if isinstance(record, BesideRecord):
        return _agreed(record, arrays(path), path)
    if isinstance(record, ListRecord):
        return np.array(record.ranks, np.int64)
    return np.concatenate([run.first + run.stride * np.arange(run.count, dtype=np.int64) for run in record.runs])


def _agreed(record: BesideRecord, array: Array, path: str) -> Array:
    """Return an array if it is the one that the blueprint speaks of."""
    found = beside(array)
    if found != record:
        expected, got = (f"{one.dtype} {one.shape} with the digest {one.digest}" for one in (record, found))
        raise wrong(path, expected, got)
    return array


# -- values that were assigned -----------------------------------------------------------------------------


def _values(owner: Population | Projection, values: tuple[tuple[str, Value], ...], arrays: Arrays) -> dict[str, Any]:
    return {name: _given_value(owner, name, value, arrays) for name, value in values}


def _given_value(owner: Population | Projection, name: str, value: Value, arrays: Arrays) -> Array | Distribution:
    """Return what an attribute was given before compile, as its owner keeps it.

    Raises:
        EngramError: if the attribute does not exist, or can't have it.
    """
    attribute = owner._spec.attribute(name)
    if attribute is None:
        raise owner._unknown(name)
    path = owner._place(name)
    if isinstance(value, DistributionRecord):
        if attribute.locality == "global":
            raise wrong(path, "one number", f"{value.name}, of which each element has its own")
        return distribution_of(value)
    given = _array(owner, attribute, value, arrays) if isinstance(value, BesideRecord) else value
    shape = owner._shape(attribute) if isinstance(value, BesideRecord) else ()
    exact = as_values(given, owner._exact(attribute.type), shape, path)
    rounded = owner._rounded(attribute, exact)
    if isinstance(value, BesideRecord):
        _agreed(value, rounded, owner._place(names.initial(name)))
    elif type(exact.item()) is not type(value):
        raise wrong(path, f"a value of type {attribute.type}", shown(value))
    owner._check_limit(name, exact)
    return exact


def _array(owner: Population | Projection, attribute: Attribute, value: BesideRecord, arrays: Arrays) -> Array:
    if owner._section == "projections" and attribute.locality == "local":
        raise wrong(owner._place(attribute.name), "a number or a distribution", f"an array of shape {value.shape}")
    return arrays(owner._place(names.initial(attribute.name)))
