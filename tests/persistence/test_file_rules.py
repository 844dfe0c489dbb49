"""What decides how a network goes on is compared when it is loaded, and nothing else is."""

import json
import zipfile

import numpy as np
import pytest

import engram as eg
from engram.errors import StateMismatch
from engram.storage.load import source_of

POP, PROJ = "populations/pop", "projections/proj"
RATE = {"parameters": "tau = 10.0 : population\nB = 0.5", "equations": "tau*dr/dt + r = sum(exc) + B : init=0.1"}
NAMED = {**RATE, "equations": f"{RATE['equations']}, exponential"}
CALLS = {"equations": "r = f(sum(exc))", "functions": "f(x) = 2.0*x"}
SPIKING = {"parameters": "B = 1.5", "equations": "dv/dt = B - v + g_exc", "spike": "v > 1.0", "reset": "v = 0.0"}
RESTING = {**SPIKING, "refractory": 2.0}
DRAWN = {"parameters": "a = 1.0\nb = Uniform(0.0, 1.0)", "equations": "r = a*b"}
TRACES = {
    "parameters": "tau = 20.0 : projection\nrate = 0.01",
    "equations": "dx/dt = -x/tau : event-driven\ndy/dt = -y/tau : event-driven",
    "pre_spike": "g_target += w ; x += rate",
    "post_spike": "y += rate",
}


def manifest_of(path):
    with source_of(path) as source:
        return source.contents.manifest


def made(neuron, synapse=None, constants=(), functions=(), **config):
    eg.clear()
    for name in constants:
        eg.Constant(name, 2.0)
    for text in functions:
        eg.add_function(text)
    net = eg.Network(dt=1.0, seed=1)
    net.config(**config)
    pop = net.create(3, eg.Neuron(**neuron), name="pop")
    proj = net.connect(pop, pop, "exc", None if synapse is None else eg.Synapse(**synapse), name="proj")
    proj.all_to_all(weights=0.1)
    net.compile(backend="numpy")
    return net


@pytest.fixture(autouse=True)
def _forgetful():
    yield
    eg.clear()


def loaded(path, before, after):
    """Load the file of one network into another."""
    made(*before[:2], **dict(before[2:])).save(path)
    return made(*after[:2], **dict(after[2:])).load(path)


def changed(model, **blocks):
    return {**model, **blocks}


