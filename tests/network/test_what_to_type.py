"""Messages about wrong calls say what to type, by the names that the user's module has."""

import numpy as np
import pytest

import engram as eg
from tests.cases import check_each

LIF = eg.Neuron(
    parameters="tau = 10.0 : population", equations="tau*dv/dt = -v + g_exc", spike="v > 1.0", reset="v = 0.0"
)
RATE = eg.Neuron(equations="r = sum(exc)")


@pytest.fixture(scope="module")
def net():
    net = eg.Network(dt=0.1, seed=1)
    pop, post = net.create((2, 5), LIF, name="pop"), net.create(6, LIF, name="post")
    net.create(3, RATE, name="rated")
    net.connect(pop, post, "exc", name="proj").from_matrix(np.arange(60.0).reshape(6, 10))
    net.monitor(pop, "v", name="m")
    net.compile(backend="numpy")
    return net


CASES = {
    "'v' of population 'pop': expected an array of shape (2, 5)": lambda n: setattr(n["pop"], "v", [1.0, 2.0]),
    "without the flag :population in the model each neuron": lambda n: setattr(n["pop"], "tau", np.ones(10)),
    "the class Uniform\n  help: random values need": lambda n: setattr(n["pop"], "v", eg.Uniform),
    "is one number for all of population 'pop', not one for each neuron\n  help: pop.tau = 3.0": lambda n: setattr(
        n["pop"][:2], "tau", 3.0
    ),
    "init of population 'pop' can only be read": lambda n: setattr(n["pop"].init, "v", 3.0),
    "no neurons at (0, 1, 2)\n  help: its geometry is (2, 5): coordinates are (0, 0) to (1, 4)": lambda n: (
        n["pop"][0, 1, 2]
    ),
    "expected 60 values, got 2\n  help: a number sets them all; else give a list": lambda n: setattr(
        n["proj"], "w", [1.0, 2.0]
    ),
    "has 6 rows, and none at 99\n  help: one for each of proj.post_ranks": lambda n: n["proj"].w[99],
    "has 10 values, and none at 99\n  help: one for each synapse": lambda n: n["proj"].w[0][99],
    "got -1\n  help: 0.0 is the shortest": lambda n: setattr(n["proj"], "delay", -1.0),
    "is one number, 0.1, and has no .mean\n  help: np.asarray": lambda n: n["proj"].delay.mean,
    "remove(): 3 is no monitor of this network": lambda n: n.remove(3),
    "'period' of monitor 'm' can't be assigned\n  help: monitor.start(period=10.0)": lambda n: setattr(
        n["m"], "period", 3.0
    ),
    "there is no population 'popp'\n  help: there are 'pop'": lambda n: n.get_projections(pre="popp"),
    "net.excerpt([net['pop']])": lambda n: n.excerpt(["pop"]),
    "net.monitor(net['pop'], 'v')": lambda n: n.monitor("pop", "v"),
    "net.monitor(net['rated'], 'r')": lambda n: n.monitor(n["rated"], "spike"),
}


def test_wrong_calls_are_told_what_to_type(net):
    def case(said, call):
        with pytest.raises(eg.EngramError) as caught:
            call(net)
        assert said in str(caught.value)

    check_each(CASES.items(), case)


