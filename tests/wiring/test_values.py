import math

import numpy as np
import pytest
from scipy import stats

from engram.state.distributions import DiscreteUniform, Exponential, Gamma, Normal, Uniform
from engram.state.draws import synapse_normal
from engram.state.streams import Stream, stream_key
from engram.telling import told
from engram.wiring.connectors import AllToAll, FixedProbability
from engram.wiring.errors import BadConnector
from engram.wiring.values import delay_steps_of, drawn, filled
from tests.cases import each
from tests.contracts.connector_contract import Call, assert_canonical


@each(
    ("delay_ms", "dt_ms", "steps"),
    [
        (0.0, 0.5, 1),
        (0.74, 0.5, 1),
        (0.76, 0.5, 2),
        (1.25, 0.5, 2),
        (1.75, 0.5, 4),
        (0.3, 0.1, 3),
        (10.0, 0.1, 100),
        (1e-9, 1.0, 1),
    ],
)
def test_delay_steps_of_rounds_half_to_even_and_is_at_least_one(delay_ms, dt_ms, steps):
    assert delay_steps_of(delay_ms, dt_ms) == steps


def test_delay_steps_of_takes_a_quotient_near_an_integer_as_that_one():
    tenths = np.arange(1, 1001)

    assert [delay_steps_of(k / 10, 0.1) for k in tenths] == tenths.tolist()


def delays_drawn(distribution, dt_ms=1.0, by="pre", **changes):
    return Call(AllToAll(), n_pre=200, n_post=100, delays=distribution, dt_ms=dt_ms, by=by, **changes).run()


@each("by", ["pre", "post"])
def test_delays_are_the_drawn_values_rounded(by):
    """The same stream drawn as values, rounded by Python."""
    distribution = Uniform(0.2, 7.0)
    connectivity = delays_drawn(distribution, dt_ms=0.3, by=by).connectivity

    values = drawn(connectivity, distribution, key=stream_key(42, 7, Stream.DELAYS))
    assert connectivity.delay_steps.tolist() == [delay_steps_of(value, 0.3) for value in values]
    assert_canonical(connectivity)


def test_delays_with_halves_are_rounded_to_even():
    connectivity = delays_drawn(DiscreteUniform(1, 20), dt_ms=2.0).connectivity

    occurring = np.unique(connectivity.delay_steps).tolist()
    assert occurring == sorted({delay_steps_of(d, 2.0) for d in range(1, 21)})


def test_random_delays_are_clipped_at_one_step():
    connectivity = delays_drawn(Normal(0.0, 2.0, max=9.0)).connectivity

    assert connectivity.delay_steps.min() == 1
    assert connectivity.delay_steps.max() <= 9
    assert 0.6 < np.mean(connectivity.delay_steps == 1) < 0.85


@each("low", [None, -3.0, 0.5, 1.7])
@each("has_generator", [False, True])
def test_delays_drawn_again_follow_the_law_from_one_step_on(low, has_generator):
    rng = np.random.default_rng(3) if has_generator else None
    connectivity = delays_drawn(Normal(1.0, 2.0, low, 6.0, rng, redraw=True), dt_ms=0.5).connectivity

    edges = np.clip(np.arange(0.25, 7.0, 0.5), max(0.5, low or 0.5), 6.0)  # between one step and the next
    probability = np.diff(stats.norm(1.0, 2.0).cdf(edges))
    found = np.bincount(connectivity.delay_steps, minlength=14)[1:14]
    is_possible = probability > 0
    expected = probability[is_possible] * connectivity.n_syn / probability.sum()
    assert stats.chisquare(found[is_possible], expected).pvalue > 1e-3
    assert not found[~is_possible].any()


def test_longest_possible_delay_is_kept():
    connectivity = delays_drawn(DiscreteUniform(65534, 65535)).connectivity

    assert set(connectivity.delay_steps.tolist()) == {65534, 65535}
    assert delays_drawn(65535.0).connectivity.delay_steps == 65535


def test_distribution_with_its_own_generator_is_drawn_from_it_in_row_order():
    wired = Call(
        FixedProbability(0.5),
        delays=Uniform(1.0, 9.0, rng=np.random.default_rng(1)),
        weights=Normal(0.0, 1.0, rng=np.random.default_rng(2)),
    ).run()

    connectivity = wired.connectivity
    steps = np.rint(np.random.default_rng(1).uniform(1.0, 9.0, connectivity.n_syn))
    by_pair = np.lexsort((connectivity.ranks, connectivity.rows()))
    assert_canonical(connectivity)
    assert connectivity.delay_steps[by_pair].tolist() == steps.tolist()
    weights = np.random.default_rng(2).normal(0.0, 1.0, connectivity.n_syn)
    assert wired.weights[by_pair].tolist() == weights.tolist()