SAME = {
    "comment": ((RATE,), (changed(RATE, equations=f"# leaky\n{RATE['equations']}  # so"),)),
    "blanks": ((RATE,), (changed(RATE, parameters=" B=.5;tau =10 : global"),)),
    "name": ((RATE,), (changed(RATE, name="leaky", description="a neuron"),)),
    "how an equation was written": ((RATE,), (changed(RATE, equations="dr/dt = (sum(exc) + B - r)/tau : init=0.1"),)),
    "as a list": ((SPIKING,), (changed(SPIKING, equations=["dv/dt = B - v + g_exc"], reset=["v = 0.0"]),)),
    "what goes without saying": ((SPIKING, TRACES), (SPIKING, changed(
        TRACES, parameters=f"{TRACES['parameters']}\nw = 0.0", pre_spike="x += rate"))),
    "a function that nobody calls": ((RATE,), (changed(RATE, functions="f(x) = x"),)),
    "whose function it is": ((CALLS,), ({"equations": CALLS["equations"]}, None, ("functions", ["f(x) = 2.0*x"]))),
    "a shared function that nobody calls": ((RATE,), (RATE, None, ("functions", ["f(x) = 2.0*x"]))),
    "a constant that nobody reads": ((CALLS,), (CALLS, None, ("constants", ["x", "B"]))),
    "order of traces": ((SPIKING, TRACES), (SPIKING, changed(
        TRACES, equations="dy/dt = -y/tau : event-driven\ndx/dt = -x/tau : event-driven"))),
    "method, where each equation names one": ((NAMED,), (NAMED, None, ("method", "rk4"))),
    "method, where nothing is integrated": ((CALLS,), (CALLS, None, ("method", "rk4"))),
    "clock, where nothing is event-driven": ((SPIKING,), (SPIKING, None, ("event_clock", "annarchy"))),
    "value of a parameter, which the file has": (
        (RATE,), (changed(RATE, parameters="tau = 20.0 : population\nB = 0.5"),)),
    "initial value, which the file has": ((RATE,), (changed(RATE, equations="tau*dr/dt + r = sum(exc) + B"),)),
    "number of threads": ((RATE,), (RATE, None, ("num_threads", 1))),
}  # fmt: skip
OTHER = {
    "operator": ((RATE,), (changed(RATE, equations="tau*dr/dt + r = sum(exc) - B : init=0.1"),), POP),
    "number": ((RATE,), (changed(RATE, equations="tau*dr/dt + r = 2*sum(exc) + B : init=0.1"),), POP),
    "number of a drawn value": ((DRAWN,), (changed(DRAWN, parameters="b = Uniform(0.0, 1.0)\na = 1.0"),), POP),
    "bound": ((RATE,), (changed(RATE, equations=f"{RATE['equations']}, min=0.0"),), POP),
    "method of an equation": ((NAMED,), (RATE, None, ("method", "exponential")), POP),
    "method": ((RATE,), (RATE, None, ("method", "midpoint")), POP),
    "order of equations": ((changed(CALLS, equations="a = r\nr = f(sum(exc))"),),
                           (changed(CALLS, equations="r = f(sum(exc))\na = r"),), POP),
    "function": ((CALLS,), (changed(CALLS, functions="f(x) = 3.0*x"),), POP),
    "type of a function": ((CALLS,), (changed(CALLS, functions="f(x) = 2.0*x : int"),), POP),
    "a constant": ((changed(RATE, parameters="tau = 10.0 : population\nB = k"), None, ("constants", ["k", "l"])),
                   (changed(RATE, parameters="tau = 10.0 : population\nB = l"), None, ("constants", ["k", "l"])), POP),
    "spike": ((SPIKING,), (changed(SPIKING, spike="v > 1.1"),), POP),
    "reset": ((SPIKING,), (changed(SPIKING, reset="v = 0.1"),), POP),
    "refractory period": ((RESTING,), (changed(RESTING, refractory=3.0),), POP),
    "input while refractory": ((RESTING,), (changed(RESTING, refractory_input="drop"),), POP),
    "operation": ((RATE, {"psp": "w*pre.r"}), (RATE, {"psp": "w*pre.r", "operation": "max"}), PROJ),
    "psp": ((RATE, {"psp": "w*pre.r"}), (RATE, {"psp": "w*pre.r*2"}), PROJ),
    "pre_spike": ((SPIKING, {}), (SPIKING, {"pre_spike": "g_target += 2.0*w"}), PROJ),
    "post_spike": ((SPIKING, TRACES), (SPIKING, changed(TRACES, post_spike="y += 2.0*rate")), PROJ),
    "unless_post": ((SPIKING, {}), (SPIKING, {"pre_spike": "g_target += w : unless_post"}), PROJ),
    "clock": ((SPIKING, TRACES), (SPIKING, TRACES, ("event_clock", "annarchy")), PROJ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_what_changes_no_result_is_no_difference(tmp_path, before, after):
    before, after = (*before, None)[:2] + before[2:], (*after, None)[:2] + after[2:]

    assert loaded(tmp_path / "a.npz", before, after).exact
    assert loaded(tmp_path / "a.npz", after, before).exact


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
@pytest.mark.parametrize(("before", "after", "path"), OTHER.values(), ids=OTHER)
def test_what_changes_results_is_named(tmp_path, before, after, path):
    before, after = (*before, None)[:2] + before[2:], (*after, None)[:2] + after[2:]
    report = loaded(tmp_path / "a.npz", before, after)

    assert report.model_changed == (path,)
    assert not report.exact


def test_exact_refuses_another_method_by_its_name(tmp_path):
    made(RATE, method="midpoint").save(tmp_path / "a.npz")
    with pytest.raises(StateMismatch, match=f"{POP}: method midpoint in the file, explicit in the network"):
        made(RATE).load(tmp_path / "a.npz", exact=True)


def ordered(populations, projections):
    net = eg.Network(dt=1.0, seed=1)
    neuron = eg.Neuron(**RATE)
    pops = {name: net.create(2, neuron, name=name) for name in populations}
    for name in projections:
        net.connect(pops["a"], pops["b"], "exc", name=name).all_to_all(weights=0.1)
    net.compile(backend="numpy")
    return net


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
@pytest.mark.parametrize(
    ("populations", "projections", "named"),
    [
        ("abc", "pqr", None),
        ("acb", "pqr", "populations/b was created before populations/c in the file"),
        ("abc", "qpr", "projections/p was created before projections/q in the file"),
        ("cba", "rqp", "populations/a was created before populations/b in the file"),
    ],
)
def test_order_of_creation_is_a_rule(tmp_path, populations, projections, named):
    ordered("abc", "pqr").save(tmp_path / "a.npz")
    net = ordered(populations, projections)
    report = net.load(tmp_path / "a.npz")

    assert report.exact == (named is None)
    assert len(report.notes) == sum(a != b for a, b in (("abc", populations), ("pqr", projections)))
    if named:
        assert any(named in note for note in report.notes)
        with pytest.raises(StateMismatch, match=named):
            net.load(tmp_path / "a.npz", exact=True)


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_order_among_what_both_have_is_what_counts(tmp_path):
    ordered("abc", "pqr").save(tmp_path / "a.npz")
    one = ordered("cab", "rp")
    report = one.load(tmp_path / "a.npz", only=["populations/a", "populations/b", "projections/p"])

    assert not any("created before" in note for note in report.notes)


def test_file_holds_each_model_once_and_printed_anew(tmp_path):
    made(changed(RATE, equations=f"{RATE['equations']}  # leaky")).save(tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        models = json.loads(archive.read("engram/blueprint.json"))["models"]
    blocks = [model["blocks"] for model in models if model["kind"] == "neuron"]

    assert blocks == [{"parameters": "tau = 10.0 : population\nB = 0.5",
                       "equations": "dr/dt = (sum(exc) + B - r)/tau : init=0.1"}]  # fmt: skip


def test_parameters_keep_their_order_in_files(tmp_path):
    made(changed(RATE, parameters="B = 0.5\ntau = 10.0 : population")).save(tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        assert "B = 0.5\\ntau = 10.0" in archive.read("engram/blueprint.json").decode()


def viewed(ranks, stop=None, **config):
    net = eg.Network(dt=1.0, seed=1)
    net.config(**config)
    pre, post = net.create(20, eg.Neuron(**RATE), name="a", stop_condition=stop), net.create(2, eg.Neuron(**RATE))
    net.connect(pre[ranks], post, "exc", name="p").all_to_all(weights=0.1)
    net.compile(backend="numpy")
    return net


def test_views_say_which_ranks_differ(tmp_path):
    viewed(slice(0, 10)).save(tmp_path / "a.npz")
    with pytest.raises(StateMismatch, match="projections/p: pre ranks 0-9 in the file, 5-14 in the network"):
        viewed(slice(5, 15)).load(tmp_path / "a.npz")


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_rules_of_an_object_and_of_the_network_are_named(tmp_path):
    viewed(slice(0, 10), "r > 1.0").save(tmp_path / "a.npz")
    net = viewed(slice(0, 10), dtype="float32")
    report = net.load(tmp_path / "a.npz", cast=True)
    line = r"populations/a: stop r > 1.0 : any in the file, \(none\) in the network"

    assert report.model_changed == ("populations/a",)
    assert "dtype float64 in the file, float32 in the network" in report.notes
    with pytest.raises(StateMismatch, match=line):
        net.load(tmp_path / "a.npz", cast=True, exact=True)


def test_file_of_a_part_says_what_the_whole_network_is(tmp_path):
    net = viewed(slice(0, 10))
    net.save(tmp_path / "whole.npz")
    net.save(tmp_path / "part.npz", populations=False)
    with pytest.raises(StateMismatch, match="populations/a: not in the file"):
        net.load(tmp_path / "part.npz")

    assert manifest_of(tmp_path / "part.npz").blueprint == manifest_of(tmp_path / "whole.npz").blueprint
    assert net.load(tmp_path / "part.npz", populations=False).loaded


def test_monitor_made_after_compile_is_in_the_next_file_and_what_a_file_began_with_stays(tmp_path):
    nets = [viewed(slice(0, 10), seed=seed) for seed in (1, 2)]
    nets[0].save(tmp_path / "a.npz")
    nets[1].load(tmp_path / "a.npz")
    for k, net in enumerate(nets):
        net.monitor(net.get_population("a"), "r", name="m")
        net.save(tmp_path / f"{k}.npz")

    assert [one["name"] for one in manifest_of(tmp_path / "0.npz").blueprint["monitors"]] == ["m"]
    assert (tmp_path / "0.npz").read_bytes() == (tmp_path / "1.npz").read_bytes()


def test_whole_load_brings_the_parameters_that_the_user_keeps(tmp_path):
    kept = {"lesson": [1, 2.5, None, {"ä": True}], "gain": np.float32(0.1)}
    nets = [viewed(slice(0, 10)), viewed(slice(0, 10))]
    nets[0].save_parameters(tmp_path / "p.json", kept)
    nets[0].save(tmp_path / "a.npz")
    nets[1].load(tmp_path / "a.npz", populations=False)
    nets[1].save_parameters(tmp_path / "none.json")
    nets[1].load(tmp_path / "a.npz")
    nets[1].save(tmp_path / "b.npz")
    nets[1].save_parameters(tmp_path / "q.json")
    nets[0].get_population("a").save(tmp_path / "one.npz")

    assert json.loads((tmp_path / "none.json").read_text("utf-8"))["network"] == {}
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert json.loads((tmp_path / "q.json").read_text("utf-8")) == json.loads((tmp_path / "p.json").read_text("utf-8"))
    assert manifest_of(tmp_path / "one.npz").parameters == {}


@pytest.mark.parametrize("geometry", [[14], 14, np.array([14]), [7, 2], np.array([7, 2])])
def test_a_geometry_is_the_same_however_it_is_given(geometry, tmp_path):
    nets = []
    for k, one in enumerate((geometry, tuple(np.atleast_1d(geometry).tolist()))):
        net = eg.Network(dt=1.0, seed=1)
        net.create(one, eg.Neuron(**SPIKING), name="pop").refractory = np.full(one, 2.0)
        net.create(eg.PoissonPopulation(one, rates=10.0, name="inp"))
        net.compile(backend="numpy")
        net.save(tmp_path / f"{k}.npz")
        nets.append(net)

    assert (tmp_path / "0.npz").read_bytes() == (tmp_path / "1.npz").read_bytes()
    assert nets[0].load(tmp_path / "1.npz").exact
    assert nets[1].load(tmp_path / "0.npz").exact
