"""The clock of a network, read and set: SPEC 12."""

import numpy as np
import pytest

import engram as eg
from engram.errors import EngramError, InvalidArgument, UnknownAttribute
from tests.network.small import spiking
from tests.spec.running import clock, connected, sink, source

BURSTING = eg.Neuron(
    parameters="every = 5 : int",
    equations="n = n + 1 : int, init=-1\nv = g_exc\n5.0*dg_exc/dt = -g_exc : exponential",
    spike="modulo(n, every) == 0",
    refractory=1.0,
)
STDP = eg.Synapse(
    parameters="tau = 7.0 : projection",
    equations="tau*dx/dt = -x : event-driven\ntau*dy/dt = -y : event-driven",
    pre_spike="g_target += w ; x += 1.0 ; w += 0.01*y",
    post_spike="y += 1.0 ; w += 0.02*x*exp((t_pre - t_post)/tau)",
)


def remembering(backend):
    """A network without random draws and without t, that remembers in every way there is."""
    net = eg.Network(dt=0.5, seed=1)
    one, other = net.create(3, BURSTING, name="one"), net.create(2, BURSTING, name="other")
    proj = net.connect(one, other, "exc", STDP, name="stdp").all_to_all(0.5, delays=4.0)
    net.connect(other, one, "exc", name="back").all_to_all(0.3, delays=1.5)
    rates = net.create(2, eg.Neuron(equations="x = x + 1\nr = modulo(x, 7) + sum(exc)"), name="rates")
    net.connect(rates, rates, "exc", name="late").all_to_all(0.1, delays=3.0)
    other.compute_firing_rate(6.0)
    net.compile(backend=backend)
    one.every, other.every = [5, 7, 11], [6, 13]
    return net, proj


def values(net):
    """All that users see."""
    owners = [*net.get_populations(), *net.get_projections()]
    return {f"{o.name}.{a}": np.asarray(o.get(a)).tolist() for o in owners for a in o.attributes}


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
@pytest.mark.parametrize("steps", [1000, 3, 2**31 - 20, 2**32 - 20])
def test_network_goes_on_as_if_the_clock_had_not_been_set(steps, backend):
    (net, _), (other, _) = remembering(backend), remembering(backend)
    seen = []
    for each in (net, other):
        each.simulate(20.0)
        if each is other:
            each.current_step = steps
        seen.append([])
        for _ in range(40):
            each.step()
            seen[-1].append(values(each))

    assert other.current_step == steps + 40
    assert seen[0] == seen[1]


def test_time_in_equations_is_the_new_one():
    net = eg.Network(dt=0.5, seed=1)
    pop = net.create(1, clock())
    net.compile(backend="numpy")
    net.simulate(3.0)
    net.time = 100.5
    net.step()

    assert pop.r.tolist() == [100.5]
    assert (net.time, net.current_step, net.get_time()) == (101.0, 202, 101.0)


def test_spikes_in_flight_arrive_as_much_later():
    net, one, other, _ = connected(source(1), sink(), delays=4.0)
    net.compile(backend="numpy")
    net.simulate(3.0)
    net.current_step = 0
    g = []
    for _ in range(4):
        net.step()
        g.append(other.g_exc[0])

    assert g == [0.0, 0.0, 1.0, 1.0]
    assert one.spike.tolist() == []


def test_monitors_go_on_in_their_rhythm_and_keep_what_they_have():
    net = eg.Network(seed=1)
    pop = net.create(1, clock())
    monitor = net.monitor(pop, "r", period=4.0)
    net.compile(backend="numpy")
    net.simulate(6.0)
    net.current_step = 101
    net.simulate(5.0)

    assert monitor.times() == {"r": {"start": [0, 101], "stop": [6, 106]}}
    assert monitor.get("r").ravel().tolist() == [0.0, 4.0, 103.0]


def test_clock_that_was_set_is_saved(tmp_path):
    (net, _), (other, _) = remembering("numpy"), remembering("numpy")
    net.simulate(9.0)
    net.current_step = 77
    net.save(tmp_path / "a.npz")

    assert other.load(tmp_path / "a.npz").exact
    for each in (net, other):
        each.simulate(9.0)
    assert other.digest() == net.digest()


def test_clock_may_be_set_before_compile_and_reset_sets_it_to_0():
    net = eg.Network(seed=1)
    pop = net.create(1, clock())
    monitor = net.monitor(pop, "r")
    net.current_step = 30
    net.compile(backend="numpy")
    net.simulate(2.0)

    assert monitor.get("r").ravel().tolist() == [30.0, 31.0]
    net.reset()
    assert net.current_step == 0


def test_step_in_ms_can_be_set_before_compile():
    net = eg.Network(seed=1)
    net.dt = 0.25
    net.create(1, clock())
    assert net.dt == 0.25
    net.compile(backend="numpy")

    with pytest.raises(InvalidArgument, match="only num_threads can be changed after compile"):
        net.dt = 0.5
    with pytest.raises(InvalidArgument, match="dt: expected ms, more than 0, got 'fast'"):
        eg.Network().dt = "fast"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("current_step", -1, r"current_step: expected a whole number from 0 to 2\^53, got -1"),
        ("current_step", 1.0, "expected a whole number"),
        ("current_step", None, "expected a whole number"),
        ("current_step", True, "expected a whole number"),
        ("current_step", 10**30, "expected a whole number"),
        ("time", 0.3, "time: expected a multiple of 1 ms, got 0.3"),
        ("time", -1.0, "time: expected ms, 0 or more, got -1.0"),
        ("time", "now", "time: expected a number of ms, got 'now'"),
        ("time", float("nan"), "time: expected a finite number of ms, got nan"),
        ("time", 10**40, r"time: 1\d* ms are more than 2\^53 steps of 1 ms"),
        ("seed", 3, r"'seed' of a network can't be assigned\n  help: config\(seed=...\) before compile\(\) sets it"),
        ("default_rng", 3, "'default_rng' of a network can't be assigned\n  help: choose another name"),
        ("compiled", False, "'compiled' of a network can't be assigned"),
        ("simulate", 3, "'simulate' of a network can't be assigned"),
    ],
)
def test_clock_that_cannot_be_stays_as_it_was(name, value, said):
    net = spiking(compiled=False)[0]
    net.compile(backend="numpy")
    net.simulate(3.0)
    before = net.digest()

    with pytest.raises(EngramError, match=said):
        setattr(net, name, value)
    assert net.digest() == before
    net.simulate(1.0)
    assert net.current_step == 4


def test_users_keep_what_they_like_in_a_network():
    net = eg.Network(seed=1)
    net.exc = net.create(3, clock())

    assert net.exc.size == 3
    with pytest.raises(UnknownAttribute, match="'name' of monitor 'Monitor_pop0' can't be assigned"):
        net.monitor(net.exc, "r").name = "other"
    with pytest.raises(UnknownAttribute, match="has no attribute 'perod'\n  help: did you mean 'period'"):
        net.get_monitor("Monitor_pop0").perod = 3


def test_clock_of_the_implicit_network_is_set_by_functions():
    eg.set_seed(7)
    eg.Population(1, clock())
    eg.compile(backend="numpy")
    eg.set_time(5.0)
    assert eg.get_current_step() == 5
    eg.set_current_step(8)

    assert eg.get_time() == 8.0
    assert eg.magic_network().seed == 7
