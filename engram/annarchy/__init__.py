"""The surface of ANNarchy 5, for scripts written for it: ``import engram.annarchy as ann``.

Everything that engram has is here, under the names of ANNarchy 5 and with its arguments; a star hides no builtin but
``compile``, and brings ``np``, ``os`` and ``sys`` as ANNarchy's does. What differs from ``engram`` itself:
docs/annarchy.md.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import numpy as np

from engram import (
    coefficient_of_variation,
    histogram,
    inter_spike_interval,
    mean_fr,
    models,
    population_rate,
    raster_plot,
    smoothed_rate,
)
from engram.annarchy import both, extensions
from engram.annarchy.both import *  # noqa: F403  the list of names stands there alone
from engram.annarchy.handles import Monitor
from engram.annarchy.implicit_network import every, report, simulate
from engram.annarchy.network import Network
from engram.annarchy.paths import add_modules, add_paths
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
    "population_rate",
    "raster_plot",
    "report",
    "simulate",
    "smoothed_rate",
    "sys",
]
__all__ += both.__all__

add_modules(__name__, models, extensions)  # from engram.annarchy.models import Izhikevich
add_paths(__name__)  # from engram.annarchy.core.Monitor import histogram


def __getattr__(name: str) -> NoReturn:
    """Say what to write instead of a name that is not here."""
    raise no_name(name, __all__, __name__)
