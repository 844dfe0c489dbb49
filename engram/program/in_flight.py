"""Spikes that are in flight when delays or synapses change: each arrives when it would have arrived, once.

They become pairs (arrival, synapse) in slots of the projection, which are drained before what was emitted since then;
what was emitted before, the rows of the synapses no longer deliver. The slots are there as long as that matters, and
while they are the projection is not packed, and keeps nothing per presynaptic neuron, whose spikes may now arrive two
at a time: one kernel delivers both (``emit_spikes.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.errors import DamagedFile
from engram.ir.rows import InFlight
from engram.program.interrupts import held_interrupts
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.slots import Layout, Role, Slot

if TYPE_CHECKING:
    from engram.wiring.flights import Flights, Kept
    from engram.wiring.moves import RowMoves

__all__ = [
    "check_list",
    "flight_slots",
    "forget_arrived",
    "forget_flights",
    "is_silent",
    "look_for",
    "put",
    "walked",
]

Array = npt.NDArray[Any]


# -- what is in flight -------------------------------------------------------------------------------------


def is_silent(projection: Synapses) -> bool:
    """Whether no spike is remembered that a change could deliver otherwise."""
    state, pre = projection.program.state, projection.pre
    return not any(state[f"{pre.place(name)}/{names.COUNT}"].any() for name in pre.emitted)


def look_for(projection: Synapses, moves: RowMoves | None = None) -> dict[str, Flights]:
    """Return what is in flight through a projection, by the list in which it stands; empty if nothing was emitted that
    a later change of delays could deliver.

    Args:
        moves: to where synapses will stand, see :func:`flights_of`; None: they stay.
    """
    from engram.wiring.flights import Emitted, flights_of  # with synapses: importing engram must be quick
    from engram.wiring.moves import NOWHERE

    state, wiring = projection.program.state, projection.connectivity
    spikes = {name: projection.pre.place(name) for name in projection.pre.emitted}
    counts = {name: state[f"{place}/{names.COUNT}"] for name, place in spikes.items()}
    if not projection.has_flights and is_silent(projection):
        return {}
    furthest, found = projection.longest_delay, {}
    if projection.has_flights:
        furthest = min(furthest, state.step - int(projection.value(names.IN_FLIGHT_SINCE)))
    for name, place in spikes.items():
        emitted = Emitted(state.step, min(furthest, len(counts[name])), state[f"{place}/{names.RANK}"], counts[name])
        found[name] = flights_of(wiring, projection.longest_delay, _kept(projection, name), emitted, moves or NOWHERE)
    return found


def _kept(projection: Synapses, name: str) -> Kept | None:
    """Return what was in flight at an earlier change."""
    from engram.wiring.flights import Kept  # as above

    if not projection.has_flights:
        return None
    ago = projection.program.state.step - int(projection.value(names.IN_FLIGHT_SINCE))
    return Kept(ago, *_arrays(projection, name))


def _arrays(projection: Synapses, name: str) -> Iterator[Array]:
    """Yield arrivals, emissions and positions of a list, as they stand in the tree if that is in one piece."""
    state = projection.program.state
    for part in map(projection.place, names.IN_FLIGHT[name]):
        pieces = state.blocks(part).pieces()
        yield pieces[0] if len(pieces) == 1 else state[part]


# -- slots -------------------------------------------------------------------------------------------------


def flight_slots(projection: Synapses) -> Iterator[Slot]:
    """Yield the slots that a projection has while something is in flight because of a change of delays."""
    facts: dict[str, Any] = {"hidden": True, "unit": "steps"}
    yield projection.slot(names.IN_FLIGHT_SINCE, (), np.int64, Role.TIME, **facts)
    for name in projection.pre.emitted:
        for part, dtype in zip(names.IN_FLIGHT[name], (np.uint16, np.uint16, np.uint32), strict=True):
            yield projection.slot(part, (0,), dtype, Role.STATE, hidden=True, layout=Layout.BLOCKS)


def put(projection: Synapses, flights: Mapping[str, Flights]) -> None:
    """Let spikes be in flight, and let what was emitted until now arrive from nowhere else."""
    state = projection.program.state
    if not projection.has_flights:
        state.add(flight_slots(projection))
    projection.write(names.IN_FLIGHT_SINCE, state.step)
    for name, some in flights.items():
        for part, values in zip(names.IN_FLIGHT[name], (some.arrives, some.emitted, some.synapse), strict=True):
            state.refill(projection.place(part), values)


def forget_flights(projection: Synapses) -> None:
    """Let nothing be in flight because of a change of delays: all of it goes, or nothing."""
    if projection.has_flights:
        with held_interrupts() as interrupted:
            projection.program.state.drop([slot.path for slot in flight_slots(projection)])
        if interrupted:
            raise KeyboardInterrupt


def forget_arrived(projections: Iterable[Synapses]) -> None:
    """Drop the slots of those projections in which nothing is left that would have been delivered otherwise."""
    for projection in projections:
        if projection.has_flights:
            arrive = [names.IN_FLIGHT[name][0] for name in projection.pre.emitted]
            last = max(int(projection.value(name).max(initial=0)) for name in arrive)
            # spikes of before the change would be delivered again as long as the longest of the new delays
            gone = projection.program.state.step - int(projection.value(names.IN_FLIGHT_SINCE))
            if gone > max(last, projection.longest_delay - 1):
                forget_flights(projection)


# -- what can be -------------------------------------------------------------------------------------------


def check_list(place: str, n_syn: int, arrives: Array, emitted: Array, synapse: Array) -> None:
    """Refuse what can't be in flight from one list of spikes; arrays as the slots have them.

    Args:
        place: of the positions, for messages.
        n_syn: how many synapses there are.

    Raises:
        DamagedFile: saying why.
    """
    from engram.wiring.connectivity import MAX_DELAY_STEPS  # with synapses: importing engram must be quick
    from engram.wiring.flights import keys_of

    if not len(arrives) == len(emitted) == len(synapse):
        counts = f"{len(arrives)}, {len(emitted)} and {len(synapse)}"
        raise DamagedFile(
            f"{place}: arrivals, emissions and positions of spikes in flight must be as many, not {counts}"
        )
    if not len(synapse):
        return
    if synapse.max() >= n_syn:
        allowed = f"position {synapse.max()}, and the projection has {n_syn}"
        raise DamagedFile(f"{place}: spikes in flight at synapses that don't exist: {allowed}")
    delays = arrives.astype(np.uint32) + emitted
    if emitted.min() < 1 or delays.max() > MAX_DELAY_STEPS:
        expected = f"delays of 1 to {MAX_DELAY_STEPS} steps, and that they were emitted before"
        raise DamagedFile(f"{place}: spikes in flight for {delays.max()} steps, expected {expected}")
    keys = keys_of(arrives, emitted, synapse)
    if (keys[1:] < keys[:-1]).any():
        raise DamagedFile(f"{place}: spikes in flight are not in the order in which they arrive")


# -- for loops ---------------------------------------------------------------------------------------------


def walked(projection: Synapses, name: str, pre: Array | None = None) -> InFlight | None:
    """Return what is in flight from one list of spikes, as the kernel walks it; None if no delays have changed.

    Args:
        pre: the neurons that emitted it, if that is known; None also where it may have come from elsewhere.

    Raises:
        DamagedFile: if what was brought from elsewhere can't be.
    """
    if not projection.has_flights or name not in projection.pre.emitted:
        return None
    state, wiring = projection.program.state, projection.connectivity
    arrives, emitted, synapse = _arrays(projection, name)
    if pre is None:
        check_list(projection.place(names.IN_FLIGHT[name][2]), wiring.n_syn, arrives, emitted, synapse)
        pre = (np.searchsorted(wiring.row_start, synapse, "right") - 1).astype(np.uint32)
    since = state.array(projection.place(names.IN_FLIGHT_SINCE))
    return InFlight(since, arrives, emitted, synapse, pre)
