"""Two populations of Izhikevich neurons with plastic synapses: run them, save them, go on from the file.

Run it with ``python examples/izhikevich.py``. It writes ``izhikevich.npz`` into the current folder.
"""

from __future__ import annotations

import numpy as np

import engram as eg

__all__ = ["main"]

# One line per parameter or equation. `: population` makes one value for all neurons; others have a value per neuron.
# Times are in ms. Normal(0.0, 1.0) is drawn anew in every step for every neuron.
Izhikevich = eg.Neuron(
    parameters="""
        a = 0.02 : population
        b = 0.2 : population
        c = -65.0 : population
        d = 8.0 : population
        tau_ampa = 5.0 : population
        noise = 5.0
    """,
    equations="""
        dg_exc/dt = -g_exc/tau_ampa
        dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u - g_exc*v + noise*Normal(0.0, 1.0) : init = -65.0
        du/dt = a*(b*v - u) : init = -13.0
    """,
    spike="v > 30.0",
    reset="v = c ; u += d",
    name="Izhikevich",
)

# Pair-based STDP. `event-driven` equations are evaluated when a spike comes along, not in every step.
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
    name="STDP",
)


def build(seed: int) -> tuple[eg.Network, eg.Monitor]:
    """Return the network, ready to run, and a monitor of its inhibitory spikes."""
    net = eg.Network(dt=1.0, seed=seed)
    exc = net.create(800, Izhikevich, name="exc")
    inh = net.create(200, Izhikevich, name="inh")
    inh.a = 0.1  # one number, as it was declared
    inh.noise = eg.Uniform(2.0, 3.0)  # one per neuron, drawn
    proj = net.connect(exc, inh, "exc", STDP)
    proj.connect_fixed_probability(0.1, weights=eg.Uniform(0.0, 0.03), delays=eg.Uniform(1.0, 10.0))
    spikes = net.monitor(inh, "spike")
    net.compile()
    return net, spikes


def main() -> None:
    """Run for a second, save, run for another; then do the second half again from the file, in a network of its own."""
    net, spikes = build(seed=42)
    net.simulate(1000.0)
    print(net.save("izhikevich.npz"))
    net.simulate(1000.0)
    weights = net.get_projections()[0].array("w")
    n_spikes = sum(map(len, spikes.get("spike", keep=True).values()))
    print(f"t = {net.time:g} ms: {n_spikes} inhibitory spikes, mean weight {np.mean(weights):.5f}")

    other, _ = build(seed=7)
    print(other.load("izhikevich.npz"))
    other.simulate(1000.0)
    print("the same bits:", other.digest() == net.digest())


if __name__ == "__main__":
    main()
