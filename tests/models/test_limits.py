"""What values parameters of ready-made models may have: refused wherever they are given; infinite ones are limits."""

from __future__ import annotations

import json
import math
from itertools import product
from typing import Any

import numpy as np
import pytest

import engram as eg
from engram import models
from engram.errors import EngramError, InvalidArgument, ParametersError
from tests.cases import each, tried

BACKENDS = pytest.mark.parametrize("backend", ["numpy", pytest.param("c", marks=pytest.mark.cc)])

LEAKY = "cm tau_m tau_syn_E tau_syn_I"
ABOVE_0 = {
    "LeakyIntegrator": "tau",
    "Izhikevich": "",
    **dict.fromkeys(("IF_curr_exp", "IF_cond_exp", "IF_curr_alpha", "IF_cond_alpha"), LEAKY),
    **dict.fromkeys(("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista"), f"{LEAKY} tau_w"),
    "HH_cond_exp": "cm tau_syn_E tau_syn_I",
    "GIF_curr": "tau_m tau_v delta_u C_m",
    "GIF_curr_exp": "tau_m tau_v delta_u tau_g_exc tau_g_inh C_m",
    "STP": "tau_rec tau_facil",
    "STDP": "tau_plus tau_minus",
    "Hebb": "",
    "Oja": "",
    "IBCM": "tau",
}
FINITE = {
    **dict.fromkeys(("IF_curr_exp", "IF_cond_exp"), "cm"),
    **dict.fromkeys(("IF_curr_alpha", "IF_cond_alpha"), "cm tau_syn_E tau_syn_I"),
    "EIF_cond_exp_isfa_ista": "tau_m",
    "EIF_cond_alpha_isfa_ista": "tau_m tau_syn_E tau_syn_I",
    **dict.fromkeys(("GIF_curr", "GIF_curr_exp"), "tau_m"),
}
PAIRS = [(model, name) for model, words in ABOVE_0.items() for name in words.split()]
SYNAPSES = [c.__name__ for c in models.list_standard_synapses()]


def owner_of(definition: Any) -> tuple[eg.Network, Any]:
    """Return a network, not compiled, and what has the attributes of a model: a population or a projection."""
    net = eg.Network(dt=0.1, seed=1)
    if not isinstance(definition, eg.Synapse):
        return net, net.create(3, definition, name="some")
    neuron = eg.IF_curr_exp if definition.spec.spiking else eg.LeakyIntegrator
    pre, post = net.create(3, neuron, name="pre"), net.create(2, neuron, name="post")
    return net, net.connect(pre, post, "exc", definition, name="some").all_to_all(weights=eg.Uniform(0.0, 1.0))


def test_every_model_stands_in_the_table() -> None:
    names = [c.__name__ for c in (*models.list_standard_neurons(), *models.list_standard_synapses())]

    assert set(ABOVE_0) == set(names)
    for name in names:
        found = {x.name for x in getattr(models, name)().spec.limits if x.rule.startswith("positive")}
        assert found == set(ABOVE_0[name].split()) - {"C_m"}


@each(("pair", "value"), tried(PAIRS, [0.0, -1.0, -math.inf, 0, np.float32(0.0)], 1))
def test_zero_and_below_is_refused_at_construction(pair: tuple[str, str], value: float) -> None:
    model, name = pair
    message = rf"^{model}: {name} must be above 0( and finite)?, got {float(value)!r}\n"
    with pytest.raises(InvalidArgument, match=message):
        getattr(models, model)(**{name: value})


@each("model", [model for model, words in ABOVE_0.items() if words])
def test_zero_and_below_is_refused_when_set_before_and_after_compile(model: str) -> None:
    net, owner = owner_of(getattr(models, model)())
    names = [name for name in ABOVE_0[model].split() if name != "C_m"]
    before = [np.copy(owner.get(name)) for name in names]

    for compiled in (False, True):
        if compiled:
            net.compile(backend="numpy")
            digest = net.digest()
        for name, wrong in product(names, (0.0, -3.0, math.nan)):
            message = rf"^{model}: {name} must be above 0( and finite)?, got .*\n  in .* 'some'"
            with pytest.raises(InvalidArgument, match=message):
                setattr(owner, name, wrong)
            with pytest.raises(InvalidArgument, match=message):
                owner.set({name: wrong})

    for name, value in zip(names, before, strict=True):
        np.testing.assert_array_equal(owner.get(name), value)
    assert net.digest() == digest


