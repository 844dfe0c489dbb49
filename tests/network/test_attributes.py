"""Attributes by name: what can be read and assigned, before and after compile, and what is refused."""

import json

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, NotCompiled, UnknownAttribute
from engram.ir.spec import ModelSpec
from tests.cases import each
from tests.network.small import LIF, PLASTIC, rated, spiking

pytestmark = pytest.mark.cc


@each("compiled", [True, False])
def test_local_attribute_of_a_population_is_an_array_of_its_geometry(compiled):
    _, p, q, _ = spiking(compiled)

    assert (p.v.shape, p.v.dtype, p.v.tolist()) == ((6,), np.float64, [0.25] * 6)
    assert (q.v.shape, q.n.dtype, q.on.dtype) == ((2, 3), np.int64, bool)
    assert (q.tau, isinstance(q.tau, float), q.get("tau")) == (10.0, True, 10.0)


@each("compiled", [True, False])
@each(
    ("value", "expected"),
    [
        (2, [[2.0] * 3] * 2),
        (0.5, [[0.5] * 3] * 2),
        (np.float32(0.25), [[0.25] * 3] * 2),
        ([[1, 2, 3], [4, 5, 6]], [[1, 2, 3], [4, 5, 6]]),
        ([1, 2, 3, 4, 5, 6], [[1, 2, 3], [4, 5, 6]]),
        (np.arange(6.0).reshape(2, 3), [[0, 1, 2], [3, 4, 5]]),
        (np.arange(6)[::-1], [[5, 4, 3], [2, 1, 0]]),
        (np.arange(6).reshape(6, 1), [[0, 1, 2], [3, 4, 5]]),
        ([[0, 1, 2, 3, 4, 5]], [[0, 1, 2], [3, 4, 5]]),
        (np.arange(6).reshape(2, 1, 3), [[0, 1, 2], [3, 4, 5]]),
        ("b", [[0.5] * 3] * 2),
    ],
)
def test_local_attribute_when_assigned_takes_numbers_arrays_lists_and_names(compiled, value, expected):
    _, _, q, _ = spiking(compiled)
    q.v = value

    assert q.v.tolist() == expected
    assert q.v.dtype == np.float64


@each("compiled", [True, False])
@each(
    ("name", "value", "said"),
    [
        ("v", [1.0, 2.0], r"'v' of population 'q': expected an array of shape \(2, 3\), got one of shape \(2,\)"),
        ("v", np.zeros((3, 3)), r"expected an array of shape \(2, 3\), got one of shape \(3, 3\)"),
        ("v", [[1, 2, 3], [4, 5]], "got lists of different lengths"),
        ("v", None, "expected numbers, got None"),
        ("v", 1j, "expected numbers"),
        ("v", [["a"] * 3] * 2, "expected numbers"),
        ("v", [], r"got one of shape \(0,\)"),
        ("n", 2.5, "'n' of population 'q': expected whole numbers, got 2.5"),
        ("n", [0.5] * 6, "expected whole numbers"),
        ("n", True, "expected whole numbers, got True"),
        ("on", 2, "expected True or False, got 2"),
        ("tau", [1.0, 2.0], r"expected one number, got an array of shape \(2,\)"),
        ("tau", np.zeros((2, 3)), "expected one number"),
    ],
)
def test_attribute_when_assigned_what_cannot_be_is_refused_and_stays(compiled, name, value, said):
    _, _, q, _ = spiking(compiled)
    before = np.array(q.get(name)).tolist()

    with pytest.raises(InvalidArgument, match=said):
        setattr(q, name, value)
    assert np.array(q.get(name)).tolist() == before


