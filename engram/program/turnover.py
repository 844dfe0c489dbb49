"""Synapses go where one rule holds, and come where another does: what is done in a step in which rules are tested.

Pruning comes first; where something may come is looked up in what it has left. Draws are keyed by (pre, post, step).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.ir.nodes import Index
from engram.program.conditions import Condition, Known, form_of
from engram.program.reach import reach_of
from engram.program.rewiring import change_synapses
from engram.program.synapses import Synapses
from engram.state import draws, names
from engram.state.distributions import Distribution
from engram.state.streams import Stream, stream_key
from engram.wiring.changes import PAIRS, Draw, chosen, counted_before, missing

__all__ = ["test_rules"]

Array = npt.NDArray[Any]

NUMBERS = {rule: number for number, rule in enumerate(names.RULES)}  # of their draws; those of new values come after


class _Pairs(NamedTuple):
    """Neurons that are to get synapses; each array is (n,)."""

    pre: Array
    post: Array


NONE = _Pairs(np.empty(0, np.int64), np.empty(0, np.int64))


def test_rules(projection: Synapses, rules: Collection[str], step: int, known: Known) -> None:
    """Let synapses go and come at the end of a step.

    Args:
        rules: which are tested.
        known: conditions of the projection, to which new ones are added.
    """
    gone, new, form = np.empty(0, np.int64), NONE, form_of(projection)
    if "pruning" in rules:
        gone = _pruned(projection, Condition.of(projection, "pruning", step, form, known))
    if "creating" in rules:
        new = _created(projection, Condition.of(projection, "creating", step, form, known), gone)
    if not len(gone) and not len(new.pre):
        return
    program, rule = projection.program, projection.spec.creating
    weight = projection.spec.attribute(names.WEIGHT)
    is_each = weight is None or weight.locality == "local"
    weights = np.full(len(new.pre), rule.w if rule else 0.0) if is_each else _shared_weights(projection, new)
    late = _delay_steps(projection, rule.d if rule else None)
    drawn = _drawn(projection, step, new)
    program.write(names.STEP, step + 1)  # what is in flight, and since when values hold, is as after the step
    try:
        change_synapses(projection, gone, *new, weights, np.full(len(new.pre), late), drawn)
    finally:
        program.write(names.STEP, step)


def _shared_weights(projection: Synapses, new: _Pairs) -> Array:
    weights = projection.value(names.WEIGHT)
    return np.broadcast_to(weights, new.post.shape) if weights.shape == () else weights[new.post]


def _delay_steps(projection: Synapses, delay_ms: float | None) -> int:
    if delay_ms is not None:
        return max(1, int(np.rint(delay_ms / projection.program.dt)))
    delays = projection.value(names.DELAY_STEPS)
    return int(delays) if delays.shape == () else 1


def _drawn(projection: Synapses, step: int, new: _Pairs) -> dict[str, Array]:
    """Return initial values of new synapses for attributes that begin with drawn ones."""
    key, found = _key(projection, step), {}
    for number, attribute in enumerate(projection.spec.attributes, len(NUMBERS)):
        law = projection.draft.values.get(attribute.name, attribute.default)
        if attribute.name == names.WEIGHT or attribute.locality != "local" or not isinstance(law, Distribution):
            continue
        found[attribute.name] = draws.sample(law, key, new.pre, new.post, step, number)
    return found


def _key(projection: Synapses, step: int) -> int:
    return stream_key(projection.program.stream_seed, projection.uid, Stream.STRUCTURE, step)


def _draw(projection: Synapses, rule: str, step: int) -> Draw:
    """Return which pairs a rule chooses."""
    return Draw(_key(projection, step), step, NUMBERS[rule], getattr(projection.spec, rule).proba)


# -- which ones --------------------------------------------------------------------------------------------


def _pruned(projection: Synapses, condition: Condition) -> Array:
    """Return the positions of synapses that go, (n,) int64, ascending."""
    reach, hits, rule = reach_of(projection), _where(projection, condition), projection.spec.pruning
    if not len(hits) or rule is None or rule.proba >= 1.0:
        return hits
    multapse = counted_before(projection.connectivity, hits, threads=projection.program.threads)
    draw, threads = _draw(projection, "pruning", condition.step), projection.program.threads
    return hits[chosen(reach.pre_of(hits), reach.post_of(hits), multapse, draw, threads=threads)]


def _where(projection: Synapses, condition: Condition) -> Array:
    """Return the synapses of which a condition is true, (n,) int64, ascending; each part is asked where those before
    it hold."""
    n, (first, *others) = projection.n_syn, condition.parts
    if first.comparison is not None:
        hits = condition.positions(first.comparison)
        for part in others:
            hits = hits[condition.holds(part, len(hits), **_ends(projection, hits, part.indices), k=hits)]
        return hits
    some = [np.empty(0, np.int64)]
    for low in range(0, n, PAIRS):
        k: Any = slice(low, min(n, low + PAIRS))
        for part in condition.parts:
            size = k.stop - k.start if isinstance(k, slice) else len(k)
            is_true = condition.holds(part, size, **_ends(projection, k, part.indices), k=k)
            k = np.flatnonzero(is_true) + low if isinstance(k, slice) else k[is_true]
        some.append(k)
    return np.concatenate(some)


def _ends(projection: Synapses, k: Any, indices: frozenset[Index]) -> dict[str, Array]:
    """Return the neurons of some synapses, as far as something reads values of theirs."""
    reach, found = reach_of(projection), {}
    for index, name, ranks_of in ((Index.PRE, "pre", reach.pre_of), (Index.POST, "post", reach.post_of)):
        if index in indices:
            found[name] = ranks_of(np.arange(k.start, k.stop) if isinstance(k, slice) else k)
    return found


def _created(projection: Synapses, condition: Condition, gone: Array) -> _Pairs:
    """Return the pairs that get a synapse, among those that have none, of post neurons that have a dendrite.

    Args:
        gone: positions of synapses that have just gone.
    """
    reach = reach_of(projection)
    per_post = reach.per_post
    if len(gone):
        per_post = per_post - np.bincount(reach.post_of(gone), minlength=projection.post.size)
    sides = projection.ranks_of_sides()
    pre, post = (np.sort(ranks).astype(np.int64) for ranks in sides) if projection.is_partial else sides
    post = post[per_post[post] > 0]
    others: list[Any] = []
    for part in condition.parts:  # what reads neurons of one side is asked once for each of them
        match part.indices:
            case indices if indices <= {Index.PRE}:
                pre = pre[condition.holds(part, len(pre), pre=pre)]
            case indices if indices <= {Index.POST}:
                post = post[condition.holds(part, len(post), post=post)]
            case _:
                others.append(part)
    found = [NONE]
    draw = _draw(projection, "creating", condition.step)
    for some in _missing(projection, pre, post, gone, draw):  # few are left where draws choose
        for part in others:
            is_true = condition.holds(part, len(some.pre), pre=some.pre, post=some.post)
            some = _Pairs(some.pre[is_true], some.post[is_true])
        found.append(some)
    return found[1] if len(found) == 2 else _Pairs(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))


def _missing(projection: Synapses, pre: Array, post: Array, gone: Array, draw: Draw) -> Iterator[_Pairs]:
    """Yield the pairs of some neurons that have no synapse and are chosen.

    Neurons don't connect to themselves where the connector was not allowed to let them.
    """
    connection = projection.draft.connection
    no_self = projection.pre is projection.post and connection is not None and not connection.allow_self
    wiring = projection.connectivity
    rows, columns = (pre, post) if wiring.by == "pre" else (post, pre)
    threads = projection.program.threads
    for row, column in missing(wiring, rows, columns, gone, draw, no_self=no_self, threads=threads):
        yield _Pairs(row, column) if wiring.by == "pre" else _Pairs(column, row)
