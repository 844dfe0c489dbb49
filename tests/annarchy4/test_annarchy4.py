"""``from engram.annarchy4 import *``: what scripts for version 4 have otherwise than those for 5."""

import inspect

import numpy as np
import pytest

import engram as eg
import engram.annarchy4 as ann
from engram import annarchy
from engram.errors import InvalidArgument, RunFailed, WrongCall

pytestmark = pytest.mark.cc

SCRIPT = """
from engram.annarchy4 import *
setup(dt=0.5, seed=4, precision="double")
lif = Neuron(parameters="tau = 10.0\\nI = 20.0", equations="tau*dv/dt = -v + I + g_exc", spike="v > 15", reset="v = 0")
pop = Population((2, 5), lif, name="cells")
pop.I = Uniform(15.0, 30.0)
proj = Projection(pop, pop, "exc").connect_fixed_probability(0.5, weights=Uniform(0.0, 1.0))
m = Monitor(pop, ["v", "spike"])
compile()
simulate(50.0, progress_bar=False)
"""


@pytest.fixture
def names():
    ann.clear()
    found = {}
    exec(SCRIPT, found)  # noqa: S102  a star can only be imported at the top of a module
    yield found
    ann.clear()


def test_script_runs_after_its_import_was_changed(names):
    m, spikes = names["m"], names["m"].get("spike", keep=True)
    assert (names["np"].pi, names["os"].sep, names["sys"].argv is not None) == (np.pi, inspect.os.sep, True)
    assert m.get("v", keep=True).shape == (100, 10)
    assert m.get("v", keep=True, reshape=True).shape == (100, 2, 5)
    times, ranks = names["raster_plot"](spikes)
    assert np.array_equal(times, eg.raster_plot(spikes, dt=0.5)[0])
    assert len(ranks) == len(times) > 0
    assert names["mean_fr"](spikes, 50.0) == eg.mean_fr(spikes, 50.0, 0.5) == names["mean_fr"](spikes, 50.0, 0.5)
    assert set(annarchy.__all__) <= set(names)


BOLD = """
from engram.annarchy4 import *
from engram.annarchy4.extensions.bold import *
setup(dt=1.0, seed=4)
pop0, pop1 = Population(20, neuron=Izhikevich), Population(10, neuron=Izhikevich)
for pop in (pop0, pop1):
    pop.i_offset, pop.noise = 4.0, 5.0
    pop.compute_firing_rate(window=100.0)
m_bold = BoldMonitor(populations=[pop0, pop1], bold_model=balloon_RN, mapping={"I_CBF": "r"},
                     normalize_input=[200, 200], recorded_variables=["I_CBF", "BOLD"])
compile()
simulate(300.0)
m_bold.start()
simulate(500.0)
If_data, bold_data = m_bold.get("I_CBF"), m_bold.get("BOLD")
"""


def test_script_that_records_bold_runs_after_its_import_was_changed():
    ann.clear()
    found = {}
    exec(BOLD, found)  # noqa: S102  as above
    drive, signal = found["If_data"], found["bold_data"]
    assert drive.shape == signal.shape == (500, 1)
    assert not drive[:200].any()
    assert drive[200:].all()
    assert np.ptp(signal) > 0.0
    ann.clear()


def test_network_of_everything_runs_like_what_it_is_a_copy_of(names):
    net = ann.Network(everything=True)
    net.compile()
    net.simulate(50.0, progress_bar=False)
    pop, m = net.get([names["pop"], names["m"]])
    assert np.array_equal(m.get("v"), names["m"].get("v"))
    assert (type(pop), net.get_time(), net.get_current_step()) == (ann.Population, 50.0, 100)
    assert net.get(names["proj"]).w == names["proj"].w


def test_network_of_everything_has_the_weights_that_a_seed_of_their_own_gave(names):
    ann.clear()
    pop = ann.Population(10, names["lif"])
    proj = ann.Projection(pop, pop, "exc").connect_all_to_all(
        ann.Uniform(0.0, 1.0, seed=3), delays=ann.Uniform(1.0, 5.0)
    )
    first = ann.Network(everything=True)
    ann.compile()
    for net in (first, ann.Network(everything=True)):
        net.compile()
        assert (net.get(proj).w, net.get(proj).delay) == (proj.w, proj.delay)


def test_objects_are_added_one_after_another(names):
    net = ann.Network()
    net.add([names["pop"]])
    net.add([names["m"], names["pop"]])
    assert net.get_projections() == []
    net.set_seed(5)
    assert net.get(names["pop"]).size == 10
    with pytest.raises(InvalidArgument, match=r"objects can't be added after compile\(\), or after get\(\)"):
        net.add(names["proj"])
    with pytest.raises(InvalidArgument, match="was not added to the network"):
        net.get(names["proj"])
    with pytest.raises(InvalidArgument, match="projection 'proj0' needs population 'cells'"):
        ann.Network().add(names["proj"])


