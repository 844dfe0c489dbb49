"""Programs made of blueprints: what their components were told, told again.

In: a blueprint, and the arrays that stand beside it. Out: a program, not compiled, whose blueprint it is. Nothing is
drawn, nothing is warned of, and nothing that was declared in this process is asked for. A blueprint may come from a
stranger: what can't be is refused by the name of its object.
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
from engram.models.definition import Neuron, Synapse, as_definition
from engram.persistence.starts import (
    Arrays,
    connection_of,
    monitor_times,
    placed,
    population_draft,
    projection_draft,
)
from engram.program.backends import BACKENDS
from engram.program.building import add_recorder
from engram.program.config import Config, changed
from engram.program.constants import checked_constant
from engram.program.creating import check_connection, new_population, new_projection
from engram.program.drafts import MonitorDraft
from engram.program.program import Program
from engram.program.ranks import checked_ranks
from engram.program.recorder import Recorder
from engram.program.stopping import stop_rule
from engram.program.synapses import Side, Synapses
from engram.state import names
from engram.state.limits import Limit

if TYPE_CHECKING:
    from engram.models.definition import Definition

__all__ = ["definition_of", "program_of"]

Array = npt.NDArray[Any]


def program_of(
    blueprint: Blueprint, arrays: Arrays | None = None, definitions: Sequence[Definition] | None = None
) -> Program:
    """Return the program that a blueprint describes, not compiled.

    Args:
        blueprint: that was checked when it was read.
        arrays: gives what stands beside it; None: nothing does.
        definitions: its models, where they are at hand; made of their records otherwise.

    Raises:
        DamagedFile: naming the first object that can't be.
    """
    settings, beside_it = blueprint.settings, arrays or Arrays(_nothing)
    keys = ("method", "event_clock", "dtype", "check_finite", "seed")
    given = {"dt": settings.dt_ms, **{key: getattr(settings, key) for key in keys}}
    if settings.synapse_dtype != settings.dtype:
        given["synapse_dtype"] = settings.synapse_dtype
    program = Program(changed(Config(), given), BACKENDS[settings.backend])
    with placed("constants"):
        program.constants = {one.name: checked_constant(one.name, one.value) for one in blueprint.constants}
    program.declared_constants = {one.name for one in blueprint.constants if one.is_own}
    models = list(definitions) if definitions is not None else _models(blueprint)
    owners = (("populations", blueprint.populations), ("projections", blueprint.projections))
    program.said_uids = {f"{section}/{one.name}": one.uid for section, records in owners for one in records}
    for population in blueprint.populations:
        with placed("population", population.name):
            _create(program, population, models[population.model], beside_it)
    for projection in blueprint.projections:
        with placed("projection", projection.name):
            _connect(program, projection, models[projection.model], beside_it)
    program.said_uids = None
    for monitor in blueprint.monitors:
        with placed("monitor", monitor.name):
            _record(program, monitor, beside_it)
    return program


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


def _create(program: Program, record: PopulationRecord, model: Definition, arrays: Arrays) -> None:
    population = new_population(program, record.name, as_definition(model, Neuron, "neuron"), record.geometry)
    if record.stop is not None:
        known = frozenset(program.constants) - {a.name for a in population.spec.attributes}
        population.draft.stop = stop_rule(population, record.stop, known)
    population.draft = population_draft(population, record.start, population.draft.stop, arrays)


def _connect(program: Program, record: ProjectionRecord, model: Definition, arrays: Arrays) -> None:
    path = f"{Synapses.section}/{record.name}"
    pre = _side(program, record.pre, f"{path}/{names.PRE_PART}", arrays)
    post = _side(program, record.post, f"{path}/{names.POST_PART}", arrays)
    target: Any = record.targets[0] if len(record.targets) == 1 else list(record.targets)
    synapse = as_definition(model, Synapse, "synapse")
    projection = new_projection(program, record.name, synapse, pre, post, target)
    if record.connector is not None:
        projection.draft.connection = connection_of(projection, record.connector, arrays)
        check_connection(projection, projection.draft.connection, program.dt, is_known=True)
    projection.draft = projection_draft(projection, record.start, projection.draft.connection, arrays)


def _record(program: Program, record: MonitorRecord, arrays: Arrays) -> None:
    path = f"{Recorder.section}/{record.name}/{names.PART}"
    whom, ranks = _side(program, SideRecord(record.population, record.ranks), path, arrays)
    draft = MonitorDraft(*monitor_times(program, record), record.active)
    projection = None if record.projection is None else program.projections[record.projection]
    add_recorder(Recorder(program, record.name, whom, ranks, record.variables, draft, projection))


def _side(program: Program, side: SideRecord, path: str, arrays: Arrays) -> Side:
    population = program.populations[side.population]
    if side.ranks is None:
        return population, None
    return population, checked_ranks(population, _ranks(side.ranks, path, arrays))


def _ranks(record: Ranks, path: str, arrays: Arrays) -> Array:
    if isinstance(record, BesideRecord):
        return arrays.agreed(record, path)
    return ranks_of(record)
