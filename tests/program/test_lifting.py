"""Event-driven variables per neuron or per synapse: the same bits, whatever the form, and files that take either."""

import numpy as np
import pytest
from hypothesis import given

import engram as eg
from engram.ir import decays
from engram.program.lifting import per_synapse, set_apart
from engram.storage.formats import SUFFIXES
from tests.cases import each, matrix
from tests.strategies import repeatable, traces

FIRING = eg.Neuron(
    parameters="every = 3.0 : population\n first = 0.0",
    equations="phase += dt\n v = phase - first\n u += g_exc",
    spike="modulo(v, every) == 0",
    axon_spike="modulo(v, 7.0) == 0",
    reset="u *= 0.75",
    name="firing, with axons",
)
PAIRS = eg.Synapse(
    parameters="taup = 20.0 : projection\n taum = 30.0 : projection\n top = 1.0 : projection",
    equations="taup*dx/dt = -x : event-driven\n taum*dy/dt = -y : event-driven",
    pre_spike="g_target += w\n x += 1.0\n w = clip(w - 0.01*y, 0.0, top)",
    post_spike="y += 1.0\n w = clip(w + 0.01*x, 0.0, top)",
    name="pairs",
)
NEAREST = eg.Synapse(
    parameters="tau = 7.0 : projection",
    equations="tau*dx/dt = 0.1 - x : event-driven, init=0.5\n tau*dy/dt = -y : event-driven",
    pre_spike="g_target += w*x\n w -= 0.1*y*x\n x = 1.0\n w += 0.001*x",
    post_spike="w += 0.1*x*y\n y = 1.0\n w -= 0.001*y",
    name="nearest, and both sides of a statement read it",
)
TRIPLETS = eg.Synapse(
    parameters="tau = 11.0 : projection\n slow = 90.0 : projection\n gain = 0.5 : postsynaptic",
    equations="""
        tau*dx/dt = -x : event-driven
        slow*dr/dt = -r : event-driven
        tau*dy/dt = -y : event-driven, max = 1.5
        slow*do/dt = -o : event-driven
        tau*dboth/dt = -both : event-driven
        tau*dodd/dt = -odd : event-driven
    """,
    pre_spike="g_target += w\n w -= y*(0.01 + 0.002*r)\n x += 1.0\n r += 1.0 + 0.1*x\n both += x\n odd += w",
    post_spike="w += x*(0.01 + 0.002*o)\n y += gain : max=1.5\n o += 1.0\n both += 0.5*y",
    name="triplets, one variable of both sides, one that can't be lifted",
)
AXONAL = eg.Synapse(
    parameters="tau = 9.0 : projection",
    equations="tau*dx/dt = -x : event-driven\n tau*dy/dt = -y : event-driven",
    pre_spike="g_target += w*x\n x += 1.0",
    pre_axon_spike="g_target += 0.1*x\n x *= 0.5\n w += 0.01*y",
    post_spike="y += 1.0\n w += 0.01*x",
    name="axonal",
)
FEW = 70, 33  # neurons, for the interpreter: both populations have a second stride of 64 elements
SYNAPSES = {"pairs": PAIRS, "nearest": NEAREST, "triplets": TRIPLETS, "axonal": AXONAL}


def built(synapse, threads=1, backend="c", delays=2.0, apart=(), seed=5, sizes=(150, 70), **config):
    net = eg.Network(dt=1.0, seed=seed)
    net.config(num_threads=threads, **config)
    p, q = net.create(sizes[0], FIRING, name="p"), net.create((2, sizes[1]), FIRING, name="q")
    p.first = eg.DiscreteUniform(0, 5)
    q.first = eg.DiscreteUniform(0, 3)
    q.every = 2.0
    plastic = net.connect(p, q, "exc", synapse, name="c")
    plastic.fixed_probability(0.3, weights=eg.Uniform(0.0, 1.0), delays=delays)
    net.connect(q, q, "exc", synapse, name="own").fixed_number_pre(9, weights=eg.Uniform(0.0, 1.0), delays=1.0)
    net.compile(backend=backend)
    for projection in net.get_projections():
        set_apart(projection._core, [name for name in apart if f"{projection._core.path}/{name}" in net._core.state])
    return net


def small(**options):
    """A network for the interpreter."""
    return built(PAIRS, backend="numpy", sizes=(40, 20), **options)


def values(net):
    """All state, as if nothing were lifted."""
    net._keeper.runner.store_generator()
    found = {}
    for path, slot in net._core.state.slots().items():
        projection = net._projections.get(slot.owner.removeprefix("projections/"))
        pieces = net._core.state.leaf(path).pieces if projection is None else [per_synapse(projection._core, slot.name)]
        found[path] = b"".join((np.where(p != p, np.nan, p) if p.dtype.kind == "f" else p).tobytes() for p in pieces)
    return found


