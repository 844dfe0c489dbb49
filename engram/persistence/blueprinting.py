"""The blueprint of a network: what its handles were told, as records.

In: a network, before compile or after, or one of its objects. Out: a :class:`Blueprint`. What has become of values
since compile stands in the tree; here stands what they began with. Nothing here looks at synapses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engram.blueprint.records import (
    BesideRecord,
    Blueprint,
    ConnectorRecord,
    ConstantRecord,
    DistributionRecord,
    LimitRecord,
    ModelRecord,
    MonitorRecord,
    PopulationRecord,
    PopulationStart,
    ProjectionRecord,
    ProjectionStart,
    Ranks,
    Settings,
    SideRecord,
)
from engram.blueprint.values import beside, connector_facts, distribution_record, ranks_record, value_record
from engram.program.component import Component
from engram.program.given import Given, InSteps
from engram.program.list_records import given_list_of, record_of
from engram.program.listed import Listed
from engram.program.neurons import Neurons
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state.distributions import Distribution
from engram.wiring.kinds import NEAR

if TYPE_CHECKING:
    import numpy.typing as npt

    from engram.models.definition import Definition

__all__ = ["blueprint_of", "blueprint_of_one", "blueprint_of_some", "given_rest", "given_values", "model_record"]


def blueprint_of(program: Program) -> Blueprint:
    """Return what a network is."""
    populations, projections = [*program.populations.values()], [*program.projections.values()]
    return _blueprint(program, populations, projections, [*program.monitors.values()], program.slot_constants)


def blueprint_of_one(component: Neurons | Synapses) -> Blueprint:
    """Return what a population or projection is, with the populations at its ends and all that these need."""
    program = component.program
    projections = [component] if isinstance(component, Synapses) else []
    near = [component.pre.name, component.post.name] if isinstance(component, Synapses) else [component.name]
    populations = [population for name, population in program.populations.items() if name in near]
    read = program.read_constants([*populations, *projections])
    return _blueprint(program, populations, projections, [], sorted(read))


def blueprint_of_some(
    program: Program, populations: list[Neurons], projections: list[Synapses], monitors: list[Recorder]
) -> Blueprint:
    """Return what a network of some of its parts is."""
    return _blueprint(program, populations, projections, monitors, program.slot_constants)


def _blueprint(
    program: Program,
    populations: list[Neurons],
    projections: list[Synapses],
    monitors: list[Recorder],
    constants: list[str],
) -> Blueprint:
    config, models = program.config, _Models(program)
    return Blueprint(
        settings=Settings(
            dt_ms=config.dt,
            seed=program.first_seed if program.compiled else program.seed,
            method=config.method,
            event_clock=config.event_clock,
            dtype=config.precision.neurons,
            synapse_dtype=config.precision.synapses,
            backend=program.backend.name,
            check_finite=config.check_finite,
        ),
        populations=tuple(_population(one, models) for one in populations),
        projections=tuple(_projection(one, models) for one in projections),
        models=tuple(models.records),
        monitors=tuple(map(_monitor, monitors)),
        constants=tuple(
            ConstantRecord(name, program.constants[name], name in program.declared_constants) for name in constants
        ),
        notes=tuple(note for owner in (*populations, *projections) for note in _notes(owner)),
    )


# -- models ------------------------------------------------------------------------------------------------


class _Models:
    """The models of a network, numbered in the order in which they are asked for."""

    def __init__(self, program: Program) -> None:
        self._method = program.config.method
        self._numbers: dict[ModelRecord, int] = {}
        self._seen: dict[tuple[str, str], int] = {}

    @property
    def records(self) -> list[ModelRecord]:
        """All of them, each once."""
        return list(self._numbers)

    def number(self, definition: Definition) -> int:
        """Return the number of a model."""
        key = (definition.key, definition.description)  # the key is of the text: one look for many equal definitions
        if key not in self._seen:
            method = self._method if definition.spec.asks_for_method else ""  # where it integrates something
            record = replace(model_record(definition), method=method)
            self._seen[key] = self._numbers.setdefault(record, len(self._numbers))
        return self._seen[key]


def model_record(definition: Definition) -> ModelRecord:
    """Return the record of a model, but for the method of its equations that name none."""
    spec = definition.spec
    return ModelRecord(
        kind=spec.kind,
        blocks=tuple(sorted((name, text) for name, text in spec.blocks if name != "refractory_input")),
        constants=spec.constants,
        drops_input=spec.drops_input,
        method="",
        event_clock=definition._event_clock if spec.last_slots else "",
        limits=tuple(LimitRecord(limit.name, limit.rule, limit.why) for limit in spec.limits),
        name=definition.name,
        description=definition.description,
        fingerprint=spec.fingerprint,
    )


# -- objects -----------------------------------------------------------------------------------------------


def given_values(component: Neurons | Synapses) -> Iterator[tuple[str, Any]]:
    """Yield the names of attributes and what they were given before compile, not rounded.

    What some neurons were given, or one number drawn for all, are the values for the seed of now.
    """
    for name, given in sorted(component.draft.values.items()):
        attribute = component.attribute(name)
        if attribute.is_table and component.program.compiled:
            continue  # it stands in its slot, to which nothing returns
        if isinstance(given, InSteps):
            yield name, given.ms
        else:
            yield name, component.given_value(attribute) if isinstance(given, Given) else given


def _values(component: Neurons | Synapses) -> tuple[tuple[str, Any], ...]:
    """Return records of what was given; of arrays as the network stores them: no file has more of what was rounded."""
    found = []
    for name, given in given_values(component):
        is_array = not isinstance(given, Distribution) and given.ndim > 0
        is_in_ms = isinstance(component.draft.values[name], InSteps)
        kept = given if is_in_ms or not is_array else component.rounded(component.attribute(name), given)
        found.append((name, value_record(kept)))
    return tuple(found)


def _population(population: Neurons, models: _Models) -> PopulationRecord:
    draft = population.draft
    window = draft.rate_window_ms
    return PopulationRecord(
        name=population.name,
        uid=population.uid,
        geometry=population.geometry,
        model=models.number(population.definition),
        stop=None if draft.stop is None else draft.stop.printed,
        start=PopulationStart(
            values=_values(population),
            refractory_ms=_rest(population),
            rate_window_ms=0.0 if window is None else window,
            **draft.flags,
        ),
    )


def _rest(population: Neurons) -> float | DistributionRecord | BesideRecord | None:
    rest = given_rest(population)
    if isinstance(rest, Distribution):
        return distribution_record(rest)
    if rest is None or rest.ndim == 0:
        return None if rest is None else float(rest)
    return beside(rest.astype(population.dtype("float")))


def given_rest(population: Neurons) -> npt.NDArray[Any] | Distribution | None:
    """Return the refractory periods that were given before compile, those of some neurons for the seed of now."""
    given = population.draft.refractory_ms
    return population.refractory_ms() if isinstance(given, Given) else given


def _side(population: Neurons, ranks: npt.NDArray[Any] | None) -> SideRecord:
    return SideRecord(population.name, None if ranks is None else ranks_record(ranks))


def _projection(projection: Synapses, models: _Models) -> ProjectionRecord:
    draft = projection.draft
    return ProjectionRecord(
        name=projection.name,
        uid=projection.uid,
        pre=_side(projection.pre, projection.pre_ranks),
        post=_side(projection.post, projection.post_ranks),
        targets=projection.targets,
        model=models.number(projection.definition),
        connector=_connector(projection),
        start=ProjectionStart(
            values=_values(projection),
            **draft.flags,
            learning_period_ms=_ms(draft.learning_period_ms, projection.program.dt),
            learning_offset_ms=_ms(draft.learning_offset_ms, 0.0),
        ),
    )


def _connector(projection: Synapses) -> ConnectorRecord | None:
    asked = projection.draft.connection
    if asked is None:
        return None
    if isinstance(asked.connector, Listed):
        return asked.connector.record
    given = given_list_of(projection)
    if given is not None:
        return record_of(projection, given, asked.force_multiple_weights)
    pattern, arguments = connector_facts(asked.connector)
    said = 1.0 if asked.connector.kind == NEAR else asked.weights  # it gives weights itself
    weights, delays = (_number_or_record(value) for value in (said, asked.delays))
    return ConnectorRecord(pattern, arguments, weights, delays, bool(asked.allow_self), asked.force_multiple_weights)


def _number_or_record(value: float | Distribution) -> float | DistributionRecord:
    return distribution_record(value) if isinstance(value, Distribution) else float(value)


def _monitor(monitor: Recorder) -> MonitorRecord:
    ranks: Ranks | None = None if monitor.ranks is None else ranks_record(monitor.ranks)
    return MonitorRecord(
        name=monitor.name,
        population=monitor.population.name,
        ranks=ranks,
        variables=monitor.variables,
        period_ms=_ms(monitor.draft.period_ms, monitor.program.dt),
        offset_ms=_ms(monitor.draft.offset_ms, 0.0),
        active=monitor.draft.active,
        projection=None if monitor.projection is None else monitor.projection.name,
    )


def _ms(given: float | None, default: float) -> float:
    return default if given is None else float(given)


def _notes(component: Component) -> Iterator[str]:
    """Name what is drawn from generators of the user's own, which are no data."""
    drawn = {a.name: component.draft.values.get(a.name, a.default) for a in component.spec.attributes}
    asked = component.draft.connection if isinstance(component, Synapses) else None
    if asked is not None:
        drawn |= {"the connector's weights": asked.weights, "the connector's delays": asked.delays}
    for name, value in drawn.items():
        if isinstance(value, Distribution) and value.rng is not None:
            what = f"{component.path}: {name}: {value!r} is drawn from a generator of its own, which is not recorded"
            yield f"{what}; where it is drawn again, the seed decides"