@each("compiled", [True, False])
def test_attribute_when_unknown_is_an_error_with_the_nearest_name_and_never_a_new_one(compiled):
    _, p, _, c = spiking(compiled)

    for owner, wrong, right in ((p, "taau", "tau"), (c, "gian", "gain")):
        with pytest.raises(UnknownAttribute, match=f"did you mean '{right}'"):
            getattr(owner, wrong)
        with pytest.raises(UnknownAttribute, match=f"did you mean '{right}'"):
            setattr(owner, wrong, 1.0)
        with pytest.raises(UnknownAttribute, match=f"did you mean '{right}'"):
            owner.set({wrong: 1.0})
        assert wrong not in vars(owner)
        assert wrong not in dir(owner)
        assert not hasattr(owner, wrong)
    with pytest.raises(UnknownAttribute, match="can't be assigned"):
        p.size = 3
    with pytest.raises(UnknownAttribute, match="known here: tau, n, on, b, s, k, v, r, g_exc"):
        p.xyzzy  # noqa: B018  reading is what is tested


def test_set_when_one_value_is_wrong_changes_nothing():
    _, p, _, c = spiking()

    for owner, values in (
        (p, {"v": 2.0, "tau": 3.0, "n": 0.5}),
        (p, {"v": 2.0, "nn": 1}),
        (c, {"w": 1.0, "own": [1.0]}),
    ):
        before = {name: owner.get(name) for name in owner.attributes}
        with pytest.raises(eg.EngramError):
            owner.set(values)
        assert {name: np.array(owner.get(name)).tolist() for name in before} == {
            name: np.array(value).tolist() for name, value in before.items()
        }


@each("is_compiled", [True, False])
def test_elements_of_an_attribute_are_set_one_by_one(is_compiled):
    net = eg.Network()
    p = net.create((2, 3), eg.Neuron(parameters="k = 2 : int", equations="dr/dt = 0.0"))
    if is_compiled:
        net.compile()
    p.r[0, 1] = 5.0
    p.r[1] = [1.0, 2.0, 3.0]
    p.r[1, 1:] += 0.5
    p.r[0][2] = 0.5
    p[1, :].r[0] += 0.0
    p[0, 2].r = 1.5
    p.r[p.r == 5.0] = 4.0
    p.k[1, 2] = 7
    old = p.r
    p.r = p.r * 2.0
    old[0, 0] = 1.0  # of a copy from before: only this element is written

    assert p.r.tolist() == [[1.0, 8.0, 3.0], [2.0, 5.0, 7.0]]
    assert p.k.tolist() == [[2, 2, 2], [2, 2, 7]]
    assert type(p.r + 1.0) is np.ndarray
    assert type(p.r.max()) is np.float64


def test_elements_that_cannot_be_set_are_refused_and_nothing_is_changed():
    net, p, _, _ = spiking()
    digest, values = net.digest(), p.v
    with pytest.raises(eg.errors.UnknownAttribute, match="population 'p' has no attribute 'two'"):
        values[:2] = "two"
    with pytest.raises(eg.errors.InvalidArgument, match="of 2 neurons of population 'p': expected numbers, got b'two'"):
        values[:2] = b"two"
    with pytest.raises(eg.errors.InvalidArgument, match=r"expected an array of shape \(2,\), got one of shape \(3,\)"):
        values[:2] = [1.0, 2.0, 3.0]
    for key in (p.size, "x", (0, 0), 1.5):
        with pytest.raises(
            eg.errors.NoSuchElement, match="'v' of population 'p': there is no element .*\n  help: the values"
        ):
            p.v[key] = 5.0
        with pytest.raises(IndexError, match="'v' of population 'p': there is no element"):
            p.v[key]
    with pytest.raises(eg.errors.InvalidArgument, match=r"of neuron 1 of .*: expected one number, got an array of"):
        p.v[1] = [1.0, 2.0]

    assert net.digest() == digest
    assert values.tolist() == p.v.tolist()


def test_distribution_when_assigned_draws_one_value_per_element_from_the_seed():
    nets = [spiking(compiled) for compiled in (True, True, False)]
    for _, p, q, c in nets:
        p.v = eg.Uniform(0.0, 1.0)
        q.tau = eg.Uniform(5.0, 6.0)
        c.own = eg.Uniform(0.0, 1.0)
    nets[2][0].compile()
    (_, p, q, c), (_, other, _, _), (_, early, _, early_c) = nets

    assert len(set(p.v.tolist())) == 6
    assert 5.0 <= q.tau <= 6.0
    assert p.v.tobytes() == other.v.tobytes()
    assert len(set(early.v.tolist())) == 6  # drawn by compile, with the seed that holds then
    assert len(set(early_c.array("own").tolist())) == 36
    p.v = eg.Uniform(0.0, 1.0)
    assert p.v.tobytes() != other.v.tobytes()


