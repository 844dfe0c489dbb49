"""A parameter study: how often a neuron fires under noise, at many means and strengths, beside the exact formula.

`parallel_run` gives a copy of the network to each set of parameters, in several processes, and keeps every result in a
file as it comes: a study that was killed goes on with what is missing. Results don't depend on the number of processes.

Expected: the mean rate of an integrate-and-fire neuron under white noise is known (Siegert): noise makes it fire below
its threshold, at 20 mV, and hardly matters far above it. Simulated rates lie within some percent of the lines.

Siegert AJF (1951) On the first passage time probability problem. Phys Rev 81:617-623. In this form: Brunel N (2000)
J Comput Neurosci 8:183-208.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.integrate import trapezoid
from scipy.special import erfcx

import engram as eg

__all__ = ["main"]

TAU, THETA, V_R, REFRACTORY = 20.0, 20.0, 10.0, 2.0  # ms, mV

# A draw in an ODE is divided by sqrt(dt), so that the strength of the noise does not depend on the step.
NEURON = eg.Neuron(
    parameters={"tau": TAU, "theta": THETA, "v_r": V_R, "mu": 0.0, "sigma": 1.0},
    equations="tau*dv/dt = mu - v + sigma*sqrt(tau/dt)*Normal(0.0, 1.0)",
    spike="v > theta",
    reset="v = v_r",
    refractory=REFRACTORY,
)


def siegert(mu: float, sigma: float) -> float:
    """Return the rate in Hz; exp(x^2)*(1 + erf(x)) is erfcx(-x)."""
    x = np.linspace((V_R - mu) / sigma, (THETA - mu) / sigma, 2001)
    integral = trapezoid(erfcx(-x), x)
    return float(1e3 / (REFRACTORY + TAU * np.sqrt(np.pi) * integral))


def rate(net: eg.Network, mu: float, sigma: float, duration: float) -> float:
    """Return the simulated rate in Hz: this is called once for each set of parameters, with a copy of the network."""
    neurons, spikes = net.get_population("neurons"), net.get_monitors()[0]
    neurons.mu, neurons.sigma = mu, sigma
    net.simulate(100.0)
    spikes.reset()
    net.simulate(duration)
    return float(spikes.mean_fr())


def main(quick: bool = False, output: str = "parameter_study.png") -> dict[str, float]:
    """Run the study, print how far it is from the formula, draw both."""
    net = eg.Network(dt=0.02, seed=1)
    neurons = net.create(100 if quick else 1000, NEURON, name="neurons")
    net.monitor(neurons, "spike")
    net.compile()

    sigmas, mus = [1.0, 3.0, 5.0], np.linspace(14.0, 30.0, 5 if quick else 17).tolist()
    sets = [{"mu": mu, "sigma": sigma} for sigma, mu in product(sigmas, mus)]
    file = Path(output).with_suffix(".jsonl")
    rates = net.parallel_run(rate, sets, max_processes=2, resume=file, duration=200.0 if quick else 1000.0)
    file.unlink()  # the study is complete

    expected = [siegert(**one) for one in sets]
    firing = np.array(expected) > 10.0
    deviation = np.abs(np.array(rates) / expected - 1.0)[firing]
    print(f"{len(sets)} sets of parameters; rates above 10 Hz are off the formula by {100 * deviation.mean():.1f} %")
    print(f"on average (expected: few), by {100 * deviation.max():.1f} % at most")

    figure, ax = plt.subplots(figsize=(8, 5), layout="constrained")
    fine = np.linspace(min(mus), max(mus), 200)
    for number, sigma in enumerate(sigmas):
        ax.plot(fine, [siegert(mu, sigma) for mu in fine], color=f"C{number}", label=f"sigma = {sigma:g} mV, Siegert")
        found = rates[number * len(mus) : (number + 1) * len(mus)]
        ax.plot(mus, found, "o", color=f"C{number}", label="simulated")
    ax.axvline(THETA, color="grey", linewidth=0.8)
    ax.set(xlabel="mean input (mV); threshold at 20", ylabel="rate (Hz)", title="rate under noise", ylim=(-2, 85))
    ax.legend(loc="upper left", ncols=3)
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return {"mean deviation": float(deviation.mean()), "largest deviation": float(deviation.max())}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="15 sets and 100 neurons instead of 51 and 1,000")
    parser.add_argument("--output", default="parameter_study.png", help="where the figure goes; results go beside it")
    main(**vars(parser.parse_args()))
