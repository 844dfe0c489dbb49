"""Structured input: a neuron is shown noise, frame by frame, and its spikes tell what it looks for.

A `TimedArray` shows 12 x 12 pixels of white noise, another frame every 20 ms. The neuron sums them through a Gabor
filter, as a simple cell of the visual cortex; what is above its threshold is the rate of its spikes, Poisson.

Expected: the mean of the frames before a spike has the shape of the filter, whatever the nonlinearity (Chichilnisky),
and an error that falls with their number n: a correlation of a/sqrt(a^2 + pixels/n), where a = 1.56 is how far along
the filter a frame before a spike is on average, for this threshold.

Chichilnisky EJ (2001) A simple white noise analysis of neuronal light responses. Network 12:199-213.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

import engram as eg

__all__ = ["main"]

# A rate-coded neuron may count: `spikes` of a step are drawn with the mean r*dt, r in Hz.
CELL = eg.Neuron(
    parameters="gain = 50.0 : population\n threshold = 0.5 : population",
    equations="""
        r = gain*pos(sum(exc) - threshold)
        spikes = Poisson(0.001*r*dt)
    """,
)
SIDE, FRAME = 12, 20.0  # pixels, ms


def gabor() -> npt.NDArray[np.float64]:
    """Return the filter, (SIDE, SIDE), of length 1."""
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    along, across = x * np.cos(0.6) + y * np.sin(0.6), -x * np.sin(0.6) + y * np.cos(0.6)
    found = np.exp(-(along**2 + across**2) / (2.0 * 2.2**2)) * np.cos(2.0 * np.pi * along / 5.5)
    return np.asarray(found / np.linalg.norm(found))


def main(quick: bool = False, output: str = "structured_input.png") -> dict[str, float]:
    """Show the frames, average those before spikes, print how near that is to the filter, draw both."""
    n_frames = 2_000 if quick else 30_000
    net = eg.Network(dt=1.0, seed=1)
    frames = net.default_rng.normal(0.0, 1.0, (n_frames, SIDE, SIDE))
    screen = net.create(eg.TimedArray(rates=frames, schedule=FRAME), name="screen")  # frame k is shown from k*FRAME on
    cell = net.create(1, CELL, name="cell")
    net.connect(screen, cell, "exc").from_matrix(gabor().reshape(1, -1))  # (post, pre)
    monitor = net.monitor(cell, ["r", "spikes"])
    net.compile()
    net.simulate(n_frames * FRAME)

    recorded = monitor.get()
    counts = recorded["spikes"][:, 0]
    shown = (np.arange(len(counts)) - 1) // int(FRAME)  # a step sees the screen of the one before
    per_frame = np.bincount(np.maximum(shown, 0), counts, n_frames)
    average = np.tensordot(per_frame, frames, 1) / per_frame.sum()
    correlation = float(np.corrcoef(average.ravel(), gabor().ravel())[0, 1])
    rate = float(counts.sum() / (len(counts) * net.dt) * 1e3)
    n = per_frame.sum() ** 2 / (per_frame**2).sum()  # frames that count, each with the weight of its spikes
    expected = 1.56 / np.sqrt(1.56**2 + SIDE**2 / n)
    print(
        f"{counts.sum():.0f} spikes, {rate:.1f} Hz; the average of the frames before them correlates with the filter:"
    )
    print(f"{correlation:.3f} (expected: {expected:.3f})")

    figure, axes = plt.subplots(1, 4, figsize=(12, 3.2), layout="constrained", width_ratios=(1, 1, 1, 1.3))
    for ax, (title, image) in zip(
        axes, {"a frame": frames[0], "the filter": gabor(), "average before a spike": average}.items(), strict=False
    ):
        high = np.abs(image).max()
        ax.imshow(image, cmap="RdBu_r", vmin=-high, vmax=high)
        ax.set(title=title, xlabel="x", ylabel="y")
    eg.plot.trace(recorded["r"][:1000, 0], dt=net.dt, ax=axes[3])
    axes[3].set(title="the cell", ylabel="rate (Hz)")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return {"correlation": correlation, "error of the correlation": correlation - expected, "rate (Hz)": rate}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 frames instead of 30,000")
    parser.add_argument("--output", default="structured_input.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
