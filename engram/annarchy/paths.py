"""Paths of ANNarchy's modules, which scripts import from: ``from engram.annarchy.core.Monitor import histogram``.

Each holds names that the package has anyway, so that there is no file for it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from engram.annarchy.views import Dendrite, IndividualSynapse
from engram.errors import CompileError
from engram.state.distributions import Distribution

__all__ = ["PATHS", "add_modules", "add_paths"]

_SPIKES = "raster_plot histogram mean_fr smoothed_rate population_rate inter_spike_interval coefficient_of_variation"
_LISTS = "LILConnectivity CSR"
PATHS = {
    "core.Constant": "Constant",
    "core.Dendrite": "Dendrite IndividualSynapse",
    "core.Global": "add_function clear dt functions get_current_step get_population get_projection get_time "
    "magic_network monitors populations projections reset set_current_step set_seed set_time setup timeit",
    "core.IO": "load load_parameter load_parameters save save_parameters",
    "core.Monitor": f"Monitor MonitorList {_SPIKES}",
    "core.Network": "Network parallel_run",
    "core.Neuron": "IndividualNeuron Neuron",
    "core.Population": "Population",
    "core.PopulationView": "IndividualNeuron PopulationView",
    "core.Projection": "Projection",
    "core.Random": "Binomial DiscreteUniform Exponential Gamma LogNormal Normal RandomDistribution Uniform",
    "core.Simulate": "callbacks_enabled clear_all_callbacks disable_callbacks disable_learning enable_callbacks "
    "enable_learning every simulate simulate_until step",
    "core.SpecificPopulation": "HomogeneousCorrelatedSpikeTrains InputArray PoissonPopulation SpikeSourceArray "
    "TimedArray TimedPoissonPopulation",
    "core.SpecificProjection": "CurrentInjection DecodingProjection",
    "core.Synapse": "Synapse",
    "core.Utils": "sparse_delays_from_weights sparse_random_matrix",
    "core.cython_ext": _LISTS,
    "cython_ext": _LISTS,
    "intern.Messages": "ANNarchyException CodeGeneratorException InvalidConfiguration",
}
"""Modules -> the names that they hold, as far as a version has them."""

_BESIDE = {
    "CodeGeneratorException": CompileError,
    "Dendrite": Dendrite,
    "IndividualSynapse": IndividualSynapse,
    "RandomDistribution": Distribution,
}
"""Names that stand in modules alone."""


def add_modules(package: str, models: ModuleType, extensions: ModuleType) -> None:
    """Let the ready-made models and the extensions be imported from below a package."""
    known = sys.modules
    known[f"{package}.models"], known[f"{package}.extensions"] = models, extensions
    known.update({f"{package}.extensions.{name}": vars(extensions)[name] for name in extensions.__all__})


def add_paths(package: str) -> None:
    """Let the modules of the table be imported from a package, with its own functions and classes."""
    have: dict[str, Any] = {**_BESIDE, **vars(sys.modules[package])}
    for path, words in PATHS.items():
        held = {name: have[name] for name in words.split() if name in have}
        vars(_module(sys.modules[package], path)).update(held, __all__=[*held])


def _module(whole: ModuleType, path: str) -> ModuleType:
    """Return the module at a path below another, making it and those above it if need be."""
    name, _, rest = path.partition(".")
    full = f"{whole.__name__}.{name}"
    if full not in sys.modules:
        sys.modules[full] = ModuleType(full, "Names of ANNarchy's, by its paths.")
        vars(sys.modules[full])["__path__"] = []  # what is not in the table is a module that does not exist
        setattr(whole, name, sys.modules[full])
    return _module(sys.modules[full], rest) if rest else sys.modules[full]
