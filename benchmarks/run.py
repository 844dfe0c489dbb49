"""``make bench``: how long things take, beside their bars, as a table in Markdown.

Everything is measured in fresh processes by ``benchmarks.measure``, several times; the median counts.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engram.storage.formats import BUILT_IN

__all__ = ["main"]

COMPRESSED = {"save .npz": 0.2, "load .npz": 0.6, "save .gz": 0.1, "load .gz": 1.2}  # bars
IMPORT_TIMES, STARTS = 7, 5
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")}  # of NumPy's BLAS


@dataclass(frozen=True)
class Line:
    """One row: what was measured, its value and unit, the bar below which it should be (or not), and a remark."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    remark: str = ""
    more_is_better: bool = False

    def __str__(self) -> str:
        bar, verdict = "", ""
        if self.bar is not None:
            bar = f"{'>' if self.more_is_better else '<'} {self.bar:g} {self.unit}"
            verdict = "yes" if (self.value < self.bar) != self.more_is_better else "**no**"
        return f"| {self.what} | {self.value:.3g} {self.unit} | {bar} | {verdict} | {self.remark} |"


def main() -> None:
    """Print the table; a missed bar is shown, and is no failure: machines differ."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}\n")
    print("| what | measured | bar | met | remark |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for line in _lines(Path(folder)):
            print(line, flush=True)


def _lines(folder: Path) -> Iterator[Line]:
    yield from _import()
    yield from _starts(folder)
    yield from _build()
    yield from _simulate()
    yield from _files(folder)


def _import() -> Iterator[Line]:
    times = [_import_time() for _ in range(IMPORT_TIMES)]
    total, numpy = (statistics.median(values) for values in zip(*times, strict=True))
    yield Line("`import engram` (-X importtime)", total, "s", 0.15, f"of it numpy {numpy:.3f} s")


def _import_time() -> tuple[float, float]:
    """Seconds of ``import engram`` and, within it, of numpy, as Python's own profile says."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import engram"], capture_output=True, text=True, check=True
    )
    lines = re.findall(r"\| +(\d+) \| +(\S+)$", done.stderr, re.MULTILINE)
    found = {module: int(microseconds) / 1e6 for microseconds, module in lines}
    return found["engram"], found["numpy"]


def _starts(folder: Path) -> Iterator[Line]:
    cold = [_measure("start", cache=folder / f"cache{k}") for k in range(STARTS)]
    compiler = statistics.median(m["compiler_s"] for m in cold)
    remark = f"from defining the models to ready, empty cache; compiler: {compiler:.2f} s of CPU"
    yield Line("cold start of the demo's network", _median(cold, "wall_s"), "s", 1.5, remark)
    warm = [_measure("start", cache=folder / "cache0") for _ in range(STARTS)]
    if any(m["compiler_s"] for m in warm):
        raise RuntimeError("a second start ran a compiler")
    yield Line("warm start of it", _median(warm, "wall_s") * 1e3, "ms", 50, "the same in a second process")
    what = "import to ready, 4,000 neurons and 320,000 synapses"
    cold = [_measure("ready", cache=folder / f"ready{k}") for k in range(3)]
    yield Line(f"{what}, empty cache", _median(cold, "wall_s"), "s", 1.5)
    warm = [_measure("ready", cache=folder / "ready0") for _ in range(STARTS)]
    yield Line(f"{what}, warm", _median(warm, "wall_s"), "s", 0.25)


def _build() -> Iterator[Line]:
    _measure("build", "1")  # compiles what is not in the cache yet
    for threads in (1, 2):
        runs = [_measure("build", str(threads)) for _ in range(3)]
        remark = f"{runs[0]['synapses']:,} synapses; CPU {_median(runs, 'cpu_s'):.2f} s"
        yield Line(f"build 10,000 + 2,500 neurons, {threads} thread(s)", _median(runs, "wall_s"), "s", 2.0, remark)

    for threads in (1, 2):
        runs = [_measure("synapses", str(threads)) for _ in range(3)]
        remark = f"{runs[0]['synapses']:,} synapses, {runs[0]['mb']:.0f} MB"
        yield Line(f"build 20,000 neurons, {threads} thread(s)", _median(runs, "wall_s"), "s", 0.5, remark)


def _simulate() -> Iterator[Line]:
    for n, in_degree in ((4_000, 80), (20_000, 400)):
        run = _measure("simulate", str(n), str(in_degree))
        what, remark = f"COBA, {n:,} neurons, {n * in_degree / 1e6:.2g} M synapses", "one thread"
        yield Line(f"{what}: a neuron's step", run["neuron_ns"], "ns", None, remark)
        yield Line(f"{what}: a spike at a synapse", run["event_ns"], "ns", None, f"{1 / run['event_ns']:.2g} G/s")
        yield Line(f"{what}: `net.step()`", run["step_us"], "us", None, "a call for every step")
    faster = _measure("threads", "2")["faster"]
    yield Line("COBA, 20,000 neurons: 1 thread / 2 threads", faster, "times", 1.5, "wall clock", more_is_better=True)
    dense = _measure("rates", "1000")
    remark = f"{dense['step_us']:.0f} us a step; CPU, one thread"
    yield Line("rate-coded, 1000 x 1000: engram / NumPy", dense["ratio"], "times", 1.2, remark)
    cost = _measure("record", "spike")["cost"]
    yield Line("recording all spikes of COBA", 100 * cost, "%", 5.0, "more CPU time than with the monitor paused")


def _files(folder: Path) -> Iterator[Line]:
    spent: dict[str, float] = {}
    for suffix in BUILT_IN:
        file = folder / f"big{suffix}"
        for task in ("save", "load"):
            runs = [_measure(task, str(file)) for _ in range(3)]
            remark = f"wall {_median(runs, 'wall_s'):.2f} s, {file.stat().st_size / 1e6:.1f} MB"
            spent[f"{task} {suffix}"] = _median(runs, "cpu_s")
            yield Line(f"{task} {suffix}: CPU", spent[f"{task} {suffix}"], "s", None, remark)
            yield Line(f"{task} {suffix}: extra memory", _median(runs, "extra_mb"), "MB", 64)
    ratio = _measure("disk", str(folder / "big.engram"))["ratio"]
    yield Line("write such a file / save .engram", ratio, "times", 0.7, "wall clock, flushed", more_is_better=True)
    theirs = _measure("compressed", str(folder))
    for what, bar in COMPRESSED.items():
        library = "NumPy" if "npz" in what else "gzip and pickle"
        yield Line(f"{what}: CPU, engram / {library}", spent[what] / theirs[what], "times", bar, "the same arrays")


def _median(runs: list[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def _measure(*arguments: str, cache: Path | None = None) -> dict[str, float]:
    """Run one task of ``benchmarks.measure`` in a fresh process."""
    environment = {**os.environ, **ONE_THREAD, **({"ENGRAM_CACHE_DIR": str(cache)} if cache else {})}
    command = [sys.executable, "-m", "benchmarks.measure", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr}")
    numbers: dict[str, float] = json.loads(done.stdout)
    return numbers


if __name__ == "__main__":
    main()