def test_values_drawn_again_lie_between_the_bounds_wherever_a_distribution_can_stand():
    law, text = eg.Normal(0.0, 1.0, min=0.5, max=2.0, redraw=True), "Normal(0.0, 1.0, min=0.5, max=2.0, redraw=True)"
    neuron = eg.Neuron(
        parameters={"a": eg.Parameter(law, "local")}, equations=f"r = a : init={text}\nx = r : init={text}"
    )
    assert ModelSpec.from_json(json.loads(json.dumps(neuron.spec.to_json()))) == neuron.spec  # as the cache keeps it
    seen = []
    for backend in ("c", "numpy"):
        net = eg.Network(seed=3)
        pop = net.create(50, neuron, name="p")
        proj = net.connect(pop, pop, "exc", name="c").all_to_all(weights=law)
        net.compile(backend=backend)
        values = [pop.a, pop.x, proj.array("w")]
        pop.x, proj.w = law, law
        pop.a[3:20] = law
        values += [pop.x, proj.array("w"), pop.a]
        seen.append([value.tobytes() for value in values])
        for value in values:
            assert 0.5 <= value.min() < 0.7 < 1.3 < value.max() <= 2.0
            assert len(np.unique(value)) == value.size  # none of them clipped

    assert seen[0] == seen[1]


def test_values_assigned_before_compile_are_those_that_reset_returns_to():
    net, p, _, c = spiking(compiled=False)
    p.v, p.tau, c.own, c.w = [0.1] * 6, 20.0, 7.0, 0.75
    net.compile()
    assert (p.v.tolist(), p.tau, c.own[0][0], c.w[2]) == ([0.1] * 6, 20.0, 7.0, [0.75] * 6)
    p.v, p.tau, c.own, c.w = 0.3, 30.0, 8.0, 0.5
    net.reset(projections=True)

    assert (p.v.tolist(), p.tau, c.own[0][0]) == ([0.1] * 6, 20.0, 7.0)
    assert c.w[0][0] == 0.5  # weights survive
    net.reset(synapses=True)
    assert c.w[0][0] == 0.75


def test_weights_assigned_before_compile_as_a_distribution_are_drawn():
    net = eg.Network(seed=1)
    p = net.create(5, LIF, name="p")
    c = net.connect(p, p, "exc", name="c").all_to_all(weights=1.0)
    assert c.w == 1.0
    c.w = eg.Uniform(2.0, 3.0)
    with pytest.raises(NotCompiled, match=r"'w' of projection 'c' is drawn from Uniform\(2.0, 3.0\) by compile"):
        c.w  # noqa: B018  reading is what is tested
    net.compile()

    assert len(set(c.array("w").tolist())) == 20
    assert 2.0 <= min(map(min, c.w)) <= max(map(max, c.w)) <= 3.0


def test_projection_attributes_are_lists_by_post_neuron():
    net = eg.Network(seed=1)
    p, q = net.create(4, LIF, name="p"), net.create(5, LIF, name="q")
    c = net.connect(p, q, "exc", PLASTIC, name="c").fixed_number_pre(2, weights=eg.Uniform(0.0, 1.0), delays=2.0)
    net.compile()
    matrix = c.connectivity_matrix()

    assert (c.eta, c.gain) == (0.1, [1.0] * 5)
    assert c.own == [[2.0, 2.0]] * 5
    assert c.w == [matrix[post, ranks].tolist() for post, ranks in enumerate(c.pre_ranks)]
    assert all(ranks == sorted(ranks) for ranks in c.pre_ranks)
    assert (c.size, len(c), c.nb_synapses, c.post_ranks) == (5, 5, 10, [0, 1, 2, 3, 4])
    assert c.nb_synapses_per_dendrite == [2] * 5
    assert c.delay == 2.0
    assert c.weights_csr().toarray().tolist() == matrix.tolist()
    assert np.count_nonzero(matrix) == np.count_nonzero(c.connectivity_matrix(fill=9.0) != 9.0) == 10


