"""SPEC 5, 6.4, 8, Q11: populations that are disabled, what they emitted, and queues that are cleared.

Numbers marked [run] were measured on ANNarchy 5.0.4.1.
"""

import numpy as np
import pytest

import engram as eg
from engram.errors import NotCompiled
from tests.spec.running import clock, connected, sink, source, watch

COUNTER = eg.Neuron(equations="v = v + 1\ndg_exc/dt = 0", spike="modulo(v, 3) == 0", name="counter")
EVENTS = eg.Synapse(equations="dx/dt = 1", pre_spike="g_target += w ; n += 1", post_spike="m += 1", name="events")


def run(net, backend, steps, before, *probes):
    """Run and return for each probe the list of values after each step; ``before`` holds what to call before a step."""
    net.compile(backend=backend)
    seen = [[] for _ in probes]
    for step in range(steps):
        for call in before.get(step, ()):
            call()
        net.step()
        for values, probe in zip(seen, probes, strict=True):
            values.append(float(np.ravel(probe())[0]))
    return seen


def test_disabled_population_rests_with_the_synapses_that_end_there(backend):
    """[run]: 24 steps, disabled in steps 8 to 13."""
    net, one, other, proj = connected(source(*range(0, 24, 2)), COUNTER, EVENTS)
    monitor = net.monitor(other, ["v", "spike"])
    before = {8: [other.disable], 14: [other.enable]}
    v, g, x, n, m = run(
        net, backend, 24, before, lambda: other.v, lambda: other.g_exc, *(lambda a=a: proj.get(a)[0] for a in "xnm")
    )

    assert v == [*range(1, 9), *[8] * 6, *range(9, 19)]
    assert g == n == [0, 1, 1, 2, 2, 3, 3, 4, *[4] * 6, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9]
    assert x == v
    assert m == [0, 0, 1, 1, 1, 2, 2, 2, *[2] * 6, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6]
    assert monitor.get("spike")[0] == [2, 5, 14, 17, 20, 23]
    assert one.enabled


def test_spikes_that_arrive_at_a_disabled_population_are_lost(backend):
    net, _, other, _ = connected(source(*range(10)), sink())
    (g,) = run(net, backend, 8, {3: [other.disable], 6: [other.enable]}, lambda: other.g_exc)

    assert g == [0, 1, 2, 2, 2, 2, 3, 4]


def test_monitors_go_on_recording_a_disabled_population(backend):
    net, _, other, _ = connected(source(), COUNTER)
    monitor = net.monitor(other, "v")
    run(net, backend, 9, {3: [other.disable], 6: [other.enable]})

    assert monitor.get("v").ravel().tolist() == [1, 2, 3, 3, 3, 3, 4, 5, 6]


def test_disabled_in_the_step_of_a_spike_sends_it_once(backend):
    """Q11: one spike arrives once, though ANNarchy sends it in every step until the population is enabled."""
    net, one, other, _ = connected(source(3, 9), sink())
    before = {4: [one.disable], 8: [one.enable]}
    (g,) = run(net, backend, 16, before, lambda: other.g_exc)

    assert g == [0, 0, 0, 0, *[1] * 10, 2, 2]  # n stood still for four steps: 9 is step 13


def test_spikes_in_flight_when_their_population_is_disabled_arrive_on_time(backend):
    net, one, other, _ = connected(source(1, 2, 3), sink(), delays=4.0)
    (g,) = run(net, backend, 10, {3: [one.disable]}, lambda: other.g_exc)

    assert g == [0, 0, 0, 0, 0, 1, 2, 2, 2, 2]


def test_rates_of_a_disabled_population_stay_and_move_through_delays(backend):
    net, one, other, _ = connected(clock(), eg.Neuron(equations="r = sum(exc)"), delays=3.0)
    before = {5: [one.disable], 9: [one.enable]}
    there, here = run(net, backend, 13, before, lambda: one.r, lambda: other.r)

    assert there == [0, 1, 2, 3, 4, 4, 4, 4, 4, 9, 10, 11, 12]
    assert here == [0, 0, 0, *there[:10]]


