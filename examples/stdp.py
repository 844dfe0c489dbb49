"""Spike-timing-dependent plasticity: synapses compete, and end up strong or weak.

1,000 excitatory and 200 inhibitory Poisson inputs drive one neuron. An excitatory synapse becomes stronger when its
spike comes shortly before one of the neuron, and a little more weaker when it comes after.

Expected: weights that begin evenly spread gather at two peaks, at 0 and at the largest weight, with few between, as the
paper shows; the neuron's rate falls to where its input is balanced, and its spikes are irregular. A quick run ends on
the way there: about 40 % of the weights lie below a fifth of the largest, 15 % above four fifths.

Song S, Miller KD, Abbott LF (2000) Competitive Hebbian learning through spike-timing-dependent synaptic plasticity.
Nat Neurosci 3:919-926.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

NEURON = eg.Neuron(
    equations="""
        20.0*dv/dt = (-70.0 - v) + g_exc*(0.0 - v) + g_inh*(-70.0 - v) : exponential, init = -70.0
        5.0*dg_exc/dt = -g_exc : exponential
        5.0*dg_inh/dt = -g_inh : exponential
    """,
    spike="v > -54.0",
    reset="v = -60.0",
)
W_MAX = 0.015  # in units of the leak, as the 0.05 of inhibition
# in units of w_max: 0.005 for an input before the neuron's spike, 5 % more for one after it
STDP = eg.STDP(tau_plus=20.0, tau_minus=20.0, A_plus=0.005, A_minus=0.005 * 1.05, w_max=W_MAX)


def main(quick: bool = False, output: str = "stdp.png") -> dict[str, float]:
    """Simulate, print how the weights are spread, draw them over time and at the end."""
    # Spikes of one step count as "before": a step adds dt/tau to what potentiates. At 1 ms that is as much as the 5 %.
    net = eg.Network(dt=0.1, seed=1)
    exc = net.create(eg.PoissonPopulation(1000, rates=15.0), name="exc")
    inh = net.create(eg.PoissonPopulation(200, rates=10.0), name="inh")
    neuron = net.create(1, NEURON, name="neuron")
    plastic = net.connect(exc, neuron, "exc", STDP).all_to_all(weights=eg.Uniform(0.0, W_MAX))
    net.connect(inh, neuron, "inh").all_to_all(weights=0.05)
    spikes = net.monitor(neuron, "spike")
    net.compile()

    duration, period = (100e3, 1e3) if quick else (1000e3, 5e3)
    history = []

    @net.every(period=period)
    def look(_: int) -> None:
        """Keep the distribution of the weights."""
        history.append(np.histogram(plastic.array("w"), 25, (0.0, W_MAX))[0])

    net.simulate(duration)
    w = plastic.array("w") / W_MAX
    kept = spikes.get("spike", keep=True, structured=True)
    counts = np.histogram(kept["time"], len(history), (0.0, duration))[0] / period * 1e3
    found = {
        "below a fifth": float(np.mean(w < 0.2)),
        "above four fifths": float(np.mean(w > 0.8)),
        "first rate (Hz)": float(counts[0]),
        "last rate (Hz)": float(counts[-len(counts) // 4 :].mean()),
        "CV": float(spikes.coefficient_of_variation(kept[kept["time"] > 0.5 * duration])[0]),
    }
    expected = "on the way there, about 40 % and 15 %" if quick else "most are in one or the other"
    print(f"weights below a fifth of the largest: {100 * found['below a fifth']:.0f} %,")
    print(f"above four fifths: {100 * found['above four fifths']:.0f} % (expected: {expected})")
    print(f"rate of the neuron: {found['first rate (Hz)']:.1f} Hz at first, {found['last rate (Hz)']:.1f} Hz at last,")
    print(f"CV of its intervals {found['CV']:.2f} (expected: irregular, far from 0)")

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    image = left.imshow(
        np.array(history).T, origin="lower", aspect="auto", extent=(0.0, duration / 1e3, 0.0, 1.0), vmax=200.0
    )
    left.set(xlabel="time (s)", ylabel="w/w_max", title="weights over time")
    figure.colorbar(image, ax=left, label="synapses")
    eg.plot.weights(w, bins=25, ax=middle)
    middle.set(xlabel="w/w_max", title="at the end")
    right.plot(np.arange(len(counts)) * period / 1e3, counts)
    right.set(xlabel="time (s)", ylabel="rate (Hz)", ylim=(0.0, None), title="the neuron")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 s of the neuron's life instead of 1,000")
    parser.add_argument("--output", default="stdp.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
