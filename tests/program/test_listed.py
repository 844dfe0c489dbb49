"""Given lists in networks: recorded once, kept where synapses change, adopted by whole loads."""

import itertools

import numpy as np
import pytest

import engram as eg
from engram.errors import BrokenNetwork
from engram.program.rewiring import add_synapses, remove_synapses
from engram.state import names
from engram.storage import fill
from tests.cases import check_each

CELL = eg.Neuron("tau = 10.0 : population", "tau*dv/dt = -v + g_exc", "v > 1.0", reset="v = 0.0", name="cell")
PLASTIC = eg.Synapse(pre_spike="g_target += w ; w += 0.1", name="plastic")


def made(kind, seed, synapse=None, **settings):
    net = eg.Network(seed=seed)
    net.config(**settings)
    p, q = net.create(30, CELL, name="p"), net.create(20, CELL, name="q")
    p.v = 1.5
    rng = np.random.default_rng(seed)
    c = net.connect(p, q, "exc", synapse, name="c")
    if kind == "list":
        c.from_matrix(np.where(rng.random((20, 30)) < 0.3, rng.random((20, 30)), np.nan), 5.0 * rng.random((20, 30)))
    else:
        c.fixed_probability(0.3, eg.Uniform(0.0, 1.0), eg.Uniform(1.0, 4.0))
    net.compile()
    return net, c


def went_on(net):
    found = []
    for how in (None, {}, {"synapses": True}):
        if how is not None:
            net.reset(**how)
        net.simulate(5.0)
        found.append(net.digest())
    return found


def kept(c):
    return [name for name in names.GIVEN if c._core.program.state.slot(c._core.place(name)).shape != (0,)]


def test_list_stands_once_until_synapses_change():
    net, c = made("list", 1)
    first = c.w, c.delay
    assert kept(c) == []
    c.w = 0.5
    assert kept(c) == [names.GIVEN_WEIGHT]
    c.delay = 2.0
    assert kept(c) == [*names.GIVEN]
    net.reset(synapses=True)
    assert (c.w, c.delay) == first
    assert kept(c) == []
    c.dendrite(c.post_ranks[0]).w = 2.0
    assert kept(c) == [names.GIVEN_WEIGHT]
    assert kept(made("list", 1, PLASTIC)[1]) == [names.GIVEN_WEIGHT]


@pytest.mark.cc
@pytest.mark.parametrize("pairs", [([0, 2, 1], [0, 0, 1]), ([], [])], ids=["some", "none"])
@pytest.mark.parametrize("delays", [0.0, 2.0, None], ids=["no delay", "one", "each"])
def test_list_is_given_again_after_synapses_were_added_and_removed(pairs, delays, tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    p, q = net.create(3, CELL, name="p"), net.create(2, CELL, name="q")
    c = net.connect(p, q, "exc", name="c")
    c.connect_from(
        tuple(np.array(one, int) for one in pairs),
        weights=0.25 + 0.5 * np.arange(len(pairs[0])),
        delays=1.0 + np.arange(len(pairs[0])) if delays is None else delays,
    )
    net.compile()
    first = c.post_ranks, c.pre_ranks, c.w, c.delay
    remove_synapses(c._core, np.arange(c.nb_synapses // 2))
    weight = 0.5 if pairs[0] else c._core.value("w")
    add_synapses(c._core, np.array([0]), np.array([1]), np.full(1, weight), np.full(1, 3.0))
    net.save(tmp_path / "f.engram")
    for one in (net, eg.open(tmp_path / "f.engram")):
        changed = one.get_projection("c")
        assert 0 in changed.dendrite(1).pre_ranks
        one.reset(synapses=True)
        assert (changed.post_ranks, changed.pre_ranks, changed.w, changed.delay) == first


@pytest.mark.cc
@pytest.mark.filterwarnings("ignore")  # partial loads warn
def test_files_of_lists_and_rules_are_loaded_into_lists_and_rules(tmp_path):
    def check(theirs, mine, synapse):
        saved, _ = made(theirs, 1, synapse)
        saved.simulate(5.0)
        saved.save(tmp_path / "f.engram")
        net, c = made(mine, 2, synapse)
        first = c.w
        net.load(tmp_path / "f.engram", only=["projections/c"])
        net.save(tmp_path / "part.engram")
        assert went_on(eg.open(tmp_path / "part.engram")) == went_on(net)
        assert c.w == first if synapse is None else True  # what a part of a load brings is no recipe

        net, c = made(mine, 2, synapse)
        assert net.load(tmp_path / "f.engram").exact
        net.save(tmp_path / "again.engram")
        assert (tmp_path / "f.engram").read_bytes() == (tmp_path / "again.engram").read_bytes()
        assert went_on(net) == went_on(saved)

    check_each(
        {str(case): case for case in itertools.product(("list", "rule"), ("list", "rule"), (None, PLASTIC))}, check
    )


@pytest.mark.cc
@pytest.mark.filterwarnings("ignore")  # another precision
def test_list_of_another_precision_is_recorded_in_that_of_the_network(tmp_path):
    saved, _ = made("list", 1)
    saved.save(tmp_path / "f.engram")
    net, _ = made("list", 2, dtype=eg.float32)
    net.load(tmp_path / "f.engram", cast=True)
    net.save(tmp_path / "g.engram")
    assert went_on(eg.open(tmp_path / "g.engram")) == went_on(net)


@pytest.mark.cc
def test_rows_stay_where_a_load_brings_the_same_list_with_other_weights_kept(tmp_path):
    net, c = made("list", 1)
    net.save(tmp_path / "f.engram")
    c.w = 0.5
    net.simulate(1.0)
    jobs = net._keeper.runner.derived.jobs
    net.load(tmp_path / "f.engram")
    assert kept(c) == []
    assert net._keeper.runner.derived.jobs is jobs


def test_list_is_lost_where_a_load_failed_half_way_and_a_whole_load_brings_it_back(tmp_path, monkeypatch):
    def fail(*given):
        raise OSError("disk")

    net, _ = made("list", 1)
    net.save(tmp_path / "f.engram")
    monkeypatch.setattr(fill, "_copied", fail)
    with pytest.raises(BrokenNetwork, match="failed half way"):
        net.load(tmp_path / "f.engram")
    monkeypatch.undo()
    said = set()
    for how in ({}, {"synapses": True}):
        with pytest.raises(BrokenNetwork, match=r"(?s)given one by one.*OSError.*help: load a whole file") as error:
            net.reset(**how)
        said.add(str(error.value))
    assert len(said) == 1  # it goes on saying what failed first
    net.load(tmp_path / "f.engram")
    assert went_on(net) == went_on(made("list", 1)[0])
