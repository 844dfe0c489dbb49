"""Wrong calls and their messages, in a golden file that must read well. ENGRAM_GOLDEN=1 writes it anew."""

import os
from pathlib import Path

import numpy as np
import pytest

import engram as eg
from engram.errors import LoadWarning
from tests.network.small import LEAKY, LIF, PLASTIC

pytestmark = pytest.mark.cc

GOLDEN = Path(__file__).parents[1] / "golden" / "calls_errors.txt"


def network(n_exc=800, n_inh=200, dt=1.0, names=("exc", "inh"), p=0.01, compiled=True):
    net = eg.Network(dt=dt, seed=1)
    exc, inh = net.create(n_exc, LIF, name=names[0]), net.create(n_inh, LIF, name=names[1])
    proj = net.connect(exc, inh, "exc", PLASTIC, name="exc_to_inh")
    proj.fixed_probability(p, weights=eg.Uniform(0.0, 1.0))
    if compiled:
        net.compile()
    return net, exc, inh, proj


def load_before_compile():
    network(compiled=False)[0].load("run7.npz")


def duplicate_name():
    network(compiled=False)[0].create(100, LIF, name="exc")


def unknown_attribute():
    network()[1].taau = 20.0


def unknown_attribute_read():
    return network()[3].weights


def wrong_shape():
    network()[1].v = np.zeros(200)


def array_for_a_global():
    network()[1].tau = np.zeros(800)


def wrong_type():
    network()[1].n = 2.5


def wrong_lists():
    network(n_exc=3, n_inh=2, p=1.0)[3].w = [[0.1, 0.2, 0.3], [0.4, 0.5]]


def assigned_method():
    network()[1].size = 3


def missing_connector():
    net = eg.Network(seed=1)
    exc, inh = net.create(800, LIF, name="exc"), net.create(200, LIF, name="inh")
    net.connect(exc, inh, "exc", name="exc_to_inh")
    net.compile()


def misspelt_connector_argument():
    net, exc, inh, _ = network(compiled=False)
    net.connect(exc, inh, "exc", name="second").all_to_all(weight=0.1)


def impossible_probability():
    net, exc, inh, _ = network(compiled=False)
    net.connect(exc, inh, "exc", name="second").fixed_probability(1.2)


def endless_delays():
    net, exc, inh, _ = network(compiled=False)
    net.connect(exc, inh, "exc", name="second").all_to_all(delays=eg.Normal(5.0, 1.0))


def second_connector():
    network(compiled=False)[3].all_to_all(1.0)


def unknown_setting():
    eg.Network(seed=1).config(num_thread=2)


def wrong_setting():
    eg.Network(dt=-0.1)


def late_setting():
    network()[0].config(dt=0.5)


def create_after_compile():
    network()[0].create(10, LIF)


def negative_duration():
    network()[0].simulate(-100.0)


def simulate_before_compile():
    network(compiled=False)[0].simulate(100.0)


def unknown_population():
    network()[0].get_population("PFC")


def recorded_parameter():
    net, exc, _, _ = network()
    net.monitor(exc, ["v", "b"])


def unknown_recorded_variable():
    net, exc, _, _ = network()
    net.monitor(exc, "vv")


def not_recorded():
    net, exc, _, _ = network()
    net.monitor(exc, "v").get("k")


def foreign_population():
    network(compiled=False)[0].connect(network(compiled=False)[1], network(compiled=False)[2], "exc")


def spiking_onto_rates():
    net = eg.Network(seed=1)
    net.connect(net.create(3, LIF, name="exc"), net.create(3, LEAKY, name="rate"), "exc").one_to_one()
    net.compile()


def bad_name():
    eg.Network(seed=1).create(10, LIF, name="exc/1")


def file_of_another_network():
    network(n_exc=1000, dt=0.5)[0].save("run7.npz")
    network()[0].load("run7.npz")


def file_with_other_names():
    network(names=("E", "I"))[0].save("run8.npz")
    network()[0].load("run8.npz")


def file_that_is_not_there():
    network()[0].load("nowhere.npz")


def file_that_is_no_network():
    Path("notes.txt").write_text("remember to buy milk\n")
    network()[0].load("notes.txt")