def test_callbacks_and_reports_have_the_arguments_of_version_4(names, tmp_path):
    called = []
    ann.every(10.0, 5.0, net_id=0)(called.append)
    ann.simulate(20.0, False, False, True)
    assert called == [0, 1]
    assert ann.report(str(tmp_path / "report.md"), net_id=0).endswith("report.md")


def counted(idx, net, gain, others=()):
    pop, m = net.get_population("cells"), net.get_monitors()[0]
    pop.I = pop.I * gain
    net.simulate(20.0)
    return idx, net.seed, sum(map(len, m.get("spike").values())), others


def test_function_runs_for_copies_of_all_that_there_is(names):
    found = ann.parallel_run(counted, number=2, gain=[1.0, 2.0], others=(3,), sequential=True)
    same = ann.parallel_run(counted, number=1, same_seed=True, gain=1.0, max_processes=1)
    assert [(idx, others) for idx, _, _, others in found] == [(0, (3,)), (1, (3,))]
    assert found[0][1] != found[1][1]
    assert 0 < found[0][2] < found[1][2]
    assert same[0][:2] == (0, ann.magic_network().seed)


def test_function_runs_for_copies_of_networks_as_they_stand(names):
    nets = [ann.Network(everything=True) for _ in range(2)]
    for seed, net in enumerate(nets):
        net.set_seed(seed)
        net.compile()
        net.simulate(10.0)
    found = ann.parallel_run(counted, networks=nets, gain=1.0, max_processes=1)
    assert [seed for _, seed, _, _ in found] == [0, 1]
    assert counted(1, nets[1], 1.0) == found[1]
    assert [net.get_time() for net in nets] == [10.0, 30.0]
    with pytest.raises(InvalidArgument, match="expected a list as networks=, or number="):
        ann.parallel_run(counted, gain=1.0)
    with pytest.raises(InvalidArgument, match="missing a required argument: 'gain'"):
        ann.parallel_run(counted, number=2)


def test_arguments_that_a_network_has_not_are_refused_in_words():
    with pytest.raises(WrongCall, match=r"Network\(\): unknown argument 'net_id'\n  help: it takes everything"):
        ann.Network(net_id=1)


def spikes_of(idx, net, obj):
    net.simulate(10.0)
    return sum(map(len, net.get(obj).get("spike", keep=True).values()))


def test_networks_themselves_run_one_after_another(names):
    m, magic, other = names["m"], ann.magic_network(), ann.Network(everything=True)
    magic.label = "kept"
    begun = [magic.get_time(), other.get_time()]
    found = ann.parallel_run(lambda i, net: (i, spikes_of(i, net, m)), networks=[magic, other], sequential=True)
    assert [magic.get_time() - begun[0], other.get_time() - begun[1]] == [10.0, 10.0]
    assert found == [
        (k, sum(map(len, one.get("spike", keep=True).values()))) for k, one in enumerate((m, other.get(m)))
    ]
    assert (magic.copy().label, other.get(m).name) == ("kept", m.name)
    with pytest.raises(RunFailed, match="(?s)run 1 .*: ZeroDivisionError.*parameters: 1, times=0") as failed:
        ann.parallel_run(lambda i, net, times: 1 / times, networks=[magic, other], sequential=True, times=[1, 0])
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


def named(idx, net, name):
    net.simulate(5.0)
    return idx, type(net).__name__, net.get(net.get_population(name)).name, net.get_time()


def test_copies_of_the_implicit_network_know_get_too(names):
    nets = [ann.magic_network(), ann.Network(everything=True)]
    assert ann.parallel_run(named, networks=nets, name="cells", max_processes=1) == [
        (0, "Network", "cells", 55.0),
        (1, "Network", "cells", 5.0),
    ]
    assert ann.get_time() == 50.0


def test_parts_of_what_was_copied_have_copies(names):
    pop, proj, net = names["pop"], names["proj"], ann.Network()
    post = proj.post_ranks[0]
    pre = proj[post].pre_ranks[0]
    net.add([pop[:4], pop[1, 2], proj[post], proj.synapse(pre, post)])
    assert (len(net.get_populations()), len(net.get_projections())) == (1, 1)
    net.compile()
    for view in (pop[:4], pop[0:2, 1:3], pop.neuron(3)):
        copy = net.get(view)
        assert (type(copy), copy.population) == (type(view), net.get(pop))
        assert (copy.ranks.tolist(), copy.geometry) == (view.ranks.tolist(), view.geometry)
    dendrite, synapse = net.get([proj[post], proj.synapse(pre, post)])
    assert dendrite.pre_ranks == proj[post].pre_ranks
    assert (dendrite.w[0], net.get(proj).w) == (synapse.w, proj.w)
    with pytest.raises(InvalidArgument, match="was not added to the network"):
        ann.Network().get(pop[:4])
