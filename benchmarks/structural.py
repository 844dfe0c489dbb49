"""What synapses that come and go cost: ``python -m benchmarks.structural``.

A rate-coded projection that learns prunes and creates about 1 % of its synapses a second, tested every 100 ms, beside
the same without rules; from 10^5 to 10^7 synapses.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import engram as eg

__all__ = ["main"]

SIZES = (1_000, 3_162, 10_000)  # neurons of each side; a tenth of the pairs have a synapse
BAR = 1.3  # at 10^6 synapses


def _network(n: int, has_rules: bool) -> tuple[eg.Network, eg.Projection]:
    rules: dict[str, Any] = {
        "pruning": "w < limit : proba=1.0",
        "creating": "pre.r > 0.99 : proba=0.0112, w=0.5",
    }
    net = eg.Network(dt=1.0, seed=3)
    pre = net.create(n, eg.Neuron(equations="r = Uniform(0.0, 1.0)"))
    post = net.create(n, eg.Neuron(equations="r = 0.01*sum(exc)"))
    learns = eg.Synapse("limit = 0.001 : projection", "w += 0.00001*(pre.r*post.r - w)", **(rules if has_rules else {}))
    proj = net.connect(pre, post, "exc", learns)
    proj.fixed_probability(0.1, weights=eg.Uniform(0.0, 1.0))
    net.compile()
    return net, proj


def _seconds(n: int, has_rules: bool, n_ms: float) -> tuple[float, int, int]:
    """Return how long so many ms take, and how many synapses there were before and after."""
    net, proj = _network(n, has_rules)
    net.simulate(10.0)
    if has_rules:
        proj.start_pruning(100.0)
        proj.start_creating(100.0)
    net.simulate(1.0)
    before, begin = proj.nb_synapses, time.perf_counter()
    net.simulate(n_ms)
    return time.perf_counter() - begin, before, proj.nb_synapses


def main() -> None:
    """Print a row for each size: with and without, the quotient, and ms for one test and its changes."""
    sizes = SIZES[:2] if "--quick" in sys.argv else SIZES
    print(f"{'synapses':>10} {'without':>9} {'with':>9} {'times':>6} {'ms a test':>10}  after")
    for n in sizes:
        n_ms = 1000.0 if n < 10_000 else 300.0
        without = min(_seconds(n, False, n_ms)[0] for _ in range(2))
        runs = [_seconds(n, True, n_ms) for _ in range(2)]
        took, before, after = min(runs)
        each = 1000.0 * (took - without) / (n_ms / 100.0)
        print(f"{before:>10,} {without:>8.3f}s {took:>8.3f}s {took / without:>6.2f} {each:>10.1f}  {after:,}")
    print(f"bar: {BAR} times at 10^6 synapses")


if __name__ == "__main__":
    main()
