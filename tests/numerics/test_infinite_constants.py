"""Infinite time constants: the limit in which nothing decays, with every method and in ready-made models."""

from __future__ import annotations

import numpy as np
import pytest

import engram as eg
from engram.language.methods import NAMES
from tests.cases import each


@pytest.fixture(params=["numpy", pytest.param("c", marks=pytest.mark.cc)])
def backend(request):
    return request.param


@pytest.mark.parametrize("method", NAMES)
def test_nothing_decays(backend, method):
    net = eg.Network(dt=0.5)
    text = f"dr/dt = -r/tau + I/C : {method}, init=1.0\ntau*dx/dt = -x + I : {method}, init=3.0"
    pop = net.create(3, eg.Neuron(parameters="tau = inf\nC = 2.0\nI = 1.0", equations=text))
    net.compile(backend=backend)
    net.simulate(10)

    assert (pop.r.tolist(), pop.x.tolist()) == ([6.0] * 3, [3.0] * 3)


def test_membranes_without_leak_add_up_their_current(backend):
    net = eg.Network(dt=0.5)
    pops = [net.create(1, kind(tau_m=np.inf, v_thresh=np.inf, i_offset=1.0, cm=2.0))
            for kind in (eg.IF_curr_exp, eg.IF_cond_exp, eg.IF_curr_alpha, eg.IF_cond_alpha)]  # fmt: skip
    net.compile(backend=backend)
    net.simulate(10)

    assert [pop.v[0] for pop in pops] == [-60.0] * 4


def test_rate_threshold_and_adaptation_stay(backend):
    net = eg.Network(dt=0.5, seed=1)
    rate = net.create(1, eg.LeakyIntegrator(tau=np.inf, B=5.0))
    adaptive = net.create(1, eg.EIF_cond_exp_isfa_ista(tau_w=np.inf, b=0.05, i_offset=1.0))
    escape = net.create(1, eg.GIF_curr(tau_v=np.inf))
    spikes = net.monitor(adaptive, "spike")
    rate.v = 2.0
    net.compile(backend=backend)
    net.simulate(100)

    count = len(spikes.get("spike")[0])
    assert count > 1
    assert (rate.r[0], adaptive.w[0], escape.v[0]) == (2.0, pytest.approx(0.05 * count), -50.0)


def test_traces_of_synapses_stay(backend):
    """STDP with infinite windows counts spikes; STP without recovery runs out of resources."""
    net = eg.Network(dt=1.0, seed=1)
    once = eg.Neuron(equations="n = n + 1 : int", spike="(n == 2) or (n == 60)")
    pre, post = net.create(1, once), net.create(1, eg.Neuron(equations="v = g_exc", spike="v > 1e9"))
    timing = net.connect(pre, post, "exc", eg.STDP(tau_plus=np.inf)).all_to_all(0.5)
    short = net.connect(pre, post, "exc", eg.STP(tau_rec=np.inf, tau_facil=0.01, U=0.5)).all_to_all(1.0)
    net.compile(backend=backend)
    net.simulate(100.0)

    assert timing.synapse(0, 0).x == pytest.approx(0.02)
    assert short.synapse(0, 0).x == pytest.approx(0.25)


@each(
    "given",
    [
        {"parameters": "tau = inf : population\nlow = -inf"},
        {"parameters": {"tau": np.inf, "low": eg.Parameter(-np.inf, "local")}},
        {"parameters": "tau = 'long'\nlow = -inf", "extra_values": {"long": np.inf}},
    ],
)
def test_infinity_in_text_and_dictionaries(given):
    neuron = eg.Neuron(equations="tau*dr/dt = -r", **given)
    pop = eg.Network().create(2, neuron)

    assert (np.ravel(pop.tau)[0], pop.low.tolist()) == (np.inf, [-np.inf] * 2)
    assert eg.Neuron(equations="tau*dr/dt = -r", **given).spec == neuron.spec  # as the cache remembers it


def test_infinity_is_no_initial_value_no_whole_number_and_stands_in_no_equation():
    for texts in (
        {"equations": [eg.Variable("dr/dt = -r", init=np.inf)]},
        {"equations": "r = 1.0 + inf"},
        {"equations": "r = n", "parameters": "n = inf : int"},
    ):
        with pytest.raises(eg.EngramError, match="inf") as caught:
            eg.Neuron(**texts)
        assert "1e999" not in str(caught.value)
