"""Synapses made and taken away one by one wait for each other, and nobody can tell; ``tests/fuzz`` does more of it."""

from __future__ import annotations

import signal

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from engram.program import pending, rewiring
from tests.cases import tried
from tests.program.test_rewiring import RATE, TRACED
from tests.program.test_structure import SPIKING

KINDS = {
    "rates": (RATE, None, 1.0),
    "spikes, packed": (SPIKING, None, 1.0),
    "spikes that learn": (SPIKING, TRACED, eg.DiscreteUniform(1, 4)),
}


def network(kind, *, spikes=False):
    neuron, synapse, delays = KINDS[kind]
    net = eg.Network(dt=1.0, seed=3)
    a, b = net.create(9, neuron, name="a"), net.create(7, neuron, name="b")
    proj = net.connect(a, b, "exc", synapse, name="p")
    proj.fixed_probability(0.5, weights=eg.Uniform(0.0, 1.0), delays=delays)
    net.compile()
    net.simulate(20.0 if spikes else 0.0)
    return net, proj


@pytest.fixture
def changes(monkeypatch):
    """How many synapses went and came in each change of arrays."""
    found, change = [], rewiring.change_synapses

    def counted(projection, gone, pre, *others):
        found.append((len(gone), len(pre)))
        change(projection, gone, pre, *others)

    for module in (pending, rewiring):
        monkeypatch.setattr(module, "change_synapses", counted)
    return found


def turn_over(proj, then=lambda: None):
    """Take the first synapse of each neuron away, and make each that it has none of; the last one goes again."""
    lists = {each.post_rank: each.pre_ranks for each in proj.dendrites}
    for post, ranks in lists.items():
        proj.dendrite(post).prune_synapse(ranks[0])
        then()
        free = [rank for rank in range(9) if rank not in ranks]
        for rank in free:
            proj.create_synapse(rank, post, 0.25)
            then()
        if free:
            proj.dendrite(post).prune_synapse(free[-1])
            then()
    return sum(map(len, lists.values()))


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_one_change_with_the_bits_of_many(kind, changes):
    net, proj = network(kind)
    turn_over(proj)
    assert changes == []
    assert proj._core.pending is not None
    digest = net.digest()
    assert len(changes) == 1
    assert proj._core.pending is None

    other, same = network(kind)
    turn_over(same, lambda: same.nb_synapses)
    assert len(changes) > 20
    assert other.digest() == digest
    net.simulate(30.0)
    other.simulate(30.0)
    assert net.digest() == other.digest()


READERS = {
    "size": lambda net, proj: proj.size,
    "nb_synapses": lambda net, proj: proj.nb_synapses,
    "post_ranks": lambda net, proj: proj.post_ranks,
    "w": lambda net, proj: proj.w,
    "a dendrite": lambda net, proj: (proj.dendrite(2).size, proj.dendrite(2).pre_ranks, proj.dendrite(2).w),
    "idx": lambda net, proj: proj.dendrite(6).idx,
    "synapse": lambda net, proj: proj.synapse(proj.dendrite(1).pre_ranks[-1], 1).w,
    "matrix": lambda net, proj: proj.connectivity_matrix().tolist(),
    "csr": lambda net, proj: [part.tolist() for part in (lambda m: (m.data, m.indices, m.indptr))(proj.weights_csr())],
    "field": lambda net, proj: proj.receptive_fields().tolist(),
    "repr": lambda net, proj: repr(proj),
    "memory": lambda net, proj: net.memory_footprint() and "",
    "delay": lambda net, proj: proj.delay,
    "set": lambda net, proj: proj.set({"w": 0.5}),
    "late": lambda net, proj: setattr(proj, "delay", 3.0),
    "monitor": lambda net, proj: net.monitor(proj, "nb_synapses", period=2.0) and net.simulate(6.0),
    "run": lambda net, proj: net.simulate(5.0),
    "reset": lambda net, proj: net.reset(synapses=True),
    "copy": lambda net, proj: net.copy().digest(),
    "snapshot": lambda net, proj: net.restore(net.snapshot()),
}


