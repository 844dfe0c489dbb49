"""Copies and pickles of networks go on as the network would, and share nothing with it."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import engram as eg
from engram.blueprint.digests import digest_of_blueprint
from engram.errors import BrokenNetwork
from engram.persistence.blueprinting import blueprint_of
from tests.cases import check_each
from tests.network.small import LIF, spiking
from tests.persistence.test_opening import compared, resumed, unusual
from tests.resume.networks import CASES as RESUMED
from tools.networks.run import CASES as COMPARED

WAYS = {
    "copy": lambda net: net.copy(),
    "deepcopy": copy.deepcopy,
    "pickle": lambda net: pickle.loads(pickle.dumps(net)),
}


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    eg.clear()


def quiet(make, *args):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what networks warn of is tested elsewhere
        return make(*args)


def check_blueprint(make, case):
    net = quiet(make, case)
    for way in WAYS.values():
        assert digest_of_blueprint(blueprint_of(quiet(way, net)._core)) == digest_of_blueprint(blueprint_of(net._core))


def test_copies_before_compile_are_equal():
    check_each({name: (resumed, case) for name, case in RESUMED.items()}, check_blueprint)
    check_each({name: (compared, case) for name, case in COMPARED.items()}, check_blueprint)


@pytest.mark.cc
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("backend", ["c", "numpy"])
def test_copies_before_compile_run_alike(way, backend):
    net = unusual()
    other = way(net)
    for one in (net, other):
        one.compile(backend=backend)
    assert other.digest() == net.digest()
    for one in (net, other):
        one.simulate(3.0)
        one.reset(synapses=True)
        one.simulate(1.0)
    assert other.digest() == net.digest()


def begun(case):
    net = quiet(resumed, case)
    net.compile()
    quiet(case.begin, net)
    net.simulate(20 * case.dt)
    net.default_rng.random(3)
    return net


def check_goes_on(case, way):
    net = begun(case)
    before = net.digest()
    other = way(net)
    assert other.digest() == before
    assert digest_of_blueprint(blueprint_of(other._core)) == digest_of_blueprint(blueprint_of(net._core))
    other.simulate(10 * case.dt)
    assert net.digest() == before  # nothing is shared
    net.simulate(10 * case.dt)
    assert other.default_rng.random() == net.default_rng.random()
    assert other.digest() == net.digest()
    for one in (net, other):
        one.reset(synapses=True)
    assert other.digest() == net.digest()


@pytest.mark.cc
@pytest.mark.parametrize("name", RESUMED)
def test_copies_of_running_networks_go_on_to_the_bit(name):
    check_each({way: (RESUMED[name], WAYS[way]) for way in ("copy", "pickle")}, check_goes_on)


@pytest.mark.cc
def test_copy_of_a_copy_in_numpy_goes_on():
    net, *_ = spiking(compiled=False)
    net.compile(backend="numpy")
    net.simulate(5.0)
    other = net.copy().copy()
    for one in (net, other):
        one.simulate(5.0)

    assert other.digest() == net.digest()


@pytest.mark.parametrize("way", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_handles_go_with_their_network(way):
    net, p, q, c = spiking(compiled=False)
    m = net.monitor(p[1:3], "v", name="m")
    first, view, (other, handle), projection, monitor = way((p, p[[2, 0]], (net, q), c, m))

    assert handle is other.get_population("q")
    assert first is other.get_population("p")
    assert view.population is first
    assert view.ranks.tolist() == [2, 0]
    assert projection is other.get_projection("c")
    assert monitor is other.get_monitor("m")
    assert other is not net


def test_shallow_copy_of_a_handle_is_the_handle():
    _, p, *_ = spiking(compiled=False)

    assert copy.copy(p) is p


class Named(eg.Network):
    """Keeps what users keep in a network."""

    def __init__(self, n):
        super().__init__(dt=0.5, seed=4)
        self.exc = self.create(n, eg.Neuron(equations="r = 1.0"), name="exc")
        self.notes = {"some": [1, 2], "view": self.exc[:2]}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_attributes_of_users_are_copied(way):
    net = Named(5)
    other = way(net)

    assert type(other) is Named
    assert other.exc is other.get_population("exc") is not net.exc
    assert other.notes["some"] == [1, 2]
    assert other.notes["some"] is not net.notes["some"]
    assert other.notes["view"].population is other.exc


def test_copies_know_constants_and_functions_that_nothing_reads_yet():
    eg.Constant("k", 2.0)
    net = eg.Network(seed=1)
    p = net.create(2, eg.Neuron(equations="r = 1.0", functions="twice(x) = 2.0*x"), name="p")
    neuron = eg.Neuron(equations="r = k")
    other = net.copy()
    other.create(2, neuron)

    assert other.get_constant("k") == 2.0
    assert other.get_population("p").twice(2.0) == p.twice(2.0) == 4.0
    assert len(net.get_populations()) == 1


def test_values_of_copies_are_not_rounded():
    net, p, *_ = spiking(
        compiled=False,
    )
    net.config(dtype=eg.float32)
    p.b = np.full(6, 0.1)
    other = net.copy()
    other.config(dtype=eg.float64)

    assert other.get_population("p").b.tolist() == [0.1] * 6


def drawing(own=None):
    """A network whose projections draw from generators that they share, that a model has, and from ``default_rng``."""
    net = eg.Network(seed=3)
    own = own or np.random.default_rng(5)
    a = eg.Parameter(eg.Uniform(0.0, 1.0, seed=6), locality="local")
    rule = eg.Synapse(parameters={"a": a}, pre_spike="g_target += a*w")
    cells = net.create(8, LIF, name="cells")
    for k, law in enumerate((eg.Uniform(0, 1, rng=own), eg.Normal(1, 0.1, rng=own), eg.Normal(1, 0.1, seed=3))):
        proj = net.connect(cells, cells, "exc", rule, name=f"c{k}")
        proj.fixed_probability(0.5, weights=law, delays=eg.Uniform(1.0, 5.0, seed=4))
    net.connect(cells, cells, "exc", name="d").all_to_all(eg.Uniform(0.0, 1.0, rng=net.default_rng))
    return net


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_copies_draw_from_copies_of_the_generators_of_users(way):
    """Copied before compile and after, also of copies; whoever draws first leaves the others where they were."""
    own = np.random.default_rng(5)
    net = drawing(own)
    before, state = way(net), own.bit_generator.state
    before.compile(backend="numpy")
    assert own.bit_generator.state == state
    net.compile(backend="numpy")
    assert before.default_rng.random() == net.default_rng.random()
    for one in (before, way(net), way(way(net))):
        assert one.digest() == net.digest()
        one.reset(synapses=True)
        twin = way(net)
        twin.reset(synapses=True)
        assert one.digest() == twin.digest()
        assert one.get_projection("c1").array("w").tobytes() == net.get_projection("c1").array("w").tobytes()


@pytest.mark.cc
def test_broken_network_is_not_copied():
    net, *_ = spiking()
    net._core.state.broken = "a load failed half way"

    with pytest.raises(BrokenNetwork, match="failed half way"):
        net.copy()


@pytest.mark.parametrize("is_compiled", [False, True])
@pytest.mark.parametrize("made", ["copy", "excerpt"])
def test_generators_of_models_when_a_network_is_made_of_another_stay_where_they_are(is_compiled, made):
    """Models are shared, so that a draw for the new network would change what comes next in the user's script."""
    law = eg.Uniform(0.0, 1.0, rng=np.random.default_rng(3))
    net = eg.Network(seed=1)
    pop = net.create(4, eg.Neuron(parameters={"u": eg.Parameter(law, "local")}, equations="r = u"), name="p")
    if is_compiled:
        net.compile()
    before = law.rng.bit_generator.state

    new = net.copy() if made == "copy" else net.excerpt([pop])

    assert law.rng.bit_generator.state == before
    assert new.get_population("p").u.tobytes() == pop.u.tobytes()
