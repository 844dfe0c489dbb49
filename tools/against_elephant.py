"""Compare the statistics of spikes with elephant's: ``python tools/against_elephant.py``, where elephant is installed.

A network of noisy neurons runs; for each statistic the largest difference between engram's numbers and elephant's is
printed, beside the largest number. The exit status is 1 where one differs by more than rounding. Elephant is no
dependency of the tests, which compare with direct computations.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import quantities as pq
from elephant import statistics
from neo import SpikeTrain

import engram as eg

DT, DURATION, BIN = 0.5, 2000.0, 10.0
ROUNDING = 1e-9  # relative


def recorded() -> tuple[eg.Monitor, dict[int, list[int]]]:
    """Return a monitor with the spikes of noisy neurons, and these."""
    noisy = eg.Neuron(equations="20.0*dv/dt = -v + 1.5 + 3.0*Normal(0.0, 1.0)", spike="v > 1.0", reset="v = 0.0")
    net = eg.Network(dt=DT, seed=1)
    monitor = net.monitor(net.create(30, noisy), "spike")
    net.compile()
    net.simulate(DURATION)
    return monitor, monitor.get("spike", keep=True)


def main() -> int:
    """Print a line for each statistic, and return the exit status."""
    monitor, spikes = recorded()
    trains = [SpikeTrain([DT * step for step in train] * pq.ms, t_stop=DURATION * pq.ms) for train in spikes.values()]
    steps = int(DURATION / DT)
    pairs: dict[str, tuple[Any, Any]] = {
        "mean_fr": (
            monitor.mean_fr(spikes),
            np.mean([float(statistics.mean_firing_rate(one).rescale("Hz")) for one in trains]),
        ),
        "inter_spike_interval": (
            np.sort(monitor.inter_spike_interval(spikes)),
            np.sort(np.concatenate([statistics.isi(one).magnitude for one in trains])),
        ),
        "coefficient_of_variation": (
            np.sort(monitor.coefficient_of_variation(spikes)),
            np.sort([statistics.cv(statistics.isi(one)) for one in trains if len(one) >= 3]),
        ),
        "histogram": (
            monitor.histogram(spikes, bins=BIN, recording_window=(0, steps - 1)),
            statistics.time_histogram(trains, BIN * pq.ms).magnitude[:, 0],
        ),
        "population_rate": (
            monitor.population_rate(spikes)[:steps],
            statistics.time_histogram(trains, DT * pq.ms, output="rate").rescale("Hz").magnitude[:, 0],
        ),
    }
    failed = 0
    for name, (ours, theirs) in pairs.items():
        apart = float(np.abs(np.asarray(ours) - np.asarray(theirs)).max())
        largest = float(np.abs(theirs).max())
        failed |= apart > ROUNDING * largest
        print(f"{name:26s} {np.size(ours):6d} numbers up to {largest:10.4f}, apart by at most {apart:.2e}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
