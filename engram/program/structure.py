"""Structural plasticity: at the end of a step, synapses go where one rule holds, and come where another does.

A rule is tested by a call between the learning of a step and its records, in the steps that its period says. Both
backends evaluate its condition by the interpreter's definition, and draw by (pre, post, step): which synapses there are
depends neither on the backend, nor on threads, nor on how synapses stand in memory. Pruning comes first; where
something may come is looked up in what it has left.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument, NotCompiled
from engram.ir.jobs import Call, RunKernel
from engram.ir.nodes import Index, reads
from engram.ir.precision import stored
from engram.program.lifting import forms
from engram.program.places import projection_path
from engram.program.rewiring import change_synapses
from engram.program.synapses import Synapses
from engram.program.units import steps_truncated, warn_of_rest
from engram.state import draws, names
from engram.state.distributions import Distribution
from engram.state.streams import Stream, stream_key

if TYPE_CHECKING:
    from engram.ir.nodes import Expr, Kernel

__all__ = ["call_of", "start_rule", "stop_rule"]

Array = npt.NDArray[Any]

PAIRS = 1 << 22  # looked at at a time
NUMBERS = {rule: number for number, rule in enumerate(names.RULES)}  # of their draws; those of new values come after


# -- on and off --------------------------------------------------------------------------------------------


def start_rule(projection: Synapses, rule: str, period_ms: float | None) -> None:
    """Test a rule from the coming step on, each period.

    Args:
        rule: ``pruning`` or ``creating``.
        period_ms: None: every step.

    Raises:
        InvalidArgument: if the model has no such rule, or the period is shorter than a step.
        NotCompiled: before compile.
    """
    _check_has(projection, rule)
    dt_ms = projection.program.dt
    steps = 1 if period_ms is None else steps_truncated(period_ms, dt_ms, "period")
    if steps < 1:
        what = f"{projection.where}: {rule}: period must be at least one step ({dt_ms:g} ms), not {period_ms!r:.60}"
        raise InvalidArgument(what)
    if period_ms is not None:
        warn_of_rest(period_ms, steps, dt_ms, f"{projection.where}: {rule}: period")
    projection.write(names.rule_offset(rule), projection.program.state.step % steps)
    projection.write(names.rule_period(rule), steps)


def stop_rule(projection: Synapses, rule: str) -> None:
    """No longer test a rule.

    Raises:
        InvalidArgument, NotCompiled: as of :func:`start_rule`.
    """
    _check_has(projection, rule)
    projection.write(names.rule_period(rule), 0)


def _check_has(projection: Synapses, rule: str) -> None:
    if getattr(projection.spec, rule) is None:
        example = "'age > 100.0 : proba=0.5'" if rule == "pruning" else "'pre.r*post.r > 0.9 : proba=0.1, w=1.0'"
        what = f"{projection.where}: its synapses have no rule `{rule}`"
        raise InvalidArgument(f"{what}\n  help: write eg.Synapse(..., {rule}={example}).")
    if not projection.program.compiled:
        what = f"{projection.where}: there are no synapses for the rule `{rule}` before compile()"
        raise NotCompiled(f"{what}\n  help: call start_{rule}() and stop_{rule}() after net.compile().")
    projection.check_wired()


# -- in a step ---------------------------------------------------------------------------------------------


def call_of(projection: Synapses) -> Call:
    """Return what tests the rules of a projection in the steps in which that is due; always the same object."""
    if projection.rules is None:

        def due(step: int) -> int | None:
            return min((at for rule in names.RULES if (at := _next(projection, rule, step)) is not None), default=None)

        projection.rules = Call("structural plasticity", projection.name, due, lambda step: _test(projection, step))
    return projection.rules


def _next(projection: Synapses, rule: str, step: int) -> int | None:
    """Return the first step from one on in which a rule is tested."""
    if getattr(projection.spec, rule) is None:
        return None
    period = int(projection.value(names.rule_period(rule)))
    return step + (int(projection.value(names.rule_offset(rule))) - step) % period if period else None


class _Pairs(NamedTuple):
    """Neurons that are to get synapses; each array is (n,) int64."""

    pre: Array
    post: Array


NONE = _Pairs(np.empty(0, np.int64), np.empty(0, np.int64))


def _test(projection: Synapses, step: int) -> None:
    """Let synapses go and come at the end of a step."""
    wiring = projection.connectivity
    ends = _Pairs(wiring.pre_of_synapses().astype(np.int64), wiring.post_of_synapses().astype(np.int64))
    keep = np.ones(projection.n_syn, bool)
    if _next(projection, "pruning", step) == step:
        keep[_pruned(projection, step, ends)] = False
    new = NONE
    if _next(projection, "creating", step) == step:
        left = ends if keep.all() else _Pairs(ends.pre[keep], ends.post[keep])
        new = _created(projection, step, left)
    if keep.all() and not len(new.pre):
        return
    program, rule = projection.program, projection.spec.creating
    weights = np.full(len(new.pre), rule.w if rule else 0.0)
    late = _delay_steps(projection, rule.d if rule else None)
    drawn = _drawn(projection, step, new)
    program.write(names.STEP, step + 1)  # what is in flight, and since when values hold, is as after the step
    try:
        change_synapses(projection, keep, *new, weights, np.full(len(new.pre), late), drawn)
    finally:
        program.write(names.STEP, step)


def _delay_steps(projection: Synapses, delay_ms: float | None) -> int:
    if delay_ms is not None:
        return max(1, int(np.rint(delay_ms / projection.program.dt)))
    delays = projection.value(names.DELAY_STEPS)
    return int(delays) if delays.shape == () else 1


def _drawn(projection: Synapses, step: int, new: _Pairs) -> dict[str, Array]:
    """Return initial values of new synapses for attributes that begin with drawn ones."""
    key, found = _key(projection, step), {}
    for number, attribute in enumerate(projection.spec.attributes, len(NUMBERS)):
        law = projection.draft.values.get(attribute.name, attribute.default)
        if attribute.name == names.WEIGHT or attribute.locality != "local" or not isinstance(law, Distribution):
            continue
        if law.rng is not None:
            found[attribute.name] = projection.draw(law, new.pre.shape)
        else:
            found[attribute.name] = draws.sample(law, key, new.pre, new.post, step, number)
    return found


def _key(projection: Synapses, step: int) -> int:
    return stream_key(projection.program.seed, projection.uid, Stream.STRUCTURE, step)


def _chosen(projection: Synapses, rule: str, step: int, pairs: _Pairs, multapse: Array | int = 0) -> Array:
    """Return for which pairs the draw says yes, (n,) bool."""
    proba = getattr(projection.spec, rule).proba
    if proba >= 1.0:
        return np.ones(len(pairs.pre), bool)
    number = NUMBERS[rule] + (np.asarray(multapse, np.int64) << 16)
    drawn: Array = draws.synapse_uniform(_key(projection, step), pairs.pre, pairs.post, step, number)
    return np.asarray(drawn < proba)


# -- conditions --------------------------------------------------------------------------------------------


class _Condition:
    """The condition of a rule for the present form of a projection's data."""

    def __init__(self, projection: Synapses, rule: str, step: int) -> None:
        from engram.ir.interpret import conjuncts, holds_where  # few networks need it

        self._holds_where, self._projection, self._step = holds_where, projection, step
        kernel = self._kernel(rule)
        paths = tuple(projection_path(projection, a) for a in kernel.arguments)
        self._job = RunKernel(kernel, "", paths, projection.post.size, uid=projection.uid)
        assert kernel.result is not None, "it is a rule"
        self.whole, self.parts = kernel.result, conjuncts(kernel.result)

    def _kernel(self, rule: str) -> Kernel:
        from engram.ir.lower import lower_rule

        projection = self._projection
        program, model = projection.program, projection.definition.model
        found = forms(projection, lambda name: program.state.slot(projection.place(name)).shape, "each")
        kernel = lower_rule(
            model,
            getattr(model, rule).value,
            projection.pre.definition.model,
            projection.post.definition.model,
            found,
            frozenset(program.known_constants(projection.spec.constants)),
        )
        return stored(kernel, program.config.precision, "synapse")

    def reads(self, part: Expr) -> set[Index]:
        """Return whose values a part reads."""
        symbols = reads(part)
        return {a.index for a in self._job.kernel.arguments if a.symbol in symbols} - {Index.ONE}

    def holds(self, part: Expr, n: int, **where: Array) -> Array:
        """Return where a part is true, (n,) bool."""
        program = self._projection.program
        found: Array = self._holds_where(self._job, part, program.state, self._step, program.dt, n, **where)
        return found


