"""fixed_total_number: exactly so many, all pairs alike, multapses told apart by their number."""

import numpy as np
import pytest
from scipy import stats

from engram.state.distributions import Normal, Uniform
from engram.state.draws import sample
from engram.state.streams import Stream, stream_key
from engram.wiring import executor
from engram.wiring.connect import check
from engram.wiring.connectors import FixedTotalNumber
from engram.wiring.drawing import draw
from engram.wiring.errors import BadConnector
from engram.wiring.kinds import TOTAL
from engram.wiring.pattern import Pattern
from engram.wiring.values import drawn
from tests.cases import each
from tests.contracts.connector_contract import Call, pairs, synapses
from tests.wiring.reference import total_rows

KEY = stream_key(42, 7, Stream.CONNECTOR)


def counts_of(wired):
    """How many synapses each pair has, (n_pre, n_post)."""
    connectivity = wired.connectivity
    counts = np.zeros((connectivity.n_pre, connectivity.n_post), int)
    np.add.at(counts, (connectivity.pre_of_synapses(), connectivity.post_of_synapses()), 1)
    return counts


def rows_of(wired):
    connectivity = wired.connectivity
    return [row.tolist() for row in np.split(connectivity.ranks, connectivity.row_start[1:-1])]


# -- exactly which synapses ---------------------------------------------------------------------------------


@each("number", [0, 1, 2, 77, 5000, 300_000])
@each(("n_pre", "n_post"), [(1, 1), (1, 300), (300, 1), (63, 64), (500, 30)])
def test_there_are_exactly_so_many_synapses(number, n_pre, n_post):
    if number > 2**15 * n_pre * n_post:
        pytest.raises(BadConnector, Call(FixedTotalNumber(number), n_pre=n_pre, n_post=n_post).run)
        return
    for by in ("pre", "post"):
        assert Call(FixedTotalNumber(number), by, n_pre, n_post).run().connectivity.n_syn == number


@each("number", [1, 300, 5000])
@each(("n_pre", "n_post"), [(40, 150), (150, 40), (41, 1), (1, 70), (66, 65), (3, 1000)])
@each("no_self", [False, True])
def test_rows_equal_the_reference(number, n_pre, n_post, no_self):
    wired = Call(FixedTotalNumber(number), n_pre=n_pre, n_post=n_post, same_population=no_self).run()

    own = [row if no_self and row < n_post else None for row in range(n_pre)]
    assert rows_of(wired) == total_rows(KEY, number, n_post, own)


def test_rows_of_very_many_columns_equal_the_reference():
    """One word in three is refused here: of a block that is the whole row, since there are few synapses."""
    pattern = Pattern(TOTAL, n_rows=5, n_columns=3_000_000_000, skip_self=False, number=200, p=0.0, key=KEY)

    row_start, ranks = draw(pattern, 1)

    rows = [row.tolist() for row in np.split(ranks, row_start[1:-1])]
    assert rows == total_rows(KEY, 200, 3_000_000_000, [None] * 5)


def test_few_columns_of_a_huge_network_have_their_share():
    """Of 67 million blocks ten are drawn, of 2^43 synapses a million."""
    shape = {"n_rows": 1000, "n_columns": 2**32 - 1, "skip_self": True, "number": 2**43, "p": 0.0, "key": KEY}
    pattern = Pattern(TOTAL, **shape, columns=(2**31, 2**31 + 640))

    row_start, ranks = draw(pattern, 3)

    mean = 640 * 2**43 / (2**32 - 1)
    assert pattern.width == 64
    assert abs(row_start[-1] - mean) < 5 * np.sqrt(mean)
    assert stats.chisquare(np.bincount(ranks - 2**31, minlength=640)).pvalue > 1e-4
    assert stats.chisquare(np.diff(row_start)).pvalue > 1e-4


