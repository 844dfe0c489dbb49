"""A thousand pulse-coupled neurons that fall into the brain's rhythms, as in the program of Izhikevich's paper.

800 excitatory and 200 inhibitory neurons, all different, all connected, driven by noise. Nobody tells them to, but they
fire together about ten times a second (alpha), and within these volleys faster (gamma, about 40 Hz).

Expected: volleys across all neurons in the raster (fig. 3). The paper's program, run in NumPy with several seeds, gives
7.3 spikes per second and neuron, and the strongest rhythm at 8 Hz.

Izhikevich EM (2003) Simple model of spiking neurons. IEEE Trans Neural Netw 14:1569-1572.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

# A line per parameter or equation. Parameters have a value per neuron; with `: population` it would be one for all.
# Times are in ms. `Normal(0.0, 1.0)` is drawn anew for each neuron in each step; inputs (g_exc, g_inh) act in one step
# and are then 0. The paper takes two half steps for v, to keep it stable at 1 ms.
NEURON = eg.Neuron(
    parameters="""
        a = 0.02
        b = 0.2
        c = -65.0
        d = 8.0
        noise = 5.0
    """,
    equations="""
        I = g_exc - g_inh + noise*Normal(0.0, 1.0)
        dv/dt = 0.5*(0.04*v^2 + 5.0*v + 140.0 - u + I) : init = -65.0
        v += 0.5*dt*(0.04*v^2 + 5.0*v + 140.0 - u + I)
        du/dt = a*(b*v - u) : init = -13.0
    """,
    spike="v >= 30.0",
    reset="v = c ; u += d",
)


def main(quick: bool = False, output: str = "izhikevich.png") -> dict[str, float]:
    """Simulate, print rates and the rhythm, draw the raster."""
    net = eg.Network(dt=1.0, seed=1)
    neurons = net.create(1000, NEURON, name="neurons")
    exc, inh = neurons[:800], neurons[800:]  # views: parts of a population, which connect and record like one

    re, ri = net.default_rng.random(800), net.default_rng.random(200)
    exc.c, exc.d = -65.0 + 15.0 * re**2, 8.0 - 6.0 * re**2  # from regular spiking (re = 0) to chattering (re = 1)
    inh.a, inh.b, inh.d = 0.02 + 0.08 * ri, 0.25 - 0.05 * ri, 2.0
    inh.noise = 2.0
    neurons.u = neurons.b * neurons.v

    net.connect(exc, neurons, "exc").all_to_all(weights=eg.Uniform(0.0, 0.5), allow_self_connections=True)
    net.connect(inh, neurons, "inh").all_to_all(weights=eg.Uniform(0.0, 1.0), allow_self_connections=True)
    spikes = net.monitor(neurons, "spike")
    net.compile()

    duration = 1000.0 if quick else 5000.0
    net.simulate(duration)
    counts = spikes.histogram(spikes.get("spike", keep=True), bins=1.0, recording_window=(0, net.current_step))
    power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
    hertz = np.fft.rfftfreq(len(counts), 1e-3)
    slow = (hertz >= 4.0) & (hertz <= 20.0)
    found = {
        "rate (Hz)": counts.sum() / 1000 / duration * 1e3,
        "rhythm (Hz)": float(hertz[slow][power[slow].argmax()]),
    }
    print(f"rate of a neuron: {found['rate (Hz)']:.1f} Hz (expected: 7.3)")
    print(f"strongest rhythm between 4 and 20 Hz: {found['rhythm (Hz)']:.0f} Hz (expected: 8, the alpha band)")

    figure, (raster, rate) = plt.subplots(2, 1, figsize=(8, 6), height_ratios=(3, 1), sharex=True, layout="constrained")
    eg.plot.raster(spikes, ax=raster)
    raster.axhline(800, color="black", linewidth=0.5)
    raster.set(title="800 excitatory neurons, above them 200 inhibitory ones", xlabel="")
    rate.plot(counts, linewidth=0.8)
    rate.set(xlabel="time (ms)", ylabel="spikes in 1 ms", xlim=(0, 1000))
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one second instead of five")
    parser.add_argument("--output", default="izhikevich.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
