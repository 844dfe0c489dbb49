"""Synapses that are added and removed one by one: what the others remember stays, on every backend and in files."""

from __future__ import annotations

import numpy as np
import pytest

import engram as eg
from engram.errors import CompileError, InvalidArgument, NotAvailable
from engram.program import compiling, derived
from tests.cases import each

NEURON = eg.Neuron(
    parameters="tau = 10.0 : population\nI = 1.5",
    equations="tau*dv/dt = -v + I\ndg_exc/dt = -g_exc/5.0",
    spike="v + g_exc > 1.0",
    reset="v = 0.0",
)
TRACED = eg.Synapse(
    parameters="c = Uniform(1.0, 2.0)",
    equations="dx/dt = -x/20.0 : event-driven",
    pre_spike="g_target += w\nx += c\nw += 0.01*x",
)
RATE = eg.Neuron(parameters="b = 1.0", equations="r = b + 0.1*sum(exc)")


def network(kind, backend="c", delays=1.0):
    net = eg.Network(dt=1.0, seed=3)
    neuron, synapse = (RATE, None) if kind == "rates" else (NEURON, TRACED if kind == "plastic" else None)
    a, b = net.create(6, neuron, name="a"), net.create(4, neuron, name="b")
    a.set({"b" if kind == "rates" else "I": np.linspace(1.2, 3.0, 6)})
    weights = eg.Uniform(0.0, 0.1)
    c = net.connect(a, b, "exc", synapse, name="c").fixed_number_pre(3, weights=weights, delays=delays)
    net.connect(a, a, "exc", name="beside").all_to_all(weights=0.01)
    net.compile(backend=backend)
    return net, c


def rewired(kind, backend="c", delays=1.0):
    net, c = network(kind, backend, delays)
    net.simulate(20.0)
    before = {name: pairs(c, name) for name in c.attributes}
    net.get_population("a").clear()
    lost, new = c.pre_ranks[1][0], next(k for k in range(6) if k not in c.pre_ranks[2])
    c.dendrite(1).prune_synapse(lost)
    c.dendrite(2).create_synapse(new, w=0.25, delay=1.0 if kind == "rates" else 3.0)
    return net, c, before, (lost, 1), (new, 2)


def pairs(projection, name):
    wiring, values = projection._core.connectivity, projection.array(name)
    keys = zip(wiring.pre_of_synapses().tolist(), wiring.post_of_synapses().tolist(), strict=True)
    return dict(zip(keys, np.broadcast_to(values, (wiring.n_syn,)).tolist(), strict=True))


@pytest.mark.parametrize("kind", ["plain", "plastic", "rates"])
@pytest.mark.parametrize("delays", [1.0, eg.DiscreteUniform(1, 3)], ids=["one delay", "delays differ"])
def test_other_synapses_keep_what_they_remember(kind, delays):
    net, c, before, lost, new = rewired(kind, delays=delays)

    for name, values in before.items():
        after = pairs(c, name)
        assert {new, lost} & after.keys() == {new}
        assert {k: v for k, v in after.items() if k != new} == {k: v for k, v in values.items() if k != lost}
    assert pairs(c, "w")[new] == 0.25
    assert c.synapse(*new).delay == (1.0 if kind == "rates" else 3.0)
    if kind == "plastic":
        assert 1.0 <= c.synapse(*new).c <= 2.0
        assert c.synapse(*new).x == 0.0
    net.simulate(5.0)


@pytest.mark.cc
@pytest.mark.parametrize("kind", ["plain", "plastic", "rates"])
def test_run_goes_on_alike_in_c_in_numpy_and_from_a_file(kind, tmp_path):
    native, meaning = rewired(kind)[0], rewired(kind, "numpy")[0]
    native.save(tmp_path / "n.npz")
    opened, other = eg.open(tmp_path / "n.npz"), network(kind)[0]
    other.load(tmp_path / "n.npz")
    for net in (native, meaning, opened, other):
        net.simulate(30.0)

    assert native.digest() == opened.digest() == other.digest()
    meaning.digest()  # stores the generator, as saving did
    for path in native._core.state.slots():
        a, b = native._core.state.read(path), meaning._core.state.read(path)
        np.testing.assert_allclose(a, b, rtol=1e-12, err_msg=path)


