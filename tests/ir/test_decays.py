"""Tables of decays: right to an ulp, as long as they need to be, filled when a parameter has changed."""

import numpy as np
import pytest

import engram as eg
from engram.ir.decays import MOST_ENTRIES, decay_table
from tests.cases import each

FIRING = eg.Neuron(equations="phase += 1.0\n v = phase", spike="modulo(v, 3.0) == 0", name="every third step")
TRACES = eg.Synapse(
    parameters="tau = 10.0 : projection\n other = 10.0 : projection",
    equations="tau*dx/dt = -x : event-driven\n other*dy/dt = -y : event-driven",
    pre_spike="g_target += w*y\n x += 1.0",
    post_spike="w += x\n y += 1.0",
    name="two traces",
)


@each(("tau_ms", "dt_ms"), [(20.0, 0.1), (1.0, 1.0), (0.3, 0.1), (1e4, 0.1), (5.5, 0.0625)])
def test_entries_are_the_decay_but_for_the_rounding_of_its_exponent(tau_ms, dt_ms):
    table = decay_table(tau_ms, dt_ms)
    exponent = np.arange(len(table), dtype=np.longdouble) * np.longdouble(dt_ms) / np.longdouble(tau_ms)
    exact = np.exp(-exponent)

    is_normal = exact > 1e-300
    error = np.abs(table - exact)[is_normal] / exact[is_normal]
    assert (error <= np.finfo(float).eps * (1.0 + exponent[is_normal])).all()
    assert table[0] == 1.0
    assert (np.diff(table) <= 0.0).all()


@each(("tau_ms", "dt_ms", "length"), [(1.0, 1.0, 748), (2.0, 0.5, 2986), (1e4, 0.1, MOST_ENTRIES)])
def test_table_ends_where_nothing_is_left(tau_ms, dt_ms, length):
    table = decay_table(tau_ms, dt_ms)

    assert len(table) == length
    assert (table[-1] == 0.0) == (length < MOST_ENTRIES)


@each("tau_ms", [0.0, -1.0, float("inf"), float("nan")])
def test_table_of_a_strange_time_constant_is_what_the_formula_gives(tau_ms):
    table = decay_table(tau_ms, 1.0)
    with np.errstate(all="ignore"):
        expected = np.exp(-(np.arange(len(table)) / tau_ms))

    np.testing.assert_allclose(table, expected, rtol=1e-12)


def test_table_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        decay_table(3.0, 1.0)[0] = 2.0


def built(backend):
    net = eg.Network(dt=1.0, seed=1)
    p = net.create(4, FIRING, name="p")
    c = net.connect(p, p, "exc", TRACES, name="c").all_to_all(0.5, delays=2.0)
    net.compile(backend=backend)
    return net, c


def tables(net):
    return [net._core.state.array(f"projections/c/internal/decay/{name}") for name in "xy"]


def test_equal_time_constants_share_a_table_and_a_new_one_takes_effect():
    net, c = built("numpy")
    net.simulate(9.0)
    first, second = tables(net)
    before = c.array("w")
    c.tau = 3.0
    net.simulate(3.0)  # spikes arrive in step 10, neurons spike in step 11

    assert first is second
    assert tables(net)[1] is second
    assert tables(net)[0] is decay_table(3.0, 1.0, "float64")
    np.testing.assert_allclose(c.array("w") - before, c.array("x") * np.exp(-1.0 / 3.0), rtol=1e-12)


@pytest.mark.cc
def test_table_stays_in_place_from_run_to_run():
    net, _ = built("c")
    net.step()
    version, now = net._core.state.version, tables(net)
    net.step()
    net.simulate(5.0)

    assert net._core.state.version == version
    assert all(a is b for a, b in zip(tables(net), now, strict=True))
