"""Given lists of synapses: checked, sorted once, and wired at compile.

In: pre ranks, post ranks, weights and delays in ms, in any order. Out: :class:`GivenList`, and of it :class:`Wired`
for a step and a dtype.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from engram.telling import told
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.connect import Wired
from engram.wiring.connectivity import MAX_DELAY_STEPS, Connectivity, Side
from engram.wiring.connectors import Sizes
from engram.wiring.errors import bad_connector
from engram.wiring.kinds import LISTED
from engram.wiring.values import by_delay, check_delays, check_weights, delay_steps_of, filled

__all__ = ["DUPLICATES", "Duplicates", "GivenList", "Origin", "given_list"]

Array = npt.NDArray[Any]
Duplicates = Literal["sum", "keep", "refuse"]

DUPLICATES = ("sum", "keep", "refuse")
ONE_STEP = np.array(1, np.uint16)
SOME = 5  # that messages list


@dataclass(frozen=True)
class Origin:
    """Where a list was given, for messages: the call as the user wrote it, and the projection in words."""

    call: str
    where: str

    def wrong(self, problem: str, advice: str) -> Exception:
        """Return the error about something in the list."""
        return bad_connector(self.call, problem, self.where, advice)

    def no_file(self, path: str) -> Exception:
        """Return the error about a file that is not there."""
        return self.wrong(f"there is no file {path!r}", f"name one that there is; names begin at {os.getcwd()}.")


@dataclass(frozen=True, eq=False)
class GivenList:
    """Synapses as they were given, of whole populations, in the order of their rows and then ranks.

    Args:
        by: whose rows.
        n_pre, n_post: sizes of the populations.
        row_start: (n_rows + 1,) int64.
        ranks: (n_syn,) uint32, of the other side; ascending in each row, and synapses of one pair as they were given.
        weights: float64, () or (n_syn,).
        delays_ms: float64, () or (n_syn,).
    """

    kind: ClassVar[int] = LISTED
    title: ClassVar[str] = "User-defined"
    draws_rows_of: ClassVar[Side | None] = None
    argument: ClassVar[float] = 0

    by: Side
    n_pre: int
    n_post: int
    row_start: Array
    ranks: Array
    weights: Array
    delays_ms: Array

    @property
    def call(self) -> str:
        """What messages and reports call it."""
        return f"given list of {len(self.ranks):,} synapses"

    def problem(self, sizes: Sizes) -> None:
        """Nothing can be wrong: it was checked when it was given."""

    def check(self, dt_ms: float, where: str, dtype: npt.DTypeLike = np.float64) -> None:
        """Raise BadConnector if a delay is too long for the step, or a weight too large for the dtype."""
        check_delays(float(self.delays_ms.max(initial=0.0)), dt_ms, where)
        for extreme in (self.weights.max(initial=0.0), self.weights.min(initial=0.0)):
            check_weights(float(extreme), where, dtype)

    def wired(self, dt_ms: float, dtype: npt.DTypeLike, *, is_multiple: bool = False, threads: int = 1) -> Wired:
        """Return the connectivity in canonical order, and weights; nothing of the list is changed.

        Args:
            dt_ms: step in ms, in which delays are rounded.
            dtype: of the weights.
            is_multiple: make one number an array.
            threads: at most so many.
        """
        connectivity = Connectivity(self.by, self.n_pre, self.n_post, self.row_start, self.ranks, ONE_STEP)
        if self.weights.ndim:
            weights = self.weights.astype(dtype)
        elif is_multiple:
            weights = filled(connectivity, float(self.weights), dtype=dtype, threads=threads)
        else:
            weights = self.weights.astype(dtype)
        if not self.delays_ms.ndim:
            steps = np.array(delay_steps_of(float(self.delays_ms), dt_ms), np.uint16)
            return Wired(replace(connectivity, delay_steps=steps), weights)
        steps = np.clip(np.rint(self.delays_ms / dt_ms), 1, MAX_DELAY_STEPS).astype(np.uint16)
        copied = replace(connectivity, ranks=self.ranks.copy())  # which is sorted in place
        return Wired(by_delay(copied, steps, weights, threads=threads), weights)


def given_list(
    pre: Array,
    post: Array,
    weights: Array,
    delays_ms: Array,
    *,
    by: Side,
    sizes: Sizes,
    origin: Origin,
    parts: tuple[Array, Array] | None = None,
    wholes: tuple[int, int] | None = None,
    duplicates: Duplicates = "refuse",
    threads: int = 1,
) -> GivenList:
    """Return the list of some synapses.

    Args:
        pre, post: (n_syn,) integers, ranks within the sides of the projection.
        weights: floats, () or (n_syn,).
        delays_ms: floats, () or (n_syn,).
        by: whose rows.
        sizes: of both sides; with ``n_self``, no neuron may connect to itself.
        origin: for messages.
        parts: int64 ranks, within their populations, of the neurons on both sides, where those are parts of it.
        wholes: sizes of the whole populations then.
        duplicates: what becomes of several synapses of one pair.
        threads: at most so many.

    Raises:
        BadConnector: naming the first synapse that can't be, or some of several of one pair.
    """
    pre, post = _ranks("pre", pre, sizes.n_pre, origin), _ranks("post", post, sizes.n_post, origin)
    if pre.shape != post.shape:
        raise origin.wrong(f"{len(pre)} pre ranks, but {len(post)} post ranks", "each synapse has one of each.")
    weights = _floats("weight", weights, pre.shape, origin)
    delays_ms = _floats("delay", delays_ms, pre.shape, origin)
    _refuse_negative(delays_ms, origin)
    if parts is not None:
        pre, post = (part.astype(np.uint32)[ranks] for part, ranks in zip(parts, (pre, post), strict=True))
    if sizes.n_self and (pre == post).any():
        at = int(np.argmax(pre == post))
        problem = f"synapse {at} connects neuron {pre[at]} to itself, which allow_self_connections=False forbids"
        raise origin.wrong(problem, "leave it out of the list, or give allow_self_connections=True.")
    if not len(pre):
        weights, delays_ms = np.ones(()), np.zeros(())
    elif delays_ms.ndim and (delays_ms == delays_ms[0]).all():
        delays_ms = np.array(delays_ms[0])  # synapses of one delay are delivered faster
    n_pre, n_post = wholes or (sizes.n_pre, sizes.n_post)
    connectivity, (weights, delays_ms) = canonical_from_lists(
        pre, post, ONE_STEP, weights, delays_ms, by=by, n_pre=n_pre, n_post=n_post, threads=threads
    )
    found = GivenList(by, n_pre, n_post, connectivity.row_start, connectivity.ranks, weights, delays_ms)
    return found if duplicates == "keep" else _with_pairs_once(found, duplicates, origin)


# -- several synapses of one pair --------------------------------------------------------------------------


def _with_pairs_once(given: GivenList, duplicates: Duplicates, origin: Origin) -> GivenList:
    is_first = np.concatenate([np.ones(len(given.ranks[:1]), np.bool_), given.ranks[1:] != given.ranks[:-1]])
    starts = given.row_start[:-1]
    is_first[starts[starts < len(is_first)]] = True
    if is_first.all():
        return given
    if duplicates == "refuse":
        again = np.flatnonzero(~is_first)
        problem = f"{len(again):,} of the synapses connect a pair that has one already: {_pairs(given, again)}"
        raise origin.wrong(problem, 'give each pair once, or connect_from((pre, post, w), duplicates="sum" or "keep").')
    first = np.flatnonzero(is_first)
    delays_ms = given.delays_ms
    if delays_ms.ndim:
        is_other = ~is_first[1:] & (delays_ms[1:] != delays_ms[:-1])
        if is_other.any():
            pair = _pairs(given, np.flatnonzero(is_other) + 1)
            problem = f'duplicates="sum": synapses of one pair have different delays: {pair}'
            raise origin.wrong(problem, 'duplicates="keep" makes a synapse of each.')
        delays_ms = delays_ms[first]
    weights = _summed(np.broadcast_to(given.weights, is_first.shape), is_first, first)
    row_start = np.searchsorted(first, given.row_start).astype(np.int64)
    return replace(given, row_start=row_start, ranks=given.ranks[first], weights=weights, delays_ms=delays_ms)


def _summed(weights: Array, is_first: Array, first: Array) -> Array:
    """Return the sum over the synapses of each pair; most have one, which needs no sum.

    Args:
        is_first: (n_syn,) whether a synapse is the first of its pair.
        first: where these stand.
    """
    sums = weights[first]
    others = np.flatnonzero(~is_first)
    several = np.union1d(others, others - 1)  # all synapses of pairs that have several
    begin = np.flatnonzero(is_first[several])
    sums[np.searchsorted(first, several[begin])] = np.add.reduceat(weights[several], begin)
    return sums


def _pairs(given: GivenList, positions: Array) -> str:
    """Name the pairs of some synapses."""
    some = positions[:SOME]
    rows = np.searchsorted(given.row_start, some, side="right") - 1
    sides = (rows, given.ranks[some]) if given.by == "pre" else (given.ranks[some], rows)
    names = [f"{pre} -> {post}" for pre, post in zip(*(side.tolist() for side in sides), strict=True)]
    return ", ".join([*names, "..."] if len(positions) > SOME else names)


# -- what a list can hold ----------------------------------------------------------------------------------


def _ranks(side: str, given: Array, size: int, origin: Origin) -> Array:
    """Return ranks of one side as (n,) uint32."""
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        gaps = int(np.isnan(given).sum()) if given.dtype.kind == "f" else 0
        if gaps:
            raise origin.wrong(f"{gaps:,} of the synapses have no {side} rank", "leave these out of the table.")
        raise origin.wrong(f"{side} ranks must be whole numbers in one row, not {_kind(given)}", "e.g. [0, 1, 1, 2].")
    if given.size and (given.min() < 0 or given.max() >= size):
        at = int(np.argmax((given < 0) | (given >= size)))
        problem = f"{side} rank {given[at]} of synapse {at} does not lie in [0, {size - 1}]"
        raise origin.wrong(problem, f"there are {size} {side} neurons; their ranks begin at 0.")
    given = given.view(np.uint32) if given.dtype == np.int32 else given  # none of them is negative
    return np.ascontiguousarray(given, np.uint32)


def _floats(name: str, given: Array, shape: tuple[int, ...], origin: Origin) -> Array:
    """Return one number or one per synapse as float64."""
    if given.dtype.kind not in "iuf" or given.shape not in ((), shape):
        problem = f"{name}s must be one number, or one for each of the {shape[0]} synapses, not {_kind(given)}"
        raise origin.wrong(problem, "give a number or an array of floats.")
    values = np.ascontiguousarray(given, np.float64).reshape(given.shape)
    if not np.isfinite(values).all():
        at = int(np.argmin(np.isfinite(values)))
        problem = f"{name} {values.flat[at]} of synapse {at} is no finite number"
        raise origin.wrong(problem, "leave out of the list what shall not be a synapse.")
    return values


def _kind(given: Array) -> str:
    """Return what values are that can't be those of synapses."""
    if given.ndim == 1 and given.size and given.dtype.kind in "US":
        return f"texts, such as {told(given[0])}"
    if given.ndim == 1 and given.dtype.kind == "f":
        return f"numbers such as {given[int(np.argmax(given != np.rint(given)))]}"
    return f"{given.dtype} of shape {given.shape}"


def _refuse_negative(delays_ms: Array, origin: Origin) -> None:
    if delays_ms.size and delays_ms.min() < 0:
        at = int(np.argmin(delays_ms >= 0))
        problem = f"delay {delays_ms.flat[at]} of synapse {at} is negative"
        raise origin.wrong(problem, "a delay is the time in ms until a spike arrives; 0 means one step.")
