"""Ready-made models, written in the equation language as users write theirs.

A model is a class whose arguments are its parameters: ``net.create(10, eg.models.Izhikevich)`` or
``net.create(10, eg.models.Izhikevich(a=0.1))``. Its text is read when an instance is made, so that importing this
package reads none.
"""

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


def list_standard_neurons() -> list[type[Neuron]]:
    """Return the classes of the ready-made neurons."""
    return [
        LeakyIntegrator,
        Izhikevich,
        IF_curr_exp,
        IF_cond_exp,
        IF_curr_alpha,
        IF_cond_alpha,
        EIF_cond_exp_isfa_ista,
        EIF_cond_alpha_isfa_ista,
        HH_cond_exp,
        GIF_curr,
        GIF_curr_exp,
    ]


def list_standard_synapses() -> list[type[Synapse]]:
    """Return the classes of the ready-made synapses."""
    return [STP, STDP, Hebb, Oja, IBCM]
