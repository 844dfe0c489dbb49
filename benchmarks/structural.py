"""What synapses that come and go cost: ``python -m benchmarks.structural``.

A projection that learns prunes and creates about 1 % of its synapses a second, tested every 100 ms, beside the same
without rules: one of rates, one of spikes with traces, from 10^5 to 10^7 synapses. ``--quick`` leaves out the largest.
Seconds are those of the processor, on one thread, the least of three runs each.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import engram as eg

__all__ = ["main"]

SIZES = (1_000, 3_162, 10_000)  # neurons of each side; a tenth of the pairs have a synapse
BAR = 1.3  # at 10^6 synapses


def _rates(n: int, rules: dict[str, Any]) -> eg.Network:
    net = eg.Network(dt=1.0, seed=3)
    pre = net.create(n, eg.Neuron(equations="r = Uniform(0.0, 1.0)\ns = r"))
    post = net.create(n, eg.Neuron(equations="r = 0.01*sum(exc)"))
    learns = eg.Synapse("limit = 0.001 : projection", "w += 0.00001*(pre.r*post.r - w)", **rules)
    net.connect(pre, post, "exc", learns).fixed_probability(0.1, weights=eg.Uniform(0.0, 1.0))
    return net


def _spikes(n: int, rules: dict[str, Any]) -> eg.Network:
    net = eg.Network(dt=1.0, seed=3)
    emits = "s = Uniform(0.0, 1.0)\nv = s"
    pre = net.create(n, eg.Neuron(equations=emits, spike="v > 0.98"))  # 20 Hz
    post = net.create(n, eg.Neuron(equations=f"{emits}\ndg_exc/dt = -g_exc/5.0", spike="v > 0.98"))
    learns = eg.Synapse(
        parameters="limit = 0.001 : projection",
        equations="dx/dt = -x/20.0 : event-driven\ndy/dt = -y/20.0 : event-driven",
        pre_spike="g_target += w\nx += 0.0001\nw = clip(w - y, 0.0, 1.0)",
        post_spike="y += 0.0001\nw = clip(w + x, 0.0, 1.0)",
        **rules,
    )
    delays = eg.Uniform(1.0, 10.0)
    net.connect(pre, post, "exc", learns).fixed_probability(0.1, weights=eg.Uniform(0.0, 1.0), delays=delays)
    return net


KINDS = {"rates": _rates, "spikes": _spikes}
RULES = {"pruning": "w < limit : proba=1.0", "creating": "pre.s > 0.99 : proba=0.0112, w=0.5"}


def _seconds(kind: str, n: int, has_rules: bool, n_ms: float) -> tuple[float, int, int]:
    """Return how long so many ms take, and how many synapses there were before and after."""
    net = KINDS[kind](n, RULES if has_rules else {})
    net.compile()
    (proj,) = net.get_projections()
    net.simulate(10.0)
    if has_rules:
        proj.start_pruning(100.0)
        proj.start_creating(100.0)
    net.simulate(1.0)
    before, begin = proj.nb_synapses, time.process_time()
    net.simulate(n_ms)
    return time.process_time() - begin, before, proj.nb_synapses


def main() -> None:
    """Print a row for each kind and size: with and without, the quotient, and ms for one test and its changes."""
    print(f"{'':6} {'synapses':>10} {'without':>9} {'with':>9} {'times':>6} {'ms a test':>10}  after")
    for kind in KINDS:
        for n in SIZES[:2] if "--quick" in sys.argv else SIZES:
            n_ms = 1000.0 if n < 10_000 else 300.0
            runs = [(_seconds(kind, n, False, n_ms), _seconds(kind, n, True, n_ms)) for _ in range(3)]
            (without, *_), (took, before, after) = (min(some) for some in zip(*runs, strict=True))
            each = 1000.0 * (took - without) / (n_ms / 100.0)
            times = f"{took / without:>6.2f} {each:>10.1f}"
            print(f"{kind:6} {before:>10,} {without:>8.3f}s {took:>8.3f}s {times}  {after:,}", flush=True)
    print(f"bar: {BAR} times at 10^6 synapses")


if __name__ == "__main__":
    main()
