"""SPEC 2 and 7: the phases of a step, and delays."""

from __future__ import annotations

import numpy as np
import pytest

import engram as eg
from tests.cases import each
from tests.spec.running import clock, connected, sink, source, watch

# -- 2 the phases of a step --------------------------------------------------------------------------------


@each(("dt", "duration", "steps"), [(1.0, 2.1, 3), (0.5, 7.0, 14), (0.1, 0.7, 7), (0.1, 0.71, 8), (1.0, 0.0, 0)])
@pytest.mark.filterwarnings("ignore:.* ms are taken")
def test_number_of_steps_is_the_duration_rounded_up(dt, duration, steps):
    net = eg.Network(dt=dt, seed=1)
    net.create(1, clock())
    net.compile(backend="numpy")
    net.simulate(duration)

    assert net.current_step == steps
    assert net.time == round(steps * dt, 9)


def test_inputs_see_the_values_of_the_previous_step(backend):
    """Phase 2 comes before phase 5; a synaptic equation (phase 8) sees the present values."""
    net, _, post, proj = connected(
        clock(), eg.Neuron(equations="r = sum(exc)"), eg.Synapse(equations="x = 100*post.r + pre.r")
    )
    r, x = watch(net, backend, 4, lambda: post.r[0], lambda: proj.x[0][0])

    assert r == [0, 0, 1, 2]
    assert x == [0, 1, 102, 203]


def test_sums_are_zeroed_in_each_step_and_several_projections_add_up(backend):
    net, pre, post, _ = connected(clock("r = 1.0"), eg.Neuron(equations="r = sum(exc)"), w=2.0)
    net.connect(pre, post, "exc").all_to_all(3.0)

    assert watch(net, backend, 4, lambda: post.r[0]) == [0, 5, 5, 5]


def test_conductances_persist_and_are_recorded_after_arrival_and_before_decay(backend):
    """Q1."""
    net, _, post, _ = connected(source(1), sink("dg_exc/dt = -0.5*g_exc"), w=8.0)
    monitor = net.monitor(post, ["g_exc", "v"])
    net.compile(backend=backend)
    values = watch(net, backend, 5, lambda: post.g_exc[0], compiled=True)
    record = monitor.get()

    assert values == [0, 0, 4, 2, 1]
    assert record["g_exc"].ravel().tolist() == [0, 0, 8, 4, 2]
    assert record["v"].ravel().tolist() == [0, 0, 8, 4, 2]


def test_variables_that_are_no_inputs_are_recorded_at_the_end_of_the_step_whatever_their_name(backend):
    """A rate-coded neuron's g_mod, and what a spiking population has in common."""
    net = eg.Network(dt=1.0, seed=1)
    rate = net.create(1, eg.Neuron(equations="g_mod = t\nr = g_mod"))
    spiking = net.create(1, eg.Neuron(equations="g_all = t : population\ng_K = t\nv = 0.0", spike="v > 1"))
    monitors = [net.monitor(rate, ["g_mod", "r"]), net.monitor(spiking, ["g_all", "g_K"])]
    net.compile(backend=backend)
    net.simulate(3.0)
    found = {name: values.ravel().tolist() for m in monitors for name, values in m.get().items()}

    assert found == {"g_mod": [0, 1, 2], "r": [0, 1, 2], "g_all": [0, 1, 2], "g_K": [0, 0, 1]}


def test_sums_are_recorded_as_they_arrive(backend):
    net, _, post, _ = connected(clock(), eg.Neuron(equations="r = sum(exc)"))
    monitor = net.monitor(post, ["sum(exc)", "r"])
    net.compile(backend=backend)
    net.simulate(4)
    record = monitor.get()

    assert record["sum(exc)"].ravel().tolist() == record["r"].ravel().tolist() == [0, 0, 1, 2]


def test_first_sample_is_that_of_step_0(backend):
    net = eg.Network(dt=0.5, seed=1)
    monitor = net.monitor(net.create(1, clock()), "r")
    net.compile(backend=backend)
    net.simulate(2.0)

    assert monitor.get("r").ravel().tolist() == [0.0, 0.5, 1.0, 1.5]


def test_populations_spike_and_reset_before_later_ones_update(backend):
    """Within a step nobody sees another population's present values but through synaptic equations."""
    net = eg.Network(dt=1.0, seed=1)
    first = net.create(1, eg.Neuron(equations="v = v + 1", spike="v > 1", reset="v = -1"))
    second = net.create(1, eg.Neuron(equations="v = v + g_exc", spike="v > 100"))
    proj = net.connect(first, second, "exc", eg.Synapse(equations="x = pre.v")).all_to_all(1.0)
    v, x, got = watch(net, backend, 5, lambda: first.v[0], lambda: proj.x[0][0], lambda: second.v[0])

    assert v == [1, -1, 0, 1, -1]
    assert x == [1, -1, 0, 1, -1]
    assert got == [0, 0, 1, 1, 1]


