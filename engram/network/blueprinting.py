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
from engram.network.given import Given
from engram.network.list_records import record_of
from engram.network.listed import Listed, has_list
from engram.state.distributions import Distribution
from engram.wiring.pattern import NEAR

if TYPE_CHECKING:
    import numpy.typing as npt

    from engram.models.definition import Definition
    from engram.network.monitor import Monitor
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection
    from engram.network.view import PopulationView

__all__ = ["blueprint_of", "blueprint_of_one", "given_values", "model_record"]

Owner = Any  # Population | Projection


def blueprint_of(network: Network) -> Blueprint:
    """Return what a network is."""
    populations, projections = [*network._populations.values()], [*network._projections.values()]
    return _blueprint(network, populations, projections, [*network._monitors.values()], network._slot_constants)


def blueprint_of_one(owner: Owner) -> Blueprint:
    """Return what a population or projection is, with the populations at its ends and all that these need."""
    network: Network = owner._network
    is_projection = owner._section == "projections"
    near = [owner._pre.name, owner._post.name] if is_projection else [owner.name]
    populations = [population for name, population in network._populations.items() if name in near]
    projections = [owner] if is_projection else []
    read = network._read_constants([*populations, *projections])
    return _blueprint(network, populations, projections, [], sorted(read))


def _blueprint(
    network: Network,
    populations: list[Population],
    projections: list[Projection],
    monitors: list[Monitor],
    constants: list[str],
) -> Blueprint:
    config, models = network._config, _Models(network)
    return Blueprint(
        settings=Settings(
            dt_ms=config.dt,
            seed=network._first_seed if network.compiled else network.seed,
            method=config.method,  # type: ignore[arg-type]  # config.py checked it
            event_clock=config.event_clock,
            dtype=config.precision.neurons,
            synapse_dtype=config.precision.synapses,
            backend=network._backend.name,
            check_finite=config.check_finite,
        ),
        populations=tuple(_population(one, models) for one in populations),
        projections=tuple(_projection(one, models) for one in projections),
        models=tuple(models.records),
        monitors=tuple(map(_monitor, monitors)),
        constants=tuple(
            ConstantRecord(name, network._constants[name], name in network._own_constants) for name in constants
        ),
        notes=tuple(note for owner in (*populations, *projections) for note in _notes(owner)),
    )


# -- models ------------------------------------------------------------------------------------------------


class _Models:
    """The models of a network, numbered in the order in which they are asked for."""

    def __init__(self, network: Network) -> None:
        self._method = network._config.method
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
            record = replace(model_record(definition), method=method)  # type: ignore[arg-type]  # config.py checked it
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


def given_values(owner: Owner) -> Iterator[tuple[str, Any]]:
    """Yield the names of attributes and what they were given before compile, not rounded.

    What some neurons were given, or one number drawn for all, are the values for the seed of now.
    """
    for name, given in sorted(owner._draft.values.items()):
        yield name, owner._copied(name) if isinstance(given, Given) else given


def _values(owner: Owner) -> tuple[tuple[str, Any], ...]:
    """Return records of what was given; of arrays as the network stores them: no file has more of what was rounded."""
    found = []
    for name, given in given_values(owner):
        is_array = not isinstance(given, Distribution) and given.ndim > 0
        found.append((name, value_record(owner._rounded(owner._spec.attribute(name), given) if is_array else given)))
    return tuple(found)


def _population(population: Population, models: _Models) -> PopulationRecord:
    draft = population._draft
    rest, window = draft.refractory_ms, draft.rate_window_ms
    return PopulationRecord(
        name=population.name,
        uid=population._uid,
        geometry=population.geometry,
        model=models.number(population._definition),
        stop=None if draft.stop is None else draft.stop.printed,
        start=PopulationStart(
            values=_values(population),
            refractory_ms=None if rest is None else float(rest) if rest.ndim == 0 else _stored_rest(population, rest),
            rate_window_ms=0.0 if window is None else window,
            enabled=draft.enabled,
        ),
    )


def _stored_rest(population: Population, rest: npt.NDArray[Any]) -> BesideRecord:
    return beside(rest.astype(population._dtype("float")))


def _side(population: Population, ranks: npt.NDArray[Any] | None) -> SideRecord:
    return SideRecord(population.name, None if ranks is None else ranks_record(ranks))


def _projection(projection: Projection, models: _Models) -> ProjectionRecord:
    draft = projection._draft
    return ProjectionRecord(
        name=projection.name,
        uid=projection._uid,
        pre=_side(projection._pre, projection._pre_ranks),
        post=_side(projection._post, projection._post_ranks),
        targets=projection._targets,
        model=models.number(projection._definition),
        connector=_connector(projection),
        start=ProjectionStart(
            values=_values(projection),
            **draft.flags,
            learning_period_ms=_ms(draft.learning_period_ms, projection._network.dt),
            learning_offset_ms=_ms(draft.learning_offset_ms, 0.0),
        ),
    )


def _connector(projection: Projection) -> ConnectorRecord | None:
    asked = projection._draft.connection
    if asked is None:
        return None
    if isinstance(asked.connector, Listed):
        return asked.connector.record
    if has_list(projection):
        given: Any = asked.connector
        return record_of(projection, given, asked.force_multiple_weights)
    pattern, arguments = connector_facts(asked.connector)
    given = 1.0 if asked.connector.kind == NEAR else asked.weights  # it gives weights itself
    weights, delays = (_number_or_record(value) for value in (given, asked.delays))
    return ConnectorRecord(pattern, arguments, weights, delays, bool(asked.allow_self), asked.force_multiple_weights)


def _number_or_record(value: float | Distribution) -> float | DistributionRecord:
    return distribution_record(value) if isinstance(value, Distribution) else float(value)


def _monitor(monitor: Monitor) -> MonitorRecord:
    view: PopulationView | None = monitor._view
    ranks: Ranks | None = None if view is None else ranks_record(view._ranks)
    return MonitorRecord(
        name=monitor.name,
        population=monitor._population.name,
        ranks=ranks,
        variables=monitor._variables,
        period_ms=_ms(monitor._draft.period_ms, monitor._network.dt),
        offset_ms=_ms(monitor._draft.offset_ms, 0.0),
        active=monitor._draft.active,
    )


def _ms(given: float | None, default: float) -> float:
    return default if given is None else float(given)


def _notes(owner: Owner) -> Iterator[str]:
    """Name what is drawn from generators of the user's own, which are no data."""
    drawn = {a.name: owner._draft.values.get(a.name, a.default) for a in owner._spec.attributes}
    asked = owner._draft.connection if owner._section == "projections" else None
    if asked is not None:
        drawn |= {"the connector's weights": asked.weights, "the connector's delays": asked.delays}
    for name, value in drawn.items():
        if isinstance(value, Distribution) and value.rng is not None:
            what = f"{owner._path}: {name}: {value!r} is drawn from a generator of its own, which is not recorded"
            yield f"{what}; where it is drawn again, the seed decides"
