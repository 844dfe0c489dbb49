"""FORCE learning: a chaotic network learns to produce a pattern by itself.

A readout listens to a random recurrent network and is fed back into it. While it learns, its weights are corrected
every second step, by recursive least squares, so fast that the fed back output is right from the beginning. After
learning the weights stand still, and the network goes on with the pattern alone.

Expected: the error during learning is small at once and the corrections become smaller; with the weights frozen the
output goes on following the target, a sum of four sines, for many periods (fig. 2 of the paper).

Sussillo D, Abbott LF (2009) Generating coherent patterns of activity from chaotic neural networks. Neuron 63:544-557.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

import engram as eg

__all__ = ["main"]

RESERVOIR = eg.Neuron(
    parameters="tau = 10.0 : population",
    equations="""
        tau*dx/dt = -x + sum(rec) + sum(back) : init = Normal(0.0, 0.5)
        r = tanh(x)
    """,
)
READOUT = eg.Neuron(equations="r = sum(out)")
PERIOD = 600.0  # ms


def target(t: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the pattern at a time in ms."""
    phase = 2.0 * np.pi * np.asarray(t) / PERIOD
    return 1.3 / 1.5 * (np.sin(phase) + np.sin(2 * phase) / 2 + np.sin(3 * phase) / 6 + np.sin(4 * phase) / 3)


def main(quick: bool = False, output: str = "force.png") -> dict[str, float]:
    """Train, freeze, go on; print the errors, draw output and target."""
    n, periods = (400, 12) if quick else (1000, 18)
    net = eg.Network(dt=1.0, seed=1)
    net.config(num_threads=2)
    reservoir, readout = net.create(n, RESERVOIR, name="reservoir"), net.create(1, READOUT, name="readout")
    recurrent = net.connect(reservoir, reservoir, "rec")
    recurrent.fixed_probability(0.1, weights=eg.Normal(0.0, 1.5 / np.sqrt(0.1 * n)))  # a gain of 1.5: chaos
    net.connect(readout, reservoir, "back").all_to_all(weights=eg.Uniform(-1.0, 1.0))
    out = net.connect(reservoir, readout, "out").all_to_all(weights=0.0, force_multiple_weights=True)
    monitor = net.monitor(readout, "r")
    net.compile()

    inverse = np.eye(n)  # of the correlations between neurons, as they are known so far
    corrections = []

    @net.every(period=2.0)
    def learn(_: int) -> None:
        """Correct the weights so that the output would have been right, and what was right before stays so."""
        r, w = reservoir.r, out.array("w")
        gained = inverse @ r
        scale = 1.0 / (1.0 + r @ gained)
        np.subtract(inverse, np.outer(scale * gained, gained), out=inverse)
        change = scale * (target(net.time) - w @ r) * gained
        out.w = w + change
        corrections.append(float(np.linalg.norm(change)))

    net.simulate(PERIOD)
    net.simulate((periods - 1) * PERIOD)
    net.clear_all_callbacks()
    learned = net.time
    net.simulate(4 * PERIOD)

    z, times = monitor.get("r")[:, 0], np.arange(net.current_step) * net.dt
    errors = z - target(times)
    found = {
        "error while learning": float(np.sqrt(np.mean(errors[(times > PERIOD) & (times < learned)] ** 2))),
        "error alone": float(np.sqrt(np.mean(errors[times >= learned] ** 2))),
        "size of the target": float(target(times).std()),
    }
    print(f"target: standard deviation {found['size of the target']:.2f}")
    print(f"error while learning, after the first period: {found['error while learning']:.3f} (expected: small)")
    print(f"error of 4 periods with frozen weights: {found['error alone']:.3f} (expected: far below the target's size)")

    figure, axes = plt.subplots(2, 2, figsize=(11, 6), layout="constrained")
    parts = {
        "the beginning of learning": 0.0,
        "the end of learning": learned - 2 * PERIOD,
        "weights frozen": net.time - 2 * PERIOD,
    }
    for ax, (title, start) in zip(axes.flat, parts.items(), strict=False):
        shown = (times >= start) & (times < start + 2 * PERIOD)
        ax.plot(times[shown] / 1e3, target(times[shown]), color="C1", linewidth=3.0, alpha=0.5, label="target")
        ax.plot(times[shown] / 1e3, z[shown], color="C0", linewidth=1.0, label="output")
        ax.set(title=title, xlabel="time (s)", ylim=(-2.0, 2.0), ylabel="output")
    axes[0, 0].legend()
    axes[1, 1].semilogy(np.arange(len(corrections)) * 2e-3, corrections, linewidth=0.5)
    axes[1, 1].set(title="corrections become smaller", xlabel="time (s)", ylabel="change of the weights")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="400 neurons instead of 1,000")
    parser.add_argument("--output", default="force.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
