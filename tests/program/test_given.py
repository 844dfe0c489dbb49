"""Values given before compile: when distributions are drawn, with which seed, and how often values are rounded."""

import numpy as np
import pytest

import engram as eg
from engram.blueprint.records import BesideRecord
from engram.errors import InvalidArgument
from engram.persistence.blueprinting import blueprint_of
from tests.cases import each

pytestmark = pytest.mark.cc

NEURON = eg.Neuron(
    parameters="g = 1.0 : population\n n = 2 : int\n tau = 10.0",
    equations="v = v : init=0.1\n u = u : init=tau\n x = x : init=Uniform(0.0, 1.0)\n r = v",
    name="given",
)
SYNAPSE = eg.Synapse(
    parameters="eta = 0.1 : projection\n gain = 1.0 : postsynaptic\n own = 2.0",
    equations="w += 0.0*own*eta*gain",
    psp="w*pre.r",
)
LAW = eg.Uniform(0.0, 1.0)
BACKENDS = ["c", "numpy"]


def network(**settings):
    net = eg.Network()
    net.config(**{"seed": 1, **settings})
    return net, net.create(6, NEURON, name="p")


def give(pop, law=LAW):
    """Assign distributions in all the ways there are."""
    pop.tau = law
    pop.g = law
    pop[1:4].v = law
    pop[4].v = 7.0
    pop[2:5].x = law
    pop.u[0] = law
    pop.r[:2][1] = law


def values(pop):
    return {name: np.asarray(pop.get(name)).tolist() for name in pop.attributes}


def own(seed=3):
    return eg.Uniform(0.0, 1.0, seed=seed)


@pytest.mark.parametrize("backend", BACKENDS)
def test_distributions_are_drawn_with_the_seed_that_compile_finds(backend):
    """On populations, on views and elements, and where one number is drawn for all."""
    (net, pop), (before, same), (other, old) = network(), network(seed=5), network()
    for one in (pop, same, old):
        give(one)
    net.config(seed=5)
    read = values(pop)
    net.compile(backend=backend)
    before.compile(backend=backend)
    other.compile(backend=backend)

    assert values(pop) == values(same) == read
    drawn = {name for name in pop.attributes if values(pop)[name] != values(old)[name]}
    assert drawn == {"g", "tau", "v", "u", "x", "r"}
    assert (pop.v[4], pop.v[5]) == (7.0, 0.1)


def test_reset_returns_to_what_was_drawn():
    net, pop = network()
    give(pop)
    net.compile()
    first = values(pop)
    pop.v, pop.tau, pop.g, pop.x, pop.u = 3.0, 3.0, 3.0, 3.0, 3.0
    net.reset()

    assert {name: values(pop)[name] for name in ("v", "u", "x")} == {name: first[name] for name in ("v", "u", "x")}


def test_reading_before_compile_changes_nothing():
    results = []
    for is_read in (False, True):
        net, pop = network()
        for law in (LAW, own()):
            give(pop, law)
            if is_read:
                assert values(pop) == values(pop)
        net.compile()
        results.append(values(pop))

    assert results[0] == results[1]


def test_neurons_can_be_set_one_by_one_over_a_distribution():
    net, pop = network()
    before = pop.x
    for value in (1.0, 2.0):
        for rank in range(1, 5):
            pop[rank].x = value + rank
    pop[[3, 2]].x = LAW
    pop[2].x = 9.0
    pop[:2].x = [7.0, 8.0]
    pop.x[3:5] += 1.0
    drawn = pop.x[3]
    net.compile()

    assert pop.x.tolist() == [7.0, 8.0, 9.0, drawn, 7.0, before[5]]
    assert 1.0 < drawn < 2.0


