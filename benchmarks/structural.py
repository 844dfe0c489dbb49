"""What synapses that come and go cost: ``python -m benchmarks.structural``.

A projection that learns prunes and creates about 1 % of its synapses a second, tested every 100 ms and every 1000 ms,
beside the same without rules: one of rates, one of spikes with traces, from 10^5 to 10^7 synapses. ``--quick`` leaves
out the largest. Seconds are those of the processor, on one thread, the least of three runs each; two tests have been
before, so that arrays have room (``state/room.py``). Then 10^4 synapses are made by hand one by one, without reading
anything between two of them, and 20 with the number of synapses read after each.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

import engram as eg

__all__ = ["main"]

SIZES = (1_000, 3_162, 10_000)  # neurons of each side; a tenth of the pairs have a synapse
BAR = 1.3  # at 10^6 synapses


def _rates(n: int, rules: dict[str, Any]) -> eg.Network:
    net = eg.Network(dt=1.0, seed=3)
    pre = net.create(n, eg.Neuron(equations="r = Uniform(0.0, 1.0)\ns = r"))
    post = net.create(n, eg.Neuron(equations="r = 0.01*sum(exc)"))
    learns = eg.Synapse("limit = 0.001 : projection", "w += 0.00001*(pre.r*post.r - 1.4)", **rules)
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
        post_spike="y += 0.00135\nw = clip(w + x, 0.0, 1.0)",
        **rules,
    )
    delays = eg.Uniform(1.0, 10.0)
    net.connect(pre, post, "exc", learns).fixed_probability(0.1, weights=eg.Uniform(0.0, 1.0), delays=delays)
    return net


KINDS = {"rates": _rates, "spikes": _spikes}
RULES = {"pruning": "w < limit : proba=1.0", "creating": "pre.s > 0.99 : proba={}, w=0.5"}
SINGLES, READ = 10_000, 20  # made by hand
PROBA = {100.0: 0.0112, 1000.0: 0.112}  # by the period of tests, in ms


def _seconds(kind: str, n: int, period_ms: float | None, n_ms: float) -> tuple[float, int, int]:
    """Return how long so many ms take, and how many synapses there were before and after."""
    rules = {name: rule.format(PROBA.get(period_ms or 0.0)) for name, rule in RULES.items()} if period_ms else {}
    net = KINDS[kind](n, rules)
    net.compile()
    (proj,) = net.get_projections()
    net.simulate(10.0)
    if period_ms:
        proj.start_pruning(period_ms)
        proj.start_creating(period_ms)
    net.simulate((period_ms or 100.0) + 10.0)
    before, begin = proj.nb_synapses, time.process_time()
    net.simulate(n_ms)
    return time.process_time() - begin, before, proj.nb_synapses


def _by_hand(kind: str, n: int) -> tuple[float, float]:
    """Return how many us a synapse takes that is made by hand: one of many, and where something is read after each."""
    net = KINDS[kind](n, {})
    net.compile()
    (proj,) = net.get_projections()
    net.simulate(20.0)
    wiring, rng = proj._core.connectivity, np.random.default_rng(1)
    has = wiring.pre_of_synapses().astype(np.int64) * n + wiring.post_of_synapses()
    free = rng.permutation(np.setdiff1d(rng.integers(0, n * n, 2 * SINGLES), has))[: SINGLES + READ + 1]
    pairs = [divmod(pair, n) for pair in free.tolist()]
    first = pairs.pop()
    proj.create_synapse(first[0], first[1], 0.5, 1.0)  # what is in flight is listed from then on
    seconds = []
    for some, reads in ((pairs[:SINGLES], False), (pairs[SINGLES:], True)):
        begin = time.process_time()
        for pre, post in some:
            proj.create_synapse(pre, post, 0.5, 1.0)
            if reads:
                proj.nb_synapses  # noqa: B018  what waits is done
        proj.nb_synapses  # noqa: B018  as above
        seconds.append((time.process_time() - begin) / len(some))
    return 1e6 * seconds[0], 1e6 * seconds[1]


def main() -> None:
    """Print a row for each kind, size and period: without and with, the quotient, and ms for a test and its changes."""
    names = f"{'without':>9} {'with':>9} {'times':>6} {'ms a test':>10} {'after':>11}"
    print(f"{'':6} {'synapses':>10} {'period':>7} {names}")
    for kind in KINDS:
        for n in SIZES[:2] if "--quick" in sys.argv else SIZES:
            n_ms = 1000.0
            without, *_ = min(_seconds(kind, n, None, n_ms) for _ in range(3))
            for period_ms in PROBA:
                took, before, after = min(_seconds(kind, n, period_ms, n_ms) for _ in range(3))
                each = 1000.0 * (took - without) / (n_ms / period_ms)
                times = f"{without:>8.3f}s {took:>8.3f}s {took / without:>6.2f} {each:>10.1f} {after:>11,}"
                print(f"{kind:6} {before:>10,} {period_ms:>5.0f}ms {times}", flush=True)
    print(f"bar: {BAR} times at 10^6 synapses\n\n{'by hand, us each':>17} {'of 10^4':>10} {'read after each':>16}")
    for kind in KINDS:
        for n in SIZES[:2] if "--quick" in sys.argv else SIZES:
            alone, read = _by_hand(kind, n)
            print(f"{kind:6} {n * n // 10:>10,} {alone:>10.1f} {read:>16,.0f}", flush=True)


if __name__ == "__main__":
    main()
