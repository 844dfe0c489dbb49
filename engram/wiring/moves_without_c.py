"""The work of ``moves.c`` in NumPy, bit for bit, for machines without a C compiler; see ``without_c.py``.

Nothing changes in place here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["OF_MOVES"]

Array = npt.NDArray[Any]

_GONE = 0xFFFFFFFF
_MIXED = np.iinfo(np.int32).min


def _positions(
    n: int,
    row: Array,
    key: Array,
    late: Array | None,
    row_start: Array,
    keys: Array,
    delay: Array | None,
    one_delay: int,
    position: Array,
) -> None:
    """Behind which elements of rows that ascend others would stand."""
    low, high = row_start[row], row_start[row + 1]
    while (is_open := low < high).any():  # in all rows at once, each step halves what is left
        middle = np.minimum((low + high) // 2, len(keys) - 1)
        is_before = keys[middle] <= key
        if late is not None:
            there = one_delay if delay is None else delay[middle]
            is_before = (there < late) | ((there == late) & is_before)
        low = np.where(is_open & is_before, middle + 1, low)
        high = np.where(is_open & ~is_before, middle, high)
    position[:] = low


def _resegmented(
    n_gone: int,
    n_new: int,
    row: Array,
    late: Array,
    n_rows: int,
    n_delays: int,
    delays: Array,
    starts: Array,
    is_known: Array,
) -> None:
    """Where each delay begins in each row."""
    number = np.searchsorted(delays, late)
    if (number == n_delays).any() or (delays[number] != late).any():
        return
    grows = np.zeros(starts.shape, np.int64)
    np.add.at(grows, (row, number + 1), np.where(np.arange(len(row)) < n_gone, -1, 1))
    starts += np.cumsum(grows, axis=1).astype(np.uint32)  # what is less wraps around, and back
    is_known[0] = not (starts[:, 1:] == starts[:, :-1]).all(axis=0).any()


def _changed(
    n_before: int,
    n_gone: int,
    n_new: int,
    n_after: int,
    gone: Array,
    at: Array,
    n_arrays: int,
    widths: Array,
    olds: list[Array],
    fresh: list[Array],
    outs: list[Array],
) -> None:
    """Arrays without what goes, and with what comes at its positions."""
    stays, is_new = np.ones(n_before, bool), np.zeros(n_after, bool)
    stays[gone], is_new[at] = False, True
    for old, new, out in zip(olds, fresh, outs, strict=True):
        out[~is_new], out[at] = old[stays], new


def _row_moves(
    n_before: int,
    n_gone: int,
    n_new: int,
    n_after: int,
    gone: Array,
    at: Array,
    row_of_new: Array,
    n_rows: int,
    row_start: Array,
    shift: Array,
    begin: Array,
    further: Array,
    to: Array,
) -> None:
    """How the synapses of each row move."""
    gone_at, new_at = np.searchsorted(gone, row_start), np.searchsorted(row_of_new, np.arange(n_rows + 1))
    shrinks, grows, stays_before = np.diff(gone_at), np.diff(new_at), at - np.arange(n_new)
    shift[:], begin[:], further[:] = new_at[:-1] - gone_at[:-1], 0, grows - shrinks
    one_goes, one_comes = (np.flatnonzero((grows + shrinks == 1) & (some == 1)) for some in (shrinks, grows))
    begin[one_goes] = gone[gone_at[one_goes]]
    begin[one_comes] = stays_before[new_at[one_comes]] + gone_at[one_comes]
    is_mixed, lengths = grows + shrinks > 1, np.diff(row_start)
    shift[is_mixed], begin[is_mixed] = _MIXED, row_start[:-1][is_mixed]
    further[is_mixed] = (np.cumsum(lengths * is_mixed) - lengths)[is_mixed]
    further[grows + shrinks == 0] = 0
    stays = np.arange(n_before) - np.searchsorted(gone, np.arange(n_before))
    each = stays + np.searchsorted(stays_before, stays, "right")
    each[gone] = _GONE
    to[: lengths[is_mixed].sum()] = each[np.repeat(is_mixed, lengths)]


def _moved(k: Array, row: Array, shift: Array, begin: Any, further: Any, to: Any) -> Array:
    """Return the positions that synapses of some rows will have; _GONE for those that go."""
    now = k.astype(np.int64) + shift[row] + np.where(k >= begin[row], further[row], 0)
    is_mixed = shift[row] == _MIXED
    now[~is_mixed & (further[row] < 0) & (k == begin[row])] = _GONE
    at = k[is_mixed].astype(np.int64) - begin[row[is_mixed]] + further[row[is_mixed]]
    now[is_mixed] = to[at]
    return now


def _turned(
    n_before: int,
    n_gone: int,
    n_new: int,
    n_after: int,
    gone: Array,
    at: Array,
    old_slot: Array,
    fresh_slot: Array,
    slot: Array,
    old_rank: Array,
    fresh_rank: Array,
    rank: Array,
    shift: Array,
    begin: Array,
    further: Array,
    to: Array,
    n_rows: int,
    packed: Array,
) -> None:
    """Columns without what goes, and with what comes, by the positions of afterwards."""
    now = _moved(old_slot, old_rank, shift, begin, further, to).astype(np.uint32)
    arrays = ([now, old_rank], [fresh_slot, fresh_rank], [slot, rank])
    _changed(n_before, n_gone, n_new, n_after, gone, at, 2, np.array([4, 4]), *arrays)


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
    shift: Array | None,
    begin: Array | None,
    further: Array | None,
    to: Array | None,
    latest: int,
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
    row = np.searchsorted(row_start, k, "right") - 1
    now = k if shift is None else _moved(k, row, shift, begin, further, to)
    left = (after >= 0) & (now != _GONE)
    after, before, row, now = after[left], before[left], row[left], now[left]
    if arrives is None or emitted is None or synapse is None or pre is None:
        np.cumsum(np.bincount(after, minlength=latest + 1), out=next_[1:])
        return
    order = np.argsort(after, kind="stable")
    arrives[:], emitted[:] = after[order], before[order]
    synapse[:], pre[:] = now[order], row[order]


OF_MOVES: dict[str, Callable[..., None]] = {
    "positions": _positions,
    "resegmented": _resegmented,
    "changed": _changed,
    "row_moves": _row_moves,
    "turned": _turned,
    "flights": _flights,
}