def test_projection_lists_when_assigned_come_back():
    _, _, _, c = spiking()
    w = [[10.0 * post + pre for pre in range(6)] for post in range(6)]
    c.w = w
    assert c.w == w
    assert c.connectivity_matrix().tolist() == w
    c.gain = [float(k) for k in range(6)]
    assert c.gain == [float(k) for k in range(6)]
    c.w = c.array("w") + 1.0
    assert c.w == (np.array(w) + 1.0).tolist()
    c.w = 3

    assert c.w == [[3.0] * 6] * 6


def test_semiglobal_attribute_when_some_neurons_have_no_synapse_is_one_value_per_dendrite():
    net = eg.Network(seed=1)
    p, q = net.create(2, LIF, name="p"), net.create(4, LIF, name="q")
    with pytest.warns(UserWarning, match="the sizes differ"):
        c = net.connect(p, q, "exc", PLASTIC, name="c").one_to_one(1.0)
    net.compile()
    c.gain = [3.0, 4.0]
    assert c.gain == [3.0, 4.0]
    c.gain = np.arange(4.0)

    assert c.gain == [0.0, 1.0]


@each(
    ("value", "said"),
    [
        ([[1.0] * 6] * 5, r"' of projection 'c': expected 6 lists .*, got 5 lists"),
        ([[1.0] * 5] * 6, r"expected 6 lists with a value per synapse of each neuron \(\[6, 6, 6, 6, 6\] ...\)"),
        ([[1.0] * 6, 2.0], "got 2 lists"),
        ([[1.0] * 6] * 5 + [["x"] * 6], "expected numbers"),
        (np.zeros((6, 5)), r"expected 6 lists .*, got 6 lists \(\[5, 5"),
        (np.zeros((6, 6, 1)), r"expected an array of shape \(36,\), got one of shape \(6, 6, 1\)"),
        ([1.0] * 35, "expected 36 values, got 35\n  help: a number sets them all; else give a list"),
        (True, "expected numbers, got True\n  help: write 1.0 for True"),
        (np.True_, "expected numbers, got"),
        ([True] * 36, "expected numbers, got"),
        ([[True] * 6] * 6, "expected numbers, got an array of shape"),
        (np.ones(36, bool), "expected numbers, got an array of shape"),
    ],
)
def test_projection_lists_of_the_wrong_form_are_refused(value, said):
    net, _, _, c = spiking()
    digest = net.digest()

    with pytest.raises(InvalidArgument, match=said):
        c.w = value
    with pytest.raises(InvalidArgument, match=said.replace("/w", "/delay")):
        c.delay = value
    assert net.digest() == digest


def test_weight_of_one_synapse_is_no_flag():
    net, _, _, c = spiking()

    with pytest.raises(InvalidArgument, match=r"'w' of synapse\(0, 1\) of projection 'c': expected numbers, got True"):
        c.synapse(0, 1).w = True


def test_single_weight_when_set_to_an_array_becomes_one_per_synapse_and_counts():
    net, p, q, c = rated()
    assert c.w == 0.5
    net.step()
    c.w = c.w * np.arange(12.0)
    net.step()
    r = p.r
    net.step()

    assert c.w == (0.5 * np.arange(12.0).reshape(3, 4)).tolist()
    assert q.sum("exc").tolist() == pytest.approx((np.array(c.w) @ r).tolist())


