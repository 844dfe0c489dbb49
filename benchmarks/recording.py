"""What it costs to record: the spikes of all neurons, and a variable of all neurons.

    python -m benchmarks.recording [ROUNDS]

One network runs with its monitor paused and resumed in turns, so that whatever else the machine does hits both, and
both use the same memory: two equal networks differ by a tenth, depending on where their arrays lie. The medians of the
CPU times are compared.
"""

from __future__ import annotations

import statistics
import sys
import time

import engram as eg
from benchmarks.networks import coba

__all__ = ["main", "recording_cost"]

NEURONS, STRETCH_MS = 4000, 200.0


def recording_cost(variable: str, rounds: int, period_ms: float | None = None) -> float:
    """Return by which fraction it slows COBA down to record ``spike`` or a variable of all neurons."""
    net = coba(NEURONS)
    monitor = net.monitor(net.get_population("neurons"), variable, period=period_ms)
    net.simulate(500.0)
    paused: list[float] = []
    active: list[float] = []
    for k in range(rounds):
        for record in (False, True) if k % 2 else (True, False):
            if record:
                monitor.resume()
            else:
                monitor.pause()
            (active if record else paused).append(_cpu_s(net))
        monitor.get()  # what users do from time to time; not measured
        net.simulate(STRETCH_MS / 4)  # it has emptied the caches
    ratio = statistics.median(active) / statistics.median(paused)
    return ratio - 1.0


def _cpu_s(net: eg.Network) -> float:
    begin = time.process_time()
    net.simulate(STRETCH_MS)
    return time.process_time() - begin


def main() -> None:
    """Print the costs."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    print(f"all spikes: {recording_cost('spike', rounds):+.1%}")
    print(f"v of all neurons every ms: {recording_cost('v', rounds, 1.0):+.1%}")
    print(f"v of all neurons in every step: {recording_cost('v', rounds):+.1%}")


if __name__ == "__main__":
    main()
