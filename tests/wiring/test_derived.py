import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engram.errors import NotAvailable
from engram.state.distributions import Uniform
from engram.wiring.canonical import canonical_from_lists
from engram.wiring.connectors import FixedProbability, FixedTotalNumber
from engram.wiring.derived import delays_of, multapse_numbers, segments, transpose_index
from tests.contracts.connector_contract import Call


@st.composite
def connectivities(draw, by=("pre", "post")):
    n_pre, n_post = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    pair = st.tuples(st.integers(0, n_pre - 1), st.integers(0, n_post - 1), st.sampled_from([1, 2, 255, 256, 40000]))
    synapses = draw(st.lists(pair, max_size=80))
    pre, post, delays = zip(*synapses, strict=True) if synapses else ((), (), ())
    delays = draw(st.sampled_from([delays, 3]))
    return canonical_from_lists(pre, post, delays, by=draw(st.sampled_from(by)), n_pre=n_pre, n_post=n_post)[0]


@given(connectivities())
def test_transpose_index_lists_the_synapses_of_each_column_by_row(connectivity):
    transposed = transpose_index(connectivity)

    rows, columns = connectivity.rows().tolist(), connectivity.ranks.tolist()
    for column in range(connectivity.n_columns):
        mine = slice(transposed.start[column], transposed.start[column + 1])
        expected = [slot for slot, at in enumerate(columns) if at == column]  # slots ascend, and so do rows
        assert transposed.slot[mine].tolist() == expected
        assert transposed.rank[mine].tolist() == [rows[slot] for slot in expected]


@given(connectivities())
def test_multapse_numbers_count_the_synapses_of_a_pair(connectivity):
    pairs = list(zip(connectivity.rows().tolist(), connectivity.ranks.tolist(), strict=True))
    expected = [pairs[:k].count(pair) for k, pair in enumerate(pairs)]

    found = multapse_numbers(connectivity)

    if max(expected, default=0) == 0:
        assert found is None
    else:
        assert found.dtype == np.uint16
        assert found.tolist() == expected


def test_transpose_index_of_more_synapses_than_can_be_numbered_is_refused(monkeypatch):
    monkeypatch.setattr("engram.wiring.derived.MAX_ITEMS", 99)
    connectivity = Call(FixedProbability(1.0), n_pre=10, n_post=10).run().connectivity

    with pytest.raises(NotAvailable) as caught:
        transpose_index(connectivity)
    assert str(caught.value) == (
        "100 synapses in one projection: at most 99 can be reached from both sides\n"
        "  help: divide the projection, by views of its populations."
    )


@given(connectivities(by=("pre",)))
def test_segments_begin_where_the_delay_begins(connectivity):
    found = segments(connectivity)

    delays = np.broadcast_to(connectivity.delay_steps, (connectivity.n_syn,))
    assert found.starts.dtype == np.uint32
    assert found.starts.shape == (connectivity.n_pre, len(found.delays) + 1)
    for row in range(connectivity.n_pre):
        mine = delays[connectivity.row_start[row] : connectivity.row_start[row + 1]]
        starts = found.starts[row].tolist()
        assert starts[-1] == len(mine)
        assert starts[0] == 0
        for delay, low, high in zip(found.delays, starts[:-1], starts[1:], strict=True):
            assert np.all(mine[low:high] == delay)


@given(connectivities())
def test_delays_of_lists_what_occurs(connectivity):
    expected = sorted(set(np.atleast_1d(connectivity.delay_steps).tolist()))

    assert delays_of(connectivity).tolist() == expected


def test_derived_arrays_are_the_same_for_every_thread_count(monkeypatch):
    monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 16)
    connectivity = Call(FixedProbability(0.3), delays=Uniform(1.0, 300.0)).run().connectivity
    multapses = Call(FixedTotalNumber(3000), delays=Uniform(1.0, 300.0)).run().connectivity

    def all_bits(threads):
        found, transposed = segments(connectivity, threads=threads), transpose_index(connectivity, threads=threads)
        arrays = [found.delays, found.starts, transposed.start, transposed.slot, transposed.rank]
        arrays.append(multapse_numbers(multapses, threads=threads))
        return [array.tobytes() for array in arrays]

    alone = all_bits(1)
    for threads in (2, 3, 5):
        assert all_bits(threads) == alone
