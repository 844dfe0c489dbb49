import numpy as np
import pytest

from engram.blueprint.values import CONNECTORS
from engram.errors import CompileError, EngramError
from engram.state.distributions import Uniform
from engram.state.streams import Stream, stream_key
from engram.wiring.connect import check
from engram.wiring.connectors import (
    AllToAll,
    FixedNumberPost,
    FixedNumberPre,
    FixedProbability,
    OneToOne,
)
from engram.wiring.errors import BadConnector
from engram.wiring.kinds import KINDS
from tests.cases import each
from tests.contracts.connector_contract import CASES, Call, ConnectorContract, bits, pairs, synapses
from tests.wiring.reference import number_row, probability_row


class TestConnectors(ConnectorContract):
    """In C and in NumPy."""


def test_every_connector_has_a_case():
    assert {type(case.connector) for case in CASES} == {*CONNECTORS.values()}


def test_a_kind_that_nobody_knows_is_refused(monkeypatch):
    """Were it taken for another one, it would give other synapses, or none."""
    monkeypatch.setattr(AllToAll, "kind", len(KINDS))
    with pytest.raises(IndexError):
        Call(AllToAll()).run()

    monkeypatch.setattr("engram.wiring.pattern.KINDS", (*KINDS, KINDS[0]))  # there is a row, but nothing that draws it
    with pytest.raises((CompileError, KeyError)):
        Call(AllToAll()).run()


def rows_of(wired):
    connectivity = wired.connectivity
    return [row.tolist() for row in np.split(connectivity.ranks, connectivity.row_start[1:-1])]


# -- exactly which synapses ---------------------------------------------------------------------------------


@each(("n_pre", "n_post"), [(5, 5), (3, 6), (6, 3)])
@each("by", ["pre", "post"])
def test_all_to_all_without_self_leaves_out_the_diagonal(n_pre, n_post, by):
    every = {(pre, post) for pre in range(n_pre) for post in range(n_post)}
    call = Call(AllToAll(), n_pre=n_pre, n_post=n_post, by=by)

    assert pairs(call.run()) == every
    assert pairs(call.run(same_population=True, allow_self=True)) == every
    assert pairs(call.run(same_population=True)) == {(pre, post) for pre, post in every if pre != post}


@each(("n_pre", "n_post"), [(5, 5), (3, 6), (6, 3)])
@each("by", ["pre", "post"])
def test_one_to_one_connects_equal_ranks_even_in_one_population(n_pre, n_post, by):
    call = Call(OneToOne(), n_pre=n_pre, n_post=n_post, by=by, same_population=True)

    assert pairs(call.run()) == {(k, k) for k in range(min(n_pre, n_post))}


@each("p", [1e-9, 0.003, 0.1, 0.5, 0.97, 1 - 1e-12])
@each("no_self", [False, True])
def test_fixed_probability_equals_the_reference(p, no_self):
    wired = Call(FixedProbability(p), n_pre=40, n_post=150, same_population=no_self).run()

    key = stream_key(42, 7, Stream.CONNECTOR)
    assert rows_of(wired) == [probability_row(key, row, 150, p, row if no_self else None) for row in range(40)]


@each("number", [0, 1, 17, 63, 64, 65, 128, 149])
@each("no_self", [False, True])
def test_fixed_number_equals_the_reference(number, no_self):
    call = Call(FixedNumberPost(number), n_pre=20, n_post=150, same_population=no_self)
    key = stream_key(42, 7, Stream.CONNECTOR)
    expected = [number_row(key, row, 150, number, row if no_self else None) for row in range(20)]

    post = call.run()
    pre = call.run(connector=FixedNumberPre(number), n_pre=150, n_post=20, by="post")

    assert rows_of(post) == expected
    assert rows_of(pre) == expected


def test_fixed_number_with_many_columns_comes_out_sorted():
    wired = Call(FixedNumberPost(300), n_pre=3, n_post=1_000_000).run()

    key = stream_key(42, 7, Stream.CONNECTOR)
    assert rows_of(wired) == [number_row(key, row, 1_000_000, 300, None) for row in range(3)]


def test_fixed_probability_zero_and_one_are_exact():
    call = Call(FixedProbability(1.0), n_pre=70, n_post=70)

    assert call.run().connectivity.n_syn == 4900
    assert call.run(same_population=True).connectivity.n_syn == 4830
    assert call.run(connector=FixedProbability(0.0)).connectivity.n_syn == 0
    assert call.run(connector=FixedProbability(5e-324)).connectivity.n_syn == 0


@each("connector", [FixedProbability(0.3), FixedProbability(1.0)])
def test_forbidding_self_connections_changes_no_other_pair(connector):
    call = Call(connector, n_pre=50, n_post=50, same_population=True)

    with_self = pairs(call.run(allow_self=True))

    assert pairs(call.run()) == {(pre, post) for pre, post in with_self if pre != post}


