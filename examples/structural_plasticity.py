"""Receptive fields that grow and shrink: synapses come where both neurons are active, and go where they stay weak.

A bump of activity wanders over a row of inputs. Each of a few neurons likes one place; its synapses from there grow,
those from elsewhere fade, and are pruned once they are old enough.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

N_IN, N_OUT = 60, 12
ROUND = 100.0  # ms in which the bump passes all inputs

RATE = eg.Neuron(parameters="stimulus = 0.0", equations="r = stimulus")
GROWING = eg.Synapse(
    parameters="eta = 0.02 : projection",
    equations="""
        age = age + 1.0
        w += eta*post.r*(pre.r - w)
    """,
    pruning="age > 150.0 and w < 0.15 : proba=0.5",
    creating="pre.r > 0.5 and post.r > 0.5 : proba=0.02, w=0.3",
)


def main(quick: bool = False, output: str = "structural_plasticity.png") -> dict[str, float]:
    """Return the number of synapses before and after, and how far fields lie from what their neurons like."""
    net = eg.Network(dt=1.0, seed=7)
    inputs, outputs = net.create(N_IN, RATE, name="inputs"), net.create(N_OUT, RATE, name="outputs")
    proj = net.connect(inputs, outputs, "exc", GROWING, name="fields").fixed_number_pre(10, weights=0.3)
    net.compile()
    proj.start_pruning(10.0)
    proj.start_creating(10.0)

    places, liked = np.arange(N_IN), (np.arange(N_OUT) + 0.5) * N_IN / N_OUT
    first, counts = proj.connectivity_matrix(), [proj.nb_synapses]
    for _ in range(8 if quick else 16):
        for center in np.linspace(0.0, N_IN, 20, endpoint=False):
            inputs.stimulus = np.exp(-(((places - center) / 4.0) ** 2))
            outputs.stimulus = np.exp(-(((liked - center) / 4.0) ** 2))
            net.simulate(ROUND / 20)
        counts.append(proj.nb_synapses)

    middle = np.array([np.mean(proj[post].pre_ranks) for post in proj.post_ranks])
    found = {
        "synapses at first": float(counts[0]),
        "synapses at last": float(counts[-1]),
        "distance": float(np.abs(middle - liked[proj.post_ranks]).mean()),
    }
    print(f"synapses: {counts[0]} at first, {counts[-1]} after {net.time:g} ms")
    print(f"fields lie {found['distance']:.1f} inputs from what their neurons like (at random: about 15)")

    figure, axes = plt.subplots(1, 3, figsize=(12, 3.5), width_ratios=[2, 2, 1.4], layout="constrained")
    pictures = ((first, "weights at first"), (proj.connectivity_matrix(), f"weights after {net.time:g} ms"))
    for axis, (picture, title) in zip(axes, pictures, strict=False):
        image = axis.imshow(picture, aspect="auto", origin="lower", vmin=0.0, vmax=0.8, interpolation="nearest")
        axis.set(title=title, xlabel="input", ylabel="neuron")
    figure.colorbar(image, ax=axes[1])
    axes[2].plot(np.arange(len(counts)) * ROUND, counts, marker=".")
    axes[2].set(title="number of synapses", xlabel="time (ms)", ylim=(0, None))
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half as long")
    parser.add_argument("--output", default="structural_plasticity.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
