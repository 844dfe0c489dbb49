"""Connectors by distance against all pairs, one by one."""

import math
from itertools import pairwise

import numpy as np
import pytest

import engram as eg
from engram.wiring.bells import Bells
from engram.wiring.errors import BadConnector
from engram.wiring.near import Space, near_pairs
from tests.cases import check_each, each

CELL = eg.Neuron("tau = 10.0 : population", "tau*dv/dt = -v + g_exc", "v > 1.0", reset="v = 0.0", name="cell")


def coordinates(geometry, rank):
    return [i / (n - 1) if n > 1 else 0.0 for i, n in zip(np.unravel_index(rank, geometry), geometry, strict=True)]


def expected(pre, post, weight, least, skips_self, part=lambda n: range(n)):
    found = {}
    for i in part(math.prod(post)):
        for j in range(math.prod(pre)):
            d2 = sum((a - b) ** 2 for a, b in zip(coordinates(pre, j), coordinates(post, i), strict=True))
            w = weight(d2)
            if abs(w) > least and not (skips_self and i == j):
                found[j, i] = w
    return found


def found_in(c):
    wiring = c._core.connectivity
    pairs = zip(wiring.pre_of_synapses().tolist(), wiring.post_of_synapses().tolist(), strict=True)
    return dict(zip(pairs, c.array("w").tolist(), strict=True))


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    assert [found[pair] for pair in wanted] == pytest.approx([*wanted.values()], rel=1e-14)


@each("cell", [CELL, eg.Neuron(equations="r = sum(exc)")])
def test_gaussian_and_dog_connect_what_the_formulas_say(cell):
    def check(pre, post, is_one, views):
        net = eg.Network(seed=1)
        p = net.create(pre, cell)
        q = p if is_one else net.create(post, cell)
        chosen = q[1::-2] if views == "reversed" else q[1:3] if views else q
        part = {"": lambda n: range(n), "reversed": lambda n: range(n)[1::-2], "some": lambda n: range(n)[1:3]}[views]
        c = net.connect(p, chosen, "exc").gaussian(amp=2.0, sigma=0.3)
        d = net.connect(p, chosen, "exc").connect_dog(1.0, 0.2, 0.7, 0.4, limit=0.1)
        net.compile(backend="numpy")

        def bell(d2, amp, sigma):
            return amp * math.exp(-d2 / (2 * sigma**2))

        assert_same(found_in(c), expected(pre, post, lambda d2: bell(d2, 2.0, 0.3), 0.02, is_one, part))
        differ = expected(pre, post, lambda d2: bell(d2, 1.0, 0.2) - bell(d2, 0.7, 0.4), 0.03, is_one, part)
        assert_same(found_in(d), differ)

    check_each(
        {
            "one axis": ((7,), (5,), False, ""),
            "two": ((4, 6), (5, 3), False, ""),
            "three": ((2, 3, 4), (3, 1, 2), False, ""),
            "one population": ((5, 5), (5, 5), True, ""),
            "a view": ((4, 5), (4, 5), True, "some"),
            "a view in another order": ((4, 5), (3, 3), False, "reversed"),
        },
        check,
    )


def test_pairs_are_found_in_pieces_and_in_order(monkeypatch):
    space, bells = Space((9, 8), None), Bells(((1.0, 0.2),), 0.1)
    whole = near_pairs(space, space, bells, True)
    monkeypatch.setattr("engram.wiring.near._AT_ONCE", 7)
    pieces = near_pairs(space, space, bells, True)
    assert [part.tobytes() for part in whole] == [part.tobytes() for part in pieces]
    row_start, ranks, _ = whole
    assert all((np.diff(ranks[a:b].astype(int)) > 0).all() for a, b in pairwise(row_start))


def test_limit_of_none_connects_all_pairs():
    space = Space((4, 3), None)
    assert len(near_pairs(space, space, Bells(((1.0, 0.5),), 0.0), False)[1]) == 144
    assert len(near_pairs(space, space, Bells(((0.0, 0.5),), 0.0), False)[1]) == 0


def test_synapses_by_distance_are_drawn_again_from_a_file(tmp_path):
    net = eg.Network(seed=1)
    p = net.create((6, 6), CELL)
    c = net.connect(p, p, "exc").gaussian(1.0, 0.2, delays=eg.Uniform(1.0, 5.0))
    net.compile(backend="numpy")
    w, delay = c.w, c.delay
    net.save(tmp_path / "a.engram")
    other = eg.open(tmp_path / "a.engram")
    other.reset(synapses=True)
    (again,) = other._projections.values()
    assert (again.w, again.delay) == (w, delay)
    assert net.copy().digest() == net.digest()


def test_arguments_that_can_not_be_are_refused():
    net = eg.Network(seed=1)
    p, q = net.create((3, 3), CELL), net.create(9, CELL)
    wrong = {
        "sigma must be above 0": (p, p, "gaussian", (1.0, 0.0)),
        "amp must be a finite number": (p, p, "gaussian", (np.nan, 0.1)),
        r"limit must lie in \[0, 1\)": (p, p, "gaussian", (1.0, 0.1, 0.0, 1.0)),
        "sigma_neg must be above 0": (p, p, "dog", (1.0, 0.1, 0.5, -1.0)),
        r"geometry \(3, 3\), the post population \(9,\): there are no distances": (p, q, "gaussian", (1.0, 0.1)),
    }

    def check(pre, post, method, args, words):
        with pytest.raises(BadConnector, match=words):
            getattr(net.connect(pre, post, "exc"), method)(*args)

    check_each({words: (*case, words) for words, case in wrong.items()}, check)


def test_width_that_is_next_to_nothing_leaves_neurons_at_the_same_place():
    net = eg.Network(seed=1)
    p, q = (net.create(5, eg.Neuron(equations="r = 0.0")) for _ in range(2))
    c = net.connect(p, q, "exc").gaussian(1.0, 1e-170)
    net.compile()

    assert (c.pre_ranks, c.w) == ([[k] for k in range(5)], [[1.0]] * 5)
