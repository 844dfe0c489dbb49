"""What a network to be compared is, and how it is run: built by a script, compiled, saved at every stage.

In: a script, which is a generator of a user's steps. Out: one ``.engram`` file per stage. Called by ``run.py``; the
scripts stand in the modules beside this one. They use the public surface alone: all else changes between commits.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import engram as eg

__all__ = ["ALL", "BOTH", "THREADS", "C", "Case", "Script", "stages"]

Script = Generator[None, Path, None]
"""Builds a network up to its first ``yield``, where it is compiled; at each later one it is saved and compared. What
``yield`` returns is the file that was just written."""

C, THREADS = ("c1",), ("c1", "c3")
BOTH, ALL = ("c1", "numpy"), ("c1", "c3", "numpy")
WAYS = {"c1": ("c", 1), "c3": ("c", 3), "numpy": ("numpy", 1)}  # backend and threads


@dataclass(frozen=True)
class Case:
    """One network.

    Args:
        script: builds and runs it.
        ways: on which backends and how many threads.
        dt: step in ms.
        settings: for ``net.config``.
        suffix: what tells it from others with the same script.
    """

    script: Callable[[eg.Network], Script]
    ways: tuple[str, ...] = C
    dt: float = 1.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    suffix: str = ""

    @property
    def name(self) -> str:
        """By which reports know it."""
        return self.script.__name__ + self.suffix


def stages(case: Case, way: str, folder: Path) -> None:
    """Run a network and write ``0.engram`` after compile, one file at each later ``yield``, and one at the end."""
    backend, threads = WAYS[way]
    eg.clear()  # functions that another script declared
    net = eg.Network(dt=case.dt, seed=8)
    net.config(num_threads=threads, **case.settings)
    script = case.script(net)
    next(script)
    net.compile(backend=backend)
    folder.mkdir(parents=True)
    stage, is_running = 0, True
    while is_running:
        file = folder / f"{stage}.engram"
        net.save(file)
        try:
            script.send(file)
        except StopIteration:
            is_running = False
        stage += 1
    net.save(folder / f"{stage}.engram")
