"""What scripts for ANNarchy write and engram takes: keywords, numbers of networks, and methods beside attributes."""

import inspect
from pathlib import Path

import pytest

import engram as eg
from engram.errors import ClearedNetwork, InvalidArgument, UnknownAttribute, WrongCall
from engram.spellings import NO_EFFECT, OTHER_NAMES
from tests.cases import check_each
from tests.network.small import LEAKY

pytestmark = pytest.mark.cc


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    eg.clear()
    net = eg.Network(seed=1, dt=0.5)
    cells = net.create(3, LEAKY, name="cells")
    net.connect(cells, cells, "exc", name="loop").all_to_all(0.1)
    net.monitor(cells, "r")
    yield net
    eg.clear()


CALLS = """
eg.load(filename="a.npz", pickle_encoding="latin1", net_id=net.id).exact
pop.save(filename="b.npz").path == pop.load(filename="b.npz", pickle_encoding=None).path
proj.save(filename="b.npz").path == proj.load(filename="b.npz").path
eg.save_parameters(filename="c.json", net_id=net.id) is None
eg.load_parameters(filename="c.json", net_id=net.id) == {}
eg.simulate(1.0, progress_bar=False, show_monitor_memory_estimate=False, net_id=net.id) is None
net.simulate(1.0, progress_bar=False) is None
(eg.get_time(net_id=net.id), eg.get_time(net_id=0), eg.get_time()) == (4.0, 0.0, 0.0)
(eg.get_current_step(net_id=net.id), eg.dt(net_id=net.id), eg.dt()) == (8, 0.5, 1.0)
(eg.set_time(5.0, net_id=net.id), net.get_time(), net.get_current_step()) == (None, 5.0, 10)
eg.set_current_step(12, net_id=net.id) is net.set_current_step(13) is None and net.current_step == 13
net.set_time(8.0) is None and net.time == 8.0
(eg.get_population("cells", net_id=net.id), eg.get_projection("loop", net_id=net.id)) == (pop, proj)
(eg.populations(net_id=net.id), eg.populations()) == ([pop], [])
(eg.projections(post=pop, net_id=net.id), eg.projections(target="inh", net_id=net.id)) == ([proj], [])
eg.monitors(pop, net_id=net.id) == eg.monitors(net_id=net.id) == net.get_monitors() != eg.monitors()
(eg.magic_network(net_id=net.id) is net, eg.magic_network() is net) == (True, False)
eg.callbacks_enabled(net_id=net.id) is True
eg.setup(num_threads=2, net_id=net.id) is None
eg.enable_learning(period=1.0, net_id=net.id) is eg.disable_learning(net_id=net.id) is None
eg.set_seed(3, use_seed_seq=True, net_id=net.id) is None and net.seed == 3
eg.add_function("twice(x) = 2*x", net_id=net.id) is None and eg.functions("twice", net_id=net.id)(2.0) == 4.0
eg.every(period=1.0, net_id=net.id)(print) is print
eg.report(filename="r.md", net_id=net.id) == "r.md"
eg.reset(synapses=True, net_id=net.id) is eg.step(net_id=net.id) is None
proj.update_launch_config(nb_blocks=-1, threads_per_block=32) is None
net.timeit(abs)(-1) == eg.timeit(abs)(-1) == 1
net.get_extensions() == []
"""


@pytest.mark.filterwarnings("ignore:.*the implicit network")
def test_keywords_and_numbers_of_networks_are_taken(net):
    names = {"eg": eg, "net": net, "pop": net["cells"], "proj": net["loop"]}
    eg.compile(net_id=net.id)
    net.simulate(2.0)
    net.save("a.npz")
    net.simulate(1.0)

    for call in CALLS.strip().splitlines():
        assert eval(call, names), call  # noqa: S307  the texts of this module
    eg.Population(2, LEAKY, name="more", copied=False, storage_order="post_to_pre", net_id=0)
    assert [one.name for one in eg.populations()] == ["more"]