@each(
    ("model", "name"),
    [
        ("EIF_cond_exp_isfa_ista", "delta_T"),
        ("EIF_cond_alpha_isfa_ista", "delta_T"),
        ("GIF_curr", "c"),
        ("GIF_curr_exp", "c"),
    ],
)
def test_what_may_be_zero_may_not_be_below(model: str, name: str) -> None:
    _, owner = owner_of(getattr(models, model)(**{name: 0.0}))
    message = f"^{model}: {name} must be 0 or above, got -1.0\n"

    with pytest.raises(InvalidArgument, match=message):
        getattr(models, model)(**{name: -1.0})
    with pytest.raises(InvalidArgument, match=message):
        owner.set({name: -1.0})


@each("model", [m for m in ABOVE_0 if m not in SYNAPSES])
def test_no_parameter_of_a_ready_made_model_may_be_nan(model: str) -> None:
    spec = getattr(models, model)().spec
    _, owner = owner_of(getattr(models, model)())

    for attribute in (a for a in spec.attributes if not a.is_variable):
        with pytest.raises(InvalidArgument, match=f"^{model}: {attribute.name} must be .*, got nan"):
            owner.set({attribute.name: math.nan})
    with pytest.raises(EngramError, match="must be a number, not nan"):
        getattr(models, model)(**{next(a.name for a in spec.attributes if a.name != "R"): math.nan})


@each(("model", "name"), [pair for pair in PAIRS if pair[1] != "C_m"])
def test_infinity_is_a_limit_where_the_equations_have_one(model: str, name: str) -> None:
    _, owner = owner_of(getattr(models, model)())
    if name in FINITE.get(model, "").split():
        with pytest.raises(InvalidArgument, match=f"^{model}: {name} must be above 0 and finite, got inf"):
            getattr(models, model)(**{name: np.inf})
        with pytest.raises(InvalidArgument, match="got inf"):
            owner.set({name: np.inf})
    else:
        getattr(models, model)(**{name: np.inf})
        owner.set({name: np.inf})

        assert np.all(owner.get(name) == np.inf)


def test_one_wrong_element_is_named_and_nothing_is_set() -> None:
    net = eg.Network(dt=0.1, seed=1)
    pop = net.create((2, 2), eg.IF_curr_exp, name="exc")
    net.compile(backend="numpy")
    before = net.digest()

    with pytest.raises(
        InvalidArgument, match=r"IF_curr_exp: tau_m must be above 0, got 0.0\n  in .* 'exc', neuron 2\n"
    ):
        pop.tau_m = [[10.0, 20.0], [0.0, 5.0]]
    with pytest.raises(InvalidArgument, match="cm must be above 0 and finite, got -1.0"):
        pop.set({"tau_m": 5.0, "v": eg.Uniform(0.0, 1.0), "cm": -1.0})
    with pytest.raises(InvalidArgument, match="'exc', neuron 3"):
        pop[1:4].tau_m = np.array([3.0, 2.0, -1.0])
    with pytest.raises(InvalidArgument, match="'exc', neuron 1"):
        pop[1].tau_m = 0.0
    with pytest.raises(InvalidArgument, match="'exc', neuron 2"):
        pop.tau_m[1, 0] = 0.0
    with pytest.raises(InvalidArgument, match="'exc', neuron 0"):
        pop.tau_m[0] *= -1.0
    with pytest.raises(InvalidArgument, match="tau_m must be above 0, got -"):
        pop.tau_m = eg.Uniform(-2.0, -1.0)
    with pytest.raises(InvalidArgument, match="tau_m must be above 0, got -"):
        pop[:2].set({"v": eg.Uniform(0.0, 1.0), "tau_m": eg.Uniform(-2.0, -1.0)})

    assert net.digest() == before


def test_distributions_are_judged_by_what_they_give() -> None:
    net = eg.Network(dt=0.1, seed=1)
    pop = net.create(1000, eg.IF_curr_exp(tau_m=eg.Normal(10.0, 20.0)), name="exc")
    with pytest.raises(InvalidArgument, match=r"tau_m must be above 0, got -.*\n  in population 'exc', neuron \d+"):
        net.compile(backend="numpy")
    pop.tau_m = eg.Normal(10.0, 20.0, min=0.1)
    net.compile(backend="numpy")

    assert pop.tau_m.min() == 0.1


