"""What opening and loading say and do at the edges; ``tests/resume/test_opened.py`` opens many networks."""

import pickle

import numpy as np
import pytest

import engram as eg
from engram.errors import LoadWarning, StateMismatch, UnsupportedFile
from tests.network.small import LIF, spiking

TRACES = eg.Synapse("tau = 20.0 : projection", "dx/dt = -x/tau : event-driven", pre_spike="g_target += w ; x += 0.1")


def connected(n=10, synapse=None, **recipe):
    net = eg.Network(dt=1.0, seed=1)
    p = net.create(n, LIF, name="p")
    net.connect(p, p, "exc", synapse, name="c").all_to_all(**{"weights": 0.5, **recipe})
    net.compile()
    return net


def test_population_without_a_value_per_neuron_is_opened(tmp_path):
    net = eg.Network(seed=1)
    net.create(1, eg.Neuron("f = 0.1 : population", "r = sin(f*t) : population"), name="b")
    net.compile()
    net.save(tmp_path / "b.npz")

    assert eg.open(tmp_path / "b.npz").digest() == net.digest()


def test_file_without_monitors_is_opened_without_them_and_one_without_projections_is_not(tmp_path):
    net, *_ = spiking()
    net.monitor(net.get_population("p"), "v", name="m")
    net.save(tmp_path / "some.npz", monitors=False)
    net.save(tmp_path / "none.npz", projections=False)

    opened = eg.open(tmp_path / "some.npz")
    assert opened.get_monitors() == []
    opened.simulate(1.0)
    with pytest.raises(UnsupportedFile, match="no values of 1 projections, 'c' the first"):
        eg.open(tmp_path / "none.npz")


def test_another_backend_is_said_and_recorded(tmp_path):
    net = connected()
    net.save(tmp_path / "c.npz")
    with pytest.warns(LoadWarning, match="backend c in the file, numpy in the network"):
        opened = eg.open(tmp_path / "c.npz", backend="numpy")

    assert not opened.load_report.exact
    opened.save(tmp_path / "numpy.npz")
    assert eg.open(tmp_path / "numpy.npz").digest() == net.digest()


def test_what_no_file_holds_is_named(tmp_path):
    net = connected()
    net.mine = 5
    eg.every(period=1.0, network=net)(lambda n: None)
    report = net.save(tmp_path / "a.npz")
    with pytest.warns(LoadWarning) as caught:
        opened = eg.open(tmp_path / "a.npz")

    attributes = "attributes of the network's own: mine"
    assert report.not_saved[-1] == opened.load_report.not_saved[-1] == attributes
    assert str(caught[0].message).count("callback '<lambda>' every 1 ms") == 1  # not said again among what files lack
    assert "callback '<lambda>' every 1 ms is of the saved network alone" in str(caught[0].message)
    assert not opened.load_report.exact
    with pytest.warns(UserWarning, match="a copy has no callbacks"):
        net.copy()
    with pytest.warns(UserWarning, match="a copy has no callbacks"):
        pickle.dumps(connected_with_callback())


def connected_with_callback():
    net = connected()
    eg.every(period=1.0, network=net)(print)
    return net


@pytest.mark.cc
def test_generator_of_the_script_gives_way_to_a_recipe_of_the_file(tmp_path):
    saved = connected(weights=eg.Uniform(0.0, 1.0))
    saved.save(tmp_path / "a.npz")
    loading = connected(weights=eg.Uniform(0.0, 1.0, seed=5))

    assert loading.load(tmp_path / "a.npz", exact=True).exact
    for net in (saved, loading):
        net.reset(synapses=True)
    assert loading.digest() == saved.digest()


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_recipe_is_adopted_where_the_rules_differ_and_the_report_names_it(tmp_path):
    saved, loading = connected(weights=eg.Uniform(0.0, 1.0)), connected(synapse=TRACES, weights=0.25)
    saved.save(tmp_path / "a.npz")
    report = loading.load(tmp_path / "a.npz")

    assert (report.model_changed, report.reconnected) == (("projections/c",), ("projections/c",))
    assert "equations (none) in the file, dx/dt = -x/tau : event-driven in the network" in str(report)
    saved.reset(synapses=True)
    loading.reset(synapses=True)
    assert np.array_equal(loading.get_projection("c").array("w"), saved.get_projection("c").array("w"))


@pytest.mark.parametrize("n", [9, 11])
def test_other_sizes_are_no_damage_where_traces_stand_per_neuron(tmp_path, n):
    connected(10, TRACES).save(tmp_path / "a.npz")
    with pytest.raises(StateMismatch, match=rf"populations/p: geometry \(10,\) in the file, \({n},\) in the network"):
        connected(n, TRACES).load(tmp_path / "a.npz")


def test_constant_that_nobody_reads_is_no_difference(tmp_path):
    nets = [eg.Network(seed=1) for _ in range(2)]
    nets[0].constant("unused", 4.0)
    for k, net in enumerate(nets):
        net.create(2, eg.Neuron(equations="r = 1.0"), name="p")
        net.compile()
        net.save(tmp_path / f"{k}.npz")

    assert nets[1].load(tmp_path / "0.npz", exact=True).exact
    assert nets[0].load(tmp_path / "1.npz", exact=True).exact


def test_synapses_whose_start_follows_another_value_are_drawn_again():
    net = connected(3, eg.Synapse("y = Uniform(0.1, 0.9)", "z = z + 0.0*y : init=y", pre_spike="g_target += w*z"))
    before = net.digest()
    net.simulate(3.0)
    net.reset(synapses=True)

    assert net.digest() == before


def test_views_that_begin_alike_are_told_apart(tmp_path):
    def network(ranks):
        net = eg.Network(seed=1)
        p = net.create(60, LIF, name="p")
        net.connect(p[ranks], p, "exc", name="c").all_to_all(1.0)
        net.monitor(p[ranks], "v", name="m")
        net.compile()
        return net

    network([3, 1, 2, 50, 40, 9]).save(tmp_path / "a.npz")
    with pytest.raises(
        StateMismatch, match=r"ranks\), 9 at place 5 in the file, .*ranks\), 8 at place 5 in the network"
    ):
        network([3, 1, 2, 50, 40, 8]).load(tmp_path / "a.npz")