def test_spike_of_a_post_neuron_is_treated_in_its_own_step_after_synaptic_equations(backend):
    net, _, _, proj = connected(source(), source(1), eg.Synapse(equations="x = x + 1", post_spike="y = x : init=-1.0"))
    x, y = watch(net, backend, 3, lambda: proj.x[0][0], lambda: proj.y[0][0])

    assert (x, y) == ([1, 2, 3], [-1, 2, 2])


# -- 7 delays ----------------------------------------------------------------------------------------------


@each(("given", "read"), [(0.0, 0.5), (0.74, 0.5), (0.76, 1.0), (1.25, 1.0), (1.3, 1.5), (4.0, 4.0)])
@pytest.mark.filterwarnings("ignore:.*a delay of .* is taken")
def test_delay_is_rounded_to_steps_and_at_least_one(given, read):
    net, _, _, proj = connected(clock(), clock(), delays=given, dt=0.5)
    net.compile(backend="numpy")

    assert proj.delay == read


@pytest.mark.parametrize("n", [1, 3])
def test_delayed_rate_is_that_of_so_many_steps_ago_in_sums_and_one_later_in_equations(n, backend):
    net, _, post, proj = connected(
        clock(), eg.Neuron(equations="r = sum(exc)"), eg.Synapse(equations="x = pre.r"), delays=3.0, n_pre=n
    )
    r, x = watch(net, backend, 6, lambda: post.r[0] / n, lambda: proj.x[0][0])

    assert r == [0, 0, 0, 0, 1, 2]
    assert x == [0, 0, 0, 1, 2, 3]  # in step 4 sum = value of step 1, x = value of step 2
    assert (r[4], x[4]) == (1, 2)


def test_history_is_filled_with_initial_values_and_again_by_reset(backend):
    net, pre, post, _ = connected(
        eg.Neuron(equations="r = t : init=7.0"), eg.Neuron(equations="r = sum(exc)"), delays=3.0
    )
    first = watch(net, backend, 5, lambda: post.r[0])
    net.reset()
    second = watch(net, backend, 5, lambda: post.r[0], compiled=True)

    assert first == second == [7, 7, 7, 0, 1]
    assert pre.r[0] == 4


def test_post_values_are_never_delayed(backend):
    net, _, _, proj = connected(clock(), clock(), eg.Synapse(equations="x = 10*post.r + pre.r"), delays=4.0)

    assert watch(net, backend, 6, lambda: proj.x[0][0]) == [0, 10, 20, 30, 41, 52]


def test_delays_of_each_synapse_are_kept_in_rates(backend):
    net = eg.Network(dt=1.0, seed=6)
    pre, post = net.create(5, clock()), net.create(4, eg.Neuron(equations="r = sum(exc)"))
    proj = net.connect(pre, post, "exc", eg.Synapse(equations="x = pre.r")).all_to_all(
        1.0, delays=eg.DiscreteUniform(1, 6)
    )
    net.compile(backend=backend)
    delays = np.array(proj.delay)
    for step in range(12):
        net.step()
        np.testing.assert_array_equal(post.r, np.maximum(step - delays, 0).sum(1))
        np.testing.assert_array_equal(proj.x, np.maximum(step - delays + 1, 0))

    assert len(set(delays.ravel().tolist())) == 6


def test_random_delays_are_at_least_one_step():
    net = eg.Network(dt=0.5, seed=6)
    pre, post = net.create(50, clock()), net.create(4, clock())
    proj = net.connect(pre, post, "exc").all_to_all(1.0, delays=eg.Normal(0.5, 1.0, max=3.0))
    net.compile(backend="numpy")
    delays = np.array(proj.delay)

    assert delays.min() == 0.5
    assert delays.max() == 3.0


@pytest.mark.parametrize("delay", [0.0, 1.0, 2.0, 5.0])
def test_spike_of_step_n_arrives_in_step_n_plus_delay(delay, backend):
    net, _, post, _ = connected(source(2, 3), sink(), delays=delay)
    g = watch(net, backend, 10, lambda: post.g_exc[0])
    first = 2 + max(1, int(delay))

    assert [k for k in range(1, 10) if g[k] > g[k - 1]] == [first, first + 1]


def test_delays_of_each_synapse_are_kept_in_spikes(backend):
    net = eg.Network(dt=0.5, seed=6)
    pre, post = net.create(6, source(1)), net.create(3, sink())
    proj = net.connect(pre, post, "exc").all_to_all(1.0, delays=eg.Uniform(0.5, 4.0))
    net.compile(backend=backend)
    delays = np.round(np.array(proj.delay) / 0.5)
    for step in range(12):
        net.step()
        np.testing.assert_array_equal(post.g_exc, (step >= delays + 1).sum(1))

    assert len(set(delays.ravel().tolist())) > 3


def test_reset_drops_spikes_in_flight(backend):
    net, _, post, _ = connected(source(2), sink(), delays=5.0)
    net.compile(backend=backend)
    net.simulate(4)
    net.reset()
    g = watch(net, backend, 9, lambda: post.g_exc[0], compiled=True)

    assert g == [0] * 7 + [1, 1]
