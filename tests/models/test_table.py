"""The table of models: names, arguments, defaults, localities, initial values, and that importing reads no text."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest

import engram as eg
from engram import models
from engram.errors import InvalidArgument
from engram.models.definition import Definition
from engram.state.distributions import Uniform
from tests.cases import each

LEAKY = {"v_rest": -65.0, "cm": 1.0, "tau_m": 20.0, "tau_refrac": 0.0, "tau_syn_E": 5.0, "tau_syn_I": 5.0}
LEAKY |= {"v_thresh": -50.0, "v_reset": -65.0, "i_offset": 0.0}
REVERSAL = {"e_rev_E": 0.0, "e_rev_I": -70.0}
ADAPTIVE = {"v_rest": -70.6, "cm": 0.281, "tau_m": 9.3667, "tau_refrac": 0.1, "tau_syn_E": 5.0, "tau_syn_I": 5.0}
ADAPTIVE |= {"e_rev_E": 0.0, "e_rev_I": -80.0, "tau_w": 144.0, "a": 4.0, "b": 0.0805, "i_offset": 0.0}
ADAPTIVE |= {"delta_T": 2.0, "v_thresh": -50.4, "v_reset": -70.6, "v_spike": -40.0}
CHANNELS = {"gbar_Na": 20.0, "gbar_K": 6.0, "gleak": 0.01, "cm": 0.2, "v_offset": -63.0, "e_rev_Na": 50.0}
CHANNELS |= {"e_rev_K": -90.0, "e_rev_leak": -65.0, "e_rev_E": 0.0, "e_rev_I": -80.0, "tau_syn_E": 0.2}
CHANNELS |= {"tau_syn_I": 2.0, "i_offset": 0.0, "v_thresh": 0.0}
ESCAPE = {"tau_m": 10.0, "tau_v": 1000.0, "J_v": 1000.0, "u_r": -65.0, "u_th": -50.0, "c": 10.0, "delta_u": 5.0}
ESCAPE |= {"I_ext": 375.0, "R": 0.04}
QUADRATIC = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "v_thresh": 30.0, "i_offset": 0.0, "noise": 0.0}
QUADRATIC |= {"tau_refrac": 0.0}
WINDOW = {"tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 0.01, "A_minus": 0.01, "w_min": 0.0, "w_max": 1.0}

# name: (local parameters, global parameters, variables whose initial value is not 0)
TABLE: dict[str, tuple[dict[str, float], dict[str, float], dict[str, float]]] = {
    "LeakyIntegrator": ({"B": 0.0}, {"tau": 10.0, "T": 0.0}, {}),
    "Izhikevich": (QUADRATIC, {}, {"v": -65.0, "u": -13.0}),
    "IF_curr_exp": (LEAKY, {}, {"v": -65.0}),
    "IF_cond_exp": ({**LEAKY, **REVERSAL}, {}, {"v": -65.0}),
    "IF_curr_alpha": (LEAKY, {}, {"v": -65.0}),
    "IF_cond_alpha": ({**LEAKY, **REVERSAL}, {}, {"v": -65.0}),
    "EIF_cond_exp_isfa_ista": (ADAPTIVE, {}, {"v": -70.6}),
    "EIF_cond_alpha_isfa_ista": (ADAPTIVE, {}, {"v": -70.6}),
    "HH_cond_exp": (CHANNELS, {}, {"v": -65.0, "h": 1.0}),
    "GIF_curr": ({}, ESCAPE, {"u": -65.0, "v": -50.0}),
    "GIF_curr_exp": ({}, {**ESCAPE, "tau_g_exc": 5.0, "tau_g_inh": 5.0}, {"u": -65.0, "v": -50.0}),
    "STP": ({"U": 0.5, "w": 0.0}, {"tau_rec": 100.0, "tau_facil": 0.01}, {"x": 1.0, "u": 0.5}),
    "STDP": ({}, WINDOW, {}),
    "Hebb": ({}, {"eta": 0.01}, {}),
    "Oja": ({}, {"eta": 0.01, "alpha": 1.0}, {}),
    "IBCM": ({}, {"eta": 0.01, "tau": 2000.0}, {}),
}
VARIABLES = {
    "LeakyIntegrator": "v r",
    "Izhikevich": "I v u r g_exc g_inh",
    "IF_curr_exp": "v g_exc g_inh r",
    "IF_cond_exp": "v g_exc g_inh r",
    "IF_curr_alpha": "gmax_exc gmax_inh v g_exc g_inh alpha_exc alpha_inh r",
    "IF_cond_alpha": "gmax_exc gmax_inh v g_exc g_inh alpha_exc alpha_inh r",
    "EIF_cond_exp_isfa_ista": "I v w g_exc g_inh r",
    "EIF_cond_alpha_isfa_ista": "gmax_exc gmax_inh I v w g_exc g_inh alpha_exc alpha_inh r",
    "HH_cond_exp": "prev_v an am ah bn bm bh n m h v g_exc g_inh r",
    "GIF_curr": "u v Lambda p r g_exc g_inh",
    "GIF_curr_exp": "u v Lambda p g_exc g_inh r",
    "STP": "x u",
    "STDP": "x y w",
    "Hebb": "w",
    "Oja": "w",
    "IBCM": "theta w",
}
NEURONS = [c.__name__ for c in models.list_standard_neurons()]
SYNAPSES = [c.__name__ for c in models.list_standard_synapses()]


def typed_names(module: ModuleType) -> set[str]:
    """The names that type checkers are told."""
    (block,) = (n for n in ast.parse(inspect.getsource(module)).body if isinstance(n, ast.If))
    return {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}


def test_all_lists_of_models_are_the_same() -> None:
    names = {name for names in models.MODULES.values() for name in names}

    assert [*NEURONS, *SYNAPSES] == list(TABLE)
    assert names == {*TABLE} == {*VARIABLES}
    assert names == {*models.__all__} - {"list_standard_neurons", "list_standard_synapses"}
    assert names == typed_names(models) - {"Neuron", "Synapse"}
    assert not names - {*eg.__all__}
    assert not names - typed_names(eg)
    assert all(getattr(eg, name) is getattr(models, name) for name in names)


@each("name", TABLE)
def test_parameters_have_the_values_and_localities_of_the_table(name: str) -> None:
    local, shared, _ = TABLE[name]

    attributes = getattr(models, name)().spec.attributes

    parameters = {a.name: (a.default, a.locality) for a in attributes if not a.is_variable}
    expected = {k: (v, "local") for k, v in local.items()} | {k: (v, "global") for k, v in shared.items()}
    assert parameters == expected


@each("name", TABLE)
def test_variables_have_the_initial_values_of_the_table(name: str) -> None:
    local, shared, initial = TABLE[name]

    attributes = [a for a in getattr(models, name)().spec.attributes if a.is_variable]

    known = {**local, **shared}
    values = {a.name: known.get(a.default, a.default) for a in attributes}
    assert sorted(values) == sorted(VARIABLES[name].split())
    assert {k: v for k, v in values.items() if v != 0.0} == initial
    assert {a.name for a in attributes if a.locality != "local"} == ({"theta"} if name == "IBCM" else set())


@each("name", TABLE)
def test_docstring_names_every_argument_and_its_default(name: str) -> None:
    model = getattr(models, name)
    text = inspect.getdoc(model)

    for argument in inspect.signature(model).parameters.values():
        (line,) = (x for x in text.splitlines() if x.startswith(f"    {argument.name}: "))
        assert not isinstance(argument.default, float) or line.endswith(f"({argument.default!r}).")
    assert "Source:" in text


@each("name", TABLE)
def test_arguments_become_values(name: str) -> None:
    model = getattr(models, name)
    numbers = [p.name for p in inspect.signature(model).parameters.values() if isinstance(p.default, float)]
    given = {argument: 0.1 + k / 7.0 for k, argument in enumerate(numbers)}

    definition = model(**given)

    found = {a.name: a.default for a in definition.spec.attributes if not a.is_variable}
    missing = {"C_m", "refractory_period"} if name.startswith("GIF") else set()
    assert {k: found[k] for k in given if k not in missing} == {k: v for k, v in given.items() if k not in missing}


@each("name", NEURONS)
def test_class_stands_for_its_default_instance(name: str) -> None:
    net = eg.Network(dt=0.1, seed=1)

    population = net.create((2, 3), getattr(models, name))

    local, shared, initial = TABLE[name]
    assert isinstance(population.neuron_type, Definition)
    for attribute, value in {**local, **initial}.items():
        np.testing.assert_array_equal(population.get(attribute), np.full((2, 3), value))
    for attribute, value in shared.items():
        assert population.get(attribute) == value


def test_izhikevich_starts_at_its_own_reset_and_recovery() -> None:
    net = eg.Network(seed=1)

    population = net.create(1, models.Izhikevich(b=0.25, c=-55.0))

    assert (population.v[0], population.u[0]) == (-55.0, -13.75)


def test_parameter_may_be_drawn_from_a_distribution() -> None:
    net = eg.Network(seed=1)

    population = net.create(100, models.IF_curr_exp(tau_m=Uniform(10.0, 20.0)))  # type: ignore[arg-type]

    assert 10.0 <= population.tau_m.min() < 12.0 < 18.0 < population.tau_m.max() <= 20.0


def test_inputs_can_be_written_as_text() -> None:
    net = eg.Network(dt=1.0, seed=1)
    quadratic = net.create(1, models.Izhikevich(conductance="g_ampa"))
    rate = net.create(1, models.LeakyIntegrator(sum="2.0*sum(left)", noise="Normal(0.0, 1.0)"))
    escape = net.create(1, models.GIF_curr(current="R*g_exc - g_gaba"))

    assert [p.targets for p in (quadratic, rate, escape)] == [["ampa"], ["left"], ["exc", "gaba"]]


def test_facilitation_without_a_time_constant_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="tau_facil must be above 0, got 0.0"):
        models.STP(tau_facil=0.0)


def test_unknown_model_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Izhikevitch"):
        _ = models.Izhikevitch  # type: ignore[attr-defined]


def test_importing_makes_no_model() -> None:
    program = """
import sys
import engram as eg
import engram.models.definition as definition

seen = []
plain = definition.Definition.__init__
definition.Definition.__init__ = lambda self, *a, **k: (seen.append(a), plain(self, *a, **k))[1]
assert "lark" not in sys.modules and "engram.models.neurons.izhikevich" not in sys.modules
from engram.models import *
assert not seen, seen
eg.Izhikevich()
assert len(seen) == 1
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
