"""Values of synapses from a sparse matrix: found by their pairs, however the synapses are stored."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.cases import each
from tests.network.small import LEAKY, LIF, PLASTIC

pytestmark = pytest.mark.cc


def connected(neuron=LIF, synapse=None, parts=False, **arguments):
    """Return a projection; of two that share packed rows where it is spiking and static."""
    net = eg.Network(seed=1)
    p, q = net.create(9, neuron, name="p"), net.create((2, 3), neuron, name="q")
    sides = (p[2:8], q[[0, 3, 5]]) if parts else (p, q)
    arguments = {"weights": eg.Uniform(0.0, 1.0), "delays": eg.Uniform(1.0, 4.0), **arguments}
    c = net.connect(*sides, "exc", synapse, name="c").fixed_probability(0.6, **arguments)
    net.connect(*sides, "exc", synapse, name="d").fixed_probability(0.5, **arguments)
    net.compile()
    return c


@each(
    "arguments",
    [
        {},
        {"delays": 2.0},
        {"weights": 0.5},
        {"synapse": PLASTIC},
        {"neuron": LEAKY},
        {"neuron": LEAKY, "delays": 1.0, "weights": 0.5},
        {"parts": True},
    ],
)
def test_matrix_of_the_weights_can_be_assigned(arguments):
    c = connected(**arguments)
    before, dense = c.array("w"), c.connectivity_matrix(np.pi)
    rng = np.random.default_rng(1)
    matrix = c.weights_csr()
    c.w = 2 * matrix
    doubled = c.array("w")
    matrix.data[:] = rng.random(matrix.nnz)
    c.set({"w": matrix.tocoo()})

    assert doubled.tolist() == np.broadcast_to(2 * before, doubled.shape).tolist()
    assert (c.weights_csr() != matrix).nnz == 0
    assert ((c.connectivity_matrix(np.pi) == np.pi) == (dense == np.pi)).all()


def test_other_attributes_and_delays_have_matrices_too():
    c = connected(synapse=PLASTIC)
    matrix = c.weights_csr("own")
    matrix.data[:] = np.arange(matrix.nnz)
    c.own = matrix.tocsc()
    c.delay = c.weights_csr("delay_steps") + c.weights_csr("delay_steps")

    assert [x for row in c.own for x in row] == list(range(matrix.nnz))
    assert c.array("delay_steps").min() >= 2
    assert (c.weights_csr("own") != matrix).nnz == 0


def test_matrix_of_other_synapses_is_refused_and_changes_nothing():
    c = connected(synapse=PLASTIC)
    before, matrix = c.array("w"), c.weights_csr()
    there = matrix.tocoo()
    fewer = matrix.copy()
    fewer.data[:2] = 0.0
    fewer.eliminate_zeros()
    pair = f"{there.col[0]} -> {there.row[0]}, {there.col[1]} -> {there.row[1]}"
    more = c.weights_csr().tolil()
    post, pre = next(zip(*np.nonzero(matrix.toarray() == 0), strict=True))
    more[post, pre] = 1.0
    for wrong, said in (
        (fewer, f"2 synapses have no entry: {pair}\n"),
        (more, f"1 entries have no synapse: {pre} -> {post}\n"),
        (
            matrix.T,
            r"expected a matrix of shape \(6, 9\) \(post by pre\), got one of shape \(9, 6\)\n  help: give matrix.T",
        ),
        (matrix.astype(bool), "expected numbers"),
    ):
        with pytest.raises(InvalidArgument, match=said):
            c.set({"own": 3.0, "w": wrong})

    assert c.array("w").tolist() == before.tolist()
    assert set(c.array("own")) == {2.0}


def test_matrix_where_pairs_have_several_synapses_is_refused():
    net = eg.Network(seed=1)
    p = net.create(3, LIF)
    c = net.connect(p, p, "exc").connect_from(([0, 0, 1], [1, 1, 2], [1.0, 2.0, 3.0]), duplicates="keep")
    net.compile()

    with pytest.raises(InvalidArgument, match=r"several synapses connect one pair \(0 -> 1\)"):
        c.w = c.weights_csr()
