"""Prove that two commits compute the same: run many networks in both, and compare every leaf bit by bit.

    python tools/same_bits.py A B [--renamed OLD=NEW]... [--gone PATTERN]... [--new PATTERN]... [--only NETWORK]...

A and B are revisions of git; ``.`` stands for the working tree. Each is checked out into a temporary folder, where a
process of its own runs the networks of ``tools/networks`` and saves each at every stage. What may differ between the
commits is said by options; they are printed beside how many leaves they concern:

    --renamed populations/*/history=populations/*/spikes   the first path, or beginning of a path, became the second
    --gone 'network/constants/*'                           only in A
    --new 'populations/*/room'                             only in B

The exit status is 0 if all leaves are equal, and 1 if one is not, if a network fails in either, or if there was nothing
to compare. Neither commit needs this program: the networks are those of this checkout.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt

__all__ = ["Intended", "Report", "compare", "main", "read_leaves"]

Array = npt.NDArray[Any]
ROOT = Path(__file__).resolve().parents[1]
SHOWN = 8  # differences of one network that are printed
CHILD = """
import sys, engram
sys.path.insert(0, sys.argv[2])
if not engram.__file__.startswith(sys.argv[3]):
    sys.exit(f"this is the engram of {engram.__file__}, not of {sys.argv[3]}")
from tools.networks.run import main
main()
"""


# -- comparing two files -----------------------------------------------------------------------------------


@dataclass
class Intended:
    """Which paths may differ, and how many leaves each option has concerned so far."""

    renamed: Sequence[tuple[str, str]] = ()
    gone: Sequence[str] = ()
    new: Sequence[str] = ()
    seen: Counter[str] = field(default_factory=Counter)

    def name_in_b(self, path: str) -> str:
        """Return what a path of A is called in B."""
        for old, new in self.renamed:
            pattern = "([^/]*)".join(re.escape(part) for part in old.split("*"))
            found = re.fullmatch(f"{pattern}(|/.*)", path)
            if found:
                self.seen[f"--renamed {old}={new}"] += 1
                *stars, rest = found.groups()
                return "".join(a + b for a, b in zip(new.split("*"), [*stars, ""], strict=True)) + rest
        return path

    def options(self) -> list[str]:
        """Return all options as they were given."""
        named = [f"--renamed {old}={new}" for old, new in self.renamed]
        return [*named, *(f"--gone {p}" for p in self.gone), *(f"--new {p}" for p in self.new)]

    def is_meant(self, option: str, patterns: Sequence[str], path: str) -> bool:
        """Say whether a path may be missing on the other side."""
        found = next((p for p in patterns if fnmatchcase(path, p)), None)
        if found is not None:
            self.seen[f"{option} {found}"] += 1
        return found is not None


@dataclass
class Report:
    """What two files, or all files of a network, have in common, and what not."""

    n_same: int = 0
    problems: list[str] = field(default_factory=list)


def read_leaves(file: Path) -> dict[str, Array]:
    """Return the values of an ``.engram`` file by path, without those that describe it."""
    with ZipFile(file) as members:
        names = [name for name in members.namelist() if name.endswith(".npy") and not name.startswith("engram/")]
        found = {}
        for name in names:
            with members.open(name) as member:
                found[unquote(name.removesuffix(".npy"))] = np.lib.format.read_array(member, allow_pickle=False)
    return found


def compare(a: Mapping[str, Array], b: Mapping[str, Array], intended: Intended) -> Report:
    """Compare type, shape and bytes of the values of two files."""
    report = Report()
    renamed: dict[str, str] = {}  # path in B -> path in A
    for path in a:
        name = intended.name_in_b(path)
        if name in renamed:
            report.problems.append(f"{path} and {renamed[name]} of A have one name in B: {name}")
        renamed[name] = path
    for name, path in renamed.items():
        if name not in b:
            if not intended.is_meant("--gone", intended.gone, path):
                report.problems.append(f"{path}: only in A")
        elif problem := _difference(a[path], b[name]):
            report.problems.append(f"{name}: {problem}")
        else:
            report.n_same += 1
    only = [name for name in b if name not in renamed and not intended.is_meant("--new", intended.new, name)]
    report.problems += [f"{name}: only in B" for name in only]
    return report


def _difference(a: Array, b: Array) -> str:
    """Say how two values differ; an empty text if they are the same."""
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return f"{a.dtype} {a.shape} in A, {b.dtype} {b.shape} in B"
    if a.tobytes() == b.tobytes():
        return ""
    bits = [np.ascontiguousarray(x).reshape(-1).view(np.uint8).reshape(a.size, -1) for x in (a, b)]
    wrong = np.flatnonzero((bits[0] != bits[1]).any(axis=1))
    k = wrong[0]
    index = ", ".join(str(int(i)) for i in np.unravel_index(k, a.shape))
    values = [
        f"{x.reshape(-1)[k].item()!r} ({bit[k][::-1].tobytes().hex()})" for x, bit in zip((a, b), bits, strict=True)
    ]
    return f"[{index}] is {values[0]} in A, {values[1]} in B; {len(wrong)} of {a.size} elements differ"


# -- running both commits ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """Give the root of a commit's files, for a while; the folder is removed whatever happens."""
    if revision == ".":
        yield ROOT
        return
    git = ["git", "-C", str(ROOT), "worktree"]
    try:
        done = subprocess.run([*git, "add", "--quiet", "--detach", str(folder), revision], check=False)
        if done.returncode != 0:
            raise SystemExit(f"git can't check out {revision!r}")
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=False, stderr=subprocess.DEVNULL)


