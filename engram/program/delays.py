"""Changing the delays of a compiled projection: the synapses are brought into the order that the new delays ask for.

Possible while nothing is in flight; delivering what is when it would have arrived comes with a later version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument, NotAvailable
from engram.program.compiling import ready_for
from engram.program.histories import fit_histories
from engram.program.lifting import adjust_forms
from engram.program.listed import keep_all
from engram.program.synapses import Synapses
from engram.program.wired import delay_kind, put_connectivity
from engram.state import names
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.connectivity import MAX_DELAY_STEPS

__all__ = ["change_delays", "rearrange", "refuse_unknown_past"]

Array = npt.NDArray[Any]


def change_delays(projection: Synapses, delays_ms: Array) -> None:
    """Give a projection other delays.

    Args:
        delays_ms: one number, or one per synapse in canonical order.

    Raises:
        InvalidArgument: if a delay is negative, not finite or too long.
        NotAvailable: if spikes are in flight, or values from before the history would be needed, or the synapse reads
            what has no such past: ``pre.sum()``, a variable of the whole population where delays differ.
    """
    program = projection.program
    if not np.isfinite(delays_ms).all() or (delays_ms < 0).any():
        raise InvalidArgument(f"{projection.where}: a delay must be a number of ms, 0 or more")
    steps = np.maximum(np.rint(delays_ms / program.dt), 1)
    if (steps > MAX_DELAY_STEPS).any():
        raise InvalidArgument(f"{projection.where}: a delay has at most {MAX_DELAY_STEPS} steps of {program.dt} ms")
    _refuse_in_flight(projection, int(steps.max(initial=1)))
    kind = delay_kind(steps)
    ready_for(projection, delays=kind)  # refuses what can't be read with such delays
    keep_all(projection)
    state, wiring = program.state, projection.connectivity
    # everything that has one value per synapse moves along
    wired = (projection.ranks_name, names.DELAY_STEPS)
    moving = [slot.path for slot in state.of(projection.path) if slot.is_long and slot.name not in wired]
    ranks = wiring.pre_of_synapses(), wiring.post_of_synapses()
    rearrange(projection, *ranks, steps.astype(np.uint16), {path: state[path] for path in moving}, "delays")


def rearrange(
    projection: Synapses, pre: Array, post: Array, delay_steps: Array, values: Mapping[str, Array], what: str
) -> None:
    """Give a projection synapses that are listed in any order, in canonical order, with what they remember.

    Args:
        pre, post: ranks, (n_syn,).
        delay_steps: (n_syn,), or () for all.
        values: with one per synapse, by path.
        what: has changed, for the message should this break off.
    """
    program, state, wiring = projection.program, projection.program.state, projection.connectivity
    connectivity, arrays = canonical_from_lists(
        pre,
        post,
        delay_steps,
        *values.values(),
        by=wiring.by,
        n_pre=wiring.n_pre,
        n_post=wiring.n_post,
        threads=program.threads,
    )
    with program.whole(f"a change of {what} of {projection.path}"):
        put_connectivity(projection, connectivity)
        for path, array in zip(values, arrays, strict=True):
            state.put(state.slot(path).with_shape(array.shape), array)
        adjust_forms(projection)
        fit_histories([projection.pre, projection.post])


def _refuse_in_flight(projection: Synapses, longest: int) -> None:
    state = projection.program.state
    refuse_unknown_past(projection, longest)
    if projection.is_spiking:
        counts = [state[f"{spikes}/{names.COUNT}"] for spikes in projection.pre.spike_lists]
        if any(count.any() for count in counts):
            what = f"spikes of {projection.pre.name!r} may be in flight"
            raise NotAvailable(f"{projection.where}: {what}, and delays can't be changed then yet")


def refuse_unknown_past(projection: Synapses, longest: int) -> None:
    """Refuse a delay, in steps, that reaches further back than rates are known."""
    step = projection.program.state.step
    if not projection.is_spiking and step > 0 and longest > projection.pre.longest_delay:
        what = f"values of {longest} steps ago are not known after {step} steps"
        raise NotAvailable(f"{projection.where}: {what}; set longer delays before the first step")
