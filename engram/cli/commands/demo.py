"""``engram demo``: a network is put down and picked up again, in every format, and must not notice.

What each process does stands in ``demo_run``, the network in ``demo_network``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.cli.commands import Command
from engram.cli.demo_plot import Picture, plot_run
from engram.cli.demo_run import DURATION_MS, PULSE_MS, Demo, Outcome, build, go_on, resume_in_fresh_process, simulate
from engram.errors import EngramError, MissingLibrary
from engram.storage.formats import BUILT_IN

__all__ = ["COMMAND", "demo"]

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
    outcome: Outcome | None  # None if its process failed


def demo() -> int:
    """Run the demo in the current folder; returns the exit status: 0 if all formats resume to the bit."""
    _make_folder()
    run = build(SEED, THREADS)
    print(_describe(run))
    print(_edit_parameters(run))
    weights = {"before": _weights(run)}
    simulate(run.net, progress=sys.stderr.isatty())
    saved_step = run.net.current_step
    files = {suffix: FOLDER / f"network{suffix}" for suffix in BUILT_IN}
    save_s = {suffix: _save(run, file) for suffix, file in files.items()}
    print(f"Simulated {DURATION_MS:g} ms and saved it in {len(BUILT_IN)} formats.")
    print(
        f"Another {DURATION_MS:g} ms, here and from each file: there in a fresh process with another seed and "
        f"{OTHER_THREADS} threads instead of {THREADS}."
    )
    unbroken = go_on(run)
    rows = [_row(suffix, file, save_s[suffix], unbroken) for suffix, file in files.items()]
    _print_table(rows)
    print(_draw(run, unbroken, rows, saved_step, weights))
    print(
        f"Left in {FOLDER}/: the saved networks and the parameters, to look at or to delete. In Python,\n"
        f'  import engram as eg; net = eg.open("{files[".npz"].as_posix()}"); net.simulate(100.0)\n'
        "goes on from one of them."
    )
    exact = sum(not row.trouble for row in rows)
    print(f"resumed to the bit: {exact} of {len(rows)} formats")
    return 0 if exact == len(rows) else 1


def _make_folder() -> None:
    try:
        FOLDER.mkdir(exist_ok=True)
    except OSError as error:
        raise EngramError(
            f"the folder {FOLDER}/ for the saved networks can't be made in {Path.cwd()}: {error.strerror}\n"
            "  help: run the demo in a folder of your own: mkdir trying-engram && cd trying-engram && engram demo"
        ) from error


def _describe(run: Demo) -> str:
    """The network, in one line."""
    neurons = sum(population.size for population in run.net.get_populations())
    synapses = sum(projection.nb_synapses for projection in run.net.get_projections())
    return f"Built a network of {neurons:,} neurons and {synapses:,} synapses that learn."


def _weights(run: Demo) -> npt.NDArray[Any]:
    return np.array(run.net.get_projections()[0].array("w"))


def _edit_parameters(run: Demo) -> str:
    """Write the parameters, change one in the text, load it; returns what was done."""
    file = FOLDER / "parameters.json"
    run.net.save_parameters(file)
    text = file.read_text(encoding="utf-8")
    if text.count(EDIT[0]) != 1:
        raise EngramError(f"{file} should have {EDIT[0]} once:\n{text}")
    file.write_text(text.replace(*EDIT), encoding="utf-8")
    run.net.load_parameters(file)
    projection = run.net.get_projections()[0]
    return (
        f"Wrote its parameters to {file.as_posix()}, edited the text, loaded it: A_plus is {projection.A_plus:g} now."
    )


def _save(run: Demo, file: Path) -> float:
    """Save; returns how many seconds it took."""
    begin = time.perf_counter()
    run.net.save(file)
    return time.perf_counter() - begin


def _row(suffix: str, file: Path, save_s: float, expected: Outcome) -> _Row:
    """Resume from one file in a fresh process and compare."""
    outcome = resume_in_fresh_process(str(file), OTHER_SEED, OTHER_THREADS)
    megabytes = file.stat().st_size / 1e6
    if isinstance(outcome, str):
        return _Row(suffix, megabytes, save_s, float("nan"), f"the process failed:\n{outcome.rstrip()}", None)
    trouble = "" if outcome.is_same(expected) else _difference(outcome, expected)
    return _Row(suffix, megabytes, save_s, outcome.load_s, trouble, outcome)


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


def _draw(
    run: Demo, unbroken: Outcome, rows: list[_Row], saved_step: int, weights: Mapping[str, npt.NDArray[Any]]
) -> str:
    """Draw the run, over it what came of the first file that could be resumed; returns what to tell."""
    row = next((row for row in rows if row.outcome is not None), None)
    verdict = "no file could be resumed"
    if row is not None and row.outcome is not None:
        n_other, n = _count_differing(unbroken, row.outcome, saved_step)
        verdict = f"{n_other:,} of {n:,} spikes after the save differ"
    picture = Picture(
        sizes={population.name: population.size for population in run.net.get_populations()},
        unbroken=unbroken.spikes,
        resumed=None if row is None or row.outcome is None else _after(row.outcome, saved_step),
        resumed_from="" if row is None else f"network{row.suffix}",
        verdict=verdict,
        dt_ms=run.net.dt,
        saved_ms=saved_step * run.net.dt,
        duration_ms=2 * DURATION_MS,
        pulses_ms=[(PULSE_MS[0] + half, PULSE_MS[1] + half) for half in (0.0, DURATION_MS)],
        weights={**weights, "after": _weights(run)},
    )
    try:
        plot_run(PLOT, picture)
    except MissingLibrary as error:
        return f"{verdict}; not drawn: {error}"
    return f"Drawn in {PLOT}: {verdict}."


def _after(outcome: Outcome, step: int) -> dict[str, list[list[int]]]:
    """The spikes from a step on."""
    return {name: [spike for spike in spikes if spike[0] >= step] for name, spikes in outcome.spikes.items()}


def _count_differing(one: Outcome, other: Outcome, step: int) -> tuple[int, int]:
    """How many spikes from a step on only one of two runs has, and how many the first has."""
    ours, theirs = (
        {(name, *spike) for name, spikes in _after(run, step).items() for spike in spikes} for run in (one, other)
    )
    return len(ours ^ theirs), len(ours)


COMMAND = Command(
    "simulate a network, save it in every format, resume each in a fresh process",
    "Simulates 1 s of a network of 1000 neurons, saves it in every format into ./engram-demo, and goes on from "
    "each file in a fresh process. Exit status 1 unless all resume to the bit. Writes engram-demo.png.",
    demo,
)
