"""``net.excerpt``: networks of some parts of another, as they were defined."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.network.small import LIF

pytestmark = pytest.mark.cc


def whole():
    net = eg.Network(seed=3)
    a, b = net.create(10, LIF, name="a"), net.create((2, 3), LIF, name="b")
    a.b, b.v = np.arange(10.0) / 10, eg.Uniform(0.0, 0.5)
    rule = net.connect(a, b, "exc", name="rule")
    rule.fixed_probability(0.5, weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 5.0))
    given = net.connect(a[2:8], a, "exc", name="given")
    given.from_matrix(np.arange(60.0).reshape(10, 6) / 60, delays=2.0)
    net.monitor(b, ["v", "spike"], period=2.0, name="m")
    return net


def test_excerpt_of_all_runs_like_the_network_whether_that_is_compiled_or_not():
    net = whole()
    before = net.excerpt()
    net.compile()
    net.simulate(30.0)
    after = net.excerpt()
    for one in (before, after):
        assert not one.compiled
        one.compile()
        one.simulate(30.0)
        assert one.digest() == net.digest()


def test_excerpt_draws_what_generators_of_the_users_own_draw_in_the_network():
    own = np.random.default_rng(5)
    a = eg.Parameter(eg.Uniform(0.0, 1.0, seed=6), locality="local")
    rule = eg.Synapse(parameters={"a": a}, pre_spike="g_target += a*w")
    net = eg.Network(seed=3)
    cells = net.create(8, LIF, name="cells")
    for law in (eg.Uniform(0.0, 1.0, rng=own), eg.Normal(1.0, 0.1, rng=own), eg.Uniform(0.0, 1.0, seed=3)):
        net.connect(cells, cells, "exc", rule).fixed_probability(0.5, weights=law, delays=eg.Uniform(1.0, 5.0, seed=4))
    net.get_projection("proj2").w = eg.Uniform(2.0, 3.0, seed=7)
    before = net.excerpt()
    net.compile()
    after = net.excerpt()
    for one in (before, after, after.excerpt()):
        one.compile()
        assert one.digest() == net.digest()
        one.reset(synapses=True)
        assert np.array_equal(one.get_projection("proj0").array("w"), net.get_projection("proj0").array("w"))


def test_excerpt_has_the_parts_that_are_named_and_those_that_they_need_must_be_among_them():
    net = whole()
    some = net.excerpt([net.get_population("a"), net.get_projection("given")])
    assert [one.name for one in (*some.get_populations(), *some.get_projections())] == ["a", "given"]
    with pytest.raises(InvalidArgument, match="projection 'rule' needs population 'b', which is not among the parts"):
        net.excerpt([net.get_population("a"), net.get_projection("rule")])
    with pytest.raises(InvalidArgument, match="monitor 'm' needs population 'b'"):
        net.excerpt([net.get_monitor("m")])
    with pytest.raises(InvalidArgument, match="takes populations, projections and monitors of"):
        net.excerpt([some.get_population("a")])
