"""Constants: whose equations know them, which names they may have, and what Python sees of them."""

import copy
import pickle

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, LanguageError, UnknownAttribute
from engram.language.errors import DuplicateDefinition, UnknownName
from engram.models.registry import REGISTRY
from tests.cases import each


@pytest.fixture(autouse=True)
def _forget():
    eg.clear()
    yield
    eg.clear()


def network(model):
    net = eg.Network(dt=1.0, seed=1)
    return net, net.create(2, model)


@each(
    ("texts", "place"),
    [
        ({"equations": "x = 2.0\nr = x + klate"}, "in Neuron 'cell', line 2, column 9:\n  2 | r = x + klate\n"),
        (
            {"equations": "r = f(1)", "functions": "f(x) = klate*x"},
            "in Neuron 'cell', line 1, column 5:\n  1 | r = f(1)\n    |     ^^^^\n",
        ),
    ],
)
def test_constant_of_another_network_is_unknown_until_this_one_declares_it(texts, place):
    other = eg.Network(seed=1)
    other.constant("klate", 3.0)
    net, pop = network(eg.Neuron(name="cell", **texts))

    with pytest.raises(UnknownName, match="unknown name 'klate': this network has no such constant") as caught:
        net.compile()
    assert place in str(caught.value)
    assert "help: declare it before compile(): net.constant('klate', ...)" in str(caught.value)
    net.constant("klate", 4.0)
    net.compile()
    net.step()
    assert pop.r[0] in (4.0, 6.0)


def test_constant_of_another_network_when_a_shared_function_reads_it_shows_the_call():
    other = eg.Network(seed=1)
    other.constant("klate", 3.0)
    eg.add_function("late(x, y) = x + y + klate")
    net, _ = network(eg.Neuron(equations="r = late(1, 2)", functions="f(x) = x"))

    with pytest.raises(UnknownName, match=r"1 \| r = late\(1, 2\)\n    \|     \^{10}\n"):
        net.compile()


def test_initial_value_that_is_a_constant_of_another_network_says_what_to_type():
    eg.Network(seed=1).constant("klate", 3.0)
    net, _ = network(eg.Neuron(equations="r = 1.0 : init=klate"))

    with pytest.raises(InvalidArgument, match=r"init=klate is not known before it\n  help: declare it .*'klate'"):
        net.compile()


NAMES = "t dt t_last pi E exp clip fabs if else and or not True pre post w r size sum mean Normal g_exc g_ __x".split()


@each("name", NAMES)
def test_reserved_name_is_refused_and_nothing_changes(name):
    net, pop = network(eg.Neuron(equations="r = pi"))

    for declare in (eg.Constant, net.constant):
        with pytest.raises(InvalidArgument, match=f"a constant can't be named '{name}': .*\n  help: choose another"):
            declare(name, 2.0)
    assert not REGISTRY.names
    net.compile()
    net.step()
    assert pop.r[0] == np.pi
    with pytest.raises(InvalidArgument, match="a constant can't be named"):
        net.constant(name, 2.0)


def test_name_that_nothing_has_says_how_to_declare_it():
    with pytest.raises(UnknownName, match=r"parameters`: 'Qqq = ...'; or declare .* eg.Constant\('Qqq', ...\) or net"):
        eg.Network().create(1, eg.Neuron(equations="r = Qqq"))
    with pytest.raises(UnknownName, match=r"help: declare it before the model: eg.add_function\('qqq\(...\) = ...'\)"):
        eg.Neuron(equations="r = qqq(1)")
    with pytest.raises(UnknownName, match="help: did you mean 'tau'"):
        eg.Network().create(1, eg.Neuron(parameters="tau = 1.0", equations="r = taus"))


def test_constant_may_be_declared_after_the_models_that_name_it():
    texts = {"functions": "f(x) = x*Later1", "extra_values": {"x": "Later2"}}
    neuron = eg.Neuron("a = 'x'\nb = Later3", "r = f(a) + b : init=Later1, max=Later2\ns = Later4", **texts)
    synapse = eg.Synapse(psp="w*pre.r*Later1")
    assert repr(neuron) == "<Neuron: 6 errors in Neuron>"
    assert repr(synapse) == "<Synapse: unknown name 'Later1'>"
    assert neuron.functions == "f(x) = x*Later1"

    net = eg.Network(dt=1.0, seed=1)
    for number in range(1, 4):
        eg.Constant(f"Later{number}", number)
    with pytest.raises(UnknownName, match="unknown name 'Later4'\n  in Neuron, line 2, column 5") as caught:
        net.create(1, neuron)
    assert caught.value.place.column == 5
    assert net.get_populations() == []
    net.constant("Later4", 4.0)
    pop = net.create(2, neuron)
    net.connect(pop, pop, "exc", synapse).all_to_all(1.0)
    net.compile(backend="numpy")
    net.step()

    assert (pop.r.tolist(), pop.s.tolist()) == ([2.0, 2.0], [4.0, 4.0])


