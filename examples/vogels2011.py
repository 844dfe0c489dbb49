"""Inhibitory synapses that learn balance: every excitatory neuron ends up at the rate that the rule aims at.

A network of 8,000 excitatory and 2,000 inhibitory neurons, in which inhibition is too weak at first: it fires wildly
and in step. Synapses from inhibitory to excitatory neurons learn: spikes of both sides that are near in time make them
stronger, each presynaptic spike makes them weaker by a constant. Were the spikes of both sides independent, the
synapses would come to rest where the postsynaptic rate is alpha/(2 tau), the target.

Expected: from far above, the rate of all excitatory neurons falls to near the target of 3 Hz, and the network becomes
asynchronous and irregular, CV near 1, as in the paper. It stays a third above the target here: the rule settles
how often spikes meet, and what inhibits a neuron meets fewer of its spikes than chance would have it. A quick run ends
while the rate still falls, at 6 to 7 Hz and a CV of 0.7.

Vogels TP, Sprekeler H, Zenke F, Clopath C, Gerstner W (2011) Inhibitory plasticity balances excitation and inhibition
in sensory pathways and memory networks. Science 334:1569-1573.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

TARGET = 3.0  # Hz

# mV, ms, nS, pF, pA
NEURON = eg.Neuron(
    parameters="g_leak = 10.0 : population\n C = 200.0 : population\n I = 200.0 : population",
    equations="""
        C*dv/dt = g_leak*(-60.0 - v) + g_exc*(0.0 - v) + g_inh*(-80.0 - v) + I : exponential, init = -60.0
        5.0*dg_exc/dt = -g_exc : exponential
        10.0*dg_inh/dt = -g_inh : exponential
    """,
    spike="v > -50.0",
    reset="v = -60.0",
    refractory=5.0,
)

# A trace per neuron, x before and y after the synapse: `event-driven`, evaluated when a spike comes along.
LEARNING = eg.Synapse(
    parameters="""
        tau = 20.0 : projection
        alpha = 0.12 : projection
        eta = 0.05 : projection
        w_max = 100.0 : projection
    """,
    equations="""
        dx/dt = -x/tau : event-driven
        dy/dt = -y/tau : event-driven
    """,
    pre_spike="g_target += w ; x += 1.0 ; w = clip(w + eta*(y - alpha), 0.0, w_max)",
    post_spike="y += 1.0 ; w = clip(w + eta*x, 0.0, w_max)",
)


def main(quick: bool = False, output: str = "vogels2011.png") -> dict[str, float]:
    """Simulate without and with learning, print rates, draw how they fall."""
    n_exc, n_inh, p = (1600, 400, 0.1) if quick else (8000, 2000, 0.02)  # 160 and 40 inputs per neuron in both
    before, duration = (200.0, 4000.0) if quick else (1000.0, 60000.0)
    net = eg.Network(dt=0.1, seed=1)
    net.config(num_threads=2)
    neurons = net.create(n_exc + n_inh, NEURON, name="neurons")
    neurons.v = eg.Uniform(-60.0, -50.0)
    exc, inh = neurons[:n_exc], neurons[n_exc:]
    net.connect(exc, neurons, "exc").fixed_probability(p, weights=0.3)
    net.connect(inh, inh, "inh").fixed_probability(p, weights=3.0)
    learned = net.connect(inh, exc, "inh", LEARNING).fixed_probability(p, weights=1e-10)
    learned.alpha = 2.0 * learned.tau * TARGET * 1e-3
    spikes = net.monitor(exc, "spike")
    net.compile()

    learned.plasticity = False
    net.simulate(before)
    learned.plasticity = True
    net.simulate(duration)
    kept = spikes.get("spike", keep=True, structured=True)
    early, late = kept[kept["time"] < before], kept[kept["time"] >= before + 0.75 * duration]
    counts = np.bincount(late["rank"], minlength=n_exc)
    rates = counts / (0.25 * duration) * 1e3
    cv = spikes.coefficient_of_variation(late)
    found = {
        "rate before (Hz)": len(early) / n_exc / before * 1e3,
        "rate (Hz)": rates.mean(),
        "CV": float(np.mean(cv)),
    }
    rate, irregularity = ("6 to 7, and falling", "0.7, and rising") if quick else ("3 to 4", "near 1")
    print(f"rate of excitatory neurons without learning: {found['rate before (Hz)']:.0f} Hz")
    print(f"in the last quarter of {duration / 1e3:g} s of learning: {found['rate (Hz)']:.2f} Hz (expected: {rate})")
    print(f"CV of the intervals: {found['CV']:.2f} (expected: {irregularity})")

    figure, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained")
    eg.plot.rate(spikes, smooth=100.0, ax=axes[0, 0])
    axes[0, 0].axhline(TARGET, color="black", linewidth=0.8, linestyle="--", label=f"target: {TARGET:g} Hz")
    axes[0, 0].set(yscale="log", ylim=(1.0, 300.0), title="excitatory neurons")
    axes[0, 0].legend()
    one = 1e3 / (0.25 * duration)  # Hz: a spike more or less in the time that is measured
    width = max(1, round(0.25 / one))  # of a bar, in spikes: all bars have as many numbers of spikes
    axes[0, 1].hist(rates, (np.arange(0, counts.max() + width + 1, width) - 0.5) * one)
    axes[0, 1].axvline(TARGET, color="black", linewidth=0.8, linestyle="--")
    axes[0, 1].set(xlabel="rate (Hz)", ylabel="neurons", title="rates at the end")
    for ax, title, start in ((axes[1, 0], "before", before - 200.0), (axes[1, 1], "after", net.time - 200.0)):
        eg.plot.raster(spikes, ranks=range(200), ax=ax)
        ax.set(title=title, xlim=(start, start + 200.0))
        ax.locator_params(axis="x", nbins=4)
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 neurons and 4 s instead of 10,000 and 60 s")
    parser.add_argument("--output", default="vogels2011.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
