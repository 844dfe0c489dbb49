"""The synapses of a projection in the tree: drawn, put there, read back, and what loops need beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.ir.layouts import SHORT_LIST
from engram.ir.rows import Rows
from engram.program.backend import Code
from engram.program.in_flight import walked
from engram.program.layouts import layout_of
from engram.program.listed import wired_list
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.digest import bytes_of, hash_bytes
from engram.wiring.kinds import LISTED

if TYPE_CHECKING:
    from engram.program.succession import Succession
    from engram.wiring.connect import Wired
    from engram.wiring.connectivity import Connectivity
    from engram.wiring.derived import Transposed

__all__ = ["delay_kind", "put_connectivity", "rows_of", "wire"]

Array = npt.NDArray[Any]


def wire(projection: Synapses, *, draws_later: bool = False) -> Wired:
    """Draw the synapses of a projection.

    Args:
        draws_later: weights, and the order by delays, may be left to what packs the synapses next.
    """
    from engram.wiring.connect import connect  # loaded when something is connected: importing engram must be quick
    from engram.wiring.within import ascend, widened

    program, connection = projection.program, projection.draft.connection
    if connection is None:
        raise program.not_connected(projection)
    if connection.connector.kind == LISTED:
        return wired_list(projection, connection)
    plastic = projection.spec.is_plastic
    delays, weights = projection.same_draws("synapses", (connection.delays, connection.weights))
    pre, post = projection.ranks_of_sides()
    wired = connect(
        connection.connector,
        by="pre" if projection.is_spiking else "post",
        n_pre=len(pre),
        n_post=len(post),
        same_population=projection.pre is projection.post,
        allow_self=connection.allow_self,
        delays=delays,
        weights=weights,
        dt_ms=program.dt,
        seed=program.stream_seed,
        uid=projection.uid,
        threads=program.threads,
        where=projection.where,
        force_multiple_weights=connection.force_multiple_weights or plastic,
        weight_dtype=projection.dtype("float"),
        parts=(pre, post) if projection.is_partial else None,
        geometries=(projection.pre.geometry, projection.post.geometry),
        draws_later=draws_later and _has_drawn_weights(projection) and (not projection.is_partial or ascend(pre, post)),
    )
    if not projection.is_partial:
        return wired
    return widened(wired, pre, post, projection.pre.size, projection.post.size, program.threads)


def _has_drawn_weights(projection: Synapses) -> bool:
    """Whether weights will be the connector's, one per synapse, and nobody looks at them or their ranks before."""
    attribute = projection.spec.attribute(names.WEIGHT)
    is_local = attribute is None or attribute.locality == "local"
    return is_local and names.WEIGHT not in projection.draft.values


def put_connectivity(projection: Synapses, wiring: Connectivity) -> None:
    """Make a connectivity the projection's; an array that is the tree's stays where it is."""
    state = projection.program.state
    arrays = {names.ROW_START: wiring.row_start, projection.ranks_name: wiring.ranks}
    for name, array in {**arrays, names.DELAY_STEPS: wiring.delay_steps}.items():
        path = projection.place(name)
        if not (state.is_array(path) and state[path] is array):
            state.put(state.slot(path).with_shape(array.shape), array)
    projection.memo.clear()


def delay_kind(delay_steps: np.ndarray) -> str:
    """How a rate-coded synapse reads presynaptic values: ``none`` (the last step's), ``uniform`` or ``each``."""
    if delay_steps.shape != ():
        return "each"
    return "none" if int(delay_steps) == 1 else "uniform"


def rows_of(projection: Synapses, code: Iterable[Code]) -> Rows:
    """Return the rows that loops walk, with what is derived from them.

    Args:
        code: the kernels of the projection.
    """
    from engram.wiring.derived import multapse_numbers, segments

    wiring, threads = projection.connectivity, projection.program.threads
    draws = any(one.kernel.draws for one in code)
    multapse = multapse_numbers(wiring, threads=threads) if draws else None
    after = _succession(projection)
    if wiring.by == "post":
        steps = wiring.delay_steps
        delay = steps.reshape(1).astype(np.int64) if steps.shape == () else np.ones(1, np.int64)
        each = None if steps.shape == () else steps
        short = _short_ranks(wiring, after) if layout_of(projection) == SHORT_LIST.name else None
        return Rows(wiring.row_start, wiring.ranks, delay, None, each, None, None, None, multapse, short)
    parts = (after and after.known.segments) or segments(wiring, threads=threads)
    pre = after.pre_in_flight if after else {}
    flights = [walked(projection, name, pre.get(name)) for name in (names.HISTORY, names.AXON)]
    places = (wiring.row_start, wiring.ranks, parts.delays, parts.starts, None, None, None, None, multapse)
    rows = Rows(*places, in_flight=flights[0], axons_in_flight=flights[1])
    if not projection.spec.needs_columns:
        return rows
    each = None if wiring.delay_steps.shape == () else wiring.delay_steps
    turned = _columns(projection, wiring, after)
    return replace(rows, delay_of=each, column_start=turned.start, column_slot=turned.slot, column_pre=turned.rank)


def _short_ranks(wiring: Connectivity, after: Succession | None) -> Array:
    """Return the ranks in half as many bytes."""
    known = after and after.short()
    return wiring.ranks.astype(np.uint16) if known is None else known


def _columns(projection: Synapses, wiring: Connectivity, after: Succession | None) -> Transposed:
    """Return the synapses of each post neuron: made of those before the last change, if that is known; those of now, if
    only other values have moved since these were made.
    """
    from engram.wiring.derived import Transposed, transpose_index

    before, filled = projection.program.rows.get(projection.path), projection.program.state.filled
    turned = after.columns() if after else None
    if turned is None and before is not None and before.column_slot is not None:
        of_these = Transposed(before.column_start, before.column_slot, before.column_pre)  # type: ignore[arg-type]  # they are
        if before.rank is wiring.ranks and projection.turned_at == filled:
            projection.turning = projection.turned, filled
            return of_these
    else:
        of_these = None
    digest, projection.turned, projection.turned_at = projection.turned, b"", -1  # until the loops have them
    if turned is not None:
        projection.turning = b"", filled
        return turned
    mine = hash_bytes(bytes_of(wiring.row_start)) + hash_bytes(bytes_of(wiring.ranks))
    projection.turning = mine, filled
    if of_these is not None and mine == digest:  # two of them would take twice the memory
        return of_these
    del of_these
    return transpose_index(wiring, threads=projection.program.threads)


def _succession(projection: Synapses) -> Succession | None:
    """Return the change of which the present synapses are the outcome, once; None if it is not known, or others have
    come from elsewhere since.
    """
    known, projection.succession = projection.succession, None
    is_last = known is not None and known.ranks is projection.value(projection.ranks_name)
    return known if is_last and known is not None and known.filled == projection.program.state.filled else None
