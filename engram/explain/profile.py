"""Where the time of a run goes: each job of a step beside what it did and what the memory could do.

Made by ``net.simulate(..., profile=True)``. In: what ``native/meter.py`` measured, and what jobs counted.
Out: :class:`Profile`, which is read by printing it or through its ``rows``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from engram import markup
from engram.contents import Contents
from engram.errors import InvalidArgument
from engram.explain.table import table
from engram.ir.jobs import Call
from engram.ir.schedule import Schedule
from engram.ir.work import Run, Spiked
from engram.native.bandwidth import bandwidth
from engram.native.meter import Meter
from engram.program.run import run
from engram.program.runner import Runner

__all__ = ["Profile", "ProfileRow", "profiled"]

HEAD = ("job", "of", "time ms", "share", "wait ms", "events", "", "ns/event", "MB", "GB/s", "of memory")
LEFT = (0, 1, 6)  # columns of words


@dataclass(frozen=True)
class ProfileRow:
    """One job of the schedule.

    Args:
        job: what is done: ``update``, ``deliver``, ``join`` ...
        of: whose: the path of a population, projection or monitor.
        calls: steps in which it ran.
        events: elements that it visited, and ``unit``, what they are: neurons, synapses, spikes, values; calls, where
            it returned to Python.
        bytes: that it asked for, see ``ir/work.py``.
        time_s: seconds, added up over all threads.
        wait_s: seconds that threads waited for others before it, added up over all threads.
        share: of the time of all jobs and of all waiting.
        ns_per_event: of one thread; 0 where nothing happened.
        gb_per_s: 1e9 bytes per second, of all threads together.
        of_memory: that, as a fraction of what the memory was measured to do. More than 1 means caches.
    """

    job: str
    of: str
    calls: int
    events: int
    unit: str
    bytes: int
    time_s: float
    wait_s: float
    share: float
    ns_per_event: float
    gb_per_s: float
    of_memory: float


@dataclass(frozen=True, repr=False)
class Profile(Contents):
    """Where the time of a run went; ``print`` it, or go through its rows.

    Args:
        rows: the jobs in the order of a step.
        steps: of the run.
        wall_s: seconds of the whole call.
        engine_s: of it, seconds inside the engine; the rest is Python, callbacks too.
        threads: that took part, on average over the time inside the engine.
        elsewhere: fraction of that time in which a thread had no core: other programs had it. It is part of the times.
        memory_gb_per_s: what as many threads reach in STREAM's triad on this machine, 1e9 bytes per second.
    """

    rows: tuple[ProfileRow, ...]
    steps: int
    wall_s: float
    engine_s: float
    threads: float
    elsewhere: float
    memory_gb_per_s: float

    def _members(self) -> tuple[ProfileRow, ...]:
        return self.rows

    @property
    def python_s(self) -> float:
        """Seconds outside the engine."""
        return self.wall_s - self.engine_s

    @property
    def wait_s(self) -> float:
        """Seconds that threads waited for others, added up over all threads."""
        return sum(row.wait_s for row in self.rows)

    def table(self) -> str:
        """Return the rows as a table in Markdown, the longest first."""
        return table(HEAD, self._ordered(), LEFT)

    def _ordered(self) -> list[tuple[str, ...]]:
        return [_cells(row) for row in sorted(self.rows, key=lambda row: -row.time_s)]

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        head, rest = map(markup.plain, self._words())
        cells = [[*map(markup.plain, line)] for line in self._ordered()]
        return "".join([markup.paragraph(head), markup.table(HEAD, cells, LEFT), markup.paragraph(rest)])

    def __str__(self) -> str:
        head, rest = self._words()
        return f"{head}\n\n{self.table()}\n\n{rest}"

    def _words(self) -> tuple[str, str]:
        """Return what is said before the table and behind it."""
        per_step = self.wall_s / max(self.steps, 1)
        waited = self.wait_s / max(self.engine_s * self.threads, 1e-12)
        head = f"{self.steps} steps in {self.wall_s * 1e3:.4g} ms, {per_step * 1e6:.3g} us each"
        lost = f"waiting for each other {waited:.1%}, cores taken by other programs {self.elsewhere:.1%}"
        return (
            f"{head}, threads: {self.threads:.2g}\noutside the engine {self.python_s * 1e3:.3g} ms, {lost}",
            f"of memory: of the {self.memory_gb_per_s:.3g} GB/s that this machine's memory was measured to do; "
            "more than 100 % comes from caches",
        )


def _cells(row: ProfileRow) -> tuple[str, ...]:
    did = row.events > 0
    return (
        *(row.job, row.of, f"{row.time_s * 1e3:.3f}", f"{row.share:.1%}", f"{row.wait_s * 1e3:.3f}"),
        *(f"{row.events:,}", row.unit, f"{row.ns_per_event:.3g}" if did else "-"),
        *(f"{row.bytes / 1e6:,.1f}", f"{row.gb_per_s:.3g}" if did else "-", f"{row.of_memory:.0%}" if did else "-"),
    )


def profiled(runner: Runner, n_steps: int, progress: bool = False) -> Profile:
    """Run ``n_steps`` steps, measured. The results are the same bits as without.

    Raises:
        InvalidArgument: for a network that was compiled for the interpreter.
    """
    program = runner.program
    if not program.backend.is_compiled:
        advice = "compile the network with backend='c', or without backend= where there is a C compiler."
        raise InvalidArgument(f"profile=True needs compiled kernels, and this network runs in NumPy\n  help: {advice}")
    with program.lock:
        derived, state = runner.derived, program.state
        jobs, rows, packed = derived.jobs, program.rows, derived.packed
        meter = Meter(jobs, state, program.threads)
        first_step = state.step
        spiked = {path: Spiked(state, path) for path in meter.seen}
    begin = time.perf_counter()
    run(runner, n_steps, progress, meter)
    wall_s = time.perf_counter() - begin
    for path, each in spiked.items():
        each.finish(state, meter.seen[path])
    counts = Run(state, rows, packed, spiked, first_step)
    return _profile(jobs, meter, counts, wall_s)


def _profile(jobs: Schedule, meter: Meter, run: Run, wall_s: float) -> Profile:
    threads = meter.thread_s / meter.wall_s if meter.wall_s else 1.0
    memory = bandwidth(max(1, round(threads))) / 1e9
    spent = [(meter.work_s(k), meter.wait_s(k)) for k in range(len(jobs))]
    total = sum(map(sum, spent)) + sum(seconds for _, seconds in meter.called.values())
    rows = []
    for k, (job, (time_s, wait_s)) in enumerate(zip(jobs, spent, strict=True)):
        calls = meter.calls(k)
        did = job.count(run, calls)
        rate = did.bytes / 1e9 / time_s * threads if time_s else 0.0
        job_name, owner = job.label
        rows.append(
            ProfileRow(
                job_name,
                owner,
                calls,
                did.events,
                did.unit,
                did.bytes,
                time_s,
                wait_s,
                share=time_s / total if total else 0.0,
                ns_per_event=time_s * 1e9 / did.events if did.events else 0.0,
                gb_per_s=rate,
                of_memory=rate / memory,
            )
        )
    for position, call in reversed(jobs.calls):
        rows.insert(position, _call_row(call, *meter.called.get(call, (0, 0.0)), total))
    elsewhere = max(0.0, 1.0 - meter.cpu_s / meter.thread_s) if meter.thread_s else 0.0
    return Profile(tuple(rows), run.steps, wall_s, meter.wall_s, threads, elsewhere, memory)


def _call_row(call: Call, calls: int, time_s: float, total_s: float) -> ProfileRow:
    share, each = time_s / total_s if total_s else 0.0, time_s * 1e9 / calls if calls else 0.0
    return ProfileRow(call.what, call.of, calls, calls, "calls", 0, time_s, 0.0, share, each, 0.0, 0.0)
