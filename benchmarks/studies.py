"""``python -m benchmarks.studies``: what a run of a parameter study costs besides the user's function.

1,000 parameter sets of a network of 1,000 neurons, 100 ms each, on two processes. Overhead is wall time, times the
processes, less what the functions took where they ran, per run.
"""

from __future__ import annotations

import time

import engram as eg

__all__ = ["main"]

RUNS, PROCESSES, BAR_MS = 1000, 2, 5.0
LIF = eg.Neuron(
    parameters="tau = 10.0 : population\nI = 20.0",
    equations="tau*dv/dt = -v + I + g_exc + 5.0*Normal(0.0, 1.0)",
    spike="v > 15.0",
    reset="v = 0.0",
    name="leaky",
)


def network() -> eg.Network:
    """Return a network of 1,000 neurons and 100,000 synapses, not compiled."""
    net = eg.Network(dt=0.1, seed=1)
    cells = net.create(1000, LIF, name="cells")
    net.connect(cells, cells, "exc").fixed_probability(0.1, weights=eg.Uniform(0.0, 0.01), delays=eg.Uniform(1.0, 3.0))
    net.monitor(cells, "spike", name="spikes")
    return net


def simulated(net: eg.Network, tau: float) -> tuple[float, float]:
    """Return the mean rate in Hz, and how long it took to find it, in s."""
    begin = time.perf_counter()
    net.get_population("cells").tau = tau
    net.simulate(100.0)
    rate = net.get_monitor("spikes").mean_fr()
    return rate, time.perf_counter() - begin


def main() -> None:
    """Print the overhead of a network that was compiled, and of one that each run builds with its own synapses."""
    parameters = [5.0 + 0.01 * k for k in range(RUNS)]
    for what, is_compiled in (("compiled", True), ("built by each run", False)):
        net = network()
        if is_compiled:
            net.compile()
        begin = time.perf_counter()
        found = net.parallel_run(simulated, parameters, max_processes=PROCESSES)
        wall, own = time.perf_counter() - begin, sum(seconds for _, seconds in found)
        overhead_ms = 1e3 * (wall * PROCESSES - own) / RUNS
        bar = f"bar {BAR_MS:g} ms, {'met' if overhead_ms < BAR_MS else 'missed'}" if is_compiled else "with the build"
        own_ms = 1e3 * own / RUNS
        print(f"{what}: {wall:.2f} s, functions {own_ms:.2f} ms a run; overhead {overhead_ms:.2f} ms ({bar})")


if __name__ == "__main__":
    main()
