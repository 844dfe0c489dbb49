"""What the demo does in each of its processes: build, run, and say where the run has come to.

As a program (``python -m engram.cli.demo_run FILE SEED THREADS``) it is the fresh process: it builds the network with
another seed, loads the file, goes on, and prints an :class:`Outcome` as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import engram as eg
from engram.cli import demo_network

__all__ = [
    "DURATION_MS",
    "PULSE_MS",
    "STIMULATED",
    "Demo",
    "Outcome",
    "build",
    "go_on",
    "resume",
    "resume_in_fresh_process",
    "simulate",
]

DURATION_MS = 1000.0  # before the save, and again after it
PULSE_MS = (300.0, 400.0)  # of each half, while which some neurons get more noise
STIMULATED = 400  # neurons of PFC_exc, the first ones
MORE_NOISE = 10.0


@dataclass(frozen=True)
class Demo:
    """The demo's network, compiled, and the monitors of its spikes, by population."""

    net: eg.Network
    monitors: dict[str, eg.Monitor]

    def spikes(self) -> dict[str, list[list[int]]]:
        """Return [step, rank] of every spike since time 0, by population; they stay recorded."""
        return {
            population: sorted(
                [step, rank] for rank, steps in monitor.get("spike", keep=True).items() for step in steps
            )
            for population, monitor in self.monitors.items()
        }


@dataclass(frozen=True)
class Outcome:
    """Where a run has come to.

    Args:
        digest: of all state, at the end.
        spikes: of :meth:`Demo.spikes`.
        load_s: seconds that the load took.
    """

    digest: str
    spikes: dict[str, list[list[int]]]
    load_s: float = 0.0

    def is_same(self, other: Outcome) -> bool:
        """Whether both runs have come to the same bits by the same spikes."""
        return self.digest == other.digest and self.spikes == other.spikes


def build(seed: int, num_threads: int) -> Demo:
    """Return the demo's network, compiled, its spikes recorded."""
    net = demo_network.build(seed, num_threads=num_threads)
    monitors = {p.name: net.monitor(p, "spike") for p in net.get_populations()}
    net.compile()
    return Demo(net, monitors)


def simulate(net: eg.Network, progress: bool = False) -> None:
    """Simulate one half: rest, a pulse to some of the excitatory neurons, rest."""
    begin, end = PULSE_MS
    some = net.get_population("PFC_exc")[:STIMULATED]
    net.simulate(begin, progress=progress)
    quiet = some.noise.copy()
    some.noise = MORE_NOISE
    net.simulate(end - begin, progress=progress)
    some.noise = quiet
    net.simulate(DURATION_MS - end, progress=progress)


def go_on(run: Demo, load_s: float = 0.0) -> Outcome:
    """Simulate the demo's second half and say where it has led."""
    simulate(run.net)
    return Outcome(run.net.digest(), run.spikes(), load_s)


def resume(file: str, seed: int, num_threads: int) -> Outcome:
    """Build the network with another seed, load, and go on."""
    run = build(seed, num_threads)
    begin = time.perf_counter()
    run.net.load(file)
    return go_on(run, time.perf_counter() - begin)


def resume_in_fresh_process(file: str, seed: int, num_threads: int) -> Outcome | str:
    """Do the same in a new process; returns what that wrote on stderr if it failed."""
    command = [sys.executable, "-m", "engram.cli.demo_run", file, str(seed), str(num_threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return Outcome(**said)


if __name__ == "__main__":
    json.dump(asdict(resume(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))), sys.stdout)
