"""Synapses made and taken away between many pairs of neurons at once: checked first, then all of them or none."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import plain_number
from engram.errors import InvalidArgument
from engram.program.limits import check_limit
from engram.program.neurons import Neurons
from engram.program.ranks import ranks_at
from engram.program.synapses import Synapses
from engram.program.values import as_values, refuse_flags
from engram.state import names
from engram.telling import told

__all__ = ["create_pairs", "is_whole", "prune_pairs", "rank_of", "ranks_of_pair", "ranks_of_pairs"]

Array = npt.NDArray[Any]


def rank_of(population: Neurons, neuron: Any, what: str, advice: str = "") -> int:
    """Return the rank of a neuron that is given by its rank or coordinates; ``advice`` where it is neither."""
    if isinstance(neuron, tuple) and all(map(is_whole, neuron)):
        if len(neuron) == len(population.geometry):
            return int(ranks_at(population.geometry, neuron, f"population {population.name!r}"))
    elif is_whole(neuron) and 0 <= neuron < population.size:
        return int(neuron)
    expected = f"a rank from 0 to {population.size - 1} of {population.name!r}, or coordinates in {population.geometry}"
    help_ = f"\n  help: {advice}" if advice else ""
    raise InvalidArgument(f"{what}: expected {expected}, got {told(neuron)}{help_}")


def ranks_of_pair(core: Synapses, pre: Any, post: Any, call: str) -> tuple[int, int]:
    """Return the ranks of the two neurons that a call of a projection names.

    Args:
        call: its name; with an ``s`` behind it, it takes lists.

    Raises:
        InvalidArgument: if there is no such neuron.
    """
    is_list = any(isinstance(one, list | np.ndarray) for one in (pre, post))
    advice = f"proj.{call}s(pre, post) takes lists of ranks." if is_list else ""
    first, to = (
        rank_of(side, one, f"{call}() of {core.where}: {name}", advice) for name, side, one in _sides(core, pre, post)
    )
    return first, to


def ranks_of_pairs(core: Synapses, pre: Any, post: Any, what: str) -> tuple[Array, Array]:
    """Return the ranks of pairs that a user gives, (n,) int64 each.

    Args:
        pre, post: ranks, as many of both, or one for all.

    Raises:
        InvalidArgument: if they are something else, or both are single ranks, as of one dendrite.
    """
    if plain_number(pre) is not None and plain_number(post) is not None:
        advice = f"write [{told(pre)}], [{told(post)}]; create_synapse() and prune_synapse() take a single pair."
        got = f"got {told(pre)} and {told(post)}"
        raise InvalidArgument(f"{what}: expected a list of ranks of pre or post, {got}\n  help: {advice}")
    some = [_ranks(side, ranks, f"{name} of {what}") for name, side, ranks in _sides(core, pre, post)]
    try:
        found = np.broadcast_arrays(*(ranks.reshape(-1) for ranks in some))
    except ValueError:
        counts = " and ".join(str(ranks.size) for ranks in some)
        advice = "give a rank of both for each pair, or one for all."
        raise InvalidArgument(f"{what}: {counts} ranks of pre and post\n  help: {advice}") from None
    return found[0], found[1]


def _sides(core: Synapses, pre: Any, post: Any) -> tuple[tuple[str, Neurons, Any], ...]:
    return ("pre", core.pre, pre), ("post", core.post, post)


def _ranks(side: Neurons, ranks: Any, what: str) -> Array:
    expected = f"ranks from 0 to {side.size - 1} of {side.name!r}"
    try:
        given = np.asarray(ranks)
    except ValueError:  # lists of different lengths
        given = np.array(ranks, object)
    if given.ndim > 1 or (given.size and given.dtype.kind not in "iu"):
        raise InvalidArgument(f"{what}: expected a list of {expected}, got {told(ranks)}")
    outside = given[(given < 0) | (given >= side.size)] if given.size else given
    if outside.size:
        raise InvalidArgument(f"{what}: expected {expected}, got {outside.reshape(-1)[0]}")
    return given.astype(np.int64)


def create_pairs(core: Synapses, pre: Array, post: Array, weights: Any, delays: Any, what: str) -> None:
    """Add synapses between pairs that have none.

    Args:
        pre, post: ranks, (n,) int64 each.
        weights, delays: one for all, or one for each; 0.0 for None.

    Raises:
        InvalidArgument: if a pair is named twice, has a synapse, or is not connected, or a value can't be; nothing has
            changed.
    """
    _check_once(core, pre, post, what)
    for name, side, view, ranks in (("pre", core.pre, core.pre_ranks, pre), ("post", core.post, core.post_ranks, post)):
        strangers = ranks[:0] if view is None else ranks[~np.isin(ranks, view)]
        if len(strangers):
            problem = f"{what}: neuron {strangers[0]} of {side.name!r} is not in the view that is connected"
            raise InvalidArgument(f"{problem}\n  help: proj.{name}.ranks has the ranks that are.")
    w, delay = (_numbers(given, pre.shape, f"{name} of {what}") for name, given in (("w", weights), ("delay", delays)))
    check_limit(core, names.WEIGHT, w)
    from engram.program.pending import created_later  # with ``wiring``: importing engram must be quick
    from engram.program.rewiring import add_synapses  # as above

    if created_later(core, pre, post, w, delay):
        return
    count, _ = _found(core, pre, post)
    if count.any():
        first, to = pre[count > 0][0], post[count > 0][0]
        advice = f"proj.synapse({first}, {to}).w = ... sets it; a pair that has one gets no other."
        problem = f"{what}: neuron {first} of {core.pre.name!r} has one already, to neuron {to} of {core.post.name!r}"
        raise InvalidArgument(f"{problem}\n  help: {advice}")
    with core.program.lock:
        add_synapses(core, pre, post, w, delay)


def prune_pairs(core: Synapses, pre: Array, post: Array, what: str) -> None:
    """Take the synapses of pairs away that have one each.

    Args:
        pre, post: ranks, (n,) int64 each.

    Raises:
        InvalidArgument: if a pair is named twice, or has no synapse, or several; nothing has changed.
    """
    from engram.program.pending import pruned_later  # as above
    from engram.program.rewiring import remove_synapses  # as above

    _check_once(core, pre, post, what)
    if pruned_later(core, pre, post):
        return
    count, positions = _found(core, pre, post)
    if (count != 1).any():
        first, to, n = (array[count != 1][0] for array in (pre, post, count))
        advice = f"proj.dendrite({to}).pre_ranks has those that there are, where one ends there."
        if n:
            advice = f"proj.dendrite({to}).prune_synapse({first}, k=0) takes the one of the shortest delay away."
        problem = f"{what}: synapse({first}, {to}): there {f'are {n}' if n else 'is none'}"
        raise InvalidArgument(f"{problem}\n  help: {advice}")
    with core.program.lock:
        remove_synapses(core, positions)


def _check_once(core: Synapses, pre: Array, post: Array, what: str) -> None:
    """Refuse pairs that are named twice."""
    if len(pre) < 2:
        return
    keys, times = np.unique(pre * core.post.size + post, return_counts=True)
    if (times > 1).any():
        first, to = divmod(int(keys[times > 1][0]), core.post.size)
        pair = f"from neuron {first} of {core.pre.name!r} to neuron {to} of {core.post.name!r}"
        raise InvalidArgument(f"{what}: the synapse {pair} is named twice\n  help: name each one once.")


def _found(core: Synapses, pre: Array, post: Array) -> tuple[Array, Array]:
    """Return how many synapses each pair has, (n,) int64, and the positions of all of these."""
    from engram.wiring.changes import of_pairs  # as above

    wiring = core.connectivity
    pair, positions = of_pairs(wiring, *((pre, post) if wiring.by == "pre" else (post, pre)))
    return np.bincount(pair, minlength=len(pre)), positions


def _numbers(given: Any, shape: tuple[int, ...], what: str) -> Array:
    """Return finite numbers, one for each or the one for all; 0.0 for None."""
    if type(given) is float and math.isfinite(given):
        return np.full(shape, given)  # at once: loops make one synapse after the other
    refuse_flags(given, what)
    values = np.broadcast_to(as_values(0.0 if given is None else given, np.dtype(np.float64), shape, what), shape)
    if not np.isfinite(values).all():
        raise InvalidArgument(f"{what}: expected finite numbers, got {told(given)}")
    return values


def is_whole(value: Any) -> bool:
    """Say whether a value is a whole number, and no flag."""
    return isinstance(value, Integral) and not isinstance(value, bool)