def test_lengths_of_cells_add_up_however_many_synapses_there_are():
    shape = {"n_rows": 1000, "n_columns": 2**14, "skip_self": False, "number": 2**38, "p": 0.0, "key": KEY}
    lengths = np.zeros(1000 * 2**8, np.int64)
    executor.run("count", 3, Pattern(TOTAL, **shape), lengths)

    assert lengths.sum() == 2**38
    of_row, of_block = (lengths.reshape(1000, 2**8).sum(axis=axis) for axis in (1, 0))
    for counts in (of_row, of_block):
        assert 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4


def test_connect_gives_the_known_answer():
    """Frozen: a change here changes every network that is built again from its script."""
    call = Call(FixedTotalNumber(14), n_pre=3, n_post=4, same_population=True, seed=1, uid=2)

    wired = call.run(delays=Uniform(1.0, 4.0), weights=Uniform(0.0, 1.0))

    assert wired.connectivity.row_start.tolist() == [0, 6, 12, 14]
    assert wired.connectivity.ranks.tolist() == [1, 1, 1, 1, 1, 2, 0, 2, 3, 3, 3, 2, 0, 3]
    assert wired.connectivity.delay_steps.tolist() == [1, 2, 2, 3, 3, 3, 2, 2, 2, 3, 3, 4, 3, 4]
    assert [weight.hex() for weight in wired.weights[:3].tolist()] == [
        "0x1.1cbd5d3e2403cp-3",
        "0x1.aafeae58dfe77p-1",
        "0x1.e9169580539b2p-2",
    ]


# -- parts of populations -----------------------------------------------------------------------------------


def test_parts_that_share_neurons_leave_out_what_they_share():
    parts = (np.arange(3, 43), np.arange(60, 20, -1))
    wired = Call(FixedTotalNumber(50_000), n_pre=40, n_post=40, same_population=True).run(parts=parts)

    counts = counts_of(wired)
    is_self = parts[0][:, np.newaxis] == parts[1]
    assert is_self.sum() == 22
    assert np.all((counts == 0) == is_self)
    assert stats.chisquare(counts[~is_self]).pvalue > 1e-4


def test_parts_that_share_no_neuron_have_all_pairs():
    call = Call(FixedTotalNumber(50), n_pre=1, n_post=1, same_population=True)

    assert call.run(parts=(np.array([3]), np.array([4]))).connectivity.n_syn == 50
    with pytest.raises(BadConnector, match="there is no pair to connect"):
        call.run(parts=(np.array([3]), np.array([3])))


# -- weights and delays of multapses ------------------------------------------------------------------------


def numbered(wired):
    """Pre, post and number of each synapse in canonical order."""
    connectivity = wired.connectivity
    pre, post = connectivity.pre_of_synapses().tolist(), connectivity.post_of_synapses().tolist()
    seen: dict[tuple[int, int], int] = {}
    numbers = []
    for pair in zip(pre, post, strict=True):
        numbers.append(seen.get(pair, 0))
        seen[pair] = numbers[-1] + 1
    return np.array(pre, int), np.array(post, int), np.array(numbers, int)


@each("by", ["pre", "post"])
@each(("n_pre", "n_post", "number"), [(4, 6, 900), (1, 1, 1000), (30, 50, 2000)])
def test_weights_of_multapses_are_draws_of_their_number(by, n_pre, n_post, number):
    """With one delay the canonical order is that in which they were drawn."""
    wired = Call(FixedTotalNumber(number), by, n_pre, n_post, weights=Normal(1.0, 2.0)).run()

    pre, post, numbers = numbered(wired)
    key = stream_key(42, 7, Stream.WEIGHTS)
    assert numbers.max() > 0
    assert wired.weights.tobytes() == sample(Normal(1.0, 2.0), key, pre, post, 0, numbers << 16).tobytes()


