"""How cost grows with the number of objects: 100 to 3,200 populations of 10 neurons, with as many projections.

    python -m benchmarks.objects [--sizes 100,200,400] [--limit SECONDS]

Each size has a process of its own, which is given up after so many seconds; larger ones are then left out. Kernels are
warm. Times are of the process's CPU, so that a busy machine does not spoil them. All that may be put off until the next
step is measured together with it. Bars are those of 3,200 populations; below all sizes stands how much more one
population with its projection costs at the largest than at 200 (or at the smallest, where that is not among them).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import engram as eg
from benchmarks.run import ONE_THREAD, Line

__all__ = ["MEASURES", "Measure", "main", "measure", "ring"]

SIZES, LIMIT_S = (100, 200, 400, 800, 1600, 3200), 300.0
NEURONS = 10  # of a population
BARRED, REFERENCE = 3200, 200  # populations for which bars are meant, and with which they are compared
SAME = 1.5  # times as much per population, at most
ROUNDS, STEPS = 25, 40  # of the comparison of `net.step()` with a step inside `simulate`


@dataclass(frozen=True)
class Measure:
    """What is measured of every size.

    Args:
        unit: in which it is shown.
        factor: from seconds or bytes to that.
        bar: for 3,200 populations.
        grows: whether it should grow in proportion to the number of populations.
        always: whether the bar holds for every size.
    """

    unit: str
    factor: float
    bar: float | None = None
    grows: bool = True
    always: bool = False


MEASURES = {
    "build": Measure("s", 1.0),
    "compile": Measure("s", 1.0),
    "first step": Measure("s", 1.0),
    "compile and first step": Measure("s", 1.0, 12.0),
    "a step inside simulate": Measure("us", 1e6),
    "net.step() beyond that": Measure("us", 1e6, 8.0, grows=False, always=True),
    "save .engram": Measure("s", 1.0, 4.0),
    "save .npz": Measure("s", 1.0, 4.0),
    "manifest": Measure("MB", 1e-6, 3.0),
    "blueprint": Measure("MB", 1e-6, 3.0),
    "load .engram and step": Measure("s", 1.0, 4.0),
    "load .npz and step": Measure("s", 1.0, 4.0),
    "open .engram and step": Measure("s", 1.0, 12.0),  # which builds and compiles, too
    "open .npz and step": Measure("s", 1.0, 12.0),
    "reset and step": Measure("s", 1.0, 4.0),
    "compute_firing_rate": Measure("ms", 1e3, 10.0, grows=False),
    "the step after it": Measure("ms", 1e3, None, grows=False),
    "monitor added and step": Measure("ms", 1e3, 100.0, grows=False),
    "weights of each projection set, and step": Measure("s", 1.0, None),
    "reading pop.v of 1,000 neurons": Measure("us", 1e6, 3.0, grows=False, always=True),
    "setting it to a number": Measure("us", 1e6, 5.0, grows=False, always=True),
}


# -- one size, in a process of its own ---------------------------------------------------------------------


def ring(n: int, neurons: int = NEURONS) -> eg.Network:
    """Return ``n`` populations that spike now and then, each connected to the next; not compiled."""
    net = eg.Network(dt=1.0, seed=1)
    model = eg.Izhikevich(i_offset=8.0, noise=3.0)
    populations = [net.create(neurons, model) for _ in range(n)]
    for k, pre in enumerate(populations):
        post = populations[(k + 1) % n]
        net.connect(pre, post, "exc").all_to_all(weights=eg.Uniform(0.0, 0.5))
    return net


def measure(n: int) -> Iterator[tuple[str, float]]:
    """Yield the name of each measurement and its seconds or bytes, as soon as it is known."""
    begin = time.process_time()
    net = ring(n)
    yield "build", time.process_time() - begin
    compiling = _seconds(net.compile)
    yield "compile", compiling
    step = _seconds(net.step)
    yield "first step", step
    yield "compile and first step", compiling + step
    yield from _steps(net)
    with tempfile.TemporaryDirectory() as folder:
        files = {suffix: Path(folder, f"net{suffix}") for suffix in (".engram", ".npz")}
        for suffix, file in files.items():
            yield f"save {suffix}", _seconds(partial(net.save, file))
        with zipfile.ZipFile(files[".engram"]) as members:
            for name in ("manifest", "blueprint"):
                yield name, members.getinfo(f"engram/{name}.json").file_size
        for suffix, file in files.items():
            yield f"load {suffix} and step", _seconds(partial(net.load, file), net.step)
        for suffix, file in files.items():
            yield f"open {suffix} and step", _seconds(partial(_open_and_step, file))
    yield "reset and step", _seconds(net.reset, net.step)
    first, last = net.get_population("pop0"), net.get_population(f"pop{n - 1}")
    yield "compute_firing_rate", _seconds(lambda: first.compute_firing_rate(100.0))
    yield "the step after it", _seconds(net.step)
    yield "monitor added and step", _seconds(lambda: net.monitor(last, ["v", "spike"]), net.step)
    yield "weights of each projection set, and step", _seconds(partial(_set_weights, net), net.step)


def _open_and_step(file: Path) -> None:
    eg.open(file).step()


def _set_weights(net: eg.Network) -> None:
    for projection in net.get_projections():
        projection.w = 0.5
        projection.w = eg.Uniform(0.0, 1.0)


def attributes() -> Iterator[tuple[str, float]]:
    """Yield what reading and setting an attribute of one population of 1,000 neurons take."""
    net = ring(1, neurons=1000)
    net.compile()
    net.simulate(10.0)
    population = net.get_population("pop0")

    def set_number() -> None:
        population.v = -60.0

    yield "reading pop.v of 1,000 neurons", _each(lambda: population.v)
    yield "setting it to a number", _each(set_number)


def _seconds(*calls: Callable[[], object]) -> float:
    begin = time.process_time()
    for call in calls:
        call()
    return time.process_time() - begin


def _each(call: Callable[[], object], times: int = 1000) -> float:
    return statistics.median(_seconds(*[call] * times) / times for _ in range(ROUNDS))


def _steps(net: eg.Network) -> Iterator[tuple[str, float]]:
    """Compare, in turns, as many steps inside one call and in a call each."""
    net.simulate(10.0 * STEPS)
    pairs = []
    for _ in range(ROUNDS):
        inside = _seconds(lambda: net.simulate(STEPS * net.dt)) / STEPS
        pairs.append((inside, _seconds(*[net.step] * STEPS) / STEPS - inside))
    yield "a step inside simulate", statistics.median(inside for inside, _ in pairs)
    yield "net.step() beyond that", statistics.median(beyond for _, beyond in pairs)


# -- all sizes ---------------------------------------------------------------------------------------------


def _measured(task: str, limit_s: float) -> Iterator[tuple[str, float]]:
    """Yield what a fresh process measures, as it comes.

    Raises:
        TimeoutError: after so many seconds.
    """
    command = [sys.executable, "-m", "benchmarks.objects", "--task", task]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_THREAD}) as process:
        timer = threading.Timer(limit_s, process.kill)
        timer.start()
        try:
            for line in process.stdout or ():
                name, value = json.loads(line)
                yield name, value
        except BaseException:
            process.kill()
            raise
        finally:
            is_late = not timer.is_alive()
            timer.cancel()
    if is_late:
        raise TimeoutError(f"more than {limit_s:g} s")
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed")


def _line(n: int, name: str, value: float) -> Line:
    kind = MEASURES[name]
    bar = kind.bar if kind.always or n == BARRED else None
    remark = f"{_amount(value / n, kind.unit)} per population" if kind.grows else ""
    return Line(f"{n:,}: {name}", value * kind.factor, kind.unit, bar, remark)


def _amount(value: float, unit: str) -> str:
    """Return bytes, or seconds in a unit that suits them."""
    if unit == "MB":
        return f"{value:,.0f} bytes"
    return f"{value * 1e3:.3g} ms" if value > 1e-3 else f"{value * 1e6:.3g} us"


def _ratios(found: dict[int, dict[str, float]]) -> Iterator[Line]:
    """Yield by how much more each population costs at the largest size than at the reference."""
    for name, kind in MEASURES.items():
        known = [n for n in found if n > 1 and name in found[n]]
        if kind.grows and len(known) > 1:
            large = known[-1]
            small = REFERENCE if REFERENCE in known[:-1] else known[0]
            ratio = found[large][name] / large / (found[small][name] / small)
            yield Line(f"{name}: a population at {large:,} / at {small:,}", ratio, "times", SAME)


def main() -> None:
    """Print the table; a missed bar is shown, and is no failure: machines differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of populations")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for each size")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        for _ in measure(2):
            pass  # imports, and kernels that the cache lacks
        for pair in attributes() if given.task == "attributes" else measure(int(given.task)):
            print(json.dumps(pair), flush=True)
        return
    print(f"load {os.getloadavg()[0]:.1f}\n\n| what | measured | bar | met | remark |\n|---|---|---|---|---|")
    for line in _all(sorted(int(size) for size in given.sizes.split(",")), given.limit):
        print(line, flush=True)


def _all(sizes: list[int], limit_s: float) -> Iterator[Line | str]:
    found: dict[int, dict[str, float]] = {}
    for n, task in ((1, "attributes"), (1, "1"), *((n, str(n)) for n in sizes)):
        values = found.setdefault(n, {})
        try:
            for name, value in _measured(task, limit_s):
                values[name] = value
                yield _line(n, name, value)
        except TimeoutError as error:
            yield f"| {n:,}: the rest, and larger networks | | | | skipped: {error} |"
            break
    yield from _ratios(found)


if __name__ == "__main__":
    main()
