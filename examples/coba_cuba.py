"""Irregular activity that keeps itself going: the networks COBA and CUBA, by which simulators are compared.

4,000 integrate-and-fire neurons, 3,200 of them excitatory, connected at random (2 %). In COBA synapses are conductances
and nothing drives the network once it was kicked; in CUBA they are currents, and neurons rest above their threshold.

Expected: both stay active, irregularly (the intervals between a neuron's spikes vary as in a Poisson process or more,
CV well above 0) and asynchronously (no stripes in the raster), as benchmarks 1 and 2 show. An independent program in
NumPy gives 19 Hz and a CV of 1.75 for COBA, where bursts and silence take turns, and 5.6 Hz and 0.7 for CUBA, measured
over 5 s. Over the half second of a quick run it gives a CV of 1.25 and 0.4: long intervals don't fit into that. After
too strong or too weak a kick COBA is silent.

Vogels TP, Abbott LF (2005) Signal propagation and logic gating in networks of integrate-and-fire neurons.
J Neurosci 25:10786-10795. Parameters: Brette R et al. (2007) Simulation of networks of spiking neurons: a review of
tools and strategies. J Comput Neurosci 23:349-398, benchmarks 1 and 2.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

# Conductances are in units of the leak, potentials in mV. Equations in a row advance at once; `linear` solves a linear
# system exactly, `exponential` takes g and v as constant during a step.
COBA = eg.Neuron(
    equations="""
        20.0*dv/dt = (-60.0 - v) + g_exc*(0.0 - v) + g_inh*(-80.0 - v) : exponential, init = -60.0
        5.0*dg_exc/dt = -g_exc : exponential
        10.0*dg_inh/dt = -g_inh : exponential
    """,
    spike="v > -50.0",
    reset="v = -60.0",
    refractory=5.0,
)
CUBA = eg.Neuron(
    equations="""
        20.0*dv/dt = (-49.0 - v) + g_exc - g_inh : linear, init = -60.0
        5.0*dg_exc/dt = -g_exc : linear
        10.0*dg_inh/dt = -g_inh : linear
    """,
    spike="v > -50.0",
    reset="v = -60.0",
    refractory=5.0,
)
NETWORKS = {  # neuron, weights of excitation and inhibition, expected rate (Hz), CV in a full and in a quick run
    "COBA": (COBA, 0.6, 6.7, 19.0, (1.75, 1.25)),
    "CUBA": (CUBA, 1.62, 9.0, 5.6, (0.7, 0.4)),
}
SETTLING = 200.0  # ms that are not measured


def simulate(neuron: eg.Neuron, w_exc: float, w_inh: float, duration: float) -> eg.Monitor:
    """Run one network; return the monitor of its spikes."""
    net = eg.Network(dt=0.1, seed=1)
    neurons = net.create(4000, neuron, name="neurons")
    neurons.v = eg.Uniform(-60.0, -50.0)
    if neuron is COBA:  # the kick: open conductances, which close within some ms
        neurons.g_exc = eg.Normal(0.8, 0.4, min=0.0)
        neurons.g_inh = eg.Normal(5.0, 4.0, min=0.0)
    net.connect(neurons[:3200], neurons, "exc").fixed_probability(0.02, weights=w_exc)
    net.connect(neurons[3200:], neurons, "inh").fixed_probability(0.02, weights=w_inh)
    spikes = net.monitor(neurons, "spike")
    net.compile()
    net.simulate(SETTLING)
    spikes.reset()
    net.simulate(duration)
    return spikes


def main(quick: bool = False, output: str = "coba_cuba.png") -> dict[str, float]:
    """Simulate both, print rates and irregularity, draw rasters and rates."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 6), height_ratios=(3, 1), sharex=True, layout="constrained")
    found: dict[str, float] = {}
    for (name, (neuron, w_exc, w_inh, hz, expected)), (raster, rate) in zip(NETWORKS.items(), axes.T, strict=True):
        spikes = simulate(neuron, w_exc, w_inh, 500.0 if quick else 5000.0)
        kept = spikes.get("spike", keep=True)
        hertz, cv = spikes.mean_fr(kept), np.mean(spikes.coefficient_of_variation(kept))
        print(f"{name}: {hertz:.1f} Hz (expected: {hz:g}), CV of intervals {cv:.2f} (expected: {expected[quick]:g})")
        found |= {f"rate of {name} (Hz)": hertz, f"CV of {name}": float(cv)}

        eg.plot.raster(spikes, ranks=range(3000, 3400), ax=raster)
        eg.plot.rate(spikes, smooth=1.0, ax=rate)
        raster.axhline(3200, color="black", linewidth=0.5)
        raster.set(title=f"{name}: 200 neurons of each kind", xlabel="", xlim=(SETTLING, SETTLING + 500.0))
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a second instead of five")
    parser.add_argument("--output", default="coba_cuba.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
