"""What one synapse, one dendrite and lists of all cost beside 4.5 million synapses, wherever they stand.

    python -m benchmarks.synapses [--scale 1.0]

For plain synapses (packed rows) and plastic ones (arrays), with one delay and with one for each synapse; each in a
process of its own, with 10,000 pre and 4,500 post neurons. Kernels are warm. Times are of the process's CPU, so that a
busy machine does not spoil them: of the first access, and of later ones the median.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import engram as eg
from benchmarks.run import ONE_THREAD, Line

__all__ = ["CASES", "MEASURES", "Measure", "connected", "main", "measure"]

N_PRE, N_POST, PER_POST = 10_000, 4_500, 1_000
CASES = ("plain, one delay", "plain, delays differ", "plastic, one delay", "plastic, delays differ")
FIRST_MS = 150.0


@dataclass(frozen=True)
class Measure:
    """What is measured of every case.

    Args:
        unit: in which it is shown.
        factor: from seconds to that.
        bar: for accesses after the first.
        has_first: whether the first access is shown, too.
    """

    unit: str
    factor: float
    bar: float | None
    has_first: bool = True


MEASURES = {
    "a synapse read": Measure("us", 1e6, 100.0),
    "a synapse written": Measure("us", 1e6, 100.0),
    "size": Measure("ms", 1e3, 5.0),
    "a dendrite: ranks, weights, delays": Measure("ms", 1e3, 5.0),
    "a dendrite written": Measure("ms", 1e3, 5.0),
    "a synapse's trace of pre spikes read": Measure("us", 1e6, 100.0),
    "a synapse's trace of pre spikes written": Measure("us", 1e6, 100.0),
    "a dendrite's trace of pre spikes written": Measure("ms", 1e3, 5.0),
    "a synapse's trace of post spikes read": Measure("us", 1e6, 100.0),
    "a synapse's trace of post spikes written": Measure("us", 1e6, 100.0),
    "a dendrite's trace of post spikes written": Measure("ms", 1e3, 5.0),
    "delay as lists / NumPy's tolist": Measure("times", 1.0, 2.0, has_first=False),
    "pre_ranks as lists / NumPy's tolist": Measure("times", 1.0, 4.0, has_first=False),
    "w as lists / NumPy's tolist": Measure("times", 1.0, 4.0, has_first=False),
    "a dendrite recorded": Measure("ms", 1e3, 5.0),
    "a monitor added, and a step": Measure("ms", 1e3, 5.0),
    "plasticity switched, and a step": Measure("ms", 1e3, 5.0),
    "a parameter of all set, and a step": Measure("ms", 1e3, 5.0),
    "one delay for another": Measure("ms", 1e3, 5.0),
    "the step after it": Measure("ms", 1e3, 5.0),
}


def connected(case: str, scale: float) -> eg.Projection:
    """Return the projection of a case, compiled, in a network that has run for a moment."""
    return _built(case, scale)[1]


def _built(case: str, scale: float) -> tuple[eg.Network, eg.Projection]:
    net = eg.Network(dt=0.1, seed=1)
    n_pre, n_post, number = (max(2, int(size * scale)) for size in (N_PRE, N_POST, PER_POST))
    pre, post = net.create(n_pre, eg.Izhikevich()), net.create(n_post, eg.Izhikevich())
    synapse = eg.STDP() if "plastic" in case else None
    delays = eg.Uniform(0.1, 10.0) if "differ" in case else 1.0
    weights = eg.Uniform(0.0, 1.0)
    projection = net.connect(pre, post, "exc", synapse).fixed_number_pre(number, weights=weights, delays=delays)
    net.compile()
    net.simulate(1.0)
    return net, projection


def measure(case: str, scale: float) -> Iterator[tuple[str, float, float]]:
    """Yield the name of each measurement, and its seconds (or how many times as long) at first and later."""
    net, projection = _built(case, scale)
    pairs = itertools.cycle(_pairs(projection))

    def write() -> None:
        projection.synapse(*next(pairs)).w = 0.5

    yield "a synapse read", *_each(lambda: projection.synapse(*next(pairs)).w, 1000)
    yield "a synapse written", *_each(write, 1000)
    yield "size", *_each(lambda: projection.size, 9)
    dendrites = (projection[post] for _, post in pairs)
    yield "a dendrite: ranks, weights, delays", *_each(lambda: _looked_at(next(dendrites)), 99)
    yield "a dendrite written", *_each(lambda: next(dendrites).set({"w": 0.25}), 99)
    for side, trace in (("pre", "x"), ("post", "y")) if "plastic" in case else ():
        for name, (first, later) in _of_trace(projection, trace, pairs).items():
            yield name.format(side), first, later
    if "plastic" in case:
        yield "a dendrite recorded", *_each(lambda: net.monitor(next(dendrites), "w"), 9)
    numbers = np.random.default_rng(1).random(projection.nb_synapses)
    if "differ" in case:
        yield "delay as lists / NumPy's tolist", *_as_lists(lambda: projection.delay, numbers)
    yield "w as lists / NumPy's tolist", *_as_lists(lambda: projection.w, numbers)
    yield "pre_ranks as lists / NumPy's tolist", *_as_lists(lambda: projection.pre_ranks, (numbers * 1e4).astype(int))
    if "plastic" in case:
        yield from _changes(net, projection)
    if case == "plastic, one delay":
        yield from _other_delays(net, projection)


def _changes(net: eg.Network, projection: eg.Projection) -> Iterator[tuple[str, float, float]]:
    """Yield what it costs to change what synapses are not made anew for; nothing spikes in the step."""
    switches, times = itertools.cycle([False, True]), itertools.cycle([15.0, 20.0])

    def record() -> None:
        net.monitor(projection.post, "v")
        net.step()

    def switch() -> None:
        projection.plasticity = next(switches)
        net.step()

    def set_all() -> None:
        projection.tau_plus = next(times)
        net.step()

    yield "a monitor added, and a step", *_each(record, 9)
    yield "plasticity switched, and a step", *_each(switch, 9)
    yield "a parameter of all set, and a step", *_each(set_all, 9)


def _other_delays(net: eg.Network, projection: eg.Projection) -> Iterator[tuple[str, float, float]]:
    """Yield what it costs to change the one delay of all synapses; nothing is in flight."""
    delays = itertools.cycle([2.0, 1.0])

    def change() -> None:
        projection.delay = next(delays)

    changes, steps = zip(*((_seconds(change), _seconds(net.step)) for _ in range(6)), strict=True)
    for name, (first, *later) in (("one delay for another", changes), ("the step after it", steps)):
        yield name, first, statistics.median(later)


def _of_trace(
    projection: eg.Projection, trace: str, pairs: Iterator[tuple[int, int]]
) -> dict[str, tuple[float, float]]:
    """Return seconds at first and later of what is done with an event-driven variable."""

    def write() -> None:
        projection.synapse(*next(pairs)).set({trace: 0.5})

    dendrites = (projection[post] for _, post in pairs)
    return {
        "a synapse's trace of {} spikes read": _each(lambda: projection.synapse(*next(pairs)).get(trace), 300),
        "a synapse's trace of {} spikes written": _each(write, 300),
        "a dendrite's trace of {} spikes written": _each(lambda: next(dendrites).set({trace: 0.25}), 9),
    }


def _pairs(projection: eg.Projection) -> list[tuple[int, int]]:
    """Return the neurons of some synapses, found without what the projection may keep to find them."""
    start, ranks = projection.array("row_start"), projection.array("post_ranks")
    positions = np.random.default_rng(0).integers(0, len(ranks), 400)
    pre = np.searchsorted(start, positions, "right") - 1
    return list(zip(pre.tolist(), ranks[positions].tolist(), strict=True))


def _looked_at(dendrite: Any) -> tuple[Any, ...]:
    return dendrite.pre_ranks, dendrite.w, dendrite.delay


def _each(call: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the seconds of the first call, and of one of those that follow."""
    first, *later = (_seconds(call) for _ in range(times + 1))
    return first, statistics.median(later)


