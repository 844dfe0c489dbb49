"""What users paste runs, and gives the same on both backends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engram as eg
from tests.cases import each, sometimes
from tests.spec.pasted_models import NEURONS, SYNAPSES

RATE = {"parameters": "tau = 10.0\nB = 0.5", "equations": "tau*dr/dt + r = sum(exc) + B : min=0.0\nx = t"}
SPIKING = {
    "parameters": "tau = 10.0",
    "equations": "tau*dv/dt = 3.0 - v + g_exc : init=Uniform(0, 1)\nr_mean = 0.5",
    "spike": "v > 1.0",
    "reset": "v = 0.0",
    "refractory": 1.0,
}


def of_neuron(texts: dict[str, Any], backend: str) -> dict[str, np.ndarray]:
    """Three neurons, connected all to all by two targets, after ten steps."""
    net = eg.Network(dt=0.5, seed=3)
    net.config(check_finite=False)  # some of the texts divide by 0
    pop = net.create(3, eg.Neuron(**texts))
    for target, weight in (("exc", 0.1), ("inh", 0.05)):
        net.connect(pop, pop, target).all_to_all(weight)
    net.compile(backend=backend)
    net.simulate(5)
    return {name: np.asarray(pop.get(name), float) for name in pop.attributes}


def of_synapse(texts: dict[str, Any], is_spiking: bool, backend: str) -> dict[str, np.ndarray]:
    """Twenty synapses with delays, after twenty steps."""
    net = eg.Network(dt=0.5, seed=3)
    neuron = eg.Neuron(**(SPIKING if is_spiking else RATE))
    pre, post = net.create(4, neuron), net.create(5, neuron)
    proj = net.connect(pre, post, "exc", eg.Synapse(**texts)).all_to_all(eg.Uniform(0.1, 1.0), delays=1.0)
    net.compile(backend=backend)
    net.simulate(10)
    return {name: np.asarray(proj.array(name), float) for name in proj.attributes}


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.cc
@each("texts", sometimes([texts for _, texts in NEURONS], 2))  # tests/language parses and prints all of them
def test_pasted_neuron_runs_the_same_on_both_backends(texts):
    assert_same(of_neuron(texts, "c"), of_neuron(texts, "numpy"))


@pytest.mark.cc
@each(("is_spiking", "texts"), sometimes([(kind, t) for _, kind, t in SYNAPSES], 2))
def test_pasted_synapse_runs_the_same_on_both_backends(is_spiking, texts):
    assert_same(of_synapse(texts, is_spiking, "c"), of_synapse(texts, is_spiking, "numpy"))
