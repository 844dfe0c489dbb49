"""Changing the delays of a compiled projection: the synapses are brought into the order that the new delays ask for.

What is in flight arrives when it would have (``in_flight.py``). Rates that nobody remembered, because no delay reached
so far back, are taken to have been the oldest ones that are known (``State.lengthen``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import plain_float
from engram.errors import InvalidArgument
from engram.ir.spec import LAST_SLOTS
from engram.program.assigning import in_canonical_order
from engram.program.compiling import ready_for
from engram.program.histories import fit_histories, remember
from engram.program.in_flight import look_for, put
from engram.program.lifting import adjust_forms, lifted_side
from engram.program.listed import keep_all
from engram.program.step_size import caution_of_delay
from engram.program.succession import NOTHING, Succession
from engram.program.synapses import Synapses
from engram.program.values import as_values, refuse_flags
from engram.program.wired import delay_kind, put_connectivity
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.streams import Stream, stream_key
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.connectivity import MAX_DELAY_STEPS, Connectivity
from engram.wiring.flights import Flights
from engram.wiring.values import check_delays, drawn_steps

__all__ = ["assign_delays", "forms_apart", "rearrange", "settle_synapses"]

Array = npt.NDArray[Any]


def assign_delays(projection: Synapses, value: Any) -> None:
    """Give a compiled projection other delays, in ms.

    Args:
        value: one number, a list for each post neuron, or whatever else values of synapses can be set from; from a
            distribution a delay is drawn for each synapse, of one step at least.

    Raises:
        InvalidArgument: if a delay is negative, not finite or too long.
        NotAvailable: if the synapse reads what has no past: ``pre.sum()``, a variable of the whole population where
            delays differ.
    """
    what, program = projection.called("delay"), projection.program
    if isinstance(value, Distribution):
        check_delays(value, program.dt, projection.where)
        with program.lock, program.all_draws_or_none((value,)):
            key = stream_key(program.stream_seed, projection.uid, Stream.DELAYS, (program.next_draw() + 1) << 32)
            drawn = drawn_steps(projection.connectivity, value, dt_ms=program.dt, key=key, threads=program.threads)
            _change(projection, drawn)
        return
    one, value = plain_float(value), in_canonical_order(projection, what, value)
    refuse_flags(value, what)
    delays_ms = as_values(value, np.dtype(np.float64), (projection.n_syn,), what)
    wrong = delays_ms[~(np.isfinite(delays_ms) & (delays_ms >= 0))]
    if wrong.size:
        shortest = f"0.0 is the shortest, one step of {program.dt:g} ms."
        raise InvalidArgument(f"{what}: expected ms, 0 or more, got {wrong[0]:g}\n  help: {shortest}")
    steps = np.maximum(np.rint(delays_ms / program.dt), 1)
    if (steps > MAX_DELAY_STEPS).any():
        longest, advice = f"{MAX_DELAY_STEPS * program.dt:.6g} ms", "delays are in ms; longer ones need a larger dt."
        limit = f"at most {MAX_DELAY_STEPS} steps of {program.dt:g} ms, {longest}"
        raise InvalidArgument(f"{what}: expected {limit}, got {delays_ms.max():g}\n  help: {advice}")
    if one is not None:
        caution_of_delay(projection, one)
    with program.lock:
        _change(projection, np.asarray(steps, np.uint16))


def _change(projection: Synapses, steps: Array) -> None:
    program, before = projection.program, projection.value(names.DELAY_STEPS)
    if before.shape == steps.shape and np.array_equal(before, steps):
        return
    flights = look_for(projection) if projection.is_spiking else {}
    shapes = forms_apart(projection, projection.n_syn) if flights else None
    ready_for(projection, shapes, delay_kind(steps), is_apart=bool(flights))  # refuses what can't be so
    remember({projection: int(steps.max(initial=0))})  # while nothing has changed yet: memory may be short
    keep_all(projection)
    state, wiring = program.state, projection.connectivity
    # everything that has one value per synapse moves along
    wired = (projection.ranks_name, names.DELAY_STEPS)
    moving = [slot.path for slot in state.of(projection.path) if slot.is_long and slot.name not in wired]
    if before.shape == steps.shape == ():  # nothing does: what is an array stays it
        elsewhere = {path: state.read(path) for path in moving if not state.is_array(path)}
        settle_synapses(projection, replace(wiring, delay_steps=steps), elsewhere, "delays", flights)
        _note_in_flight(projection, flights)
        return
    ranks = wiring.pre_of_synapses(), wiring.post_of_synapses()
    values = {path: state[path] for path in moving}
    rearrange(projection, *ranks, steps, values, "delays", flights)


def _note_in_flight(projection: Synapses, flights: Mapping[str, Flights]) -> None:
    """Let loops know who emitted what is in flight: to look for it, and check it, takes longer than all else."""
    projection.succession = None
    if flights:
        ranks, from_whom = projection.value(projection.ranks_name), {name: some.pre for name, some in flights.items()}
        projection.succession = Succession(ranks, projection.program.state.filled, None, NOTHING, from_whom)


def forms_apart(projection: Synapses, n_syn: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what is kept per presynaptic neuron, by name, when it no longer is: spikes of one neuron may
    arrive two at a time while some are in flight with their old delays.
    """
    lifted = [name for name, *_ in projection.spec.liftable]
    lifted += [name for name in (LAST_SLOTS["pre"],) if name in projection.spec.last_slots]
    return {name: (n_syn,) for name in lifted if lifted_side(projection, name) == "pre"}


