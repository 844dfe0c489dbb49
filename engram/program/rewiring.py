"""Synapses added and removed: the projection's arrays change once, in place where they have room and nobody looks.

Positions are void afterwards. A new synapse passes on what is emitted from then on; one that is removed drops what was
in flight to it, and the others get it when they would have (``in_flight.py``).
"""

from __future__ import annotations

from threading import active_count
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.program.compiling import ready_for
from engram.program.delays import forms_apart, settle_synapses
from engram.program.in_flight import look_for
from engram.program.initial import initial_value
from engram.program.layouts import layout_of, possible_layouts
from engram.program.listed import keep_all
from engram.program.recorded_synapses import refuse_recorded
from engram.program.succession import Known, Succession, known_of
from engram.program.synapses import Synapses
from engram.program.wired import delay_kind
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.room import roomy
from engram.wiring.connectivity import MAX_DELAY_STEPS, Connectivity
from engram.wiring.flights import Flights
from engram.wiring.moves import Changes, Exchange, changes_of

__all__ = [
    "add_synapses",
    "change_synapses",
    "coming_values",
    "drawn_at_start",
    "has_layout",
    "remove_synapses",
    "steps_of",
]

Array = npt.NDArray[Any]


def remove_synapses(projection: Synapses, positions: Array) -> None:
    """Take some synapses away.

    Args:
        positions: in canonical order, without repetition.
    """
    none = np.empty(0, np.int64)
    change_synapses(projection, np.sort(positions), none, none, np.empty(0), none, {})


def add_synapses(projection: Synapses, pre: Array, post: Array, weights: Array, delays_ms: Array) -> None:
    """Add synapses, each with its initial values but for weight and delay.

    Args:
        pre, post: ranks, (n,) int64, of pairs that have none.
        weights: (n,).
        delays_ms: (n,); 0.0: one step.

    Raises:
        InvalidArgument: if a delay can't be, or there is one weight for all synapses of the model and it would differ.
    """
    steps = steps_of(projection, delays_ms)
    wrong = delays_ms[~((delays_ms >= 0) & (steps <= MAX_DELAY_STEPS))]
    if len(wrong):
        limit = f"ms, 0 to {MAX_DELAY_STEPS * projection.program.dt:g}"
        raise InvalidArgument(f"delays of new synapses of {projection.where}: expected {limit}, got {wrong[0]:g}")
    drawn, gone = drawn_at_start(projection, len(pre)), np.empty(0, np.int64)
    change_synapses(projection, gone, pre, post, weights, steps.astype(np.int64), drawn)


def change_synapses(
    projection: Synapses,
    gone: Array,
    pre: Array,
    post: Array,
    weights: Array,
    steps: Array,
    drawn: dict[str, Array],
) -> None:
    """Take some synapses of a projection away, and give it others.

    Args:
        gone: positions, (n,) int64, ascending.
        pre, post, weights: of new ones, (n,).
        steps: their delays, (n,).
        drawn: their values of attributes that begin with drawn ones, (n,) each.

    Raises:
        InvalidArgument: if there is one weight for all synapses of the model and another one is given, or a monitor
            has samples of the synapses; nothing has changed.
    """
    refuse_recorded(projection)
    program, wiring = projection.program, projection.connectivity
    coming = coming_values(projection, weights, drawn)
    is_late = not wiring.is_uniform or bool((steps != wiring.delay_steps).any())
    late = steps.astype(np.uint16) if is_late else None
    changes = changes_of(wiring, gone, pre, post, late, threads=program.threads)
    flights = _left(projection, changes, is_new=len(pre) > 0)
    _ready_for(projection, changes.n_after, is_late, [*coming], flights)
    keep_all(projection)
    known = _let_go(projection, wiring)
    sides, delays = (wiring.by, wiring.n_pre, wiring.n_post), wiring.delay_steps
    coming[projection.place(projection.ranks_name)] = post if wiring.by == "pre" else pre
    if late is not None:
        del delays
        coming[projection.place(names.DELAY_STEPS)] = late
    del wiring
    segments = changes.segments(known.segments) if known is not None and known.segments is not None else None
    arrays = {path: _exchange(projection, changes, path, new) for path, new in coming.items()}
    with program.whole(f"a change of the synapses of {projection.path}"):
        changes.exchange(arrays.values())  # some change in place: from here on nothing may fail
        values = {path: one.out for path, one in arrays.items()}
        ranks = values.pop(projection.place(projection.ranks_name))
        each = delays if late is None else values.pop(projection.place(names.DELAY_STEPS))
        changed = Connectivity(*sides, changes.row_start_after, ranks, each)
        longest = None if segments is None else int(segments.delays[-1])
        settle_synapses(projection, changed, values, "the synapses", flights, longest)
    if known is not None:
        from_whom = {name: some.pre for name, some in flights.items()}
        ranks = projection.value(projection.ranks_name)
        known = known._replace(segments=segments)
        projection.succession = Succession(ranks, program.state.filled, changes, known, from_whom)


