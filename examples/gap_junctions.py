"""Gap junctions: cells that share their currents share their voltage, and, when they oscillate, their rhythm.

A synapse with `psp` transmits in every step, not when a spike arrives: what it gives here is a current between two
membranes, in proportion to the difference of their potentials.

Expected: (1) of the voltage that a current makes in one of two passive cells, the other has the part
g_gap/(g_gap + g_leak), the coupling coefficient (Bennett). (2) 20 cells with different rhythms of their own, each
coupled to all others, fall into one rhythm when the coupling is strong enough: one frequency, their spikes together.

Bennett MVL (1966) Physiology of electrotonic junctions. Ann NY Acad Sci 137:509-539.
FitzHugh R (1961) Impulses and physiological states in theoretical models of nerve membrane. Biophys J 1:445-466.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

GAP = eg.Synapse(psp="w*(pre.v - post.v)", name="gap junction")
# g_gap is the sum of the currents of all junctions of a cell in this step. That the passive cell counts as spiking
# (its condition never holds) makes its input one that arrives in `g_gap`.
PASSIVE = eg.Neuron(
    parameters="C = 1.0\n g_leak = 0.1\n I = 0.0",
    equations="C*dv/dt = I - g_leak*v + g_gap",
    spike="False",
)
FITZHUGH = eg.Neuron(
    parameters="I = 0.5",
    equations="""
        before = v
        dv/dt = v - v^3/3.0 - u + I + g_gap : rk4
        du/dt = 0.08*(v + 0.7 - 0.8*u) : rk4
    """,
    spike="v > 1.0 and before <= 1.0",
)


def coupling(g_gap: float) -> float:
    """Return which part of the voltage of a cell its neighbour has."""
    net = eg.Network(dt=0.1, seed=1)
    cells = net.create(2, PASSIVE, name="cells")
    cells.I = [1.0, 0.0]
    net.connect(cells, cells, "gap", GAP).all_to_all(weights=g_gap)
    net.compile()
    net.simulate(500.0)
    return float(cells.v[1] / cells.v[0])


def oscillators(duration: float) -> tuple[eg.Monitor, list[dict[int, list[int]]]]:
    """Run 20 cells, first alone, then coupled; return the monitor of potentials, and the spikes of both parts."""
    net = eg.Network(dt=0.1, seed=1)
    cells = net.create(20, FITZHUGH, name="cells")
    cells.I = np.linspace(0.4, 0.8, 20)
    cells.v = eg.Uniform(-2.0, 2.0)
    gaps = net.connect(cells, cells, "gap", GAP).all_to_all(weights=0.01)
    potentials, spikes = net.monitor(cells, "v", period=1.0), net.monitor(cells, "spike")
    net.compile()
    found = []
    for is_open in (False, True):
        gaps.transmission = is_open
        net.simulate(duration / 4)  # settle
        spikes.reset()
        net.simulate(duration * 3 / 4)
        found.append(spikes.get("spike"))
    return potentials, found


def main(quick: bool = False, output: str = "gap_junctions.png") -> dict[str, float]:
    """Measure the coupling and the frequencies, print them, draw both."""
    conductances = np.array([0.01, 0.03, 0.1, 0.3, 1.0])
    measured = np.array([coupling(g) for g in conductances])
    expected = conductances / (conductances + 0.1)
    for g, is_, should in zip(conductances, measured, expected, strict=True):
        print(f"g_gap = {g:g}: coupling coefficient {is_:.4f} (expected: {should:.4f})")

    duration = 2000.0 if quick else 8000.0
    potentials, both = oscillators(duration)
    rates = [np.array([1.0 / np.diff(steps).mean() for steps in part.values()]) * 1e4 for part in both]
    spread = [float(np.ptp(part)) for part in rates]
    print(
        f"frequencies alone: {rates[0].min():.1f} to {rates[0].max():.1f} Hz; coupled: {rates[1].min():.1f} to", end=""
    )
    print(f" {rates[1].max():.1f} Hz (expected: one for all)")

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 4), layout="constrained", width_ratios=(2, 2, 3))
    fine = np.geomspace(0.005, 2.0)
    left.plot(fine, fine / (fine + 0.1), color="grey", label="g/(g + g_leak)")
    left.plot(conductances, measured, "o", label="measured")
    left.set(xscale="log", xlabel="g_gap (g_leak = 0.1)", ylabel="coupling coefficient", title="two passive cells")
    left.legend()
    middle.plot(np.linspace(0.4, 0.8, 20), rates[0], "o", label="alone")
    middle.plot(np.linspace(0.4, 0.8, 20), rates[1], "o", label="coupled")
    middle.set(xlabel="current I", ylabel="frequency (Hz)", title="20 oscillating cells")
    middle.legend()
    eg.plot.trace(potentials, ax=right, ranks=range(0, 20, 4))
    right.get_legend().remove()
    right.axvline(duration, color="black", linewidth=0.8)
    right.set(xlim=(duration - 200.0, duration + 300.0), title="junctions open at the line")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return {"coupling error": float(np.abs(measured - expected).max()), "alone": spread[0], "coupled": spread[1]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a quarter of the time")
    parser.add_argument("--output", default="gap_junctions.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
