"""Getters that choose: ``net.get_projections(post=, pre=, target=)``."""

import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.network.small import LEAKY, LIF


def test_projections_are_those_between_the_populations_that_are_named_and_with_the_target():
    net = eg.Network(seed=1)
    a, b = net.create(4, LIF, name="a"), net.create(3, LIF, name="b")
    ab, ba = net.connect(a, b, ["exc", "nmda"], name="ab"), net.connect(b, a[:2], "exc", name="ba")
    assert net.get_projections() == [ab, ba]
    assert net.get_projections(pre=a) == net.get_projections(post="b") == net.get_projections(target="nmda") == [ab]
    assert net.get_projections(a, target="exc") == net.get_projections(pre=b[1:]) == [ba]
    assert net.get_projections(pre=a, post=a, suppress_error=True) == []
    with pytest.raises(InvalidArgument, match="there is no projection with post='a', pre='a', target='exc'"):
        net.get_projections(a, a, "exc")
    with pytest.raises(InvalidArgument, match="pre must be a population or its name, not 3"):
        net.get_projections(pre=3)


def test_objects_are_found_by_name_and_listed_in_the_order_in_which_they_were_made():
    net = eg.Network(seed=1)
    b, a = net.create(2, LIF, name="b"), net.create(2, LIF, name="a")
    proj, m = net.connect(b, a, "exc", name="c"), net.monitor(a, "v")
    net.constant("k", 2.0)

    assert (net.get_populations(), net.get_projections(), net.get_monitors()) == ([b, a], [proj], [m])
    assert (net.get_population("a"), net.get_projection("c"), net.get_monitor("Monitor_a")) == (a, proj, m)
    assert net.get_constant("k") == 2.0
    for get, kind in (
        (net.get_population, "population"),
        (net.get_projection, "projection"),
        (net.get_monitor, "monitor"),
        (net.get_constant, "constant"),
    ):
        with pytest.raises(InvalidArgument, match=f"there is no {kind} 'zz'\n  help: there are"):
            get("zz")


def test_network_has_populations_and_gives_objects_by_name():
    net = eg.Network(seed=1)
    assert (len(net), list(net), bool(net)) == (0, [], True)
    p, q = net.create(2, LEAKY, name="p"), net.create(3, LEAKY)
    c = net.connect(p, q, "exc", name="c")
    m = net.monitor(p, "r")

    assert (len(net), list(net)) == (2, [p, q])
    assert (net["p"], net["pop1"], net["c"], net["Monitor_p"]) == (p, q, c, m)
    with pytest.raises(
        InvalidArgument, match="no population, projection or monitor 'pop2'\n  help: .*'p', 'pop1', 'c'"
    ):
        net["pop2"]
    with pytest.raises(InvalidArgument, match="name must be text, not 0"):
        net[0]
    net.connect(p, q, "exc", name="p")
    with pytest.raises(
        InvalidArgument, match=r"there are a population and a projection 'p'\n  help: get_population\('p'\)"
    ):
        net["p"]