def _let_go(projection: Synapses, wiring: Connectivity) -> Known | None:
    """Let nobody here look at the arrays of the synapses, which may change in place; return what loops had beside them,
    if that is known of these synapses.

    It is made again in any case, as if they had changed.
    """
    program, state = projection.program, projection.program.state
    state.version += 1  # first, as is the note: whatever fails from here on, nothing goes on as it was bound
    state.changed[projection.path] = True
    rows, projection.succession = program.rows.pop(projection.path, None), None
    projection.memo.clear()
    if rows is None or rows.rank is not wiring.ranks:
        return None
    return known_of(rows)


def _exchange(projection: Synapses, changes: Changes, path: str, new: Array) -> Exchange:
    """Return what is to be done with an array of synapses; what needs memory is allocated."""
    state, n = projection.program.state, changes.n_before
    slot = state.slot(path)
    fresh = changes.fresh(new, slot.dtype)
    is_alone = projection.tests_rules or active_count() == 1  # by hand, other threads may be about to look
    is_possible = is_alone and slot.shape == (n,) and changes.is_native
    out = state.in_place(path, changes.n_after) if is_possible else None
    if out is None:
        out = roomy(changes.n_after, slot.dtype)
    old = state[path] if slot.shape == (n,) else np.ascontiguousarray(np.broadcast_to(state[path], (n,)))
    return Exchange(old, fresh, out)


def steps_of(projection: Synapses, delays_ms: Array) -> Array:
    """Return delays in steps, (n,) float64, whatever can't be one among them."""
    return np.maximum(np.rint(delays_ms / projection.program.dt), 1)


def has_layout(projection: Synapses, n_syn: int) -> bool:
    """Whether so many synapses have the layout that those of now have, wherever they stand."""
    return possible_layouts(projection, n_syn) == (layout_of(projection),)


def _ready_for(projection: Synapses, n: int, is_late: bool, paths: list[str], flights: dict[str, Flights]) -> None:
    """Compile what is needed for ``n`` synapses of another form, if they will have another."""
    shapes: dict[str, tuple[int, ...]] = {path.removeprefix(f"{projection.path}/"): (n,) for path in paths}
    apart = forms_apart(projection, n) if flights else {}
    state, now = projection.program.state, delay_kind(projection.value(names.DELAY_STEPS))
    kind, layouts = "each" if is_late else now, possible_layouts(projection, n)
    is_same = kind == now and has_layout(projection, n)
    is_same = is_same and not apart and bool(flights) == projection.has_flights
    if is_same and all(state.slot(path).shape == (projection.n_syn,) for path in paths):
        return
    ready_for(projection, shapes | apart, kind, layouts, is_apart=bool(flights))


def _left(projection: Synapses, changes: Changes, is_new: bool) -> dict[str, Flights]:
    """Return what is in flight to the synapses that stay, by their coming positions; empty if all of it may go on
    arriving as the synapses are: there is no new one, and no delays have changed.
    """
    if not projection.is_spiking or not (is_new or projection.has_flights):
        return {}
    return look_for(projection, changes.row_moves)


def coming_values(projection: Synapses, weights: Array, drawn: dict[str, Array]) -> dict[str, Array]:
    """Return the values of new synapses, by path, of all values with one per synapse."""
    state = projection.program.state
    weight, attribute = state.slot(projection.place(names.WEIGHT)), projection.spec.attribute(names.WEIGHT)
    is_other = weight.shape == () and bool((weights.astype(weight.dtype) != state[weight.path]).any())
    if is_other and (attribute is None or attribute.locality != "local"):
        what = f"{projection.called(names.WEIGHT)} is one value for all synapses, and new ones can't have another"
        raise InvalidArgument(f"{what}\n  help: give them that weight.")
    found = {}
    for slot in state.of(projection.path):
        if slot.path == weight.path:
            new: Any = weights if slot.is_long or is_other else None
        elif slot.name in (projection.ranks_name, names.DELAY_STEPS) or not slot.is_long:
            new = None
        else:
            start = initial_value(projection.program, slot.path, weights.shape, state.step)
            new = drawn.get(slot.name.removeprefix(names.initial("")), start)
        if new is not None:
            found[slot.path] = np.asarray(new).astype(slot.dtype)
    return found


def drawn_at_start(projection: Synapses, n: int) -> dict[str, Array]:
    """Return initial values of new synapses for attributes that begin with drawn ones."""
    found = {}
    for attribute in projection.spec.attributes if n else ():
        value = projection.draft.values.get(attribute.name, attribute.default)
        if attribute.name != names.WEIGHT and attribute.locality == "local" and isinstance(value, Distribution):
            found[attribute.name] = projection.draw(value, (n,))
    return found
