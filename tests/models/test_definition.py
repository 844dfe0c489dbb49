"""Models as objects: their texts can be read, and nothing of them assigned."""

import pytest

import engram as eg
from engram.errors import LanguageError, UnknownAttribute
from tests.cases import each


def test_texts_are_read_as_they_were_given():
    neuron = eg.Neuron("a = 1.0", ["dv/dt = -v", "x = a"], spike="v > a", refractory=2.0, name="n", description="d")
    synapse = eg.Synapse(pre_spike="g_target += w")

    read = (neuron.parameters, neuron.equations, neuron.spike, neuron.refractory, neuron.reset, neuron.description)
    assert read == ("a = 1.0", ["dv/dt = -v", "x = a"], "v > a", 2.0, None, "d")
    assert (synapse.pre_spike, synapse.post_spike, synapse.operation) == ("g_target += w", None, "sum")
    assert {"equations", "spike", "refractory"} <= {*dir(neuron)}
    with pytest.raises(
        UnknownAttribute, match="neuron 'n' has no attribute 'psp'\n  known here: parameters, equations"
    ):
        neuron.psp  # noqa: B018  reading is what is tested


class Mine(eg.Neuron):
    """A user's own model, with a fact of the user's."""

    def __init__(self, tau):
        self.tau = tau
        super().__init__(f"tau = {tau}", "tau*dr/dt = -r")
        self.unit = "mV"


@each(
    ("model", "name"),
    [(eg.Neuron(equations="r = 1.0"), "foo"), (eg.Izhikevich(), "a"), (eg.STP(), "name"), (Mine(2.0), "equations")],
)
def test_assignment_to_a_model_is_refused(model, name):
    with pytest.raises(
        UnknownAttribute, match=f"'{name}' of .* can't be assigned: a model does not change\n  help: make"
    ):
        setattr(model, name, 3)
    assert (Mine(2.0).tau, Mine(2.0).unit) == (2.0, "mV")


@each(
    ("make", "said"),
    [
        (lambda: eg.Neuron(equations="k = k : int, init=Uniform(0, 5)\nr = 1"), "'k' must be int, got Uniform"),
        (lambda: eg.Neuron({"k": eg.Parameter(eg.Normal(0, 1), type="bool")}, "r = 1"), "'k' must be bool, got Normal"),
        (lambda: eg.Synapse({"k": eg.Parameter(eg.Poisson(2, max=1.5), type="int")}), "'k' must be int, got Poisson"),
    ],
)
def test_values_that_would_have_to_be_cut_are_refused(make, said):
    with pytest.raises(LanguageError, match=said):
        make()
    eg.Neuron({"k": eg.Parameter(eg.Poisson(2, max=7), type="int")}, "b = b : bool, init=DiscreteUniform(0, 1)\nr = 1")


def test_refractory_period_may_be_given_to_a_population():
    net = eg.Network(seed=1)
    model = eg.Neuron("rest = 3.0", "dv/dt = 1.0", spike="v > 2.5", reset="v = 0")
    p, q, none = (net.create(1, model, name=name) for name in "pqn")
    p.refractory, q.refractory = 5.0, "rest"
    with pytest.raises(LanguageError, match="unknown name 'nope' as refractory period"):
        none.refractory = "nope"
    monitors = [net.monitor(one, "spike") for one in (p, q, none)]
    net.compile(backend="numpy")
    net.simulate(12.0)

    assert (p.refractory, q.refractory.tolist(), none.refractory, model.refractory) == (5.0, [3.0], None, None)
    assert [m.get("spike")[0] for m in monitors] == [[2, 10], [2, 8], [2, 5, 8, 11]]
    assert [m.get("spike")[0] for m in net.copy().get_monitors()] == [[]] * 3
