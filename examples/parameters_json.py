"""One neuron, many firing patterns: parameters that stand in a file, not in the script.

`save_parameters` writes the parameters of a network as JSON, which people edit; `load_parameters` sets them. The script
edits the file itself, once for each firing pattern of the adaptive exponential integrate-and-fire neuron.

Expected, with the parameters of the paper's table: tonic, intervals all alike; adapting, intervals that become longer;
initial burst, a few short intervals, then long ones; regular bursting, short and long ones in turns.

Naud R, Marcille N, Clopath C, Gerstner W (2008) Firing patterns in the adaptive exponential integrate-and-fire model.
Biol Cybern 99:335-347.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

# pF, nS, mV, ms, pA. Parameters of the population: one value each, which is what the file holds.
ADEX = eg.Neuron(
    parameters="""
        C = 200.0 : population
        g_L = 10.0 : population
        E_L = -70.0 : population
        V_T = -50.0 : population
        Delta_T = 2.0 : population
        a = 2.0 : population
        tau_w = 30.0 : population
        b = 0.0 : population
        V_r = -58.0 : population
        I = 0.0 : population
    """,
    equations="""
        C*dv/dt = g_L*(E_L - v) + g_L*Delta_T*exp((v - V_T)/Delta_T) + I - w : init = E_L
        dw/dt = (a*(v - E_L) - w)/tau_w
    """,
    spike="v > 0.0",
    reset="v = V_r ; w += b",
)
PATTERNS = {  # what each changes
    "tonic": {"I": 500.0},
    "adapting": {"g_L": 12.0, "tau_w": 300.0, "b": 60.0, "I": 500.0},
    "initial burst": {
        "C": 130.0, "g_L": 18.0, "E_L": -58.0, "a": 4.0, "tau_w": 150.0, "b": 120.0, "V_r": -50.0, "I": 400.0
    },
    "regular bursting": {"E_L": -58.0, "tau_w": 120.0, "b": 100.0, "V_r": -46.0, "I": 210.0},
}  # fmt: skip


def main(quick: bool = False, output: str = "parameters_json.png") -> dict[str, float]:
    """Write the file, edit it for each pattern, load it, simulate, print the intervals, draw the potentials."""
    net = eg.Network(dt=0.02 if quick else 0.005, seed=1)
    cell = net.create(1, ADEX, name="cell")
    potential, spikes = net.monitor(cell, "v", period=0.1), net.monitor(cell, "spike")
    net.compile()
    file = Path(output).with_suffix(".json")
    net.save_parameters(file)
    original = json.loads(file.read_text())
    print(f"{file.name}: {original}")

    found: dict[str, float] = {}
    figure, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained", sharex=True, sharey=True)
    for ax, (name, changes) in zip(axes.flat, PATTERNS.items(), strict=True):
        edited = {**original, "populations": {"cell": {**original["populations"]["cell"], **changes}}}
        file.write_text(json.dumps(edited, indent=4))
        net.reset()
        net.load_parameters(file)
        cell.v = cell.E_L  # where a reset has put it is the rest of the first pattern
        net.simulate(500.0)
        eg.plot.trace(potential, ax=ax)
        intervals = np.array(spikes.inter_spike_interval())
        ax.set(title=name, ylabel="v (mV)")
        print(f"{name}: intervals of {np.array2string(intervals[:10], precision=0, separator=', ')} ms")
        found |= {f"first interval, {name}": intervals[0], f"last interval, {name}": intervals[-1]}
        found |= {f"longest/shortest, {name}": intervals[1:].max() / intervals[1:].min()}
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="steps of 0.02 ms instead of 0.005")
    parser.add_argument(
        "--output", default="parameters_json.png", help="where the figure goes; the file goes beside it"
    )
    main(**vars(parser.parse_args()))
