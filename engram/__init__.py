"""engram: simulate neural networks written as equations, save them, and resume to the bit.

Usually ``import engram as eg``. The names below are the public surface; ``engram.models`` holds ready-made models.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from numpy import float32, float64

from engram.errors import ANNarchyException, EngramError, InvalidConfiguration, LoadWarning, NotFinite
from engram.models.definition import Neuron, Synapse
from engram.network.constant import Constant
from engram.network.functions import (
    add_function,
    callbacks_enabled,
    clear,
    clear_all_callbacks,
    compile,  # noqa: A004  a name of ANNarchy's
    disable_callbacks,
    disable_learning,
    dt,
    enable_callbacks,
    enable_learning,
    every,
    functions,
    get_current_step,
    get_population,
    get_projection,
    get_time,
    load,
    load_parameters,
    magic_network,
    open,  # noqa: A004  eg.open
    reset,
    save,
    save_parameters,
    set_current_step,
    set_seed,
    set_time,
    setup,
    simulate,
    simulate_until,
    step,
)
from engram.network.monitor import Monitor
from engram.network.network import Network
from engram.network.population import Population
from engram.network.projection import Projection
from engram.state.distributions import (
    Binomial,
    DiscreteUniform,
    Exponential,
    Gamma,
    LogNormal,
    Normal,
    Poisson,
    Uniform,
)
from engram.version import __version__

if TYPE_CHECKING:
    from engram import models
    from engram.language import Parameter, Variable
    from engram.models import (
        IBCM,
        STDP,
        STP,
        EIF_cond_alpha_isfa_ista,
        EIF_cond_exp_isfa_ista,
        GIF_curr,
        GIF_curr_exp,
        Hebb,
        HH_cond_exp,
        IF_cond_alpha,
        IF_cond_exp,
        IF_curr_alpha,
        IF_curr_exp,
        Izhikevich,
        LeakyIntegrator,
        Oja,
    )
    from engram.network.report import report
    from engram.network.sparse import sparse_delays_from_weights, sparse_random_matrix
    from engram.wiring.lil import CSR, LILConnectivity

__all__ = [
    "CSR",
    "IBCM",
    "STDP",
    "STP",
    "ANNarchyException",
    "Binomial",
    "Constant",
    "DiscreteUniform",
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "EngramError",
    "Exponential",
    "GIF_curr",
    "GIF_curr_exp",
    "Gamma",
    "HH_cond_exp",
    "Hebb",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_curr_alpha",
    "IF_curr_exp",
    "InvalidConfiguration",
    "Izhikevich",
    "LILConnectivity",
    "LeakyIntegrator",
    "LoadWarning",
    "LogNormal",
    "Monitor",
    "Network",
    "Neuron",
    "Normal",
    "NotFinite",
    "Oja",
    "Parameter",
    "Poisson",
    "Population",
    "Projection",
    "Synapse",
    "Uniform",
    "Variable",
    "__version__",
    "add_function",
    "callbacks_enabled",
    "clear",
    "clear_all_callbacks",
    "compile",
    "disable_callbacks",
    "disable_learning",
    "dt",
    "enable_callbacks",
    "enable_learning",
    "every",
    "float32",
    "float64",
    "functions",
    "get_current_step",
    "get_population",
    "get_projection",
    "get_time",
    "load",
    "load_parameters",
    "magic_network",
    "models",
    "open",
    "report",
    "reset",
    "save",
    "save_parameters",
    "set_current_step",
    "set_seed",
    "set_time",
    "setup",
    "simulate",
    "simulate_until",
    "sparse_delays_from_weights",
    "sparse_random_matrix",
    "step",
]

# Names whose modules load on first use: a script whose models are known to the cache never needs the language.
_LATER = {
    "CSR": "engram.wiring.lil",
    "LILConnectivity": "engram.wiring.lil",
    "Parameter": "engram.language",
    "Variable": "engram.language",
    "report": "engram.network.report",
    "sparse_delays_from_weights": "engram.network.sparse",
    "sparse_random_matrix": "engram.network.sparse",
}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Import what is asked for: the language's forms, the ready-made models."""
    if name == "models":
        return import_module("engram.models")
    if name not in __all__:
        raise AttributeError(f"module 'engram' has no attribute {name!r}")
    value = getattr(import_module(_LATER.get(name, "engram.models")), name)
    globals()[name] = value
    return value