def test_spike_in_flight_does_not_arrive_through_a_new_synapse():
    net, c = network("plain")
    while 5 not in net.get_population("a").spike:
        net.step()
    for row in c.dendrites:
        if 5 in row.pre_ranks:
            row.prune_synapse(5)
    row, twin = c.dendrite(c.post_ranks[0]), net.copy()
    row.create_synapse(5, w=1.0, delay=1.0)
    for one in (net, twin):
        one.step()

    assert 5 in row.pre_ranks
    assert net.get_population("b").g_exc.tolist() == twin.get_population("b").g_exc.tolist()


def test_wrong_changes_are_refused_and_change_nothing():
    net, c = network("plain")
    row, digest = c.dendrite(0), net.digest()
    there, missing = row.pre_ranks[0], next(k for k in range(6) if k not in row.pre_ranks)

    for change, text in (
        (lambda: row.create_synapse(there), "has one already"),
        (lambda: row.create_synapses([missing, missing]), "named twice"),
        (lambda: row.create_synapse(6), "a rank from 0 to 5"),
        (lambda: row.create_synapse(missing, w=float("nan")), "finite"),
        (lambda: row.create_synapse(missing, delay=-1.0), "0 to"),
        (lambda: row.create_synapses([missing], weights=[1.0, 2.0]), "shape"),
        (lambda: row.prune_synapse(missing), "there is none"),
        (lambda: row.prune_synapses([there, missing]), "there is none"),
        (lambda: row.prune_synapses([there, there]), "named twice"),
        (lambda: c.create_synapses([missing, missing], 0), "named twice"),
        (lambda: c.create_synapses([missing, there], [0, 0]), "has one already"),
        (lambda: c.create_synapses([0, 1, 2], [0, 1]), "3 and 2 ranks"),
        (lambda: c.create_synapses([-1], [0]), "ranks from 0 to 5"),
        (lambda: c.prune_synapses(["a"], [0]), "a list of ranks"),
        (
            lambda: c.prune_synapses(there, 0),
            r"a list of ranks of pre or post, got \d and 0\n  help: write \[\d\], \[0\]; ",
        ),
        (lambda: row.prune_synapses(there), r"a list of ranks, got \d\n  help: write \[\d\]."),
        (lambda: c.create_synapses([[1, 2], [3]], [0]), "a list of ranks"),
        (lambda: c.prune_synapses([there, missing], 0), "there is none"),
    ):
        with pytest.raises(InvalidArgument, match=text):
            change()
    assert net.digest() == digest


@pytest.mark.parametrize("kind", ["plain", "rates"])
def test_many_changes_at_once_are_those_of_one_after_another(kind):
    (net, c), (twin, other) = network(kind), network(kind)
    new = [(i, j) for j in c.post_ranks for i in range(6) if i not in c.dendrite(j).pre_ranks][::2]
    old = [(i, j) for j in c.post_ranks for i in c.dendrite(j).pre_ranks][::3]
    weights = [0.25 * k for k in range(len(new))]

    c.prune_synapses(*zip(*old, strict=True))
    c.create_synapses(*zip(*new, strict=True), weights)

    for i, j in old:
        other.dendrite(j).prune_synapse(i)
    for k, (i, j) in enumerate(new):
        other.create_synapse(i, j, weights[k])
    assert net.digest() == twin.digest()


def test_dendrite_that_has_lost_all_synapses_can_get_new_ones():
    _, c = network("plain")
    row = c.dendrite(0)
    row.prune_synapses(row.pre_ranks)

    assert (row.size, c.post_ranks) == (0, [1, 2, 3])
    row.create_synapses([4, 1], weights=[0.4, 0.1])
    assert (row.pre_ranks, row.w) == ([1, 4], [0.1, 0.4])