def lifted(net, projection="c"):
    slots = net._core.state.slots().values()
    return {slot.name for slot in slots if slot.owner == f"projections/{projection}" and len(slot.shape) == 2}


def differing(one, other):
    return [path for path in one if one[path] != other[path]]


EVERYTHING = ("x", "y", "r", "o", "last_pre")
APART = [(), ("x",), ("y",), ("last_pre",), EVERYTHING]


@pytest.mark.cc
@each("delays", [1.0, 4.0])
@each("name", SYNAPSES)
def test_form_of_a_trace_changes_no_bit(name, delays):
    net = built(SYNAPSES[name], delays=delays)
    start, forms = values(net), lifted(net)
    net.simulate(40.0)
    expected, wrong = values(net), []
    for apart, threads in zip(APART, (1, 3, 2, 3, 2), strict=True):
        other = built(SYNAPSES[name], threads, delays=delays, apart=apart)
        assert lifted(other).isdisjoint(apart)
        other.simulate(40.0)
        wrong += [(apart, threads, path) for path in differing(expected, values(other))]

    assert {"x", "y", "last_pre"} <= forms
    assert forms.isdisjoint({"both", "odd", "w"})
    assert {"projections/c/x", "projections/c/y", "projections/c/w"} <= set(differing(start, expected))
    assert wrong == []


@pytest.mark.cc
@each(("name", "config"), [("nearest", {"dtype": eg.float32}), ("triplets", {"synapse_dtype": eg.float32})])
def test_form_of_a_trace_changes_no_bit_of_float32(name, config):
    nets = [built(SYNAPSES[name], 2, apart=apart, **config) for apart in ((), ("x",), EVERYTHING)]
    for net in nets:
        net.simulate(25.0)

    assert {net._core.state["projections/c/x"].dtype.name for net in nets} == {"float32"}
    assert [differing(values(nets[0]), values(net)) for net in nets[1:]] == [[], []]


@pytest.mark.cc
@pytest.mark.parametrize(("name", "apart"), matrix(SYNAPSES, [(), EVERYTHING], 1))
def test_interpreter_gives_the_same_bits_in_either_form(name, apart):
    native = built(SYNAPSES[name], sizes=FEW)
    meaning = built(SYNAPSES[name], backend="numpy", apart=apart, sizes=FEW)
    for net in (native, meaning):
        net.simulate(9.0)

    assert differing(values(native), values(meaning)) == []


@pytest.mark.cc
@each("name", SYNAPSES)
def test_delays_that_differ_leave_the_postsynaptic_side_lifted(name):
    native = built(SYNAPSES[name], delays=eg.DiscreteUniform(1, 5))
    apart = built(SYNAPSES[name], 2, delays=eg.DiscreteUniform(1, 5), apart=("y", "o"))
    for net in (native, apart):
        net.simulate(40.0)

    assert lifted(native) == {"y", "o"} & set(native.get_projection("c").attributes)
    assert differing(values(native), values(apart)) == []


@pytest.mark.cc
def test_times_beyond_the_table_are_computed(monkeypatch):
    """Short tables: the exponential of the kernels may differ by an ulp, but not with the form."""
    monkeypatch.setattr(decays, "MOST_ENTRIES", 3)
    decays.decay_table.cache_clear()
    nets = [built(PAIRS, apart=apart) for apart in ((), ("x", "y"), ("last_pre",))]
    for net in nets:
        net.simulate(40.0)
    decays.decay_table.cache_clear()
    monkeypatch.undo()
    whole = built(PAIRS)
    whole.simulate(40.0)

    assert len(nets[0]._core.state["projections/c/internal/decay/x"]) == 3
    assert differing(values(nets[0]), values(nets[1])) == differing(values(nets[0]), values(nets[2])) == []
    np.testing.assert_allclose(nets[0].get_projection("c").array("w"), whole.get_projection("c").array("w"), rtol=1e-12)


@pytest.mark.cc
@pytest.mark.slow
@repeatable(3)
@given(traces())
def test_random_traces_have_the_same_bits_in_either_form_and_in_the_interpreter(texts):
    synapse = eg.Synapse(**texts, name="random traces")
    nets = [
        built(synapse, sizes=FEW),
        built(synapse, 2, apart=("x", "z"), sizes=FEW),
        built(synapse, 3, apart=("x", "y", "z", "last_pre"), sizes=FEW),
    ]
    for net in nets:
        net.simulate(14.0)
    first = values(nets[0])

    assert [differing(first, values(net)) for net in nets[1:]] == [[], []]
    if "own_tau*" not in texts["equations"]:  # else exponentials are computed, which may differ by an ulp
        meaning = built(synapse, backend="numpy", sizes=FEW)
        meaning.simulate(14.0)
        assert differing(first, values(meaning)) == []


