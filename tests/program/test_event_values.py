"""A value given to an event-driven variable holds from the moment at which it is set, however it is kept."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, UnknownAttribute
from engram.ir.lower_synapses import lower_passing
from engram.program.lifting import set_apart
from engram.program.passing import passing_of
from tests.cases import each
from tests.spec.running import connected, sink, source

BACKENDS = pytest.mark.parametrize("backend", [pytest.param("c", marks=pytest.mark.cc), "numpy"])
TRACES = eg.Synapse(
    parameters="tau = 20.0 : projection\n slow = 50.0 : projection",
    equations="""
        tau*dx/dt = 1.0 - x : event-driven
        slow*dp/dt = 0.5 - p : event-driven
        tau*dy/dt = -y : event-driven
        tau*dz/dt = 1.0 - z : event-driven
    """,
    pre_spike="g_target += w*x ; x *= 0.5 ; p += 1.0 ; z += 0.25 ; seen = y",
    post_spike="y += 1.0 ; z *= 0.5 ; heard = x",
    name="variables of each side and of both",
)
EVERY = eg.Neuron(
    parameters="every = 5 : int", equations="n = n + 1 : int, init=-1\n v = g_exc", spike="modulo(n, every) == 0"
)


def built(backend="numpy", apart=(), delays=2.0, threads=1, **settings):
    """Neurons that spike every 3, 4 ... steps, joined by synapses with all kinds of event-driven variables."""
    net = eg.Network(dt=0.5, seed=1)
    net.config(num_threads=threads, **settings)
    one, other = net.create(9, EVERY, name="one"), net.create(11, EVERY, name="other")
    proj = net.connect(one, other, "exc", TRACES, name="between")
    proj.fixed_probability(0.6, weights=eg.Uniform(0.0, 1.0), delays=delays)
    net.compile(backend=backend)
    one.every, other.every = np.arange(9) + 3, np.arange(11) % 4 + 4
    set_apart(proj._core, [name for name in apart if f"{proj._core.path}/{name}" in net._core.state])
    return net, proj


def decayed(value, steady, ms, tau=20.0):
    return steady + (value - steady) * math.exp(-ms / tau)


# -- from when ---------------------------------------------------------------------------------------------


@BACKENDS
def test_value_that_is_set_before_a_run_holds_from_its_beginning(backend):
    """STP(tau_rec=800), x = 0.2 at t = 0, a spike that arrives after 4 ms."""
    net, _, post, proj = connected(source(3), sink(), eg.STP(tau_rec=800.0, U=0.4))
    net.compile(backend=backend)
    proj.x = 0.2
    net.simulate(5.0)

    assert post.g_exc[0] == pytest.approx(0.4 * decayed(0.2, 1.0, 4.0, 800.0), rel=1e-14)  # 0.0816
    assert post.g_exc[0] == pytest.approx(0.081596, abs=1e-6)


@BACKENDS
@pytest.mark.parametrize("start", [0, 250])
def test_initial_value_holds_from_the_beginning_of_the_run_and_after_a_reset(backend, start):
    net, _, post, proj = connected(source(3), sink("g_exc = g_exc"), eg.STP(tau_rec=800.0, U=0.4))
    proj.x = 0.2
    net.current_step = start
    net.compile(backend=backend)
    net.simulate(5.0)
    expected = pytest.approx(0.4 * decayed(0.2, 1.0, 4.0, 800.0), rel=1e-14)

    assert post.g_exc[0] == expected
    net.simulate(100.0)
    net.reset(projections=True)
    assert proj.x == [[0.2]]
    net.simulate(5.0)
    assert post.g_exc[0] == expected


@BACKENDS
def test_value_that_is_kept_by_a_reset_holds_from_its_beginning(backend):
    net, _, _, proj = connected(source(3), sink(), TRACES)
    net.compile(backend=backend)
    net.simulate(300.0)
    x = proj.x[0][0]
    net.reset()
    net.simulate(5.0)

    assert proj.x[0][0] == pytest.approx(0.5 * decayed(x, 1.0, 4.0), rel=1e-14)


@BACKENDS
@pytest.mark.parametrize("as_array", [False, True])
def test_value_that_is_set_during_a_run_holds_from_then_on(backend, as_array):
    """Spikes arrive in steps 5 and 22, the other neuron spikes in steps 6 and 26; all is set after 10 ms."""
    net, _, _, proj = connected(source(3, 20), source(6, 26), TRACES, delays=2.0)
    net.compile(backend=backend)
    net.simulate(10.0)
    proj.set({name: [[0.2]] if as_array else 0.2 for name in "zxpy"})
    read = {name: proj.get(name) for name in "zxpy"}
    net.simulate(20.0)
    after = {"x": 0.5 * decayed(0.2, 1.0, 12.0), "z": 0.25 + decayed(0.2, 1.0, 12.0)}

    assert read == {name: [[0.2]] for name in "zxpy"}
    assert proj.seen[0][0] == pytest.approx(decayed(0.2, 0.0, 12.0), rel=1e-14)
    assert proj.p[0][0] == pytest.approx(1.0 + decayed(0.2, 0.5, 12.0, 50.0), rel=1e-14)
    assert proj.x[0][0] == pytest.approx(after["x"], rel=1e-14)
    assert proj.heard[0][0] == pytest.approx(decayed(after["x"], 1.0, 4.0), rel=1e-14)
    assert proj.y[0][0] == pytest.approx(1.0 + decayed(0.2, 0.0, 16.0), rel=1e-14)
    assert proj.z[0][0] == pytest.approx(0.5 * decayed(after["z"], 1.0, 4.0), rel=1e-14)


@BACKENDS
@pytest.mark.parametrize("delays", [2.0, eg.DiscreteUniform(1, 4)])
def test_other_variables_go_on_as_if_nothing_had_been_set(backend, delays):
    """Those of the same side are brought to the moment of the setting, which rounds once more."""
    (net, proj), (twin, other) = built(backend, delays=delays), built(backend, delays=delays)
    for step in range(60):
        if step % 7 == 3:
            proj.x = 0.75
        net.step()
        twin.step()
    proj.x = other.x = 0.75  # which brings the others to now

    assert proj.array("heard").tolist() != other.array("heard").tolist()
    for name in ("y", "seen", "w"):
        assert proj.array(name).tobytes() == other.array(name).tobytes()
    for name in ("p", "z"):
        np.testing.assert_allclose(proj.array(name), other.array(name), rtol=1e-13)


@BACKENDS
def test_variable_that_both_sides_write_holds_from_its_setting(backend):
    net, _, _, proj = connected(source(2), source(4, 11), TRACES)
    net.compile(backend=backend)
    net.simulate(7.0)
    proj.z = 0.2
    proj.y = 0.3
    read = proj.z, proj.y
    net.simulate(5.0)

    assert read == ([[0.2]], [[0.3]])
    assert proj.z[0][0] == pytest.approx(0.5 * decayed(0.2, 1.0, 4.0), rel=1e-14)
    assert proj.y[0][0] == pytest.approx(decayed(0.3, 0.0, 4.0) + 1.0, rel=1e-14)


@BACKENDS
def test_time_constant_that_was_another_while_a_value_was_set_decays_as_it_says(backend):
    found = []
    for meanwhile in (20.0, 5.0):
        net, _, _, proj = connected(source(3, 20), source(26), TRACES)
        net.compile(backend=backend)
        net.simulate(10.0)
        proj.tau = meanwhile
        proj.x = 0.2
        proj.tau = 20.0
        net.simulate(20.0)
        found.append(proj.x[0][0])

    assert found[0] == found[1] == pytest.approx(0.5 * decayed(0.2, 1.0, 11.0), rel=1e-14)


# -- one synapse, all forms --------------------------------------------------------------------------------


def test_synapse_that_is_set_leaves_the_others_what_they_are():
    """All of its neuron are brought to this moment; their stored values change, what they are does not."""
    net, proj = built()
    net.simulate(20.0)
    wiring, before = proj._core.connectivity, {name: proj.array(name) for name in "xyzp"}
    last = proj._core.value("last_pre")[:, 0].copy()
    pre = wiring.pre_of_synapses()
    k = int(np.flatnonzero(last[pre] < 40)[0])
    proj.synapse(int(pre[k]), int(wiring.ranks[k])).x = 0.125
    mates = np.flatnonzero((pre == pre[k]) & (np.arange(len(pre)) != k))
    passed = (40 - last[pre[k]]) * 0.5

    assert proj.array("x")[k] == 0.125
    assert proj.array("x")[mates] == pytest.approx([decayed(x, 1.0, passed) for x in before["x"][mates]], rel=1e-14)
    assert proj.array("p")[mates] == pytest.approx([decayed(p, 0.5, passed, 50.0) for p in before["p"][mates]])
    for name in "xp":
        assert proj.array(name)[pre != pre[k]].tobytes() == before[name][pre != pre[k]].tobytes()
    assert proj.array("y").tobytes() == before["y"].tobytes()
    assert proj._core.value("last_pre")[:, 0].tolist() == [40 if j == pre[k] else s for j, s in enumerate(last)]


@pytest.mark.cc
@pytest.mark.parametrize("delays", [2.0, eg.DiscreteUniform(1, 4)])
def test_values_are_the_same_in_c_and_some_synapses_at_a_time(delays, monkeypatch):
    found = []
    for backend, part in (("numpy", 1 << 14), ("numpy", 3), ("c", 5)):
        monkeypatch.setattr("engram.ir.interpret.PART", part)
        net, proj = built(backend, delays=delays)
        net.simulate(20.0)
        proj.synapse(proj.dendrite(7).pre_ranks[0], 7).z = 0.25
        proj.set({"y": 0.5})
        proj.dendrite(3).x = 0.125
        proj.dendrite(5).x = 0.5
        found.append((*(proj.array(name).tobytes() for name in proj.attributes), net.digest()))

    assert found == found[:1] * 3


@pytest.mark.parametrize("side", ["pre", "post"])
@pytest.mark.parametrize("apart", [(), ("x", "y", "z", "p", "last_pre")], ids=["lifted", "apart"])
def test_what_lets_time_pass_needs_neither_neurons_nor_draws_nor_gates(side, apart):
    _, proj = built(apart=apart)
    kernels = lower_passing(TRACES.model, side, *passing_of(proj._core, frozenset()))

    assert kernels
    for kernel in kernels:
        assert kernel.statements()
        assert (kernel.draws, kernel.gates) == ((), ())
        assert {argument.place.side for argument in kernel.arguments} == {"own"}


@BACKENDS
@pytest.mark.parametrize("delays", [2.0, eg.DiscreteUniform(1, 4)])
def test_what_had_an_event_in_this_step_keeps_its_value_to_the_bit(backend, delays):
    """Between two settings no time passes: not even a value that would be rounded once more."""
    net, proj = built(backend, ("x", "p"), delays=delays)
    net.simulate(20.0)
    proj.x, proj.y = 0.3, 0.7
    before = {name: proj.array(name).tobytes() for name in "xyzp"}
    proj.dendrite(3).z = proj.dendrite(3).z
    proj.dendrite(3).y = proj.dendrite(3).y

    assert {name: proj.array(name).tobytes() for name in "xyzp"} == before


FORMS = [(), ("x",), ("y",), ("last_pre",), ("x", "y", "p", "last_pre")]


@pytest.mark.cc
@each(("settings", "forms"), [({}, FORMS), ({"dtype": eg.float32}, FORMS[::4])])
def test_form_backend_and_threads_change_no_bit_of_what_follows(settings, forms):
    found = []
    for apart, backend, threads in [*((f, "c", 1 + k % 3) for k, f in enumerate(forms)), ((), "numpy", 1)]:
        net, proj = built(backend, apart, threads=threads, **settings)
        net.simulate(11.0)
        wiring = proj._core.connectivity
        some = (int(wiring.pre_of_synapses()[4]), int(wiring.ranks[4]))
        proj.synapse(*some).x = 3.0
        net.simulate(3.0)
        proj.synapse(*some).set({"y": 2.0, "z": 0.5})
        net.simulate(3.0)
        proj.y = 0.125
        proj.x = np.linspace(0.0, 1.0, proj.nb_synapses)
        net.simulate(8.0)
        found.append([proj.array(name).tobytes() for name in proj.attributes])

    assert [[a == b for a, b in zip(found[0], one, strict=True)] for one in found[1:]] == [
        [True] * len(found[0]) for _ in forms
    ]


# -- nothing by halves, files ------------------------------------------------------------------------------


def test_setting_that_is_refused_changes_nothing():
    net, proj = built()
    net.simulate(20.0)
    before = net.digest()
    pair = int(proj._core.connectivity.pre_of_synapses()[4]), int(proj._core.connectivity.ranks[4])
    for wrong in ({"x": 0.5, "w": "many"}, {"x": 0.5, "nothing": 1.0}, {"y": 0.5, "x": [1.0, 2.0]}):
        with pytest.raises((InvalidArgument, UnknownAttribute)):
            proj.set(wrong)
        with pytest.raises((InvalidArgument, UnknownAttribute)):
            proj.synapse(*pair).set(wrong)

    assert net.digest() == before


def test_weights_and_parameters_are_set_without_an_event():
    net, proj = built()
    net.simulate(20.0)
    stamps = proj._core.value("last_pre").tolist(), proj._core.value("last_post").tolist()
    x = proj.array("x")
    proj.w, proj.slow, proj.tau = 0.5, 40.0, 30.0

    assert (proj._core.value("last_pre").tolist(), proj._core.value("last_post").tolist()) == stamps
    assert proj.array("x").tobytes() == x.tobytes()


@BACKENDS
def test_run_goes_on_from_a_file_after_a_setting(backend, tmp_path):
    (net, proj), (other, _) = built(backend), built(backend, threads=2)
    net.simulate(11.0)
    proj.x, proj.y = 0.25, 0.5
    net.save(tmp_path / "state.npz")
    net.simulate(10.0)
    other.simulate(3.0)
    other.load(tmp_path / "state.npz")
    other.simulate(10.0)

    assert other.digest() == net.digest()


@BACKENDS
def test_file_in_which_the_last_event_was_long_ago_loads_as_it_is(backend, tmp_path):
    """What older versions wrote where no spike had arrived: values were 10,000 steps old."""
    net, _, post, proj = connected(source(3), sink(), eg.STP(tau_rec=800.0, U=0.4))
    net.compile(backend=backend)
    proj.x = 0.2
    proj._core.write("last_pre", -10000)
    net.save(tmp_path / "state.npz")
    net.reset(projections=True)
    net.load(tmp_path / "state.npz")
    net.simulate(5.0)

    assert post.g_exc[0] == pytest.approx(0.4 * decayed(0.2, 1.0, 10004.0, 800.0), rel=1e-14)


@BACKENDS
def test_clock_of_annarchy_lets_values_age_from_long_before_the_run(backend):
    net = eg.Network(dt=1.0, seed=1)
    net.config(event_clock="annarchy")
    pre, post = net.create(1, source(3)), net.create(1, sink())
    proj = net.connect(pre, post, "exc", eg.STP(tau_rec=800.0, U=0.4)).all_to_all(1.0)
    net.compile(backend=backend)
    proj.x = 0.2
    last = proj._core.value("last_pre").tolist()
    net.simulate(5.0)

    assert last == [[-10000]]
    assert post.g_exc[0] == pytest.approx(0.3999988, abs=1e-7)
