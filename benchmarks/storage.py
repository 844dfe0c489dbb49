"""``make bench-storage``: what saving and loading cost beside the machine's own limits, measured in the same run.

    python -m benchmarks.storage [--synapses 10000000,50000000] [--formats .engram,.npz] [--folder PLACE]

The limits: writing as many bytes and flushing them, past the page cache or through it, whichever is faster; reading the
file into memory that exists, when the page cache has forgotten it. NumPy and gzip compress a tenth of each array, and
their CPU time and size are taken ten times. Memory is what the peak of the process grows by during a call. A row per
call; every size is measured in a fresh process. The last row is the time to the first value of a large ``.engram``
that the page cache has forgotten: opening it, and reading and verifying the block in which the value stands. Needs
Linux, and as much room on the disk as three such files.
"""

from __future__ import annotations

import argparse
import gzip
import mmap
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import engram as eg
from benchmarks.measure import measured
from engram.storage.formats import SUFFIXES

__all__ = ["main"]

SIZES = (10_000_000, 50_000_000)
TIMES = 3
BLOCK_BYTES = 4 << 20
PART = 10  # of each array, for those who take long
MOST_MB = 64.0
OF_LIMIT = 0.7
CPU_BARS = {"save .npz": 0.2, "load .npz": 0.6, "save .gz": 0.1, "load .gz": 1.2}
SIZE_BAR = 1.1
FIRST_VALUE_MS = 50.0
FIRST_VALUE_OF = 52_000_000  # synapses: 2 GB


def network(synapses: int, seed: int) -> eg.Network:
    """Return the demo's network: STDP, 30 bytes a synapse, of which most are full of entropy."""
    from engram.cli.demo_network import build

    n = round((10 * synapses / 4) ** 0.5)  # four times as many excitatory neurons, every tenth pair
    net = build(seed, n_exc=4 * n, n_inh=n, num_threads=2)
    net.compile()
    net.simulate(10.0)
    projection = net.get_projections()[0]
    projection.x, projection.y = eg.Uniform(0.0, 0.01), eg.Uniform(-0.01, 0.0)  # traces are full of zeros at first
    return net


def _row(what: str, value: float, unit: str, bar: float | None = None, more: bool = False, remark: str = "") -> str:
    wanted, verdict = "", ""
    if bar is not None:
        wanted = f"{'>' if more else '<'} {bar:g} {unit}"
        verdict = "yes" if (value > bar) == more else "**no**"
    return f"| {what} | {value:.3g} {unit} | {wanted} | {verdict} | {remark} |"


# -- the machine's limits ----------------------------------------------------------------------------------


