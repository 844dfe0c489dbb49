"""Copies of networks, and what a pickle holds of one: the blueprint, and arrays.

A network that is not compiled is its blueprint and what stands beside it; a compiled one is its blueprint and its
tree.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.blueprint.codec import from_json, to_json
from engram.blueprint.digests import canonical
from engram.callers import warn
from engram.errors import DamagedFile
from engram.persistence.blueprinting import blueprint_of, given_rest, given_values
from engram.persistence.keeper import Keeper
from engram.persistence.laws import Laws, give_laws, laws_of
from engram.persistence.lists import given_arrays
from engram.persistence.opening import program_of
from engram.persistence.starts import Arrays
from engram.program.beside import views_beside
from engram.program.building import allocate, made_ready
from engram.program.config import changed
from engram.program.loaded_flights import add_slots
from engram.program.program import Program
from engram.program.recorder import Recorder
from engram.program.synapses import Synapses
from engram.state import names
from engram.storage.fill import fill_with

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint
    from engram.models.definition import Definition
    from engram.state.tree import State

__all__ = ["Array", "Facts", "Pickled", "arrays_beside", "copied", "pickled", "put_all", "unpickled", "with_flights"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Facts:
    """What a network knows besides its blueprint and its arrays.

    Args:
        is_compiled: whether it is.
        num_threads: on how many it runs.
        first_seed: with which it was compiled.
        constants: all that it knows, also those that nothing reads yet.
        parameters: what the user keeps under ``network`` in parameter files.
        in_flight: the projections with what was in flight when delays changed.
        laws: what projections draw from generators of the user's own.
    """

    is_compiled: bool
    num_threads: int
    first_seed: int
    constants: dict[str, float]
    parameters: dict[str, Any]
    in_flight: tuple[str, ...]
    laws: Laws = field(default_factory=Laws)


Pickled = tuple[str, dict[str, Array], dict[str, Array], Facts]  # the arguments of ``unpickled``


def copied(keeper: Keeper) -> Keeper:
    """Return who keeps a copy of a network."""
    blueprint, facts = _said(keeper)
    arrays, state = arrays_beside(keeper.program), keeper.program.state
    given = Arrays(lambda path: arrays[path].copy(), has_lists=not facts.is_compiled)
    new = Keeper(program_of(blueprint, given, _definitions(keeper.program, blueprint)))
    _go_on(new, facts, ((path, state.read(path)) for path in state.slots()))
    return new


def pickled(keeper: Keeper) -> Pickled:
    """Return what a pickle holds of a network."""
    blueprint, facts = _said(keeper)
    state = keeper.program.state
    values = {path: state.read(path) for path in state.slots()}
    return canonical(to_json(blueprint)), arrays_beside(keeper.program), values, facts


def unpickled(text: str, arrays: dict[str, Array], values: dict[str, Array], facts: Facts) -> Keeper:
    """Return who keeps the network of a pickle; whether it is one was for whoever opened the pickle to ask.

    Raises:
        DamagedFile: if what it holds does not fit together.
    """
    given = Arrays(arrays.__getitem__, has_lists=not facts.is_compiled)
    new = Keeper(program_of(from_json(json.loads(text)), given))
    _go_on(new, facts, sorted(values.items()))
    return new


def _said(keeper: Keeper) -> tuple[Blueprint, Facts]:
    program, runner = keeper.program, keeper.runner
    program.usable()
    runner.store_generator()
    blueprint = blueprint_of(program)
    callbacks = ", ".join(map(str, runner.callbacks))
    if callbacks:
        warn(
            f"a copy has no callbacks, which may be about this network: {callbacks}\n  help: declare them for the copy."
        )
    numbers = program.compiled, program.threads, program.first_seed
    laws = laws_of(program.projections.values(), runner.rng)
    known = dict(program.constants), copy.deepcopy(keeper.parameters)
    return blueprint, Facts(*numbers, *known, with_flights(program), laws)


def with_flights(program: Program) -> tuple[str, ...]:
    """Return the paths of projections with something in flight because delays changed, which comes and goes."""
    return tuple(p.path for p in program.projections.values() if p.has_flights)


def _definitions(program: Program, blueprint: Blueprint) -> list[Definition]:
    """Return the models of a network by their numbers: they never change, so that copies share them."""
    found: dict[int, Definition] = {}
    numbers = [*(one.model for one in blueprint.populations), *(one.model for one in blueprint.projections)]
    for owner, number in zip(program.components, numbers, strict=True):
        found.setdefault(number, owner.definition)
    return [found[k] for k in range(len(found))]


# -- values ------------------------------------------------------------------------------------------------


def arrays_beside(program: Program) -> dict[str, Array]:
    """Return the arrays that stand beside the blueprint of a network, by the paths that slots for them have.

    Values that were given before compile are not rounded.
    """
    found = {
        owner.place(names.initial(name)): value
        for owner in program.components
        for name, value in given_values(owner)
        if isinstance(value, np.ndarray) and value.ndim
    }
    for population in program.populations.values():
        rest = given_rest(population)
        if isinstance(rest, np.ndarray) and rest.ndim:
            found[population.place(names.REFRACTORY)] = rest
    viewers: list[Synapses | Recorder] = [*program.projections.values(), *program.monitors.values()]
    for viewer in viewers:
        found |= {viewer.place(name): ranks for name, _, ranks in views_beside(viewer)}
    for projection in program.projections.values():
        found |= given_arrays(projection)
    return found


def _go_on(keeper: Keeper, facts: Facts, values: Iterable[tuple[str, Array]]) -> None:
    """Let a new network stand where another stood.

    Args:
        keeper: of one that is not compiled.
        facts: about the other.
        values: of all slots that are saved, by path, sorted; each is taken over or given up before the next is made.
    """
    program, runner = keeper.program, keeper.runner
    program.config = changed(program.config, {"num_threads": facts.num_threads})
    program.constants, keeper.parameters = facts.constants, facts.parameters
    program.first_seed = facts.first_seed
    if not facts.is_compiled:
        put_all(program.state, values)
        give_laws(runner, facts.laws)
        return
    with runner.new_tree():
        allocate(program)
        add_slots(program, facts.in_flight)
        put_all(program.state, values)
        program.compiled = True
        made_ready(runner)
    give_laws(runner, facts.laws)


def put_all(state: State, values: Iterable[tuple[str, Array]]) -> None:
    """Give all slots that are saved their values; the clock, by which pasts are ordered, comes before populations."""
    missing = set(state.slots())
    for path, array in values:
        if path not in missing:
            raise DamagedFile(f"{path}: the network has no such value")
        missing.remove(path)
        staged = state.stage({path: state.slot(path).with_shape(array.shape)}, state.step)
        if path in staged.fresh:
            staged.fresh[path] = array
        else:
            fill_with(staged.pieces[path], array)
        state.commit(staged)
    if missing:
        raise DamagedFile(f"{min(missing)}: the value is missing")