# -- what users see ----------------------------------------------------------------------------------------


def test_attribute_reads_as_one_value_per_synapse():
    net = small()
    net.simulate(15.0)
    c = net.get_projection("c")
    wiring = c._core.connectivity

    x, y = c.array("x"), c.array("y")
    assert x.shape == y.shape == c.array("w").shape
    assert x.tolist() == net._core.state["projections/c/x"][wiring.pre_of_synapses(), 0].tolist()
    assert y.tolist() == net._core.state["projections/c/y"][0, wiring.post_of_synapses()].tolist()
    assert [len(row) for row in c.x] == [len(row) for row in c.w]
    assert c.weights_csr("x").shape == (40, 40)
    assert c.synapse(int(wiring.pre_of_synapses()[5]), int(wiring.ranks[5])).x == x[5]


def test_one_number_keeps_a_trace_lifted_and_lists_set_it_apart():
    net = small()
    c = net.get_projection("c")
    c.x = 0.25
    assert "x" in lifted(net)
    assert set(c.array("x").tolist()) == {0.25}
    values = [[0.5] * len(row) for row in c.x]
    values[3][2] = 0.75
    c.x = values

    assert lifted(net) == {"y", "last_pre"}
    assert c.x == values
    c.x = 0.25
    assert lifted(net) == {"y", "last_pre"}, "for good"


def test_one_synapse_that_is_set_is_set_alone():
    net = small()
    net.simulate(20.0)
    c = net.get_projection("c")
    before, wiring = c.array("y"), c._core.connectivity
    c.synapse(int(wiring.pre_of_synapses()[7]), int(wiring.ranks[7])).y = 9.0
    after = c.array("y")
    mates = wiring.ranks == wiring.ranks[7]  # of the same neuron: they are brought to the moment of the setting

    assert after[7] == 9.0
    assert after[~mates].tobytes() == before[~mates].tobytes()
    assert len({*after[mates]}) == 2


@pytest.mark.cc
def test_synapse_that_was_set_apart_goes_on_by_itself():
    """Only the synapse that was set differs afterwards, and what hangs on it."""
    nets = [built(PAIRS, apart=apart) for apart in ((), ("x",))]
    for net in nets:
        net.simulate(10.0)
    c, other = (net.get_projection("c") for net in nets)
    k = int(np.argmax(c.array("x") > 0.0))
    changed = c.array("x").copy()
    changed[k] = 5.0
    c.x, other.x = changed, changed
    for net in nets:
        net.simulate(20.0)

    assert differing(values(nets[0]), values(nets[1])) == []


def begun_with(x):
    """Return (net, c): the traces x of c begin with one value or with a law."""
    net = eg.Network(seed=1)
    p = net.create(20, FIRING, name="p")
    c = net.connect(p, p, "exc", PAIRS, name="c").fixed_probability(0.5, weights=0.5)
    c.x = x
    net.compile(backend="numpy")
    return net, c


def test_initial_values_that_differ_begin_apart():
    net, c = begun_with(eg.Uniform(0.0, 1.0))

    assert lifted(net) == {"y", "last_pre"}
    assert len(np.unique(c.array("x"))) == c.nb_synapses


def test_delays_that_are_changed_set_apart_what_they_must():
    net, twin = (small() for _ in range(2))
    for one in (net, twin):
        one.simulate(10.0)
        one.get_population("p").clear()
        one.get_population("q").clear()
    c = net.get_projection("c")
    x = dict(zip(_pairs(c), c.array("x"), strict=True))
    c.delay = [[float(1 + k % 3) for k in range(len(row))] for row in c.w]

    assert lifted(net) == {"y"}
    assert x == dict(zip(_pairs(c), c.array("x"), strict=True))
    c.delay = 2.0
    assert lifted(net) == {"y"}
    for one in (net, twin):
        one.simulate(8.0)
    found, expected = ({k: v for k, v in values(n).items() if k.endswith(("c/w", "c/x", "/u"))} for n in (net, twin))
    assert len(found) == 6
    assert differing(found, expected) == []


def _pairs(projection):
    wiring = projection._core.connectivity
    return list(zip(wiring.pre_of_synapses().tolist(), wiring.ranks.tolist(), strict=True))


