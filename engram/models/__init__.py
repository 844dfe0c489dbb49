"""Ready-made models, written in the equation language as users write theirs.

A model is a class whose arguments are its parameters: ``net.create(10, eg.models.Izhikevich)`` or
``net.create(10, eg.models.Izhikevich(a=0.1))``. Its text is read when an instance is made, so that importing this
package reads none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engram.elsewhere.lookup import no_name

if TYPE_CHECKING:
    from engram.models.definition import Neuron, Synapse
    from engram.models.neurons.adaptive import EIF_cond_alpha_isfa_ista, EIF_cond_exp_isfa_ista
    from engram.models.neurons.gif import GIF_curr, GIF_curr_exp
    from engram.models.neurons.hodgkin_huxley import HH_cond_exp
    from engram.models.neurons.integrate_and_fire import IF_cond_alpha, IF_cond_exp, IF_curr_alpha, IF_curr_exp
    from engram.models.neurons.izhikevich import Izhikevich
    from engram.models.neurons.rate import LeakyIntegrator
    from engram.models.synapses.rate import IBCM, Hebb, Oja
    from engram.models.synapses.spiking import STDP, STP

__all__ = [
    "IBCM",
    "STDP",
    "STP",
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "GIF_curr",
    "GIF_curr_exp",
    "HH_cond_exp",
    "Hebb",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_curr_alpha",
    "IF_curr_exp",
    "Izhikevich",
    "LeakyIntegrator",
    "Oja",
    "list_standard_neurons",
    "list_standard_synapses",
]

# Each is imported when it is first asked for: every script imports this package, and few use more than one of them.
# Lists of models have this order; a test compares what stands above, and in engram/__init__.py, for type checkers.
MODULES = {
    "neurons.rate": ("LeakyIntegrator",),
    "neurons.izhikevich": ("Izhikevich",),
    "neurons.integrate_and_fire": ("IF_curr_exp", "IF_cond_exp", "IF_curr_alpha", "IF_cond_alpha"),
    "neurons.adaptive": ("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista"),
    "neurons.hodgkin_huxley": ("HH_cond_exp",),
    "neurons.gif": ("GIF_curr", "GIF_curr_exp"),
    "synapses.spiking": ("STP", "STDP"),
    "synapses.rate": ("Hebb", "Oja", "IBCM"),
}
_HOMES = {name: module for module, names in MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a model when it is asked for."""
    if name not in _HOMES:
        raise no_name(name, __all__, __name__)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def list_standard_neurons() -> list[type[Neuron]]:
    """Return the classes of the ready-made neurons."""
    return [__getattr__(name) for name in _of("neurons")]


def list_standard_synapses() -> list[type[Synapse]]:
    """Return the classes of the ready-made synapses."""
    return [__getattr__(name) for name in _of("synapses")]


def _of(package: str) -> list[str]:
    return [name for name, module in _HOMES.items() if module.startswith(f"{package}.")]
