"""Synapses that go and come, beside lists: of what is left, of pairs without any, of draws one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engram.state.draws import synapse_uniform
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.changes import changes_of, chosen, counted_before, missing, of_pairs
from engram.wiring.derived import transpose_index
from tests.wiring.test_derived import connectivities

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


@given(changed_ones(), st.sampled_from([1, 3]))
def test_changes_give_what_the_whole_list_would(drawn, threads):
    wiring, gone, pairs, steps = drawn
    pre, post = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    left, n = np.setdiff1d(np.arange(wiring.n_syn), gone), len(pairs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engram.wiring.executor.WORTH_A_THREAD", 8)
        changes, after = changes_of(wiring, gone, pre, post, steps, threads=threads)
        numbers = changes.array("numbers", np.arange(wiring.n_syn, dtype=np.uint16), -1 - np.arange(n))
        turned = changes.turned(transpose_index(wiring))

    delays = np.broadcast_to(wiring.delay_steps, (wiring.n_syn,))[left]
    coming = [
        np.concatenate(two) for two in ((wiring.pre_of_synapses()[left], pre), (wiring.post_of_synapses()[left], post))
    ]
    late = wiring.delay_steps if steps is None else np.concatenate([delays, steps])
    listed = np.concatenate([left, -1 - np.arange(n)]).astype(np.uint16)
    sizes = {"n_pre": wiring.n_pre, "n_post": wiring.n_post}
    expected, (number,) = canonical_from_lists(*coming, late, listed, by=wiring.by, **sizes)
    for name in ("row_start", "ranks", "delay_steps"):
        assert np.array_equal(getattr(after, name), getattr(expected, name)), name
    assert numbers.tolist() == number.tolist()
    columns = transpose_index(expected)
    for name in ("start", "slot", "rank"):
        assert np.array_equal(getattr(turned, name), getattr(columns, name)), name
    moved = changes.to.astype(np.int64)
    assert moved[gone].tolist() == [0xFFFFFFFF] * len(gone)
    assert numbers[moved[left]].tolist() == left.tolist()


@given(connectivities(), st.data(), st.booleans(), st.sampled_from([1, 3]))
def test_missing_pairs_are_those_that_a_set_lacks(wiring, data, no_self, threads):
    some = lambda n: st.sets(st.integers(0, n - 1)).map(sorted)  # noqa: E731  short beside its use
    pre, post = data.draw(some(wiring.n_pre)), data.draw(some(wiring.n_post))
    gone = np.array(data.draw(some(wiring.n_syn)) if wiring.n_syn else [], np.int64)
    rows, columns = (np.array(ranks, np.int64) for ranks in ((pre, post) if wiring.by == "pre" else (post, pre)))
    no_self = no_self and wiring.n_pre == wiring.n_post
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engram.wiring.executor.WORTH_A_THREAD", 8)
        patch.setattr("engram.wiring.changes.PAIRS", 20)
        found = [*missing(wiring, rows, columns, gone, no_self=no_self, threads=threads)]

    pairs = [pair for row, column in found for pair in zip(row.tolist(), column.tolist(), strict=True)]
    expected = [pair if wiring.by == "pre" else pair[::-1] for pair in _free(wiring, gone, pre, post)]
    assert pairs == [pair for pair in expected if not (no_self and pair[0] == pair[1])]


@pytest.mark.parametrize("threads", [1, 3])
def test_pairs_are_chosen_by_their_own_draws(monkeypatch, threads):
    monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 8)
    rng, key, step = np.random.default_rng(1), 0x123456789ABCDEF0, (1 << 33) + 7
    pre, post = rng.integers(0, 1 << 32, (2, 500), np.uint32)
    for multapse in (None, rng.integers(0, 9, 500).astype(np.uint16)):
        number = 1 + (0 if multapse is None else multapse.astype(np.int64) << 16)
        expected = synapse_uniform(key, pre, post, step, number) < 0.3

        found = chosen(pre, post, multapse, key, step, 1, 0.3, threads=threads)

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
