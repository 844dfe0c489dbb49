"""The four states of a sparse random network: one network, four settings of inhibition and drive.

12,500 integrate-and-fire neurons; each hears 1,000 excitatory and 250 inhibitory neurons after 1.5 ms, and a Poisson
process of its own. g is the strength of inhibition over that of excitation, eta the drive over that which just brings
a neuron to its threshold.

Expected (fig. 8 of the paper, rates of its simulations): SR, synchronous regular, 334 Hz; SI fast, a fast rhythm of the
population (180 Hz) of neurons that fire irregularly at 60 Hz; AI, no rhythm, 37.7 Hz; SI slow, a rhythm of 22 Hz,
5.5 Hz. ``python -m benchmarks.brunel_states`` holds all these numbers against long runs.

Brunel N (2000) Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons.
J Comput Neurosci 8:183-208.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

# g_exc and g_inh have no equation here: they hold what arrives in a step, and are then 0. `Poisson(external)` is the
# number of spikes from outside in a step, all of weight J; what arrives while a neuron is refractory is lost.
NEURON = eg.Neuron(
    parameters="""
        tau = 20.0 : population
        theta = 20.0 : population
        v_r = 10.0 : population
        J = 0.1 : population
        external = 0.0 : population
    """,
    equations="""
        tau*dv/dt = -v : exponential
        v += g_exc - g_inh + J*Poisson(external)
    """,
    spike="v > theta",
    reset="v = v_r",
    refractory=2.0,
)
STATES = {  # g, eta, published rate in Hz, ms that are drawn
    "SR": (3.0, 2.0, 334.0, 60.0),
    "SI fast": (6.0, 4.0, 60.0, 100.0),
    "AI": (5.0, 2.0, 37.7, 100.0),
    "SI slow": (4.5, 0.9, 5.5, 250.0),
}
SETTLING = 200.0  # ms that are not measured


def simulate(g: float, eta: float, duration: float) -> eg.Monitor:
    """Run the network in one state; return the monitor of its spikes."""
    net = eg.Network(dt=0.1, seed=1)
    net.config(num_threads=2)
    neurons = net.create(12500, NEURON, name="neurons")
    neurons.v = eg.Uniform(0.0, 20.0)
    neurons.external = eta * neurons.theta / (neurons.J * neurons.tau) * net.dt
    exc, inh = neurons[:10000], neurons[10000:]
    net.connect(exc, neurons, "exc").fixed_number_pre(1000, weights=neurons.J, delays=1.5)
    net.connect(inh, neurons, "inh").fixed_number_pre(250, weights=g * neurons.J, delays=1.5)
    spikes = net.monitor(neurons, "spike")
    net.compile()
    net.simulate(SETTLING)
    spikes.reset()
    net.simulate(duration)
    return spikes


def main(quick: bool = False, output: str = "brunel.png") -> dict[str, float]:
    """Simulate the four states, print rates and irregularity, draw what figure 8 of the paper shows."""
    figure, axes = plt.subplots(2, 4, figsize=(10, 5), height_ratios=(2, 1), sharex="col", layout="constrained")
    found: dict[str, float] = {}
    for (name, (g, eta, published, shown)), (raster, rate) in zip(STATES.items(), axes.T, strict=True):
        spikes = simulate(g, eta, 300.0 if quick else 3000.0)
        kept = spikes.get("spike", keep=True, structured=True)
        hertz, cv = spikes.mean_fr(kept), float(np.mean(spikes.coefficient_of_variation(kept)))
        print(f"{name}: {hertz:.1f} Hz (expected: {published:g}), CV of the intervals {cv:.2f}")
        found |= {f"rate of {name} (Hz)": hertz, f"CV of {name}": cv}

        eg.plot.raster(spikes, ranks=range(50), ax=raster)
        eg.plot.rate(spikes, smooth=0.5, ax=rate)
        raster.set(title=f"{name}\ng = {g:g}, eta = {eta:g}", xlabel="", xlim=(SETTLING, SETTLING + shown))
    print("expected: a CV near 0 in SR, where neurons are clocks, and far from it in the others")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="0.3 s of each state instead of 3")
    parser.add_argument("--output", default="brunel.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
