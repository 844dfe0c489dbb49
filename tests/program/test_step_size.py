"""Warnings of steps that are too long: for time constants under explicit methods, and for rates of spikes."""

import warnings

import numpy as np
import pytest

import engram as eg
from engram.language.methods import METHODS
from tests.cases import each

LEAKY = "tau*dr/dt = -r + 1.0"


def network_of(equations=LEAKY, n=3, dt=1.0, parameters="tau = 10.0", **texts):
    net = eg.Network(dt=dt, seed=1)
    return net, net.create(n, eg.Neuron(parameters=parameters, equations=equations, **texts), name="exc")


def silently(call, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return call(*args, **kwargs)


def compiled(net):
    net.compile(backend="numpy")
    return net


@pytest.mark.parametrize("method", [m.name for m in METHODS.values() if m.is_explicit])
@pytest.mark.parametrize("is_default", [False, True])
def test_step_above_a_time_constant_is_warned_about_once(method, is_default):
    net, pop = network_of(LEAKY if is_default else f"{LEAKY} : {method}", dt=1.0)
    if is_default:
        net.config(method=method)
    pop.tau = [2.0, 0.5, 3.0]
    message = (
        f"population 'exc': dt = 1 ms is longer than tau = 0.5 ms, the time constant of r, which the method '{method}' "
        "can't follow\n  help: write ': exponential' behind the equation, or make dt shorter."
    )

    with pytest.warns(UserWarning) as caught:
        compiled(net)

    assert [str(w.message) for w in caught] == [message]
    assert caught[0].filename == __file__
    silently(pop.set, {"tau": 0.25})


@each("method", [m.name for m in METHODS.values() if m.is_explicit])
@each(
    ("equation", "parameters", "shown"),
    [
        ("C*dr/dt = 1 - g*r", "C = 0.01\ng = 1.0", "C/g = 0.01"),
        ("tau*dr/dt = 1 - g*r", "tau = 1.0\ng = 20.0", "tau/g = 0.05"),
        ("R*C*dr/dt = 1 - r", "R = 2.0\nC = 0.01", "R*C = 0.02"),
        ("dr/dt = -k*r", "k = 20.0", "1/k = 0.05"),
        ("dr/dt = -k*r", "k = 20 : int", "1/k = 0.05"),
        ("dr/dt = k*r", "k = -20.0", "-1/k = 0.05"),
        ("dr/dt = -r*(a*b)", "a = 5.0\nb = 4.0", "1/(a*b) = 0.05"),
        ("a^2*dr/dt = -2*r + a", "a = 0.2", "0.5*a^2 = 0.02"),
        ("dr/dt = (1 - r)/0.05", "a = 0.2", "0.05"),
        ("TT*dr/dt = 1 - r", "a = 0.2", "TT = 0.05"),
        ("cm*dr/dt = cm/tau_m*(E - r) + I", "cm = 3.0\ntau_m = 0.05\nE = 1.0\nI = 0.0", "tau_m = 0.05"),
    ],
)
def test_time_constant_is_a_product_of_parameters_and_constants(method, equation, parameters, shown):
    net = eg.Network(dt=0.1, seed=1)
    net.constant("TT", 0.05)
    net.create(3, eg.Neuron(parameters, f"{equation} : {method}"), name="exc")

    with pytest.warns(UserWarning) as caught:
        compiled(net)

    (message,) = [str(w.message) for w in caught]
    assert message.startswith(
        f"population 'exc': dt = 0.1 ms is longer than {shown} ms, the time constant of r, which the method '{method}'"
    )


def test_product_is_that_of_each_element_and_of_what_is_set_together():
    net, pop = network_of("C*dr/dt = 1 - g*r", dt=0.1, parameters="C = 1.0\ng = 1.0")
    pop.C, pop.g = [10.0, 1.0, 1.0], [50.0, 1.0, 0.0]
    silently(compiled, net)
    silently(pop.set, {"C": 0.01, "g": 0.1})
    silently(setattr, pop[1], "g", 0.01)
    silently(pop[1].set, {"C": 0.001, "g": 0.01})
    silently(pop[:2].set, {"C": [0.001, 0.002], "g": [0.01, 0.02]})

    with pytest.warns(UserWarning, match="longer than C/g = 0.01 ms") as caught:
        pop.g[2] = 1.0

    assert caught[0].filename == __file__


@pytest.mark.parametrize("of_all_networks", [False, True])
def test_constant_set_to_such_a_value_is_warned_about(of_all_networks):
    shared = eg.Constant("TT", 10.0)
    net = eg.Network(dt=1.0, seed=1)
    constant = shared if of_all_networks else net.constant("TT", 10.0)
    pops = [net.create(2, eg.Neuron(equations="TT*dr/dt = 1 - r")) for _ in range(2)]
    silently(compiled, net)

    with pytest.raises(UserWarning, match="longer than TT = 0.5 ms"):
        silently(constant.set, 0.5)
    assert constant == 10.0
    pops[0]._core.warned.clear()
    with pytest.warns(UserWarning, match="longer than TT = 0.5 ms") as caught:
        constant.set(0.5)

    assert len(caught) == 2
    assert caught[0].filename == __file__


def test_product_of_values_of_synapses_and_of_neurons_takes_those_that_meet():
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(2, eg.Neuron(equations="r = 1.0 + 0.0*sum(exc)"))
    rule = eg.Synapse("a = 4.0\nb = 1.0 : postsynaptic", "a*b*dw/dt = -w + pre.r")
    proj = net.connect(pop, pop, "exc", rule, name="own").all_to_all(1.0, allow_self_connections=True)
    silently(compiled, net)
    silently(setattr, proj, "b", [1.0, 0.25])
    silently(proj.synapse(0, 0).set, {"a": 1.0})

    with pytest.warns(UserWarning, match="longer than a\\*b = 0.5 ms, the time constant of w"):
        proj.a = [[1.0, 4.0], [2.0, 4.0]]


@pytest.mark.parametrize("set_it", ["all", "some", "one", "view"])
def test_parameter_set_to_such_a_value_is_warned_about(set_it):
    net, pop = network_of()
    silently(compiled, net)
    before = pop.tau.copy()

    with pytest.warns(UserWarning, match="dt = 1 ms is longer than tau = 0.1 ms") as caught:
        if set_it == "all":
            pop.tau = 0.1
        elif set_it == "some":
            pop.tau[:2] = 0.1
        elif set_it == "one":
            pop[1].tau = 0.1
        else:
            pop[1:].set({"tau": np.array([5.0, 0.1])})

    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert not np.array_equal(pop.tau, before)


@each(
    ("equations", "parameters"),
    [
        (f"{LEAKY} : exponential", "tau = 0.5"),
        (f"{LEAKY} : semiimplicit", "tau = 0.5"),
        (f"{LEAKY} : implicit", "tau = 0.5"),
        (f"{LEAKY} : linear", "tau = 0.5"),
        (LEAKY, "tau = 1.0"),
        (LEAKY, "tau = inf"),
        (LEAKY, "tau = -0.5"),
        ("tau*dr/dt = 1.0", "tau = 0.5"),
        ("dr/dt = r*tau", "tau = 5.0"),
        ("dr/dt = -r*tau", "tau = 0.5"),
        ("dr/dt = -r*tau", "tau = 0.0"),
        ("tau*dr/dt = -r*g", "tau = inf\ng = inf"),
        ("dr/dt = -(a + b)*r", "a = 5.0\nb = 5.0"),
        ("g = 5.0\ndr/dt = -g*r", "a = 5.0"),
        ("dr/dt = -1e300^2*r", "a = 5.0"),
        ("dr/dt = -5*r/dt", "a = 5.0"),
        ("r = tau", "tau = 0.5"),
    ],
)
def test_no_warning_where_the_step_is_no_matter(equations, parameters):
    silently(compiled, network_of(equations, parameters=parameters)[0])


def test_step_of_the_same_number_in_single_precision_is_no_longer():
    net, _ = network_of(dt=0.7, parameters="tau = 0.7")
    net.config(dtype=eg.float32)
    silently(compiled, net)


def test_time_constant_beside_what_is_not_linear_is_found():
    net, _ = network_of(
        "tau*dv/dt = E - v + D*exp((v - E)/D)", parameters="tau = 0.5\nE = -60.0\nD = 2.0", spike="v > 0"
    )

    with pytest.warns(UserWarning, match="tau = 0.5 ms, the time constant of v.*\n  help: make dt shorter"):
        compiled(net)


def test_learning_period_above_a_time_constant_is_warned_about():
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(2, eg.Neuron(equations="r = 1.0 + 0.0*sum(exc)"))
    rule = eg.Synapse(parameters="tau = 10.0 : projection", equations="tau*dw/dt = -w + pre.r")
    proj = net.connect(pop, pop, "exc", rule, name="own").all_to_all(1.0)
    silently(compiled, net)
    silently(proj.enable_learning, period=5.0)

    with pytest.warns(UserWarning, match="'own': the learning period = 20 ms is longer than tau = 10 ms, .* of w"):
        proj.enable_learning(period=20.0)


@each(
    ("equations", "spike"),
    [
        ("p = Uniform(0.0, 1.0)*1000.0/dt", "p < rates"),
        ("p = Uniform(0.0, 1.0)*1000.0/dt", "(t > 5.0) and (rates >= p)"),
        ("v = 0.0", "Uniform(0.0, 1.0) < rates*dt/1000.0"),
        ("v = 0.0", "rates > 1000.0/dt*Uniform(0.0, 1.0)"),
    ],
)
def test_rate_above_a_spike_in_every_step_is_warned_about(equations, spike):
    net, pop = network_of(equations, dt=0.1, parameters="rates = 10000.0", spike=spike)
    silently(compiled, net)

    with pytest.warns(UserWarning) as caught:
        pop.rates = [10.0, 20000.0, 0.0]

    assert [str(w.message) for w in caught] == [
        "population 'exc': rates = 20000 is above 10000, which is a spike in every step of 0.1 ms\n"
        "  help: make dt shorter than 0.05 ms, or let more neurons share the rate."
    ]
    silently(setattr, pop, "rates", 30000.0)


@each("spike", ["Uniform(0.0, 1.0) < p", "p < v", "Uniform(0.0, 1.0)*1000.0/dt > p", "v*1000/dt < p"])
def test_other_conditions_are_no_rates(spike):
    silently(compiled, network_of("v = 0.0", dt=0.1, parameters="p = 1e6", spike=spike)[0])


def test_warning_that_is_an_error_sets_nothing():
    net, pop = network_of()
    compiled(net)
    before = net.digest()
    with pytest.raises(UserWarning, match="longer"):
        silently(pop.set, {"tau": 0.5})

    assert net.digest() == before


def test_delay_off_the_grid_is_warned_about_once():
    net, pop = network_of("r = 1.0", dt=0.1, parameters="")
    for delay in (0.0, 0.3, eg.Uniform(0.0, 0.45), 0.15, 0.04):
        net.connect(pop, pop, "exc", name=f"d{delay}" if isinstance(delay, float) else None).all_to_all(
            1.0, delays=delay
        )
    advice = "\n  help: give a multiple of dt, or make dt shorter."
    with pytest.warns(eg.EngramWarning) as caught:
        compiled(net)
    said = [str(one.message) for one in caught if "delay" in str(one.message)]
    taken = "projection 'd0.15': a delay of 0.15 ms is 1.5 steps of dt = 0.1 ms: 0.1 ms is taken"
    assert said == [f"{taken}; others are rounded, too{advice}"]

    proj = net.get_projection("d0.3")
    with pytest.raises(eg.EngramWarning, match="a delay of 0.27 ms is 2.7 steps"):
        silently(setattr, proj, "delay", 0.27)
    assert proj.delay == 0.3
    silently(setattr, proj, "delay", 0.7)
