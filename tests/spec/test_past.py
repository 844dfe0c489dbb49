"""SPEC 7: what synapses read through ``pre.`` with a delay, and what has no past."""

from __future__ import annotations

import numpy as np
import pytest

import engram as eg
from tests.spec.running import connected, watch

WHOLE = eg.Neuron(equations="g = t : population\nr = g")
SUM = eg.Neuron(equations="r = sum(exc)")


def reading(name: str, delays: float | eg.Uniform):
    """Three neurons whose value of the whole population, or own value, is read by psp and by an equation."""
    return connected(WHOLE, SUM, eg.Synapse(psp=f"pre.{name}", equations=f"x = pre.{name}"), delays=delays, n_pre=3)


@pytest.mark.parametrize("name", ["g", "r"])
def test_variables_of_the_whole_population_are_delayed_like_others(backend, name):
    net, _, post, proj = reading(name, 3.0)
    r, x = watch(net, backend, 8, lambda: post.r[0], lambda: proj.x[0][0])

    assert r == [0, 0, 0, 0, 3, 6, 9, 12]
    assert x == [0, 0, 0, 1, 2, 3, 4, 5]


def test_a_longer_delay_after_compile_delays_them_too(backend):
    net, _, post, proj = reading("g", 0.0)
    net.compile(backend=backend)
    proj.delay = 3.0
    net.simulate(8)

    assert (post.r[0], proj.x[0][0]) == (12, 5)


def test_a_load_brings_their_past(backend, tmp_path):
    net, *_ = reading("g", 3.0)
    net.compile(backend=backend)
    net.simulate(6)
    net.save(tmp_path / "past.npz")
    other, _, post, proj = reading("g", 0.0)
    other.compile(backend=backend)
    other.load(tmp_path / "past.npz")
    other.simulate(2)

    assert (post.r[0], proj.x[0][0]) == (12, 5)


def test_threads_see_the_same_past():
    net, _, post, _ = connected(WHOLE, SUM, eg.Synapse(psp="pre.g"), delays=3.0, n_pre=3, n_post=200)
    net.config(num_threads=2)
    net.compile(backend="c")
    net.simulate(8)

    assert post.r.tolist() == [12.0] * 200


def test_delays_that_differ_are_refused_for_them(backend):
    net, *_ = reading("g", eg.Uniform(1.0, 5.0))
    with pytest.raises(eg.EngramError, match=r"'pre\.g' has one value for the whole population"):
        net.compile(backend=backend)


def test_delays_that_come_to_differ_change_nothing(backend):
    net, _, post, proj = reading("g", 3.0)
    net.compile(backend=backend)
    with pytest.raises(eg.EngramError, match=r"'pre\.g'"):
        proj.delay = [[1.0, 2.0, 3.0]]
    assert proj.delay == 3.0
    net.simulate(8)

    assert post.r[0] == 12


def test_sums_of_the_other_side_have_no_past(backend):
    relay = eg.Neuron(equations="r = 1 + sum(exc)")
    for synapse, delays, why in (
        (eg.Synapse(psp="pre.sum(exc)"), 0.0, "in psp"),
        (eg.Synapse(equations="x = pre.sum(exc)"), 3.0, "with a delay of more than one step"),
    ):
        net, pre, _, _ = connected(relay, SUM, synapse, delays=delays)
        net.connect(pre, pre, "exc").all_to_all(1.0, allow_self_connections=True)
        with pytest.raises(eg.EngramError, match=rf"'pre\.sum\(exc\)' can't be read {why}") as caught:
            net.compile(backend=backend)
        assert "pre.y" in str(caught.value)


def test_a_longer_delay_is_refused_for_sums(backend):
    net, pre, _, proj = connected(
        eg.Neuron(equations="r = 1 + sum(exc)"), SUM, eg.Synapse(equations="x = pre.sum(exc)")
    )
    net.connect(pre, pre, "exc").all_to_all(1.0, allow_self_connections=True)
    net.compile(backend=backend)
    with pytest.raises(eg.EngramError, match=r"'pre\.sum\(exc\)'"):
        proj.delay = 3.0
    assert proj.delay == 1.0


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_clamps_keep_nan(backend, precision):
    net = eg.Network(dt=1.0, seed=1)
    net.config(precision=precision, check_finite=False)
    pop = net.create(
        3,
        eg.Neuron(
            parameters="a = 0.0 : population\nb = 0.0",
            equations="p = pos(b)\nn = neg(b)\nc = clip(b, -1, 1)\nf = b : min=-1, max=1\nr = b : min=0",
        ),
    )
    pop.b = np.array([np.nan, 2.0, -2.0])
    net.compile(backend=backend)
    net.step()

    expected = {"p": [2, 0], "n": [0, -2], "c": [1, -1], "f": [1, -1], "r": [2, 0]}
    for name, values in expected.items():
        found = np.asarray(pop.get(name))
        assert np.isnan(found[0]), name
        assert found[1:].tolist() == values, name


def test_post_sum_in_psp_is_refused_since_sums_are_still_being_made(backend):
    net, *_ = connected(SUM, SUM, eg.Synapse(psp="w*post.sum(exc)"), delays=0.0)
    with pytest.raises(eg.EngramError, match=r"(?s)'post.sum\(exc\)' can't be read in psp.*write 'post.y' here"):
        net.compile(backend=backend)


def test_numbers_over_the_pre_population_are_those_of_the_last_step_whatever_the_delay(backend):
    """SPEC 2, phase 7: they are computed from the values just obtained; only variables are delayed."""
    net, _, post, _ = connected(WHOLE, SUM, eg.Synapse(psp="w*mean(pre.r)"), delays=3.0)
    r = watch(net, backend, 5, lambda: post.r[0])

    assert r == pytest.approx([0, 0, 1, 2, 3])


def test_variables_named_as_parts_of_lists_of_spikes_have_a_past_of_their_own(backend):
    neuron = eg.Neuron(equations="dv/dt = 1.0\ncount = 2.0*v\nrank = v", spike="v > 2.5", reset="v = 0.0")
    net, pre, _, proj = connected(neuron, neuron, eg.Synapse(equations="x = pre.count + pre.rank"), delays=2.0)
    x = watch(net, backend, 6, lambda: proj.x[0][0])
    net.reset(projections=True)
    net.simulate(6.0)

    assert x == [0, 3, 6, 9, 3, 6]
    assert (proj.x[0][0], pre.spike.tolist()) == (6, [0])
