"""Functions of the module as ANNarchy 4 has them; of spikes, ``dt`` is that of the implicit network by default."""

from __future__ import annotations

import functools
from collections.abc import Callable
from inspect import signature
from typing import Any

import engram
from engram.annarchy.command_line import simulating
from engram.annarchy.keywords import as_there

__all__ = [
    "coefficient_of_variation",
    "every",
    "histogram",
    "inter_spike_interval",
    "mean_fr",
    "population_rate",
    "raster_plot",
    "report",
    "simulate",
    "smoothed_rate",
]

simulate = as_there(simulating(engram.simulate), "duration measure_time progress_bar>progress callbacks net_id")
every = as_there(engram.every, "period offset wait net_id")
report = as_there(engram.report, "filename standalone gather_subprojections title author date net_id")


def _with_dt(function: Callable[..., Any]) -> Callable[..., Any]:
    place = [*signature(function).parameters].index("dt")

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        is_given = "dt" in kwargs or len(args) > place
        return function(*args, **kwargs, **({} if is_given else {"dt": engram.dt()}))

    return call


raster_plot = _with_dt(engram.raster_plot)
histogram = _with_dt(engram.histogram)
mean_fr = _with_dt(engram.mean_fr)
smoothed_rate = _with_dt(engram.smoothed_rate)
population_rate = _with_dt(engram.population_rate)
inter_spike_interval = _with_dt(engram.inter_spike_interval)
coefficient_of_variation = _with_dt(engram.coefficient_of_variation)