@each("projections", [False, True])
def test_reset_keeps_the_form_and_a_new_draw_begins_anew(projections):
    net = small(apart=("x", "y", "last_pre"))
    net.simulate(20.0)
    net.reset(projections=projections)
    forms = lifted(net)
    net.reset(synapses=True)

    assert forms == set()
    assert lifted(net) == {"x", "y", "last_pre"}
    assert set(net.get_projection("c").array("x").tolist()) == {0.0}
    net.simulate(5.0)


# -- files -------------------------------------------------------------------------------------------------


@pytest.mark.cc
@pytest.mark.parametrize(("suffix", "apart"), matrix(SUFFIXES, [(), ("x",), ("last_pre",)], 1))
def test_network_takes_the_form_of_the_file(tmp_path, suffix, apart):
    first = built(TRIPLETS, 2, apart=apart)
    first.simulate(17.0)
    first.save(tmp_path / f"state{suffix}")
    second = built(TRIPLETS, apart=() if apart else EVERYTHING, seed=8)
    second.simulate(3.0)
    report = second.load(tmp_path / f"state{suffix}")

    assert report.exact, str(report)
    assert lifted(second) == lifted(first)
    assert second.digest() == first.digest()
    second.simulate(12.0)
    first.simulate(12.0)
    assert second.digest() == first.digest()


@pytest.mark.cc
@pytest.mark.parametrize(("name", "split"), matrix(SYNAPSES, (1, 2, 7, 20), 2))
def test_run_when_split_gives_the_same_bits(tmp_path, name, split):
    whole = built(SYNAPSES[name])
    whole.simulate(30.0)
    first = built(SYNAPSES[name], threads=2)
    first.simulate(float(split))
    first.save(tmp_path / "state.engram")
    second = built(SYNAPSES[name], threads=3, seed=9)
    second.load(tmp_path / "state.engram")
    second.simulate(30.0 - split)

    assert second.digest() == whole.digest()


def test_part_of_a_file_in_a_form_that_the_network_cant_have_is_spread_over_the_synapses(tmp_path):
    first = small()
    first.simulate(20.0)
    first.save(tmp_path / "state.npz")
    second = small(apart=("last_pre",))
    second.load(tmp_path / "state.npz", only="projections/c/x")

    assert lifted(second) == {"y"}
    assert second.get_projection("c").array("x").tobytes() == first.get_projection("c").array("x").tobytes()
    second.simulate(5.0)


def test_part_of_a_file_where_the_networks_own_initial_values_differ_is_spread_too(tmp_path):
    first, _ = begun_with(0.5)
    second, c = begun_with(eg.Uniform(0.0, 1.0))
    first.save(tmp_path / "state.npz")
    second.load(tmp_path / "state.npz", only="projections/c/x")

    assert lifted(second) == {"y", "last_pre"}
    assert set(c.array("x").tolist()) == {0.5}
    second.reset(projections=True)
    assert len(np.unique(c.array("x"))) > 50


def test_lifted_values_go_into_a_network_with_other_synapses_and_back(tmp_path):
    first, second = small(), small(seed=77)
    first.simulate(20.0)
    first.get_projection("c").save(tmp_path / "c.npz")
    assert first.get_projection("c").nb_synapses != second.get_projection("c").nb_synapses
    second.get_projection("c").load(tmp_path / "c.npz")

    assert second.get_projection("c").x == first.get_projection("c").x


@pytest.mark.cc
@each("backend", ["numpy", "c"])
@each("spiking", [True, False])
@each("part", ["network", "projections", "projection"])
def test_one_weight_of_a_file_becomes_one_for_each_synapse_that_changes_its_own(tmp_path, backend, spiking, part):
    def net_of(synapse, weight):
        net = eg.Network(dt=1.0, seed=1)
        pop = net.create(5, FIRING if spiking else eg.Neuron("first = 0.0", "r = first + 0.01*sum(exc)"), name="p")
        pop.first = np.arange(5.0)
        net.connect(pop, pop, "exc", synapse, name="c").all_to_all(weights=weight, delays=2.0)
        net.compile(backend=backend)
        return net, net.get_projection("c")

    changing = PAIRS if spiking else eg.Synapse(equations="dw/dt = 0.01*pre.r")
    before, net, expected = net_of(None, 0.25), net_of(changing, 0.75), net_of(changing, 0.25)
    path = tmp_path / "a.npz"
    before[part == "projection"].save(path)
    assert eg.read(path)["projections/c/w"].shape == ()
    with pytest.warns(eg.EngramWarning):
        net[part == "projection"].load(path, **({"populations": False} if part == "projections" else {}))
    net[0].simulate(40.0)
    expected[0].simulate(40.0)

    assert np.array_equal(net[1].array("w"), expected[1].array("w"))
    assert len({*net[1].array("w")}) > 1
