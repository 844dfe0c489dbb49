"""``python -m benchmarks.studies``: what a run of a parameter study costs besides the user's function.

1,000 parameter sets of a network of 1,000 neurons, 100 ms each, on two processes. Overhead is CPU time of all
processes, less what the functions took, per run, so that a busy machine does not spoil it; and wall time, times the
processes, less the wall time of the functions. The bar is 5 ms for a compiled network.
"""

from __future__ import annotations

import os
import time

import engram as eg

__all__ = ["main"]

RUNS, PROCESSES = 1000, 2
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


def simulated(net: eg.Network, tau: float) -> tuple[float, float, float]:
    """Return the mean rate in Hz, and how long it took to find it, in s: of the wall, and of the CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    net.get_population("cells").tau = tau
    net.simulate(100.0)
    rate = net.get_monitor("spikes").mean_fr()
    return rate, time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Print the overhead of a network that was compiled, and of one that each run builds with its own synapses."""
    parameters = [5.0 + 0.01 * k for k in range(RUNS)]
    print(
        "| 1,000 runs, 2 processes | wall | a function, CPU | overhead, CPU | overhead, wall |\n|---|---|---|---|---|"
    )
    for what, is_compiled in (("compiled: copied as it stands", True), ("not compiled: built by each run", False)):
        net = network()
        if is_compiled:
            net.compile()
        begin, cpu = time.perf_counter(), sum(os.times()[:4])
        found = net.parallel_run(simulated, parameters, max_processes=PROCESSES)
        wall, cpu = time.perf_counter() - begin, sum(os.times()[:4]) - cpu
        wall_of_runs, cpu_of_runs = (sum(one[k] for one in found) for k in (1, 2))
        costs = (
            1e3 * cpu_of_runs / RUNS,
            1e3 * (cpu - cpu_of_runs) / RUNS,
            1e3 * (wall * PROCESSES - wall_of_runs) / RUNS,
        )
        print(f"| {what} | {wall:.1f} s | {' | '.join(f'{ms:.1f} ms' for ms in costs)} |", flush=True)


if __name__ == "__main__":
    main()
