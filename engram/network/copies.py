"""Copies of networks, and what a pickle holds of one: the blueprint, and arrays.

A network that is not compiled is its blueprint and what stands beside it; a compiled one is its blueprint and its tree.
Called by :class:`Network`, and by handles, which go with their network.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from engram.blueprint.codec import from_json, to_json
from engram.blueprint.digests import canonical
from engram.callers import warn
from engram.errors import DamagedFile, InvalidArgument
from engram.network.blueprinting import blueprint_of, given_values
from engram.network.implicit import implicit
from engram.network.list_records import given_arrays
from engram.network.opening import network_of
from engram.network.parts import parts_beside
from engram.network.starts import Arrays
from engram.state import names
from engram.storage.fill import fill_with

if TYPE_CHECKING:
    from engram.blueprint.records import Blueprint
    from engram.models.definition import Definition
    from engram.network.monitor import Monitor
    from engram.network.network import Network
    from engram.network.projection import Projection
    from engram.state.tree import State

__all__ = ["Facts", "arrays_beside", "copied", "handle_of", "pickled", "unpickled", "users_attributes"]

Array = npt.NDArray[Any]
N = TypeVar("N", bound="Network")


@dataclass(frozen=True)
class Facts:
    """What a network knows besides its blueprint and its arrays.

    Args:
        is_compiled: whether it is.
        num_threads: on how many it runs.
        first_seed: with which it was compiled.
        constants: all that it knows, also those that nothing reads yet.
        parameters: what the user keeps under ``network`` in parameter files.
    """

    is_compiled: bool
    num_threads: int
    first_seed: int
    constants: dict[str, float]
    parameters: dict[str, Any]


def copied(network: N, memo: dict[int, Any]) -> N:
    """Return a copy of a network, as :func:`copy.deepcopy` asks for it.

    Args:
        memo: what was copied already, by ``id``: the copies of handles are those of the copied network.
    """
    blueprint, facts = _recorded(network)
    arrays = arrays_beside(network)
    new: N = network_of(
        blueprint,
        Arrays(lambda path: arrays[path].copy(), has_lists=not network.compiled),
        type(network),
        _definitions(network, blueprint),
    )  # type: ignore[assignment]  # the kind that was asked for
    _go_on(new, facts, ((path, network._state.read(path)) for path in network._state.slots()))
    memo[id(network)] = new
    for name, value in users_attributes(network).items():
        try:
            vars(new)[name] = copy.deepcopy(value, memo)
        except TypeError as error:
            advice = "take it off the network, or give its class __deepcopy__."
            raise InvalidArgument(f"the attribute {name!r} can't be copied: {error}\n  help: {advice}") from error
    return new


def pickled(network: Network) -> tuple[Any, ...]:
    """Return what a pickle holds of a network, as ``__reduce__`` gives it."""
    blueprint, facts = _recorded(network)
    values = {path: network._state.read(path) for path in network._state.slots()}
    text = canonical(to_json(blueprint))
    return unpickled, (type(network), text, arrays_beside(network), values, facts), users_attributes(network)


def unpickled(kind: type[N], text: str, arrays: dict[str, Array], values: dict[str, Array], facts: Facts) -> N:
    """Return the network of a pickle; whether it is one was for whoever opened the pickle to ask.

    Raises:
        DamagedFile: if what it holds does not fit together.
    """
    beside = Arrays(arrays.__getitem__, has_lists=not facts.is_compiled)
    new: N = network_of(from_json(json.loads(text)), beside, kind)  # type: ignore[assignment]  # as above
    _go_on(new, facts, sorted(values.items()))
    return new


def handle_of(network: Network, path: str) -> Any:
    """Return the population, projection or monitor of a network at a path."""
    section, _, name = path.partition("/")
    return vars(network)[f"_{section}"][name]


def _recorded(network: Network) -> tuple[Blueprint, Facts]:
    network._usable()
    network._store_generator()
    blueprint = blueprint_of(network)
    if blueprint.notes:
        warn(f"what a generator of your own draws is drawn from the seed in a copy: {'; '.join(blueprint.notes)}")
    callbacks = ", ".join(map(str, network._callbacks))
    if callbacks:
        warn(
            f"a copy has no callbacks, which may be about this network: {callbacks}\n  help: declare them for the copy."
        )
    numbers = network.compiled, network._threads, network._first_seed
    return blueprint, Facts(*numbers, dict(network._constants), copy.deepcopy(network._parameters))


def _definitions(network: Network, blueprint: Blueprint) -> list[Definition]:
    """Return the models of a network by their numbers: they never change, so that copies share them."""
    found: dict[int, Definition] = {}
    numbers = [*(one.model for one in blueprint.populations), *(one.model for one in blueprint.projections)]
    for owner, number in zip(network._owners, numbers, strict=True):
        found.setdefault(number, owner._definition)
    return [found[k] for k in range(len(found))]


def users_attributes(network: Network) -> dict[str, Any]:
    """Return the attributes that users have given a network."""
    return {name: value for name, value in vars(network).items() if name not in _ours()}


@cache
def _ours() -> frozenset[str]:
    return frozenset(vars(implicit.kind(seed=0)))


# -- values ------------------------------------------------------------------------------------------------


def arrays_beside(network: Network) -> dict[str, Array]:
    """Return the arrays that stand beside the blueprint of a network, by the paths that slots for them have.

    Values that were given before compile are not rounded.
    """
    found = {
        owner._place(names.initial(name)): value
        for owner in network._owners
        for name, value in given_values(owner)
        if isinstance(value, np.ndarray) and value.ndim
    }
    for population in network._populations.values():
        rest = population._draft.refractory_ms
        if rest is not None and rest.ndim:
            found[population._place(names.REFRACTORY)] = rest
    viewers: list[Projection | Monitor] = [*network._projections.values(), *network._monitors.values()]
    for viewer in viewers:
        found |= {viewer._place(name): ranks for name, _, ranks in parts_beside(viewer)}
    for projection in network._projections.values():
        found |= given_arrays(projection)
    return found


def _go_on(network: Network, facts: Facts, values: Iterable[tuple[str, Array]]) -> None:
    """Let a new network stand where another stood.

    Args:
        network: not compiled.
        facts: about the other.
        values: of all slots that are saved, by path, sorted; each is taken over or given up before the next is made.
    """
    network.config(num_threads=facts.num_threads)
    network._constants, network._parameters = facts.constants, facts.parameters
    network._first_seed = facts.first_seed
    with network._program() if facts.is_compiled else nullcontext():
        _put_all(network._state, values)
        if facts.is_compiled:
            network._compiled = True
            network._loaded_all()


def _put_all(state: State, values: Iterable[tuple[str, Array]]) -> None:
    """Give all slots that are saved their values; the clock, by which pasts are ordered, comes before populations."""
    missing = set(state.slots())
    for path, array in values:
        if path not in missing:
            raise DamagedFile(f"{path}: the network has no such value")
        missing.remove(path)
        staged = state.stage([state.slot(path).with_shape(array.shape)], state.step)
        if path in staged.fresh:
            staged.fresh[path] = array
        else:
            fill_with(staged.pieces[path], array)
        state.commit(staged)
    if missing:
        raise DamagedFile(f"{min(missing)}: the value is missing")
