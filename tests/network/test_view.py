"""Views and single neurons: which neurons they are, and their attributes."""

import copy

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, UnknownAttribute
from tests.cases import each
from tests.network.small import LIF


@pytest.fixture(params=[False, True], ids=["before compile", "compiled"])
def pop(request):
    """A population of 2 x 3 neurons with b = 0 ... 5."""
    net = eg.Network(seed=1)
    model = eg.Neuron(
        parameters="b = 0.0\nn = 3 : int\nall = 7.0 : population", functions="twice(x) = 2*x", equations="r = b"
    )
    pop = net.create((2, 3), model, name="p")
    pop.b = np.arange(6.0).reshape(2, 3)
    if request.param:
        net.compile(backend="numpy")
    return pop


def test_neurons_have_numbers(pop):
    neuron = pop[1, 2]

    assert (neuron.b, neuron.n, neuron.all, neuron.rank) == (5.0, 3, 7.0, 5)
    assert (isinstance(neuron.b, float), isinstance(neuron.n, int)) == (True, True)
    assert eg.IndividualNeuron(pop, 5) == neuron
    with pytest.raises(InvalidArgument, match="population 'p' has ranks 0 to 5"):
        eg.IndividualNeuron(pop, 6)
    assert (neuron.population, len(neuron), neuron.twice(3.0)) == (pop, 1, 6.0)
    assert [n.b for n in pop] == [n.b for n in pop.neurons] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert [pop.neuron(*at).b for at in ((4,), (1, 1), ((1, 1),))] == [4.0] * 3
    assert pop[-1, -1].rank == 5


def test_neuron_is_set_alone_or_not_at_all(pop):
    pop[0, 1].b = 9.0
    pop.neuron(2).set({"b": 8.0, "n": 4})
    with pytest.raises(InvalidArgument, match="of neuron 3 of population 'p': expected"):
        pop[1, 0].set({"b": 1.0, "n": 1.5})
    with pytest.raises(InvalidArgument, match="'all' is one number for all of population 'p'"):
        pop[1, 0].all = 1.0
    with pytest.raises(UnknownAttribute, match="'rank' of neuron 3 of population 'p' can't be assigned"):
        pop[1, 0].rank = 1

    assert pop.b.tolist() == [[0.0, 9.0, 8.0], [3.0, 4.0, 5.0]]
    assert pop.n.tolist() == [[3, 3, 4], [3, 3, 3]]


def test_view_is_given_the_values_of_another_attribute_by_its_name(pop):
    pop[:, 1:].n = "b"
    pop[0, 0].b = "all"
    with pytest.raises(UnknownAttribute, match="has no attribute 'c'"):
        pop[1, :].b = "c"

    assert pop.n.tolist() == [[3, 1, 2], [3, 4, 5]]
    assert pop.b.tolist() == [[7.0, 1.0, 2.0], [3.0, 4.0, 5.0]]


def test_views_are_indexed_by_position_and_coordinates(pop):
    view = pop[:, 1:]

    assert (view.geometry, view.ranks.tolist(), view.b.tolist()) == ((2, 2), [1, 2, 4, 5], [1.0, 2.0, 4.0, 5.0])
    for key, ranks in (
        *((slice(1, 3), [2, 4]), ([3, 0], [5, 1]), (np.array([True, False, False, True]), [1, 5]), (-1, [5])),
        *(((slice(None), 0), [1, 4]), (view.b > 2.0, [4, 5])),
    ):
        assert view[key].ranks.tolist() == ranks
    assert view[1, 0].rank == 4
    assert [n.rank for n in view] == [n.rank for n in view.neurons] == [1, 2, 4, 5]
    view[1:][0].b = 7.0
    assert pop.b.tolist() == [[0.0, 1.0, 7.0], [3.0, 4.0, 5.0]]


