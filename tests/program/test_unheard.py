"""What is said of a network that computes in vain."""

import pytest

import engram as eg
from tests.network.small import LIF


def hebbian():
    net = eg.Network(seed=1)
    p = net.create(3, LIF, name="p")
    for name in ("a", "b"):
        net.connect(p, p, "exc", eg.Hebb(), name=name).all_to_all(0.5)
    return net, p


def test_rate_that_a_synapse_reads_and_nothing_computes_is_told_once():
    net, _ = hebbian()

    with pytest.warns(UserWarning) as told:
        net.compile(backend="numpy")

    what = "projection 'a': it reads the firing rate 'r' of 'p', which nothing computes: it is 0; others read such, too"
    assert [str(one.message) for one in told] == [f"{what}\n  help: p.compute_firing_rate(50.0) before compile()."]


def test_rate_that_is_computed_is_not_told_of():
    net, p = hebbian()
    p.compute_firing_rate(50.0)

    net.compile(backend="numpy")


def test_empty_network_is_told_of():
    net = eg.Network(seed=1)

    with pytest.warns(UserWarning, match="the network is empty\n  help: create populations in it first"):
        net.compile(backend="numpy")

    assert net.compiled