def test_whoever_reads_first_finds_them_done(tmp_path):
    for name, kind in tried(READERS, ("spikes, packed", "spikes that learn"), 1):
        found = []
        for waits in (True, False):
            net, proj = network(kind)
            turn_over(proj, (lambda: None) if waits else net.get_current_step)
            assert (proj._core.pending is not None) == waits
            found.append((repr(READERS[name](net, proj)), net.digest()))
        assert found[0] == found[1], (kind, name)
    net, proj = network("rates")
    turn_over(proj)
    net.save(tmp_path / "waits.engram")
    assert eg.open(tmp_path / "waits.engram").digest() == net.digest()


def test_what_is_in_flight_and_other_delays_wait_for_nobody(changes):
    net, proj = network("spikes that learn", spikes=True)
    (i, j), *_ = [(i, j) for i in range(9) for j in proj.post_ranks if i not in proj.dendrite(j).pre_ranks]
    proj.create_synapse(i, j, 0.1)  # brings the list of what is in flight
    assert changes == [(0, 1)]
    proj.dendrite(j).prune_synapse(i)
    assert changes == [(0, 1)]
    proj.create_synapse(i, j, 0.1, 9.0)  # later than all others
    assert changes == [(0, 1), (1, 0), (0, 1)]
    assert proj.dendrite(j).synapse(i).delay == 9.0


def test_what_is_refused_says_why_beside_what_waits_and_changes_nothing():
    net, proj = network("rates")
    has = proj.dendrite(3).pre_ranks
    free = [rank for rank in range(9) if rank not in has]
    proj.create_synapse(free[0], 3, 0.5)
    for call, text in (
        (lambda: proj.create_synapse(free[0], 3), "has one already"),
        (lambda: proj.create_synapse(free[1], 3, 0.5, -1.0), "expected ms, 0 to 65535, got -1"),
        (lambda: proj.create_synapse(free[1], 3, float("nan")), "expected finite numbers"),
        (lambda: proj.create_synapse(9, 3), "expected a rank from 0 to 8"),
        (lambda: proj.dendrite(3).prune_synapse(free[1]), "there is none"),
        (lambda: proj.dendrite(3).prune_synapse(has[0], k=1), "k must be a whole number from 0 to 0"),
        (lambda: proj.dendrite(3).create_synapses([free[1], free[1]]), "is named twice"),
    ):
        with pytest.raises(InvalidArgument, match=text):
            call()
        proj.dendrite(3).prune_synapse(free[0])
        proj.create_synapse(free[0], 3, 0.5)
    assert proj.dendrite(3).pre_ranks == sorted([*has, free[0]])


def test_a_neuron_that_loses_all_has_no_dendrite_while_they_wait():
    _, proj = network("rates")
    held = proj.dendrite(2)
    for rank in held.pre_ranks:
        proj.dendrite(2).prune_synapse(rank)
    with pytest.raises(InvalidArgument, match="no synapse ends at this neuron"):
        proj.dendrite(2)
    assert held.size == 0
    proj.create_synapse(4, 2, 0.5)
    assert held.size == 1
    assert held.pre_ranks == [4]


def test_memory_that_is_short_is_said_and_they_wait_on(monkeypatch):
    net, proj = network("spikes that learn")
    other, same = network("spikes that learn")
    turn_over(same)
    turn_over(proj)
    with monkeypatch.context() as patch:
        patch.setattr(rewiring, "changes_of", lambda *args, **kwargs: (_ for _ in ()).throw(MemoryError("short")))
        for _ in range(2):
            with pytest.raises(MemoryError, match="short"):
                net.simulate(1.0)
    assert net.digest() == other.digest()


