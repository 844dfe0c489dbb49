"""Synapses and delays before compile: what a connector was given is read, and delays can still be changed."""

import numpy as np
import pytest

import engram as eg
from engram.errors import EngramError, InvalidArgument, NotCompiled
from tests.cases import each
from tests.network.small import LEAKY, LIF

LISTS = {"w": [1.0, 2.0, 3.0, 4.0], "pre": [3, 0, 3, 1], "post": [4, 4, 1, 1]}


def projection(neuron=LIF):
    net = eg.Network(dt=0.5, seed=1)
    return net, net.connect(net.create(4, neuron, name="p"), net.create(5, neuron, name="q"), "exc", name="c")


def of_list(delays, neuron=LIF, **more):
    net, c = projection(neuron)
    table = (LISTS["pre"], LISTS["post"], LISTS["w"]) if np.ndim(delays) == 0 else None
    table = table or (LISTS["pre"], LISTS["post"], LISTS["w"], delays)
    c.connect_from(table, **({} if np.ndim(delays) else {"delays": delays}), **more)
    return net, c


FACTS = ("nb_synapses", "size", "post_ranks", "pre_ranks", "nb_synapses_per_dendrite", "delay")


def test_one_delay_is_known_before_compile_and_can_be_another():
    net, c = projection()
    c.all_to_all(weights=eg.Uniform(0.0, 1.0), delays=1.2)
    with pytest.raises(NotCompiled, match="no synapses before compile"):
        c.size  # noqa: B018  reading is what is tested

    assert c.delay == 1.0  # 2.4 steps
    c.delay = np.float32(2.0)
    assert c.delay == 2.0
    net.compile()
    assert c.delay == 2.0


def test_delays_may_become_drawn_before_compile():
    net, c = projection()
    c.all_to_all(delays=1.0)
    c.delay = eg.Uniform(1.0, 4.0)
    with pytest.raises(NotCompiled, match="no synapses before compile"):
        c.delay  # noqa: B018  as above
    other, d = projection()
    d.all_to_all(delays=eg.Uniform(1.0, 4.0))
    net.compile()
    other.compile()

    assert c.delay == d.delay
    assert len({x for row in c.delay for x in row}) > 3


@each("neuron", [LIF, LEAKY])
@each("delays", [1.5, [2.0, 0.1, 1.0, 3.0]])
@each("duplicates", ["keep", "refuse"])
def test_list_is_known_before_compile(neuron, delays, duplicates):
    net, c = of_list(delays, neuron, duplicates=duplicates)
    before = [getattr(c, name) for name in FACTS]
    net.compile()

    assert before == [getattr(c, name) for name in FACTS]
    assert before[:4] == [4, 2, [1, 4], [[1, 3], [0, 3]]]
    assert before[5] == (1.5 if np.ndim(delays) == 0 else [[3.0, 1.0], [0.5, 2.0]])


def test_list_may_get_one_delay_before_compile():
    net, c = of_list([2.0, 0.1, 1.0, 3.0])
    c.delay = 2.5
    net.compile()

    assert (c.delay, c.w) == (2.5, [[4.0, 3.0], [2.0, 1.0]])


@each(
    ("make", "value", "error", "said"),
    [
        (projection, 2.0, NotCompiled, "has no connector, and so no delays yet"),
        (lambda: of_list(1.0), eg.Uniform(1.0, 2.0), InvalidArgument, "given one by one"),
        (lambda: of_list(1.0), -1.0, EngramError, "0 or more"),
        (lambda: of_list(1.0), [[1.0, 2.0], [1.0, 2.0]], NotCompiled, "set those of each after compile"),
        (lambda: of_list(1.0), True, InvalidArgument, "expected numbers"),
    ],
)
def test_delay_that_cannot_be_before_compile_is_refused(make, value, error, said):
    net, c = make()
    with pytest.raises(error, match=said):
        c.delay = value

    if c.connector_name:
        assert c.delay == 1.0


@pytest.mark.cc
@each("neuron", [LIF, LEAKY])
def test_delays_are_drawn_after_compile_from_the_seed(neuron):
    found = []
    for _ in range(2):
        net, c = projection(neuron)
        c.all_to_all(weights=eg.Uniform(0.0, 1.0), delays=1.0)
        net.compile()
        weights = c.w
        with pytest.raises(EngramError, match="a distribution of delays needs an upper end"):
            c.delay = eg.Exponential(1.0)
        assert c.delay == 1.0
        c.delay = eg.Uniform(-1.0, 4.0)
        once = c.delay
        c.delay = eg.Uniform(-1.0, 4.0)
        found.append((once, c.delay))
        assert c.w == weights
        assert once != c.delay

    assert found[0] == found[1]
    delays = np.array(found[0])
    assert (delays.min(), delays.max() <= 4.0) == (0.5, True)


@pytest.mark.cc
def test_delay_of_some_synapses_says_how_delays_are_set():
    net, c = of_list([2.0, 0.1, 1.0, 3.0])
    net.compile()
    for one in (c[1], c[1][3]):
        with pytest.raises(EngramError, match="can't be assigned\n  help: delays are set for all synapses at once"):
            one.delay = 2.0