def _pruned(projection: Synapses, step: int, ends: _Pairs) -> Array:
    """Return the positions of synapses that go."""
    condition, n = _Condition(projection, "pruning", step), projection.n_syn
    some = []
    for low in range(0, n, PAIRS):
        k = np.arange(low, min(n, low + PAIRS))
        is_true = condition.holds(condition.whole, len(k), pre=ends.pre[k], post=ends.post[k], k=k)
        some.append(k[is_true])
    hits = np.concatenate([np.empty(0, np.int64), *some])
    if not len(hits):
        return hits
    at = _Pairs(ends.pre[hits], ends.post[hits])
    return hits[_chosen(projection, "pruning", step, at, _multapses(projection)[hits])]


def _multapses(projection: Synapses) -> Array:
    from engram.wiring.derived import multapse_numbers

    found = multapse_numbers(projection.connectivity, threads=projection.program.threads)
    return np.zeros(projection.n_syn, np.int64) if found is None else np.asarray(found, np.int64)


def _created(projection: Synapses, step: int, left: _Pairs) -> _Pairs:
    """Return the pairs that get a synapse, among those that have none, of post neurons that have a dendrite."""
    condition = _Condition(projection, "creating", step)
    pre, post = projection.ranks_of_sides()
    has_dendrite = np.bincount(left.post, minlength=projection.post.size) > 0
    post = np.sort(post[has_dendrite[post]]).astype(np.int64)
    pre = np.sort(pre).astype(np.int64)
    others: list[Any] = []
    for part in condition.parts:  # what reads neurons of one side is asked once for each of them
        match condition.reads(part):
            case indices if indices <= {Index.PRE}:
                pre = pre[condition.holds(part, len(pre), pre=pre)]
            case indices if indices <= {Index.POST}:
                post = post[condition.holds(part, len(post), post=post)]
            case _:
                others.append(part)
    found = [NONE]
    for pairs in _missing(projection, pre, post, left):
        some = pairs
        for part in others:
            is_true = condition.holds(part, len(some.pre), pre=some.pre, post=some.post)
            some = _Pairs(some.pre[is_true], some.post[is_true])
        is_chosen = _chosen(projection, "creating", step, some)
        found.append(_Pairs(some.pre[is_chosen], some.post[is_chosen]))
    return _Pairs(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))


