"""One measurement in a fresh process: ``python -m benchmarks.measure TASK ...`` prints its numbers as JSON.

Called by ``benchmarks.run``. Memory is the growth of the process's peak beyond what it held when the call began, and
time its own CPU seconds where the bar is about work, so that a busy machine does not spoil them.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable

__all__ = ["TASKS"]

BIG = {"n_exc": 10_000, "n_inh": 2_500}
SEED = 42


def start() -> dict[str, float]:
    """From defining the demo's models to a network that is ready to run; importing engram is not counted."""
    import engram  # noqa: F401  not counted

    begin = time.perf_counter()
    from engram.cli.demo_network import build

    build(SEED).compile()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall_s": time.perf_counter() - begin, "compiler_s": children.ru_utime + children.ru_stime}


def ready() -> dict[str, float]:
    """From importing engram to a network of 4,000 neurons and 320,000 synapses that is ready to run."""
    begin = time.perf_counter()
    from benchmarks.networks import coba

    coba(4000)
    return {"wall_s": time.perf_counter() - begin, "cpu_s": time.process_time()}


def build_synapses(threads: int) -> dict[str, float]:
    """Build 8 million synapses between 20,000 neurons."""
    from benchmarks.networks import coba

    coba(100)  # kernels are compiled already
    begin = time.perf_counter()
    net = coba(20_000, in_degree=400, threads=threads)
    synapses = sum(projection.nb_synapses for projection in net.get_projections())
    return {"wall_s": time.perf_counter() - begin, "synapses": synapses, "mb": net.memory_footprint().total / 1e6}


def simulate(n: int, in_degree: int) -> dict[str, float]:
    """Simulate COBA: what a neuron and an arriving spike cost in ns of one thread, and Python's part of a call."""
    from benchmarks.growth import cost_of
    from benchmarks.networks import coba

    net = coba(n, in_degree=in_degree)
    (cost,) = cost_of([net], 40)
    begin = time.perf_counter()
    for _ in range(200):
        net.step()
    return {"neuron_ns": cost.neuron, "event_ns": cost.event, "step_us": (time.perf_counter() - begin) / 200 * 1e6}


def record(variable: str) -> dict[str, float]:
    """Record spikes or a variable of all neurons."""
    from benchmarks.recording import recording_cost

    return {"cost": recording_cost(variable, 40)}


def build_big(threads: int) -> dict[str, float]:
    """Build the demo's network with 2.5 million synapses; kernels are compiled already."""
    from engram.cli.demo_network import build

    begin, begin_cpu = time.perf_counter(), time.process_time()
    net = build(SEED, **BIG, num_threads=threads)
    net.compile()
    return {
        "wall_s": time.perf_counter() - begin,
        "cpu_s": time.process_time() - begin_cpu,
        "synapses": net.get_projections()[0].nb_synapses,
    }


def save_big(file: str) -> dict[str, float]:
    """Save that network."""
    from engram.cli.demo_network import build

    net = build(SEED, **BIG)
    net.compile()
    net.simulate(10.0)
    return _measured(lambda: net.save(file))


def load_big(file: str) -> dict[str, float]:
    """Load what :func:`save_big` wrote into a network with other synapses."""
    from engram.cli.demo_network import build

    net = build(SEED + 1, **BIG)
    net.compile()
    return _measured(lambda: net.load(file))


def _measured(call: Callable[[], object]) -> dict[str, float]:
    """CPU and wall seconds of a call, and by how many MB the peak of memory grew."""
    _forget_peak()
    before = _status_kb("VmRSS")
    begin, begin_cpu = time.perf_counter(), time.process_time()
    call()
    cpu_s, wall_s = time.process_time() - begin_cpu, time.perf_counter() - begin
    return {"cpu_s": cpu_s, "wall_s": wall_s, "extra_mb": (_status_kb("VmHWM") - before) * 1024 / 1e6}


def _forget_peak() -> None:
    """Set the peak back to the present size (Linux), so that what came before the call does not hide its peak."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def _status_kb(field: str) -> int:
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


TASKS: dict[str, Callable[..., dict[str, float]]] = {
    "start": start,
    "ready": ready,
    "synapses": build_synapses,
    "simulate": simulate,
    "record": record,
    "build": build_big,
    "save": save_big,
    "load": load_big,
}


def main(arguments: list[str]) -> None:
    """Do one task and print what it measured."""
    task, *rest = arguments
    json.dump(TASKS[task](*(int(a) if a.isdigit() else a for a in rest)), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
