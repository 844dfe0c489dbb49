"""SPEC 3.5: functions of models, and those of all models, called from Python."""

import math

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, LanguageError, UnknownAttribute
from engram.models.registry import REGISTRY
from tests.cases import each
from tests.spec.running import connected, sink, source


@pytest.fixture(autouse=True)
def _nothing_shared():
    eg.clear()
    yield
    eg.clear()


def population(functions, equations="r = 0.0", net=None):
    net = eg.Network(seed=1) if net is None else net
    return net.create(3, eg.Neuron(equations=equations, functions=functions, name="some"), name="pop")


def test_function_of_numbers_gives_a_number_and_of_lists_a_list():
    pop = population("f(x, y) = x*y + 1")

    assert pop.f(2, 3) == 7.0
    assert type(pop.f(2, 3)) is float
    assert pop.f([1, 2, 3], [4.0, 5.0, 6.0]) == [5.0, 11.0, 19.0]
    assert pop.f([1, 2], 10) == [11.0, 21.0]
    assert pop.f([[1, 2], [3, 4]], 1) == [[2.0, 3.0], [4.0, 5.0]]


def test_function_of_arrays_gives_an_array_of_their_shape():
    x = np.linspace(-1.0, 2.0, 6).reshape(2, 3)
    found = population("f(x, y) = if x > y: exp(x) else: pos(x)^2").f(x, 0.5)

    assert found.dtype == np.float64
    np.testing.assert_allclose(found, np.where(x > 0.5, np.exp(x), np.maximum(x, 0.0) ** 2), rtol=1e-15)


@pytest.mark.cc
def test_function_called_from_python_is_what_equations_compute():
    text = "f(x) = clip(g(x)/3, -2, 2) + modulo(x, 4)\n g(x) = if x < 1: 7/2 else: x^3"
    pop = population(text, "x = t - 4\nr = f(x)")
    monitor = pop._network.monitor(pop, ["x", "r"])
    pop._network.compile(backend="numpy")
    pop._network.simulate(12.0)
    record = monitor.get()

    assert pop.f(record["x"]).tolist() == record["r"].tolist()


def test_condition_gives_truths_and_a_function_without_arguments_its_value():
    pop = population("f(x) = x > 2 and x < 5\n g(x) = 3\n h() = 2*pi")

    assert pop.f(3.0) is True
    assert pop.f([1, 3, 9]) == [False, True, False]
    assert pop.g([1, 2]) == [3.0, 3.0]
    assert pop.h() == 2 * math.pi


def test_functions_of_populations_views_and_projections_are_listed():
    synapse = eg.Synapse(pre_spike="g_target += f(w)", functions="f(x) = 2*x")
    _, one, _, proj = connected(source(1), sink(), synapse)
    pop = population("g(x) = f(x) + 1\n f(x) = x*x")

    assert (one.functions, proj.functions, pop.functions) == ([], ["f"], ["g", "f"])
    assert proj.f([1.5, 2.0]) == [3.0, 4.0]
    assert pop[:2].g(3.0) == 10.0
    assert "g" in dir(pop)


def test_constants_have_the_values_of_the_network():
    eg.Constant("k", 2.0)
    net, other = eg.Network(seed=1), eg.Network(seed=1)
    pops = [population("f(x) = k*x", net=n) for n in (net, other)]
    net.constant("k", 5.0)

    assert [pop.f(3.0) for pop in pops] == [15.0, 6.0]
    net.get_constant("k").set(7.0)
    assert [pop.f(3.0) for pop in pops] == [21.0, 6.0]


def test_attribute_hides_a_function_of_its_name_and_own_functions_hide_shared_ones():
    eg.add_function("f(x) = 100*x")
    pop = population("f(x) = 2*x\n g(x) = f(x)")

    assert (pop.f(1), pop.g(1), eg.functions("f")(1)) == (2.0, 2.0, 100.0)


def test_shared_functions_are_called_through_the_module():
    eg.Constant("k", 3.0)
    eg.add_function("g(x) = x + 1")
    eg.add_function("f(x, y) = k*g(x) + y")
    net = eg.Network(seed=1)
    net.constant("k", 10.0)

    assert eg.functions("f")(1, [0, 1]) == [6.0, 7.0]
    assert eg.functions("f", net)(1, np.array([0, 1])).tolist() == [20.0, 21.0]
    assert repr(eg.functions("f")) == "<function f(x, y)>"


def test_functions_that_call_others_deeply_are_called_or_refused():
    chain = "\n".join(f"f{k}(x) = f{k + 1}(x) + 1" for k in range(90))
    doubling = "\n".join(f"f{k}(x) = f{k + 1}(x) * f{k + 1}(x)" for k in range(30))

    assert population(f"{chain}\nf90(x) = x").f0(0.5) == 90.5
    with pytest.raises(LanguageError, match="may have 16384 nodes with its functions put in place, not more than 10"):
        population(f"{doubling}\nf30(x) = x").f0(0.5)


def test_shared_functions_that_call_others_too_deeply_are_refused():
    eg.add_function("f0(x) = x + 1")
    for k in range(1, 220):
        REGISTRY.functions.append(f"f{k}(x) = f{k - 1}(x) + 1")  # as add_function would, in less time

    with pytest.raises(LanguageError, match="nested more than 200 deep with those that it calls"):
        eg.functions("f219")(1.0)


@each(
    ("values", "said"),
    [
        ((1,), r"f\(x, y\) takes 2 arguments, not 1"),
        ((1, 2, 3), r"f\(x, y\) takes 2 arguments, not 3"),
        (("a", 1), r"f\(x, y\): x must be a number, a list or an array, not 'a'"),
        ((1, None), "y must be a number, a list or an array, not None"),
        ((1, [[1, 2], [3]]), r"y must be a number, a list or an array, not \[\[1, 2\], \[3\]\]"),
        (([1, 2], [1, 2, 3]), r"must have one shape, or be numbers; x has shape \(2,\), y has shape \(3,\)"),
        ((1, 1j), "y must be a number, a list or an array, not 1j"),
    ],
)
def test_wrong_calls_are_refused(values, said):
    with pytest.raises(InvalidArgument, match=said):
        population("f(x, y) = x*y").f(*values)


@each(
    ("name", "said"),
    [
        ("gian", "there is no function 'gian'\n  help: did you mean 'gain'?"),
        ("h", r"help: add_function\(\) declares one; there are 'gain'"),
        (None, r"functions\(\): name must be text, not None"),
    ],
)
def test_shared_function_when_unknown_names_those_that_there_are(name, said):
    eg.add_function("gain(x) = 2*x")

    with pytest.raises(InvalidArgument, match=said):
        eg.functions(name)


def test_function_that_reads_a_constant_of_another_network_is_refused():
    other = eg.Network(seed=1)
    other.constant("k", 2.0)
    pop = population("f(x) = k*x")

    with pytest.raises(InvalidArgument, match=r"f\(x\): the network has no constant 'k'\n  help: declare it with"):
        pop.f(1.0)


def test_function_cannot_be_assigned():
    pop = population("f(x) = x")

    with pytest.raises(UnknownAttribute, match="population 'pop' has no attribute 'f'"):
        pop.f = 3.0
    assert pop.f(2.0) == 2.0
