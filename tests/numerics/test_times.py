"""Times of spikes and their differences, in float32 too: ms are rounded once, differences are taken in steps."""

from __future__ import annotations

import numpy as np
import pytest

import engram as eg

BACKENDS = pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
PRECISIONS = pytest.mark.parametrize("real", [eg.float32, eg.float64], ids=["float32", "float64"])
AT_21 = eg.Neuron(equations="n = n + 1 : int, init=-1\n last = t_last", spike="n == 21", name="once")
EVENTS = eg.Synapse(
    pre_spike="before = t_pre\n waited = t - t_pre\n late = t_post - t_pre < 20.0",
    post_spike="after = t_post\n zero = t - t_post\n since = t_post - t_pre",
    name="times of spikes",
)
DAY_LATER = 288_000_000  # steps of 0.1 ms in 8 hours


def network(backend, real, post=AT_21):
    net = eg.Network(dt=0.1, seed=1)
    net.config(dtype=real)
    pre = net.create(1, AT_21, name="pre")
    proj = net.connect(pre, net.create(1, post, name="post"), "exc", EVENTS).all_to_all(1.0, delays=0.3)
    net.compile(backend=backend)
    return net, pre, proj


@BACKENDS
@PRECISIONS
def test_time_of_a_spike_is_its_step_times_dt_rounded_once(backend, real):
    net, pre, proj = network(backend, real)
    net.simulate(2.5)
    expected = real(21 * 0.1)

    assert [pre.last[0], proj.before[0][0], proj.after[0][0]] == [expected] * 3
    assert proj.zero == [[0.0]]
    assert proj.since == [[0.0]]


@BACKENDS
def test_refractory_steps_in_float32_are_those_of_the_milliseconds(backend):
    """Every time from 0.1 to 100.0 ms, of an attribute, which the kernel reads in float32."""
    ms = np.arange(1, 1001) / 10
    net = eg.Network(dt=0.1, seed=1)
    net.config(dtype=eg.float32)
    neuron = eg.Neuron("rest = 1.0", "v = 1.0", spike="v > 0.5", refractory="rest", name="rests")
    pop = net.create(1000, neuron, name="pop")
    pop.rest = ms
    net.compile(backend=backend)
    net.step()

    assert net._core.state["populations/pop/refractory_left"].tolist() == list(range(1, 1001))


@BACKENDS
@PRECISIONS
def test_time_since_a_spike_is_the_same_early_and_late_in_a_run(backend, real):
    """After 8 hours float32 numbers of ms are 2 apart; the clock of a network is moved with all its times."""
    equations = """
        n = n + 1 : int, init=-1
        since = t - t_last
        until = t_last - t
        left = t_last + rest - t
        less = t - (t_last + rest)
        more = x + t - t_last - 1
        twice = 2*t - t_last - t_last
        scaled = t/rest - t_last/rest
        curve = exp((t_last - t)/rest)
        called = own(t - t_last) + other(t, t_last)
        rests = t - t_last - rest < 0
        is_over = t > t_last + rest
        is_at = t_last == t - 0.5
    """
    functions = "own(x) = 2*x\nother(a, b) = a - b"
    neuron = eg.Neuron("rest = 2.0\nx = 0.25", equations, spike="n == 21", functions=functions, name="since")
    net = eg.Network(dt=0.1, seed=1)
    net.config(dtype=real)
    pop = net.create(1, neuron)
    net.compile(backend=backend)
    net.simulate(2.2)
    net.current_step += DAY_LATER
    for steps in range(1, 30):
        net.step()
        ms = real(steps * 0.1)
        found = {name: pop.get(name)[0] for name in pop.variables}

        assert (found["since"], found["until"], found["twice"]) == (ms, -ms, real(steps * 2 * 0.1))
        assert (found["left"], found["less"], found["more"]) == (2 - ms, ms - 2, ms - real(0.75))
        assert found["scaled"] == ms / 2
        assert found["curve"] == pytest.approx(np.exp(-ms / 2), rel=1e-6)
        assert found["called"] == pytest.approx(3 * ms, rel=1e-6)
        assert [found["rests"], found["is_over"], found["is_at"]] == [ms - 2 < 0, ms > 2, steps == 5]


@BACKENDS
@PRECISIONS
def test_times_between_spikes_of_a_pair_are_the_same_late_in_a_run(backend, real):
    net, _, proj = network(backend, real, eg.Neuron(equations="n = n + 1 : int, init=-1", spike="n == 52", name="52"))
    net.current_step = DAY_LATER
    net.simulate(6.0)

    assert proj.waited == [[real(3 * 0.1)]]
    assert proj.since == [[real(31 * 0.1)]]
    assert proj.late == [[1.0]]