@each(
    "texts",
    [
        {"equations": "r = Later9", "parameters": "tau = 1.0 : nonsense"},  # something else is wrong too
        {"equations": "r = g_Later9"},  # no constant can be named so
        {"equations": "v = 1.0", "spike": "v > 2", "reset": "Later9 = 1.0"},  # none can be assigned
        {"equations": "r = mV"},  # units have a message of their own
    ],
)
def test_text_that_no_constant_makes_right_is_refused_at_once(texts):
    with pytest.raises(LanguageError):
        eg.Neuron(**texts)


def test_python_computes_with_the_value_of_now():
    everywhere = eg.Constant("everywhere", 2.0)
    net, pop = network(eg.Neuron(parameters="a = 1.0", equations="r = a*everywhere"))
    here = net.constant("here", 2.0)
    net.compile()
    for constant in (everywhere, here):
        constant.set(5.0)
        pop.a = constant

        assert isinstance(constant, float)
        assert (float(constant), repr(constant), str(constant), f"{constant:.1f}") == (5.0, "5.0", "5.0", "5.0")
        assert (constant * 2, 2 * constant, 1 - constant, -constant, constant**2) == (10.0, 10.0, -4.0, -5.0, 25.0)
        assert [constant == 5.0, constant == 2.0, constant > 4, constant < 4] == [True, False, True, False]
        assert hash(constant) == hash(5.0)
        assert (np.array([1.0, 2.0]) * constant).tolist() == [5.0, 10.0]
        assert (np.float64(2) * constant, int(constant), round(constant)) == (10.0, 5, 5)
        assert pop.a.tolist() == [5.0, 5.0]
        assert [copy.deepcopy(constant), pickle.loads(pickle.dumps(constant))] == [5.0, 5.0]


def test_constant_declared_again_changes_the_first_one():
    first = eg.Constant("k", 2.0)
    net, pop = network(eg.Neuron(equations="r = k"))
    net.compile()
    eg.Constant("k", 7.0)
    net.step()

    assert first == 7.0
    assert pop.r.tolist() == [7.0, 7.0]


def test_constant_keeps_its_value_when_clear_forgets_it():
    constant = eg.Constant("k", 2.0)
    constant.set(5.0)
    eg.clear()

    assert constant * 2 == 10.0


def test_clear_forgets_functions_and_constants_unless_told_otherwise():
    eg.add_function("f(x) = x")
    eg.Constant("k", 2.0)
    eg.clear(functions=False, constants=False)
    assert (REGISTRY.functions, [*REGISTRY.names]) == (["f(x) = x"], ["k"])
    eg.clear(constants=False)
    assert (REGISTRY.functions, [*REGISTRY.names]) == ([], ["k"])
    eg.clear()

    assert (REGISTRY.functions, [*REGISTRY.names]) == ([], [])


def test_shared_function_declared_again_is_the_same_one_and_another_is_refused():
    eg.add_function("first(x) = x\nsecond(x) = x")
    for text in ("glob(x)=x", "glob(x)=x", "glob(x) = x  "):
        eg.add_function(text)

    with pytest.raises(DuplicateDefinition, match="another function 'glob' was declared before") as caught:
        eg.add_function("glob(x) = x + 1")
    assert "line 1, column 1:\n  1 | glob(x) = x + 1" in str(caught.value)
    assert "help: give this one another name, or forget all that were declared by eg.clear()." in str(caught.value)
    assert REGISTRY.functions == ["first(x) = x\nsecond(x) = x", "glob(x)=x"]


def test_network_keeps_those_constants_that_it_reads_or_declares(tmp_path):
    for name in ("read", "called", "initial", "stopping", "unread"):
        eg.Constant(name, 2.0)
    neuron = eg.Neuron(equations="r = read*f(1.0) : init=initial", functions="f(x) = called*x")
    net = eg.Network(dt=1.0, seed=1)
    net.create(2, neuron, stop_condition="r > stopping", name="p")
    net.constant("here", 3.0)
    net.compile()
    net.constant("unread", 5.0)  # which no value of the tree follows
    net.constant("here", 4.0)
    net.save_parameters(tmp_path / "parameters.json")
    net.save(tmp_path / "net.npz")
    net.constant("here", 6.0)
    net.load_parameters(tmp_path / "parameters.json")
    assert net.get_constant("here") == 4.0
    net.constant("here", 6.0)
    net.load(tmp_path / "net.npz")
    kept = sorted(path.removeprefix("network/constants/") for path in net._core.state.slots() if "/constants/" in path)

    assert kept == ["called", "here", "initial", "read", "stopping"]
    assert (net.get_constant("here"), net.get_constant("unread")) == (4.0, 5.0)
    net.reset()
    net.step()


def test_constant_beyond_the_largest_float_is_refused():
    with pytest.raises(InvalidArgument, match="constant 'k': expected a finite number"):
        eg.Constant("k", 2**2000)


def test_assignment_to_a_constant_is_refused_and_its_value_read():
    net = eg.Network(seed=1)
    for constant in (eg.Constant("k", 2.0), net.constant("own", 2.0)):
        for name in ("value", "name", "foo"):
            with pytest.raises(
                UnknownAttribute, match=rf"'{name}' of the constant .* can't be .*\n  help: .set\(value\)"
            ):
                setattr(constant, name, 9.0)
        constant.set(3.0)
        assert (constant.value, type(constant.value)) == (3.0, float)