def rearrange(
    projection: Synapses,
    pre: Array,
    post: Array,
    delay_steps: Array,
    values: Mapping[str, Array],
    what: str,
    flights: Mapping[str, Flights],
) -> None:
    """Give a projection synapses that are listed in any order, in canonical order, with what they remember.

    Args:
        pre, post: ranks, (n_syn,).
        delay_steps: (n_syn,), or () for all.
        values: with one per synapse, by path.
        what: has changed, for the message should this break off.
        flights: what is in flight, by the list in which it stands, with positions in the lists given here; what
            was emitted then arrives from nowhere else. Empty: it goes on arriving as the synapses are now.
    """
    program, wiring = projection.program, projection.connectivity
    positions = [np.arange(len(pre))] if flights else []
    connectivity, arrays = canonical_from_lists(
        pre,
        post,
        delay_steps,
        *values.values(),
        *positions,
        by=wiring.by,
        n_pre=wiring.n_pre,
        n_post=wiring.n_post,
        threads=program.threads,
    )
    if flights:
        new = np.empty(len(pre), np.int64)
        new[arrays[-1]] = np.arange(len(pre))
        flights = {name: some.moved(new) for name, some in flights.items()}
    settle_synapses(projection, connectivity, dict(zip(values, arrays, strict=False)), what, flights)
    _note_in_flight(projection, flights)


def settle_synapses(
    projection: Synapses,
    connectivity: Connectivity,
    values: Mapping[str, Array],
    what: str,
    flights: Mapping[str, Flights],
    longest: int | None = None,
) -> None:
    """Give a projection synapses in canonical order, with what they remember.

    Args:
        values: in that order, by path.
        what: as of :func:`rearrange`.
        flights: as there, by positions in that order.
        longest: of the delays, in steps, if that is known.
    """
    program, state = projection.program, projection.program.state
    with program.whole(f"a change of {what} of {projection.path}"):
        if flights:
            put(projection, flights)
        put_connectivity(projection, connectivity)
        if longest is not None:
            projection.note_longest_delay(longest)
        for path, array in values.items():
            state.put(state.slot(path).with_shape(array.shape), array)
        adjust_forms(projection)
        fit_histories([projection.pre, projection.post])