def test_disabled_rate_neurons_keep_their_inputs_and_their_synapses_rest(backend):
    """[run] for y: synaptic equations rest while the population at their end does."""
    synapse = eg.Synapse(equations="y = y + 1")
    net, _, other, proj = connected(clock(), eg.Neuron(equations="r = sum(exc)"), synapse)
    total, y, r = run(
        net,
        backend,
        8,
        {3: [other.disable], 6: [other.enable]},
        lambda: other.sum("exc"),
        lambda: proj.y[0],
        lambda: other.r,
    )

    assert total == r == [0, 0, 1, 1, 1, 1, 5, 6]
    assert y == [1, 2, 3, 3, 3, 3, 4, 5]


def test_firing_rate_rests_while_disabled_and_is_that_of_the_window_afterwards(backend):
    """[run]: spikes in steps 2, 5 and 14, a window of 10 ms."""
    net, _, other, _ = connected(source(), COUNTER)
    other.compute_firing_rate(10.0)
    (r,) = run(net, backend, 19, {8: [other.disable], 14: [other.enable]}, lambda: other.r)

    assert r == [0, 0, 100, 100, 100, *[200] * 10, 100, 100, 200, 200]


def test_refractory_time_does_not_pass_while_disabled(backend):
    net = eg.Network(seed=1)
    pop = net.create(1, eg.Neuron(equations="v += 1", spike="v > 1", reset="v = 0", refractory=3.0))
    (v,) = run(net, backend, 12, {3: [pop.disable], 6: [pop.enable]}, lambda: pop.v)

    assert v == [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]


def test_global_equations_rest_too(backend):
    net = eg.Network(seed=1)
    pop = net.create(1, eg.Neuron(equations="s = s + 1 : population\nr = s"))
    (s,) = run(net, backend, 5, {2: [pop.disable], 4: [pop.enable]}, lambda: pop.s)

    assert s == [1, 2, 2, 2, 3]


def test_disabled_before_compile_stays_disabled_also_after_reset(backend):
    net, _, other, _ = connected(source(), COUNTER)
    other.disable()
    assert not other.enabled
    run(net, backend, 3, {})
    net.reset()
    net.simulate(3.0)

    assert (other.v.tolist(), other.enabled) == ([0.0], False)


def test_whether_a_population_is_enabled_is_saved(backend, tmp_path):
    nets = []
    for _ in range(2):
        net, one, other, _ = connected(source(1, 3, 6), COUNTER, delays=2.0)
        net.compile(backend=backend)
        nets.append((net, one, other))
    net, one, other = nets[0]
    net.simulate(4.0)
    one.disable()
    net.save(tmp_path / "a.npz")
    again = nets[1][0]
    report = again.load(tmp_path / "a.npz")
    for each in (net, again):
        each.simulate(6.0)

    assert report.exact
    assert [p.enabled for p in nets[1][1:]] == [False, True]
    assert again.digest() == net.digest()
    assert other.g_exc.tolist() == [2.0]


def test_clear_forgets_spikes_that_nobody_has_received(backend):
    net, one, other, _ = connected(source(1, 2, 5), sink(), delays=3.0)
    one.compute_firing_rate(5.0)
    g, r = run(net, backend, 10, {4: [one.clear]}, lambda: other.g_exc, lambda: one.r)

    assert g == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]  # of steps 1 and 2 nothing arrived: their spikes were due in 4 and 5
    assert r == [0, 200, 400, 400, 0, 200, 200, 200, 200, 200]
    one.clear()
    assert one.spike.tolist() == []


def test_clear_of_rates_makes_the_past_like_the_present(backend):
    net, one, other, _ = connected(clock(), eg.Neuron(equations="r = sum(exc)"), delays=3.0)
    (r,) = run(net, backend, 8, {5: [one.clear]}, lambda: other.r)

    assert r == [0, 0, 0, 0, 1, 4, 4, 4]


def test_clear_needs_a_compiled_network():
    net, one, _, _ = connected(source(1), sink())

    with pytest.raises(NotCompiled, match=r"clear\(\) needs a compiled network"):
        one.clear()
    assert watch(net, "numpy", 3, lambda: one.spike.tolist()) == [[], [0], []]