def test_views_are_put_together(pop):
    both = pop[3:5] + pop[1, 1] + pop[[0, 4]]

    assert (both.ranks.tolist(), both.geometry) == ([0, 3, 4], (3,))
    assert sum([pop[3:5], pop[0, 0]]) == pop[[0, 3, 4]] != pop[[4, 3, 0]]
    assert (pop[1, 1] == pop.neuron(4), len({pop[1, 1], pop.neuron(4), pop[:1]})) == (True, 2)
    for wrong in (pop, 1):
        with pytest.raises(InvalidArgument, match="only views of one population"):
            both + wrong
        with pytest.raises(InvalidArgument, match="only views of one population"):
            sum([both], wrong)


def test_what_is_in_a_population_or_view(pop):
    other = eg.Network(seed=1).create(6, LIF)
    view = pop[1:4]

    assert 5 in pop
    assert view in pop
    assert pop[0, 1] in view
    assert 3 in view
    assert view[:2] in view
    for what, whole in ((6, pop), (-1, pop), (True, pop), (other[0], pop), ("b", pop), (0, view), (pop[3:5], view)):
        assert what not in whole
    assert other[1] not in view


def test_view_says_what_its_population_says(pop):
    view = pop[1:3]

    said = (view.attributes, view.parameters, view.variables, view.functions, view.targets, view.neuron_type)
    assert said == (["b", "n", "all", "r"], ["b", "n", "all"], ["r"], ["twice"], [], pop.neuron_type)
    assert {"b", "r", "twice", "ranks"} <= {*dir(view)} & {*dir(pop[0, 0])}
    assert (view.is_spiking, view.all) == (False, 7.0)
    with pytest.raises(
        UnknownAttribute, match="the view of population 'p' has no 'disable'\n  help: p.disable is that"
    ):
        view.disable()
    with pytest.raises(UnknownAttribute, match="the view of population 'p' has no 'stop_condition'"):
        view.stop_condition = "r > 1"
    with pytest.raises(UnknownAttribute, match="population 'p' has no attribute 'foo'"):
        view.foo = 1.0


def test_views_and_neurons_are_copied_with_their_network(pop):
    net, view, neuron = copy.deepcopy((pop._network, pop[1:3], pop[1, 2]))

    assert view.population is neuron.population is net.get_population("p")
    assert (view.b.tolist(), neuron.b) == ([1.0, 2.0], 5.0)


def test_neuron_stands_where_a_view_can():
    net = eg.Network(seed=1)
    p = net.create((2, 2), LIF, name="p")
    proj = net.connect(p[1, 0], p[0, 1], "exc").all_to_all(1.0)
    m = net.monitor(p[1, 0], "v")
    net.compile(backend="numpy")
    p[1, 0].v = 100.0
    net.simulate(2.0)

    assert (proj.pre_ranks, proj.post_ranks) == ([[2]], [1])
    assert (m.get("v").shape, p.max_delay) == ((2, 1), 1)
    assert p[1, :].spike.tolist() == [] or p[1, 0].rank in p[1, :].spike
    assert (proj.pre.ranks.tolist(), 1 in proj, 0 in proj, proj[1] in proj) == ([2], True, False, True)
    assert (2 in proj[1], 1 in proj[1], proj.synapse(2, 1) in proj[1]) == (True, False, True)


def test_input_of_a_view_is_that_of_its_neurons():
    net = eg.Network(seed=1)
    rate = eg.Neuron(parameters="b = 1.0", equations="r = b + sum(exc)")
    p = net.create(3, rate)
    net.connect(p[:1], p[:1], "exc").one_to_one(2.0)
    net.compile(backend="numpy")
    net.simulate(2.0)

    assert (p[:2].sum("exc").tolist(), p.neuron(0).sum("exc")) == ([2.0, 0.0], 2.0)


