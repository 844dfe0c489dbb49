"""Spikes that are in flight when delays or synapses change arrive when they would have, once, whatever runs them."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engram as eg
from engram.errors import DamagedFile, LoadWarning
from engram.program.in_flight import forget_arrived, forget_flights
from engram.state import names
from engram.state.tree import State
from tests.cases import each
from tests.interrupts import signalled
from tests.program.test_lifting import FIRING, SYNAPSES
from tests.strategies import repeatable

EVERY = eg.Neuron(
    parameters="every = 3\nfirst = 0",
    equations="n = n + 1 : int",
    spike="modulo(n + first, every) == 0",
    name="every",
)
SUM = eg.Neuron(equations="total = total + g_exc", spike="total > 1e9", name="sum")
LEARNING = eg.Synapse(pre_spike="g_target += w\nw += 0.25", name="learns when something arrives")
N_PRE, N_POST = 7, 5
KINDS = ["plain", "plain, one weight each", "plastic"]


def network(kind, backend="c", threads=1, delays=4.0):
    net = eg.Network(dt=1.0, seed=3)
    net.config(num_threads=threads)
    a, b = net.create(N_PRE, EVERY, name="a"), net.create(N_POST, SUM, name="b")
    a.every, a.first = [2, 3, 5, 4, 7, 1, 11], [0, 1, 2, 3, 4, 5, 6]
    weights = eg.DiscreteUniform(1, 9) if kind == "plain, one weight each" else 1.0
    p = net.connect(a, b, "exc", LEARNING if kind == "plastic" else None, name="p")
    p.fixed_probability(0.6, weights=weights, delays=delays)
    net.connect(a, b, "exc", name="beside").all_to_all(weights=eg.DiscreteUniform(0, 0))
    net.monitor(b, "g_exc", name="arrived")
    net.monitor(a, "spike", name="emitted")
    net.compile(backend=backend)
    return net, p


class Loop:
    """What the projection does, spike by spike: each goes to each synapse with the delay of the moment."""

    def __init__(self, projection, kind):
        self.learns, self.due = kind == "plastic", {}
        self.follow(projection)
        self.weights = pairs(projection, "w")

    def follow(self, projection):
        self.delays = pairs(projection, "delay_steps")

    def step(self, step, emitted):
        """Return what arrives at each neuron in a step, in which some neurons emit spikes."""
        total = [0.0] * N_POST
        for pair in self.due.pop(step, []):
            if pair in self.delays:  # a synapse that has gone drops it
                total[pair[1]] += self.weights[pair]
                self.weights[pair] += 0.25 * self.learns
        for pair, delay in self.delays.items():
            if pair[0] in emitted:
                self.due.setdefault(step + delay, []).append(pair)
        return total


def pairs(projection, name):
    wiring, values = projection._core.connectivity, projection.array(name)
    keys = zip(wiring.pre_of_synapses().tolist(), wiring.post_of_synapses().tolist(), strict=True)
    return dict(zip(keys, np.broadcast_to(values, wiring.n_syn).tolist(), strict=True))


def change(net, projection, loop, what):
    """Change the delays of all synapses to one number, or to several; or take a synapse away; or make one."""
    if what in ("prune", "create"):
        dendrite = projection.dendrite(projection.post_ranks[net.current_step % len(projection.post_ranks)])
        there = dendrite.pre_ranks
        missing = [k for k in range(N_PRE) if k not in there]
        if what == "prune" and len(there) > 1:
            dendrite.prune_synapse(there[0])
            # should it come again, it is another one
            gone = there[0], dendrite.post_rank
            loop.due = {step: [pair for pair in due if pair != gone] for step, due in loop.due.items()}
        elif what == "create" and missing:
            dendrite.create_synapse(missing[0], w=1.0, delay=5.0)
            loop.weights[missing[0], dendrite.post_rank] = 1.0
    else:
        one = isinstance(what, int)
        projection.delay = float(what) if one else np.resize(what, projection.nb_synapses).astype(float)
    loop.follow(projection)


DELAYS = st.one_of(st.integers(1, 14), st.lists(st.integers(1, 12), min_size=6, max_size=6))
CHANGES = st.lists(
    st.tuples(st.integers(0, 9), st.one_of(DELAYS, st.sampled_from(["prune", "create"]))), min_size=1, max_size=6
)


def changed(kind, changes, backend="c", threads=1, delays=4.0):
    """Return a network that was changed while it ran, its projection, and the loop that did the same."""
    net, p = network(kind, backend, threads, delays)
    loop, arrived, done = Loop(p, kind), [], 0
    for steps, what in [*changes, (20, None)]:
        net.simulate(float(steps))
        spikes = net.get_monitor("emitted").get("spike", keep=True) if done + steps else {}
        for step in range(done, done + steps):
            arrived.append(loop.step(step, {rank for rank, when in spikes.items() if step in when}))
        done += steps
        if what is not None:
            change(net, p, loop, what)
    return net, p, loop, np.array(arrived)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
@repeatable(6)
@given(changes=CHANGES, delays=st.sampled_from([1.0, 6.0, eg.DiscreteUniform(1, 9)]))
def test_every_spike_arrives_once_and_in_time(kind, backend, changes, delays):
    net, p, loop, arrived = changed(kind, changes, backend, delays=delays)

    np.testing.assert_array_equal(net.get_monitor("arrived").get("g_exc"), arrived)
    assert pairs(p, "w") == {pair: loop.weights[pair] for pair in loop.delays}
    assert not p._core.has_flights  # all of it has arrived


LATE = [(6, [3, 9, 1, 7]), (2, 2), (1, [12, 1, 5]), (1, "create"), (0, "prune")]


def in_flight(kind, backend="c", threads=1):
    """Return a network with spikes that are late."""
    net, p = network(kind, backend, threads)
    loop = Loop(p, kind)
    for steps, what in LATE:
        net.simulate(float(steps))
        change(net, p, loop, what)
    net.simulate(1.0)
    assert p._core.has_flights
    return net


@pytest.mark.cc
@pytest.mark.parametrize("kind", KINDS)
def test_they_are_saved_copied_and_go_on_to_the_bit(kind, tmp_path):
    net = in_flight(kind, threads=2)
    net.save(tmp_path / "n.npz")
    other = network(kind)[0]
    other.load(tmp_path / "n.npz", exact=True)
    others = [eg.open(tmp_path / "n.npz"), net.copy(), pickle.loads(pickle.dumps(net)), other, in_flight(kind)]
    late = others[0].digest() == net.digest()
    for one in (net, *others):
        one.simulate(7.0)
        one.simulate(8.0)

    assert late
    assert {one.digest() for one in others} == {net.digest()}
    meaning = in_flight(kind, "numpy")
    meaning.simulate(15.0)
    assert meaning.digest() == net.digest()


def test_a_whole_load_replaces_what_was_in_flight(tmp_path):
    before = network("plastic")[0]
    before.simulate(8.0)
    before.save(tmp_path / "before.npz")
    net = in_flight("plastic")
    report = net.load(tmp_path / "before.npz")

    assert report.exact
    assert net.digest() == before.digest()
    net.save(tmp_path / "again.npz")
    assert not any("in_flight" in path for path in eg.open(tmp_path / "again.npz")._core.state.slots())


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_load_of_the_projection_alone_brings_its_own_or_none(kind, backend, tmp_path):
    net, calm, twin = in_flight(kind, backend), network(kind, backend)[0], in_flight(kind, backend)
    calm.simulate(4.0)
    net.get_projection("p").save(tmp_path / "late.npz")
    calm.get_projection("p").save(tmp_path / "calm.npz")
    with pytest.warns(LoadWarning, match="projection 'p': what is in flight arrives by the delays of the file"):
        net.get_projection("p").load(tmp_path / "calm.npz")
    is_calm = not net.get_projection("p")._core.has_flights
    net.simulate(0.0)
    net.get_projection("p").load(tmp_path / "late.npz")

    assert is_calm
    assert net.digest() == twin.digest()
    for one in (net, twin):
        one.simulate(15.0)
    assert net.digest() == twin.digest()


def test_a_load_that_brings_other_delays_alone_says_what_becomes_of_what_is_in_flight(tmp_path):
    (net, p), (other, _) = network("plain", delays=4.0), network("plain", delays=2.0)
    other.save(tmp_path / "other.npz")
    net.simulate(9.0)
    said = (
        "projection 'p': what is in flight arrives by the delays of the file.*twice or never\\n  help: load the whole"
    )
    with pytest.warns(LoadWarning, match=said):
        p.load(tmp_path / "other.npz")
    assert "what is in flight" in net.load_report.notes[-1]
    p.load(tmp_path / "other.npz")  # its delays are those that there are


@each("how", ["reset", "clear", "redraw"])
def test_reset_drops_them(how):
    net = in_flight("plastic")
    if how == "reset":
        net.reset()
    elif how == "clear":
        net.get_population("a").clear()
    else:
        net.reset(synapses=True)

    assert not net.get_projection("p")._core.has_flights
    if how != "clear":
        twin = network("plastic")[0]
        twin.simulate(30.0)
        net.reset(synapses=True)
        net.simulate(30.0)
        arrived = [one.get_monitor("arrived").get("g_exc") for one in (net, twin)]
        np.testing.assert_array_equal(*arrived)


def test_they_move_with_the_clock():
    net, moved = in_flight("plain"), in_flight("plain")
    moved.current_step = 1000
    net.simulate(15.0)
    moved.simulate(15.0)

    arrived = [one.get_monitor("arrived").get("g_exc")[-15:] for one in (net, moved)]
    np.testing.assert_array_equal(*arrived)


def test_what_passes_on_nothing_when_it_arrives_is_lost():
    net = in_flight("plain")
    net.get_projection("p").transmission = False
    net.simulate(2.0)
    net.get_monitor("arrived").get()
    net.get_projection("p").transmission = True
    net.simulate(1.0)

    assert net.get_monitor("arrived").get("g_exc").any()


def test_synapses_that_do_not_exist_are_refused_when_a_pickle_brings_them():
    net = in_flight("plain")
    state, path = net._core.state, net.get_projection("p")._core.place(names.IN_FLIGHT[names.HISTORY][2])
    state.write(path, state.read(path) + 1000)

    with pytest.raises(DamagedFile, match="at synapses that don't exist"):
        pickle.loads(pickle.dumps(net))


@pytest.mark.cc
@each("kind", KINDS)
def test_callback_may_change_delays_while_the_network_runs(kind):
    net, twin = network(kind, threads=2)[0], network(kind)[0]
    delays = [3.0, 9.0, 1.0, 7.0]

    @eg.every(network=net, period=5.0)
    def change(n):
        net.get_projection("p").delay = delays[n % 4]

    net.simulate(31.0)
    for k in range(7):
        twin.get_projection("p").delay = delays[k % 4]
        twin.simulate(5.0 if k < 6 else 1.0)

    assert net.digest() == twin.digest()


@pytest.mark.cc
def test_profile_counts_them():
    net = in_flight("plain")
    for _ in range(3):  # while some are late, and when all have arrived
        net.get_monitor("arrived").reset()
        profile = net.simulate(6.0, profile=True)
        events = sum(row.events for row in profile.rows if row.job == "deliver" and row.of == "projections/p")
        assert events == net.get_monitor("arrived").get("g_exc").sum() > 0


# -- event-driven variables, axonal spikes ------------------------------------------------------------------


def plastic(name, backend, threads=1, delay=3.0, is_late=True):
    net = eg.Network(dt=1.0, seed=5)
    net.config(num_threads=threads)
    p, q = net.create(8, FIRING, name="p"), net.create(6, FIRING, name="q")
    for one in (p, q):
        one.first = eg.DiscreteUniform(0, 4)
    c = net.connect(p, q, "exc", SYNAPSES[name], name="c")
    c.fixed_probability(0.7, weights=eg.Uniform(0.0, 1.0), delays=delay)
    net.compile(backend=backend)
    for delay_ms in (5.0, 2.0, 2.0, 7.0, 1.0) if is_late else ():
        net.simulate(4.0)
        c.delay = delay_ms
    return net


@pytest.mark.cc
@each("synapse", [None, SYNAPSES["pairs"]])
def test_what_threads_share_out_arrives_once_where_rows_go_on_with_another_delay(synapse):
    """Ranks fall there, between synapses that follow each other."""

    def run(*how):
        net = eg.Network(dt=1.0, seed=1)
        net.config(num_threads=how[1] if len(how) > 1 else 1)
        p, q = net.create(150, FIRING, name="p"), net.create(150, FIRING, name="q")
        for one in (p, q):
            one.first = eg.DiscreteUniform(0, 4)
        c = net.connect(p, q, "exc", synapse, name="c")
        c.fixed_probability(0.3, weights=eg.Uniform(0.0, 1.0), delays=eg.DiscreteUniform(1, 4))
        net.compile(backend=how[0])
        net.simulate(4.0)
        c.delay = [[float(1 + 3 * k % 6) for k in range(len(row))] for row in c.pre_ranks]
        net.simulate(12.0)
        return net.digest()

    assert len({run(*how) for how in (("c",), ("c", 2), ("c", 3), ("numpy",))}) == 1


@pytest.mark.cc
@each("name", SYNAPSES)
def test_plastic_synapses_do_the_same_on_every_backend_and_number_of_threads(name):
    nets = [plastic(name, *how) for how in (("c",), ("c", 3), ("numpy",))]
    assert nets[0].get_projection("c")._core.has_flights
    for one in nets:
        one.simulate(20.0)

    assert len({one.digest() for one in nets}) == 1


@each("name", SYNAPSES)
def test_change_to_another_delay_and_back_at_once_changes_nothing_that_happens(name):
    net, twin = (plastic(name, "numpy", is_late=False) for _ in range(2))
    for _ in range(6):
        net.simulate(3.0)
        net.get_projection("c").delay = 4.0
        net.get_projection("c").delay = 3.0
        twin.simulate(3.0)
    for one in (net, twin):
        one.simulate(10.0)

    for variable in ("w", "x"):
        np.testing.assert_array_equal(*(one.get_projection("c").array(variable) for one in (net, twin)))
    np.testing.assert_array_equal(*(one.get_population("q").u for one in (net, twin)))


@pytest.mark.cc
@each("kind", KINDS)
@each("delays", [4.0, eg.DiscreteUniform(1, 9)])
def test_delays_that_there_are_already_change_not_even_the_digest(kind, delays):
    net, p = network(kind, delays=delays)
    net.simulate(9.0)
    before = net.digest()
    p.delay = p.delay

    assert net.digest() == before
    assert not p._core.has_flights


@pytest.mark.cc
@each("kind", KINDS)
@each("late", [0.0, 9.0])
def test_one_delay_for_another_leaves_synapses_and_values_where_they_are(kind, late):
    net, p = network(kind)
    net.simulate(late)
    before = {name: p.array(name).tobytes() for name in ("row_start", "post_ranks", "w")}
    p.delay = 7.0

    assert {name: p.array(name).tobytes() for name in before} == before
    assert p.delay == 7.0
    assert p._core.has_flights is (late > 0.0)


# -- rates --------------------------------------------------------------------------------------------------

RATE = eg.Neuron(equations="r = t", name="the time")
HEARS = eg.Neuron(equations="r = sum(exc)", name="hears")


@pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
def test_rate_of_before_the_history_is_the_oldest_known(backend):
    net = eg.Network(dt=1.0, seed=3)
    a, b = net.create(1, RATE, name="a"), net.create(2, HEARS, name="b")
    p = net.connect(a, b, "exc", name="p").all_to_all(weights=1.0, delays=3.0)
    net.compile(backend=backend)
    net.simulate(10.0)
    p.delay = 6.0  # the last step was that of t = 9; t = 7 is the oldest that is known
    heard = []
    for _ in range(6):
        net.step()
        heard.append(b.r.tolist())
    p.delay = [[1.0], [4.0]]
    net.step()

    assert heard == [[7.0] * 2, [7.0] * 2, [7.0] * 2, [7.0] * 2, [8.0] * 2, [9.0] * 2]
    assert b.r.tolist() == [15.0, 12.0]


@each(("kind", "run_one"), [("plain", eg.Network.step), ("plastic", lambda net: net.simulate(1.0))])
def test_interrupt_anywhere_while_they_go_leaves_all_or_none(kind, run_one):
    def arriving():
        net, p = network(kind, delays=eg.DiscreteUniform(2, 4))
        net.simulate(9.0)
        p.delay = 2.0
        net.simulate(2.0)  # the next step is the last that matters
        assert p._core.has_flights
        return net

    whole = arriving()
    for _ in range(6):
        run_one(whole)
    monitored = [function.__code__ for function in (forget_arrived, forget_flights, State.drop)]
    n, hits = 0, True
    while hits:
        net, n = arriving(), n + 1
        hits = signalled(n, partial(run_one, net), monitored)
        assert sum("in_flight" in path for path in net._core.state.slots()) in (0, 4)
        while net.current_step < whole.current_step:
            run_one(net)
        assert net.digest() == whole.digest()

    assert n > 20
