"""Equations that hardly move or don't decay at all: the limits are exact, and digits are kept."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engram as eg
from engram.language.methods import NAMES

pytestmark = pytest.mark.cc

BACKENDS = ("c", "numpy")


def network(neuron, *, dt, backend, dtype="float64"):
    net = eg.Network(dt=dt, seed=1)
    net.config(dtype=dtype)
    pop = net.create(2, neuron)
    net.compile(backend=backend)
    return net, pop


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("locality", ["", " : population"])
@pytest.mark.parametrize("method", NAMES)
def test_no_decay_is_the_limit_of_a_slow_one(method, locality, backend):
    text = f"dx/dt = c - k*x : {method}, init=1.0\n r = x"
    net, pop = network(eg.Neuron(f"k = 0.0{locality}\n c = 0.3", text), dt=0.5, backend=backend)
    net.simulate(5.0)

    assert pop.x[0] == pytest.approx(2.5, rel=1e-15)


def test_what_decays_only_while_something_arrives_starts_from_nothing():
    """A membrane without a leak, gates with both rates 0, an instar without output."""
    net = eg.Network(dt=0.5, seed=1)
    membrane = "C*dv/dt = ge*(e1 - v) + gi*(e2 - v) : exponential, init=-60.0"
    gate = "dn/dt = a*(1 - n) - b*n : exponential, init=0.3"
    pop = net.create(1, eg.Neuron("ge = 0.0\n gi = 0.0\n e1 = 0.0\n e2 = -80.0\n C = 1.0\n a = 0.0\n b = 0.0\n r = 0.0",
                                  f"{membrane}\n{gate}"))  # fmt: skip
    instar = eg.Synapse("eta = 0.1", "dw/dt = eta*post.r*(pre.r - w) : exponential")
    proj = net.connect(pop, pop, "exc", instar).all_to_all(0.7, allow_self_connections=True)
    cell = net.create(1, eg.HH_cond_exp(gleak=0.0))
    net.compile()
    net.simulate(5.0)

    assert (pop.v[0], pop.n[0], proj.w[0][0]) == (-60.0, 0.3, 0.7)
    assert np.isfinite(cell.v).all()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("locality", ["", " : projection"])
@pytest.mark.parametrize("k", [0.0, 0.02])
def test_event_driven_variable_without_decay_grows_evenly(k, locality, backend):
    net = eg.Network(dt=0.5, seed=1)
    pop = net.create(1, eg.Neuron(equations="n = t", spike="modulo(2.0*n, 8.0) == 0.0"))
    text = "dx/dt = c - k*x : event-driven"
    synapse = eg.Synapse(f"k = {k}{locality}\n c = 0.3", text, pre_spike="seen = x\n x = 1.0")
    proj = net.connect(pop, pop, "exc", synapse).all_to_all(1.0, allow_self_connections=True)
    net.compile(backend=backend)
    net.simulate(6.0)  # spikes arrive after 0.5 and 4.5 ms

    right = 1.0 + (0.3 * 4.0 if k == 0.0 else -math.expm1(-k * 4.0) * (0.3 / k - 1.0))
    assert proj.seen[0][0] == pytest.approx(right, rel=1e-14)


SLOW = {"float32": (1e-6, 10.0, 1e4, 1e6, 1e7, 1e18, math.inf), "float64": (1e-6, 10.0, 1e12, 1e15, 1e18, math.inf)}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", SLOW)
@pytest.mark.parametrize("method", ["exponential", "semiimplicit"])
def test_slow_variable_is_right_to_the_rounding_of_its_type(method, dtype, backend):
    """100 ms of dt = 0.1, one neuron per tau, each in both forms: with one tau each, and with a slope of its own."""
    taus = np.array(SLOW[dtype])
    net = eg.Network(dt=0.1, seed=1)
    net.config(dtype=dtype)
    text = f"tau*dx/dt + x = 1.0 : {method}\n dy/dt = k*(1.0 - y) : {method}\n r = x"
    pop = net.create(len(taus), eg.Neuron("tau = 1.0\n k = 1.0", text))
    pop.tau, pop.k = taus, 1.0 / taus
    net.compile(backend=backend)
    net.simulate(100.0)

    with np.errstate(all="ignore"):
        right = -np.expm1(-100.0 / taus if method == "exponential" else -1000.0 * np.log1p(0.1 / taus))
    rounding = 1000 * np.finfo(dtype).eps  # one of x in each step, mostly to one side while it crosses a binade
    np.testing.assert_allclose(pop.x, right, rtol=rounding, atol=0.0)
    np.testing.assert_allclose(pop.y, right, rtol=rounding, atol=0.0)