@pytest.mark.filterwarnings("ignore:.*the implicit network")
def test_objects_are_made_in_the_network_with_a_number(net):
    pop = eg.PoissonPopulation(2, rates=10.0, net_id=net.id)
    monitor = eg.Monitor(pop, "spike", net_id=net.id)

    assert (pop in net, monitor in net, eg.populations()) == (True, True, [])
    for call, said in {
        "eg.step(net_id=-1)": "net_id=-1: there is no such network\n  help: give net_id=net.id",
        "eg.Population(2, neuron, net_id=True)": "net_id=True: there is no such network",
        "eg.dt(3, net_id=net.id)": r"dt\(\): too many arguments: 3",
    }.items():
        with pytest.raises(InvalidArgument, match=said):
            eval(call, {"eg": eg, "net": net, "neuron": LEAKY})  # noqa: S307  the texts of this module


def test_keywords_are_those_of_the_calls_that_have_them(net):
    def check(call, said):
        with pytest.raises(WrongCall, match=said):
            eval(call, {"eg": eg, "net": net})  # noqa: S307  the texts of this module

    cases = {
        "net.save('a.npz', filename='b.npz')": "argument 'file' is given twice",
        "net.save(file='a.npz', filename='b.npz')": "unknown argument 'filename'",
        "net.save('a.npz', net_id=0)": "unknown argument 'net_id'",
        "net.save_parameters('a.json', net_id=0)": "unknown argument 'net_id'",
        "net.simulate(1.0, use_seed_seq=True)": "unknown argument 'use_seed_seq'",
        "net.create(3, disable_omp=True)": "unknown argument 'disable_omp'",
    }
    check_each({call: (call, said) for call, said in cases.items()}, check)


def test_help_has_our_names_alone_and_the_page_lists_theirs():
    public = [getattr(eg, name) for name in eg.__all__]
    shown = {p for one in public if inspect.isfunction(one) for p in inspect.signature(one).parameters}
    page = (Path(__file__).parents[2] / "docs" / "annarchy.md").read_text()
    theirs = {*OTHER_NAMES, *NO_EFFECT}

    assert {"progress", "network", "duration"} <= shown
    assert shown & theirs == {"filename"}  # of report, whose own name it is
    assert [name for name in theirs if f"`{name}=`" not in page] == []


@pytest.mark.filterwarnings("ignore:.*the implicit network")
def test_network_that_is_cleared_can_be_built_again(net):
    gone, number = net["cells"], net.id
    net.compile()
    eg.clear(net_id=number)

    assert (len(net), net.compiled, net.seed, net.dt, net.id) == (0, False, 1, 0.5, number)
    with pytest.raises(ClearedNetwork, match="a network that is gone"):
        _ = gone.r
    net.create(2, LEAKY, name="cells")
    net.compile()
    net.step()
    assert net["cells"].size == 2
    eg.Population(2, LEAKY)
    eg.magic_network().clear()
    assert (eg.populations(), eg.magic_network()._core.is_implicit) == ([], True)


def test_seed_after_compile_is_that_of_what_is_drawn_from_then_on():
    def noisy(seed):
        net = eg.Network(seed=seed)
        cells = net.create(4, eg.Neuron(equations="r = Uniform(0.0, 1.0)"), name="cells")
        net.connect(cells, cells, "exc", name="loop").all_to_all(eg.Uniform(0.0, 1.0))
        net.compile()
        return net

    one, other = noisy(1), noisy(2)
    for net in (one, other):
        net.set_seed(9)
        net.step()
    assert one["cells"].r.tolist() == other["cells"].r.tolist()
    assert one["loop"].w != other["loop"].w


def test_folder_and_number_of_a_network_give_way_to_what_a_script_keeps(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path))
    net = eg.Network()
    assert (net.directory, type(net.id)) == (str(tmp_path), int)
    net.directory, net.id = "mine", "first"
    assert (net.directory, net.id) == ("mine", "first")
    with pytest.raises(UnknownAttribute, match="'instance'\n  help: there is no compiled module of its own"):
        _ = net.instance
