"""The blueprint of a network: what its handles were told, as records.

In: a network, before compile or after, or one of its objects. Out: a :class:`Blueprint`. What has become of values
since compile stands in the tree; here stands what they began with. Nothing here looks at synapses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engram.blueprint.records import (
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
from engram.ir.nodes import OFFSET_SYMBOL, PERIOD_SYMBOL
from engram.network.given import Given
from engram.state.distributions import Distribution

if TYPE_CHECKING:
    import numpy.typing as npt

    from engram.models.definition import Definition
    from engram.network.monitor import Monitor
    from engram.network.network import Network
    from engram.network.population import Population
    from engram.network.projection import Projection
    from engram.network.view import PopulationView

__all__ = ["blueprint_of", "blueprint_of_one", "model_record"]

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
    values = network._first_constants if network.compiled else network._constants
    return Blueprint(
        settings=Settings(
            dt_ms=config.dt,
            seed=network._first_seed if network.compiled else network.seed,
            method=config.method,  # type: ignore[arg-type]  # config.py checked it
            event_clock=config.event_clock,
            dtype=config.precision.neurons,
            synapse_dtype=config.precision.synapses,
            backend=network._backend,  # type: ignore[arg-type]  # one of two
            check_finite=config.check_finite,
        ),
        populations=tuple(_population(one, models) for one in populations),
        projections=tuple(_projection(one, models) for one in projections),
        models=tuple(models.records),
        monitors=tuple(map(_monitor, monitors)),
        constants=tuple(ConstantRecord(name, values[name], name in network._own_constants) for name in constants),
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


def _values(owner: Owner) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value_record(_given(owner, name))) for name in sorted(owner._initial))


def _given(owner: Owner, name: str) -> Any:
    """Return what was given before compile; what some neurons were given, or one number drawn for all, as values."""
    given = owner._initial[name]
    return owner._copied(name) if isinstance(given, Given) else given


def _population(population: Population, models: _Models) -> PopulationRecord:
    rest = population._refractory
    return PopulationRecord(
        name=population.name,
        uid=population._uid,
        geometry=population.geometry,
        model=models.number(population._definition),
        stop=population.stop_condition,
        start=PopulationStart(
            values=_values(population),
            refractory_ms=None if rest is None else beside(rest) if rest.ndim else float(rest),
            rate_window_ms=population._rate_window * population._network.dt,
            enabled=population._enabled,
        ),
    )


def _side(population: Population, ranks: npt.NDArray[Any] | None) -> SideRecord:
    return SideRecord(population.name, None if ranks is None else ranks_record(ranks))


def _projection(projection: Projection, models: _Models) -> ProjectionRecord:
    dt_ms, learning = projection._network.dt, projection._learning
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
            **projection._flags,
            learning_period_ms=learning[PERIOD_SYMBOL] * dt_ms,
            learning_offset_ms=learning[OFFSET_SYMBOL] * dt_ms,
        ),
    )


def _connector(projection: Projection) -> ConnectorRecord | None:
    asked = projection._connection
    if asked is None:
        return None
    pattern, arguments = connector_facts(asked.connector)
    weights, delays = (_number_or_record(value) for value in (asked.weights, asked.delays))
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
        period_ms=monitor._period * monitor._network.dt,
        offset_ms=monitor._offset * monitor._network.dt,
        active=monitor._active,
    )


def _notes(owner: Owner) -> Iterator[str]:
    """Name what is drawn from generators of the user's own, which are no data."""
    drawn = {a.name: owner._initial.get(a.name, a.default) for a in owner._spec.attributes}
    asked = owner._connection if owner._section == "projections" else None
    if asked is not None:
        drawn |= {"the connector's weights": asked.weights, "the connector's delays": asked.delays}
    for name, value in drawn.items():
        if isinstance(value, Distribution) and value.rng is not None:
            yield f"{owner._path}: {name}: {value!r} is drawn from a generator of its own, which is not recorded"