def test_one_wrong_synapse_is_named_and_nothing_is_set() -> None:
    decaying = eg.Synapse(parameters="tau = 20.0", equations="tau*dx/dt = -x : event-driven", pre_spike="x += w")
    net, proj = owner_of(decaying)
    net.compile(backend="numpy")
    before = net.digest()

    for wrong in ([[1.0, 2.0, 3.0], [4.0, 0.0, 5.0]], [1.0, 2.0, 3.0, 0.0, 4.0, 5.0]):
        with pytest.raises(InvalidArgument, match=r"tau must be a number other than 0, got 0.0\n.*\n.*synapse\(1, 1\)"):
            proj.tau = wrong
    with pytest.raises(InvalidArgument, match=r"'some', synapse\(2, 0\)"):
        proj.synapse(2, 0).tau = 0.0

    assert net.digest() == before


def test_parameters_files_are_held_to_the_same_limits(tmp_path: Any) -> None:
    net, proj = owner_of(eg.STDP())
    net.compile(backend="numpy")
    file, before = tmp_path / "p.json", net.digest()
    net.save_parameters(file)
    content = json.loads(file.read_text())
    content["projections"]["some"] |= {"tau_plus": 30.0, "tau_minus": 0.0}
    file.write_text(json.dumps(content))
    with pytest.raises(ParametersError, match=r"(?s)'tau_minus'.*expected: above 0\n.*got: 0.0"):
        net.load_parameters(file)
    for wrong in ({"pre": {"tau_m": 0.0}}, {"pre": {"cm": -1}}):
        file.write_text(json.dumps({"populations": wrong}))
        with pytest.raises(ParametersError, match="expected: above 0"):
            net.load_parameters(file, global_only=False)

    assert net.digest() == before
    assert proj.tau_plus == 20.0


def test_state_of_a_damaged_network_can_be_loaded(tmp_path: Any) -> None:
    """It may be what somebody wants to look at."""
    net, pop = owner_of(eg.IF_curr_exp)
    net.compile(backend="numpy")
    net._core.state.write("populations/some/tau_m", 0.0)
    net.save(tmp_path / "damaged.npz")
    other, again = owner_of(eg.IF_curr_exp)
    other.compile(backend="numpy")
    other.load(tmp_path / "damaged.npz")

    np.testing.assert_array_equal(again.tau_m, pop.tau_m)


@each("period", [-1.0, math.nan])
def test_refractory_period_that_is_an_attribute_may_be_0_but_not_below(period: float) -> None:
    net = eg.Network(dt=0.1, seed=1)
    pop = net.create(1, eg.IF_curr_exp(tau_refrac=0.0), name="exc")
    with pytest.raises(InvalidArgument, match=f"tau_refrac must be 0 or above, got {period}"):
        pop.tau_refrac = period

    assert pop.tau_refrac[0] == 0.0


@BACKENDS
def test_infinite_refractory_period_lets_a_neuron_spike_once(backend: str) -> None:
    net = eg.Network(dt=0.1, seed=1)
    pops = [
        net.create(1, eg.IF_curr_exp(tau_refrac=np.inf, i_offset=30.0)),
        net.create(1, eg.Neuron(equations="dv/dt = 1", spike="v > 1", reset="v = 0", refractory=np.inf)),
    ]
    monitors = [net.monitor(pop, "spike") for pop in pops]
    net.compile(backend=backend)
    net.simulate(50.0)

    assert [len(m.get("spike")[0]) for m in monitors] == [1, 1]


@each("wrong", [1.5, -0.1])
def test_use_of_resources_is_a_share_wherever_it_is_given(wrong):
    with pytest.raises(InvalidArgument, match="STP: U must be from 0 to 1"):
        eg.STP(U=wrong)
    net = eg.Network(seed=1)
    pop = net.create(2, eg.Izhikevich())
    proj = net.connect(pop, pop, "exc", eg.STP(U=1.0)).all_to_all()
    net.compile(backend="numpy")
    with pytest.raises(InvalidArgument, match="U must be from 0 to 1"):
        proj.U = wrong
    assert proj.array("U").tolist() == [1.0, 1.0]
