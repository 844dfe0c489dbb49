"""Chaos in a random network of rate neurons: silence below a gain of 1, lasting irregular activity above it.

N neurons, dx/dt = -x + g*sum(J tanh(x)), with weights J drawn from a normal distribution of variance 1/N.

Expected: for g < 1 all activity dies. For g > 1 it never does, and no two neurons do the same; delta, the variance of
x, is that of the paper's mean-field theory, exact for infinitely many neurons: 1/2 delta^2 = g^2 (<F^2> - <F>^2), where
F is log cosh(x) and x normal with this variance. Two copies that differ by a billionth in one neuron run apart
exponentially.

Sompolinsky H, Crisanti A, Sommers HJ (1988) Chaos in random neural networks. Phys Rev Lett 61:259-262.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

NEURON = eg.Neuron(
    parameters="""
        tau = 10.0 : population
        g = 1.0 : population
    """,
    equations="""
        tau*dx/dt = -x + g*sum(exc) : exponential
        r = tanh(x)
    """,
)


def variance(g: float) -> float:
    """Return the variance of x that mean-field theory predicts."""
    if g <= 1.0:
        return 0.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    weights /= weights.sum()

    deltas = np.linspace(0.0, g**2, 1001)[1:]
    primitive = np.log(np.cosh(np.sqrt(deltas)[:, None] * nodes))
    imbalance = 0.5 * deltas**2 - g**2 * (primitive**2 @ weights - (primitive @ weights) ** 2)
    last = np.flatnonzero(imbalance < 0.0)[-1]  # from there on it grows through 0
    return float(np.interp(0.0, imbalance[last : last + 2], deltas[last : last + 2]))


def separation(net: eg.Network, seen: list[float]) -> None:
    """Run a copy beside the network, one neuron moved by 1e-9; append how far they are apart, each 10 ms."""
    twin = net.copy()
    twin.get_population("neurons").x[0] += 1e-9
    for _ in range(100):
        net.simulate(10.0)
        twin.simulate(10.0)
        seen.append(float(np.linalg.norm(net.get_population("neurons").x - twin.get_population("neurons").x)))


def main(quick: bool = False, output: str = "chaos.png") -> dict[str, float]:
    """Measure the variance at several gains, print it beside the theory, draw both."""
    n, duration = (500, 1000.0) if quick else (1000, 10000.0)
    gains = [0.8, 1.5, 2.0] if quick else [0.5, 0.8, 0.9, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0]
    net = eg.Network(dt=1.0, seed=1)
    net.config(num_threads=2)
    neurons = net.create(n, NEURON, name="neurons")
    net.connect(neurons, neurons, "exc").all_to_all(weights=eg.Normal(0.0, n**-0.5), allow_self_connections=True)
    monitor = net.monitor(neurons, "x", start=False)
    net.compile()

    found, traces, apart = {}, {}, list[float]()
    for g in gains:
        neurons.g, neurons.x = g, net.default_rng.normal(0.0, 1.0, n)
        net.simulate(500.0)
        monitor.start()
        net.simulate(duration)
        monitor.pause()
        x = monitor.get("x")
        traces[g], found[f"variance at g = {g:g}"] = x[-500:, :8], float(x[-1000:].var() if g < 1.0 else x.var())
        print(f"g = {g:g}: variance of x {found[f'variance at g = {g:g}']:.3f} (expected: {variance(g):.3f})")
        if g == 2.0:
            separation(net, apart)
    growth = np.log(apart[-1] / apart[19]) / 800.0  # per ms, once the difference has taken the direction that grows
    found["growth of a difference (1/s)"] = growth * 1e3
    print(f"g = 2: a difference grows by a factor e in {1 / growth:.0f} ms (expected: it grows, that is chaos)")

    figure, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained")
    for ax, g in zip(axes[0], (0.8, 1.5), strict=True):
        eg.plot.trace(traces[g], "x", dt=net.dt, ax=ax)
        ax.get_legend().remove()
        ax.set(title=f"8 of {n} neurons, g = {g:g}", ylim=(-3.0, 3.0))
    fine = np.linspace(0.5, max(gains), 60)
    axes[1, 0].plot(fine, [variance(g) for g in fine], color="grey", label="theory")
    axes[1, 0].plot(gains, list(found.values())[: len(gains)], "o", label="measured")
    axes[1, 0].set(xlabel="gain g", ylabel="variance of x")
    axes[1, 0].legend()
    axes[1, 1].semilogy(np.arange(1, len(apart) + 1) * 10.0, apart)
    axes[1, 1].set(xlabel="time (ms)", ylabel="distance of two copies", title="g = 2, after a push of 1e-9")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="500 neurons and 3 gains instead of 1,000 and 11")
    parser.add_argument("--output", default="chaos.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
