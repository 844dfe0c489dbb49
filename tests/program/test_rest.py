"""Refractory periods that a distribution gives: drawn by compile with the seed, or at once."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.cases import each
from tests.network.small import LIF


def given(seed=1, **settings):
    net = eg.Network(dt=0.5, seed=seed)
    net.config(**settings)
    p, q = net.create((2, 3), LIF, name="p"), net.create(4, LIF, name="q")
    p.refractory = eg.Uniform(1.0, 5.0)
    q.refractory = eg.Uniform(1.0, 2.0)
    q[1:3].refractory = eg.Uniform(6.0, 7.0)
    q[0].refractory = 9.0
    return net, p, q


@each("dtype", [eg.float64, eg.float32])
def test_compile_draws_them_with_the_seed(dtype):
    net, p, q = given(dtype=dtype)
    early = p.refractory.copy()
    net.config(seed=7)
    expected, parts = p.refractory.copy(), q.refractory.copy()
    copy = net.copy()
    for one in (net, copy):
        one.compile(backend="numpy")

    assert expected.shape == (2, 3)
    assert len(np.unique(expected)) == 6
    assert (expected != early).all()
    assert np.array_equal(p.refractory, expected.astype(dtype))
    assert np.array_equal(q.refractory, parts.astype(dtype))
    assert (parts[0], *np.floor(parts[1:])) == (9.0, 6.0, 6.0, 1.0)
    assert copy.digest() == net.digest()
    assert np.array_equal(given(seed=7)[1].refractory, expected)


def test_files_hold_the_distribution_and_what_it_gave(tmp_path):
    net, p, q = given()
    net.compile(backend="numpy")
    p[0, 0].refractory = 0.5
    net.save(tmp_path / "a.npz")
    opened = eg.open(tmp_path / "a.npz")
    other, _, _ = given(seed=2)
    other.compile(backend="numpy")
    other.load(tmp_path / "a.npz")

    for one in (opened, other):
        assert np.array_equal(one.get_population("p").refractory, p.refractory)
        assert np.array_equal(one.get_population("q").refractory, q.refractory)
        assert repr(one._core.populations["p"].draft.refractory_ms) == "Uniform(1.0, 5.0)"
        one.simulate(5.0)
    net.simulate(5.0)
    assert net.digest() == opened.digest() == other.digest()


def test_after_compile_and_from_a_generator_they_are_drawn_at_once():
    net, p, q = given()
    q.refractory = eg.Uniform(1.0, 2.0, seed=3)
    expected = eg.Uniform(1.0, 2.0, seed=3).get_values(4)
    assert np.array_equal(q.refractory, expected)
    net.compile(backend="numpy")
    assert np.array_equal(q.refractory, expected)

    p.refractory = eg.Uniform(0.0, 1.0)
    first = p.refractory
    p[:, 1].refractory = eg.Uniform(5.0, 6.0)
    assert (first < 1.0).all()
    assert (p.refractory[:, 1] > 5.0).all()
    assert np.array_equal(p.refractory[:, ::2], first[:, ::2])


def test_drawn_period_below_0_is_refused_and_changes_nothing():
    net, p, q = given()
    p.refractory = eg.Normal(0.0, 1.0)
    with pytest.raises(InvalidArgument, match=r"'p': -\S+ ms was drawn for neuron \d; .*\n.* min=0.0"):
        net.compile(backend="numpy")
    assert not net.compiled
    p.refractory = eg.Normal(0.0, 1.0, min=0.0)
    net.compile(backend="numpy")
    before, draws = q.refractory, net._core.value("draws").item()
    with pytest.raises(InvalidArgument, match="ms was drawn for neuron"):
        q.refractory = eg.Normal(-5.0, 1.0)
    assert np.array_equal(q.refractory, before)
    assert net._core.value("draws") == draws


def test_model_may_say_what_they_are_drawn_from(tmp_path):
    """The model with a number in its place is the same: its kernels are, and files of one load into the other."""
    law = eg.Uniform(1.0, 5.0)
    facts = {"equations": "dv/dt = 1.0", "spike": "v > 2.5", "reset": "v = 0.0"}
    model, plain = eg.Neuron(**facts, refractory=law), eg.Neuron(**facts, refractory=0.0)
    net, other = eg.Network(dt=0.5, seed=1), eg.Network(dt=0.5, seed=1)
    pop, fixed = net.create(6, model, name="p"), net.create(2, model, name="q")
    inputs = net.create(eg.PoissonPopulation(3, rates=10.0, refractory=law), name="inputs")
    fixed.refractory = 2.0
    assigned = other.create(6, plain, name="p")
    assigned.refractory = law
    early, copy = pop.refractory.copy(), net.copy()
    for one in (net, other, copy):
        one.compile(backend="numpy")
    net.save(tmp_path / "a.npz")
    opened = eg.open(tmp_path / "a.npz")

    assert (model.refractory, plain.refractory, fixed.refractory) == (law, 0.0, 2.0)
    assert len({*pop.refractory.tolist(), *inputs.refractory.tolist()}) == 9
    assert np.array_equal(pop.refractory, early)
    assert np.array_equal(pop.refractory, assigned.refractory)
    assert np.array_equal(opened.get_population("p").refractory, early)
    for one in (net, copy, opened):
        one.simulate(20.0)
    assert net.digest() == copy.digest() == opened.digest()
    with pytest.raises(InvalidArgument, match=r"not \[1.0, 2.0\]\n  help: pop.refractory = \[1.0, 2.0\] gives each"):
        eg.Neuron(**facts, refractory=[1.0, 2.0])
