"""A field of neurons that decides and remembers: neighbours excite each other, the rest is inhibited.

Two spots of input fall on a two-dimensional field, one a little stronger, both noisy. Lateral synapses are a difference
of two Gaussians of the distance (`dog`): the field settles on the stronger spot, and one bump of activity stays after
the input is gone, at the same place. A later, far stronger input elsewhere takes it away.

Expected: without input either nothing or one bump, both stable; a bump has a width of its own, set by the synapses and
not by what caused it (Amari's cases). Here: one bump during the decision, at the stronger spot within one neuron; there
after 300 ms of nothing; and at the new place afterwards.

Amari S (1977) Dynamics of pattern formation in lateral-inhibition type neural fields. Biol Cybern 27:77-87.
Rougier NP, Vitay J (2006) Emergence of attention within a neural population. Neural Networks 19:573-581.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

import engram as eg

__all__ = ["main"]

INPUT = eg.Neuron(parameters="base = 0.0", equations="r = pos(base + Uniform(-0.2, 0.2))")
FIELD = eg.Neuron(
    parameters="""
        tau = 10.0 : population
        rest = -0.2 : population
    """,
    equations="""
        tau*dv/dt = -v + rest + sum(input) + sum(lateral) : exponential, init = -0.2
        r = clip(v, 0.0, 1.0)
    """,
)
SIDE = 30
Spot = tuple[float, float]


def spot(centre: Spot, height: float, width: float = 2.5) -> npt.NDArray[np.float64]:
    """Return a bump of input, (SIDE, SIDE)."""
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.asarray(height * np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2.0 * width**2)))


def centre_of(r: npt.NDArray[np.float64]) -> Spot:
    """Return where the activity has its centre, (x, y)."""
    y, x = np.mgrid[:SIDE, :SIDE]
    return float((x * r).sum() / r.sum()), float((y * r).sum() / r.sum())


def main(quick: bool = False, output: str = "neural_field.png") -> dict[str, float]:
    """Show the inputs one after the other, print where the bump is, draw inputs and field."""
    net = eg.Network(dt=1.0, seed=1)
    inputs, field = net.create((SIDE, SIDE), INPUT, name="inputs"), net.create((SIDE, SIDE), FIELD, name="field")
    net.connect(inputs, field, "input").one_to_one(weights=1.0)
    lateral = net.connect(field, field, "lateral")
    lateral.dog(amp_pos=0.2, sigma_pos=0.08, amp_neg=0.04, sigma_neg=0.6)
    net.compile()

    strong, weak, later = (8.0, 20.0), (21.0, 20.0), (15.0, 6.0)
    phases = {
        "two inputs": (spot(strong, 0.8) + spot(weak, 0.6), strong),
        "nothing": (np.zeros((SIDE, SIDE)), strong),
        "another input": (spot(later, 2.0), later),
        "nothing again": (np.zeros((SIDE, SIDE)), later),
    }
    found = {}
    figure, axes = plt.subplots(2, 4, figsize=(11, 5.5), layout="constrained", sharex=True, sharey=True)
    for (name, (shown, expected)), (above, below) in zip(phases.items(), axes.T, strict=True):
        inputs.base = shown
        net.simulate(100.0 if quick else 300.0)
        x, y = centre_of(field.r)
        found[f"distance, {name}"] = float(np.hypot(x - expected[0], y - expected[1]))
        found[f"size, {name}"] = float((field.r > 0.5).sum())
        print(
            f"{name}: bump at ({x:.1f}, {y:.1f}) (expected: {expected}), {found[f'size, {name}']:.0f} neurons above 0.5"
        )
        above.imshow(inputs.r, vmin=0.0, vmax=1.0)
        above.set(title=name)
        image = below.imshow(field.r, vmin=0.0, vmax=1.0)
        below.plot(*expected, "+", color="red", markersize=12)
        below.set(xlabel="x")
    axes[0, 0].set(ylabel="input\ny")
    axes[1, 0].set(ylabel="field (+: expected centre)\ny")
    figure.colorbar(image, ax=axes, label="rate")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the time")
    parser.add_argument("--output", default="neural_field.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
