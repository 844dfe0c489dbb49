"""The cells of the matrix: a network is put down at a split in a format, picked up in some way, and runs to its end.

In: a model, delays, what to try. Out: files and digests (:func:`write`, in the first process), and digests again
(:func:`read`, in a fresh one). A cell passes if the digest at the end is that of a run in one piece.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import engram as eg
from engram.errors import EngramError, LoadWarning
from tools.exactness.models import built

__all__ = ["CHAIN", "SAME", "SPLITS", "STEPS", "WAYS", "Cell", "File", "read", "write"]

STEPS = 60
CHAIN = "chain of 10"
SPLITS = ("0", "1", "last", "refractory", "in flight", *(f"random {k}" for k in range(20)), CHAIN)
SAME = "same process"
WAYS = (SAME, "fresh process", "eg.open", "other threads", "other seed")
SEED = 42


class File(NamedTuple):
    """What the first process left: at which split, after how many steps, in which format, where."""

    split: str
    step: int
    suffix: str
    path: str


class Cell(NamedTuple):
    """How one cell ended: ``digest`` is that of the end, or an error's text."""

    split: str
    suffix: str
    way: str
    digest: str


def _run(net: eg.Network, steps: int) -> None:
    net.simulate(steps * net.dt)


def _splits(name: str, delays: str, wanted: Sequence[str]) -> dict[str, int]:
    """Return the step of each split; a network in which nobody rests, or nothing is late, has no such split."""
    rng = np.random.default_rng(sum(map(ord, name + delays)))
    steps = {"0": 0, "1": 1, "last": STEPS - 1, CHAIN: _cuts(name)[0]}
    drawn = rng.choice(np.arange(2, STEPS - 1), 20, replace=False)
    steps |= {f"random {k}": int(step) for k, step in enumerate(drawn)}
    net = built(name, delays, SEED, is_first=True)
    state, most = net._core.state, {"refractory": 0, "in flight": 0}
    for step in range(1, STEPS):
        _run(net, 1)
        for split, ending in (("refractory", "/refractory_left"), ("in flight", "/history/count")):
            paths = [path for path in state.slots() if path.endswith(ending)]
            count = sum(int(np.count_nonzero(state.read(path))) for path in paths)
            if count > most[split]:
                most[split], steps[split] = count, step
    return {split: steps[split] for split in wanted if split in steps}


def _cuts(name: str) -> list[int]:
    """Return the nine steps at which a chain of ten runs is put down."""
    rng = np.random.default_rng(len(name))
    return sorted(map(int, rng.choice(np.arange(1, STEPS), 9, replace=False)))


def write(
    name: str, delays: str, splits: Sequence[str], suffixes: Sequence[str], ways: Sequence[str], folder: Path
) -> tuple[str, list[File], list[Cell]]:
    """Return the digest of a run in one piece, the files of all splits, and the cells of this process."""
    net = built(name, delays, SEED, is_first=True)
    _run(net, STEPS)
    expected = net.digest()
    net = built(name, delays, SEED, is_first=True)
    step, files = 0, []
    for k, (split, at) in enumerate(sorted(_splits(name, delays, splits).items(), key=lambda item: item[1])):
        _run(net, at - step)
        step = at
        for suffix in suffixes:
            path = str(folder / f"{k}{suffix}")
            net.save(path)
            files.append(File(split, at, suffix, path))
    _run(net, STEPS - step)
    return expected, files, _cells(name, files, SAME, net) if SAME in ways else []


def read(name: str, delays: str, files: Sequence[File], ways: Sequence[str]) -> list[Cell]:
    """Return the cells of a fresh process; in each way one network loads every file in turn."""
    made: Mapping[str, dict[str, Any]] = {
        "fresh process": {"seed": SEED},
        "other threads": {"seed": SEED, "threads": 3},
        "other seed": {"seed": 7},
    }
    found = []
    for way in ways:
        if way != SAME:
            found += _cells(name, files, way, built(name, delays, **made[way]) if way in made else None)
    return found


def _cells(name: str, files: Sequence[File], way: str, net: eg.Network | None) -> list[Cell]:
    return [Cell(file.split, file.suffix, way, _end(name, file, net)) for file in files]


def _end(name: str, file: File, net: eg.Network | None) -> str:
    """Return the digest at the end, or what was raised."""
    cuts = _cuts(name) if file.split == CHAIN else [file.step]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", LoadWarning)
            here = _picked_up(file.path, net)
            for begin, end in itertools.pairwise(cuts):
                _run(here, end - begin)
                path = f"{file.path.removesuffix(file.suffix)}-chain{file.suffix}"
                here.save(path)
                _run(here, 3)  # whatever it does then must not matter
                here = _picked_up(path, net)
            _run(here, STEPS - cuts[-1])
    except (EngramError, LoadWarning) as error:
        return f"{type(error).__name__}: {error}"
    return here.digest()


def _picked_up(path: str, net: eg.Network | None) -> eg.Network:
    if net is None:
        return eg.open(path)
    net.load(path)
    return net
