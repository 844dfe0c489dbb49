"""engram: simulate neural networks written as equations, save them, and resume to the bit.

    import engram as eg

    LIF = eg.Neuron(
        parameters="tau = 20.0 : population",
        equations="tau*dv/dt = -v + g_exc",
        spike="v > 1.0",
        reset="v = 0.0",
    )
    net = eg.Network(dt=0.1, seed=42)
    inputs = net.create(eg.PoissonPopulation(100, rates=20.0))
    cells = net.create(200, LIF)
    net.connect(inputs, cells, "exc").fixed_probability(0.2, weights=eg.Uniform(0.0, 1.2))
    spikes = net.monitor(cells, "spike")
    net.compile()
    net.simulate(1000.0)
    net.save("cells.npz")
    eg.plot.raster(spikes)

Ten names go a long way; ``help(eg.Network)`` and so on say more:

    Network            what everything is made in: create, connect, monitor, compile, simulate, save, load
    Neuron, Synapse    models, written as equations
    Population         neurons of one model, and their values: cells.v
    Projection         synapses, and how they are drawn: all_to_all, fixed_probability, from_matrix
    Monitor            what is recorded: spikes.get(), spikes.mean_fr()
    PoissonPopulation  an input; others are SpikeSourceArray, TimedArray, InputArray
    Uniform            random values; others are Normal, LogNormal, Exponential, Gamma
    open               a saved network, as it was
    plot               raster, trace, rate and others

``eg.models`` has ready-made neurons and synapses. All other names follow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from numpy import float32, float64

from engram.elsewhere.lookup import no_name
from engram.errors import *
from engram.models.definition import Neuron, Synapse
from engram.network.bold import BoldMonitor
from engram.network.constant import Constant
from engram.network.functions import *
from engram.network.hybrid import *
from engram.network.inputs import *
from engram.network.monitor import Monitor
from engram.network.monitor_list import MonitorList
from engram.network.network import Network
from engram.network.population import Population
from engram.network.projection import Projection
from engram.network.scheduled import *
from engram.network.timing import timeit
from engram.network.view import IndividualNeuron, PopulationView
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
    from engram.analysis import plot
    from engram.analysis.counts import histogram, mean_fr, raster_plot
    from engram.analysis.intervals import coefficient_of_variation, inter_spike_interval
    from engram.analysis.rates import population_rate, smoothed_rate
    from engram.ir.errors import BadCoefficient, MethodMismatch
    from engram.language import Creating, Parameter, Pruning, Variable
    from engram.language.errors import (
        AssignedParameter,
        BadDerivative,
        BadLeftSide,
        BadSyntax,
        BadValue,
        DuplicateDefinition,
        DuplicateFlag,
        ExtraAssignment,
        InvalidCharacter,
        MisplacedFlag,
        MisplacedName,
        MisplacedRate,
        MissingAssignment,
        MissingElse,
        MissingRate,
        MissingSpike,
        MixedMethods,
        ModelErrors,
        NotLinear,
        RecursiveFunction,
        ReservedName,
        TextError,
        TooLarge,
        UnbalancedParenthesis,
        UnknownFlag,
        UnknownFunction,
        UnknownMethod,
        UnknownName,
        UnknownTarget,
        WrongArgumentCount,
        WrongKind,
        WrongLocality,
    )
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
    from engram.models.bold import BoldModel, balloon_CL, balloon_CN, balloon_RL, balloon_RN, balloon_two_inputs
    from engram.native.compiler import CompileFailed, NoCompiler
    from engram.network.sparse import sparse_delays_from_weights, sparse_random_matrix
    from engram.persistence.converting import convert
    from engram.persistence.reading import read
    from engram.storage.parameters.errors import BadParameters
    from engram.storage.stored_value import UnknownPath
    from engram.wiring.errors import BadConnector
    from engram.wiring.lil import CSR, LILConnectivity

__all__ = [
    "CSR",
    "IBCM",
    "STDP",
    "STP",
    "ANNarchyException",
    "AssignedParameter",
    "BadCoefficient",
    "BadConnector",
    "BadDerivative",
    "BadLeftSide",
    "BadParameters",
    "BadSyntax",
    "BadValue",
    "Binomial",
    "BoldModel",
    "BoldMonitor",
    "BrokenNetwork",
    "ClearedNetwork",
    "CompileError",
    "CompileFailed",
    "Constant",
    "Creating",
    "CurrentInjection",
    "DamagedFile",
    "DecodingProjection",
    "DiscreteUniform",
    "DuplicateDefinition",
    "DuplicateFlag",
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "EngramError",
    "EngramWarning",
    "Exponential",
    "ExtraAssignment",
    "GIF_curr",
    "GIF_curr_exp",
    "Gamma",
    "HH_cond_exp",
    "Hebb",
    "HomogeneousCorrelatedSpikeTrains",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_curr_alpha",
    "IF_curr_exp",
    "IndividualNeuron",
    "InputArray",
    "InvalidArgument",
    "InvalidCharacter",
    "InvalidConfiguration",
    "Izhikevich",
    "LILConnectivity",
    "LanguageError",
    "LeakyIntegrator",
    "LoadWarning",
    "LogNormal",
    "MethodMismatch",
    "MisplacedFlag",
    "MisplacedName",
    "MisplacedRate",
    "MissingAssignment",
    "MissingElse",
    "MissingFile",
    "MissingLibrary",
    "MissingRate",
    "MissingSpike",
    "MixedMethods",
    "ModelErrors",
    "Monitor",
    "MonitorList",
    "Network",
    "Neuron",
    "NoCompiler",
    "NoSpikes",
    "NoSuchElement",
    "Normal",
    "NotAvailable",
    "NotCompiled",
    "NotFinite",
    "NotLinear",
    "Oja",
    "Parameter",
    "ParametersError",
    "Poisson",
    "PoissonPopulation",
    "Population",
    "PopulationView",
    "Projection",
    "Pruning",
    "ReadError",
    "RecursiveFunction",
    "ReservedName",
    "RunFailed",
    "SaveError",
    "SpikeSourceArray",
    "StateMismatch",
    "Synapse",
    "TextError",
    "TimedArray",
    "TimedPoissonPopulation",
    "TooLarge",
    "UnbalancedParenthesis",
    "Uniform",
    "UnknownAttribute",
    "UnknownFlag",
    "UnknownFunction",
    "UnknownMethod",
    "UnknownName",
    "UnknownPath",
    "UnknownSetting",
    "UnknownTarget",
    "UnsupportedFile",
    "Variable",
    "WorkerLost",
    "WrongArgumentCount",
    "WrongCall",
    "WrongKind",
    "WrongLocality",
    "__version__",
    "add_function",
    "balloon_CL",
    "balloon_CN",
    "balloon_RL",
    "balloon_RN",
    "balloon_two_inputs",
    "callbacks_enabled",
    "clear",
    "clear_all_callbacks",
    "coefficient_of_variation",
    "compile",
    "convert",
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
    "histogram",
    "inter_spike_interval",
    "load",
    "load_parameters",
    "magic_network",
    "mean_fr",
    "models",
    "monitors",
    "open",
    "plot",
    "population_rate",
    "populations",
    "projections",
    "raster_plot",
    "read",
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
    "smoothed_rate",
    "sparse_delays_from_weights",
    "sparse_random_matrix",
    "step",
    "timeit",
]

# Names whose modules load on first use: a script whose models are known to the cache never needs the language.
_ERRORS = {
    "engram.ir.errors": "BadCoefficient MethodMismatch",
    "engram.language.errors": """
        AssignedParameter BadDerivative BadLeftSide BadSyntax BadValue DuplicateDefinition
        DuplicateFlag ExtraAssignment InvalidCharacter MisplacedFlag MisplacedName MisplacedRate
        MissingAssignment MissingElse MissingRate MissingSpike MixedMethods ModelErrors NotLinear
        RecursiveFunction ReservedName TextError TooLarge UnbalancedParenthesis UnknownFlag
        UnknownFunction UnknownMethod UnknownName UnknownTarget WrongArgumentCount WrongKind
        WrongLocality
    """,
    "engram.native.compiler": "CompileFailed NoCompiler",
    "engram.storage.parameters.errors": "BadParameters",
    "engram.storage.stored_value": "UnknownPath",
    "engram.wiring.errors": "BadConnector",
}
_LATER = {
    **{name: module for module, names in _ERRORS.items() for name in names.split()},
    "BoldModel": "engram.models.bold",
    "CSR": "engram.wiring.lil",
    "LILConnectivity": "engram.wiring.lil",
    "Creating": "engram.language",
    "Parameter": "engram.language",
    "Pruning": "engram.language",
    "Variable": "engram.language",
    "balloon_CL": "engram.models.bold",
    "balloon_CN": "engram.models.bold",
    "balloon_RL": "engram.models.bold",
    "balloon_RN": "engram.models.bold",
    "balloon_two_inputs": "engram.models.bold",
    "coefficient_of_variation": "engram.analysis.intervals",
    "convert": "engram.persistence.converting",
    "histogram": "engram.analysis.counts",
    "inter_spike_interval": "engram.analysis.intervals",
    "mean_fr": "engram.analysis.counts",
    "population_rate": "engram.analysis.rates",
    "raster_plot": "engram.analysis.counts",
    "read": "engram.persistence.reading",
    "smoothed_rate": "engram.analysis.rates",
    "sparse_delays_from_weights": "engram.network.sparse",
    "sparse_random_matrix": "engram.network.sparse",
}
_MODULES = {"extensions": "engram.extensions", "models": "engram.models", "plot": "engram.analysis.plot"}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Import what is asked for: the language's forms, the ready-made models, analysis."""
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in __all__:
        raise no_name(name, __all__)
    value = getattr(import_module(_LATER.get(name, "engram.models")), name)
    globals()[name] = value
    return value
