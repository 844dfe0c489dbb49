"""Networks made of blueprints: what handles were told, told again.

In: a blueprint, and the arrays that stand beside it. Out: a network, not compiled, whose blueprint it is. Nothing is
drawn, nothing is warned of, and nothing that was declared in this process is asked for. Called by ``copies.py``, and by
who opens files. A blueprint may come from a stranger: what can't be is refused by the name of its object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from engram.blueprint.fields import shown, wrong
from engram.blueprint.records import (
    BesideRecord,
    Blueprint,
    ModelRecord,
    MonitorRecord,
    PopulationRecord,
    ProjectionRecord,
    Ranks,
    SideRecord,
)
from engram.blueprint.values import ranks_of
from engram.errors import DamagedFile
from engram.models.definition import Neuron, Synapse
from engram.network.backends import BACKENDS
from engram.network.constant import checked_constant
from engram.network.implicit import implicit
from engram.network.monitor import Monitor
from engram.network.population import Population
from engram.network.projection import Projection
from engram.network.starts import (
    Arrays,
    connection_of,
    monitor_times,
    placed,
    population_draft,
    projection_draft,
)
from engram.network.stopping import stop_rule
from engram.network.view import PopulationView
from engram.state import names
from engram.state.limits import Limit

if TYPE_CHECKING:
    from engram.models.definition import Definition
    from engram.network.network import Network

__all__ = ["definition_of", "network_of"]

Array = npt.NDArray[Any]


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
    settings, beside_it = blueprint.settings, arrays or Arrays(_nothing)
    kind = kind or implicit.kind
    network = kind.__new__(kind)
    implicit.kind.__init__(network, settings.dt_ms, settings.seed)
    keys = ("method", "event_clock", "dtype", "check_finite")
    network.config(**{key: getattr(settings, key) for key in keys})
    if settings.synapse_dtype != settings.dtype:
        network.config(synapse_dtype=settings.synapse_dtype)
    network._backend = BACKENDS[settings.backend]
    with placed("constants"):
        network._constants = {one.name: checked_constant(one.name, one.value) for one in blueprint.constants}
    network._own_constants = {one.name for one in blueprint.constants if one.is_own}
    models = list(definitions) if definitions is not None else _models(blueprint)
    owners = (("populations", blueprint.populations), ("projections", blueprint.projections))
    network._said_uids = {f"{section}/{one.name}": one.uid for section, records in owners for one in records}
    for population in blueprint.populations:
        with placed("population", population.name):
            _create(network, population, models[population.model], beside_it)
    for projection in blueprint.projections:
        with placed("projection", projection.name):
            _connect(network, projection, models[projection.model], beside_it)
    network._said_uids = None
    for monitor in blueprint.monitors:
        with placed("monitor", monitor.name):
            _record(network, monitor, beside_it)
    return network


def _nothing(path: str) -> Array:
    raise DamagedFile(f"{path}: the array that stands beside the blueprint is missing")


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
    with placed("model", record.name or record.kind):
        facts = (record.constants, limits, record.event_clock or "exact")
        definition = kind.recorded(record.name, record.description, texts, *facts)
    what = f"the model {record.name or record.kind!r}"
    if definition.spec.fingerprint != record.fingerprint:
        raise wrong(f"{what}: fingerprint", definition.spec.fingerprint, record.fingerprint)
    if definition.spec.constants != record.constants:
        lists = (", ".join(one) or "none" for one in (definition.spec.constants, record.constants))
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
    population._draft = population_draft(population, record.start, population._draft.stop, arrays)


def _connect(network: Network, record: ProjectionRecord, model: Definition, arrays: Arrays) -> None:
    path = f"projections/{record.name}"
    pre = _side(network, record.pre, f"{path}/{names.PRE_PART}", arrays)
    post = _side(network, record.post, f"{path}/{names.POST_PART}", arrays)
    target: Any = record.targets[0] if len(record.targets) == 1 else list(record.targets)
    projection = Projection(pre, post, target, model, record.name, network=network)  # type: ignore[arg-type]  # a synapse
    if record.connector is not None:
        projection._draft.connection = connection_of(projection, record.connector, arrays)
        projection._check_connection(projection._draft.connection, network.dt, is_known=True)
    projection._draft = projection_draft(projection, record.start, projection._draft.connection, arrays)


def _record(network: Network, record: MonitorRecord, arrays: Arrays) -> None:
    path = f"monitors/{record.name}/{names.PART}"
    whom = _side(network, SideRecord(record.population, record.ranks), path, arrays)
    Monitor(whom, list(record.variables), *monitor_times(network, record), record.active, record.name, network=network)


def _side(network: Network, side: SideRecord, path: str, arrays: Arrays) -> Population | PopulationView:
    population = network._populations[side.population]
    return population if side.ranks is None else PopulationView(population, _ranks(side.ranks, path, arrays))


def _ranks(record: Ranks, path: str, arrays: Arrays) -> Array:
    if isinstance(record, BesideRecord):
        return arrays.agreed(record, path)
    return ranks_of(record)
