import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engram.errors import InvalidArgument
from engram.wiring.canonical import canonical_from_lists
from tests.cases import each

SIZES = {"n_pre": 9, "n_post": 7}


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 6), st.sampled_from([1, 2, 3, 300, 65535])), max_size=120),
    st.sampled_from(["pre", "post"]),
    st.booleans(),
)
def test_canonical_from_lists_sorts_stably(synapses, by, uniform):
    """Python's stable sort of the list is the definition, multapses included."""
    pre, post, delays = (np.array([s[i] for s in synapses], np.int64) for i in range(3))
    if uniform:
        delays = np.int64(5)
    of = np.broadcast_to(delays, pre.shape)
    key = (lambda k: (pre[k], of[k], post[k])) if by == "pre" else (lambda k: (post[k], pre[k]))
    expected = sorted(range(len(synapses)), key=key)

    number = np.arange(len(synapses))
    pair = np.stack([number, number], axis=1).astype(np.float32)
    connectivity, (numbers, pairs, single) = canonical_from_lists(
        pre, post, delays, number, pair, np.array(0.5), by=by, **SIZES
    )

    connectivity.check()
    assert numbers.tolist() == expected
    assert np.array_equal(pairs[:, 0], expected)
    assert pairs.dtype == np.float32
    assert single == 0.5
    assert connectivity.pre_of_synapses().tolist() == pre[expected].tolist()
    assert connectivity.post_of_synapses().tolist() == post[expected].tolist()
    assert np.array_equal(np.broadcast_to(connectivity.delay_steps, pre.shape), of[expected])
    assert connectivity.is_uniform == uniform


def test_canonical_from_lists_with_long_rows_sorts_stably():
    """Rows of 40 and more go through the radix sort: one, two and no passes."""
    rng = np.random.default_rng(1)
    for high in (2, 255, 40000):
        pre, post = rng.integers(0, 3, 900), rng.integers(0, 50, 900)
        delays = rng.integers(1, high, 900)
        connectivity, (order,) = canonical_from_lists(pre, post, delays, np.arange(900), by="pre", n_pre=3, n_post=50)

        connectivity.check()
        assert order.tolist() == np.lexsort((post, delays, pre)).tolist()


def test_canonical_from_lists_is_the_same_for_every_thread_count(monkeypatch):
    monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 16)
    rng = np.random.default_rng(2)
    lists = (rng.integers(0, 9, 500), rng.integers(0, 7, 500), rng.integers(1, 500, 500), np.arange(500))

    def order(threads):
        return canonical_from_lists(*lists, by="pre", **SIZES, threads=threads)[1][0].tolist()

    assert order(2) == order(3) == order(1)


def test_canonical_from_lists_leaves_its_arguments_alone():
    pre, post, delays = (np.array(a, d) for a, d in (([2, 1], np.uint32), ([0, 1], np.uint32), ([7, 3], np.uint16)))

    canonical_from_lists(pre, post, delays, by="pre", n_pre=3, n_post=2)

    assert (pre.tolist(), post.tolist(), delays.tolist()) == ([2, 1], [0, 1], [7, 3])


@each(
    ("pre", "post", "delays", "text"),
    [
        ([9], [0], 1, r"pre rank 9 does not lie in \[0, 8\]"),
        ([0], [-1], 1, r"post rank -1 does not lie in \[0, 6\]"),
        ([0], [0], 0, r"delay 0 does not lie in \[1, 65535\]"),
        ([0], [0], [65536], r"delay 65536 does not lie in \[1, 65535\]"),
        ([0.5], [0], 1, "pre ranks must be integers, not float64"),
        ([0, 1], [0], 1, r"post has shape \(1,\), but pre has shape \(2,\)"),
        ([0, 1], [0, 1], [1, 2, 3], r"delay_steps has shape \(3,\), but pre has shape \(2,\)"),
    ],
)
def test_canonical_from_lists_refuses_what_does_not_fit(pre, post, delays, text):
    with pytest.raises(InvalidArgument, match=text):
        canonical_from_lists(pre, post, delays, by="pre", **SIZES)


def test_canonical_from_lists_refuses_an_array_of_another_length():
    with pytest.raises(InvalidArgument, match=r"array 1 has shape \(3,\), but pre has shape \(1,\)"):
        canonical_from_lists([0], [0], 1, np.zeros(1), np.zeros(3), by="pre", **SIZES)
