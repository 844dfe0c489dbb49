"""``engram demo``: a network is put down and picked up again, in every format, and must not notice.

What each process does stands in ``demo_run``, the network in ``demo_network``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from engram.cli.demo_plot import plot_run
from engram.cli.demo_run import DURATION_MS, Outcome, Run, build, go_on, resume_in_fresh_process
from engram.errors import EngramError, MissingLibrary
from engram.storage.formats import SUFFIXES

__all__ = ["demo"]

FOLDER, PLOT = Path("engram-demo"), Path("engram-demo.png")
SEED, OTHER_SEED = 42, 7
THREADS, OTHER_THREADS = 1, 2
EDIT = ('"A_plus": 0.0002', '"A_plus": 0.0003')  # what a user would do in an editor


@dataclass(frozen=True)
class _Row:
    """One format's line in the table."""

    suffix: str
    megabytes: float
    save_s: float
    load_s: float
    trouble: str  # empty if it resumed to the bit


def demo() -> int:
    """Run the demo in the current folder; returns the exit status: 0 if all formats resume to the bit."""
    FOLDER.mkdir(exist_ok=True)
    run = build(SEED, THREADS)
    print(_edit_parameters(run))
    print(f"simulating {DURATION_MS:g} ms ...")
    run.net.simulate(DURATION_MS, progress=True)
    saved_step = run.net.current_step
    files = {suffix: FOLDER / f"network{suffix}" for suffix in SUFFIXES}
    save_s = {suffix: _save(run, file) for suffix, file in files.items()}
    print(f"saved in {len(SUFFIXES)} formats into {FOLDER}/; going on here, and from each file in a fresh process ...")
    uninterrupted = go_on(run)
    rows = [_row(suffix, file, save_s[suffix], uninterrupted) for suffix, file in files.items()]
    _print_table(rows)
    print(_plot(run, uninterrupted, saved_step))
    exact = sum(not row.trouble for row in rows)
    print(f"resumed to the bit: {exact} of {len(rows)} formats")
    return 0 if exact == len(rows) else 1


def _edit_parameters(run: Run) -> str:
    """Write the parameters, change one in the text, load it; returns what was done."""
    file = FOLDER / "parameters.json"
    run.net.save_parameters(file)
    text = file.read_text(encoding="utf-8")
    if text.count(EDIT[0]) != 1:
        raise EngramError(f"{file} should have {EDIT[0]} once:\n{text}")
    file.write_text(text.replace(*EDIT), encoding="utf-8")
    run.net.load_parameters(file)
    projection = run.net.get_projections()[0]
    return f"parameters: {file}, edited and loaded: A_plus of {projection.name} is now {projection.A_plus}"


def _save(run: Run, file: Path) -> float:
    """Save; returns how many seconds it took."""
    begin = time.perf_counter()
    run.net.save(file)
    return time.perf_counter() - begin


def _row(suffix: str, file: Path, save_s: float, expected: Outcome) -> _Row:
    """Resume from one file in a fresh process and compare."""
    outcome = resume_in_fresh_process(str(file), OTHER_SEED, OTHER_THREADS)
    megabytes = file.stat().st_size / 1e6
    if isinstance(outcome, str):
        return _Row(suffix, megabytes, save_s, float("nan"), f"the process failed:\n{outcome.rstrip()}")
    trouble = "" if outcome.is_same(expected) else _difference(outcome, expected)
    return _Row(suffix, megabytes, save_s, outcome.load_s, trouble)


def _difference(outcome: Outcome, expected: Outcome) -> str:
    spikes = "the same" if outcome.spikes == expected.spikes else "different"
    return f"{spikes} spikes; digest {outcome.digest}, uninterrupted {expected.digest}"


def _print_table(rows: list[_Row]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("format", *(("MB", "save s", "load s")), "resumed to the bit")
    for column in table.columns[1:4]:
        column.justify = "right"
    for row in rows:
        verdict = "[green]yes" if not row.trouble else f"[red]no: {escape(row.trouble)}"
        table.add_row(row.suffix, f"{row.megabytes:.2f}", f"{row.save_s:.3f}", f"{row.load_s:.3f}", verdict)
    Console().print(table)


def _plot(run: Run, outcome: Outcome, saved_step: int) -> str:
    """Draw the run; returns what to tell."""
    projection = run.net.get_projections()[0]
    try:
        plot_run(
            PLOT,
            spikes=outcome.spikes,
            dt_ms=run.net.dt,
            marks={"saved": saved_step * run.net.dt},
            weights={projection.name: projection.array("w")},
        )
    except MissingLibrary as error:
        return f"no {PLOT}: {error}"
    return f"drawn: {PLOT}"
