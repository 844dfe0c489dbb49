"""Dendrites as users hold them; that their values are the right ones is tested in ``test_reach.py``."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, NotCompiled, UnknownAttribute
from tests.cases import check_each

FIRES = eg.Neuron(equations="v += 0.3 : init = 0.0", spike="v > 1.0", reset="v = 0.0")
RULE = eg.Synapse(
    parameters="gain = 2.0 : projection\nlevel = 3.0 : postsynaptic\nk = 1 : int",
    equations="dx/dt = -x/20.0 : event-driven",
    pre_spike="g_target += w\nx += 1.0",
)


@pytest.fixture
def proj():
    """Nobody reaches neuron 1."""
    net = eg.Network(dt=1.0)
    pre, post = net.create((2, 3), FIRES), net.create((2, 2), FIRES)
    proj = net.connect(pre, post[[0, 2, 3]], "exc", RULE, name="c").all_to_all(weights=0.5, delays=2.0)
    net.compile()
    net.simulate(6.0)
    return proj


def test_dendrite_is_found_by_rank_and_coordinates(proj):
    assert [d.post_rank for d in (proj.dendrite(2), proj[2], proj[1, 0], proj[np.int64(2)])] == [2] * 4
    assert [(d.post_rank, d.idx) for d in proj.dendrites] == [(0, 0), (2, 1), (3, 2)]
    assert (proj[2].pre.name, proj[2].target, proj[2].size, len(proj[2])) == (proj.pre.name, "exc", 6, 6)
    assert repr(proj[2]) == "<dendrite(2) of projection 'c': 6 synapses>"


def test_synapse_of_a_dendrite_is_found_by_rank_and_coordinates(proj):
    proj[2][1, 2].w = 7.0

    assert proj[2].w == [0.5] * 5 + [7.0]
    assert (proj[2][5].w, proj[2].synapse(5).post_rank) == (7.0, 2)
    assert [synapse.rank for synapse in proj[2]] == list(range(6))


def test_values_are_lists_or_numbers_by_their_locality(proj):
    dendrite = proj[2]
    dendrite.set({"level": 4.0, "k": range(6), "w": 0.25})

    assert (dendrite.gain, dendrite.level, dendrite.delay) == (2.0, 4.0, 2.0)
    assert (dendrite.k, dendrite.w) == ([0, 1, 2, 3, 4, 5], [0.25] * 6)
    assert dendrite.get("pre_ranks") == dendrite.pre_ranks == [0, 1, 2, 3, 4, 5]
    assert proj.level == [3.0, 4.0, 3.0]
    assert proj.k == [[1] * 6, [0, 1, 2, 3, 4, 5], [1] * 6]


def test_scripts_that_announce_structural_plasticity_edit_synapses_by_hand():
    net = eg.Network()
    net.config(structural_plasticity=True)
    cells = net.create(3, FIRES)
    proj = net.connect(cells, cells, "exc").one_to_one(0.5)
    net.compile()
    proj[1].create_synapse(2, w=4.0)

    assert proj[1].w == [0.5, 4.0]


def test_setting_a_dendrite_is_setting_each_of_its_synapses(proj):
    net = proj._network.copy()
    values = [float(k) for k in range(6)]
    proj[2].set({"x": values, "w": values, "level": 4.0})
    for synapse, value in zip(net.get_projection("c")[2].synapses, values, strict=True):
        synapse.set({"x": value, "w": value, "level": 4.0})
    assert net.digest() == proj._network.digest()

    net.simulate(5.0)
    proj._network.simulate(5.0)
    assert net.digest() == proj._network.digest()


def test_receptive_field_has_the_geometry_of_the_pre_neurons():
    net = eg.Network(dt=1.0)
    pre, post = net.create((2, 3), FIRES), net.create(2, FIRES)
    proj = net.connect(pre[[1, 5]], post, "exc").all_to_all(weights=0.5)
    net.compile()

    assert proj[0].receptive_field().tolist() == [[0.0, 0.5, 0.0], [0.0, 0.0, 0.5]]
    assert proj[0].receptive_field(fill=-1.0).tolist() == [[-1.0, 0.5, -1.0], [-1.0, -1.0, 0.5]]


def test_receptive_field_adds_up_the_synapses_of_a_pair():
    net = eg.Network(dt=1.0, seed=3)
    proj = net.connect(net.create(3, FIRES), net.create(2, FIRES), "exc")
    proj.fixed_total_number(40, weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 4.0))
    net.compile()

    fields = np.array([dendrite.receptive_field() for dendrite in proj])
    assert np.allclose(fields, proj.connectivity_matrix(), rtol=1e-14, atol=0)


def test_receptive_fields_stand_side_by_side_as_the_post_neurons_do():
    net = eg.Network(dt=1.0, seed=3)
    synapse = eg.Synapse(parameters="k = 0.0 : postsynaptic", pre_spike="g_target += w")
    proj = net.connect(net.create((2, 3), FIRES), net.create((3, 2), FIRES), "exc", synapse)
    proj.fixed_total_number(25, weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 4.0))
    net.compile()
    proj.k = [float(rank) for rank in proj.post_ranks]
    fields = [proj[post].receptive_field("w", -1.0) if post in proj else np.full((2, 3), -1.0) for post in range(6)]

    expected = np.block([[fields[0], fields[1]], [fields[2], fields[3]], [fields[4], fields[5]]])
    assert np.allclose(proj.receptive_fields(fill=-1.0), expected, rtol=1e-14, atol=0)
    assert np.allclose(proj.receptive_fields("w", False, -1.0), expected, rtol=1e-14, atol=0)  # 2 in a row again
    delays = proj.weights_csr("delay").toarray().reshape(6, 2, 3)
    assert np.array_equal(proj.receptive_fields("delay")[2:4, 3:], delays[3])
    shared = np.unique(proj.receptive_fields("k", fill=-1.0)[2:4, 3:] % 3)
    assert set(shared) <= {0.0, 2.0}  # 3, or -1 where there is no synapse


def test_receptive_fields_of_rows_and_in_a_square():
    net = eg.Network(dt=1.0)
    proj = net.connect(net.create(2, FIRES), net.create(5, FIRES)[:2], "exc").one_to_one(2.0)
    cube = net.connect(net.create(2, FIRES), net.create((1, 2, 2), FIRES)[0, 0], "exc").one_to_one(2.0)
    net.compile()

    assert proj.receptive_fields().tolist() == [[2, 0, 0, 2, 0, 0, 0, 0, 0, 0]]
    assert proj.receptive_fields(in_post_geometry=False).tolist() == [[2, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert cube.receptive_fields(in_post_geometry=False).shape == (2, 4)
    with pytest.raises(InvalidArgument, match=r"proj1.*post has the geometry \(1, 2, 2\), .*\n  help: proj.dendrite"):
        cube.receptive_fields()
    with pytest.raises(UnknownAttribute):
        proj.receptive_fields("nope")


REFUSED = {
    "a neuron without synapses": (lambda p: p[1], InvalidArgument, "dendrite(1) of projection 'c': no synapse ends"),
    "no such rank": (
        lambda p: p[4],
        InvalidArgument,
        "expected a rank from 0 to 3 of 'pop1', or coordinates in (2, 2)",
    ),
    "a negative rank": (lambda p: p[-1], InvalidArgument, "expected a rank from 0 to 3 of 'pop1'"),
    "no rank": (lambda p: p.dendrite(True), InvalidArgument, "got True"),
    "coordinates outside": (lambda p: p[2, 0], InvalidArgument, "population 'pop1' has no neurons at (2, 0)"),
    "too few coordinates": (lambda p: p.dendrite((1,)), InvalidArgument, "got (1,)"),
    "no such synapse": (
        lambda p: p[2][6],
        InvalidArgument,
        "synapse(6) of dendrite(2) of projection 'c': expected a rank",
    ),
    "no such attribute": (lambda p: p[2].wheight, UnknownAttribute, "no attribute 'wheight'"),
    "set by no such name": (lambda p: p[2].set({"w": 1.0, "q": 1.0}), UnknownAttribute, "no attribute 'q'"),
    "what can't be set": (
        lambda p: setattr(p[2], "size", 1),
        UnknownAttribute,
        "'size' of a dendrite can't be assigned",
    ),
    "one for all": (lambda p: p[2].set({"w": 1.0, "gain": 1.0}), InvalidArgument, "help: set it for all of them"),
    "too many values": (
        lambda p: p[2].set({"k": 3, "w": [1.0] * 7}),
        InvalidArgument,
        "expected an array of shape (6,)",
    ),
    "flags": (lambda p: p[2].set({"k": 3, "w": [True] * 6}), InvalidArgument, "'w' of dendrite(2) of projection 'c'"),
    "a list for one number": (lambda p: p[2].set({"k": 3, "level": [1.0] * 6}), InvalidArgument, "expected one number"),
}


def test_what_is_wrong_is_refused_and_changes_nothing(proj):
    before = proj._network.digest()

    def check(call, kind, text):
        with pytest.raises(kind) as caught:
            call(proj)
        assert text in str(caught.value)
        assert proj._network.digest() == before

    check_each(REFUSED, check)


def test_before_compile_there_is_none():
    net = eg.Network(dt=1.0)
    proj = net.connect(net.create(2, FIRES), net.create(2, FIRES), "exc").all_to_all()
    with pytest.raises(NotCompiled, match="has no synapses before compile"):
        proj.dendrite(0)


def test_first_synapse_of_a_neuron_is_created_by_the_projection():
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(4, eg.Neuron(equations="r = 1.0 + sum(exc)"), name="p")
    proj = net.connect(pop, pop[1:], "exc", name="c").connect_from(([0], [0], [1.0]))
    with pytest.raises(NotCompiled):
        proj.create_synapse(2, 3)
    net.compile(backend="numpy")
    with pytest.raises(InvalidArgument, match=r"; proj.create_synapse\(pre, 3, w=...\) makes the first"):
        proj.dendrite(3)
    with pytest.raises(InvalidArgument, match="neuron 0 of 'p' is not in the view"):
        proj.create_synapse(2, 0)
    proj.create_synapse(2, 3, w=0.5)
    with pytest.raises(InvalidArgument, match="neuron 2 of 'p' has one already"):
        proj.create_synapse(2, 3)
    net.simulate(2.0)

    assert (proj.post_ranks, proj.w, proj.dendrite(3).pre_ranks) == ([1, 3], [[1.0], [0.5]], [2])
    assert pop.r.tolist() == [1.0, 2.0, 1.0, 1.5]


@pytest.mark.parametrize("backend", ["c", "numpy"])
def test_synapse_of_two_neurons_is_taken_away_by_the_projection(backend):
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create((2, 2), eg.Neuron(equations="r = 1.0 + sum(exc)"), name="p")
    proj = net.connect(pop, pop, "exc").connect_from(([0, 1, 2, 2], [1, 1, 3, 3]), duplicates="keep")
    with pytest.raises(NotCompiled):
        proj.prune_synapse(0, 1)
    net.compile(backend=backend)
    before = net.digest()
    for pair, said in (((3, 1), "none"), ((0, 2), "none"), ((0, 9), "9"), ((2, 3), "there are 2")):
        with pytest.raises(InvalidArgument, match=said):
            proj.prune_synapse(*pair)
    for call in ("create_synapse", "prune_synapse"):
        said = rf"^{call}\(\) of projection '.*': pre: expected a rank .*, got \[0\]\n  help: proj.{call}s\(pre, post\)"
        with pytest.raises(InvalidArgument, match=said):
            getattr(proj, call)([0], [1])
        with pytest.raises(InvalidArgument, match=rf"^{call}\(\) of projection '.*': post: expected a rank .*, got 9$"):
            getattr(proj, call)(0, 9)
    assert net.digest() == before
    proj.prune_synapse(0, 1)
    proj.prune_synapse((1, 0), (1, 1), k=0)
    assert [(each.post_rank, each.pre_ranks) for each in proj] == [(1, [1]), (3, [2])]
    proj.prune_synapse(1, 1)
    assert proj.post_ranks == [3]


def test_dendrites_of_one_neuron_are_equal():
    net = eg.Network(seed=1)
    p = net.create(3, eg.Neuron(equations="r = sum(exc)"))
    c = net.connect(p, p, "exc").all_to_all()
    net.compile(backend="numpy")
    assert c.dendrite(0) == c.dendrite(0) != c.dendrite(1)
    assert len({c.dendrite(0), c.dendrite(0), c.dendrite(1)}) == 2


@pytest.mark.parametrize("model", [None, RULE])
def test_synapse_that_is_held_stays_the_same_until_it_is_taken_away(model, tmp_path):
    def built(seed):
        net = eg.Network(dt=1.0, seed=seed)
        pre, post = net.create(6, FIRES, name="pre"), net.create(5, FIRES, name="post")
        proj = net.connect(pre, post, "exc", model, name="c").fixed_number_pre(
            3, weights=eg.Uniform(0.0, 1.0), delays=2.0
        )
        net.compile()
        return net, proj

    (net, proj), (other, others) = built(1), built(2)
    rank = next(r for r in proj.dendrite(4).pre_ranks if r in others.dendrite(4).pre_ranks)
    held, weight = proj.synapse(rank, 4), proj.synapse(rank, 4).w
    missing = next(r for r in range(6) if r not in proj.dendrite(0).pre_ranks)
    for change in (
        lambda: setattr(proj, "delay", [[3.0, 1.0, 2.0]] * 5),
        lambda: setattr(proj, "delay", 4.0),
        lambda: proj.create_synapse(missing, 0, w=0.5),
        lambda: proj.prune_synapse(missing, 0),
    ):
        change()
        assert held.w == weight
    others.synapse(rank, 4).w = 0.75
    other.save(tmp_path / "others.npz")
    net.load(tmp_path / "others.npz")
    assert held.w == 0.75
    proj.prune_synapse(rank, 4)
    with pytest.raises(InvalidArgument, match="there is none"):
        held.w = 1.0
