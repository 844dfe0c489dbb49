"""SPEC 6: rate-coded and spiking synapses, timing of events, learning flags."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engram as eg
from engram.errors import EngramError, LanguageError
from tests.cases import each
from tests.spec.running import clock, connected, sink, source, watch

RATES = eg.Neuron(parameters="b = 0.0", equations="r = b")
SUMS = eg.Neuron(equations="r = sum(exc)")


# -- 6.1 rate-coded ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["sum", "max", "min", "mean"])
def test_operation_is_over_the_synapses_of_a_dendrite_and_is_added_to_the_sum(operation, backend):
    net = eg.Network(dt=1.0, seed=3)
    pre, post = net.create(5, RATES), net.create(9, SUMS)
    pre.b = [2.0, 4.0, -4.0, 0.5, -3.0]
    proj = net.connect(pre, post, "exc", eg.Synapse(operation=operation)).fixed_probability(0.3, eg.Uniform(-2, 2))
    net.connect(pre, post, "exc", eg.Synapse(psp="1000.0", operation="max")).all_to_all(1.0)
    found = watch(net, backend, 2, lambda: post.r)[1]
    reduce = {"sum": np.sum, "max": np.max, "min": np.min, "mean": np.mean}[operation]
    expected = np.full(9, 1000.0)  # and nothing for neurons without a dendrite
    for rank, ranks, w in zip(proj.post_ranks, proj.pre_ranks, proj.w, strict=True):
        expected[rank] += reduce(np.array(w) * np.array(pre.b)[ranks])

    np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert 0 < proj.size < 9
    assert min(map(len, proj.pre_ranks)) == 1


def test_psp_reads_both_sides_and_own_attributes(backend):
    net, pre, post, proj = connected(
        RATES,
        eg.Neuron(equations="r = sum(exc)\n m = 3.0"),
        eg.Synapse(parameters="gain = 2.0 : projection\n s = 5.0 : postsynaptic", psp="gain*w*pre.r*post.m + s + t"),
        w=0.5,
    )
    pre.b = 4.0

    assert watch(net, backend, 3, lambda: post.r[0]) == [5.0, 18.0, 19.0]
    assert proj.gain == 2.0


def test_synapse_between_rates_learns_with_semiglobal_thresholds(backend):
    """IBCM: one threshold per post neuron, weights that never get negative."""
    text = """
        tau*dtheta/dt + theta = post.r^2 : postsynaptic, exponential
        dw/dt = eta*post.r*(post.r - theta)*pre.r : min=0.0, explicit
    """
    synapse = eg.Synapse(parameters="eta = 0.1 : projection\n tau = 5.0 : projection", equations=text)
    net, pre, post, proj = connected(
        RATES, eg.Neuron(parameters="b = 0.0", equations="r = b + sum(none)"), synapse, w=0.3, n_pre=2, n_post=3
    )
    pre.b, post.b = [1.0, 2.0], [0.5, 1.0, 3.0]
    net.compile(backend=backend)
    theta, w = np.zeros(3), np.full((3, 2), 0.3)
    x, y = np.array([1.0, 2.0]), np.array([0.5, 1.0, 3.0])
    for _ in range(8):
        net.step()
        theta = theta + (1 - math.exp(-1 / 5)) * (y**2 - theta)
        w = np.maximum(w + 0.1 * (y * (y - theta))[:, None] * x, 0)
        np.testing.assert_allclose(proj.theta, theta, rtol=1e-13)
        np.testing.assert_allclose(proj.w, w, rtol=1e-12)

    assert (w[2] == 0).all()


# -- 6.2 spiking -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("g_target += w", [3, 6, 9]),
        ("g_target -= w", [-3, -6, -9]),
        ("g_target = w", [3, 3, 3]),
        ("g_target *= 2\n g_target += 1", [1, 3, 7]),
        ("g_target += w : max=5.0", [3, 5, 5]),
        ("g_target -= w : min=-4.0", [-3, -4, -4]),
        ("g_target = 2*g_target + w", [3, 9, 21]),
        ("", [3, 6, 9]),
        ("w = w", [3, 6, 9]),
        ("g_target += if g_target > 4: 100 else: w", [3, 6, 106]),
    ],
)
def test_statements_on_the_conductance(text, values, backend):
    net, _, post, _ = connected(source(0, 1, 2), sink(), eg.Synapse(pre_spike=text), w=3.0)

    assert watch(net, backend, 4, lambda: post.g_exc[0])[1:] == values


def test_conductance_is_changed_before_all_other_statements_of_an_event(backend):
    """Q3: copied."""
    net, _, post, proj = connected(source(0, 1), sink(), eg.Synapse(pre_spike="w = w + 5.0\n g_target += w"), w=1.0)
    g, w = watch(net, backend, 3, lambda: post.g_exc[0], lambda: proj.w[0][0])

    assert (g, w) == ([0, 1, 7], [1, 6, 11])


def test_conductances_are_clamped_after_all_that_adds_and_per_target(backend):
    net, pre, post, _ = connected(source(0, 1), sink(), eg.Synapse(pre_spike="g_target += w : max=2.0"), w=1.5)
    net.connect(pre, post, "exc").all_to_all(10.0)

    assert watch(net, backend, 3, lambda: post.g_exc[0]) == [0, 2.0, 2.0]


def test_gap_junctions_transmit_continuously_and_are_no_events(backend):
    neuron = eg.Neuron(parameters="start = 0.0", equations="v = v + 0.5*g_exc", spike="v > 1e9")
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(3, neuron)
    net.connect(pop, pop, "exc", eg.Synapse(psp="w*(pre.v - post.v)")).all_to_all(0.25)
    pop.v = [1.0, 2.0, 6.0]
    net.compile(backend=backend)
    v = np.array([1.0, 2.0, 6.0])
    for _ in range(6):
        net.step()
        v = v + 0.5 * 0.25 * (v[None, :] - v[:, None]).sum(1)
        np.testing.assert_allclose(pop.v, v, rtol=1e-14)

    assert pop.v.sum() == pytest.approx(9.0, rel=1e-14)


def test_synapse_may_have_a_psp_and_events(backend):
    net, _, post, _ = connected(source(1), sink(), eg.Synapse(psp="w", pre_spike="g_target += 100.0"), w=1.0)

    assert watch(net, backend, 4, lambda: post.g_exc[0]) == [1, 2, 103, 104]


UNLESS = eg.Synapse(pre_spike="g_target += w\n a += 1 : unless_post\n b += 1")


@pytest.mark.parametrize("delays", [1.0, 3.0])
def test_unless_post_skips_a_statement_when_both_spiked_in_one_step(delays, backend):
    """Section 19: engram follows the text."""
    net, _, _, proj = connected(source(1, 3, 9), source(3, 8), UNLESS, delays=delays)
    a, b = watch(net, backend, 13, lambda: proj.a[0][0], lambda: proj.b[0][0])

    assert (a[-1], b[-1]) == (2, 3)
    assert a.index(1) == b.index(1) == 1 + delays
    assert a.index(2) == b.index(3) == 9 + delays


def test_unless_post_holds_though_the_post_neuron_spiked_again_before_the_arrival(backend):
    net, _, _, proj = connected(source(3), source(3, 4), UNLESS, delays=2.0)
    a = watch(net, backend, 7, lambda: proj.a[0][0])

    assert a[-1] == 0


@each("operation", ["max", "min", "mean"])
def test_spikes_are_summed_up_only(operation):
    with pytest.raises(LanguageError, match="operation"):
        eg.Synapse(pre_spike="g_target += w", operation=operation)


def test_statements_for_axonal_spikes_need_a_neuron_that_has_some():
    with pytest.raises(LanguageError, match="`pre_axon_spike` needs a presynaptic neuron with `axon_spike`"):
        connected(source(1), sink(), eg.Synapse(pre_axon_spike="g_target += w"))


def test_bound_may_read_a_delayed_value(backend):
    net, _, _, proj = connected(clock(), clock(), eg.Synapse(equations="x = 100.0 : max=pre.r"), delays=3.0)

    assert watch(net, backend, 6, lambda: proj.x[0][0]) == [0, 0, 0, 1, 2, 3]


@each("block", ["pre_spike", "post_spike", "pre_axon_spike"])
def test_equations_in_events_are_refused(block):
    with pytest.raises(LanguageError):
        eg.Synapse(**{block: "dx/dt = -x"})
    with pytest.raises(LanguageError):
        eg.Neuron(equations="v = 1", spike="v > 2", reset="dv/dt = 1")


# -- 6.3 timing of events ----------------------------------------------------------------------------------


def test_event_driven_variable_decays_by_the_true_number_of_steps(backend):
    """Q2: mended. Spikes arrive in steps 3, 6 and 7."""
    synapse = eg.Synapse(equations="dx/dt = -x/10.0 : event-driven", pre_spike="g_target += x\n x += 1")
    net, _, post, proj = connected(source(2, 5, 6), sink(), synapse)
    x, g = watch(net, backend, 9, lambda: proj.x[0][0], lambda: post.g_exc[0])
    second = math.exp(-0.3) + 1
    third = second * math.exp(-0.1) + 1

    np.testing.assert_allclose(x, [0, 0, 0, 1, 1, 1, second, third, third], rtol=1e-14)
    np.testing.assert_allclose(g[6] - g[5], math.exp(-0.3), rtol=1e-14)
    np.testing.assert_allclose(g[7] - g[6], second * math.exp(-0.1), rtol=1e-14)


def test_event_driven_trace_is_read_at_the_other_side_with_the_time_that_has_passed(backend):
    """Pre event processed in step 7, post spike in step 8: exp(-0.1)."""
    synapse = eg.Synapse(equations="dx/dt = -x/10.0 : event-driven", pre_spike="x += 1", post_spike="seen = x")
    net, _, _, proj = connected(source(6), source(8), synapse)
    seen = watch(net, backend, 9, lambda: proj.seen[0][0])

    assert seen[8] == pytest.approx(math.exp(-0.1), rel=1e-14)


def test_event_driven_variable_goes_to_its_steady_state(backend):
    synapse = eg.Synapse(
        parameters="tau = 4.0 : projection\n rest = 2.0 : projection",
        equations="tau*dx/dt = rest - x : event-driven, init=10.0",
        pre_spike="seen = x",
    )
    net, _, _, proj = connected(source(1, 4), sink(), synapse)
    x, seen = watch(net, backend, 6, lambda: proj.x[0][0], lambda: proj.seen[0][0])

    assert x[:2] == [10.0, 10.0]  # as stored: nothing happened yet
    assert seen[2] == pytest.approx(2.0 + 8.0 * math.exp(-2.0 / 4.0), rel=1e-15)  # it held from the beginning
    assert seen[5] == pytest.approx(2.0 + 8.0 * math.exp(-5.0 / 4.0), rel=1e-15)


def test_event_driven_variable_that_both_sides_write_is_advanced_by_both(backend):
    synapse = eg.Synapse(equations="dx/dt = -x/5.0 : event-driven", pre_spike="x += 1.0", post_spike="x += 10.0")
    net, _, _, proj = connected(source(1), source(4), synapse)
    x = watch(net, backend, 6, lambda: proj.x[0][0])

    assert x[3] == 1.0
    assert x[4] == pytest.approx(math.exp(-2 / 5) + 10.0, rel=1e-14)


def test_short_term_plasticity_follows_its_closed_form(backend):
    synapse = eg.Synapse(
        parameters="tau_rec = 100.0 : projection\n tau_facil = 50.0 : projection\n U = 0.25",
        equations="""
            dx/dt = (1 - x)/tau_rec : init=1.0, event-driven
            du/dt = (U - u)/tau_facil : init=0.25, event-driven
        """,
        pre_spike="g_target += w*u*x\n x *= 1 - u\n u += U*(1 - u)",
    )
    times = (2, 7, 11, 30)
    net, _, post, _ = connected(source(*times), sink(), synapse, w=2.0)
    g = np.diff([0.0, *watch(net, backend, 33, lambda: post.g_exc[0])])
    x, u, last, expected = 1.0, 0.25, -(10**9), []
    for step in times:
        x = 1 + (x - 1) * math.exp(-(step - last) / 100)
        u = 0.25 + (u - 0.25) * math.exp(-(step - last) / 50)
        expected.append(2 * u * x)
        x, u, last = x * (1 - u), u + 0.25 * (1 - u), step

    np.testing.assert_allclose(g[[t + 1 for t in times]], expected, rtol=1e-12)


def test_times_of_spikes_are_those_of_their_emission(backend):
    """Section 19: in post_spike t - t_post is 0; in pre_spike t - t_pre is the delay."""
    synapse = eg.Synapse(pre_spike="a = t - t_pre\n b = t_post", post_spike="c = t - t_post\n d = t_pre")
    net, _, _, proj = connected(source(2), source(1, 6), synapse, delays=1.5, dt=0.5)
    a, b, c, d = watch(net, backend, 8, *(lambda name=name: proj.get(name)[0][0] for name in "abcd"))

    assert a[5] == 1.5
    assert b[5] == 0.5
    assert c == [0.0] * 8
    assert (d[1], d[6]) == (-5000.0, 1.0)


# -- 6.4 learning flags ------------------------------------------------------------------------------------

LEARNING = eg.Synapse(equations="dw/dt = 1.0\n dx/dt = 1.0")


def flags(backend, steps, change, synapse=LEARNING, spiking=False):
    if spiking:
        net, _, post, proj = connected(
            source(*range(20)), eg.Neuron(equations="n = n + 1\n v += g_exc", spike="n > 0"), synapse
        )
    else:
        net, pre, post, proj = connected(RATES, eg.Neuron(equations="v = v + sum(exc)\n r = 0"), synapse)
        pre.b = 1.0
    change(proj)
    w, x, v = watch(net, backend, steps, lambda: proj.w[0][0], lambda: proj.x[0][0], lambda: post.v[0])
    return w, x, v


def test_learning_is_on_unless_switched_off(backend):
    w, x, _ = flags(backend, 3, lambda proj: None)

    assert (w, x) == ([2, 3, 4], [1, 2, 3])


def test_update_false_freezes_continuous_equations(backend):
    w, x, v = flags(backend, 3, lambda proj: setattr(proj, "update", False))

    assert (w, x, v) == ([1, 1, 1], [0, 0, 0], [0, 1, 2])


def test_plasticity_false_freezes_the_weights_alone(backend):
    """Section 19."""
    w, x, v = flags(backend, 3, lambda proj: setattr(proj, "plasticity", False))

    assert (w, x, v) == ([1, 1, 1], [1, 2, 3], [0, 1, 2])


def test_transmission_false_freezes_everything(backend):
    """Section 19."""
    w, x, v = flags(backend, 3, lambda proj: setattr(proj, "transmission", False))

    assert (w, x, v) == ([1, 1, 1], [0, 0, 0], [0, 0, 0])


@pytest.mark.parametrize(
    ("flag", "expected"),
    [("plasticity", (1, 7, 3)), ("update", (8, 7, 12)), ("transmission", (1, 0, 0)), (None, (8, 7, 12))],
)
def test_flags_of_spiking_synapses(flag, expected, backend):
    """Spikes arrive in steps 1 to 3, the post neuron spikes in steps 0 to 3."""
    synapse = eg.Synapse(pre_spike="g_target += w\n w += 1\n x += 1", post_spike="w += 1\n x += 1")
    found = flags(backend, 4, lambda proj: flag and setattr(proj, flag, False), synapse, spiking=True)

    assert tuple(values[-1] for values in found) == expected


def test_disable_learning_stops_updates_of_rates_and_weights_of_spikes(backend):
    rate = flags(backend, 3, lambda proj: proj.disable_learning())
    synapse = eg.Synapse(pre_spike="g_target += w\n w += 1\n x += 1")
    spikes = flags(backend, 4, lambda proj: proj.disable_learning(), synapse, spiking=True)

    assert (rate[0], rate[1]) == ([1, 1, 1], [0, 0, 0])
    assert (spikes[0], spikes[1]) == ([1, 1, 1, 1], [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("period", "offset", "runs"), [(None, None, range(10)), (3.0, None, (0, 3, 6, 9)), (4.0, 2.0, (2, 6))]
)
def test_learning_period_runs_equations_so_often_and_so_far(period, offset, runs, backend):
    """Their dt is then the period."""
    w, x, _ = flags(backend, 10, lambda proj: proj.enable_learning(period, offset))
    far = period or 1.0

    assert x == [far * sum(step <= now for step in runs) for now in range(10)]
    assert w == [1.0 + value for value in x]


def test_learning_period_is_counted_in_whole_steps_and_can_change_live(backend):
    net, pre, _, proj = connected(RATES, SUMS, LEARNING, dt=0.1)
    pre.b = 1.0
    proj.enable_learning(period=0.3)  # int(0.3/0.1) is 2
    first = watch(net, backend, 7, lambda: round(proj.x[0][0], 9))
    proj.disable_learning()
    second = watch(net, backend, 3, lambda: round(proj.x[0][0], 9), compiled=True)
    proj.enable_learning()
    third = watch(net, backend, 2, lambda: round(proj.x[0][0], 9), compiled=True)

    assert first == [0.3, 0.3, 0.3, 0.6, 0.6, 0.6, 0.9]
    assert second == [0.9] * 3
    assert third == [1.0, 1.1]


@each("of_network", [False, True])
def test_learning_period_that_is_cut_to_whole_steps_is_said(of_network):
    net, _, _, proj = connected(RATES, SUMS, LEARNING, dt=0.1)
    net.connect(proj.pre, proj.post, "exc", LEARNING).all_to_all(1.0)

    with pytest.warns(UserWarning) as seen:
        (net if of_network else proj).enable_learning(period=0.25, offset=0.05)

    period, offset = (str(warning.message).split(": ", 1)[1] for warning in seen)  # once, for all projections
    advice = "\n  help: give a multiple of 0.1 ms, or make the network with a smaller dt."
    assert period == f"period: 0.25 ms are 2.5 steps of dt=0.1 ms: 0.2 ms are taken, 2 steps{advice}"
    assert offset == f"offset: 0.05 ms are 0.5 steps of dt=0.1 ms: 0 ms are taken, 0 steps{advice}"
    net.compile(backend="numpy")
    assert [proj._core.value(f"learning/{name}").item() for name in ("period", "offset")] == [2, 0]


def two_learning(backend):
    """A network and two projections that learn."""
    net, pre, _, first = connected(RATES, SUMS, LEARNING)
    second = net.connect(pre, net.create(1, SUMS), "exc", LEARNING).all_to_all(1.0, force_multiple_weights=True)
    net.compile(backend=backend)
    pre.b = 1.0
    return net, [first, second]


def test_learning_is_switched_for_all_projections_of_a_network_or_for_some(backend):
    net, both = two_learning(backend)
    seen = []
    for switch in (
        net.disable_learning,
        lambda: net.enable_learning(both[1:]),
        lambda: net.disable_learning(both[1]),
        lambda: net.enable_learning(period=2.0, offset=1.0),
    ):
        switch()
        net.simulate(2.0)
        seen.append([proj.x[0][0] for proj in both])

    assert seen == [[0.0, 0.0], [0.0, 2.0], [0.0, 2.0], [2.0, 4.0]]


@each(
    ("arguments", "said"),
    [
        (("exc",), "expected projections of this network, got 'exc'\n  help: give a list of them, or nothing for all"),
        (([None],), "expected projections of this network, got None"),
        ((None, 0.0), r"period must be at least one step \(1 ms\) and offset below it, not period=0.0, offset=None"),
        ((None, 2.0, 2.0), "offset below it, not period=2.0, offset=2.0"),
        ((None, "often"), "period: expected a number of ms, got 'often'"),
        ((None, 2.0, -1.0), "offset: expected ms, 0 or more, got -1.0"),
    ],
)
def test_learning_that_cannot_be_switched_so_stays_as_it_was(arguments, said):
    net, both = two_learning("numpy")
    net.disable_learning()
    before = net.digest()

    with pytest.raises(EngramError, match=said):
        net.enable_learning(*arguments)
    with pytest.raises(EngramError, match="expected projections of this network"):
        net.disable_learning([both[0], eg.Network(seed=1)])
    assert net.digest() == before


@pytest.mark.filterwarnings("ignore:.*is longer than")  # such a step shows which method made it
def test_learning_period_scales_every_method(backend):
    one_step = {
        **{"explicit": -1.0, "exponential": math.exp(-2.0), "semiimplicit": 1 / 3},
        **{"implicit": 1 / 3, "midpoint": 1.0, "rk4": 1 / 3},
    }
    text = "\n".join(f"dx_{name}/dt = -x_{name} : {name}, init=1.0" for name in one_step)
    net, _, _, proj = connected(RATES, SUMS, eg.Synapse(equations=text))
    proj.enable_learning(period=2.0)
    net.compile(backend=backend)
    net.step()

    assert {name: proj.get(f"x_{name}")[0][0] for name in one_step} == pytest.approx(one_step, rel=1e-14)


def test_clock_of_synapses_reads_the_present_time(backend):
    net, _, _, proj = connected(clock(), clock(), eg.Synapse(equations="x = t\n y = dt"), dt=0.5)
    x, y = watch(net, backend, 3, lambda: proj.x[0][0], lambda: proj.y[0][0])

    assert (x, y) == ([0.0, 0.5, 1.0], [0.5] * 3)
