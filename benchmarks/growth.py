"""How cost grows with the network: COBA at 1, 4 and 16 times the neurons, each with as many synapses as before.

    python -m benchmarks.growth [ROUNDS]

Networks of all sizes take turns in short stretches; each number is the lowest tenth over the rounds, since clocks go on
while another program has the core. What a neuron and an arriving spike cost should not depend on the size of the
network while its arrays lie in a cache; docs/performance.md says what happens then.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import engram as eg
from benchmarks.networks import IN_DEGREE, coba
from engram.explain.profile import Profile

__all__ = ["Cost", "cost_of", "main"]

SMALLEST, FACTORS = 4000, (1, 4, 16)
BAR = 1.5  # between the cheapest and the dearest
STEPS = 4_000_000  # of neurons, in one stretch: large networks run for a shorter time


@dataclass(frozen=True)
class Cost:
    """What one size costs, in ns.

    Args:
        neuron: the update of a neuron in a step.
        event: a synapse that a spike reaches.
        whole: everything, per neuron and step: CPU time of the process, Python included.
    """

    neuron: float
    event: float
    whole: float


def cost_of(networks: list[eg.Network], rounds: int) -> list[Cost]:
    """Measure each network in turn, many times."""
    found: list[list[Cost]] = [[] for _ in networks]
    for net in networks:
        net.simulate(200.0)
    for _ in range(rounds):
        for net, mine in zip(networks, found, strict=True):
            mine.append(_cost(net))
    return [Cost(*(_low([getattr(c, name) for c in mine]) for name in ("neuron", "event", "whole"))) for mine in found]


def _low(values: list[float]) -> float:
    return statistics.quantiles(values, n=10)[0]


def _cost(net: eg.Network) -> Cost:
    n_steps = STEPS // _size(net)
    begin = time.process_time()
    net.simulate(n_steps * net.dt)
    whole = (time.process_time() - begin) * 1e9 / (_size(net) * n_steps)
    profile = net.simulate(n_steps * net.dt, profile=True)
    if profile is None:
        raise RuntimeError("no profile")
    return Cost(_per_event(profile, "update"), _per_event(profile, "deliver"), whole)


def _size(net: eg.Network) -> int:
    return net.get_population("neurons").size


def _per_event(profile: Profile, job: str) -> float:
    rows = [row for row in profile.rows if row.job == job]
    return sum(row.time_s for row in rows) * 1e9 / sum(row.events for row in rows)


def lines(networks: list[eg.Network], found: list[Cost]) -> Iterator[str]:
    """Yield the table, and below it the ratios."""
    yield f"| neurons | MB | ns/neuron and step: update | all | ns/event |\n|{'---:|' * 5}"
    for net, cost in zip(networks, found, strict=True):
        megabytes = net.memory_footprint().total / 1e6
        yield f"| {_size(net):,} | {megabytes:.1f} | {cost.neuron:.2f} | {cost.whole:.2f} | {cost.event:.2f} |"
    yield ""
    for name in ("neuron", "event", "whole"):
        values = [getattr(cost, name) for cost in found]
        ratio = max(values) / min(values)
        yield f"{name}: dearest / cheapest = {ratio:.2f}, bar {BAR}{'' if ratio <= BAR else ' **missed**'}"


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    print(f"COBA, {IN_DEGREE} synapses a neuron, one thread\n")
    networks = [coba(SMALLEST * factor) for factor in FACTORS]
    for line in lines(networks, cost_of(networks, rounds)):
        print(line)


if __name__ == "__main__":
    main()