def test_delays_and_weights_of_one_multapse_stay_together():
    law, call = Uniform(1.0, 300.0), Call(FixedTotalNumber(900), n_pre=4, n_post=6, weights=Normal(0.0, 1.0))
    pre, post, numbers = numbered(call.run(by="post"))  # as drawn
    delays = np.rint(sample(law, stream_key(42, 7, Stream.DELAYS), pre, post, 0, numbers << 16))
    weights = sample(call.weights, stream_key(42, 7, Stream.WEIGHTS), pre, post, 0, numbers << 16)

    expected = sorted(zip(pre.tolist(), post.tolist(), weights.tolist(), delays.tolist(), strict=True))
    assert synapses(call.run(by="pre", delays=law)) == expected


def test_values_drawn_later_are_numbered_in_canonical_order():
    connectivity = Call(FixedTotalNumber(900), n_pre=4, n_post=6, delays=Uniform(1.0, 300.0)).run().connectivity

    pre, post, numbers = numbered(Call(FixedTotalNumber(900), n_pre=4, n_post=6, delays=Uniform(1.0, 300.0)).run())
    expected = sample(Normal(0.0, 1.0), 99, pre, post, 0, numbers << 16)
    assert drawn(connectivity, Normal(0.0, 1.0), key=99).tobytes() == expected.tobytes()
    assert len(set(expected.tolist())) > 890


def test_structure_is_the_same_whoever_has_the_rows():
    call = Call(FixedTotalNumber(2000))

    assert np.array_equal(counts_of(call.run(by="pre")), counts_of(call.run(by="post")))
    assert pairs(call.run(by="pre")) < {(pre, post) for pre in range(60) for post in range(45)}


# -- messages -----------------------------------------------------------------------------------------------


def message(**changes):
    call = {"n_pre": 80, "n_post": 20, **changes}
    with pytest.raises(BadConnector) as caught:
        Call(**call).run()
    return str(caught.value)


@each("number", [-1, 2.5, "3", None, True])
def test_number_that_is_no_count_is_refused(number):
    assert message(connector=FixedTotalNumber(number)) == (
        f"fixed_total_number(number={number!r}): number must be a whole number, 0 or more\n"
        "  in projection 'exc_to_inh' (80 -> 20)\n"
        "  help: e.g. fixed_total_number(1000)."
    )


def test_more_synapses_than_can_be_numbered_are_refused():
    assert message(connector=FixedTotalNumber(2**15 * 1600 + 1)) == (
        "fixed_total_number(number=52428801): there are only 1600 pairs, for 52428800 synapses\n"
        "  in projection 'exc_to_inh' (80 -> 20)\n"
        "  help: ask for at most 52428800."
    )


def test_synapses_without_a_pair_are_refused():
    assert message(connector=FixedTotalNumber(1), n_pre=0) == (
        "fixed_total_number(number=1): there is no pair to connect\n"
        "  in projection 'exc_to_inh' (0 -> 20)\n"
        "  help: ask for 0 synapses, or for larger populations."
    )
    assert message(connector=FixedTotalNumber(1), n_pre=1, n_post=1, same_population=True) == (
        "fixed_total_number(number=1): there is no pair to connect: "
        "a neuron may not connect to itself (allow_self_connections is off)\n"
        "  in projection 'exc_to_inh' (1 -> 1)\n"
        "  help: ask for 0 synapses, or for larger populations."
    )


def test_check_refuses_it_before_anything_is_drawn():
    arguments = {"n_pre": 1, "n_post": 1, "same_population": True, "allow_self": False, "parts": None}
    arguments |= {"delays": 1.0, "weights": 1.0, "dt_ms": 1.0, "where": "projection 'a'"}

    check(FixedTotalNumber(9), **arguments | {"allow_self": True})
    check(FixedTotalNumber(9), **arguments | {"parts": (np.array([1]), np.array([2]))})
    with pytest.raises(BadConnector, match="there is no pair"):
        check(FixedTotalNumber(9), **arguments)
