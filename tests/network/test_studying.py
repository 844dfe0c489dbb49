"""``parallel_run``: each run has a network of its own, whoever does it and whatever the run before did to it."""

import traceback
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, RunFailed, StateMismatch, WrongCall
from tests.network.small import LEAKY, LIF, spiking

pytestmark = pytest.mark.cc


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def digest(net, b=None, duration=20.0):
    if b is not None:
        net.get_population("p").b = b
    net.simulate(duration)
    return net.digest()


def begun():
    net = spiking()[0]
    net.simulate(5.0)
    net.default_rng.random(3)
    return net


def test_each_run_goes_on_from_where_the_network_stands(threads):
    net = begun()
    before = net.digest()
    alone = [digest(net.copy(), b) for b in (0.4, 0.5, 0.6)]
    for how in ({"executor": threads}, {"max_processes": 2}, {"max_processes": 1}):
        assert net.parallel_run(digest, [0.4, 0.5, 0.6], seeds="same", **how) == alone
    assert net.digest() == before


def test_runs_differ_by_their_seeds_and_not_by_who_does_them(threads):
    net = begun()
    one = net.parallel_run(digest, 3, executor=threads)
    assert len(set(one)) == 3
    assert net.parallel_run(digest, 3, max_processes=2) == net.parallel_run(digest, 2, executor=threads) + one[2:]
    assert net.parallel_run(drawn, 1, seeds=[5], executor=threads) == [(5, np.random.default_rng(5).random())]


def drawn(net):
    return net.seed, net.default_rng.random()


def test_network_that_is_not_compiled_is_built_by_each_run_with_its_seed(threads):
    net = spiking(compiled=False)[0]
    found = net.parallel_run(digest, 2, seeds=[3, 4], executor=threads)
    alone = []
    for seed in (3, 4):
        other = spiking(compiled=False, seed=seed)[0]
        other.compile()
        alone.append(digest(other))
    assert (found, net.compiled) == (alone, False)


def weights(net):
    net.reset(synapses=True)
    return tuple(net.get_projection(name).array("w").tobytes() for name in ("own", "networks", "plain"))


@pytest.mark.parametrize("is_compiled", [False, True])
def test_runs_draw_alike_from_a_seed_that_a_distribution_has(threads, is_compiled):
    net = eg.Network(seed=1)
    p = net.create(5, LIF, name="p")
    laws = {"own": {"seed": 3}, "networks": {"rng": net.default_rng}, "plain": {}}
    for name, of in laws.items():
        net.connect(p, p, "exc", name=name).all_to_all(eg.Uniform(0.0, 1.0, **of))
    if is_compiled:
        net.compile()
    runs = [net.parallel_run(weights, 2, **how) for how in ({"executor": threads}, {"max_processes": 2})]
    (own, networks, plain), others = runs[0][0], runs[0][1]
    assert runs[0] == runs[1]
    assert (own, plain == others[2]) == (others[0], False)
    assert (networks == others[1]) is is_compiled  # drawn at compile, and by each reset as then
    assert own == eg.Uniform(0.0, 1.0, seed=3).get_values(20).tobytes()


def test_study_goes_on_only_where_generators_stand_as_they_stood(threads, tmp_path):
    def study(seed):
        net = eg.Network(seed=1)
        p = net.create(5, LIF, name="p")
        net.connect(p, p, "exc", name="c").all_to_all(eg.Uniform(0.0, 1.0, seed=seed))
        return net.parallel_run(digest, 1, executor=threads, resume=tmp_path / "study.jsonl")

    assert study(3) == study(3)
    with pytest.raises(StateMismatch, match="the file is one of another study"):
        study(4)


def spoils(net, how, file):
    p, c = net.get_population("p"), net.get_projection("c")
    found = net.digest(), len(net.kept["list"]), net.kept["p"] is p, net.get_constant("g") == 2.0
    net.simulate(3.0)
    if how == "values":
        p.tau, c.w, c.delay = 3.0, 9.0, 7.0
        net.config(num_threads=2)
        net.reset(synapses=True)
    elif how == "synapses":
        next(iter(c)).prune_synapse(next(iter(c)).pre_ranks[0])
        net.disable_learning()
    elif how == "monitor":
        net.monitor(p, "v", name="mine")
        net.simulate(1.0)
    elif how == "callback":
        eg.every(1.0, network=net)(lambda n: setattr(p, "b", 7.0))
        net.disable_callbacks()
    elif how == "file":
        net.load(file)
    elif how == "constant":
        net.get_constant("g").set(5.0)
        net.kept["list"].append(1)
    return found


def test_no_run_sees_what_another_one_did(tmp_path):
    net = spiking(compiled=False)[0]
    net.constant("g", 2.0)
    net.kept = {"list": [], "p": net.get_population("p")}
    net.compile()
    other = spiking(compiled=False, seed=2)[0]
    other.constant("g", 3.0)
    other.compile()
    other.save(tmp_path / "other.npz")
    ways = ["values", "synapses", "monitor", "callback", "file", "constant", "nothing"]
    with ThreadPoolExecutor(1) as executor:
        found = net.parallel_run(
            spoils, [{"how": how} for how in ways], seeds="same", executor=executor, file=str(tmp_path / "other.npz")
        )
    assert found == [(net.digest(), 0, True, True)] * len(ways)


def changes(net, given):
    given.append(1)
    return len(given)


def test_what_runs_are_given_is_theirs(threads):
    net, mine = spiking()[0], [[0]]
    assert net.parallel_run(changes, mine * 3, executor=threads) == [2, 2, 2]
    assert net.parallel_run(changes, 3, executor=threads, given=mine * 3) == [2, 2, 2]
    assert mine == [[0]]


