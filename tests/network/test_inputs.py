"""Populations that bring something into a network: tables by schedule, spikes that are given or drawn."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, UnknownAttribute
from tests.cases import check_each, each

RATES = np.arange(12.0).reshape(3, 2, 2) + 1.0
TRAINS = [[1.0, 1.1, 1.2, 2.0, 3.0], [], [0.0, 0.4, 7.0]]


def inputs(backend="c", threads=1):
    """Return a network with one input of each kind, which is recorded, and its monitors."""
    net = eg.Network(dt=0.5, seed=3)
    net.config(num_threads=threads)
    made = [
        eg.TimedArray(RATES, schedule=[0.0, 3.0, 5.0], period=8.0),
        eg.TimedPoissonPopulation(60, [0.0, 400.0, 100.0], [0.0, 5.0, 10.0], period=20.0),
        eg.TimedPoissonPopulation(3, RATES[:, 0, [0, 1, 1]] * 100.0, [1.0, 5.0, 10.0]),
        eg.HomogeneousCorrelatedSpikeTrains(40, [50.0, 100.0], 0.5, 10.0, schedule=[0.0, 20.0]),
        eg.PoissonPopulation(50, rates=200.0),
        eg.PoissonPopulation(50, rates="top*(1.0 + t/50.0)", parameters="top = 100.0", refractory=3.0),
        eg.SpikeSourceArray(TRAINS),
    ]
    found = [net.create(one, name=f"input{k}") for k, one in enumerate(made)]
    monitors = [net.monitor(one, "spike" if one.is_spiking else "r") for one in found]
    net.compile(backend=backend)
    return net, monitors


def recorded(monitors):
    return [monitor.get(monitor.variables[0], keep=True) for monitor in monitors]


def equal(some, others):
    return all(a == b if isinstance(a, dict) else np.array_equal(a, b) for a, b in zip(some, others, strict=True))


def test_inputs_in_mid_stream_go_on_in_other_processes_threads_and_backends(tmp_path):
    net, monitors = inputs()
    net.simulate(6.5)
    net.save(tmp_path / "six.npz")
    net.simulate(43.5)
    whole = recorded(monitors)
    for backend, threads in (("c", 3), ("numpy", 1)):
        other, its = inputs(backend, threads)
        other.simulate(50.0)
        assert equal(recorded(its), whole)
    again = eg.open(tmp_path / "six.npz")
    assert [type(one) for one in again.get_populations()] == [type(one) for one in net.get_populations()]
    again.simulate(43.5)
    assert equal(recorded(again.get_monitors()), whole)
    net.reset()
    net.simulate(50.0)
    assert equal(recorded(monitors), whole)


def test_rows_are_shown_from_their_time_on_and_again_after_the_period():
    net, monitors = inputs()
    post = eg.Neuron(equations="r = sum(exc)")
    net.simulate(12.0)
    shown = [0] * 6 + [1] * 4 + [2] * 6 + [0] * 6 + [1] * 2
    assert np.array_equal(monitors[0].get("r"), RATES[shown])
    late = eg.Network(dt=1.0)
    inp = late.create(eg.TimedArray([[1.0], [2.0], [3.0]], schedule=[2.0, 3.0, 5.0]))
    out = late.create(1, post)
    late.connect(inp, out, "exc").one_to_one()
    seen = late.monitor(out, "r")
    late.compile()
    late.simulate(8.0)
    assert seen.get("r").ravel().tolist() == [0, 0, 0, 1, 2, 2, 3, 3]  # one step after it is shown; the last one stays


def test_schedule_of_a_number_gives_each_row_as_long():
    for schedule, steps in ((0.0, 1), (1.0, 2)):
        net = eg.Network(dt=0.5)
        inp = net.create(eg.TimedArray(np.eye(3), schedule=schedule))
        seen = net.monitor(inp, "r")
        net.compile()
        net.simulate(4.0)
        expected = np.repeat(np.eye(3), steps, axis=0)
        assert np.array_equal(seen.get("r")[: 3 * steps], expected)


def test_rates_can_be_updated_before_and_after_compile():
    net = eg.Network(dt=1.0)
    inp = net.create(eg.TimedArray(geometry=2, schedule=2.0))
    inp.update(np.ones((2, 2)), schedule=2.0)
    net.compile()
    net.simulate(3.0)
    assert inp.r.tolist() == [1.0, 1.0]
    assert inp.block == 2
    inp.update([[5.0, 6.0], [7.0, 8.0], [9.0, 9.5]], reset=False, schedule=[0.0, 2.0, 4.0])
    assert inp.r.tolist() == [7.0, 8.0]  # at once, the row that was shown
    net.simulate(2.0)
    assert inp.r.tolist() == [9.0, 9.5]
    inp.update([[3.0, 4.0]], schedule=0.0)
    net.simulate(1.0)
    assert inp.r.tolist() == [3.0, 4.0]
    assert inp.clock == 1
    net.reset()
    assert inp.r.tolist() == [0.0, 0.0]
    assert inp.rates.tolist() == [[3.0, 4.0]]


def test_schedule_that_is_changed_in_mid_run_goes_on_by_the_clock():
    def shown(before, change, after):
        net = eg.Network(dt=1.0)
        inp = net.create(eg.TimedArray(np.arange(1.0, 5.0)[:, np.newaxis], **before))
        seen = net.monitor(inp, "r")
        net.compile()
        net.simulate(6.0)
        change(inp)
        net.simulate(after)
        return seen.get("r").ravel().astype(int).tolist()

    steady = [1, 1, 1, 1, 2, 2]
    assert shown({"schedule": 4.0}, lambda inp: inp.set({"schedule": 1.0}), 3) == [*steady, 4, 4, 4]
    longer = np.arange(1.0, 9.0)[:, np.newaxis]
    assert shown({"schedule": 4.0}, lambda inp: inp.update(longer, reset=False), 12)[6:] == [
        2,
        2,
        *[3] * 4,
        *[4] * 4,
        5,
        5,
    ]
    assert shown({"schedule": 2.0, "period": 12.0}, lambda inp: inp.set({"period": 5.0}), 6)[6:] == [4, 1, 1, 2, 2, 3]
    assert shown({"schedule": [0.0, 2.0, 2.4, 5.0]}, lambda inp: None, 1) == [1, 1, 2, 3, 3, 4, 4]
    few = [[7.0]]
    assert shown({"schedule": 2.0}, lambda inp: inp.update(few, schedule=[0.0], reset=False), 2)[6:] == [7, 7]


def test_rates_of_an_input_array_are_what_was_set():
    net = eg.Network(dt=1.0)
    inp = net.create(eg.InputArray((2, 2)))
    seen = net.monitor(inp, "r")
    net.compile()
    net.simulate(1.0)
    inp.r = [[1.0, 2.0], [3.0, 4.0]]
    net.simulate(2.0)
    assert seen.get("r", reshape=False).tolist() == [[0.0] * 4, [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]]


def test_neuron_spikes_in_the_steps_of_its_times_once_each():
    net, monitors = inputs()
    net.simulate(8.0)
    assert monitors[6].get("spike") == {0: [2, 4, 6], 1: [], 2: [0, 1, 14]}
    assert net.get_population("input6").spike_times == [[1.0, 2.0, 3.0], [], [0.0, 0.5, 7.0]]


def test_times_are_rounded_when_the_step_is_known():
    net = eg.Network(dt=0.5)
    source = net.create(eg.SpikeSourceArray([0.5, 1.0, 2.0]))
    copied = net.copy()
    for one in (net, copied):
        one.dt = 1.0
        seen = one.monitor(one.get_populations()[0], "spike")
        one.compile()
        one.simulate(4.0)
        assert seen.get("spike") == {0: [0, 1, 2]}
    assert source.spike_times == [[0.0, 1.0, 2.0]]


def test_spikes_can_be_added_and_replaced_while_the_clock_goes_on():
    net = eg.Network(dt=1.0)
    source = net.create(eg.SpikeSourceArray([[1.0, 5.0], [3.0]]))
    seen = net.monitor(source, "spike")
    net.compile()
    net.simulate(4.0)
    source.add_spikes([[6.0, 4.0], [7.0]])
    net.simulate(4.0)
    assert seen.get("spike") == {0: [1, 4, 5, 6], 1: [3, 7]}
    source.spike_times = [[2.0, 9.0]]
    net.simulate(4.0)
    assert seen.get("spike") == {0: [9], 1: []}
    net.reset()
    net.simulate(12.0)
    assert seen.get("spike") == {0: [2, 9], 1: []}
    with pytest.raises(InvalidArgument, match="the time 3 ms is over: the next step is at 12 ms"):
        source.add_spikes([[3.0], []])


@each("lists", ["source.spike_times", "source.spike_times[0]"])
def test_spike_times_that_are_read_can_not_be_changed_alone(lists):
    source = eg.Network(dt=1.0, seed=1).create(eg.SpikeSourceArray([[1.0, 5.0], [3.0]]), name="s")

    for call in (lambda read: read.append(9.0), lambda read: read.__setitem__(0, 7.0)):
        with pytest.raises(InvalidArgument, match=r"spike times .* of s are copies.*\n  help: s\.spike_times = "):
            call(eval(lists, {"source": source}))  # noqa: S307  texts of this file


def test_poisson_spikes_have_their_rates():
    net = eg.Network(dt=1.0, seed=5)
    wanted = np.linspace(5.0, 100.0, 20)
    several = net.create(eg.PoissonPopulation(20, rates=wanted))
    driver = net.create(10, eg.Neuron(equations="r = 30.0"))
    driven = net.create(eg.PoissonPopulation(10, target="exc"))
    net.connect(driver, driven, "exc").all_to_all(weights=0.1)
    fast = net.create(eg.HomogeneousCorrelatedSpikeTrains(20, 20.0, 0.4, 20.0))
    monitors = [net.monitor(one, "spike") for one in (several, driven, fast)]
    net.compile()
    net.simulate(100_000.0)
    rates, sums, correlated = (np.array([len(s) for s in m.get("spike").values()]) / 100.0 for m in monitors)
    assert np.all(np.abs(rates - wanted) < 5.0 * np.sqrt(wanted / 100.0))
    assert abs(sums.mean() - 30.0) < 5.0 * np.sqrt(30.0 / 1000.0)
    assert abs(correlated.mean() - 20.0) < 5.0 * np.sqrt(0.4 * 20.0 / 100.0)  # the common part does not average out


def test_correlation_of_trains_is_the_one_that_was_asked_for():
    net = eg.Network(dt=1.0, seed=5)
    trains = net.create(eg.HomogeneousCorrelatedSpikeTrains(50, 20.0, 0.4, 20.0))
    seen = net.monitor(trains, "spike")
    net.compile()
    net.simulate(100_000.0)
    counts = np.array([np.bincount(np.array(s) // 200, minlength=500) for s in seen.get("spike").values()])
    covariance = np.cov(counts)
    between = covariance[~np.eye(50, dtype=bool)].mean()
    expected = 0.4 * 20.0 * (0.2 - 0.02 * (1.0 - np.exp(-10.0)))  # of counts in 200 ms, where tau is 20
    assert between == pytest.approx(expected, rel=0.15)


def test_rates_of_drawn_spikes_can_be_updated():
    net = eg.Network(dt=1.0, seed=5)
    timed = net.create(eg.TimedPoissonPopulation(3, [1000.0, 0.0], [0.0, 3.0]))
    trains = net.create(eg.HomogeneousCorrelatedSpikeTrains(200, 1.0, 0.0, 10.0))
    seen, correlated = net.monitor(timed, "spike"), net.monitor(trains, "spike")
    net.compile()
    net.simulate(6.0)
    timed.update([0.0, 1000.0], schedule=[0.0, 2.0])
    trains.update(400.0, 0.0, tau=5.0)
    net.simulate(4.0)
    assert seen.get("spike") == {rank: [0, 1, 2, 8, 9] for rank in range(3)}  # it begins again in step 6
    assert trains.tau == 5.0
    steps = np.concatenate([*correlated.get("spike").values()])
    assert np.sum(steps < 6) < 10  # 1.2 are expected of 200 neurons in 6 ms
    assert 80 < np.sum(steps >= 6) < 185  # 131, as their rate approaches 400 Hz with tau: 80, 144, 195, 236


@each("compiled", [True, False])
def test_rates_and_correlations_of_trains_are_read_and_given_anew(compiled):
    net = eg.Network(dt=1.0, seed=5)
    one = net.create(eg.HomogeneousCorrelatedSpikeTrains(5, 20.0, 0.4, 20.0))
    two = net.create(eg.HomogeneousCorrelatedSpikeTrains(5, [5.0, 1e3], [1.0, 0.0], 20.0, schedule=[0.0, 50.0]))
    if compiled:
        net.compile()

    assert (one.rates, one.corr) == pytest.approx((20.0, 0.4), rel=1e-12)
    assert two.rates.tolist() == pytest.approx([5.0, 1e3], rel=1e-12)
    assert two.corr.tolist() == pytest.approx([1.0, 0.0], rel=1e-12)
    one.rates, two.corr = 30.0, 0.5
    fresh = net.copy() if compiled else net
    assert fresh.get_population(one.name).rates == pytest.approx(30.0, rel=1e-12)
    assert one.corr == pytest.approx(0.4, rel=1e-12)
    assert two.rates.tolist() == pytest.approx([5.0, 1e3], rel=1e-12)
    assert two.corr.tolist() == pytest.approx([0.5, 0.5], rel=1e-12)
    with pytest.raises(InvalidArgument, match="rates above 0 Hz"):
        one.rates = -1.0
    with pytest.raises(InvalidArgument, match="lists with one for each time"):
        two.rates = [1.0, 2.0, 3.0]


def test_input_that_is_made_without_a_network_waits_for_one():
    eg.clear()
    unused, given, used = eg.TimedArray(np.eye(2)), eg.TimedArray(np.eye(2)), eg.TimedArray(np.eye(2), name="used")
    assert "of no network yet" in repr(given)
    net = eg.Network()
    made = net.create(given, name="made")
    assert made in net
    assert [p.name for p in net.get_populations()] == ["made"]
    post = eg.Population(2, eg.Neuron(equations="r = sum(exc)"))
    projection = eg.Projection(used, post, "exc")
    projection.one_to_one()
    names = [p.name for p in eg.magic_network().get_populations()]
    assert names == [unused.name, "used", post.name]  # in the order in which they were made
    also = net.create(population=used, name="also")
    assert np.array_equal(also.rates, used.rates)
    assert also is not used
    eg.compile()
    eg.simulate(2.0)
    assert post.r.tolist() == [1.0, 0.0]
    eg.clear()


def test_what_an_input_can_not_be_is_refused():
    net = eg.Network()
    array = net.create(eg.TimedArray(np.zeros((2, 3))))
    spikes = net.create(eg.SpikeSourceArray([1.0]))
    cases = {
        "TimedArray needs rates": lambda: eg.TimedArray(),
        r"rates must be an array \(times": lambda: eg.TimedArray([[1, 2], [3]]),
        "rates have rows of shape": lambda: eg.TimedArray(np.zeros((2, 3)), geometry=4),
        "schedule has 3 times for 2 rows": lambda: eg.TimedArray(np.zeros((2, 3)), schedule=[0, 1, 2]),
        "schedule must be ascending": lambda: eg.TimedArray(np.zeros((2, 3)), schedule=[1, 0]),
        r"rates have rows of shape \(5,\)": lambda: array.update(np.zeros((2, 5))),
        "spike times of neuron 1": lambda: eg.SpikeSourceArray([[1.0], [-1.0]]),
        "spike times must be a list": lambda: eg.SpikeSourceArray("abc"),
        "spike times are given for 2 neurons, and there are 1": lambda: setattr(spikes, "spike_times", [[1], [2]]),
        "PoissonPopulation needs rates in Hz": lambda: eg.PoissonPopulation(3),
        "not both": lambda: eg.PoissonPopulation(3, rates=1.0, target="exc"),
        "expected an array of shape": lambda: eg.PoissonPopulation(3, rates=[1.0, 2.0]),
        "rates above 0 Hz": lambda: eg.HomogeneousCorrelatedSpikeTrains(3, 0.0, 0.1, 10.0),
        "rates must be finite": lambda: eg.TimedArray([[np.nan]]),
        "period must be a number of ms": lambda: eg.TimedArray(np.zeros((2, 3)), period=None),
        "schedule must be a number or a list": lambda: eg.TimedArray(np.zeros((2, 3)), schedule=[[1], [2, 3]]),
        r"expected ms, 0 to 1e\+12": lambda: eg.SpikeSourceArray([1e300]),
        "rates are in Hz, 0 or more": lambda: eg.PoissonPopulation(3, rates=-1.0),
        "belongs to no network yet": lambda: net.connect(eg.TimedArray(np.eye(3)), array, "exc"),
        "belongs to a network already": lambda: net.create(net.create(3, eg.LeakyIntegrator)),
    }

    def check(message, call):
        with pytest.raises(InvalidArgument, match=message):
            call()

    check_each([*cases.items()], check)
    with pytest.raises(UnknownAttribute, match="update"):
        array.r = 1.0
    with pytest.raises(UnknownAttribute, match="spike_times"):
        spikes.steps = [1]
    with pytest.raises(UnknownAttribute, match="spike_times"):
        spikes[0:1].first = 1
    with pytest.raises(UnknownAttribute, match="computed in every step"):
        net.create(eg.PoissonPopulation(3, rates="10.0*t")).rates = 5.0
    with pytest.warns(UserWarning, match="the last one is not shown"):
        eg.TimedArray(np.zeros((2, 3)), schedule=[1.0])


def test_what_would_change_nothing_is_said():
    net = eg.Network(dt=1.0, seed=1)
    inp = eg.TimedArray(rates=np.eye(2))
    kept = net.create(inp)
    p, s = net.create(eg.PoissonPopulation(2, rates=5.0)), net.create(eg.SpikeSourceArray([[1.0], [2.0]]))
    for use in (lambda: inp.update(np.ones((1, 2))), lambda: net.monitor(inp, "r"), lambda: inp.size):
        with pytest.raises(InvalidArgument, match="keep what create.. returned"):
            use()
    net.compile(backend="numpy")
    net.simulate(5.0)
    with pytest.raises(InvalidArgument, match="rates are in Hz, 0 or more, not -5.0"):
        p.rates = -5.0
    with pytest.warns(UserWarning, match="all spike times are over, the next step is at 5 ms"):
        s.spike_times = [[1.0], [2.0]]
    assert kept.size == 2


def test_rate_at_which_an_input_has_fired_sets_nothing_and_says_what_does():
    net = eg.Network(dt=1.0, seed=1)
    inp = net.create(eg.PoissonPopulation(4, rates=10.0), name="inp")
    times = net.create(eg.SpikeSourceArray([[1.0], [2.0]]), name="times")
    for one, said in ((inp, "inp.rates = 50.0 sets the rates"), (times, r"times.spike_times = \[...\] gives")):
        for write in (lambda one: setattr(one, "r", 50.0), lambda one: one.r.__setitem__(0, 50.0)):
            with pytest.warns(
                eg.EngramWarning, match=f"the rate at which it has fired: it sets nothing\n  help: {said}"
            ):
                write(one)
    with pytest.raises(UnknownAttribute, match="did you mean 'rates'"):
        inp.rate = 50.0
    rates = inp.rates
    for write in (lambda: rates.__isub__(100.0), lambda: rates.__setitem__(0, -1.0), lambda: inp[0].set({"rates": -1})):
        with pytest.raises(InvalidArgument, match="rates are in Hz, 0 or more"):
            write()
    assert inp.rates.tolist() == [10.0] * 4