@each("compiled", [False, True])
def test_refractory_period_of_some_neurons(compiled):
    net = eg.Network(seed=1)
    model = eg.Neuron("rest = 1.0", "dv/dt = 1.0", spike="v > 2.5", reset="v = 0")
    p, named = net.create((2, 2), LIF, name="p"), net.create(4, model, name="q")
    named.refractory = "rest"
    if compiled:
        net.compile(backend="numpy")
    p[1, :].refractory = [5.0, 6.0]
    p[0, 1].refractory = 3.0
    named[1:3].refractory = 7.0

    assert p[1, 1].refractory == 6.0
    assert (p.refractory.tolist(), p[1, :].refractory.tolist()) == ([[2.0, 3.0], [5.0, 6.0]], [5.0, 6.0])
    assert (named.rest.tolist(), named[:2].refractory.tolist()) == ([1.0, 7.0, 7.0, 1.0], [1.0, 7.0])
    with pytest.raises(InvalidArgument, match="'refractory' of 2 neurons of population 'p': expected an array"):
        p[1, :].refractory = [1.0] * 3
    with pytest.raises(ValueError, match="is read as a copy"):
        p.refractory[0, 0] = 9.0


def test_coordinates_and_ranks_in_any_dimension():
    p = eg.Network(seed=1).create((2, 1, 3, 2, 5), LIF, name="p")

    assert (p.dimension, p.width, p.height, p.depth, p.size) == (5, 2, 1, 3, 60)
    for rank in (0, 17, 59):
        at = p.coordinates_from_rank(rank)
        assert at == tuple(np.unravel_index(rank, p.geometry))
        assert p.rank_from_coordinates(at) == p[at].rank == rank
    assert p.normalized_coordinates_from_rank(59) == (1.0, 0.0, 1.0, 1.0, 1.0)
    assert p.normalized_coordinates_from_rank(56, norm=2.0) == (2.0, 0.0, 2.0, 2.0, 0.5)
    assert p[1, :, 2, ::-1, 4].ranks.tolist() == [59, 54]
    assert p[1, :, 2].geometry == (1, 2, 5)


def test_coordinates_of_a_view():
    p = eg.Network(seed=1).create((4, 4), LIF, name="p")
    view = p[1:3, 2:]

    assert (view.rank_from_coordinates((2, 3)), view.rank_from_coordinates((1, 1), local=True)) == (11, 11)
    assert (view.coordinates_from_rank(11), view.coordinates_from_rank(3, local=True)) == ((2, 3), (1, 1))
    with pytest.raises(InvalidArgument, match=r"the view of population 'p' has no neuron at \(0, 0\)"):
        view.rank_from_coordinates((0, 0))


@each(
    ("call", "said"),
    [
        (lambda p: p[0, 3], r"population 'p' has no neurons at \(0, 3\)"),
        (lambda p: p[3:][3], "the view of population 'p' has ranks 0 to 2"),
        (lambda p: p[3:][[0, 0]], "rank 0 of the view of population 'p' occurs twice"),
        (lambda p: p[:2][[True]], "the view of population 'p' has 2 neurons, the mask 1"),
        (lambda p: p[0, 0, 0], r"no neurons at \(0, 0, 0\)"),
        (lambda p: p["v"], "ranks of population 'p' must be whole numbers, not 'v'"),
        (lambda p: p[:, "x"], "population 'p' has no neurons at"),
        (lambda p: p.neuron(6), "population 'p': expected a rank from 0 to 5, got 6"),
        (lambda p: p.neuron(0, 3), r"population 'p' has no neuron at \(0, 3\)\n  help: its geometry is \(2, 3\)"),
        (lambda p: p.rank_from_coordinates(5), "no neuron at 5"),
        (lambda p: p.coordinates_from_rank(-1), "expected a rank from 0 to 5, got -1"),
        (lambda p: p.normalized_coordinates_from_rank(0, norm="x"), "norm: expected numbers"),
    ],
)
def test_neurons_that_there_are_not_are_refused(call, said):
    p = eg.Network(seed=1).create((2, 3), LIF, name="p")

    with pytest.raises(InvalidArgument, match=said):
        call(p)
