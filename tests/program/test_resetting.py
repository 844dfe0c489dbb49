"""One population or projection reset, and what it began with."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, NotAvailable, NotCompiled, UnknownAttribute
from tests.cases import each
from tests.network.small import LEAKY, LIF


def rates():
    net = eg.Network(seed=1)
    model = eg.Neuron(parameters="b = 1.0", equations="x += b\ny += 1.0\nr = x + sum(exc)")
    learns = eg.Synapse(parameters="k = 1.0", equations="z += k\nw += 1.0")
    pop, other = net.create(2, model, name="p"), net.create(2, model, name="q")
    pop.b = [1.0, 2.0]
    proj = net.connect(pop, pop, "exc", learns, name="c").all_to_all(0.5)
    net.compile(backend="numpy")
    net.simulate(3.0)
    return net, pop, other, proj


@each("attributes", [(), (None,), (-1,)])
def test_population_is_reset_alone_and_the_clock_goes_on(attributes):
    net, pop, other, _ = rates()
    pop.b = 5.0
    pop.reset(*attributes)

    assert (pop.x.tolist(), pop.y.tolist(), pop.r.tolist(), pop.b.tolist()) == ([0, 0], [0, 0], [0, 0], [1, 2])
    assert (other.x.tolist(), net.current_step) == ([3.0, 3.0], 3)


def test_network_is_reset_with_the_parameters_that_it_has():
    net, pop, other, proj = rates()
    pop.b, proj.k = 5.0, 7.0
    net.reset(parameters=False, projections=True)

    assert (pop.b.tolist(), other.b.tolist(), proj.k) == ([5, 5], [1, 1], [[7.0], [7.0]])
    assert (pop.x.tolist(), pop.r.tolist(), proj.z, net.current_step) == ([0, 0], [0, 0], [[0.0], [0.0]], 0)
    net.reset(projections=True)
    assert (pop.b.tolist(), proj.k) == ([1, 2], [[1.0], [1.0]])


def test_some_attributes_are_reset_alone():
    _, pop, _, proj = rates()
    proj.k = 7.0
    pop.reset(["x", "b"])
    proj.reset("z")

    assert (pop.x.tolist(), pop.y.tolist()) == ([0, 0], [3, 3])
    assert (proj.z, proj.k, proj.w) == ([[0.0], [0.0]], [[7.0], [7.0]], [[3.5], [3.5]])


def test_projection_keeps_its_weights_unless_it_is_drawn_again():
    _, _, _, proj = rates()
    proj.k = 7.0
    proj.reset(-1)
    assert (proj.z, proj.k, proj.w) == ([[0.0], [0.0]], [[1.0], [1.0]], [[3.5], [3.5]])
    proj.reset(synapses=True)
    assert proj.w in (0.5, [[0.5], [0.5]])


def test_population_that_is_reset_has_nothing_in_flight():
    net = eg.Network(seed=1)
    pop, post = net.create(2, LIF, name="p"), net.create(2, LIF, name="q")
    proj = net.connect(pop, post, "exc").one_to_one(1.0, delays=5.0)
    net.compile(backend="numpy")
    pop.v = 100.0
    net.simulate(1.0)
    with pytest.raises(NotAvailable, match=r"spikes of 'p' may be in flight.*\n  help: p.clear\(\) drops them"):
        proj.reset(synapses=True)
    pop.reset()
    proj.reset(synapses=True)
    m = net.monitor(post, "g_exc")
    net.simulate(6.0)

    assert not m.get("g_exc").any()


def test_reset_that_cannot_be_is_refused_and_changes_nothing():
    net, pop, _, proj = rates()
    before = net.digest()

    for call, error, said in (
        (lambda: pop.reset(["x", "nope"]), UnknownAttribute, "has no attribute 'nope'"),
        (lambda: pop.reset(3), InvalidArgument, "takes names of attributes, or nothing for all, not 3"),
        (
            lambda: proj.reset("w"),
            InvalidArgument,
            r"the weights can't be reset alone\n  help: c.reset\(synapses=True\)",
        ),
    ):
        with pytest.raises(error, match=said):
            call()
    assert net.digest() == before
    with pytest.raises(NotCompiled):
        eg.Network(seed=1).create(2, LEAKY).reset()


def test_initial_values_are_numbers_arrays_or_what_is_drawn_from():
    net = eg.Network(seed=1)
    pop = net.create(2, eg.Neuron(parameters="a = 1.0\nb = 2.0", equations="r = a"), name="p")
    pop.b = [1.0, 2.0]
    weights = eg.Uniform(0.0, 1.0)
    proj = net.connect(pop, pop, "exc", eg.Synapse(parameters="k = 3.0")).all_to_all(weights)

    for is_compiled in (False, True):
        if is_compiled:
            net.compile(backend="numpy")
        assert (pop.init["a"], pop.init["r"], pop.init["b"].tolist()) == (1.0, 0.0, [1.0, 2.0])
        assert (proj.init["k"], proj.init["w"]) == (3.0, weights)
    pop.a = 9.0
    assert (pop.init["a"], list(pop.init)) == (1.0, ["a", "b", "r"])
    with pytest.raises(InvalidArgument, match=r"init of population 'p' can only be read\n  help: before compile\(\)"):
        pop.init["a"] = 3.0
    with pytest.raises(InvalidArgument, match="can only be read"):
        pop.init.update(a=3.0)
    with pytest.raises(InvalidArgument, match="'b' can only be read"):
        pop.init["b"][0] = 3.0


def test_connectors_have_the_names_that_scripts_know():
    net = eg.Network(seed=1)
    pop = net.create(4, LEAKY)
    proj = net.connect(pop, pop, "exc")
    assert (proj.connector_name, proj.id, pop.id, pop.initialized) == ("", 0, 0, False)
    proj.fixed_number_pre(2)
    assert proj.connector_name == "Random Convergent"


def test_weights_may_be_a_row_for_each_neuron():
    net = eg.Network(seed=1)
    pop = net.create(3, LEAKY)
    proj = net.connect(pop, pop, "exc").all_to_all(eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 4.0))
    net.compile(backend="numpy")
    rows = np.arange(6.0).reshape(3, 2)
    proj.w = rows
    proj.delay = rows + 1.0

    assert (proj.w, proj.delay) == (rows.tolist(), (rows + 1.0).tolist())


@pytest.mark.cc
def test_draws_of_users_go_on_after_a_reset_if_they_ask_for_it():
    net = eg.Network(seed=1)
    pop = net.create(3, LIF)
    net.compile()

    def drawn():
        pop.v = eg.Uniform(0.0, 0.5)
        return [net.default_rng.random(), *pop.v]

    first = drawn()
    net.reset()
    assert drawn() == first
    net.reset(reseed_rng=False)
    assert not {*drawn()} & {*first}


@pytest.mark.cc
def test_trials_differ_are_the_same_for_each_seed_and_go_on_from_files(tmp_path):
    noisy = eg.Neuron(equations="dv/dt = -v/10.0 + Normal(0.0, 1.0); r = v")

    def made(backend):
        net = eg.Network(seed=4)
        pop = net.create(5, noisy)
        proj = net.connect(pop, pop, "exc").fixed_probability(0.5, weights=eg.Uniform(0.0, 1.0))
        net.compile(backend=backend)
        return net, lambda: (net.simulate(3.0), pop.v.tolist(), proj.weights_csr().toarray().tolist())[1:]

    net, trial = made("c")
    trials = []
    for number in range(3):
        trials.append(trial())
        net.save(tmp_path / f"{number}.npz")
        net.reset(reseed_rng=False, synapses=True)
    values, weights = zip(*trials, strict=True)
    assert not set(values[0]) & set(values[1])
    assert not set(values[1]) & set(values[2])
    assert weights[0] != weights[1] != weights[2]
    assert net.seed == 4

    for backend in ("c", "numpy"):
        other, again = made(backend)
        if backend == "c":
            other.load(tmp_path / "1.npz")
        else:
            other.reset(reseed_rng=False, synapses=True)
        other.reset(reseed_rng=False, synapses=True)
        assert again() == trials[2]
    net.reset(synapses=True)  # the seed's first one
    assert trial() == trials[0]
    net.reset(reseed_rng=False)
    net.set_seed(4)
    net.set_time(0.0)
    pop = net.get_populations()[0]
    pop.v = 0.0
    assert trial()[0] == trials[0][0]