class Sized(eg.Network):
    """A network of some size."""

    def __init__(self, n, start=0.0):
        self.cells = self.create(n, LEAKY)
        self.cells.r = start


def sized(net, duration=1.0):
    net.simulate(duration)
    return type(net), net.dt, net.seed, net.cells.r.tolist()


def test_constructor_gets_the_parameters_that_it_takes(threads):
    net = Sized(2, dt=0.5, seed=1)
    net.config(method="exponential")
    found = net.parallel_run(sized, {"start": [1.0, 2.0]}, seeds=[7, 8], executor=threads, duration=2.0)
    alone = Sized(2, 2.0, dt=0.5, seed=8)
    alone.config(method="exponential")
    alone.compile()
    assert (found[1], found[0][2]) == (sized(alone, 2.0), 7)
    net.compile()
    net.cells.r = 5.0
    assert net.parallel_run(sized, 1, executor=threads)[0][3] == sized(net.copy())[3]  # it takes none: a copy
    with pytest.raises(InvalidArgument, match="start needs new instances of Sized, .*: it is a copy"):
        net.copy().parallel_run(sized, 1, start=[1.0])


def test_results_come_as_they_finish_and_are_remembered(threads, tmp_path, capsys):
    net, path = begun(), tmp_path / "study.jsonl"
    found = dict(net.parallel_results(digest, {"b": [0.4, 0.5]}, executor=threads, resume=path))
    assert net.parallel_run(never, {"b": [0.4, 0.5]}, resume=tmp_path / "n", measure_time=True, executor=threads)
    assert "2 runs took" in capsys.readouterr().out
    again = net.parallel_run(digest, {"b": [0.4, 0.5]}, executor=threads, resume=path)
    assert again == [found[0], found[1]]
    net.simulate(1.0)
    with pytest.raises(StateMismatch, match=r"study.jsonl: the file is one of another study(?s:.*)network: "):
        net.parallel_run(digest, {"b": [0.4, 0.5]}, executor=threads, resume=path)


def test_study_of_a_network_without_a_seed_goes_on_with_the_one_that_was_drawn(threads, tmp_path):
    """As after a kill: the script begins anew, and its network has drawn another seed."""
    path = tmp_path / "study.jsonl"

    def again(number, compiled=False, **given):
        net = eg.Network(dt=1.0, **given)
        net.create(4, eg.Neuron(equations="r = Uniform(0.0, 1.0)"), name="p")
        if compiled:
            net.compile()
        return net, net.parallel_run(drawn, number, executor=threads, resume=path)

    (first, found), lines = again(3), path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2]))
    with pytest.warns(eg.EngramWarning, match=f"study.jsonl: the study goes on with the seed {first.seed}, which"):
        net, resumed = again(3)
    assert (resumed, net.seed, len({*found})) == (found, first.seed, 3)
    assert path.read_text().splitlines()[0] + "\n" == lines[0]
    assert again(3, seed=first.seed)[1] == found
    with pytest.raises(StateMismatch, match=rf"another study(?s:.*)seed={first.seed} is that of the file\."):
        again(3, compiled=True)
    with pytest.raises(StateMismatch, match="seed of run 0"):
        again(3, seed=first.seed + 1)


def never(net, b):
    return b


def fails(net, b):
    net.simulate(1.0)
    raise ValueError(b)


def test_what_cannot_run_is_refused_before_anything_runs(threads):
    net = spiking()[0]
    with pytest.raises(WrongCall, match="can't be called for run 0: got an unexpected keyword argument 'x'"):
        net.parallel_run(digest, 2, x=1)
    with pytest.raises(InvalidArgument, match="method must be a function, not 3"):
        net.parallel_run(3, 2)
    with pytest.raises(InvalidArgument, match="projection 'c' .* has no connector"):
        unconnected().parallel_run(digest, 2, executor=threads)
    net.file = open(__file__)  # noqa: SIM115  which no process can take over
    with net.file, pytest.raises(InvalidArgument, match=r"what is kept in the network \(file\) can't travel"):
        net.parallel_run(digest, 2)
    del net.file
    with pytest.raises(RunFailed, match=r"run 0 has failed: ValueError: 0.5\n  its parameters: b=0.5"):
        net.parallel_run(fails, [{"b": 0.5}], executor=threads)


def test_array_that_all_runs_get_is_named_where_a_run_fails(threads):
    failed = pytest.raises(RunFailed, match=r"none of its own\n  b: all 2 runs were given the whole of it; a list, b")
    with pytest.warns(eg.EngramWarning, match="the whole of b"), failed:
        spiking()[0].parallel_run(digest, 2, b=np.zeros(2), executor=threads)


def test_function_that_reads_objects_from_outside_is_warned_of():
    net, p, _, _ = spiking()

    def run(copy, b):
        p.b = b
        return copy.time

    with pytest.warns(eg.EngramWarning, match=r"run\(\) reads 'p' from outside, .*\n  help: .*get_population"):
        net.parallel_run(run, [0.4], max_processes=1)


def unconnected():
    net = eg.Network(seed=1)
    p = net.create(2, LEAKY)
    net.connect(p, p, "exc", name="c")
    return net


def test_failed_run_shows_the_lines_of_the_user_alone(monkeypatch):
    monkeypatch.delenv("ENGRAM_TRACEBACK", raising=False)
    net = eg.Network(seed=1)
    net.create(1, eg.Neuron(equations="r = 1.0"))
    net.compile(backend="numpy")
    with pytest.raises(RunFailed) as caught:
        net.parallel_run(failing, 2, max_processes=1)

    shown = "".join(traceback.format_exception(caught.value.__cause__))
    assert shown.startswith("WhereTheRunFailed: ")
    assert shown.count('File "') == 1
    assert "in failing" in shown


def failing(net):
    raise ValueError("wrong")
