"""Snapshots: the state of a network in memory, to go back to and on from."""

import pickle

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, LoadWarning, NotCompiled, StateMismatch

NOISY = eg.Neuron(
    "tau = 10.0 : population",
    "tau*dv/dt = -v + g_exc + Uniform(0.0, 1.2)",
    spike="v > 0.6",
    reset="v = 0.0",
    refractory=2.0,
)
LEARNS = eg.Synapse("rate = 0.01 : projection", "", pre_spike="g_target += w ; w = w + rate*Uniform(0.0, 1.0)")


def noisy(delays=3.0, monitors=True):
    net = eg.Network(dt=1.0, seed=5)
    p = net.create(20, NOISY, name="p")
    net.connect(p, p, "exc", LEARNS, name="c").fixed_probability(0.3, weights=0.1, delays=delays)
    if monitors:
        net.monitor(p, ["v", "spike"], name="m")
    net.compile()
    net.simulate(13.0)
    return net


@pytest.mark.parametrize("delays", [3.0, eg.DiscreteUniform(1, 6)])
def test_restored_any_number_of_times_it_goes_on_to_the_bit(delays):
    net = noisy(delays)
    net.default_rng.random(3)
    taken, here = net.snapshot(), net.digest()
    assert taken.digest == here
    net.simulate(20.0)
    there = net.digest()
    for _ in range(3):
        net.restore(taken)
        assert (net.digest(), net.time) == (here, 13.0)
        net.simulate(20.0)
        assert net.digest() == there


def test_values_wiring_and_delays_that_changed_since_are_as_they_were():
    net = noisy()
    taken, here = net.snapshot(), net.digest()
    p, c = net.get_population("p"), net.get_projection("c")
    p.v, p.tau = 0.1, 5.0
    c.delay = 5.0
    c.w = 0.7
    net.simulate(4.0)
    net.restore(taken)
    assert net.digest() == here
    assert net.load_report is None


def test_recordings_are_in_it():
    net = noisy()
    taken = net.snapshot()
    recorded = net.get_monitor("m").get("v")
    net.simulate(5.0)
    net.restore(taken)
    np.testing.assert_array_equal(net.get_monitor("m").get("v"), recorded)
    assert recorded.shape == (13, 20)


def test_what_a_fork_lacks_is_told_of_a_snapshot_and_kept():
    net = noisy()
    assert net.snapshot().fork().load_report is None
    eg.every(period=1.0, network=net)(lambda n: None)
    with pytest.warns(LoadWarning, match="loaded the snapshot at 13 ms: .* values, not exact\n  note: callback "):
        fork = net.snapshot().fork()
    assert "callback" in str(fork.load_report)


def test_callbacks_stay_the_scripts():
    net = noisy()
    taken = net.snapshot()
    eg.every(period=1.0, network=net)(lambda n: None)
    net.restore(taken)
    assert net.digest() == taken.digest


def test_other_monitors_or_another_network_are_refused():
    net = noisy(monitors=False)
    taken = net.snapshot()
    net.monitor(net.get_population("p"), "v", name="later")
    here = net.digest()
    with pytest.raises(
        StateMismatch, match=r"not what it was for the snapshot at 13 ms; nothing was restored"
    ) as error:
        net.restore(taken)
    assert error.value.differences == ("monitors/later: not in the snapshot: it would be empty",)
    assert net.digest() == here
    other = eg.Network(seed=1)
    other.create(4, NOISY, name="q")
    other.compile()
    with pytest.raises(StateMismatch, match="populations/q"):
        other.restore(taken)


def test_a_fork_goes_on_alike_and_with_another_seed_otherwise():
    net = noisy()
    taken = net.snapshot()
    net.simulate(20.0)
    same, other, again = taken.fork(), taken.fork(seed=7), taken.fork(seed=7)
    assert other.seed == 7
    for fork in (same, other, again):
        fork.simulate(20.0)
    assert same.digest() == net.digest()
    assert other.digest() == again.digest()
    assert not np.array_equal(other.get_population("p").v, net.get_population("p").v)


def test_it_is_a_value_that_can_be_pickled_and_saved(tmp_path):
    net = noisy()
    net.save(tmp_path / "then.npz")
    taken = net.snapshot()
    net.simulate(3.0)
    loaded = pickle.loads(pickle.dumps(taken))
    assert loaded.digest == taken.digest
    net.restore(loaded)
    loaded.save(tmp_path / "later.npz")
    assert (tmp_path / "later.npz").read_bytes() == (tmp_path / "then.npz").read_bytes()
    assert repr(taken).startswith("<snapshot at 13 ms: ")


def test_wrong_calls():
    net = eg.Network()
    net.create(2, NOISY, name="p")
    with pytest.raises(NotCompiled, match="snapshot"):
        net.snapshot()
    with pytest.raises(InvalidArgument, match=r"net.load\(path\)"):
        noisy().restore("a.npz")
