"""The work of ``changes.c`` in NumPy, bit for bit, for machines without a C compiler; see ``without_c.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.draws import synapse_uniform
from engram.wiring.connectivity import MAX_DELAY_STEPS

__all__ = ["OF_CHANGES"]

Array = npt.NDArray[Any]

_AT_ONCE = 1 << 14  # pairs drawn at a time; what the generator needs then stays in cache
_GONE = 0xFFFFFFFF


def _missing(
    n_rows: int,
    n_columns: int,
    n_all_columns: int,
    no_self: int,
    rows: Array,
    columns: Array,
    row_start: Array,
    ranks: Array,
    n_gone: int,
    gone: Array,
    seen: Array,
    row_out: Array,
    column_out: Array,
    count: Array,
) -> None:
    """The pairs of some rows and columns that have no synapse, row by row."""
    length = row_start[rows + 1] - row_start[rows]
    row = np.repeat(np.arange(n_rows), length)
    k = np.arange(len(row)) + np.repeat(row_start[rows] - (np.cumsum(length) - length), length)
    is_free = np.ones((n_rows, n_all_columns), bool)
    counts = ~np.isin(k, gone)
    is_free[row[counts], ranks[k[counts]]] = False
    if no_self:
        is_free[np.arange(n_rows), rows] = False
    i, j = np.nonzero(is_free[:, columns])
    count[0] = len(i)
    row_out[: len(i)], column_out[: len(i)] = rows[i], columns[j]


def _chosen(
    n: int,
    pre: Array,
    post: Array,
    multapse: Array | None,
    key: int,
    step: int,
    draw: int,
    proba: float,
    is_chosen: Array,
) -> None:
    """Whether the uniform draw of each pair is below a number."""
    for low in range(0, n, _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        number = draw + (0 if multapse is None else multapse[some].astype(np.int64) << 16)
        is_chosen[some] = synapse_uniform(key, pre[some], post[some], step, number) < proba


def _changed(
    n_gone: int, n_new: int, n_out: int, width: int, gone: Array, at: Array, old: Array, fresh: Array, out: Array
) -> None:
    """An array without what goes, and with what comes at its places."""
    stays = np.ones(len(old), bool)
    stays[gone] = False
    is_new = np.zeros(n_out, bool)
    is_new[at] = True
    out[~is_new], out[at] = old[stays], fresh


def _moved(n_syn: int, n_gone: int, n_new: int, gone: Array, stays_before: Array, to: Array) -> None:
    """The position that each synapse will have."""
    stays = np.arange(n_syn)
    stays -= np.searchsorted(gone, stays)
    to[:] = stays + np.searchsorted(stays_before, stays, "right")
    to[gone] = _GONE


def _repositioned(
    n_gone: int,
    n_new: int,
    n_out: int,
    gone: Array,
    at: Array,
    old: Array,
    fresh: Array,
    out: Array,
    row: Array,
    shift: Array,
    from_: Array,
    further: Array,
    to: Array,
) -> None:
    """The same of positions of synapses, each of which becomes the one that the synapse has afterwards."""
    _changed(n_gone, n_new, n_out, 4, gone, at, to[old], fresh, out)


def _flights(
    n_kept: int,
    kept_ago: int,
    kept_arrives: Array,
    kept_emitted: Array,
    kept_synapse: Array,
    step: int,
    furthest: int,
    length: int,
    n_neurons: int,
    rank: Array,
    count: Array,
    n_rows: int,
    row_start: Array,
    delay: Array | None,
    one_delay: int,
    to: Array | None,
    next_: Array,
    arrives: Array | None,
    emitted: Array | None,
    synapse: Array | None,
    pre: Array | None,
) -> None:
    """What is in flight, in the order in which it arrives."""
    k = kept_synapse.astype(np.int64)
    some = [(kept_arrives.astype(np.int64) - kept_ago, kept_emitted.astype(np.int64) + kept_ago, k)]
    for ago in range(furthest, 0, -1):
        neurons = rank[(step - ago) % length, : count[(step - ago) % length]]
        lengths = np.diff(row_start)[neurons]
        # positions of all synapses of these neurons, one row behind the other
        k = np.arange(lengths.sum()) + np.repeat(row_start[neurons] - (np.cumsum(lengths) - lengths), lengths)
        late = np.full(len(k), one_delay) if delay is None else delay[k].astype(np.int64)
        some.append((late - ago, np.full(len(k), ago), k))
    after, before, k = (np.concatenate(arrays) for arrays in zip(*some, strict=True))
    left = after >= 0
    if to is not None:
        left &= to[k] != _GONE
    after, before, k = after[left], before[left], k[left]
    if arrives is None or emitted is None or synapse is None or pre is None:
        np.cumsum(np.bincount(after, minlength=MAX_DELAY_STEPS + 1), out=next_[1:])
        return
    order = np.argsort(after, kind="stable")
    arrives[:], emitted[:] = after[order], before[order]
    synapse[:] = (k if to is None else to[k])[order]
    pre[:] = np.searchsorted(row_start, k[order], "right") - 1


OF_CHANGES: dict[str, Callable[..., None]] = {
    "missing": _missing,
    "chosen": _chosen,
    "changed": _changed,
    "moved": _moved,
    "repositioned": _repositioned,
    "flights": _flights,
}
