"""Weights of many projections at once: matrices by name, all of them set or none."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, NotCompiled
from tests.network.small import LIF


def built(compiled=True):
    net = eg.Network(dt=1.0, seed=3)
    p, q = (net.create(n, LIF, name=name) for n, name in ((6, "p"), (4, "q")))
    net.connect(p, q, "exc", name="pq").fixed_probability(0.5, weights=eg.Uniform(0.0, 1.0))
    net.connect(q, p, "exc", name="qp").all_to_all(weights=0.5)
    if compiled:
        net.compile()
    return net


def test_weights_go_and_come_as_matrices():
    net, other = built(), built()
    weights = net.weights()
    assert list(weights) == ["pq", "qp"]
    assert weights["pq"].shape == (4, 6)
    other.set_weights({name: 2.0 * matrix for name, matrix in weights.items()})
    for name, matrix in other.weights().items():
        np.testing.assert_array_equal(matrix.toarray(), 2.0 * weights[name].toarray())
    other.set_weights(weights)
    other.set_weights({"pq": 0.25})
    assert set(other.get_projection("pq").array("w").reshape(-1).tolist()) == {0.25}


def test_weights_of_now_change_nothing_whatever_stands_behind_them():
    net = eg.Network(dt=1.0, seed=3)
    p = net.create(4, LIF, name="p")
    net.connect(p, p, "exc", name="several").fixed_total_number(30, weights=eg.Uniform(0.0, 1.0))
    net.connect(p, p, "exc", name="one").all_to_all(weights=0.5)
    net.compile()
    before = net.digest()
    net.set_weights(net.weights())
    assert net.digest() == before
    with pytest.raises(InvalidArgument, match="'w' of projection 'several'"):
        net.set_weights({"several": 2.0 * net.weights()["several"]})


def test_all_or_nothing():
    net = built()
    weights, before = net.weights(), net.digest()
    empty = 0.0 * weights["qp"]
    empty.eliminate_zeros()
    for wrong, message in (
        ({"pq": 2.0 * weights["pq"], "qp": empty}, "'w' of projection 'qp'"),
        (
            {"pq": 2.0 * weights["pq"], "qq": weights["qp"]},
            r"no projection 'qq'; nothing was set\n  help: there are: pq, qp",
        ),
        ({"qp": empty, "pq": np.nan, "qq": 1.0}, "'w' of projection 'qp'"),  # in the order in which they are given
        ({"pq": np.nan, "qp": empty}, "weights of projection 'pq': expected finite numbers"),
        ([1.0], "takes a dictionary, got list"),
        ({}, r"set_weights\({}\) names nothing: nothing would be set\n  help: .*'pq': matrix}\); there are: pq, qp"),
        (
            {"pq": 1j * weights["pq"]},
            r"expected finite numbers, got complex ones; nothing was set\n  help: give a matrix",
        ),
        ({"pq": np.array([None])}, "got an array of objects; nothing was set"),
        ({"pq": None}, "got None; nothing was set"),
        ({"pq": weights["pq"] > 0}, "expected finite numbers, got booleans; nothing was set"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            net.set_weights(wrong)
        assert net.digest() == before


def test_network_without_projections_takes_its_own_weights():
    net = eg.Network(seed=1)
    net.create(2, eg.Neuron(equations="r = 1.0"))
    net.compile(backend="numpy")
    net.set_weights(net.weights())


def test_before_compile_there_are_none():
    with pytest.raises(NotCompiled, match=r"weights\(\)"):
        built(compiled=False).weights()
    with pytest.raises(NotCompiled, match=r"set_weights\(\)"):
        built(compiled=False).set_weights({})
