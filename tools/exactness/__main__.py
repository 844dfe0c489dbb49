"""The exactness matrix: models x delays x splits x formats x ways, and the mutants that test the test.

    python -m tools.exactness [--only AXIS=VALUE,VALUE]... [--no-mutants]

Each cell puts a network down, picks it up in some way, runs it to its end, and compares all that the network knows
with a run in one piece. The axes are ``model``, ``delays``, ``split``, ``format`` and ``way``. For each model one
process saves, and a fresh one loads. The exit status is 0 if every cell passed and every mutant was caught, and 1
otherwise or if there was nothing to try.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engram.storage.formats import SUFFIXES
from tools.exactness.cells import SPLITS, WAYS, Cell, File, read, write
from tools.exactness.models import DELAYS, MODELS
from tools.exactness.mutants import KINDS, UNSEEN, Mutant, mutants

__all__ = ["AXES", "main"]

AXES: Mapping[str, Sequence[str]] = {
    "model": tuple(MODELS),
    "delays": tuple(DELAYS),
    "split": SPLITS,
    "format": SUFFIXES,
    "way": WAYS,
}
FAILURES_SHOWN = 12


def _axes(given: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return the values of each axis that were asked for."""
    axes = dict(AXES)
    for text in given:
        axis, _, values = text.partition("=")
        wanted = values.split(",")
        if axis not in axes or not set(wanted) <= set(axes[axis]):
            raise SystemExit(f"--only {text}: expected one of {', '.join(AXES)} and some of its values")
        axes[axis] = [value for value in axes[axis] if value in wanted]
    return axes


def _in_process(task: Mapping[str, Any]) -> Any:
    """Let a fresh process do a task, and return what it found."""
    command = [sys.executable, "-m", "tools.exactness", "--task"]
    done = subprocess.run(command, input=json.dumps(task), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{task['do']} of {task['model']!r}: exit status {done.returncode}")
    return json.loads(done.stdout)


def _task(task: dict[str, Any]) -> Any:
    """Do what another process asked for."""
    name, folder, axes = task["model"], Path(task["folder"]), task["axes"]
    found: dict[str, Any] = {}
    for k, delays in enumerate(axes["delays"]):
        place = folder / str(k)
        place.mkdir(exist_ok=True)
        if task["do"] == "write":
            found[delays] = write(name, delays, axes["split"], axes["format"], axes["way"], place)
        elif task["do"] == "read":
            files = [File(*file) for file in task["files"][delays]]
            found[delays] = read(name, delays, files, axes["way"])
        else:
            found[delays] = mutants(name, delays, place)
    return found


def _cells(axes: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, Cell, bool]]:
    """Try everything; yield the model, the delays, the cell, and whether it passed."""
    for model in axes["model"]:
        with tempfile.TemporaryDirectory(prefix="exactness-") as folder:
            task = {"do": "write", "model": model, "axes": axes, "folder": folder}
            written = _in_process(task)
            files = {delays: found[1] for delays, found in written.items()}
            found = _in_process({**task, "do": "read", "files": files})
        for delays, (expected, _, cells) in written.items():
            for cell in (Cell(*one) for one in [*cells, *found[delays]]):
                yield model, delays, cell, cell.digest == expected


def _report_cells(axes: Mapping[str, Sequence[str]]) -> bool:
    passed: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    failures = []
    for model, delays, cell, is_same in _cells(axes):
        split = cell.split.partition(" ")[0] if cell.split.startswith("random") else cell.split
        values = dict(zip(AXES, (model, delays, split, cell.suffix, cell.way), strict=True))
        for key in [*values.items(), ("all", "cells")]:
            total[key] += 1
            passed[key] += is_same
        if not is_same:
            failures.append(f"{', '.join(values.values())}: {cell.digest}")
    for key in sorted(total, key=lambda one: [*AXES, "all"].index(one[0])):
        print(f"{key[0]:8} {key[1]:26} {passed[key]:6} of {total[key]}")
    _show("cells that failed", failures)
    return bool(total) and not failures


def _report_mutants(axes: Mapping[str, Sequence[str]]) -> bool:
    outcomes: Counter[tuple[str, str]] = Counter()
    missed, explained = [], Counter[str]()
    for model in axes["model"]:
        with tempfile.TemporaryDirectory(prefix="exactness-") as folder:
            found = _in_process({"do": "mutants", "model": model, "axes": axes, "folder": folder})
        for delays, ones in found.items():
            for one in (Mutant(*one) for one in ones):
                name = one.path.split("/", 2)[-1]
                why = name if name in UNSEEN else None
                is_explained = one.outcome in ("named", "unseen") and why is not None
                outcomes[one.kind, f"{one.outcome} for a reason" if is_explained else one.outcome] += 1
                if is_explained:
                    explained[f"{why}: {UNSEEN[str(why)]}"] += 1
                elif one.outcome not in ("refused", "seen"):
                    missed.append(f"{model}, {delays}: {one.path} {one.kind}: {one.outcome}")
    for kind in KINDS:
        counts = {outcome: count for (its, outcome), count in outcomes.items() if its == kind}
        print(f"mutants  {kind:26} {sum(counts.values()):6}: {', '.join(f'{n} {what}' for what, n in counts.items())}")
    for text, count in explained.items():
        print(f"  {count} make no difference: {text}")
    _show("mutants that nobody noticed", missed)
    total = sum(outcomes.values())
    print(f"mutants  caught                     {total - len(missed) - sum(explained.values()):6} of {total}")
    return bool(total) and not missed


def _show(title: str, lines: Sequence[str]) -> None:
    if lines:
        print(f"{len(lines)} {title}:")
        for line in lines[:FAILURES_SHOWN]:
            print(f"  {line}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="AXIS=VALUE,VALUE", action="append", default=[], help="these values alone")
    parser.add_argument("--no-mutants", action="store_true", help="the matrix alone")
    parser.add_argument("--no-cells", action="store_true", help="the mutants alone")
    parser.add_argument("--task", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.task:
        print(json.dumps(_task(json.loads(sys.stdin.read()))))
        return 0
    axes = _axes(given.only)
    is_good = [report(axes) for report, is_out in ((_report_cells, given.no_cells), (_report_mutants, given.no_mutants))
               if not is_out]  # fmt: skip
    return 0 if is_good and all(is_good) else 1


if __name__ == "__main__":
    sys.exit(main())
