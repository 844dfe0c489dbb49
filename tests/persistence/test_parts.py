"""Parts of a file: what stays beside them must still be of the same neurons and synapses."""

import threading
from functools import partial

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, LoadWarning, StateMismatch
from tests.network.small import LIF


def built(sizes=(10, 8), seed=1, neuron=LIF, k=4, synapse=None, monitored=False):
    net = eg.Network(dt=1.0, seed=seed)
    pre, post = (net.create(n, neuron, name=name) for n, name in zip(sizes, "ab", strict=True))
    ab = net.connect(pre, post, "exc", synapse, name="ab").fixed_number_pre(k, weights=eg.Uniform(0.0, 1.0))
    if monitored:
        net.monitor(ab, "w", name="m", period=2.0)
    net.compile(backend="numpy")
    return net


PARTS = {
    "only": lambda net, path: net.load(path, only="projections/ab"),
    "each": lambda net, path: net.load(path, only=[f"projections/ab/{one}" for one in eg.read(path)["projections/ab"]]),
    "populations": lambda net, path: net.load(path, populations=False),
    "projection": lambda net, path: net.get_projection("ab").load(path),
    "its own file": lambda net, path: net.get_projection("ab").load(path.with_name("ab.npz")),
}  # fmt: skip


@pytest.mark.parametrize("load", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize(
    ("neuron", "sizes", "text"),
    [
        (LIF, (10, 20), "post population 'b' has 8 neurons in the file, 20 here"),
        (LIF, (10, 6), "post population 'b' has 8 neurons in the file, 6 here"),
        (eg.LeakyIntegrator, (14, 8), "pre population 'a' has 10 neurons in the file, 14 here"),
    ],
)
def test_synapses_between_more_or_fewer_neurons_are_refused(tmp_path, load, neuron, sizes, text):
    there, net = built(neuron=neuron), built(sizes, 2, neuron)
    there.save(tmp_path / "a.npz")
    there.get_projection("ab").save(tmp_path / "ab.npz")
    before = net.digest()
    with pytest.raises(StateMismatch, match=f"projections/ab: {text}\n  help: build the populations of 'ab'"):
        load(net, tmp_path / "a.npz")
    assert net.digest() == before
    load(built(seed=2, neuron=neuron), tmp_path / "a.npz")


def test_who_is_connected_is_not_loaded_without_the_rest(tmp_path):
    there, net = built(), built(seed=2)
    there.save(tmp_path / "a.npz")
    before = net.digest()
    for name in ("row_start", "post_ranks"):
        with pytest.raises(StateMismatch, match=rf"{name}: another connectivity .*\n(.*\n)*  help: .*'projections/ab'"):
            net.load(tmp_path / "a.npz", only=f"projections/ab/{name}")
    assert net.digest() == before
    there.load(tmp_path / "a.npz", only="projections/ab/row_start")  # where it is the same
    more = built(seed=2, k=3, synapse=eg.Synapse(parameters="u = 1.0"))
    with pytest.raises(StateMismatch) as said:
        more.load(tmp_path / "a.npz", only="projections/ab/w")
    assert "ab/u" not in str(said.value)  # which the file has not
    net.load(tmp_path / "a.npz", only=[f"projections/ab/{name}" for name in ("row_start", "post_ranks", "w")])
    np.testing.assert_array_equal(net.weights()["ab"].toarray(), there.weights()["ab"].toarray())


@pytest.mark.parametrize("k", [4, 3])
def test_samples_of_synapses_that_are_others_now_are_dropped_in_words(tmp_path, k):
    synapse = eg.Synapse(equations="dw/dt = 0.0")
    there, net = built(synapse=synapse), built(seed=2, k=k, synapse=synapse, monitored=True)
    there.save(tmp_path / "a.npz")
    net.simulate(5.0)
    with pytest.warns(LoadWarning, match="monitor 'm': the samples were of synapses that are others now"):
        report = net.load(tmp_path / "a.npz", only="projections/ab")
    assert "monitors/m/w" in report.reset
    assert str(report).count("'m'") == 1
    assert "and other monitors stayed the network's" in str(report)
    net.simulate(4.0)
    report = net.load(tmp_path / "a.npz", only="projections/ab")  # the same ones as before
    assert "monitors/m/w" not in report.reset
    assert np.shape(net.get_monitor("m").get("w"))[0] == 2


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
@pytest.mark.parametrize("only", [None, "projections/aa", ["projections/aa/x", "projections/aa/y"]])
def test_traces_of_another_event_clock_are_those_of_the_neurons(only, tmp_path):
    nets = []
    for clock in ("exact", "annarchy"):
        net = eg.Network(dt=1.0, seed=1)
        net.config(event_clock=clock)
        a, b = (net.create(eg.PoissonPopulation(n, rates=50.0, name=name)) for n, name in ((10, "a"), (7, "b")))
        net.connect(a, b, "exc", eg.STDP(), name="aa").fixed_number_pre(3, weights=0.1, delays=3.0)
        net.compile(backend="numpy")
        nets.append(net)
    nets[0].simulate(40.0)
    nets[0].save(tmp_path / "a.npz")
    file = eg.read(tmp_path / "a.npz")["projections/aa"]
    x, y, row_start, post_ranks = (file[name][:] for name in ("x", "y", "row_start", "post_ranks"))
    assert (x.shape, y.shape) == ((10, 1), (1, 7))
    assert len({*x.flat}) > 2 < len({*y.flat})

    aa = nets[1].get_projection("aa")
    report = nets[1].load(tmp_path / "a.npz", only=only)
    assert {"projections/aa/x", "projections/aa/y"} <= {*report.loaded} & {*report.converted}
    assert not {"projections/aa/x", "projections/aa/y"} & {*report.kept, *report.skipped, *report.reset}
    np.testing.assert_array_equal(aa.array("x"), np.repeat(x[:, 0], np.diff(row_start)))
    np.testing.assert_array_equal(aa.array("y"), y[0, post_ranks])


def test_one_object_loads_the_values_that_are_named(tmp_path):
    there, net = built((8, 8)), built((8, 8))
    for name in "ab":
        there.get_population(name).set({"tau": 7.0, "v": 0.25})
    there.get_projection("ab").w = 3.0
    there.save(tmp_path / "net.npz")
    there.get_population("a").save(tmp_path / "a.npz")
    there.get_projection("ab").save(tmp_path / "ab.npz")

    a, b, ab = net.get_population("a"), net.get_population("b"), net.get_projection("ab")
    tau = float(a.tau)
    assert a.load(tmp_path / "a.npz", only="v").loaded == ("populations/a/v",)
    assert b.load(tmp_path / "a.npz", only=["v"]).loaded == ("populations/b/v",)
    assert ab.load(tmp_path / "net.npz", only="projections/ab/w").loaded == ("projections/ab/w",)
    assert ab.load(tmp_path / "ab.npz", only="projections/ab").loaded
    assert (float(a.tau), float(a.v[0]), float(b.v[0]), float(ab.array("w").max())) == (tau, 0.25, 0.25, 3.0)
    with pytest.raises(StateMismatch, match=r"another connectivity[\s\S]*help: load with only=\['projections/ab'\]"):
        built((8, 8), seed=2).get_projection("ab").load(tmp_path / "ab.npz", only="w")
    for given, text in (
        ("u", r"neither '.*' nor the network has that"),
        ("history", "spikes in flight, .* are not loaded in part\n  help: .* name an object"),
        ("populations/b/v", "this load is of populations/a\n  help: name values of that"),
        ([], "names nothing"),
    ):
        with pytest.raises(InvalidArgument, match=text):
            a.load(tmp_path / "a.npz", only=given)


def test_what_is_never_loaded_in_part_is_refused(tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    a = net.create(4, LIF, name="a")
    for name in ("ab", "cd"):
        net.connect(a, a, "exc", name=name).one_to_one(0.5)
    net.compile(backend="numpy")
    built().save(tmp_path / "a.npz")
    net.save(tmp_path / "none.npz", populations=False, projections=False)
    net.save(tmp_path / "no ab.npz", projections=False)
    for file, options, text in (
        (
            "a",
            {"only": "populations/a/history"},
            "only='populations/a/history': spikes in flight, .* not loaded in part",
        ),
        (
            "a",
            {"only": ["populations/a", "populations/a/history/rank"]},
            "only='populations/a/history/rank': spikes in",
        ),
        ("a", {"only": "populations/a/v", "populations": False}, "populations=False leaves that out"),
        ("a", {"populations": False, "projections": False}, "leaves nothing to load"),
        ("no ab", {}, "the file has no projections: load with projections=False"),
        ("no ab", {"populations": False}, "no values of projections: take another one"),
        ("a", {"only": "projections/cd"}, "cd: not in the file\n  help: (?!.*the file has no)"),
        ("none", {}, "no values of populations and projections: take another one"),
    ):
        with pytest.raises(eg.EngramError, match=text):
            net.load(tmp_path / f"{file}.npz", **options)


@pytest.mark.cc
def test_a_load_looks_once_for_the_kernels_that_projections_share(tmp_path, monkeypatch):
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(4, LIF, name="pop")
    for k in range(3):
        net.connect(pop, pop, "exc", eg.STDP(), name=f"p{k}").all_to_all(0.5)
    net.compile()
    net.save(tmp_path / "a.npz")
    asked = []
    monkeypatch.setattr("engram.persistence.loading.compiled", lambda code: asked.append([one.key for one in code]))
    net.load(tmp_path / "a.npz")
    assert len(asked) == 1
    assert 0 < len(asked[0]) == len({*asked[0]})


@pytest.mark.filterwarnings("ignore:.*does not go on")
@pytest.mark.parametrize("call", ["load", "restore", "reset"])
def test_what_would_turn_back_a_clock_that_runs_in_another_thread_is_refused(call, tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    net.create(2, LIF, name="pop")
    net.compile(backend="numpy")
    net.save(tmp_path / "a.npz")
    calls = {
        "load": lambda: net.load(tmp_path / "a.npz"),
        "restore": partial(net.restore, net.snapshot()),
        "reset": net.reset,
    }
    found = []

    @net.every(period=1.0)
    def meanwhile(n):
        thread = threading.Thread(target=lambda: found.append(pytest.raises(InvalidArgument, calls[call])))
        thread.start()
        thread.join(10.0)

    net.simulate(2.0)
    assert [str(one.value).partition(":")[0] for one in found] == [f"can't {call}()"] * 2
    assert "its network is simulating in another thread\n  help: do it after simulate()" in str(found[0].value)
    calls[call]()
    assert net.current_step == 0


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_a_state_that_another_model_keeps_in_another_shape_begins_anew(tmp_path):
    nets = [built(synapse=eg.Synapse(equations=f"dx/dt = 1.0 - x{flag}")) for flag in ("", " : postsynaptic")]
    for net in nets:
        net.simulate(3.0)
    nets[0].save(tmp_path / "a.npz")
    report = nets[1].load(tmp_path / "a.npz")
    assert "projections/ab/x" in report.reset
    assert "projections/ab/x: the file has it in another shape" in report.notes
    assert not nets[1].get_projection("ab").array("x").any()
