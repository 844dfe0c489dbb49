"""Stop conditions of populations.

A condition is a kernel that says for each neuron whether it holds, and a job behind all others that ends the run. Both
stand in the schedule of every step, and are left out but where ``simulate_until`` asks for them (``until.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.errors import InvalidArgument
from engram.program.backend import Code
from engram.program.drafts import StopRule
from engram.program.kernels import stop_code, stop_facts
from engram.program.neurons import Neurons
from engram.program.places import STOP_EVERY, STOP_REACHED, population_path
from engram.program.program import Program
from engram.state import names
from engram.state.slots import Role, Slot
from engram.telling import told

if TYPE_CHECKING:
    from engram.ir.jobs import Job

__all__ = ["condition_code", "stop_jobs", "stop_rule", "stop_slots", "with_rules"]


def stop_rule(population: Neurons, text: Any, known: frozenset[str] | None = None) -> StopRule:
    """Return the stop condition that a text says.

    Args:
        population: that it is about.
        text: see :class:`Population`.
        known: see :class:`StopRule`.

    Raises:
        InvalidArgument: if it is no text.
        LanguageError: if the text is wrong.
    """
    if not isinstance(text, str):
        advice = "write e.g. stop_condition='r > 5.0 : any'."
        raise InvalidArgument(f"a stop condition is text, not {told(text)}\n  help: {advice}")
    facts = stop_facts(population.definition, text, known)
    over = tuple((op, name) for op, name in facts["over"])
    lists = tuple(facts["targets"]), over, tuple(facts["constants"])
    return StopRule(text, facts["for_all"], *lists, facts["printed"], known)


def with_rules(program: Program) -> list[tuple[Neurons, StopRule]]:
    """Return the populations that have stop conditions, with these."""
    return [(p, p.draft.stop) for p in program.populations.values() if p.draft.stop is not None]


def stop_slots(program: Program) -> Iterator[Slot]:
    """The slots of stop conditions, if there are any; all are written before a run or in each of its steps."""
    ruled = with_rules(program)
    for population, _ in ruled:
        yield population.slot(names.STOP, population.geometry, np.bool_, Role.SCRATCH)
        yield population.slot(names.STOP_ASKED, (), np.bool_, Role.SCRATCH)
    for name in (names.STOP_EVERY, names.STOP_REACHED) if ruled else ():
        yield Slot(names.NETWORK, name, (), np.dtype(np.bool_), Role.SCRATCH)


def condition_code(program: Program) -> dict[str, tuple[Code, ...]]:
    """Return the kernels of the stop conditions, by the places of their results.

    Raises:
        InvalidArgument: if a condition reads the sum of a target that nothing is connected to.
    """
    code = {}
    for population, rule in with_rules(program):
        inputs = population.inputs | set(population.spec.targets)
        for target in rule.targets:
            if target not in inputs:
                what = f"population {population.name!r}: nothing is connected to the target {target!r}"
                known = ", ".join(sorted(inputs)) or "none"
                advice = f"connect something to it before compile(), or read a target that has input: {known}."
                raise InvalidArgument(f"{what}\n  in its stop_condition {rule.text!r}\n  help: {advice}")
        code[population.place(names.STOP)] = stop_code(
            population.definition,
            rule.text,
            tuple(sorted(population.inputs)),
            constants=program.known_constants(rule.constants),
            backend=program.backend,
            precision=program.config.precision,
            known=rule.known,
        )
    return code


def stop_jobs(program: Program, code: Mapping[str, tuple[Code, ...]]) -> list[Job]:
    """Return the jobs that end a run, the last ones of a step.

    Args:
        code: has what :func:`condition_code` gave.
    """
    from engram.ir.engine_jobs import Stop, StopCondition
    from engram.ir.kernel_job import RunKernel  # what only running needs

    jobs: list[Job] = []
    conditions = []
    for population, rule in with_rules(program):
        flags, asked = population.place(names.STOP), population.place(names.STOP_ASKED)
        for part in code[flags]:
            paths = tuple(population_path(population.path, a.place) for a in part.kernel.arguments)
            jobs.append(RunKernel(part.kernel, part.key, paths, population.size, enabled=asked, of=population.path))
        conditions.append(StopCondition(flags, asked, rule.for_all))
    return [*jobs, Stop(tuple(conditions), STOP_EVERY, STOP_REACHED)] if conditions else []
