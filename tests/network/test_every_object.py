"""What every object that a user holds answers: ``hasattr``, ``len``, ``for``, ``in``, ``repr``, completion."""

import inspect
import warnings

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, NoSpikes, NotCompiled
from tests.cases import check_each
from tests.network.small import LEAKY, LIF, PLASTIC

pytestmark = pytest.mark.cc


def objects(compiled, folder):
    """Return one of each, by its name: (object, its members, something that is no member)."""
    net = eg.Network(seed=1)
    cells, rates = net.create((2, 3), LIF, name="cells"), net.create(4, LEAKY, name="rates")
    one, timed = net.create(1, LEAKY, name="one"), net.create(eg.TimedArray([[1.0, 2.0]]), name="timed")
    plastic = net.connect(cells, cells, "exc", PLASTIC, name="plastic")
    plastic.fixed_probability(0.9, eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 4.0))
    spikes, monitor = net.monitor(cells, ["v", "spike"]), net.monitor(rates[:2], "r")
    lists = eg.LILConnectivity()
    lists.add(3, [0, 1], 0.5)
    found = {
        "network": (net, [cells, rates, one, timed], rates[:2]),
        "population": (cells, range(6), 6),
        "input": (timed, range(2), 2),
        "view": (cells[1:3], [1, 2], 0),
        "neuron of a population": (cells[1, 1], [4], 0),
        "monitor": (spikes, ["v", "spike"], "k"),
        "list of monitors": (eg.MonitorList([spikes, monitor]), [spikes, monitor], net.monitor(one, "r")),
        "model of neurons": (LEAKY, ["tau", "B", "r"], "v"),
        "model of synapses": (PLASTIC, ["eta", "gain", "own", "w"], "r"),
        "lists": (lists, [3], 0),
        "initial values": (rates.init, ["tau", "B", "r"], "v"),
        "projection": (plastic, range(6) if compiled else None, 6),
        "constant": (net.constant("k", 2.0), None, None),
        "distribution": (eg.Normal(0.0, 1.0), None, None),
    }
    if compiled:
        net.compile()
        profile, snapshot = net.simulate(3.0, profile=True), net.snapshot()
        saved = net.save(folder / "net.npz")
        paths = [*net._core.state.slots()]
        dendrite = plastic.dendrite(2)
        found |= {
            "dendrite": (dendrite, dendrite.pre_ranks, 6),
            "synapse": (dendrite.synapse(dendrite.pre_ranks[0]), None, None),
            "profile": (profile, profile.rows, "update"),
            "footprint": (net.memory_footprint(), net.memory_footprint().rows, "cells"),
            "snapshot": (snapshot, sorted(paths), "populations/cells/zork"),
            "report of a save": (saved, None, None),
            "report of a load": (net.load(folder / "net.npz"), sorted(paths), "populations/cells/zork"),
            "file": (eg.read(folder / "net.npz"), sorted(paths), "populations/cells/zork"),
            "recordings": (spikes.get(keep=True), ["v", "spike"], "k"),
        }
    return found


@pytest.mark.parametrize("compiled", [False, True])
def test_every_object_says_what_it_has(compiled, tmp_path):
    """Some go through handles: then what is counted here are ranks, and ``in`` takes both."""

    def check(one, members, other):
        assert repr(one)
        assert not [name for name in dir(one) if not isinstance(name, str)]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*nothing computes the firing rate 'r'", eg.EngramWarning)
            assert inspect.getmembers(one)  # which stops at what a property raises, unless it is an AttributeError
        assert not hasattr(one, "zork")
        if members is None:
            return
        assert bool(one)
        assert len(one) == len(members) == len([*one])
        assert all(member in one for member in members)
        assert all(member in one for member in one)
        assert other not in one

    check_each(objects(compiled, tmp_path), check)


@pytest.mark.parametrize(
    ("of", "name", "error", "said"),
    [
        (lambda net: net["rates"], "spike", NoSpikes, "'rates' is rate-coded and has no spikes"),
        (lambda net: net["rates"][:2], "spike", NoSpikes, "'rates' is rate-coded and has no spikes"),
        (lambda net: net["rates"][0], "spike", InvalidArgument, "'rates' is rate-coded and has no spikes"),
        (lambda net: net["cells"], "spike", NotCompiled, "spike needs a compiled network"),
        (lambda net: net["plastic"], "post_ranks", NotCompiled, "'plastic' has no synapses before compile"),
        (lambda net: net["plastic"], "w", NotCompiled, "drawn from Uniform"),
        (lambda net: net["plastic"], "delay", NotCompiled, "has no synapses before compile"),
    ],
)
def test_attribute_that_is_not_there_keeps_its_reason_and_gives_way_to_a_default(of, name, error, said, tmp_path):
    one = of(objects(False, tmp_path)["network"][0])

    assert getattr(one, name, None) is None
    with pytest.raises(error, match=said):
        getattr(one, name)


def test_projection_without_synapses_is_true():
    net = eg.Network(seed=1)
    cells = net.create(2, LEAKY)
    empty = net.connect(cells, cells, "exc").from_matrix(np.full((2, 2), None))
    assert empty
    net.compile()
    assert empty
    assert (len(empty), [*empty]) == (0, [])