@pytest.mark.parametrize("kind", ["plain", "plastic", "rates"])
@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
def test_rewired_network_loads_and_is_changed_like_any_other(kind, backend, tmp_path):
    net, c = rewired(kind, backend)[:2]
    net.save(tmp_path / "n.npz")
    digest = net.digest()
    net.simulate(5.0)
    c.dendrite(0).prune_synapse(c.dendrite(0).pre_ranks[0])
    c.w = [[0.5] * len(row) for row in c.w]
    net.load(tmp_path / "n.npz")
    assert net.digest() == digest

    net.reset(synapses=True)
    c.w = 0.5
    c.dendrite(3).prune_synapse(c.dendrite(3).pre_ranks[0])
    net.simulate(5.0)


def test_synapse_that_kernels_can_not_read_is_refused():
    neuron = eg.Neuron(equations="x = x + 1.0 : population\nr = x + sum(exc)")
    net = eg.Network(dt=1.0, seed=1)
    p = net.create(4, neuron, name="p")
    c = net.connect(p, p, "exc", eg.Synapse(psp="w*pre.r*pre.x")).all_to_all(weights=0.1)
    net.compile()
    c.dendrite(1).prune_synapse(0)
    digest = net.digest()

    with pytest.raises(NotAvailable, match="each synapse has its own delay"):
        c.dendrite(1).create_synapse(0, w=0.1, delay=4.0)
    assert net.digest() == digest


def test_spike_in_flight_is_known_though_the_clock_was_set_back():
    net, c = network("plain", delays=4.0)
    net.simulate(5.0)
    while 5 not in net.get_population("a").spike:
        net.step()
    row = next(d for d in c.dendrites if 5 in d.pre_ranks)
    row.prune_synapse(5)
    net.current_step = 0
    twin = net.copy()
    row.create_synapse(5, w=1.0, delay=4.0)
    for one in (net, twin):
        one.simulate(4.0)

    assert net.get_population("b").g_exc.tolist() == twin.get_population("b").g_exc.tolist()


@pytest.mark.cc
def test_assignments_for_which_there_are_no_kernels_change_nothing(monkeypatch):
    text = {"equations": "dx/dt = -x/20.0 : event-driven", "pre_spike": "g_target += w\nx += 1.0\nw += 0.01*x"}
    net = eg.Network(dt=1.0, seed=3)
    a, b = net.create(6, NEURON, name="a"), net.create(4, NEURON, name="b")
    c = net.connect(a, b, "exc", eg.Synapse(**text)).fixed_number_pre(3, weights=0.1)  # x is one number per neuron
    net.compile()
    net.simulate(10.0)
    synapse = c.synapse(c.dendrite(0).pre_ranks[0], 0)

    def fail(code):
        raise CompileError("no compiler")

    monkeypatch.setattr(compiling, "compiled", fail)
    for assign in (
        lambda: setattr(c, "x", [[0.1] * len(row) for row in c.w]),
        lambda: c.set({"w": 0.3, "x": [[0.1] * len(row) for row in c.w]}),
        lambda: synapse.set({"w": 0.3, "x": 0.5}),
        lambda: setattr(c, "delay", [[2.0 + k for k in range(len(row))] for row in c.w]),
    ):
        net.get_population("a").clear() if "delay" in assign.__code__.co_consts else None
        digest = net.digest()
        with pytest.raises(CompileError, match="no compiler"):
            assign()
        assert net.digest() == digest


@pytest.mark.cc
@each("kind", ["plain", "plastic", "rates"])
@each("change", ["one", "each", "create"])
def test_run_that_is_broken_off_while_loops_are_made_anew_goes_on_with_the_new_ones(kind, change):
    net, c = network(kind, delays=4.0)
    net.simulate(5.0)
    if change == "create":
        c.dendrite(2).create_synapse(next(k for k in range(6) if k not in c.pre_ranks[2]), w=0.25, delay=2.0)
    else:
        c.delay = 2.0 if change == "one" else eg.DiscreteUniform(1, 4)
    other, real = net.copy(), derived.rows_of

    def short(*args):
        derived.rows_of = real
        raise MemoryError

    derived.rows_of = short
    try:
        with pytest.raises(MemoryError):
            net.simulate(20.0)
    finally:
        derived.rows_of = real
    for one in (net, other):
        one.simulate(20.0)

    assert net.digest() == other.digest()
