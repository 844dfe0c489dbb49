"""Drafts: what the user says of an object before compile, beside its structure. Each fact stands here once.

Handles write here until compile, which fills the slots from it; from then on handles read and write slots, and a draft
stays what the object began with: ``reset(synapses=True)`` draws from it, and the blueprint's starts are made of it.
Times are in ms as they were given, so that ``dt`` may change until compile.
``persistence/blueprinting.py`` makes records of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from engram.program.given import Given, InSteps
from engram.state import names
from engram.state.distributions import Distribution

if TYPE_CHECKING:
    from engram.wiring.connectors import Connector

__all__ = ["PER_SYNAPSE", "Connection", "Draft", "MonitorDraft", "PopulationDraft", "ProjectionDraft", "StopRule"]

Array = npt.NDArray[Any]

PER_SYNAPSE: Any = "one per synapse"
"""What stands for weights or delays that a connector gives itself, where these are no one number."""


@dataclass(frozen=True)
class StopRule:
    """The stop condition of a population.

    Args:
        text: as the user wrote it.
        for_all: whether it must hold for all neurons, or for any.
        targets: whose sums it reads.
        reductions: numbers over the population that it reads, as (operation, variable).
        constants: names of constants that it reads.
        printed: the text printed anew, with what functions compute in the place of their calls.
        known: names of constants that it may read; None: those that its neurons may read.
    """

    text: str
    for_all: bool
    targets: tuple[str, ...]
    reductions: tuple[tuple[str, str], ...]
    constants: tuple[str, ...]
    printed: str
    known: frozenset[str] | None


@dataclass(frozen=True)
class Connection:
    """What a connector method was asked for; ``PER_SYNAPSE`` stands for what the connector gives itself."""

    connector: Connector
    weights: float | Distribution
    delays: float | Distribution
    allow_self: bool
    force_multiple_weights: bool


@dataclass
class Draft:
    """What a population and a projection have in common.

    Args:
        values: that were assigned to attributes; floats in float64, as the dtype may change yet.
        flags: the switches, by name.
    """

    values: dict[str, Array | Distribution | Given | InSteps] = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)


@dataclass
class PopulationDraft(Draft):
    """Of a population.

    Args:
        refractory_ms: one number, one per neuron (geometry), or what draws them; None: what the model says.
        rate_window_ms: of the firing rate; None: none is computed.
        stop: when ``simulate_until`` may stop.
    """

    flags: dict[str, bool] = field(default_factory=lambda: dict(names.FLAGS["populations"]))
    refractory_ms: Array | Distribution | Given | None = None
    rate_window_ms: float | None = None
    stop: StopRule | None = None


@dataclass
class ProjectionDraft(Draft):
    """Of a projection.

    Args:
        connection: what a connector method was asked for.
        learning_period_ms: between updates of continuous equations; None: every step.
        learning_offset_ms: after the beginning of a period.
    """

    flags: dict[str, bool] = field(default_factory=lambda: dict(names.FLAGS["projections"]))
    connection: Connection | None = None
    learning_period_ms: float | None = None
    learning_offset_ms: float | None = None


@dataclass
class MonitorDraft:
    """Of a monitor.

    Args:
        period_ms: between samples; None: every step.
        offset_ms: from the beginning of a period to its sample.
        active: whether it records.
    """

    period_ms: float | None = None
    offset_ms: float | None = None
    active: bool = True