def _write(path: Path, size: int, flags: int) -> float:
    """Write and flush as many bytes; return the seconds that took."""
    block = mmap.mmap(-1, BLOCK_BYTES)  # on a page, as O_DIRECT wants it
    block.write(np.random.default_rng(0).bytes(BLOCK_BYTES))
    begin = time.perf_counter()
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | flags, 0o600)
    for _ in range(size // BLOCK_BYTES):
        os.write(fd, block)
    os.fsync(fd)
    os.close(fd)
    return time.perf_counter() - begin


def _write_limit(path: Path, size: int) -> float:
    seconds = min(_write(path, size, flags) for flags in (0, os.O_DIRECT))
    path.unlink()
    return seconds


def _forget(path: Path) -> None:
    """Let the page cache forget a file, which must have been flushed."""
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


def _read_limit(path: Path) -> float:
    """Return how many seconds it takes to read a file that the page cache has forgotten."""
    _forget(path)
    place = memoryview(bytearray(BLOCK_BYTES))
    begin = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        while file.readinto(place):
            pass
    return time.perf_counter() - begin


# -- other libraries ---------------------------------------------------------------------------------------


def _theirs(folder: Path, net: eg.Network) -> dict[str, float]:
    """Return CPU seconds and sizes of NumPy and of gzip with pickle, for all of each array."""
    state = net._core.state
    arrays: dict[str, Any] = {path: state.read(path) for path in state.slots()}
    arrays = {path: value[: len(value) // PART] for path, value in arrays.items() if value.ndim and len(value) > 1000}
    npz, gz = folder / "theirs.npz", folder / "theirs.gz"

    def save_gz() -> None:
        with gzip.open(gz, "wb") as file:
            pickle.dump(arrays, file, protocol=4)

    def load_gz() -> None:
        with gzip.open(gz) as file:
            pickle.load(file)  # noqa: S301  what this very process wrote

    def load_npz() -> None:
        with np.load(npz) as file:
            for name in file.files:
                file[name]

    calls: dict[str, Callable[[], object]] = {
        "save .npz": lambda: np.savez_compressed(npz, **arrays),
        "load .npz": load_npz,
        "save .gz": save_gz,
        "load .gz": load_gz,
    }
    found = {what: PART * measured(call)["cpu_s"] for what, call in calls.items()}
    return found | {"size .npz": PART * npz.stat().st_size, "size .gz": PART * gz.stat().st_size}


# -- rows --------------------------------------------------------------------------------------------------


def _rows(synapses: int, suffixes: Sequence[str], folder: Path) -> Iterator[str]:
    """Measure one size."""
    net = network(synapses, 42)
    what = f"{net.get_projections()[0].nb_synapses / 1e6:.1f} M synapses"
    theirs = _theirs(folder, net) if {".npz", ".gz"} & {*suffixes} else {}
    for suffix in suffixes:
        file = folder / f"big{suffix}"
        saved, loaded = [], []
        for _ in range(TIMES):
            ours = measured(lambda file=file: net.save(file))  # type: ignore[misc]  # mypy can't infer such a lambda
            saved.append(ours | {"limit": _write_limit(folder / "plain", file.stat().st_size)})
            limit = _read_limit(file)
            _forget(file)
            ours = measured(lambda file=file: net.load(file))  # type: ignore[misc]
            loaded.append(ours | {"limit": limit})
        megabytes = file.stat().st_size / 1e6
        for task, runs in (("save", saved), ("load", loaded)):
            yield from _rows_of(f"{what}, {task} {suffix}", runs, megabytes, suffix == ".engram")
            other = theirs.get(f"{task} {suffix}")
            if other is not None:
                cpu_s, bar = _median(runs, "cpu_s"), CPU_BARS[f"{task} {suffix}"]
                remark = f"{cpu_s:.2f} s and {other:.2f} s"
                yield _row(f"{what}, {task} {suffix}: CPU", cpu_s / other, "of theirs", bar, False, remark)
        if f"size {suffix}" in theirs:
            ratio = file.stat().st_size / theirs[f"size {suffix}"]
            yield _row(f"{what}, {suffix}: size", ratio, "of theirs", SIZE_BAR)
        file.unlink()


def _rows_of(what: str, runs: list[dict[str, float]], megabytes: float, has_bar: bool) -> Iterator[str]:
    ratio = statistics.median(run["limit"] / run["wall_s"] for run in runs)
    wall_s, limit = _median(runs, "wall_s"), _median(runs, "limit")
    remark = f"{megabytes:.0f} MB: {wall_s:.2f} s, limit {limit:.2f} s, CPU {_median(runs, 'cpu_s'):.2f} s"
    yield _row(what, ratio, "of the limit", OF_LIMIT if has_bar else None, True, remark)
    yield _row(f"{what}: extra memory", max(run["extra_mb"] for run in runs), "MB", MOST_MB)


def _median(runs: list[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def _first_value(synapses: int, folder: Path) -> Iterator[str]:
    """Measure how long it takes to have one value of a file that nothing was read of yet."""
    net, file = network(synapses, 42), folder / "first.engram"
    net.save(file)
    wanted, took = net.get_projections()[0].array("w")[-1], []
    for _ in range(TIMES):
        _forget(file)
        begin = time.perf_counter()
        with eg.read(file) as stored:
            found = stored["projections/PFC_exc_to_inh/w"][-1]
        took.append(1000 * (time.perf_counter() - begin))
        assert found == wanted
    what = f"first value of one slot of {file.stat().st_size / 1e9:.1f} GB"
    yield _row(what, statistics.median(took), "ms", FIRST_VALUE_MS)


def main() -> None:
    """Print the table; a missed bar is shown, and is no failure: machines differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synapses", default=",".join(map(str, SIZES)))
    parser.add_argument("--formats", default=",".join(SUFFIXES))
    parser.add_argument("--folder", default=None, help="on the disk to be measured; the temporary folder by default")
    parser.add_argument("--first-value-of", type=int, default=FIRST_VALUE_OF, help="synapses; 0: without that row")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        folder, formats = Path(given.folder), given.formats.split(",")
        first = given.first_value_of
        for row in _first_value(first, folder) if first else _rows(int(given.synapses), formats, folder):
            print(row, flush=True)
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| what | measured | bar | met | remark |\n|---|---|---|---|---|", flush=True)
    tables = [["--synapses", synapses, "--first-value-of", "0"] for synapses in given.synapses.split(",")]
    for table in [*tables, *([["--first-value-of", str(given.first_value_of)]] if given.first_value_of else [])]:
        with tempfile.TemporaryDirectory(dir=given.folder) as place:
            command = [sys.executable, "-m", "benchmarks.storage", "--child", *table]
            subprocess.run([*command, "--formats", given.formats, "--folder", place], check=True)


if __name__ == "__main__":
    main()