def _as_lists(call: Callable[[], object], numbers: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Return the seconds of the first call, and how many times as long as NumPy the later ones take."""
    first, later = _each(call, 5)
    return first, later / statistics.median(_seconds(numbers.tolist) for _ in range(5))


def _seconds(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


# -- all cases ---------------------------------------------------------------------------------------------


def _measured(case: str, scale: float) -> Iterator[Line]:
    """Yield what a fresh process measures, as it comes."""
    command = [sys.executable, "-m", "benchmarks.synapses", "--case", case, "--scale", str(scale)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_THREAD}) as process:
        for line in process.stdout or ():
            name, first, later = json.loads(line)
            kind = MEASURES[name]
            yield Line(f"{case}: {name}", later * kind.factor, kind.unit, kind.bar)
            if kind.has_first:
                yield Line(f"{case}: {name}, at first", first * 1e3, "ms", FIRST_MS)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed")


def main() -> None:
    """Print the table; a missed bar is shown, and is no failure: machines differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes; bars are those of 1.0")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        warnings.simplefilter("ignore")  # of lists that are long
        for _ in measure(given.case, 0.01):
            pass  # imports, and kernels that the cache lacks
        for found in measure(given.case, given.scale):
            print(json.dumps(found), flush=True)
        return
    print(f"load {os.getloadavg()[0]:.1f}\n\n| what | measured | bar | met | remark |\n|---|---|---|---|---|")
    for case in CASES:
        for line in _measured(case, given.scale):
            print(line, flush=True)


if __name__ == "__main__":
    main()
