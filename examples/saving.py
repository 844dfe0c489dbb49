"""Save a network in the middle of a run, and go on from the file: in another network, and without the script.

Two populations of Izhikevich neurons with plastic synapses, delays and noise run for a second, are saved, and run for
another. The second half is then done again from the file, in a network that was built with another seed, and in one
that ``eg.open`` makes of the file alone.

Expected: all three end with the same bits, spikes in flight, traces of the synapses and random numbers included.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["build", "main"]

# One line per parameter or equation. `: population` makes one value for all neurons; others have a value per neuron.
# Times are in ms. Normal(0.0, 1.0) is drawn anew in every step for every neuron.
Izhikevich = eg.Neuron(
    parameters="""
        a = 0.02 : population
        b = 0.2 : population
        c = -65.0 : population
        d = 8.0 : population
        tau_ampa = 5.0 : population
        noise = 5.0
    """,
    equations="""
        dg_exc/dt = -g_exc/tau_ampa
        dv/dt = 0.04*v^2 + 5.0*v + 140.0 - u - g_exc*v + noise*Normal(0.0, 1.0) : init = -65.0
        du/dt = a*(b*v - u) : init = -13.0
    """,
    spike="v > 30.0",
    reset="v = c ; u += d",
    name="Izhikevich",
)

# Pair-based STDP. `event-driven` equations are evaluated when a spike comes along, not in every step.
STDP = eg.Synapse(
    parameters="""
        tau_plus = 20.0 : projection
        tau_minus = 60.0 : projection
        A_plus = 0.0002 : projection
        A_minus = 6.6e-05 : projection
        w_max = 0.03 : projection
    """,
    equations="""
        dx/dt = -x/tau_plus : event-driven
        dy/dt = -y/tau_minus : event-driven
    """,
    pre_spike="g_target += w ; x += A_plus ; w = clip(w + y, 0.0, w_max)",
    post_spike="y -= A_minus ; w = clip(w + x, 0.0, w_max)",
    name="STDP",
)


def build(seed: int) -> tuple[eg.Network, eg.Monitor]:
    """Return the network, ready to run, and a monitor of its inhibitory spikes."""
    net = eg.Network(dt=1.0, seed=seed)
    exc = net.create(800, Izhikevich, name="exc")
    inh = net.create(200, Izhikevich, name="inh")
    inh.a = 0.1  # one number, as it was declared
    inh.noise = eg.Uniform(2.0, 3.0)  # one per neuron, drawn
    proj = net.connect(exc, inh, "exc", STDP)
    proj.connect_fixed_probability(0.1, weights=eg.Uniform(0.0, 0.03), delays=eg.Uniform(1.0, 10.0))
    spikes = net.monitor(inh, "spike")
    net.compile()
    return net, spikes


def main(quick: bool = False, output: str = "saving.png") -> dict[str, float]:
    """Run, save, run on; do the second half again from the file, twice; draw it once as it was and once as it came."""
    half, file = 300.0 if quick else 1000.0, Path(output).with_suffix(".npz")
    net, spikes = build(seed=42)
    net.simulate(half)
    print(net.save(file))
    net.simulate(half)
    weights = net.get_projections()[0].array("w")
    n_spikes = sum(map(len, spikes.get("spike", keep=True).values()))
    print(f"t = {net.time:g} ms: {n_spikes} inhibitory spikes, mean weight {np.mean(weights):.5f}")

    loaded, loaded_spikes = build(seed=7)
    print(loaded.load(file))
    loaded.simulate(half)
    opened = eg.open(file)
    opened.simulate(half)
    found = {"loaded": loaded.digest() == net.digest(), "opened": opened.digest() == net.digest()}
    print("the same bits:", found["loaded"], "(loaded),", found["opened"], "(opened); expected: True, True")

    figure, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained", sharex=True, sharey=True)
    for ax, monitor, title in zip(
        axes, (spikes, loaded_spikes), ("run in one go", "gone on from the file"), strict=True
    ):
        eg.plot.raster(monitor, ax=ax)
        ax.axvline(half, color="C1", label="saved")
        ax.set(title=f"{title}: inhibitory neurons", xlim=(half - 150.0, half + 150.0))
    axes[0].legend(loc="upper left")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return {name: float(is_same) for name, is_same in found.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="halves of 0.3 s instead of 1 s")
    parser.add_argument("--output", default="saving.png", help="where the figure goes; the file goes beside it")
    main(**vars(parser.parse_args()))