def _run(source: Path, out: Path, names: Sequence[str]) -> None:
    """Run networks with the engram of ``source``; one that ends the process is marked, and the others go on."""
    out.mkdir()
    unset = ("PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS")
    environment = {key: value for key, value in os.environ.items() if key not in unset}
    environment |= {"PYTHONPATH": str(source), "ENGRAM_CACHE_DIR": str(out / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", CHILD, str(out), str(ROOT), str(source)]
    left = list(names)
    while left:
        done = subprocess.run(
            command, input="\n".join(left), text=True, cwd=out, env=environment, capture_output=True, check=False
        )
        left = [name for name in left if not (out / name / "done").exists()]
        if left:
            failed = out / left.pop(0)
            if not failed.exists():  # the process ended before its first network
                raise SystemExit(f"{source}: exit status {done.returncode}\n{done.stderr}")
            (failed / "failed").write_text(f"exit status {done.returncode}\n{done.stderr[-2000:]}", encoding="utf-8")


def _network_report(a: Path, b: Path, intended: Intended) -> Report:
    """Compare all files of one network."""
    report = Report()
    for side, folder in (("A", a), ("B", b)):
        if (folder / "failed").exists():
            report.problems.append(f"failed in {side}: {(folder / 'failed').read_text(encoding='utf-8')}")
    found = [{str(file.relative_to(side)) for file in side.rglob("*.engram")} for side in (a, b)]
    if not report.problems and found[0] != found[1]:
        report.problems.append(f"files of one side alone: {sorted(found[0] ^ found[1])}")
    for file in sorted(found[0] & found[1]):
        one = compare(read_leaves(a / file), read_leaves(b / file), intended)
        report.n_same += one.n_same
        report.problems += [f"{file.removesuffix('.engram')}: {problem}" for problem in one.problems]
    return report


def _names(only: Sequence[str]) -> list[str]:
    """Return the names of all networks, or of those that were asked for."""
    command = [sys.executable, "-c", "from tools.networks.run import CASES; print('\\n'.join(CASES))"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [n for n in done.stdout.splitlines() if not only or any(fnmatchcase(n, pattern) for pattern in only)]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a", metavar="A", help="revision, or . for the working tree")
    parser.add_argument("b", metavar="B", help="the same")
    parser.add_argument("--renamed", metavar="OLD=NEW", type=_renamed, action="append", default=[])
    parser.add_argument("--gone", metavar="PATTERN", action="append", default=[])
    parser.add_argument("--new", metavar="PATTERN", action="append", default=[])
    parser.add_argument("--only", metavar="NETWORK", action="append", default=[], help="these networks alone")
    return parser.parse_args(arguments)


def _renamed(text: str) -> tuple[str, str]:
    old, is_there, new = text.partition("=")
    if not (old and is_there and new) or old.count("*") != new.count("*"):
        raise argparse.ArgumentTypeError(f"{text!r} must be OLD=NEW with as many * on both sides")
    return old, new


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare two commits; returns the exit status."""
    given = _arguments(arguments)
    intended = Intended(given.renamed, given.gone, given.new)
    names = _names(given.only)
    with tempfile.TemporaryDirectory(prefix="same-bits-") as temporary:
        a, b = Path(temporary).resolve() / "a", Path(temporary).resolve() / "b"
        for revision, out in ((given.a, a), (given.b, b)):
            with _checked_out(revision, out.with_suffix(".source")) as source:
                _run(source, out, names)
        reports = {name: _network_report(a / name, b / name, intended) for name in names}
    for line in _lines(reports, intended):
        print(line)
    n_same = sum(report.n_same for report in reports.values())
    wrong = [name for name, report in reports.items() if report.problems]
    print(
        f"A = {given.a}, B = {given.b}: {n_same} leaves are equal; networks that differ: {', '.join(wrong) or 'none'}"
    )
    return 0 if n_same and not wrong else 1


def _lines(reports: Mapping[str, Report], intended: Intended) -> Iterator[str]:
    """Yield what is printed of each network, and what each option concerned."""
    for name, report in reports.items():
        yield f"{name}: {report.n_same} leaves are equal, {len(report.problems)} problems"
        for problem in report.problems[:SHOWN]:
            yield "    " + problem.rstrip().replace("\n", "\n    ")
        if len(report.problems) > SHOWN:
            yield f"    ... and {len(report.problems) - SHOWN} more"
    for option in intended.options():
        yield f"meant to differ: {option}: {intended.seen[option]} leaves"


if __name__ == "__main__":
    sys.exit(main())
