"""The synapses of a projection in the tree: drawn, put there, read back, and what loops need beside them.

Called by ``network/compiling.py``, ``initial.py`` and ``delays.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engram.ir.layouts import SHORT_LIST
from engram.ir.rows import Rows
from engram.network.layouts import layout_of
from engram.network.listed import wired_list
from engram.state import names
from engram.wiring.pattern import LISTED

if TYPE_CHECKING:
    from engram.network.projection import Projection
    from engram.wiring.connect import Wired
    from engram.wiring.connectivity import Connectivity

__all__ = ["connectivity_of", "delay_kind", "put_connectivity", "rows_of", "wire"]


def wire(projection: Projection) -> Wired:
    """Draw the synapses of a projection."""
    from engram.wiring.connect import connect  # loaded when something is connected: importing engram must be quick
    from engram.wiring.within import widened

    network, connection = projection._network, projection._draft.connection
    if connection is None:
        raise network._not_connected(projection)
    if connection.connector.kind == LISTED:
        return wired_list(projection)
    plastic = projection._spec.is_plastic
    delays, weights = projection._same_draws("synapses", (connection.delays, connection.weights))
    pre, post = projection._parts()
    wired = connect(
        connection.connector,
        by="pre" if projection.is_spiking else "post",
        n_pre=len(pre),
        n_post=len(post),
        same_population=projection._pre is projection._post,
        allow_self=connection.allow_self,
        delays=delays,
        weights=weights,
        dt_ms=network.dt,
        seed=network.seed,
        uid=projection._uid,
        threads=network._threads,
        where=projection._where,
        force_multiple_weights=connection.force_multiple_weights or plastic,
        weight_dtype=projection._dtype("float"),
        parts=(pre, post) if projection._is_partial else None,
        geometries=(projection._pre.geometry, projection._post.geometry),
    )
    if not projection._is_partial:
        return wired
    return widened(wired, pre, post, projection._pre.size, projection._post.size, network._threads)


def put_connectivity(projection: Projection, wiring: Connectivity) -> None:
    """Make a connectivity the projection's."""
    state = projection._network._state
    arrays = {names.ROW_START: wiring.row_start, projection._ranks_name: wiring.ranks}
    for name, array in {**arrays, names.DELAY_STEPS: wiring.delay_steps}.items():
        state.put(state.slot(projection._place(name)).with_shape(array.shape), array)
    projection._forget_synapses()
    projection._connectivity_now = connectivity_of(projection)


def connectivity_of(projection: Projection) -> Connectivity:
    """Return the connectivity that stands in the tree."""
    from engram.wiring.connectivity import Connectivity

    state, sizes = projection._network._state, (projection._pre.size, projection._post.size)
    arrays = (state[projection._place(n)] for n in (names.ROW_START, projection._ranks_name, names.DELAY_STEPS))
    return Connectivity("pre" if projection.is_spiking else "post", *sizes, *arrays)


def delay_kind(delay_steps: np.ndarray) -> str:
    """How a rate-coded synapse reads presynaptic values: ``none`` (the last step's), ``uniform`` or ``each``."""
    if delay_steps.shape != ():
        return "each"
    return "none" if int(delay_steps) == 1 else "uniform"


def rows_of(projection: Projection) -> Rows:
    """Return the rows that loops walk, with what is derived from them."""
    from engram.wiring.derived import multapse_numbers, segments, transpose_index

    wiring, threads = projection._connectivity, projection._network._threads
    draws = any(code.kernel.draws for code in projection._network._derived.code[projection._path])
    multapse = multapse_numbers(wiring, threads=threads) if draws else None
    if wiring.by == "post":
        steps = wiring.delay_steps
        delay = steps.reshape(1).astype(np.int64) if steps.shape == () else np.ones(1, np.int64)
        each = None if steps.shape == () else steps
        short = wiring.ranks.astype(np.uint16) if layout_of(projection) == SHORT_LIST.name else None
        return Rows(wiring.row_start, wiring.ranks, delay, None, each, None, None, None, multapse, short)
    where = segments(wiring, threads=threads)
    if not projection._spec.needs_columns:
        return Rows(wiring.row_start, wiring.ranks, where.delays, where.starts, None, None, None, None, multapse)
    each = None if wiring.delay_steps.shape == () else wiring.delay_steps
    turned = transpose_index(wiring, threads=threads)
    columns = (turned.start, turned.slot, turned.rank)
    return Rows(wiring.row_start, wiring.ranks, where.delays, where.starts, each, *columns, multapse)
