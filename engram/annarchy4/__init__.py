"""The surface of ANNarchy 4, for scripts written for it: ``from engram.annarchy4 import *``.

It stands on that of version 5; here is what version 4 has otherwise: statistics of spikes with
the step of ``setup``, ``Network(everything=True)``, ``Monitor.get`` without ``reshape``. See docs/annarchy.md.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import numpy as np

from engram import models
from engram.annarchy import both, extensions
from engram.annarchy.both import *  # noqa: F403  the list of names stands there alone
from engram.annarchy.paths import add_modules, add_paths
from engram.annarchy4.global_step import (
    coefficient_of_variation,
    every,
    histogram,
    inter_spike_interval,
    mean_fr,
    population_rate,
    raster_plot,
    report,
    simulate,
    smoothed_rate,
)
from engram.annarchy4.network import Monitor, Network
from engram.annarchy4.parallel import parallel_run
from engram.elsewhere.lookup import no_name

__all__ = [
    "Monitor",
    "Network",
    "coefficient_of_variation",
    "every",
    "histogram",
    "inter_spike_interval",
    "mean_fr",
    "np",
    "os",
    "parallel_run",
    "population_rate",
    "raster_plot",
    "report",
    "simulate",
    "smoothed_rate",
    "sys",
]
__all__ += both.__all__

add_modules(__name__, models, extensions)  # from engram.annarchy4.extensions.bold import BoldMonitor
add_paths(__name__)  # from engram.annarchy4.core.Monitor import histogram


def __getattr__(name: str) -> NoReturn:
    """Say what to write instead of a name that is not here."""
    raise no_name(name, __all__, __name__)
