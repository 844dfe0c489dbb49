"""BCM learning: neurons that see the same patterns become selective, each for one of them.

The weights of a neuron grow while its rate is above a threshold and shrink while it is below; the threshold follows the
mean square of the rate. Ten overlapping patterns, bumps along a row of inputs, are shown in random order to 20 neurons
that do not know of each other and begin with small random weights.

Expected: every neuron ends with a response to one of the K patterns, and to no other, whatever it began with. That
response is K, since the threshold then is the mean of its square, K^2/K = K, and a rate at the threshold changes
nothing; some percent less here, as the threshold already moves while a pattern is shown. Which pattern it is differs
from neuron to neuron.

Bienenstock EL, Cooper LN, Munro PW (1982) Theory for the development of neuron selectivity: orientation specificity and
binocular interaction in visual cortex. J Neurosci 2:32-48. Intrator N, Cooper LN (1992) Objective function formulation
of the BCM theory of visual cortical plasticity. Neural Networks 5:3-17.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

INPUT = eg.Neuron(parameters="r = 0.0")  # a rate that the script sets
LINEAR = eg.Neuron(equations="r = sum(exc)")
# theta: one for each neuron that learns (`postsynaptic`), not one for each synapse. eg.IBCM is the same with w >= 0.
BCM = eg.Synapse(
    parameters="""
        eta = 0.0005 : projection
        tau = 500.0 : projection
    """,
    equations="""
        tau*dtheta/dt = post.r^2 - theta : exponential, postsynaptic, init = 1.0
        dw/dt = eta*post.r*(post.r - theta)*pre.r
    """,
)
K, INPUTS, NEURONS = 10, 50, 20


def main(quick: bool = False, output: str = "bcm.png") -> dict[str, float]:
    """Train, print how selective the neurons are, draw their responses."""
    place = np.arange(INPUTS)
    distance = np.abs(place - (np.arange(K) + 0.5)[:, None] * INPUTS / K)
    patterns = np.exp(-(np.minimum(distance, INPUTS - distance) ** 2) / (2.0 * 2.5**2))  # the row is a ring
    patterns /= np.linalg.norm(patterns, axis=1, keepdims=True)

    net = eg.Network(dt=1.0, seed=1)
    inputs, neurons = net.create(INPUTS, INPUT, name="inputs"), net.create(NEURONS, LINEAR, name="neurons")
    proj = net.connect(inputs, neurons, "exc", BCM).all_to_all(weights=eg.Uniform(0.0, 0.5))
    net.compile()

    history = []

    @net.every(period=2.0)
    def show(n: int) -> None:
        """Show another pattern, any of them; look at the responses of one neuron to all from time to time."""
        inputs.r = patterns[net.default_rng.integers(K)]
        if n % 500 == 0:
            history.append(patterns @ proj.dendrite(0).w)

    duration = 100_000.0 if quick else 400_000.0
    net.simulate(duration)
    responses = proj.connectivity_matrix() @ patterns.T  # (neurons, patterns)
    ranked = np.sort(responses, axis=1)
    best, second = ranked[:, -1], ranked[:, -2]
    found = {
        "best response": float(best.mean()),
        "second response": float(second.mean()),
        "selective": float(np.mean(second < 0.1 * best)),
        "patterns": float(len(set(responses.argmax(axis=1)))),
    }
    print(f"response to the best pattern: {found['best response']:.2f} (expected: {K}, on average)")
    print(f"to the second best: {found['second response']:.2f} (expected: 0)")
    print(f"{100 * found['selective']:.0f} % of the neurons respond to one pattern alone (expected: all),")
    print(f"together to {found['patterns']:.0f} of {K} patterns")

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    left.plot(patterns.T, linewidth=1.0)
    left.set(xlabel="input", ylabel="rate", title=f"{K} patterns")
    middle.plot(np.arange(len(history)), history, linewidth=1.0)
    middle.axhline(K, color="black", linewidth=0.8, linestyle="--")
    middle.set(xlabel="time (s)", ylabel="response", title="one neuron's responses to them")
    image = right.imshow(
        responses[np.argsort(responses.argmax(axis=1), kind="stable")], aspect="auto", vmin=0.0, vmax=K
    )
    right.set(xlabel="pattern", ylabel="neuron, sorted", yticks=range(0, NEURONS, 5), title="responses after learning")
    figure.colorbar(image, ax=right, label="response")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 s instead of 400")
    parser.add_argument("--output", default="bcm.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