def test_neurons_that_a_view_leaves_out_begin_as_they_did_without_it():
    net, pop = network()
    pop[0].u = 5.0
    pop.tau = 3.0
    pop[0].x = 2.0
    net.config(seed=4)
    net.compile()
    other, same = network(seed=4)
    other.compile()

    assert pop.u.tolist() == [5.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    assert pop.x.tolist() == [2.0, *same.x[1:].tolist()]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_generator_of_its_own_draws_once_when_it_is_given(backend):
    rng, twin = np.random.default_rng(3), np.random.default_rng(3)
    law = eg.Uniform(0.0, 1.0, rng=rng)
    net, pop = network()
    pop.v = law
    pop[2:5].tau = law
    pop.g = law
    wanted = [twin.uniform(size=n) for n in (6, 3, 1)]
    state = rng.bit_generator.state

    assert state == twin.bit_generator.state
    assert pop.v.tolist() == wanted[0].tolist()
    net.config(seed=8)
    net.compile(backend=backend)
    net.reset()
    assert rng.bit_generator.state == state
    assert pop.v.tolist() == wanted[0].tolist()
    assert pop.tau.tolist() == [10.0, 10.0, *wanted[1].tolist(), 10.0]
    assert wanted[2].tolist() == [pop.g]


def test_what_a_generator_drew_is_recorded_as_values():
    net, pop = network()
    pop.v = own()
    pop.g = own()
    blueprint = blueprint_of(net._core)
    start = dict(blueprint.populations[0].start.values)

    assert isinstance(start["v"], BesideRecord)
    assert start["g"] == np.random.default_rng(3).uniform()
    assert blueprint.notes == ()


def test_a_generator_in_a_model_draws_once_for_each_population():
    neuron = eg.Neuron(parameters={"a": eg.Parameter(own(), locality="local"), "k": own(4)}, equations="r = a")
    twin = np.random.default_rng(3)
    net = eg.Network(seed=1)
    p, q = net.create(3, neuron), net.create(2, neuron)
    wanted = [twin.uniform(size=n).tolist() for n in (3, 2)]

    assert [p.a.tolist(), q.a.tolist()] == wanted
    assert [p.k, q.k] == np.random.default_rng(4).uniform(size=2).tolist()
    net.compile()
    assert [p.a.tolist(), q.a.tolist()] == wanted


def test_an_assignment_that_fails_leaves_generators_where_they_were():
    net, pop = network()
    law = own()
    before = law.rng.bit_generator.state
    for target in (pop, pop[:2]):
        with pytest.raises(InvalidArgument, match="'v' of .*population 'p'"):
            target.set({"tau": law, "v": [1.0, 2.0, 3.0]})
        assert law.rng.bit_generator.state == before
        assert pop.tau.tolist() == [10.0] * 6


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("law", [LAW, own, 0.1, 1 / 3])
def test_precision_may_be_said_before_or_after_the_values(backend, law):
    found = []
    for order in (("float32",), ("float64", "float32"), ("float32", "float64", "float32")):
        net, pop = network(dtype=order[0])
        give(pop, law() if law is own else law)
        for dtype in order[1:]:
            net.config(dtype=dtype)
        net.compile(backend=backend)
        found.append({name: np.asarray(pop.get(name)).tobytes() for name in pop.attributes})

    assert found[0] == found[1] == found[2]


def test_no_value_is_rounded_before_the_precision_is_known():
    net, pop = network(dtype="float32")
    net.connect(pop, pop, "exc", SYNAPSE, name="c").one_to_one(weights=0.1)
    c = net.get_projection("c")
    pop.tau, pop.g = [0.1] * 6, 0.1
    pop[2].v = 1 / 3
    pop.v[3] += 1e-12
    pop.u = "tau"
    c.own, c.gain, c.eta, c.w = 0.1, [0.1] * 6, 0.7, 0.3

    assert (c.own, c.eta) == (float(np.float32(0.1)), float(np.float32(0.7)))
    assert pop.tau.dtype == np.float32
    net.config(dtype="float64")
    net.compile()
    assert (pop.tau[0], pop.g, pop.v[2], pop.u[0]) == (0.1, 0.1, 1 / 3, 0.1)
    assert (c.array("own").flat[0], c.gain[0], c.eta, c.w[0][0]) == (0.1, 0.1, 0.7, 0.3)


def test_values_that_the_precision_cannot_hold_are_refused_by_compile():
    net, pop = network()
    c = net.connect(pop, pop, "exc", SYNAPSE, name="c").one_to_one()
    for owner, name in ((pop, "tau"), (c, "own"), (c, "w")):
        owner.set({name: 1e39})
        net.config(dtype="float32")
        with pytest.raises(InvalidArgument, match=rf"'{name}' of \w+ '{owner.name}': float32 holds .* up to 3.4e\+38"):
            net.compile()
        net.config(dtype="float64")
        owner.set({name: 1.0})
    net.compile()


def test_drawn_values_that_are_none_of_the_type_are_refused():
    net, pop = network()
    pop[:2].n = eg.DiscreteUniform(1, 5)
    net.compile()
    assert set(pop.n[:2].tolist()) <= {1, 2, 3, 4, 5}
    for whole in (pop, network()[1]):
        with pytest.raises(InvalidArgument, match="'n' of population 'p': expected whole numbers"):
            whole.n = LAW
        for law in (LAW, own()):
            with pytest.raises(InvalidArgument, match="'n' of 2 neurons of population 'p': expected whole numbers"):
                whole[:2].n = law


@pytest.mark.parametrize("backend", BACKENDS)
def test_attributes_of_projections_are_drawn_with_the_seed_that_compile_finds(backend):
    found = []
    for seeds in ((1, 5), (5,), (1,)):
        net, pop = network(seed=seeds[0])
        c = net.connect(pop, pop, "exc", SYNAPSE, name="c").all_to_all()
        c.set({name: LAW for name in ("eta", "gain", "own", "w")})
        net.config(seed=seeds[-1])
        net.compile(backend=backend)
        found.append([np.asarray(c.array(name)).tolist() for name in ("eta", "gain", "own", "w")])

    assert found[0] == found[1]
    assert all(a != b for a, b in zip(found[0], found[2], strict=True))


@pytest.mark.parametrize("backend", BACKENDS)
def test_generators_of_projections_draw_once_and_synapses_can_be_drawn_again(backend):
    """How many synapses there are is known at compile: what has one value for each is drawn there."""
    law = own()
    twin = np.random.default_rng(3)
    net, pop = network()
    delays = eg.Uniform(1.0, 9.0, rng=law.rng)  # shared: delays are drawn before weights
    c = net.connect(pop, pop, "exc", SYNAPSE, name="c").all_to_all(weights=law, delays=delays)
    c.gain = law
    c.eta = law
    c.own = law
    wanted = [twin.uniform(size=6).tolist(), twin.uniform()]
    net.compile(backend=backend)
    state = law.rng.bit_generator.state
    names = ("gain", "eta", "own", "w", "delay_steps")
    first = [np.asarray(c.array(name)).tolist() for name in names]
    c.w, c.own = 0.0, 0.0
    net.reset(synapses=True)

    assert first[:2] == wanted
    assert [np.asarray(c.array(name)).tolist() for name in names] == first
    assert len(set(first[2])) == len(set(first[3])) == 30
    assert law.rng.bit_generator.state == state


def test_a_second_attempt_to_compile_draws_the_same_synapses():
    wanted = []
    for fails in (False, True):
        net, pop = network()
        c = net.connect(pop, pop, "exc", SYNAPSE, name="c").all_to_all(weights=own())
        c.own = own(4)
        if fails:
            pop.tau = 1e39
            net.config(dtype="float32")
            c.eta = own(5)
            with pytest.raises(InvalidArgument, match="'tau' of population 'p': float32 holds"):
                net.compile()
            pop.tau = 10.0
            net.config(dtype="float64")
        net.compile()
        wanted.append([c.array("w").tolist(), c.array("own").tolist()])

    assert wanted[0] == wanted[1]


@each("dtype", ["float32", "float64"])
def test_arrays_that_were_given_are_copies(dtype):
    net, pop = network(dtype=dtype)
    given = np.full(6, 0.25)
    pop.tau = given
    pop[:6].v = given
    given[:] = 9.0
    before = pop.tau
    net.compile()
    pop.tau = 3.0
    net.reset()

    assert before.tolist() == pop.v.tolist() == [0.25] * 6


def test_reports_and_memory_before_compile_know_what_some_neurons_were_given(tmp_path):
    net, pop = network()
    give(pop)
    net.connect(pop, pop, "exc", eg.Synapse(parameters="w = 0.5 : projection"), name="c").one_to_one().w = LAW
    c = net.get_projection("c")
    before = (eg.report(net, tmp_path / "r.tex"), repr(blueprint_of(net._core)))
    rows = {row.name for row in net.memory_footprint().rows if row.of == "populations/p"}
    weight = c.w
    net.compile()

    assert (eg.report(net, tmp_path / "r.tex"), repr(blueprint_of(net._core))) == before
    assert {"given v", "given x"} <= rows
    assert c.w == weight
