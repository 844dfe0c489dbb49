"""Synapses that go and come, beside lists: of what is left, of pairs without any, of draws one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engram.state.draws import synapse_uniform
from engram.state.room import in_place, roomy
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.changes import RELATIONS, Draw, chosen, compared, counted_before, missing, of_pairs
from engram.wiring.derived import Transposed, transpose_index
from engram.wiring.executor import is_native
from engram.wiring.flights import Emitted, Kept, flights_of
from engram.wiring.moves import Exchange, changes_of
from tests.wiring.test_derived import connectivities

SILENCE = Emitted(0, 0, np.zeros((1, 0), np.uint32), np.zeros(1, np.int64))
DELAYS = st.sampled_from([1, 2, 3, 40000])


@st.composite
def changed_ones(draw):
    """A connectivity, positions that go, and synapses of pairs that then have none."""
    wiring = draw(connectivities())
    places = st.sets(st.integers(0, max(wiring.n_syn - 1, 0)))
    gone = np.array(sorted(draw(places)) if wiring.n_syn else [], np.int64)
    free = _free(wiring, gone, [*range(wiring.n_pre)], [*range(wiring.n_post)])
    pairs = draw(st.lists(st.sampled_from(free), unique=True)) if free else []
    steps = draw(st.lists(DELAYS, min_size=len(pairs), max_size=len(pairs)))
    keeps = wiring.is_uniform and draw(st.booleans())
    return wiring, gone, pairs, None if keeps else np.array(steps, np.uint16)


def _free(wiring, gone, pre, post):
    """Pairs without a synapse, by row, then column."""
    left = np.setdiff1d(np.arange(wiring.n_syn), gone)
    taken = set(zip(wiring.pre_of_synapses()[left].tolist(), wiring.post_of_synapses()[left].tolist(), strict=True))
    free = [(i, j) for i, j in product(pre, post) if (i, j) not in taken]
    return free if wiring.by == "pre" else sorted(free, key=lambda pair: pair[::-1])


@given(changed_ones(), st.sampled_from([1, 3]), st.booleans())
def test_changes_give_what_the_whole_list_would(drawn, threads, has_room):
    wiring, gone, pairs, steps = drawn
    pre, post = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    left, n = np.setdiff1d(np.arange(wiring.n_syn), gone), len(pairs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engram.wiring.executor.WORTH_A_THREAD", 8)
        if has_room:
            patch.setattr("engram.state.room.SLACK", 1)
            patch.setattr("engram.state.room.WASTE", 1e6)
        before = transpose_index(wiring)
        columns = Transposed(before.start, _roomy(before.slot), _roomy(before.rank))
        changes = changes_of(wiring, gone, pre, post, steps, threads=threads)
        numbers = _exchanged(changes, np.arange(wiring.n_syn, dtype=np.uint16), -1 - np.arange(n))
        after = _exchanged(changes, wiring.ranks, post if wiring.by == "pre" else pre)
        everywhere = Kept(0, *np.ones((2, wiring.n_syn), np.uint16), np.arange(wiring.n_syn, dtype=np.uint32))
        where = flights_of(wiring, 1, everywhere, SILENCE, changes.row_moves).synapse
        turned = changes.turned(columns)

    delays = np.broadcast_to(wiring.delay_steps, (wiring.n_syn,))[left]
    coming = [
        np.concatenate(two) for two in ((wiring.pre_of_synapses()[left], pre), (wiring.post_of_synapses()[left], post))
    ]
    late = wiring.delay_steps if steps is None else np.concatenate([delays, steps])
    listed = np.concatenate([left, -1 - np.arange(n)]).astype(np.uint16)
    sizes = {"n_pre": wiring.n_pre, "n_post": wiring.n_post}
    expected, (number,) = canonical_from_lists(*coming, late, listed, by=wiring.by, **sizes)
    assert np.array_equal(changes.row_start_after, expected.row_start)
    assert np.array_equal(after, expected.ranks)
    assert numbers.tolist() == number.tolist()
    columns = transpose_index(expected)
    for name in ("start", "slot", "rank"):
        assert np.array_equal(getattr(turned, name), getattr(columns, name)), name
    assert numbers[where].tolist() == left.tolist()


def _roomy(array):
    copied = roomy(len(array), array.dtype)
    copied[:] = array
    return copied


def _exchanged(changes, old, coming):
    """Change an array, in place where it can be."""
    old = _roomy(old)
    out = in_place([old], changes.n_after) if is_native() else None
    out = roomy(changes.n_after, old.dtype) if out is None else out
    changes.exchange([Exchange(old, changes.fresh(coming, old.dtype), out)])
    return out


@given(connectivities(), st.data(), st.booleans(), st.sampled_from([1, 3]))
def test_missing_pairs_are_those_that_a_set_lacks_and_draws_choose(wiring, data, no_self, threads):
    some = lambda n: st.sets(st.integers(0, n - 1)).map(sorted)  # noqa: E731  short beside its use
    pre, post = data.draw(some(wiring.n_pre)), data.draw(some(wiring.n_post))
    gone = np.array(data.draw(some(wiring.n_syn)) if wiring.n_syn else [], np.int64)
    rows, columns = (np.array(ranks, np.int64) for ranks in ((pre, post) if wiring.by == "pre" else (post, pre)))
    no_self = no_self and wiring.n_pre == wiring.n_post
    draw = Draw(0x123456789ABCDEF0, (1 << 33) + 7, 1, data.draw(st.sampled_from([0.5, 1.0])))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engram.wiring.executor.WORTH_A_THREAD", 8)
        patch.setattr("engram.wiring.changes.PAIRS", 20)
        found = [*missing(wiring, rows, columns, gone, draw, no_self=no_self, threads=threads)]

    pairs = [pair for row, column in found for pair in zip(row.tolist(), column.tolist(), strict=True)]
    expected = [pair if wiring.by == "pre" else pair[::-1] for pair in _free(wiring, gone, pre, post)]
    expected = [pair for pair in expected if not (no_self and pair[0] == pair[1])]
    ends = [(np.array(side, np.uint32)) for side in zip(*expected, strict=True)] or [np.empty(0, np.uint32)] * 2
    is_chosen = chosen(*(ends if wiring.by == "pre" else ends[::-1]), None, draw)
    assert draw.proba < 1.0 or is_chosen.all()
    assert pairs == [pair for pair, is_one in zip(expected, is_chosen, strict=True) if is_one]


@pytest.mark.parametrize("n", [0, 63, 64, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_are_compared_with_a_number_as_numpy_does(monkeypatch, n, dtype):
    monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 8)
    values = np.random.default_rng(n).integers(0, 5, n).astype(dtype) / dtype(10)
    values[::7] = np.nan
    of_numpy = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
    for relation, bound, threads in product(RELATIONS, (0.1, np.float64(np.float32(0.1)), np.inf, np.nan), (1, 3)):
        found = compared(values, relation, bound, threads=threads)

        assert found.tolist() == np.flatnonzero(of_numpy[relation](values.astype(np.float64), bound)).tolist()


@pytest.mark.parametrize("threads", [1, 3])
def test_pairs_are_chosen_by_their_own_draws(monkeypatch, threads):
    monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 8)
    rng, key, step = np.random.default_rng(1), 0x123456789ABCDEF0, (1 << 33) + 7
    pre, post = rng.integers(0, 1 << 32, (2, 500), np.uint32)
    for multapse in (None, rng.integers(0, 9, 500).astype(np.uint16)):
        number = 1 + (0 if multapse is None else multapse.astype(np.int64) << 16)
        expected = synapse_uniform(key, pre, post, step, number) < 0.3

        found = chosen(pre, post, multapse, Draw(key, step, 1, 0.3), threads=threads)

        assert np.array_equal(found, expected)
        assert 100 < found.sum() < 200


@given(connectivities(), st.data())
def test_synapses_of_a_pair_are_counted(wiring, data):
    positions = np.array(
        data.draw(st.lists(st.integers(0, max(wiring.n_syn - 1, 0)))) if wiring.n_syn else [], np.int64
    )
    pairs = [*zip(wiring.rows().tolist(), wiring.ranks.tolist(), strict=True)]
    expected = [pairs[:k].count(pairs[k]) for k in positions.tolist()]

    found = counted_before(wiring, positions)

    assert (found is None and not any(expected)) or found.tolist() == expected


@given(connectivities(), st.data())
def test_synapses_of_pairs_are_found(wiring, data):
    every = [*product(range(wiring.n_rows), range(wiring.n_columns))]
    asked = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    rows, columns = (np.array([pair[side] for pair in asked], np.int64) for side in (0, 1))
    there = [*zip(wiring.rows().tolist(), wiring.ranks.tolist(), strict=True)]

    pair, position = of_pairs(wiring, rows, columns)

    assert position.tolist() == [k for k, one in enumerate(there) if one in asked]
    assert [asked[i] for i in pair] == [there[k] for k in position]