def test_delays_are_read_in_ms_by_post_neuron():
    net, _, _, c = spiking(dt=0.5)
    matrix = np.array(c.delay)

    assert matrix.shape == (6, 6)
    assert set((matrix / 0.5 % 1.0).ravel()) == {0.0}
    assert (matrix.min() >= 1.0, matrix.max() <= 4.0) == (True, True)
    assert c.array("delay").tolist() == (c.array("delay_steps") * 0.5).tolist()
    assert np.array_equal(c.weights_csr("delay").toarray(), matrix)
    assert sorted(c.array("delay_steps").tolist()) == sorted((matrix / 0.5).astype(int).ravel().tolist())
    c.delay = [[1.0] * 6] * 6
    assert c.delay == [[1.0] * 6] * 6
    c.delay = 1.0
    assert c.delay == 1.0


def test_what_needs_synapses_before_compile_says_so():
    _, p, _, c = spiking(compiled=False)

    for name in ("nb_synapses", "post_ranks", "pre_ranks", "delay", "size"):
        with pytest.raises(NotCompiled, match="no synapses before compile"):
            getattr(c, name)
    for call in (c.connectivity_matrix, c.weights_csr, lambda: c.array("w")):
        with pytest.raises(NotCompiled, match="no synapses before compile"):
            call()
    with pytest.raises(NotCompiled, match="call compile"):
        p.spike  # noqa: B018  reading is what is tested


def test_array_of_one_number_for_all_synapses_has_an_element_for_each():
    net = eg.Network(seed=1)
    pop = net.create(10, eg.Izhikevich)
    proj = net.connect(pop, pop, "exc").fixed_probability(0.5, weights=0.5, delays=2.0)
    net.compile(backend="numpy")

    for name, value in (("w", 0.5), ("delay", 2.0), ("delay_steps", 2)):
        values = proj.array(name)
        assert (values.shape, set(values.tolist()), values.strides) == ((proj.nb_synapses,), {value}, (0,))
        with pytest.raises(eg.InvalidArgument, match="is a copy"):
            values[0] = 9
    with pytest.raises(eg.UnknownAttribute, match="known here: w, delay, delay_steps\n  help: did you mean 'delay'"):
        proj.array("delays")
    proj.w = 2.0 * proj.array("w")
    assert proj.array("w").tolist() == [1.0] * proj.nb_synapses


def test_array_names_the_ranks_that_the_projection_has():
    _, _, _, by_pre = spiking()
    _, _, _, by_post = rated()

    assert by_pre.array("post_ranks").shape == (36,)
    assert by_post.array("pre_ranks").tolist() == [0, 1, 2, 3] * 3
    with pytest.raises(UnknownAttribute):
        by_pre.array("pre_ranks")


def test_refractory_when_assigned_is_checked():
    _, p, q, _ = spiking()
    q.refractory = np.arange(6.0).reshape(2, 3)
    assert (p.refractory, q.refractory.tolist()) == (2.0, [[0, 1, 2], [3, 4, 5]])

    for wrong in (-1.0, [1.0, 2.0], float("nan")):
        with pytest.raises(InvalidArgument, match="'refractory' of population 'p'"):
            p.refractory = wrong
    with pytest.raises(InvalidArgument, match=r"in ms from compile\(\) on, not 'soon'\n  help: name it before compile"):
        p.refractory = "soon"
    _, p, _, _ = rated()
    with pytest.raises(InvalidArgument, match="not part of the model"):
        p.refractory = 2.0


def test_spike_is_the_ranks_of_the_last_step():
    net, p, _, _ = spiking()
    assert p.spike.tolist() == []
    p.v = [9, 0, 9, 0, 0, 9]
    net.step()
    assert p.spike.tolist() == [0, 2, 5]
    _, p, _, _ = rated()
    with pytest.raises(InvalidArgument, match="is rate-coded and has no spikes"):
        p.spike  # noqa: B018  reading is what is tested


@each("of", [lambda p: p.v, lambda p: p[:3].v])
def test_distribution_assigned_to_elements_is_drawn_once_and_shown(of):
    _, p, _, _ = spiking()
    values = of(p)
    values[:2] = eg.Uniform(1.0, 2.0)

    assert p.v[:2].tolist() == values[:2].tolist()
    assert ((values[:2] > 1.0) & (values[:2] < 2.0)).all()


