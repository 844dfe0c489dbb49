"""Drafts: what the user says of an object before compile, beside its structure. Each fact stands here once.

Handles write here until compile, which fills the slots from it; from then on handles read and write slots, and a draft
stays what the object began with: ``reset(synapses=True)`` draws from it, and the blueprint's starts are made of it.
Times are in ms as they were given, so that ``dt`` may change until compile; ``network/blueprinting.py`` makes records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from engram.state import names

if TYPE_CHECKING:
    from engram.network.connection import Connection
    from engram.network.given import Given
    from engram.network.stopping import StopRule
    from engram.state.distributions import Distribution

__all__ = ["Draft", "MonitorDraft", "PopulationDraft", "ProjectionDraft"]

Array = npt.NDArray[Any]


@dataclass
class Draft:
    """What a population and a projection have in common.

    Args:
        values: that were assigned to attributes; floats in float64, as the dtype may change yet.
    """

    values: dict[str, Array | Distribution | Given] = field(default_factory=dict)


@dataclass
class PopulationDraft(Draft):
    """Of a population.

    Args:
        refractory_ms: one number, or one per neuron (geometry); None: what the model says.
        rate_window_ms: of the firing rate; None: none is computed.
        enabled: whether it takes part in the simulation.
        stop: when ``simulate_until`` may stop.
    """

    refractory_ms: Array | None = None
    rate_window_ms: float | None = None
    enabled: bool = True
    stop: StopRule | None = None


@dataclass
class ProjectionDraft(Draft):
    """Of a projection.

    Args:
        connection: what a connector method was asked for.
        flags: the switches, by name.
        learning_period_ms: between updates of continuous equations; None: every step.
        learning_offset_ms: after the beginning of a period.
    """

    connection: Connection | None = None
    flags: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(names.FLAGS, True))
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
