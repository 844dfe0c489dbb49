"""``engram run``: goes on from a file without its script, or runs a script."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import engram as eg
from engram.cli.commands import Command
from engram.cli.output import say
from engram.errors import InvalidArgument, MissingFile
from engram.persistence.paths import checked_path
from engram.program.units import steps_ceil, warn_of_rest
from engram.state.spelling import escape
from engram.storage.save import check_target
from engram.telling import told

__all__ = ["COMMAND", "run"]

UNITS_MS = {"": 1.0, "ms": 1.0, "s": 1000.0, "min": 60_000.0, "h": 3_600_000.0}
_TIME = re.compile(r"(\d+\.?\d*(?:e[-+]?\d+)?) *(ms|s|min|h|)", re.ASCII)


def run(file: str, until: str | None, output: str | None, threads: int | None, arguments: Sequence[str] = ()) -> int:
    """Simulate a file's network until a time and save it, or run a script; returns the exit status: a script's own."""
    if Path(file).suffix.lower() == ".py":
        if not Path(file).exists():
            raise MissingFile(f"there is no script {file!r}\n  looked in: {Path.cwd()}")
        if (until, output, threads) != (None, None, None):
            what = f"{file!r} is a script and takes none of --until, --output and --threads"
            raise InvalidArgument(f"{what}\n  help: what the script shall get stands behind it.")
        status = subprocess.run([sys.executable, file, *arguments], check=False).returncode
        return status if status >= 0 else 128 - status  # ended by a signal, as shells say it
    if arguments:
        what = f"{file!r} is no script: it takes no arguments, got {arguments[0]!r}"
        raise InvalidArgument(f"{what}\n  help: engram run {file} --until 10s --output OUT")
    if until is None or output is None:
        raise InvalidArgument(f"--until and --output are needed\n  help: engram run {file} --until 10s --output OUT")
    until_ms = _ms(until)
    if threads is not None and threads < 1:
        raise InvalidArgument(f"--threads: expected 1 or more, got {threads}")
    check_target(checked_path(output))
    net = eg.open(file, num_threads=threads)
    end = steps_ceil(until_ms, net.dt, "--until")
    steps = end - net.current_step
    if steps < 0:
        what = f"--until: expected {net.time:g} ms, the time of '{file}', or more, got {until!r}"
        raise InvalidArgument(f"{what}\n  help: it is a time of the network, not how long it runs from now on.")
    warn_of_rest(until_ms, end, net.dt, "--until")
    net.simulate(steps * net.dt, progress=sys.stderr.isatty())
    net.save(output)
    say(f"{escape(output)}: step {net.current_step}, time {net.time:g} ms")
    return 0


def _ms(text: str) -> float:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise InvalidArgument(
            f"--until: expected a time, got {told(text)}\n  help: 10s, 500ms, 2min, 1h; 500 is 500 ms."
        )
    return float(found[1]) * UNITS_MS[found[2]]


COMMAND = Command(
    "simulate the network of a file and save it, without its script; or run a script",
    "Opens the network of a file, simulates until a time (rounded up to whole steps, which a warning says) and saves "
    "it: engram run a.npz --until 10s -o b.npz. "
    "A file whose suffix is .py is a script: it runs with what follows, engram run a.py --trials 20, and its exit "
    "status is the command's.",
    run,
    (
        ("file", {"metavar": "FILE", "help": "that engram saved, or a script"}),
        ("arguments", {"metavar": "ARGUMENT", "nargs": "*", "default": (), "help": "of a script: whatever follows it"}),
        ("--until", {"metavar": "TIME", "help": "of the network's clock: 10s, 500ms, 2min, 1h; a number is in ms"}),
        ("-o --output", {"metavar": "OUT", "help": "where to save; the suffix says how"}),
        ("--threads", {"metavar": "N", "type": int, "help": "at most so many; no result depends on it"}),
    ),
)
