"""Projections between views, delays that are given late, and files of one object."""

import numpy as np
import pytest

import engram as eg
from tests.network.small import LEAKY, rated, spiking


@pytest.fixture
def part():
    """Neurons 1 and 2 of 4 reach 3 and 4 of 5."""
    net = eg.Network(seed=1)
    p, q = net.create(4, LEAKY, name="p"), net.create(5, LEAKY, name="q")
    c = net.connect(p[1:3], q[3:], "exc", name="c").all_to_all(2.0)
    net.compile(backend="numpy")
    return c


def test_views_give_the_ranks_and_sizes_of_their_populations(part):
    matrix = np.full((5, 4), -1.0)
    matrix[3:, 1:3] = 2.0

    assert (part.nb_synapses, part.size, part.nb_synapses_per_dendrite) == (4, 2, [2, 2])
    assert (part.post_ranks, part.pre_ranks) == ([3, 4], [[1, 2], [1, 2]])
    assert part.connectivity_matrix(fill=-1.0).tolist() == matrix.tolist()
    assert part.weights_csr().toarray().tolist() == np.maximum(matrix, 0.0).tolist()
    assert (part.weights_csr().shape, part.weights_csr().nnz) == ((5, 4), 4)


def test_weights_of_a_sparse_matrix_come_back(part):
    matrix = part.weights_csr()
    matrix.data[:] = [1.0, 2.0, 3.0, 4.0]
    part.w = matrix.data  # by post neuron, then by pre neuron

    assert part.w == [[1.0, 2.0], [3.0, 4.0]]
    assert part.weights_csr().toarray().tolist() == matrix.toarray().tolist()


def test_values_are_read_and_set_by_name(part):
    part.set({"w": [[1.0, 2.0], [3.0, 4.0]]})

    assert part.get("w") == part.w == [[1.0, 2.0], [3.0, 4.0]]
    assert (part.parameters, part.variables, part.attributes, part.functions) == (["w"], [], ["w"], [])


def test_delays_may_be_given_to_synapses_that_were_made_without(part):
    assert part.delay == 1.0
    part.delay = 7.0
    assert part.delay == 7.0
    part.delay = [[1.0, 2.0], [3.0, 4.0]]

    assert part.delay == [[1.0, 2.0], [3.0, 4.0]]
    assert part.dendrite(4).delay == [3.0, 4.0]


@pytest.mark.cc
def test_one_object_is_saved_and_loaded_alone(tmp_path):
    net, p, q, c = spiking()
    net.simulate(5.0)
    p.save(tmp_path / "p.npz")
    c.save(tmp_path / "c.npz")
    _, twin, untouched, c_twin = spiking(seed=2)
    before = untouched.v.tolist()
    twin.load(tmp_path / "p.npz")
    c_twin.load(tmp_path / "c.npz")

    assert (twin.v.tolist(), c_twin.w, c_twin.delay) == (p.v.tolist(), c.w, c.delay)
    assert untouched.v.tolist() == before != q.v.tolist()


@pytest.mark.cc
def test_sum_of_a_target_is_0_before_the_first_step_and_that_of_another_with_a_warning():
    net, p, q, _ = rated()
    p.r = [1.0, 2.0, 3.0, 4.0]

    assert q.sum("exc").tolist() == [0.0, 0.0, 0.0]
    net.step()
    assert q.sum("exc").tolist() == [5.0, 5.0, 5.0]
    assert p.sum("exc").tolist() == [0.0] * 4  # read by the equations, and nothing is connected
    with pytest.warns(UserWarning, match="population 'p' has no rate-coded input 'inh': its sum is 0"):
        assert p.sum("inh").tolist() == [0.0] * 4
