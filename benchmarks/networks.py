"""The network that several measurements share.

Called by ``measure.py``, ``recording.py`` and ``growth.py``.
"""

from __future__ import annotations

import engram as eg

__all__ = ["IN_DEGREE", "coba"]

IN_DEGREE = 80  # synapses of each neuron, a fifth of them inhibitory
COBA = eg.Neuron(
    parameters={"El": -60.0, "Vr": -60.0, "Ee": 0.0, "Ei": -80.0, "Vt": -50.0, "tau": 20.0, "I": 20.0},
    equations=[
        "tau*dv/dt = (El - v) + g_exc*(Ee - v) + g_inh*(Ei - v) + I",
        "5.0*dg_exc/dt = -g_exc : exponential",
        "10.0*dg_inh/dt = -g_inh : exponential",
    ],
    spike="v > Vt",
    reset="v = Vr",
    refractory=5.0,
    name="COBA",
)


def coba(n: int, *, record: bool = False, in_degree: int = IN_DEGREE, threads: int = 1) -> eg.Network:
    """Return the conductance-based network of Vogels and Abbott (2005), compiled: about 20 spikes/s, asynchronous.

    Args:
        n: neurons, four fifths of them excitatory. Each has ``in_degree`` synapses whatever their number.
        record: the spikes of all neurons.
        threads: at most so many.
    """
    net = eg.Network(dt=0.1, seed=1)
    net.config(num_threads=threads)
    neurons = net.create(n, COBA, name="neurons")
    neurons.v = eg.Uniform(-60.0, -50.0)
    n_exc, k_exc = n * 4 // 5, in_degree * 4 // 5
    scale = IN_DEGREE / in_degree
    net.connect(neurons[:n_exc], neurons, "exc", name="exc").fixed_number_pre(k_exc, weights=0.6 * scale)
    net.connect(neurons[n_exc:], neurons, "inh", name="inh").fixed_number_pre(in_degree - k_exc, weights=6.7 * scale)
    if record:
        net.monitor(neurons, "spike", name="spikes")
    net.compile()
    return net