@each("compiled", [True, False])
def test_array_of_other_rows_is_read_row_by_row_with_a_warning(compiled):
    _, p, q, _ = spiking(compiled)
    with pytest.warns(
        UserWarning, match=r"'v' of .*: an array of shape \(3, 2\) is read row by row into shape \(2, 3\)"
    ):
        q.v = np.arange(6.0).reshape(3, 2)
    with pytest.warns(UserWarning, match="'refractory' of .*: an array of shape"):
        q.refractory = np.arange(6.0).reshape(3, 2)
    p[1:5].v = [[1.0, 2.0], [3.0, 4.0]]  # a view is one row
    p[[0, 5]].refractory = [[1.0], [3.0]]

    assert q.v.tolist() == q.refractory.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert p.v.tolist() == [0.25, 1.0, 2.0, 3.0, 4.0, 0.25]
    assert p.refractory.tolist() == [1.0, 2.0, 2.0, 2.0, 2.0, 3.0]


def test_input_that_nothing_arrives_at_is_0_with_a_warning():
    net, p, q, _ = rated()
    net.simulate(2.0)
    with pytest.warns(UserWarning, match="population 'q' has no rate-coded input 'inh': its sum is 0\n.*it has 'exc'"):
        assert q.sum("inh").tolist() == [0.0] * 3
    with pytest.warns(UserWarning, match="no rate-coded input 'inh'"):
        assert q[1:].sum("inh").tolist() == [0.0] * 2
    with pytest.warns(UserWarning, match="spikes arrive in g_exc"):
        assert spiking()[2].sum("exc").tolist() == [[0.0] * 3] * 2

    assert q.sum("exc").all()
    assert p.sum("exc").tolist() == [0.0] * 4  # which its neurons read
    with pytest.raises(eg.errors.NotCompiled, match="sum\\(\\)"):
        spiking(compiled=False)[1].sum("exc")


def test_name_that_is_read_and_unknown_is_answered_with_one_that_can_be_read():
    _, p, _, c = spiking()
    for read, near in (
        (lambda: c.delays, "delay"),
        (lambda: c.max_delay, "delay"),
        (lambda: c.weights, "w"),
        (lambda: c[0].delays, "delay"),
        (lambda: c.synapse(0, 0).weight, "w"),
        (lambda: p[:2].geometri, "geometry"),
        (lambda: p.rates, "r"),
    ):
        with pytest.raises(UnknownAttribute, match=f"help: did you mean '{near}'"):
            read()
    with pytest.raises(UnknownAttribute, match="help: attributes are defined in the model. Methods: clear, "):
        p.xyzzy  # noqa: B018  reading is what is tested
    with pytest.raises(UnknownAttribute, match=r"help: it is `net\.monitor\(pop, 'v'\)`"):
        p.record("v")
    with pytest.raises(UnknownAttribute, match=r"`pop\.compute_firing_rate\(window=100\.0\)` fills its r"):
        p.firing_rate  # noqa: B018
    with pytest.raises(UnknownAttribute, match="model. Methods: .*compute_firing_rate"):
        p.fire_rating  # noqa: B018
    with pytest.raises(InvalidArgument, match=r"'v' of population '.*': a text .* 'rand\(\)'\n  help: .* eg.Uni"):
        p.v = "rand()"
    with pytest.raises(InvalidArgument, match="help: write the number, -70, without quotes or units"):
        p.v = "-70*mV"
    with pytest.raises(UnknownAttribute, match="help: did you mean 'v'"):
        eg.Monitor(p, "V")
    with pytest.raises(UnknownAttribute, match="help: did you mean 'delay'"):
        c.delays = 2.0
    with pytest.raises(UnknownAttribute, match="help: did you mean 'spike'"):
        eg.Monitor(p, "spikes")


def test_value_of_one_neuron_is_written_as_a_number():
    net = eg.Network(seed=1)
    pop = net.create(3, eg.Izhikevich)

    assert f"{pop[0].v:.3f} {pop.neuron(0).v:.2f} {pop[0].v}" == "-65.000 -65.00 -65.0"
