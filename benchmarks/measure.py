"""One measurement in a fresh process: ``python -m benchmarks.measure TASK ...`` prints its numbers as JSON.

Called by ``benchmarks.run``. Memory is the growth of the process's peak beyond what it held when the call began, and
time its own CPU seconds where the bar is about work, so that a busy machine does not spoil them.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable

__all__ = ["TASKS", "measured"]

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


def threads(number: int) -> dict[str, float]:
    """How many times faster ``number`` threads simulate COBA with 8 million synapses than one: wall clock, in turns."""
    from benchmarks.networks import coba

    networks = [coba(20_000, in_degree=400, threads=n) for n in (1, number)]
    times: tuple[list[float], ...] = ([], [])
    for net in networks:
        net.simulate(200.0)
    for _ in range(30):
        for net, mine in zip(networks, times, strict=True):
            begin = time.perf_counter()
            net.simulate(20.0)
            mine.append(time.perf_counter() - begin)
    one, many = (statistics.median(mine) for mine in times)
    return {"faster": one / many}


def rates(n: int) -> dict[str, float]:
    """CPU time of a dense rate-coded network, and of the same in NumPy with one thread of its BLAS."""
    import numpy as np

    import engram as eg

    neuron = eg.Neuron(parameters={"tau": 10.0}, equations="tau*dx/dt = -x + sum(exc)\nr = tanh(x)", name="rate")
    net = eg.Network(dt=1.0, seed=1)
    neurons = net.create(n, neuron)
    neurons.x = eg.Normal(0.0, 1.0)
    net.connect(neurons, neurons, "exc", name="w").all_to_all(weights=eg.Normal(0.0, 1.5 / n**0.5))
    net.compile()
    weights, x = net.get_projection("w").connectivity_matrix(), np.array(neurons.x)
    ours, theirs = [], []
    for _ in range(20):
        begin = time.process_time()
        net.simulate(50.0)
        middle = time.process_time()
        for _ in range(50):
            x += (weights @ np.tanh(x) - x) / 10.0
        ours.append(middle - begin)
        theirs.append(time.process_time() - middle)
    return {"step_us": statistics.median(ours) / 50 * 1e6, "ratio": statistics.median(ours) / statistics.median(theirs)}


def compressed(folder: str) -> dict[str, float]:
    """CPU seconds of what Python's own libraries do with the arrays that :func:`save_big` wrote to ``big.npz``."""
    import gzip
    import os
    import pickle

    import numpy as np

    with np.load(os.path.join(folder, "big.npz")) as file:
        arrays = {name: file[name] for name in file.files}
    npz, gz = os.path.join(folder, "numpy.npz"), os.path.join(folder, "python.gz")

    def load_npz() -> None:
        with np.load(npz) as file:
            for name in file.files:
                file[name]

    def save_gz() -> None:
        with gzip.open(gz, "wb") as file:
            pickle.dump(arrays, file, protocol=4)

    def load_gz() -> None:
        with gzip.open(gz) as file:
            pickle.load(file)  # noqa: S301  what this very process wrote

    calls = {
        "save .npz": lambda: np.savez_compressed(npz, **arrays),
        "load .npz": load_npz,
        "save .gz": save_gz,
        "load .gz": load_gz,
    }
    return {name: measured(call)["cpu_s"] for name, call in calls.items()}


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
    return measured(lambda: net.save(file))


def disk(file: str) -> dict[str, float]:
    """How fast that network is saved beside writing and flushing as many bytes, in turns: the disk's speed drifts."""
    import os

    from engram.cli.demo_network import build

    net = build(SEED, **BIG)
    net.compile()
    net.simulate(10.0)
    net.save(file)  # not counted: modules are imported, memory is touched
    block, plain, size = os.urandom(1 << 20), file + ".plain", os.path.getsize(file)

    def write() -> None:
        with open(plain, "wb", buffering=0) as out:
            for _ in range(size // len(block)):
                out.write(block)
            os.fsync(out.fileno())

    pairs = [(measured(write)["wall_s"], measured(lambda: net.save(file))["wall_s"]) for _ in range(9)]
    return {"ratio": statistics.median(theirs / ours for theirs, ours in pairs)}


def load_big(file: str) -> dict[str, float]:
    """Load what :func:`save_big` wrote into a network with other synapses."""
    from engram.cli.demo_network import build

    net = build(SEED + 1, **BIG)
    net.compile()
    return measured(lambda: net.load(file))


def measured(call: Callable[[], object]) -> dict[str, float]:
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
    "threads": threads,
    "rates": rates,
    "record": record,
    "build": build_big,
    "save": save_big,
    "load": load_big,
    "disk": disk,
    "compressed": compressed,
}


def main(arguments: list[str]) -> None:
    """Do one task and print what it measured."""
    task, *rest = arguments
    json.dump(TASKS[task](*(int(a) if a.isdigit() else a for a in rest)), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
