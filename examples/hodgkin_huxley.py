"""The action potential of the squid's axon, and how often it repeats under a constant current.

Expected: the action potential reaches about +40 mV and undershoots rest, as in the paper (fig. 12). Under a
constant current the membrane fires for good from 6.3 uA/cm2 on (Rinzel & Miller find 6.26), and at once with more than
50 Hz: no slower rate exists. At 10 uA/cm2 it is about 68 Hz.

Hodgkin AL, Huxley AF (1952) A quantitative description of membrane current and its application to conduction and
excitation in nerve. J Physiol 117:500-544. Rinzel J, Miller RN (1980) Numerical calculation of stable and unstable
periodic solutions to the Hodgkin-Huxley equations. Math Biosci 49:27-59.
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import engram as eg

__all__ = ["main"]

# mV, ms, mS/cm2, uA/cm2 and uF/cm2, with rest at -65 mV. The rates are assignments, so that all gates see those of the
# same v; `exponential` is exact for a gate while its rates don't change.
HODGKIN_HUXLEY = eg.Neuron(
    parameters="""
        I = 0.0
        C = 1.0 : population
        g_Na = 120.0 : population
        g_K = 36.0 : population
        g_L = 0.3 : population
        E_Na = 50.0 : population
        E_K = -77.0 : population
        E_L = -54.387 : population
    """,
    equations="""
        before = v
        a_m = 0.1*(v + 40.0)/(1.0 - exp(-(v + 40.0)/10.0))
        a_h = 0.07*exp(-(v + 65.0)/20.0)
        a_n = 0.01*(v + 55.0)/(1.0 - exp(-(v + 55.0)/10.0))
        b_m = 4.0*exp(-(v + 65.0)/18.0)
        b_h = 1.0/(1.0 + exp(-(v + 35.0)/10.0))
        b_n = 0.125*exp(-(v + 65.0)/80.0)
        dm/dt = a_m*(1.0 - m) - b_m*m : exponential, init = 0.0529
        dh/dt = a_h*(1.0 - h) - b_h*h : exponential, init = 0.5961
        dn/dt = a_n*(1.0 - n) - b_n*n : exponential, init = 0.3177
        C*dv/dt = I - g_Na*m^3*h*(v - E_Na) - g_K*n^4*(v - E_K) - g_L*(v - E_L) : exponential, init = -65.0
    """,
    spike="v > 0.0 and before <= 0.0",
)


def main(quick: bool = False, output: str = "hodgkin_huxley.png") -> dict[str, float]:
    """Give each neuron another current, measure who fires and how often, draw both."""
    currents = np.linspace(0.0, 20.0, 41 if quick else 201)
    net = eg.Network(dt=0.01, seed=1)
    axon = net.create(len(currents), HODGKIN_HUXLEY, name="axon")
    axon.I = currents
    ten = int(np.argmin(np.abs(currents - 10.0)))
    spikes = net.monitor(axon, "spike")
    trace = net.monitor(axon[ten], ["v", "m", "h", "n"])
    net.compile()
    net.simulate(40.0)
    trace.pause()
    net.simulate(160.0)  # those that fire a few times and stop have stopped
    spikes.reset()
    net.simulate(200.0 if quick else 1000.0)

    intervals = [np.diff(steps).mean() * net.dt if len(steps) > 2 else np.inf for steps in spikes.get("spike").values()]
    rates = 1e3 / np.array(intervals)
    recorded = trace.get()
    found = {
        "threshold (uA/cm2)": float(currents[rates > 0.0][0]),
        "lowest rate (Hz)": float(rates[rates > 0.0][0]),
        "rate at 10 uA/cm2 (Hz)": float(rates[ten]),
        "peak (mV)": float(recorded["v"].max()),
    }
    print(
        f"fires for good from {found['threshold (uA/cm2)']:g} uA/cm2 on (expected: 6.3, in steps of {currents[1]:g}),"
    )
    print(f"there with {found['lowest rate (Hz)']:.0f} Hz (expected: above 50);")
    print(f"at 10 uA/cm2 with {found['rate at 10 uA/cm2 (Hz)']:.1f} Hz (expected: about 68)")
    print(f"the first action potential reaches {found['peak (mV)']:.0f} mV (expected: about 40)")

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    eg.plot.trace(recorded["v"], "v (mV)", dt=net.dt, ax=left)
    left.set(title="10 uA/cm2 from rest")
    gates = left.twinx()
    for name in ("m", "h", "n"):
        gates.plot(np.arange(len(recorded[name])) * net.dt, recorded[name], linewidth=0.8, linestyle="--", label=name)
    gates.set(ylabel="gates", ylim=(0.0, 2.0), yticks=(0.0, 0.5, 1.0))
    gates.legend(loc="upper right", ncols=3)
    right.plot(currents, rates, ".-")
    right.axvline(6.26, color="grey", linewidth=0.8, label="Rinzel & Miller 1980: 6.26")
    right.set(title="a rate from 0 to 50 Hz does not exist", xlabel="current (uA/cm2)", ylabel="rate (Hz)")
    right.legend(loc="lower right")
    figure.savefig(output, dpi=100)
    plt.close(figure)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="41 currents instead of 201, for 0.4 s instead of 1.2")
    parser.add_argument("--output", default="hodgkin_huxley.png", help="where the figure goes")
    main(**vars(parser.parse_args()))
