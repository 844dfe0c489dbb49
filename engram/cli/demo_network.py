"""The network of the demo and of ``make bench``: its two models, and how it is built."""

from __future__ import annotations

import engram as eg

__all__ = ["STDP", "Izhikevich", "build"]

Izhikevich = eg.Neuron(
    parameters="""
        a = 0.02 : population
        b = 0.2 : population
        c = -65.0 : population
        d = 8.0 : population
        tau_ampa = 5.0 : population
        tau_nmda = 150.0 : population
        v_rev = 0.0 : population
        v_thresh = 30.0 : population
        noise = 5.0
    """,
    equations="""
        dg_exc/dt = -g_exc/tau_ampa
        dg_inh/dt = -g_inh/tau_nmda
        I = g_exc*(v_rev - v) - g_inh + noise*Normal(0.0, 1.0)
        dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u + I : init = -65.0
        du/dt = a*(b*v - u) : init = -13.0
    """,
    spike="v > v_thresh",
    reset="v = c ; u += d",
)

STDP = eg.Synapse(
    parameters="""
        tau_plus = 20.0 : projection
        tau_minus = 60.0 : projection
        A_plus = 0.0002 : projection
        A_minus = 6.6e-05 : projection
        w_max = 0.03 : projection
    """,
    equations="""
        dx/dt = -x/tau_plus : event-driven
        dy/dt = -y/tau_minus : event-driven
    """,
    pre_spike="g_target += w ; x += A_plus ; w = clip(w + y, 0.0, w_max)",
    post_spike="y -= A_minus ; w = clip(w + x, 0.0, w_max)",
)


def build(seed: int, *, n_exc: int = 800, n_inh: int = 200, num_threads: int = 1) -> eg.Network:
    """Return the network, not yet compiled: excitatory neurons drive inhibitory ones through plastic synapses.

    Args:
        seed: of everything random.
        n_exc: neurons of ``PFC_exc``.
        n_inh: neurons of ``PFC_inh``.
        num_threads: at most so many; the results do not depend on it.
    """
    net = eg.Network(dt=1.0, seed=seed)
    net.config(num_threads=num_threads)
    exc = net.create(n_exc, Izhikevich, name="PFC_exc")
    inh = net.create(n_inh, Izhikevich, name="PFC_inh")
    inh.a = 0.1
    proj = net.connect(exc, inh, "exc", STDP, name="PFC_exc_to_inh")
    proj.connect_fixed_probability(0.1, weights=eg.Uniform(0.0, 0.03), delays=eg.Uniform(1.0, 10.0))
    return net
