"""What is read of a projection: its elements set synapses, or say what to write; matrices are taken."""

import copy
import pickle

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.cases import each

SEMI = eg.Synapse(parameters="c = 1.0 : postsynaptic", equations="dw/dt = 0.0*c")


def network(backend, synapse=None, **connector):
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(6, eg.Neuron(equations="r = sum(exc)"), name="p")
    proj = net.connect(pop, pop, "exc", synapse, name="c")
    connector = connector or {"probability": 0.5}
    proj.fixed_probability(weights=eg.Uniform(0, 1), **connector)
    net.compile(backend=backend)
    return proj


@pytest.fixture(params=[pytest.param("c", marks=pytest.mark.cc), "numpy"])
def proj(request):
    return network(request.param)


def test_element_of_a_row_sets_a_synapse(proj):
    rows, pre = proj.w, proj.pre_ranks
    rows[1][0] = 0.25
    proj[proj.post_ranks[2]].w[-1] = 0.5

    assert rows[1][0] == proj.w[1][0] == proj.synapse(pre[1][0], proj.post_ranks[1]).w == 0.25
    assert proj.w[2][-1] == 0.5
    assert np.count_nonzero(np.concatenate(proj.w) != np.concatenate(network("numpy").w)) == 2


def test_row_and_slice_of_a_row_set_several(proj):
    n = len(proj.w[1])
    proj.w[1] = np.arange(n) / 8
    proj.w[2][:2] = 0.75

    assert proj.w[1] == [k / 8 for k in range(n)]
    assert proj.w[2][:2] == [0.75, 0.75]


def test_value_per_post_neuron_is_set():
    proj = network("numpy", SEMI)
    proj.c[1] = 3.0

    assert proj.c == [1.0, 3.0, *[1.0] * (proj.size - 2)]
    with pytest.raises(InvalidArgument, match="several rows of 'c' can't be set at once"):
        proj.c[:2] = 3.0


def test_rows_are_lists_that_keep_their_length(proj):
    rows = proj.w
    plain = [list(row) for row in rows]

    assert rows == plain
    assert all(type(one) is list for one in (pickle.loads(pickle.dumps(rows)), copy.deepcopy(rows)))
    for change in (rows[0].sort, rows.clear, lambda: rows[0].append(1.0), lambda: rows.pop(0)):
        with pytest.raises(InvalidArgument, match="a list of 'w' of projection 'c' has as many values as"):
            change()
    with pytest.raises(IndexError):
        rows[0][99] = 1.0
    with pytest.raises(InvalidArgument, match="expected a number|expected one number"):
        rows[0][0] = [1.0, 2.0]


def test_rows_of_synapses_that_are_gone_are_read_again(proj):
    rows = proj.w
    proj[proj.post_ranks[0]].prune_synapse(proj.pre_ranks[0][0])
    with pytest.raises(InvalidArgument, match="have come or gone since 'w' was read\n  help: read it again"):
        rows[0][0] = 1.0


def test_dense_matrix_gives_each_synapse_its_entry(proj):
    matrix = np.arange(36.0).reshape(6, 6)
    matrix[proj.connectivity_matrix() == 0] = 0.0
    proj.w = matrix
    assert proj.connectivity_matrix().tolist() == matrix.tolist()
    proj.w = np.where(proj.connectivity_matrix() == 0, np.nan, 2.0)
    assert set(np.concatenate(proj.w)) == {2.0}

    with pytest.raises(InvalidArgument, match="entries have no synapse: .* -> .*\n  help: let them be 0"):
        proj.w = np.ones((6, 6))
    with pytest.raises(InvalidArgument, match=r"or an array \(6, 6\): a row for each post neuron"):
        proj.w = np.ones((6, 5))


def test_dense_matrix_of_several_synapses_of_a_pair_is_refused():
    net = eg.Network(seed=1)
    pop = net.create(3, eg.Neuron(equations="r = sum(exc)"))
    proj = net.connect(pop, pop, "exc").fixed_total_number(30, weights=eg.Uniform(0, 1))
    net.compile(backend="numpy")
    with pytest.raises(InvalidArgument, match="several synapses connect one pair"):
        proj.w = np.zeros((3, 3))


@each(
    ("how", "said"),
    [
        (lambda w: w.mean(), "asked for .mean"),
        (lambda w: w.shape, "asked for .shape"),
        (lambda w: w[:, 0], "indexed by"),
        (lambda w: w[[0, 1]], "indexed by"),
        (lambda w: w[0][[0, 1]], "indexed by"),
        (lambda w: w.__setitem__((1, 2), 3.0), "indexed by"),
    ],
)
def test_lists_that_are_taken_for_arrays_name_the_array(how, said):
    with pytest.raises(eg.EngramError, match=rf"'w' of .* {said}.*\n  help: proj\.array\('w'\) is an array"):
        how(network("numpy").w)


@each("of", [lambda proj: proj, lambda proj: proj[0]])
def test_one_weight_of_all_synapses_that_is_taken_for_an_array_says_what_is_one(of):
    net = eg.Network(seed=1)
    pop = net.create(3, eg.Izhikevich)
    proj = net.connect(pop, pop, "exc").all_to_all(weights=0.5)
    net.compile(backend="numpy")

    with pytest.raises(eg.UnknownAttribute, match=r"one number, 0.5, and has no .mean\n  help: .* is an array of all"):
        of(proj).w.mean()
    with pytest.raises(TypeError, match="'float' has no len"):
        len(of(proj).w)
    proj.delay = eg.Uniform(1.0, 9.0)
    with pytest.raises(eg.UnknownAttribute, match=r"asked for .max\n  help: np.array\(values\) is an array"):
        of(proj).delay.max()


def test_element_that_a_list_has_not_is_named():
    w = network("numpy").w
    for values, said in (
        (w, r"has \d rows, and none at 99\n  help: .*dendrite\(rank\)"),
        (w[0], r"has \d values, and none"),
    ):
        with pytest.raises(IndexError, match=said):
            values[99]
