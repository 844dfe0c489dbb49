"""SPEC 8, 12, 19, Q4: stop conditions and ``simulate_until``."""

import numpy as np
import pytest

import engram as eg
from engram.errors import EngramError, InvalidArgument, LanguageError, NotCompiled
from tests.cases import each
from tests.spec.running import connected, sink, source

GROWING = eg.Neuron(parameters="step = 1.0\nlimit = 4.0 : population", equations="r += step", name="growing")


def growing(backend, condition, steps, dt=1.0, threads=1):
    """A population whose neurons grow by so much per step."""
    net = eg.Network(dt=dt, seed=1)
    net.config(num_threads=threads)
    pop = net.create(len(steps), GROWING, stop_condition=condition)
    net.compile(backend=backend)
    pop.step = steps
    return net, pop


@pytest.mark.parametrize(
    ("condition", "after"),
    [
        ("r > 5.0", 3),
        ("r > 5.0 : any", 3),
        ("r > 5.0 :all", 6),
        ("(r > limit) and not (step == 2) : any", 5),
        ("r", 1),
        ("if step > 1: r > 7 else: False : any", 4),
        ("mean(r) >= 6 : any", 4),
        ("max(r) >= 8\n: all", 4),
        ("t >= 3.0 : all", 4),
        ("r >= 4*dt : all", 4),
        ("r > 1000", 20),
        ("r > 5.0 # enough", 3),
    ],
)
def test_run_ends_after_the_step_in_which_the_condition_holds(condition, after, backend):
    net, pop = growing(backend, condition, [2.0, 1.0])

    assert net.simulate_until(20.0, pop) == after
    assert (net.current_step, pop.r.tolist()) == (after, [2.0 * after, after])


def test_duration_is_in_ms(backend):
    """Q4 [run]: dt = 0.5, 7 steps; ANNarchy says 14.0."""
    net, pop = growing(backend, "r > 6.5", [1.0], dt=0.5)

    assert net.simulate_until(1000.0, pop) == 3.5
    assert net.time == 3.5


@pytest.mark.filterwarnings("ignore:.* ms are taken")
def test_at_least_one_step_is_run_and_at_most_the_duration(backend):
    net, pop = growing(backend, "r > 2.5", [1.0])

    assert [net.simulate_until(ms, pop) for ms in (2.0, 0.0, 100.0, 100.0, 0.2)] == [2.0, 0.0, 1.0, 1.0, 1.0]


def test_other_runs_go_on_whatever_the_condition(backend):
    net, pop = growing(backend, "r > 2.5", [1.0])
    net.simulate(7.0)
    net.simulate_until(100.0, pop)
    net.simulate(3.0)
    net.step()

    assert net.current_step == 12


@pytest.mark.parametrize(("operator", "after"), [("and", 7), ("or", 3)])
def test_conditions_of_several_populations_are_put_together(operator, after, backend):
    net = eg.Network(seed=1)
    pops = [net.create(3, GROWING, stop_condition=f"r >= {limit} : any") for limit in (3, 7, 100)]
    net.compile(backend=backend)

    assert net.simulate_until(50.0, pops[:2], operator=operator) == after
    assert net.simulate_until(50.0, pops[2], operator) == 100 - after if after > 50 else 50


@pytest.mark.parametrize(("mode", "after"), [("any", 3), ("all", 8)])
def test_spikes_may_be_waited_for(mode, after, backend):
    net = eg.Network(seed=1)
    neuron = eg.Neuron(
        parameters="first = 2 : int", equations="n = n + 1 : int, init=-1", spike="(n == first) or (n == 7)"
    )
    pop = net.create(2, neuron, stop_condition=f"spiked: {mode}")
    net.compile(backend=backend)
    pop.first = [2, 4]

    assert net.simulate_until(50.0, pop) == after
    assert pop.spike.tolist() == ([0] if mode == "any" else [0, 1])


def test_variable_called_spiked_is_an_expression(backend):
    net = eg.Network(seed=1)
    neuron = eg.Neuron(equations="spiked = t > 2.5 : bool", spike="t < 1")
    pop = net.create(2, neuron, stop_condition="spiked: all")
    net.compile(backend=backend)

    assert net.simulate_until(50.0, pop) == 4.0


def test_condition_reads_inputs_functions_constants_and_the_last_spike(backend):
    eg.Constant("enough", 2.0)
    net, one, other, _ = connected(source(4), sink())
    one.stop_condition = "t - t_last == 3 : all"
    other.stop_condition = "g_exc*enough >= 2"
    rate = net.create(1, eg.Neuron(equations="r = t", functions="f(x) = x/2"), stop_condition="f(r) > enough + 1")
    summed = net.create(1, eg.Neuron(equations="r = 0"), stop_condition="sum(exc) + sum() > 4.5 : all")
    net.connect(rate, summed, "exc").all_to_all(0.5)
    net.compile(backend=backend)

    found = []
    for pop in (one, other, rate, summed):
        found.append(net.simulate_until(50.0, pop))
        net.reset()
    assert found == [8.0, 6.0, 8.0, 7.0]
    eg.clear()


@pytest.mark.cc
@each("threads", [1, 2, 3])
def test_every_thread_comes_to_the_same_end(threads):
    steps = np.linspace(1.0, 2.0, 1000)
    net, pop = growing("c", "r > 30 : all", steps, threads=threads)
    monitor = net.monitor(pop, "r")

    assert net.simulate_until(1000.0, pop) == 31.0
    assert monitor.get("r").shape == (31, 1000)


