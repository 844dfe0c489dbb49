"""engram: simulate neural networks written as equations, save them, and resume to the bit.

Usually ``import engram as eg``. The names below are the public surface; ``engram.models`` holds ready-made models.
"""

from engram.errors import EngramError
from engram.language import Parameter, Variable
from engram.models.definition import Neuron, Synapse
from engram.network.constant import Constant
from engram.network.functions import (
    add_function,
    clear,
    compile,  # noqa: A004  a name of ANNarchy's
    dt,
    get_current_step,
    get_population,
    get_projection,
    get_time,
    load,
    load_parameters,
    magic_network,
    reset,
    save,
    save_parameters,
    setup,
    simulate,
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
    Uniform,
)
from engram.version import __version__

__all__ = [
    "Binomial",
    "Constant",
    "DiscreteUniform",
    "EngramError",
    "Exponential",
    "Gamma",
    "LogNormal",
    "Monitor",
    "Network",
    "Neuron",
    "Normal",
    "Parameter",
    "Population",
    "Projection",
    "Synapse",
    "Uniform",
    "Variable",
    "__version__",
    "add_function",
    "clear",
    "compile",
    "dt",
    "get_current_step",
    "get_population",
    "get_projection",
    "get_time",
    "load",
    "load_parameters",
    "magic_network",
    "reset",
    "save",
    "save_parameters",
    "setup",
    "simulate",
    "step",
]
