"""Files there and back: engram converts, a real ANNarchy loads, runs and saves, engram loads; every value is compared.

    python -m tools.annarchy PYTHON

PYTHON has ANNarchy 5, in an environment of its own (``pip install ANNarchy scipy cmake``); it needs a C++ compiler.
For a spiking network with plastic synapses in dendrites of different lengths and for a rate-coded one: the whole
network, and object by object, in each format that ANNarchy loads. It prints how many values were compared, and which
differ; the exit status is 1 if one does, or if nothing could be compared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import engram as eg
from tools.annarchy import theirs

__all__ = ["main"]

# of a population's .npz ANNarchy 5 passes over single numbers: its own as well
PASSED_OVER = {"objects .npz": ("a", "b", "c", "d", "tau")}


def _ours(kind: str) -> tuple[eg.Network, Any]:
    net, objects = theirs.built(eg, kind)
    objects[2].from_matrix(theirs.connected(), delays=theirs.DELAY_MS)
    net.compile()
    return net, objects


def _write(kind: str, folder: Path) -> tuple[int, Any]:
    """Write what ANNarchy shall load; return what stands in it."""
    net, objects = _ours(kind)
    if kind == "spiking":
        objects[0].i_off = np.linspace(5.0, 12.0, theirs.N_PRE)
        objects[1].a = 0.05
    net.simulate(60.0)
    net.save(folder / "net.engram")
    for file in theirs.FILES:
        eg.convert(folder / "net.engram", folder / file, to="annarchy")
    for name, one in zip(theirs.NAMES, objects, strict=True):
        one.save(folder / f"{name}.engram")
        for suffix in theirs.OBJECTS:
            eg.convert(folder / f"{name}.engram", folder / f"{name}{suffix}", to="annarchy")
    return net.current_step, objects


def _differences(here: dict[str, Any], there: dict[str, Any], but: tuple[str, ...] = ()) -> Iterator[tuple[str, bool]]:
    """Name each value, and say whether it is the same on both sides; ``but`` of populations are not looked at."""
    for name in theirs.NAMES:
        for attribute in there[name]:
            if attribute not in but or name == theirs.NAMES[2]:
                yield f"{name}.{attribute}", here[name][attribute] == there[name][attribute]


def _there(kind: str, folder: Path, python: str) -> Iterator[tuple[str, bool]]:
    """What engram wrote, loaded by ANNarchy."""
    step, objects = _write(kind, folder)
    command = [python, str(Path(theirs.__file__)), kind, str(folder)]
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    outside["PATH"] = os.pathsep.join([str(Path(python).parent), outside.get("PATH", "")])  # where its cmake may be
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=outside)
    if done.returncode:
        sys.exit(f"{python} failed with the {kind} network:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    attributes = json.loads((folder / "wrote.json").read_text(encoding="utf-8"))["attributes"]
    here = theirs.live(objects, attributes)
    for file, got in json.loads((folder / "got.json").read_text(encoding="utf-8")).items():
        yield from ((f"{file}: {what}", same) for what, same in _differences(here, got, PASSED_OVER.get(file, ())))
        if "step" in got:
            yield f"{file}: step", got["step"] == step


def _back(kind: str, folder: Path) -> Iterator[tuple[str, bool]]:
    """What ANNarchy wrote then, loaded by engram."""
    wrote = json.loads((folder / "wrote.json").read_text(encoding="utf-8"))
    for file in theirs.FILES:
        net, objects = _ours(kind)
        net.load(folder / f"theirs-{file}")
        here = theirs.live(objects, wrote["attributes"])
        yield from ((f"back, {file}: {what}", same) for what, same in _differences(here, wrote))
        yield f"back, {file}: step", net.current_step == wrote["step"]
    for suffix in theirs.OBJECTS:
        _, objects = _ours(kind)
        files = [folder / f"theirs-{name}{suffix}" for name in theirs.NAMES]
        for one, saved in zip(objects, files, strict=True):
            if saved.exists():  # of dendrites of different lengths ANNarchy can write no .npz
                one.load(saved)
        here = theirs.live(objects, wrote["attributes"])
        yield from ((f"back, objects {suffix}: {what}", same) for what, same in _differences(here, wrote))


def main() -> None:
    """Print what was compared, and what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", help="an interpreter that has ANNarchy")
    python = shutil.which(parser.parse_args().python)
    if python is None:
        parser.error("there is no such interpreter")
    failed = compared = 0
    for kind in theirs.KINDS:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            for direction in (_there(kind, folder, python), _back(kind, folder)):
                found = [*direction]
                wrong = [what for what, same in found if not same]
                compared, failed = compared + len(found), failed + len(wrong)
                print(*(f"{kind}: {what} differs" for what in wrong), sep="\n", end="\n" if wrong else "")
            version = json.loads((folder / "wrote.json").read_text(encoding="utf-8"))["version"]
        print(f"{kind}: ANNarchy {version}; so far {compared - failed} of {compared} values are equal", flush=True)
    sys.exit(failed > 0 or not compared)


if __name__ == "__main__":
    main()
