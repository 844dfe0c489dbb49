"""Synapses made and taken away one by one, which wait for others: their projection's arrays are copied once for all.

Each is checked when it is asked for, beside the synapses and what waits. Nobody has to know that something does: the
tree does it when anybody asks for anything (``state/waiting.py``), and what is known beside the tree, in
:attr:`Synapses.memo`, asks the tree first. Only what leaves the form of the data as it is may wait, so that nothing can
be refused later; the bits are those of one change after the other.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.program.in_flight import is_silent
from engram.program.interrupts import held_interrupts
from engram.program.layouts import possible_layouts
from engram.program.recorded_synapses import refuse_recorded
from engram.program.rewiring import change_synapses, coming_values, drawn_at_start, has_layout, steps_of
from engram.program.synapses import Synapses
from engram.state import names
from engram.state.distributions import Distribution
from engram.state.waiting import let_wait

__all__ = ["Pending", "created_later", "one_created_later", "one_pruned_later", "pruned_later"]

Array = npt.NDArray[Any]
MOST = 64  # synapses of a call that may wait; where there are more copying is the smaller part


def created_later(projection: Synapses, pre: Array, post: Array, weights: Array, delays_ms: Array) -> bool:
    """Let new synapses wait, if that can be; arguments as of ``add_synapses``. False: nothing has happened.

    What would be refused can't wait: who refuses it says why.
    """
    with projection.program.lock:
        pending = _pending(projection, len(pre))
        if pending is None or (delays_ms < 0).any():
            return False
        steps = steps_of(projection, delays_ms)
        return pending.create(pre.tolist(), post.tolist(), weights.tolist(), steps.tolist())


def one_created_later(projection: Synapses, pre: Any, post: Any, w: Any, delay_ms: Any) -> bool:
    """Let a new synapse wait beside others that do, as :func:`created_later`: what a loop asks for again and again.

    Args:
        pre, post, w, delay_ms: as a user gives them.
    """
    pending = _known(projection)
    is_plain = type(pre) is type(post) is int and type(w) is type(delay_ms) is float
    if pending is None or not is_plain or projection.is_partial or pending.has_limit:
        return False
    steps = delay_ms / projection.program.dt
    if not (0 <= pre < projection.pre.size and 0 <= post < projection.post.size and isfinite(w) and 0 <= steps < 1e9):
        return False
    with projection.program.lock:
        is_same = projection.pending is pending
        return is_same and pending.create([pre], [post], [w], [max(round(steps), 1)])


def pruned_later(projection: Synapses, pre: Array, post: Array, k: int | None = None) -> bool:
    """Let synapses of pairs wait to be taken away, if that can be; see :func:`created_later`.

    Args:
        pre, post: ranks, (n,) int64.
        k: which one of its pair; None: it has one.
    """
    with projection.program.lock:
        pending = _pending(projection, len(pre))
        return pending is not None and pending.prune(pre.tolist(), post.tolist(), k)


def one_pruned_later(projection: Synapses, pre: Any, post: int) -> bool:
    """Let the only synapse of a pair wait to be taken away beside others that do; see :func:`one_created_later`."""
    pending = _known(projection)
    if pending is None or type(pre) is not int or not 0 <= pre < projection.pre.size:
        return False
    with projection.program.lock:
        return projection.pending is pending and pending.prune([pre], [post], None)


def _pending(projection: Synapses, n: int) -> Pending | None:
    if not 0 < n <= MOST:
        return None
    return _known(projection) or _begun(projection)


def _known(projection: Synapses) -> Pending | None:
    return projection.pending if isinstance(projection.pending, Pending) else None


def _begun(projection: Synapses) -> Pending | None:
    """Return what can wait from now on; None if a change would give the data another form, or is refused."""
    state, n = projection.program.state, projection.n_syn
    try:
        refuse_recorded(projection)
    except InvalidArgument:
        return None
    if projection.is_spiking and not projection.has_flights and not is_silent(projection):
        return None  # the first change brings a list of what is in flight
    paths = coming_values(projection, np.empty(0), {})
    if any(state.slot(path).shape != (n,) for path in paths) or not has_layout(projection, n) or not n:
        return None
    laws = (projection.draft.values.get(a.name, a.default) for a in projection.spec.attributes)
    if any(isinstance(law, Distribution) and law.rng is not None for law in laws):
        return None  # a generator that its owner may use meanwhile
    return Pending(projection)


class _Asked(NamedTuple):
    """What one call asks for: new synapses, or such that go.

    Args:
        pre, post: ranks.
        weights, steps: of new ones.
        goes: the positions of those that go; -1 for what waits itself.
    """

    pre: list[int]
    post: list[int]
    weights: list[float]
    steps: list[float]
    goes: list[int]


def _joined(lists: Iterable[list[Any]], dtype: type) -> Array:
    return np.array([*itertools.chain(*lists)], dtype)


class Pending:
    """What waits in a projection.

    Args:
        projection: in which nothing does.
    """

    def __init__(self, projection: Synapses) -> None:
        self._projection, self._wiring = projection, projection.connectivity
        late = self._wiring.delay_steps
        self._longest, self._is_uniform = int(late.max(initial=1)), late.shape == ()
        weight = projection.program.state.slot(projection.place(names.WEIGHT))
        self._one_weight = projection.value(names.WEIGHT)[()] if weight.shape == () else None
        self.has_limit = projection.spec.limit(names.WEIGHT) is not None
        self._asked: list[_Asked] = []
        self._begin()
        self._is_sure = True  # whether all that was asked for is counted
        self._drawn: list[dict[str, Array]] = []  # for each call that makes synapses, as far as they are drawn

    def size(self, post: int) -> int:
        """Return the number of synapses of a post neuron."""
        with self._projection.program.lock:  # another thread may be counting
            self._make_sure()
            return int(self._per_post[post]) + self._more[post]

    @cached_property
    def _per_post(self) -> Array:
        """How many synapses each post neuron had, (n_post,) int64."""
        if self._wiring.by == "post":
            return np.diff(self._wiring.row_start)
        return np.bincount(self._wiring.ranks, minlength=self._wiring.n_post)

    def create(self, pre: list[int], post: list[int], weights: list[float], steps: list[float]) -> bool:
        """Take new synapses; False if they can't wait."""
        self._make_sure()
        pairs, one, longest = [*zip(pre, post, strict=True)], self._one_weight, self._longest
        if any(late != longest if self._is_uniform else late > longest for late in steps):
            return False
        if one is not None and any(one.dtype.type(w) != one for w in weights):
            return False
        if len({*pairs}) < len(pairs) or not self._keeps_layout(self._n_syn + len(pairs)):
            return False
        if any(pair in self._new or self._positions(*pair) for pair in pairs):
            return False
        self._add(_Asked(pre, post, weights, steps, []))
        return True

    def prune(self, pre: list[int], post: list[int], k: int | None) -> bool:
        """Take synapses that go; False if they can't wait."""
        self._make_sure()
        pairs = [*zip(pre, post, strict=True)]
        found = [[-1] if pair in self._new else self._positions(*pair) for pair in pairs]
        if any(len(some) != 1 if k is None else not 0 <= k < len(some) for some in found):
            return False
        if len({*pairs}) < len(pairs) or not self._keeps_layout(self._n_syn - len(pairs)):
            return False
        self._add(_Asked(pre, post, [], [], [some[k or 0] for some in found]))
        return True

    def _add(self, asked: _Asked) -> None:
        """Let something wait; an interrupt at any moment leaves all of it or nothing."""
        if self._projection.pending is None:
            program = self._projection.program
            let_wait(program.state, self._settle, program.lock)
            self._projection.pending = self
        self._is_sure = False
        self._asked.append(asked)
        self._count(asked)
        self._is_sure = True

    def _count(self, asked: _Asked) -> None:
        pairs = [*zip(asked.pre, asked.post, strict=True)]
        if asked.goes:
            for pair, position in zip(pairs, asked.goes, strict=True):
                if self._new.pop(pair, None) is None:
                    self._gone.add(position)
        else:
            self._new.update(zip(pairs, range(self._n_asked, self._n_asked + len(pairs)), strict=True))
            self._n_asked += len(pairs)
        for neuron in asked.post:
            self._more[neuron] += -1 if asked.goes else 1

    def _make_sure(self) -> None:
        """Count anew what was asked for, if an interrupt came while that was done."""
        if not self._is_sure:
            self._begin()
            for asked in self._asked:
                self._count(asked)
            self._is_sure = True

    def _begin(self) -> None:
        self._gone: set[int] = set()  # positions
        self._new: dict[tuple[int, int], int] = {}  # by pre and post: which of those that were asked for
        self._n_asked = 0
        self._more: Counter[int] = Counter()  # synapses of each post neuron than there were

    @property
    def _n_syn(self) -> int:
        """Number of synapses with all that waits."""
        return self._wiring.n_syn - len(self._gone) + len(self._new)

    def _keeps_layout(self, n: int) -> bool:
        return n > 0 and (self._projection.is_spiking or len(possible_layouts(self._projection, n)) == 1)

    def _positions(self, pre: int, post: int) -> list[int]:
        """Return the positions of those synapses of a pair that were there before and have not gone, ascending."""
        row, column = (pre, post) if self._wiring.by == "pre" else (post, pre)
        low, high = self._wiring.row_start[row : row + 2].tolist()
        found = (low + np.flatnonzero(self._wiring.ranks[low:high] == column)).tolist()
        return [k for k in found if k not in self._gone] if self._gone else found

    def _settle(self, done: Callable[[], None]) -> bool:
        """Do what waits, and return whether the user has interrupted meanwhile.

        If memory is short it goes on waiting; whatever else fails, which should not be, leaves a network to be loaded.
        """
        projection = self._projection
        state = projection.program.state
        with held_interrupts() as interrupted:
            try:
                self._change(projection)
            except MemoryError:
                if not state.broken:
                    projection.pending, self._wiring = self, projection.connectivity
                raise
            except BaseException as error:
                projection.pending = None
                state.broken = state.broken or f"changing synapses by hand failed ({type(error).__name__}: {error})"
                raise
            done()
        return bool(interrupted)

    def _change(self, projection: Synapses) -> None:
        """Change the synapses."""
        drawn = self._draws()
        self._make_sure()
        new = [asked for asked in self._asked if not asked.goes]
        pre, post = (_joined((getattr(one, side) for one in new), np.int64) for side in ("pre", "post"))
        weights = _joined((one.weights for one in new), np.float64)
        steps = _joined((one.steps for one in new), np.int64)
        left = np.array(sorted(self._new.values()), np.int64)
        gone = np.array(sorted(self._gone), np.int64)
        drawn = {name: values[left] for name, values in drawn.items()}
        projection.pending = None
        del self._wiring  # whose arrays may change in place
        change_synapses(projection, gone, pre[left], post[left], weights[left], steps[left], drawn)

    def _draws(self) -> dict[str, Array]:
        """Return initial values that are drawn, of all that was asked for: each call has draws of its own, once."""
        calls = [asked for asked in self._asked if not asked.goes]
        for asked in calls[len(self._drawn) :]:
            self._drawn.append(drawn_at_start(self._projection, len(asked.pre)))
        first = self._drawn[0] if calls else {}
        return {name: np.concatenate([call[name] for call in self._drawn]) for name in first}
