"""Connecting: who is connected to whom, as a pure function of (sizes, seed, projection uid, row).

In: a connector, sizes, what the user wants as weights and delays. Out: :class:`Wired`, canonical connectivity and its
weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.errors import InvalidArgument, NotAvailable
from engram.state.distributions import Distribution
from engram.state.residence import aligned
from engram.state.streams import Stream, stream_key
from engram.wiring.connectivity import Connectivity, Side
from engram.wiring.connectors import Connector, OneToOne, Sizes
from engram.wiring.derived import turned
from engram.wiring.drawing import draw
from engram.wiring.errors import bad_connector
from engram.wiring.kinds import ALL, NEAR, PROBABILITY
from engram.wiring.near import Space, near_pairs
from engram.wiring.pattern import Pattern
from engram.wiring.undrawn import Undrawn, Weights
from engram.wiring.values import Value, by_delay, check_delays, check_weights, drawn_steps, has_generator

__all__ = ["Wired", "check", "connect"]

Array = npt.NDArray[Any]
Geometries = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Wired:
    """A connected projection.

    Args:
        connectivity: in canonical order.
        weights: float64 or float32, () if all are one number, else (n_syn,) in the order of ``connectivity``.
        undrawn: makes order, weights and ranks of the whole, which the arrays don't have then; None: they have all.
    """

    connectivity: Connectivity
    weights: Array
    undrawn: Undrawn | None = None


def check(
    connector: Connector,
    *,
    n_pre: int,
    n_post: int,
    same_population: bool,
    allow_self: bool,
    delays: Value,
    weights: Value,
    dt_ms: float,
    where: str,
    parts: tuple[Array, Array] | None = None,
    geometries: Geometries | None = None,
    is_known: bool = False,
) -> None:
    """Raise if :func:`connect` would; warn where it would do less than a reader might expect, unless that is known.

    Raises:
        BadConnector: if an argument of the connector, the weights or the delays can't be.
    """
    sizes = _sizes(n_pre, n_post, same_population and not allow_self, parts, geometries)
    _refuse(connector, sizes, delays, weights, dt_ms, where)
    if isinstance(connector, OneToOne) and n_pre != n_post and not is_known:
        problem = f"the sizes differ, the first {min(n_pre, n_post)} neurons are connected"
        advice = f"{'pre' if n_pre > n_post else 'post'}[:{min(n_pre, n_post)}] is a view that has as many."
        warn(f"one_to_one(): {problem}\n  in {where} ({n_pre} -> {n_post})\n  help: {advice}")


def connect(
    connector: Connector,
    *,
    by: Side,
    n_pre: int,
    n_post: int,
    same_population: bool,
    allow_self: bool,
    delays: Value,
    weights: Value,
    dt_ms: float,
    seed: int,
    uid: int,
    threads: int,
    where: str,
    force_multiple_weights: bool = False,
    parts: tuple[Array, Array] | None = None,
    geometries: Geometries | None = None,
    weight_dtype: npt.DTypeLike = np.float64,
    post_range: tuple[int, int] | None = None,
    draws_later: bool = False,
) -> Wired:
    """Draw a projection's synapses, weights and delays.

    Args:
        connector: which pairs.
        by: whose rows: ``"pre"`` for spiking projections, ``"post"`` for rate-coded ones. The synapses are the same.
        n_pre: size of the pre population, below 2**32.
        n_post: size of the post population, below 2**32.
        same_population: whether the two are one.
        allow_self: whether a neuron may then connect to itself.
        delays: in ms, at least one step each.
        weights: one number stays one number.
        dt_ms: step in ms.
        seed: of the network.
        uid: of the projection.
        threads: at most so many; the result does not depend on it.
        where: the projection in words, for messages.
        force_multiple_weights: make one number an array.
        parts: int64 ranks, within their population, of the neurons on both sides, where those are parts of it.
        geometries: of the whole populations, for connectors by distance, which give weights themselves.
        weight_dtype: float64 or float32. Weights are computed in float64, and rounded once.
        post_range: [low, high) of post neurons (positions in their part): only synapses to these are drawn, bit for bit
            those of the whole, whose sizes and ranks they keep. None: all.
        draws_later: leave out weights and order where these can be made of some rows at a time.

    Raises:
        BadConnector: see :func:`check`.
        InvalidArgument: if there is no such range of post neurons.
        NotAvailable: if a generator of the user's own would draw values for a range: it draws one after the other.
    """
    sizes = _sizes(n_pre, n_post, same_population and not allow_self, parts, geometries)
    _refuse(connector, sizes, delays, weights, dt_ms, where)
    if connector.kind != NEAR:
        check_weights(weights, where, weight_dtype)
    if post_range is not None:
        _refuse_range(post_range, n_post, delays, weights, where)
    if connector.kind == NEAR:
        row_start, ranks, near = _near(connector, by, sizes, parts, post_range)
        near = near.astype(weight_dtype, copy=False)
    else:
        key = stream_key(seed, uid, Stream.CONNECTOR)
        row_start, ranks = _rows(connector, by, sizes, key, threads, parts, post_range)
    by_rank = Connectivity(by, n_pre, n_post, row_start, ranks, np.array(1, np.uint16))
    key = stream_key(seed, uid, Stream.DELAYS)
    steps = drawn_steps(by_rank, delays, dt_ms=dt_ms, key=key, threads=threads)
    coming = Weights(weights, not force_multiple_weights, stream_key(seed, uid, Stream.WEIGHTS), weight_dtype)
    if draws_later and (connector.kind == NEAR or not has_generator(weights)):
        undrawn = Undrawn(replace(by_rank, delay_steps=steps), near if connector.kind == NEAR else coming)
        room = aligned(near.shape, near.dtype) if connector.kind == NEAR else coming.room(by_rank.n_syn)
        return Wired(undrawn.connectivity, room, undrawn)
    values = near if connector.kind == NEAR else coming.of(by_rank, threads)
    return Wired(by_delay(by_rank, steps, values, threads=threads), values)


def _sizes(
    n_pre: int, n_post: int, forbids_self: bool, parts: tuple[Array, Array] | None, geometries: Geometries | None
) -> Sizes:
    """Return what a connector must fit; both sides share their first neurons where they are no parts."""
    if not forbids_self:
        return Sizes(n_pre, n_post, geometries=geometries)
    n_shared = min(n_pre, n_post) if parts is None else len(np.intersect1d(*parts, assume_unique=True))
    return Sizes(n_pre, n_post, n_shared, geometries)


def _refuse(connector: Connector, sizes: Sizes, delays: Value, weights: Value, dt_ms: float, where: str) -> None:
    where = f"{where} ({sizes.n_pre} -> {sizes.n_post})"
    problem = connector.problem(sizes)
    if problem is not None:
        raise bad_connector(connector.call, problem[0], where, problem[1])
    if connector.kind != NEAR:
        check_weights(weights, where)
    check_delays(delays, dt_ms, where)


def _refuse_range(post_range: tuple[int, int], n_post: int, delays: Value, weights: Value, where: str) -> None:
    low, high = post_range
    if not 0 <= low <= high <= n_post:
        raise InvalidArgument(f"{where}: post_range must lie in [0, {n_post}], not [{low}, {high})")
    if any(isinstance(value, Distribution) and value.rng is not None for value in (delays, weights)):
        what = "a distribution with a generator of its own draws for all synapses, one after the other"
        raise NotAvailable(f"{what}\n  in {where}, of which a range is drawn\n  help: leave out rng=.")


def _near(
    connector: Connector,
    by: Side,
    sizes: Sizes,
    parts: tuple[Array, Array] | None,
    post_range: tuple[int, int] | None,
) -> tuple[Array, Array, Array]:
    """Return rows, ranks and weights of a connector by distance."""
    given: Any = connector
    spaces = [Space(*some) for some in zip(sizes.geometries or (), parts or (None, None), strict=True)]
    rows, columns = spaces if by == "pre" else spaces[::-1]
    row_start, ranks, weights = near_pairs(rows, columns, given.bells, bool(sizes.n_self))
    if post_range is None:
        return row_start, ranks, weights
    post = ranks if by == "pre" else np.repeat(np.arange(rows.size), np.diff(row_start))
    is_wanted = (post >= post_range[0]) & (post < post_range[1])
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(is_wanted)])
    return before[row_start], ranks[is_wanted], weights[is_wanted]


def _excluded_columns(rows: Array, columns: Array) -> Array:
    """Return the position in ``columns`` of each element of ``rows``, (n_rows,) int64, -1 where it is not there."""
    if not len(columns):
        return np.full(len(rows), -1, np.int64)
    order = np.argsort(columns, kind="stable")
    at = order[np.minimum(np.searchsorted(columns, rows, sorter=order), len(columns) - 1)]
    return np.where(columns[at] == rows, at, -1).astype(np.int64)


def _rows(
    connector: Connector,
    by: Side,
    sizes: Sizes,
    key: int,
    threads: int,
    parts: tuple[Array, Array] | None,
    post_range: tuple[int, int] | None,
) -> tuple[Array, Array]:
    """Return (n_rows + 1,) int64 row starts and (n_syn,) uint32 ranks, ascending in each row."""
    drawn_by = connector.draws_rows_of or by
    n_rows, n_columns = (sizes.n_pre, sizes.n_post) if drawn_by == "pre" else (sizes.n_post, sizes.n_pre)
    argument = connector.argument
    excluded_columns = None
    if parts is not None and sizes.n_self:
        excluded_columns = _excluded_columns(*(parts if drawn_by == "pre" else parts[::-1]))
    pattern = Pattern(
        kind=ALL if connector.kind == PROBABILITY and argument >= 1 else connector.kind,
        n_rows=n_rows,
        n_columns=n_columns,
        skip_self=bool(sizes.n_self),
        number=int(argument),
        p=float(argument),
        key=key,
        excluded=excluded_columns,
        rows=post_range if drawn_by == "post" else None,
        columns=post_range if drawn_by == "pre" else None,
    )
    row_start, ranks = draw(pattern, threads)
    return (row_start, ranks) if drawn_by == by else turned(row_start, ranks, n_columns, threads=threads)