def test_files_that_are_no_network_and_parts_that_there_are_not_are_told_what_to_type(net, tmp_path):
    net["proj"].save_connectivity(tmp_path / "c.npz")
    net.save(tmp_path / "n.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "n.npz").read_bytes()[:-100])

    for name, options, said in (
        ("c.npz", {}, "the connectivity of a projection alone\n  help: proj.from_file(...)"),
        ("n.npz", {"only": "pop"}, "did you mean 'populations/pop'?"),
        ("cut.npz", {}, "help: take another copy of the file"),
    ):
        with pytest.raises(eg.EngramError) as caught:
            net.load(tmp_path / name, **options)
        assert said in str(caught.value)


def test_names_are_those_that_the_module_of_the_user_has():
    for imports, call, said in (
        ("import engram as eg", "eg.Population", "eg.Population(100, neuron)."),
        ("import engram", "engram.Population", "engram.Population(100, neuron)."),
        ("from engram import Population", "Population", "Population(100, neuron)."),
        ("import engram.annarchy4 as ann", "ann.Population", "ann.Population(100, neuron)."),
        ("from engram.annarchy import *", "Population", "Population(100, neuron)."),
        ("from engram import Population as P", "P", "eg.Population(100, neuron)."),
    ):
        names = {"LIF": LIF}
        exec(imports, names)  # noqa: S102  what scripts do
        with pytest.raises(eg.EngramError) as caught:
            exec(f"{call}(LIF, 10)", names)  # noqa: S102  as above
        assert str(caught.value).endswith(f"help: the order is geometry, neuron: {said}")


def test_functions_of_the_empty_implicit_network_name_that_of_the_user(tmp_path, monkeypatch):
    eg.clear()
    monkeypatch.chdir(tmp_path)
    mine = eg.Network(dt=1.0)
    eg.setup(dt=1.0)  # for networks to come, as long as there is none with populations
    eg.set_seed(1)
    mine.create(3, eg.Izhikevich, name="pop")
    for call in ("disable_learning()", "set_seed(3)", "get_time()", "populations()", "report()", "set_time(0.0)"):
        name = call.partition("(")[0]
        said = rf"{name}\(\) is about the implicit network, which is empty\n  help: mine\.(get_)?{name}\(...\) is that"
        with pytest.warns(eg.EngramWarning, match=said):
            eval(f"eg.{call}")  # noqa: S307  texts of this test
    with pytest.warns(eg.EngramWarning, match=r"mine keeps its settings\n  help: mine.config\(dt=...\)"):
        eg.setup(dt=1.0)
    for call in ("simulate(1.0)", "save('n.npz')", "reset()", "get_population('pop')"):
        with pytest.raises(
            eg.EngramError, match=rf"which is empty; mine\.{call.partition('(')[0]}\(...\) is that of your"
        ):
            eval(f"eg.{call}")  # noqa: S307  as above
    eg.Population(3, eg.Izhikevich)
    eg.set_seed(4)
    with pytest.raises(eg.EngramError, match="call compile"):
        eg.simulate(1.0)
    eg.clear()


def test_advice_is_about_the_object_and_the_network_at_hand(net, tmp_path):
    pop, proj = net["pop"], net["proj"]
    path = tmp_path / "n.npz"
    net.save(path)
    other = eg.Network()
    for call, said in (
        (lambda: proj.set(w=0.3), "`proj.set({'w': 0.3})`"),
        (lambda: pop.set("v", 3.0), "`pop.set({'v': 3.0})`"),
        (lambda: pop.disable_learning(), "`proj.disable_learning()`"),
        (lambda: setattr(proj, "learning", False), "`proj.plasticity`"),
        (lambda: net.pop, "it is net['pop']."),
        (lambda: other.create(LIF, 10), "net.create(100, neuron)."),
        (lambda: other.create(3, eg.SpikeSourceArray), "net.create(eg.SpikeSourceArray(...))"),
        (lambda: other.every(period=10.0)(3), "@net.every(period=10.0)"),
        (lambda: eg.Network(pop), "a network makes what is in it"),
        (lambda: eg.open(path).create(3, LIF), "a network that eg.open made stays as it is"),
        (lambda: eg.read(path)["pop/v"], "did you mean 'populations/pop/v'?"),
        (lambda: net.parallel_run(lambda net: 1, 2, n_jobs=2), "it is `max_processes=`"),
        (lambda: eg.Normal(0.0, 1.0).sample(), "get_values(10)"),
        (lambda: eg.snapshot, "it is of a network: net.snapshot"),
        (lambda: eg.plot.spikes, "there are connectivity, isi, raster"),
    ):
        with pytest.raises((eg.EngramError, AttributeError)) as caught:
            call()
        assert said in str(caught.value)