@each("by", ["pre", "post"])
def test_weights_are_the_draws_of_their_pair(by):
    wired = Call(FixedProbability(0.5), by=by, weights=Normal(1.0, 2.0), delays=Uniform(1.0, 5.0)).run()

    connectivity = wired.connectivity
    pre, post = connectivity.pre_of_synapses(), connectivity.post_of_synapses()
    expected = 1.0 + 2.0 * synapse_normal(stream_key(42, 7, Stream.WEIGHTS), pre, post, 0, 0)
    assert wired.weights.tobytes() == expected.tobytes()


@each(
    ("distribution", "law"),
    [
        (Uniform(-1.0, 3.0), stats.uniform(-1.0, 4.0)),
        (Normal(2.0, 0.5), stats.norm(2.0, 0.5)),
        (Gamma(2.0, 3.0), stats.gamma(2.0, scale=3.0)),
    ],
)
def test_weights_follow_their_distribution(distribution, law):
    weights = Call(AllToAll(), n_pre=150, n_post=100, weights=distribution).run().weights

    assert stats.kstest(weights, law.cdf).pvalue > 1e-4


def test_filled_repeats_one_value():
    connectivity = Call(FixedProbability(0.5)).run().connectivity

    assert filled(connectivity, 0.1).tolist() == [0.1] * connectivity.n_syn


# -- messages -----------------------------------------------------------------------------------------------


def message(**changes):
    with pytest.raises(BadConnector) as caught:
        Call(AllToAll(), **changes).run()
    return str(caught.value)


def test_unbounded_delays_are_refused():
    assert message(delays=Exponential(0.1)) == (
        f"delays={Exponential(0.1)}: a distribution of delays needs an upper end\n"
        "  in projection 'exc_to_inh' (60 -> 45)\n"
        "  help: give it max=, in ms."
    )


def test_delays_of_which_too_few_are_one_step_or_longer_are_refused():
    law = Normal(-5.0, 1.6, max=3.0, redraw=True)  # all of it is likely enough
    assert message(delays=law, dt_ms=0.1) == (
        f"delays={law}: delays are drawn again until they lie between one step (0.1 ms) and 3 ms: "
        "its probability is 0.000717\n"
        "  in projection 'exc_to_inh' (60 -> 45)\n"
        "  help: it must be 0.001 or more: choose other bounds, or leave out redraw=True, which then clips."
    )
    law = Normal(0.2, 0.5, max=0.5, redraw=True)
    assert "between one step (1 ms) and 0.5 ms: its probability is 0\n" in message(delays=law)


def test_delays_below_zero_are_refused():
    assert message(delays=Normal(1.0, 1.0, max=-0.5)).startswith(
        "delays=Normal(1.0, 1.0, max=-0.5): all of these delays are below 0 ms\n"
    )


@each("number", [np.array(0.5), np.float32(0.5), np.array(0.5, np.float32), np.float64(0.5)])
def test_numbers_of_numpy_are_weights_and_delays(number):
    wired = Call(AllToAll(), weights=number, delays=4 * number).run()

    assert (wired.weights.dtype, wired.weights.shape, float(wired.weights)) == (np.float64, (), 0.5)
    assert wired.connectivity.delay_steps == 2


def test_weight_that_the_type_cannot_hold_is_refused():
    assert message(weights=1e39, weight_dtype=np.float32).startswith(
        "weights=1e+39: float32 holds numbers up to 3.4e+38"
    )


FLAGS = [True, np.True_, np.array(True)]
NO_NUMBERS = [math.nan, math.inf, "1", None, [1.0], 1j, np.array([1.0]), 10**400, *FLAGS]


@each("delays", [-1.0, *NO_NUMBERS])
def test_delays_that_are_no_time_are_refused(delays):
    assert message(delays=delays).startswith(
        f"delays={told(delays)}: delays must be a number of ms, 0 or more, or a distribution\n"
        "  in projection 'exc_to_inh' (60 -> 45)\n"
        "  help: "
    )


@each("delays", [6554.0, Uniform(1.0, 6554.0), Normal(1.0, 1.0, max=6554.0)])
def test_delays_of_too_many_steps_are_refused(delays):
    assert message(delays=delays, dt_ms=0.1) == (
        f"delays={delays}: 6554 ms are 65540 steps of dt=0.1 ms, and at most 65535 are possible\n"
        "  in projection 'exc_to_inh' (60 -> 45)\n"
        "  help: delays are in ms: use shorter ones, or a larger dt."
    )


def test_matrix_of_weights_is_named_by_its_shape():
    assert message(weights=np.ones((3, 2))) == (
        "weights=an array of shape (3, 2): weights must be a finite number or a distribution\n"
        "  in projection 'exc_to_inh' (60 -> 45)\n"
        "  help: from_matrix(weights) takes a matrix: a row per post neuron."
    )


@each("weights", NO_NUMBERS)
def test_weights_that_are_no_number_are_refused(weights):
    assert message(weights=weights).startswith(
        f"weights={told(weights)}: weights must be a finite number or a distribution\n"
        "  in projection 'exc_to_inh' (60 -> 45)\n"
        "  help: "
    )
