"""Running: in stretches of about 50 ms, so that Ctrl-C and a progress bar work; it stops between steps only.

A call into C leaves the clock and the records at the last step, so an interrupt may come at any moment. A step of the
interpreter is many operations: there it is held until the step is done. Stretches end where a job returns to Python.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import get_ident
from time import perf_counter
from typing import TYPE_CHECKING

from engram.program.in_flight import forget_arrived
from engram.program.places import STOP_REACHED
from engram.program.progress import progress_bar
from engram.program.runner import Runner
from engram.program.units import in_ms
from engram.state import names

if TYPE_CHECKING:
    from engram.ir.jobs import Call
    from engram.ir.schedule import Schedule
    from engram.native.meter import Meter
    from engram.program.finite import FiniteCheck, Stretch

__all__ = ["run"]

BAR = "{percentage:3.0f}%|{bar}| {n:g}/{total:g} ms [{elapsed}<{remaining}{postfix}]"


def run(runner: Runner, n_steps: int, progress: bool = False, meter: Meter | None = None) -> None:
    """Run ``n_steps`` steps, or fewer where the conditions hold that ``simulate_until`` waits for.

    Interrupted by Ctrl-C, it stops between two steps and raises KeyboardInterrupt.

    Args:
        n_steps: 0 or more.
        progress: show a progress bar, in a terminal or a notebook: ms simulated, and how much faster than real time.
        meter: measures the jobs, if given.

    Raises:
        InvalidArgument: while another thread runs the network.
    """
    program, mine = runner.program, get_ident()
    try:
        with program.lock:  # whoever replaces what is there has it, or comes later and sees who runs
            runner.callbacks.refuse_elsewhere("simulate()")
            program.runs_in = mine
            runner.single_steps.end(runner.check)
        if progress:
            _run_and_show(runner, n_steps, meter)
        else:
            _run(runner, n_steps, meter, None)
    finally:
        if program.runs_in == mine:
            try:
                _let_go(runner)
            finally:
                program.runs_in = None


def _let_go(runner: Runner) -> None:
    """Drop what was in flight and has arrived, wherever a run has stopped."""
    if runner.derived.with_flights and not runner.program.state.broken:
        with runner.program.lock:
            forget_arrived(runner.derived.with_flights)


def _run_and_show(runner: Runner, n_steps: int, meter: Meter | None) -> None:
    dt_ms, begin = runner.program.dt, perf_counter()
    with progress_bar(total=in_ms(n_steps, dt_ms), unit="ms", bar_format=BAR) as bar:
        done = 0

        def show(steps: int) -> None:
            nonlocal done
            done += steps
            ms = in_ms(done, dt_ms)
            bar.set_postfix_str(f"{ms / 1e3 / max(perf_counter() - begin, 1e-9):.3g} x real time", refresh=False)
            bar.update(ms - bar.n)

        _run(runner, n_steps, meter, show)


def _run(runner: Runner, n_steps: int, meter: Meter | None, show: Callable[[int], object] | None) -> None:
    """Hold the lock but for calls between steps: other threads may change the network in between."""
    program, left, is_stopped = runner.program, n_steps, False
    stretch: Stretch = partial(_stretch, runner, meter)
    check = runner.check if program.config.check_finite and n_steps else None
    with program.lock:
        if check is not None:
            program.usable()
            jobs = runner.derived.jobs
            if n_steps == 1 and show is None and not jobs.calls:
                _one_step(runner, stretch, check)
                return
            until = _until_next(jobs, program.state.step - 1, n_steps + 1, between=False) - 1
            check.begin(stretch, n_steps, until)
    while left > 0 and not is_stopped:
        until = _call_between(runner, meter, stretch, left)
        with program.lock:
            program.usable()
            work, until = _up_to_calls(runner, meter, stretch, until)
            done = work(until) if check is None else check.run(stretch, until, work)
            is_stopped = STOP_REACHED in program.state and bool(program.value(names.STOP_REACHED))
        left -= done
        if show is not None:
            show(done)
    if check is not None:
        with program.lock:
            check.end(stretch, n_steps)


def _one_step(runner: Runner, stretch: Stretch, check: FiniteCheck) -> None:
    """Run one step without calls: what is done for many, in one go, as `net.step()` shall cost next to nothing."""
    check.begin(stretch, 1, 1)
    check.run(stretch, 1)
    check.end(stretch, 1)


def _stretch(runner: Runner, meter: Meter | None, n_steps: int) -> int:
    """Run up to ``n_steps`` steps, without any calls, and return how many were done."""
    runner.derived.fill()
    return runner.program.backend.run(runner.derived, n_steps, meter)


# -- calls -------------------------------------------------------------------------------------------------


def _due(jobs: Schedule, step: int, between: bool) -> list[Call]:
    """Return the calls that are due in a step: those before all of its jobs, or all others."""
    return [call for position, call in jobs.calls if (position == 0) is between and call.next_step(step) == step]


def _until_next(jobs: Schedule, step: int, most: int, between: bool) -> int:
    """Return how many steps are left, at most so many, up to the next one after ``step`` in which a call is due."""
    if not jobs.calls:
        return most
    steps = (call.next_step(step + 1) for position, call in jobs.calls if (position == 0) is between)
    return min([most, *(at - step for at in steps if at is not None)])


def _call_between(runner: Runner, meter: Meter | None, stretch: Stretch, left: int) -> int:
    """Make the calls that are due before the coming step; returns how many steps there are up to the next ones.

    They may do to the network what a user may, so nothing is held meanwhile. What they do to each other counts at once.
    """
    program, check = runner.program, runner.check if runner.program.config.check_finite else None
    with program.lock:
        program.usable()
        jobs, step = runner.derived.jobs, program.state.step
        if not jobs.calls:
            return left
        due = _due(jobs, step, between=True)
        if due and check is not None:
            check.before_calls(stretch)
    for call in due:
        if call.next_step(step) == step:
            _call(call, step, meter)
    with program.lock:
        until = _until_next(runner.derived.jobs, step, left, between=True)
        if due and check is not None:
            program.usable()
            check.after_calls(stretch, until)
    return until


def _up_to_calls(runner: Runner, meter: Meter | None, stretch: Stretch, until: int) -> tuple[Stretch, int]:
    """Return how to run the next steps, and how many: one with calls in its middle, or all before the next such one."""
    jobs, step = runner.derived.jobs, runner.program.state.step
    if not jobs.calls:
        return stretch, until
    due = _due(jobs, step, between=False)
    if due:
        return partial(_step_in_pieces, runner, meter, due), 1
    return stretch, _until_next(jobs, step, until, between=False)


def _step_in_pieces(runner: Runner, meter: Meter | None, due: list[Call], n_steps: int) -> int:
    """Run ``n_steps``, one step, with calls in its middle: all of it, or the network is broken.

    Where calls fail that have then changed nothing, the step is run to its end without them, before that is said.
    """
    step, first, failed = runner.program.state.step, 0, None
    with runner.program.whole(f"step {step}"):
        for call in due:
            first = _part(runner, meter, first, call)
            try:
                _call(call, step, meter)
            except Exception as error:
                if not call.is_whole or runner.program.state.broken:
                    raise
                failed = failed or error
            first = _position(runner, call)  # the call may have changed the jobs
        _part(runner, meter, first, None)
        runner.program.write(names.STEP, step + 1)
        runner.check.forget()
    if failed is not None:
        raise failed
    return n_steps


def _position(runner: Runner, call: Call | None) -> int:
    """Return how many jobs stand before a call; for None all of them."""
    jobs = runner.derived.jobs
    return len(jobs) if call is None else next(position for position, other in jobs.calls if other is call)


def _part(runner: Runner, meter: Meter | None, first: int, call: Call | None) -> int:
    """Run the jobs of the present step from number ``first`` up to a call, and return how many stand before it."""
    runner.derived.fill()
    last = _position(runner, call)
    runner.program.backend.run_jobs(runner.derived, first, last, meter)
    return last


def _call(call: Call, step: int, meter: Meter | None) -> None:
    begin = perf_counter()
    call.function(step)
    if meter is not None:
        meter.add_call(call, perf_counter() - begin)