def truncated_file():
    network()[0].save("run9.npz")
    data = Path("run9.npz").read_bytes()
    Path("run9.npz").write_bytes(data[: len(data) // 2])
    network()[0].load("run9.npz")


def unknown_argument():
    eg.Network(step=0.1)


def missing_argument():
    network()[0].simulate()


def flag_that_is_a_number():
    network()[0].save("run7.npz", monitors=0)


def path_that_is_a_number():
    network()[0].report(3)


def list_of_other_things():
    net, exc, _, _ = network(compiled=False)
    net.monitor(exc, ["v", 3])


def read_only():
    network()[0].seed = 3


def time_between_two_steps():
    network()[0].time = 2.5


def step_before_the_first():
    network()[0].current_step = -1


def values_of_no_shape():
    eg.Uniform(0.0, 1.0).get_values("a")


def clear_before_compile():
    network(compiled=False)[1].clear()


def flag_that_is_text():
    network()[3].axon_transmission = "off"


def axonal_spikes_of_neurons_without():
    net, exc, _, _ = network()
    net.monitor(exc, "axon_spike")


def learning_of_something_else():
    net, exc, _, _ = network()
    net.enable_learning([exc])


def learning_period_below_a_step():
    network()[0].enable_learning(period=0.5)


def wrong_stop_condition():
    eg.Network(seed=1).create(10, LIF, stop_condition="v > threshold : al")


def until_without_a_condition():
    net, exc, _, _ = network()
    net.simulate_until(100.0, exc)


def until_an_unknown_operator():
    net = eg.Network(seed=1)
    pop = net.create(10, LIF, stop_condition="spiked")
    net.compile()
    net.simulate_until(100.0, pop, operator="xor")


def function_with_too_few_arguments():
    neuron = eg.Neuron(equations="r = gain(1.0, 2.0)", functions="gain(x, k) = k*x")
    eg.Network(seed=1).create(10, neuron).gain(3.0)


def function_of_arrays_that_differ():
    neuron = eg.Neuron(equations="r = gain(1.0, 2.0)", functions="gain(x, k) = k*x")
    eg.Network(seed=1).create(10, neuron).gain([1.0, 2.0], [1.0, 2.0, 3.0])


def unknown_function():
    eg.functions("gian")


def sum_of_what_is_not_connected():
    net = eg.Network(seed=1)
    rate = net.create(3, LEAKY, name="rate")
    net.connect(rate, rate, "inh", eg.Synapse(psp="w*pre.r*post.sum(exc)", name="gated")).all_to_all(0.1)
    net.compile()


def resistance_of_nothing():
    eg.GIF_curr(C_m=0.0)


def time_constant_of_nothing():
    eg.IF_curr_exp(tau_m=0.0)


def divisors_of_nothing():
    eg.Neuron(
        parameters="tau = 0.0 : population\nC = 0.0\nb = 0.0",
        equations="tau*dv/dt = -v + exp(-1.0/b)\ndu/dt = (v - u)/(2.0*C)\nr = u",
        name="leaky",
    )


def time_constant_of_nothing_in_one_neuron():
    net = eg.Network(seed=1)
    net.create((2, 2), eg.IF_curr_exp, name="exc")[1, 0].tau_m = -5.0


CALLS = [function for name, function in list(globals().items())
         if callable(function) and getattr(function, "__module__", "") == __name__ and name != "network"]  # fmt: skip


@pytest.mark.filterwarnings("ignore", category=LoadWarning)
def test_messages_of_wrong_calls_are_those_that_were_approved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = []
    for call in CALLS:
        with pytest.raises(eg.EngramError) as caught:
            call()
        parts.append(f"--- {call.__name__.replace('_', ' ')}\n{type(caught.value).__name__}: {caught.value}\n")
    found = "\n".join(parts).replace(str(tmp_path), "FOLDER")
    if os.environ.get("ENGRAM_GOLDEN") == "1":
        GOLDEN.write_text(found, encoding="utf-8")

    assert len(parts) >= 30
    assert found == GOLDEN.read_text(encoding="utf-8")