def test_drawn_values_are_those_of_single_calls():
    net, proj = network("spikes that learn")
    (i, j), (k, m), *_ = [(i, j) for i in range(9) for j in proj.post_ranks if i not in proj.dendrite(j).pre_ranks]
    proj.create_synapse(i, j)
    proj.create_synapse(k, m)
    together = [proj.synapse(i, j).c, proj.synapse(k, m).c]
    other, same = network("spikes that learn")
    same.create_synapse(i, j)
    first = same.synapse(i, j).c
    same.create_synapse(k, m)
    assert together == [first, same.synapse(k, m).c]
    assert len(set(together)) == 2
    assert np.isfinite(together).all()


def test_ctrl_c_comes_when_they_are_done():
    net, proj = network("rates")
    turn_over(proj)
    other, same = network("rates")
    turn_over(same)
    with pytest.MonkeyPatch.context() as patch:
        change = pending.change_synapses

        def interrupted(*args):
            signal.raise_signal(signal.SIGINT)
            change(*args)

        patch.setattr(pending, "change_synapses", interrupted)
        before = signal.signal(
            signal.SIGINT, signal.default_int_handler
        )  # what a shell starts in the background ignores it
        try:
            with pytest.raises(KeyboardInterrupt):
                net.get_current_step()
        finally:
            signal.signal(signal.SIGINT, before)
    assert proj._core.pending is None
    assert net.digest() == other.digest()


def test_callback_may_ask_for_them_in_a_run():
    digests = []
    for waits in (True, False):
        net, proj = network("spikes that learn", spikes=True)

        @net.every(period=3.0)
        def turn(step, net=net, proj=proj, waits=waits):
            turn_over(proj, (lambda: None) if waits else net.get_current_step)

        net.simulate(10.0)
        digests.append(net.digest())
    assert digests[0] == digests[1]


def test_monitor_that_is_made_while_something_waits_records_the_new_synapses():
    net, proj = network("spikes that learn")
    free = next(rank for rank in range(9) if rank not in proj.dendrite(3).pre_ranks)
    proj.create_synapse(free, 3, 0.5)
    monitor = net.monitor(proj.dendrite(3), "w")
    net.simulate(2.0)
    assert monitor.get("w").shape == (2, proj.dendrite(3).size)


def test_calls_after_one_that_failed_for_lack_of_memory_have_draws_of_their_own(monkeypatch):
    net, proj = network("rates")
    free = [rank for rank in range(9) if rank not in proj.dendrite(3).pre_ranks]
    before, change = proj.nb_synapses, pending.change_synapses
    proj.create_synapse(free[0], 3, 0.5)
    failures = iter([MemoryError()])

    def short(*args):
        for error in failures:
            raise error
        change(*args)

    monkeypatch.setattr(pending, "change_synapses", short)
    with pytest.raises(MemoryError):
        net.get_current_step()
    proj.create_synapse(free[1], 3, 0.5)
    assert proj.nb_synapses == before + 2


def test_failure_that_should_not_be_leaves_a_network_to_be_reset(monkeypatch):
    net, proj = network("rates")
    before = proj.nb_synapses
    proj.create_synapse(next(rank for rank in range(9) if rank not in proj.dendrite(3).pre_ranks), 3, 0.5)
    with monkeypatch.context() as patch:
        patch.setattr(pending, "change_synapses", lambda *args: {}["nothing"])
        with pytest.raises(KeyError):
            net.get_current_step()
    with pytest.raises(eg.BrokenNetwork, match="changing synapses by hand failed"):
        net.simulate(1.0)
    assert "Network" in repr(net)
    net.reset(synapses=True)
    net.simulate(1.0)
    assert proj.nb_synapses == before


def test_one_weight_for_all_is_compared_as_the_network_holds_it():
    net = eg.Network(dt=1.0, seed=3)
    net.config(dtype=eg.float32)
    a = net.create(9, RATE)
    proj = net.connect(a, a, "exc", eg.Synapse("w = 0.1 : projection")).fixed_probability(0.3, weights=0.1)
    net.compile()
    before = proj.nb_synapses
    proj.create_synapse(next(rank for rank in range(9) if rank not in proj.dendrite(3).pre_ranks), 3, 0.1)
    assert proj.nb_synapses == before + 1
