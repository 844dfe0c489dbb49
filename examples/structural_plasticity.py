"""Receptive fields that grow and shrink: synapses come where both neurons are active, and go where they stay weak.

A bump of activity wanders over a row of inputs. Each of a few neurons likes one place; its synapses from there grow,
those from elsewhere fade, and are pruned once they are old enough. Half-way all neurons come to like another place:
their fields shrink there and grow here.
"""

from __future__ import annotations

import argparse
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

N_IN, N_OUT = 60, 12
ROUND = 100.0  # ms in which the bump passes all inputs
SHOWN = 3  # the neuron whose field is drawn over time

INPUT = eg.Neuron(parameters="stimulus = 0.0", equations="r = stimulus")
OUTPUT = eg.Neuron(parameters="stimulus = 0.0", equations="heard = sum(exc)\nr = stimulus")  # told what to like
GROWING = eg.Synapse(
    parameters="eta = 0.02 : projection",
    equations="""
        age = age + 1.0
        w += eta*post.r*(pre.r - w)
    """,
    pruning="age > 100.0 and w < 0.15 : proba=0.5",
    creating="pre.r > 0.5 and post.r > 0.5 : proba=0.2, w=0.3",
)


def main(quick: bool = False, output: str = "structural_plasticity.png") -> dict[str, float]:
    """Return numbers of synapses, and how far fields lie from what their neurons like."""
    net = eg.Network(dt=1.0, seed=7)
    inputs, outputs = net.create(N_IN, INPUT, name="inputs"), net.create(N_OUT, OUTPUT, name="outputs")
    proj = net.connect(inputs, outputs, "exc", GROWING, name="fields").fixed_number_pre(10, weights=0.3)
    count = net.monitor(proj, "nb_synapses")
    net.compile()
    weights_of_one = net.monitor(proj.dendrite(SHOWN), "w", period=20.0)
    proj.start_pruning(10.0)
    proj.start_creating(5.0)

    places, liked = np.arange(N_IN), (np.arange(N_OUT) + 0.5) * N_IN / N_OUT
    pictures, distances = [proj.connectivity_matrix(fill=np.nan)], []
    for now_liked in (liked, (liked + N_IN / 2) % N_IN):
        for _ in range(4 if quick else 8):
            for center in np.linspace(0.0, N_IN, 20, endpoint=False):
                inputs.stimulus = np.exp(-(((places - center) / 4.0) ** 2))
                outputs.stimulus = np.exp(-(((now_liked - center) / 4.0) ** 2))
                net.simulate(ROUND / 20)
        weights = proj.connectivity_matrix()
        pictures.append(np.where(weights > 0.0, weights, np.nan))
        middle = (weights @ places) / weights.sum(axis=1)
        distances.append(float(np.abs(middle - now_liked).mean()))

    counts = count.get("nb_synapses")
    found = {
        "synapses at first": float(np.isfinite(pictures[0]).sum()),
        "synapses at last": float(counts[-1]),
        "distance": distances[0],
        "distance after the change": distances[1],
    }
    print(f"synapses: {found['synapses at first']:.0f} at first, {counts[-1]} after {net.time:g} ms")
    print("fields lie {:.1f} and, after the change, {:.1f} inputs from what their neurons like".format(*distances))
    _draw(pictures, weights_of_one.receptive_fields(), counts, net.time, output)
    return found


def _draw(pictures: list[np.ndarray], fields: np.ndarray, counts: np.ndarray, time: float, output: str) -> None:
    figure, axes = plt.subplots(2, 3, figsize=(12, 6.5), layout="constrained")
    looks: dict[str, Any] = {"aspect": "auto", "origin": "lower", "vmin": 0.0, "vmax": 0.8, "interpolation": "nearest"}
    titles = ("weights at first", f"after {time / 2:g} ms", f"after {time:g} ms")
    for axis, picture, title in zip(axes[0], pictures, titles, strict=True):
        image = axis.imshow(picture, **looks)
        axis.set(title=title, xlabel="input", ylabel="neuron")
    figure.colorbar(image, ax=axes[0, 2], label="weight (white: no synapse)")

    whole = axes[1, 0].get_gridspec()
    axes[1, 0].remove()
    axes[1, 1].remove()
    wide = figure.add_subplot(whole[1, :2])
    wide.imshow(fields.T, extent=(0.0, time, -0.5, N_IN - 0.5), **looks)
    wide.axvline(time / 2, color="tab:red", linewidth=1.0)
    wide.set(title=f"receptive field of neuron {SHOWN}", xlabel="time (ms)", ylabel="input")
    axes[1, 2].plot(counts)
    axes[1, 2].axvline(time / 2, color="tab:red", linewidth=1.0)
    axes[1, 2].set(title="number of synapses", xlabel="time (ms)", ylim=(0, None))
    figure.savefig(output, dpi=100)
    plt.close(figure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half as long")
    parser.add_argument("--output", default="structural_plasticity.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