@each(
    ("connector", "row_start", "ranks", "delay_steps", "weights"),
    [
        (
            FixedProbability(0.4),
            [0, 1, 3, 7, 11],
            [5, 0, 2, 5, 0, 4, 3, 4, 0, 1, 5],
            [1, 2, 4, 2, 3, 3, 4, 2, 3, 3, 3],
            ["0x1.63b68e49107f9p-1", "0x1.09bf29c7d505cp-3", "0x1.463c72966b055p-1"],
        ),
        (
            FixedNumberPre(2),
            [0, 2, 6, 9, 12],
            [2, 4, 0, 3, 5, 2, 1, 0, 3, 4, 1, 5],
            [3, 3, 2, 2, 2, 4, 1, 3, 4, 2, 3, 3],
            ["0x1.4f3235fad32f7p-1", "0x1.06e90f98341a5p-1", "0x1.09bf29c7d505cp-3"],
        ),
    ],
)
def test_connect_gives_the_known_answer(connector, row_start, ranks, delay_steps, weights):
    """Frozen: a change here changes every network that is built again from its script."""
    call = Call(connector, n_pre=4, n_post=6, same_population=True, seed=1, uid=2)

    wired = call.run(delays=Uniform(1.0, 4.0), weights=Uniform(0.0, 1.0))

    assert wired.connectivity.row_start.tolist() == row_start
    assert wired.connectivity.ranks.tolist() == ranks
    assert wired.connectivity.delay_steps.tolist() == delay_steps
    assert [weight.hex() for weight in wired.weights[:3].tolist()] == weights


# -- weights and delays -------------------------------------------------------------------------------------


def test_weights_one_number_stays_one_number_unless_forced():
    call = Call(AllToAll(), weights=0.25)

    single = call.run()
    forced = call.run(force_multiple_weights=True)

    assert single.weights.shape == ()
    assert single.weights[()] == 0.25
    assert forced.weights.shape == (60 * 45,)
    assert np.all(forced.weights == 0.25)


def test_delays_one_number_stays_one_number():
    wired = Call(AllToAll(), delays=0.25, dt_ms=0.1).run()

    assert wired.connectivity.delay_steps.shape == ()
    assert wired.connectivity.delay_steps == 2
    assert wired.connectivity.delay_steps.dtype == np.uint16


def test_synapses_that_two_connectors_share_have_equal_weights_and_delays():
    call = Call(AllToAll(), n_pre=30, n_post=30, delays=Uniform(1.0, 9.0), weights=Uniform(0.0, 1.0))

    every = set(synapses(call.run()))
    some = set(synapses(call.run(connector=FixedProbability(0.2))))

    assert some < every


def test_threads_of_the_engine_give_the_same_bits():
    """Large enough for several threads without any patching."""
    call = Call(FixedProbability(0.2), n_pre=1500, n_post=1300, delays=Uniform(1.0, 9.0), weights=Uniform(0.0, 1.0))

    assert bits(call.run(threads=3)) == bits(call.run())
    assert bits(call.run(threads=2, by="post")) == bits(call.run(by="post"))


# -- messages -----------------------------------------------------------------------------------------------


def message(**changes):
    call = {"connector": AllToAll(), "n_pre": 800, "n_post": 200, **changes}
    with pytest.raises(BadConnector) as caught:
        Call(**call).run()
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, EngramError)
    return str(caught.value)


@each("p", [1.2, -0.1, float("nan")])
def test_fixed_probability_outside_the_unit_interval_is_refused(p):
    assert message(connector=FixedProbability(p)) == (
        f"fixed_probability(probability={p}): probability must lie in [0, 1]\n"
        "  in projection 'exc_to_inh' (800 -> 200)\n"
        "  help: for every possible pair use all_to_all()."
    )


@each("p", ["0.1", None, True, 1j])
def test_fixed_probability_that_is_no_number_is_refused(p):
    assert message(connector=FixedProbability(p)).startswith(
        f"fixed_probability(probability={p!r}): probability must be a number\n"
    )


@each("number", [-1, 2.5, "3", None, False])
def test_fixed_number_that_is_no_count_is_refused(number):
    text = message(connector=FixedNumberPre(number))

    assert text.startswith(f"fixed_number_pre(number={number!r}): number must be a whole number, 0 or more\n")


def test_fixed_number_larger_than_the_population_is_refused():
    assert message(connector=FixedNumberPre(801)) == (
        "fixed_number_pre(number=801): there are only 800 pre neurons\n"
        "  in projection 'exc_to_inh' (800 -> 200)\n"
        "  help: ask for at most 800."
    )
    assert message(connector=FixedNumberPost(201)).startswith("fixed_number_post(number=201): there are only 200 post")
    assert message(connector=FixedNumberPost(200), n_pre=200, same_population=True) == (
        "fixed_number_post(number=200): there are only 199 post neurons besides the neuron itself "
        "(allow_self_connections is off)\n"
        "  in projection 'exc_to_inh' (200 -> 200)\n"
        "  help: ask for at most 199."
    )


def test_check_refuses_what_connect_refuses_and_warns_of_different_sizes():
    arguments = {"n_pre": 8, "n_post": 5, "same_population": False, "allow_self": False}
    arguments |= {"delays": 1.0, "weights": 1.0, "dt_ms": 1.0, "where": "projection 'a'"}

    check(FixedProbability(0.5), **arguments)
    with pytest.raises(BadConnector, match=r"probability must lie in \[0, 1\]"):
        check(FixedProbability(2.0), **arguments)
    with pytest.warns(UserWarning, match="the first 5 neurons are connected") as warned:
        check(OneToOne(), **arguments)

    assert str(warned[0].message).endswith("in projection 'a' (8 -> 5)\n  help: pre[:5] is a view that has as many.")
