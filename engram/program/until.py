"""Running until the stop conditions of populations hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from engram.errors import InvalidArgument
from engram.program.neurons import Neurons
from engram.program.places import STOP_EVERY, STOP_REACHED
from engram.program.program import Program
from engram.program.run import run
from engram.program.runner import Runner
from engram.program.stopping import with_rules
from engram.program.units import in_ms, steps_ceil, warn_of_rest
from engram.state import names
from engram.telling import told

__all__ = ["run_until"]


def run_until(runner: Runner, max_duration: Any, asked: Sequence[Neurons], operator: Any) -> float:
    """Run until conditions hold; see :meth:`Network.simulate_until`."""
    program = runner.program
    for one in asked:
        if one.draft.stop is None:
            advice = "give it one when you create it: stop_condition='r > 5.0 : any'."
            raise InvalidArgument(f"population {one.name!r} has no stop condition\n  help: {advice}")
    if not asked:
        raise InvalidArgument(
            "simulate_until(): expected a population or a list of them, got none"
            "\n  help: net.simulate_until(1000.0, pop), of a population with a stop_condition=."
        )
    if operator not in ("and", "or"):
        raise InvalidArgument(
            f"operator must be 'and' or 'or', not {told(operator)}"
            "\n  help: 'and': all populations fulfil their conditions; 'or': one does."
        )
    steps, before = steps_ceil(max_duration, program.dt, "max_duration"), program.state.step
    warn_of_rest(max_duration, steps, program.dt, "max_duration")
    _ask(program, {p.name for p in asked}, operator == "and")
    try:
        run(runner, steps)
    finally:
        _ask(program, (), every=False)
    return float(in_ms(program.state.step - before, program.dt))


def _ask(program: Program, asked: Collection[str], every: bool) -> None:
    """Say which conditions the coming run asks for, by the names of their populations, and whether all must hold."""
    with program.lock:
        for population, _ in with_rules(program):
            population.write(names.STOP_ASKED, population.name in asked)
        program.state.write(STOP_EVERY, every)
        program.state.write(STOP_REACHED, False)
