"""Stop conditions of populations, and running until they hold.

A condition is a kernel that says for each neuron whether it holds, and a job behind all others that ends the run. Both
stand in the schedule of every step, and are left out but where ``simulate_until`` asks for them. Called by
:class:`Population`, :class:`Network`, ``compiling.py`` and ``schedule.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.errors import InvalidArgument
from engram.network.backends import Code
from engram.network.kernels import stop_code, stop_facts
from engram.network.owner import is_among
from engram.network.places import STOP_EVERY, STOP_REACHED, population_path
from engram.network.run import run
from engram.network.units import steps_ceil
from engram.state import names
from engram.state.slots import Role, Slot

if TYPE_CHECKING:
    from engram.ir.jobs import Job
    from engram.network.network import Network
    from engram.network.population import Population

__all__ = ["StopRule", "condition_code", "simulate_until", "stop_jobs", "stop_rule", "stop_slots"]


@dataclass(frozen=True)
class StopRule:
    """The stop condition of a population.

    Args:
        text: as the user wrote it.
        for_all: whether it must hold for all neurons, or for any.
        targets: whose sums it reads.
        reductions: numbers over the population that it reads, as (operation, variable).
        constants: names of constants that it reads.
        printed: the text printed anew, with what functions compute in the place of their calls.
        known: names of constants that it may read; None: those that its neurons may read.
    """

    text: str
    for_all: bool
    targets: tuple[str, ...]
    reductions: tuple[tuple[str, str], ...]
    constants: tuple[str, ...]
    printed: str
    known: frozenset[str] | None


def stop_rule(population: Population, text: Any, known: frozenset[str] | None = None) -> StopRule:
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
        raise InvalidArgument(f"a stop condition is text, not {text!r:.60}\n  help: {advice}")
    facts = stop_facts(population.neuron_type, text, known)
    over = tuple((op, name) for op, name in facts["over"])
    lists = tuple(facts["targets"]), over, tuple(facts["constants"])
    return StopRule(text, facts["for_all"], *lists, facts["printed"], known)


def _with_rules(network: Network) -> list[tuple[Population, StopRule]]:
    return [(p, p._draft.stop) for p in network._populations.values() if p._draft.stop is not None]


def stop_slots(network: Network) -> Iterator[Slot]:
    """The slots of stop conditions, if there are any; all are written before a run or in each of its steps."""
    with_rules = _with_rules(network)
    for population, _ in with_rules:
        yield population._slot(names.STOP, population.geometry, np.bool_, Role.SCRATCH)
        yield population._slot(names.STOP_ASKED, (), np.bool_, Role.SCRATCH)
    for name in (names.STOP_EVERY, names.STOP_REACHED) if with_rules else ():
        yield Slot(names.NETWORK, name, (), np.dtype(np.bool_), Role.SCRATCH)


def condition_code(network: Network) -> dict[str, tuple[Code, ...]]:
    """Return the kernels of the stop conditions, by the places of their results.

    Raises:
        InvalidArgument: if a condition reads the sum of a target that nothing is connected to.
    """
    code = {}
    for population, rule in _with_rules(network):
        inputs = population._inputs | set(population._spec.targets)
        for target in rule.targets:
            if target not in inputs:
                what = f"population {population.name!r}: nothing is connected to the target {target!r}"
                raise InvalidArgument(f"{what}\n  in its stop_condition {rule.text!r}")
        code[population._place(names.STOP)] = stop_code(
            population.neuron_type,
            rule.text,
            tuple(sorted(population._inputs)),
            constants=network._known_constants(rule.constants),
            backend=network._backend,
            precision=network._config.precision,
            known=rule.known,
        )
    return code


def stop_jobs(network: Network, code: dict[str, tuple[Code, ...]]) -> list[Job]:
    """Return the jobs that end a run, the last ones of a step.

    Args:
        code: has what :func:`condition_code` gave.
    """
    from engram.ir.jobs import RunKernel  # what only running needs
    from engram.ir.own_jobs import Stop, StopCondition

    jobs: list[Job] = []
    conditions = []
    for population, rule in _with_rules(network):
        flags, asked = population._place(names.STOP), population._place(names.STOP_ASKED)
        for part in code[flags]:
            paths = tuple(population_path(population._path, a.symbol) for a in part.kernel.arguments)
            jobs.append(RunKernel(part.kernel, part.key, paths, population.size, enabled=asked))
        conditions.append(StopCondition(flags, asked, rule.for_all))
    return [*jobs, Stop(tuple(conditions), STOP_EVERY, STOP_REACHED)] if conditions else []


def _ask(network: Network, asked: Collection[str], every: bool) -> None:
    """Say which conditions the coming run asks for, by the names of their populations, and whether all must hold."""
    state = network._state
    for population, _ in _with_rules(network):
        population._write(names.STOP_ASKED, population.name in asked)
    state.write(STOP_EVERY, every)
    state.write(STOP_REACHED, False)


def simulate_until(network: Network, max_duration: float, population: Any, operator: str) -> float:
    """Run until conditions hold; see :meth:`Network.simulate_until`."""
    network._needs_compile("simulate_until()")
    network._usable()
    asked = population if isinstance(population, list | tuple) else [population]
    for one in asked:
        if not is_among(network._populations, one):
            raise InvalidArgument(f"simulate_until(): expected populations of this network, got {one!r:.60}")
        if one._draft.stop is None:
            advice = "give it one when you create it: stop_condition='r > 5.0 : any'."
            raise InvalidArgument(f"population {one.name!r} has no stop condition\n  help: {advice}")
    if not asked:
        raise InvalidArgument("simulate_until(): expected a population or a list of them, got none")
    if operator not in ("and", "or"):
        raise InvalidArgument(f"operator must be 'and' or 'or', not {operator!r:.60}")
    steps, before = steps_ceil(max_duration, network.dt, "max_duration"), network._state.step
    _ask(network, {p.name for p in asked}, operator == "and")
    try:
        run(network, steps)
    finally:
        _ask(network, (), every=False)
    return (network._state.step - before) * network.dt