def test_step_at_which_a_record_is_full_is_not_taken_for_the_end(backend):
    """A block of a record holds 1 MiB: the engine returns to Python when one is full."""
    net, pop = growing(backend, "r > 70 : any", np.ones(20_000))
    monitor = net.monitor(pop, "r")

    assert net.simulate_until(1000.0, pop) == 71.0
    assert len(monitor.get("r")) == 71


def test_disabled_population_is_as_its_condition_finds_it(backend):
    net, pop = growing(backend, "r > 3.5", [1.0])
    net.simulate(3.0)
    pop.disable()

    assert net.simulate_until(5.0, pop) == 5.0
    pop.enable()
    assert net.simulate_until(5.0, pop) == 1.0


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_another_stop_condition_is_kept_and_named_when_values_are_loaded(backend, tmp_path):
    net, pop = growing(backend, "r > 2.5", [1.0])
    net.simulate_until(10.0, pop)
    net.save(tmp_path / "a.npz")
    other, same = growing(backend, "r > 50 : all", [1.0])

    assert other.load(tmp_path / "a.npz").model_changed == (same._core.path,)
    assert other.simulate_until(100.0, same) == 48.0


def test_stop_condition_can_be_read_and_given_before_compile(backend):
    net = eg.Network(seed=1)
    pop = net.create(2, GROWING)
    assert pop.stop_condition is None
    pop.stop_condition = "r > 1.5"
    assert pop.stop_condition == "r > 1.5"
    net.compile(backend=backend)

    with pytest.raises(InvalidArgument, match=r"can't change a stop condition after compile\(\)"):
        pop.stop_condition = None
    assert net.simulate_until(9.0, pop) == 2.0


@each(
    ("text", "said"),
    [
        ("R > 5", "unknown name 'R'\n  in Neuron 'growing', block stop_condition, line 1, column 1"),
        (
            "r > 5 : al",
            r"unknown flag 'al'\n.*column 9:\n.*\n.*\^\^\n  known here: all, any\n  help: did you mean 'all'",
        ),
        ("r > ", "the statement ends too early"),
        ("", "the condition is empty"),
        (": any", "the condition is empty"),
        ("r = 5", "can't stand here: one assignment in each statement"),
        ("r > Uniform(0, 1)", "a condition can't draw random numbers"),
        ("spiked", "unknown name 'spiked'"),
        ("pre.r > 3", "'pre.r' is known in synapses only"),
        ("f(r) > 3", "unknown function 'f'"),
        ("t_last > 3", "'t_last' is known in spiking neurons only"),
        (3.0, r"create\(\): stop_condition must be text or None, not 3.0"),
        (["r > 3"], "stop_condition must be text or None"),
    ],
)
def test_condition_that_cannot_be_is_refused_with_its_place(text, said):
    net = eg.Network(seed=1)

    with pytest.raises(EngramError, match=said):
        net.create(3, GROWING, stop_condition=text)
    assert net.get_populations() == []


def test_sum_of_a_target_that_nothing_is_connected_to_is_refused_at_compile():
    net = eg.Network(seed=1)
    net.create(3, GROWING, name="p", stop_condition="sum(exc) > 3")

    with pytest.raises(InvalidArgument, match="'p': nothing is connected to the target 'exc'\n  in its stop"):
        net.compile(backend="numpy")
    assert not net.compiled


def test_sum_of_spiking_neurons_is_refused():
    net = eg.Network(seed=1)

    with pytest.raises(LanguageError, match=r"sum\(\) is for rate-coded neurons"):
        net.create(3, source(1), stop_condition="sum(exc) > 3")


def test_wrong_calls_change_nothing():
    net, pop = growing("numpy", "r > 2.5", [1.0])
    bare, foreign = eg.Network(seed=1), growing("numpy", "r > 2.5", [1.0])[1]
    none = bare.create(2, GROWING, name="none")

    with pytest.raises(NotCompiled, match=r"simulate_until\(\) needs a compiled network"):
        bare.simulate_until(10.0, none)
    bare.compile(backend="numpy")
    with pytest.raises(InvalidArgument, match="population 'none' has no stop condition\n  help: give it one when"):
        bare.simulate_until(10.0, none)
    for population in ("pop0", None, foreign, [pop, foreign], [pop, 3]):
        with pytest.raises(InvalidArgument, match="expected populations of this network"):
            net.simulate_until(10.0, population)
    with pytest.raises(InvalidArgument, match="expected a population or a list of them, got none"):
        net.simulate_until(10.0, [])
    for operator in ("xor", ""):
        with pytest.raises(InvalidArgument, match="operator must be 'and' or 'or'"):
            net.simulate_until(10.0, pop, operator)
    for ms in (-1.0, "long", None, float("nan")):
        with pytest.raises(InvalidArgument, match="max_duration: expected"):
            net.simulate_until(ms, pop)
    assert net.current_step == 0


def test_implicit_network_and_measured_time(capsys):
    pop = eg.Population(1, GROWING, stop_condition="r > 2.5")
    eg.compile(backend="numpy")

    assert eg.simulate_until(10.0, pop, measure_time=True) == 3.0
    assert "simulating 3 ms took" in capsys.readouterr().out
