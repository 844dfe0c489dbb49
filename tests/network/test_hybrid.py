"""Projections from rates to spikes and back."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from engram.language.errors import WrongKind

LIF = eg.Neuron(
    parameters="tau = 10.0 : population", equations="tau*dv/dt = -v + g_exc", spike="v > 1.0", reset="v = 0.0"
)
RATE = eg.Neuron(equations="r = sum(exc)")
DRIVE = eg.Neuron(parameters="base = 2.0", equations="r = base + 0.1*t")


def both_ways(backend="c", threads=1):
    """Return a network in which rates drive spiking neurons, beside spikes, and their rates are decoded."""
    net = eg.Network(dt=0.5, seed=3)
    net.config(num_threads=threads)
    drive, cells, out = net.create(40, DRIVE), net.create(40, LIF), net.create(7, RATE)
    poisson = net.create(eg.PoissonPopulation(30, rates=100.0))
    net.connect(poisson, cells, "exc").all_to_all(weights=eg.Uniform(0.0, 0.01))
    net.connect(drive, cells[5:20], "exc").fixed_probability(0.3, weights=eg.Uniform(0.0, 0.1))
    net.connect(eg.CurrentInjection(drive, cells, "exc")).connect_current()
    net.connect(poisson, cells[:30], "exc").one_to_one(weights=0.3, delays=2.0)
    net.connect(eg.DecodingProjection(cells, out, "exc", window=20.0)).all_to_all(weights=eg.Uniform(0.0, 1.0))
    monitors = net.monitor(cells, ["v", "g_exc", "spike"]), net.monitor(out, "r")
    net.compile(backend=backend)
    return net, monitors


def values(monitors):
    cells, out = (monitor.get(keep=True) for monitor in monitors)
    return cells["v"], cells["g_exc"], cells["spike"], out["r"]


def test_rates_and_spikes_meet_with_the_same_bits_everywhere(tmp_path):
    net, monitors = both_ways()
    net.simulate(30.0)
    net.save(tmp_path / "middle.engram")
    net.simulate(30.0)
    whole = values(monitors)
    for backend, threads in (("c", 3), ("numpy", 1)):
        other, its = both_ways(backend, threads)
        other.simulate(60.0)
        assert all(np.array_equal(a, b) for a, b in zip(values(its), whole, strict=True))
    again = eg.open(tmp_path / "middle.engram")
    again.simulate(30.0)
    assert all(np.array_equal(a, b) for a, b in zip(values(again.get_monitors()), whole, strict=True))


def test_current_is_the_rate_of_the_step_before():
    net = eg.Network(dt=1.0)
    inp, cells = net.create(eg.TimedArray([[1.0, 2.0], [3.0, 4.0]], schedule=[1.0, 2.0])), net.create(2, LIF)
    net.connect(eg.CurrentInjection(inp, cells, "exc")).connect_current()
    seen = net.monitor(cells, "g_exc")
    net.compile()
    net.simulate(4.0)
    assert seen.get("g_exc").tolist() == [[0, 0], [0, 0], [1, 2], [3, 4]]


def test_decoded_is_the_weighted_mean_of_the_rates_in_the_window():
    net = eg.Network(dt=0.5)
    trains = [np.arange(0.0, 50.0, 2.0), np.arange(0.0, 50.0, 5.0), []]
    cells, out = net.create(eg.SpikeSourceArray(trains)), net.create(1, RATE)
    net.connect(eg.DecodingProjection(cells, out, "exc", window=10.0)).from_matrix([[1.0, 4.0, 2.0]])
    net.compile()
    net.simulate(30.0)
    assert out.r.tolist() == [(1.0 * 500.0 + 4.0 * 200.0 + 2.0 * 0.0) / 3.0]


def test_spiking_neurons_read_sums_of_rates_beside_their_conductances():
    net = eg.Network(dt=1.0)
    both = eg.Neuron(equations="x = sum(mod)\ny = g_exc", spike="y > 5.0")
    drive, cells = net.create(2, DRIVE), net.create(2, both)
    net.connect(drive, cells, "mod").all_to_all(weights=1.0)
    net.connect(drive, cells, "exc").one_to_one(weights=0.5)
    seen = net.monitor(cells, ["x", "y", "sum(mod)"])
    net.compile()
    net.simulate(3.0)
    found = seen.get()
    assert found["x"][1:].tolist() == found["sum(mod)"][1:].tolist() == [[4.0, 4.0], [4.2, 4.2]]
    assert found["y"][1:].tolist() == [[1.0, 1.0], [1.05, 1.05]]


def test_projections_that_can_not_be_are_refused():
    net = eg.Network()
    cells, rates, few = net.create(3, LIF), net.create(3, RATE), net.create(2, RATE)
    poisson = net.create(eg.PoissonPopulation(3, target="exc"))
    with pytest.raises(InvalidArgument, match="the pre population 'pop0' must be rate-coded"):
        eg.CurrentInjection(cells, rates, "exc")
    with pytest.raises(InvalidArgument, match="connects neuron to neuron, not 2 and 3 neurons"):
        eg.CurrentInjection(few, cells, "exc")
    with pytest.raises(InvalidArgument, match="the post population 'pop0' must be rate-coded"):
        eg.DecodingProjection(cells, cells, "exc")
    cells.compute_firing_rate(10.0)
    with pytest.raises(InvalidArgument, match="computed over 10 ms, and here over 20 ms"):
        eg.DecodingProjection(cells, rates, "exc", window=20.0)
    eg.DecodingProjection(cells, rates, "exc", window=10.0)
    with pytest.raises(InvalidArgument, match="decodes 'pop0' over 10 ms, not 20"):
        cells.compute_firing_rate(20.0)
    with pytest.raises(InvalidArgument, match=r"spikes would arrive, and the neurons of 'pop3' read 'sum\(exc\)'"):
        net.connect(cells, poisson, "exc")
    with pytest.raises(WrongKind, match="a spiking synapse can't act on the rate-coded neuron"):
        net.connect(cells, rates, "exc", eg.Synapse(pre_spike="g_target += w"))
    other = eg.Network()
    with pytest.raises(InvalidArgument, match="connects populations of another network"):
        other.connect(eg.DecodingProjection(cells, rates, "exc", window=10.0))


def test_other_variables_of_spiking_neurons_reach_rate_coded_ones_without_a_firing_rate():
    net = eg.Network(dt=1.0, seed=1)
    cells, out = net.create(3, LIF), net.create(1, RATE)
    cells.v = [0.2, 0.4, 0.9]
    net.connect(cells, out, "exc", eg.Synapse(psp="pre.v", operation="mean")).all_to_all(1.0)
    seen = net.monitor(out, "r")
    net.compile()
    net.simulate(1.0)
    assert seen.get("r").tolist() == [[pytest.approx(0.5)]]
