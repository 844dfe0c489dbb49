"""Fuzz every format: each spoilt file is refused, or loaded with equal values, and nothing else ever happens.

    python -m tools.fuzz [--count N] [--start K] [--formats .npz,.json]

Bits, parts, cuts, junk, members in another order, headers, lengths and tags that lie, bombs, deep nests, hostile
pickles, and files whose seals are right and whose blueprint or manifest lies. Case K of a format is the same file in
every run: ``--start K --count 1`` repeats it. Each format is read by a process of its own, whose memory and time are
limited and that is watched: whatever it imports, runs, opens or sends while it reads a file counts as executed.

The exit status is 0 if all went well, and 1 if one file was loaded in silence, ended the process, ran something, or
left a network that is neither the old one nor the new one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from engram.storage.formats import SUFFIXES
from tools.fuzz.target import GOOD, PARAMETERS, Outcome, run

__all__ = ["main"]

COUNT = 10_000
COLUMNS = ("refused", "equal", "opened", "named", "set", "silent", "changed", "crashed", "executed")
SHOWN = 10


def _outcomes(folder: Path, suffix: str, start: int, stop: int) -> Iterator[Outcome]:
    """Yield how each case ended; one that ends its process is known by its number, and the others go on."""
    reached = folder / f"progress{suffix}"
    places = {"ENGRAM_CACHE_DIR": str(folder / "cache"), "TMPDIR": str(folder)}
    while start < stop:
        command = [sys.executable, "-m", "tools.fuzz", "--child", str(folder), "--formats", suffix]
        command += ["--start", str(start), "--count", str(stop - start)]
        reached.unlink(missing_ok=True)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | places) as child:
            assert child.stdout is not None
            for line in child.stdout:
                yield Outcome(*json.loads(line))
        if child.returncode == 0:
            return
        if not reached.exists():
            raise SystemExit(f"{suffix}: nothing could be tried (exit status {child.returncode})")
        start = int(reached.read_text(encoding="ascii"))
        yield Outcome(start, "", "crashed", f"the process ended with status {child.returncode}")
        start += 1


def _memory() -> str | None:
    """Return where files are written fast."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _child(folder: Path, suffix: str, start: int, stop: int) -> None:
    """Print what is not good case by case, and the numbers of the rest in the end."""
    reached = os.open(folder / f"progress{suffix}", os.O_WRONLY | os.O_CREAT, 0o600)
    for one in run(suffix, start, stop, folder, lambda case: os.pwrite(reached, b"%12d" % case, 0)):
        print(json.dumps(one), flush=one.outcome not in GOOD)


def _row(folder: Path, suffix: str, start: int, stop: int) -> tuple[Counter[str], list[Outcome]]:
    counts: Counter[str] = Counter()
    bad = []
    for one in _outcomes(folder, suffix, start, stop):
        counts[one.outcome] += 1
        if one.outcome not in GOOD:
            bad.append(one)
    return counts, bad


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT, help=f"files of each format ({COUNT})")
    parser.add_argument("--start", type=int, default=0, help="number of the first")
    parser.add_argument("--formats", default=",".join((*SUFFIXES, PARAMETERS)), help="suffixes, separated by commas")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        _child(given.child, given.formats, given.start, given.start + given.count)
        return 0
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=_memory()) as folder:
        return _table(Path(folder), given.formats.split(","), given.start, given.count)


def _table(folder: Path, suffixes: Sequence[str], start: int, count: int) -> int:
    print(f"{'format':8} {'files':>7} {' '.join(f'{name:>8}' for name in COLUMNS)} {'per s':>7}")
    is_good = count > 0
    for suffix in suffixes:
        begin = time.perf_counter()
        counts, bad = _row(folder, suffix, start, start + count)
        total = sum(counts.values())
        speed = total / (time.perf_counter() - begin)
        print(f"{suffix:8} {total:7} {' '.join(f'{counts[name]:8}' for name in COLUMNS)} {speed:7.0f}", flush=True)
        for one in bad[:SHOWN]:
            print(f"    case {one.case} ({one.what}): {one.outcome}: {one.detail}")
        is_good = is_good and not bad and total == count
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