def _missing(projection: Synapses, pre: Array, post: Array, left: _Pairs) -> Iterator[_Pairs]:
    """Yield the pairs of some neurons that have no synapse, by post, then pre.

    Neurons don't connect to themselves where the connector was not allowed to let them.
    """
    if not len(pre) or not len(post):
        return
    connection = projection.draft.connection
    no_self = projection.pre is projection.post and connection is not None and not connection.allow_self
    column = np.full(projection.pre.size, -1)
    column[pre] = np.arange(len(pre))
    row = np.full(projection.post.size, -1)
    row[post] = np.arange(len(post))
    is_near = (row[left.post] >= 0) & (column[left.pre] >= 0)
    rows, columns = row[left.post[is_near]], column[left.pre[is_near]]
    at_a_time = max(1, PAIRS // len(pre))
    for low, high in itertools.pairwise([*range(0, len(post), at_a_time), len(post)]):
        is_free = np.ones((high - low, len(pre)), bool)
        here = (rows >= low) & (rows < high)
        is_free[rows[here] - low, columns[here]] = False
        if no_self:
            own = column[post[low:high]]
            is_free[np.flatnonzero(own >= 0), own[own >= 0]] = False
        i, j = np.nonzero(is_free)
        yield _Pairs(pre[j], post[low + i])
