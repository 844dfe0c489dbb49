"""The finite check: runs stop where a value becomes infinite or NaN, say where, and what they repeat is the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, NotFinite
from engram.program import finite, written
from tests.cases import each, matrix
from tests.resume import networks

pytestmark = pytest.mark.cc

BACKENDS = ("c", "numpy")


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    """What is done only if it takes next to no time is done, however busy the machine is."""
    monkeypatch.setattr(finite, "AT_ONCE", math.inf)
    monkeypatch.setattr(finite, "ALWAYS_KEPT_S", math.inf)


BLOWING_UP = eg.Neuron(parameters="k = 0.1\n I = 0.0", equations="dv/dt = k*v*v + I\n r = v", name="blows up")


def blowing_up(backend="c", threads=1, **settings):
    net = eg.Network(dt=0.1, seed=1)
    net.config(num_threads=threads, **settings)
    pop = net.create(300, BLOWING_UP, name="p")
    monitor = net.monitor(pop, "v")
    net.compile(backend=backend)
    pop.I = np.linspace(0.0, 1.0, 300)[::-1]
    return net, pop, monitor


def first_step():
    """In which neuron 0 becomes infinite, by NumPy, and its value before."""
    v, step = 0.0, 0
    while math.isfinite(new := v + 0.1 * (0.1 * v * v + 1.0)):
        v, step = new, step + 1
    return step, v


@each(("backend", "threads"), [("c", 1), ("c", 2), ("numpy", 1)])
def test_run_stops_in_the_step_in_which_a_value_becomes_infinite(backend, threads):
    net, pop, monitor = blowing_up(backend, threads)
    step, before = first_step()
    with pytest.raises(NotFinite) as caught:
        net.simulate(1000.0)
    error = caught.value

    assert (error.path, error.element, error.step) == ("populations/p/v", 0, step)
    assert (error.before["v"], error.after["v"]) == (pytest.approx(before, rel=1e-9), math.inf)
    assert str(error).startswith(f"v of population 'p' became inf in step {step}, at {step * 0.1:g} ms: neuron 0")
    assert "before it: v = " in str(error)
    assert "parameters: k = 0.1, I = 1" in str(error)
    assert "help: try a dt smaller than 0.1 ms" in str(error)
    assert isinstance(error, eg.EngramError)
    assert net.current_step == step + 1
    recorded = monitor.get()
    assert recorded["v"].shape == (step + 1, 300)
    assert recorded["v"][-1].tobytes() == pop.v.tobytes()


def test_where_the_network_stands_does_not_depend_on_how_it_was_run():
    def stopped(pieces, **facts):
        net, pop, _ = blowing_up(**facts)
        try:
            for ms in pieces:
                net.simulate(ms)
        except NotFinite:
            pass
        return pop.v.tobytes(), net.current_step, net.damage

    whole = stopped([1000.0])

    assert stopped([1000.0], threads=3) == whole
    assert stopped([2.0] * 50) == whole
    assert stopped([0.5] * 7 + [900.0]) == whole


def test_damaged_network_says_so_until_it_is_mended(tmp_path):
    net, pop, _ = blowing_up()
    assert net.damage == ""
    with pytest.raises(NotFinite):
        net.simulate(1000.0)
    step = net.current_step

    assert net.damage == "v of population 'p' (8 of 300), r of population 'p' (8 of 300)"
    assert f"damaged: {net.damage}" in repr(net)
    with pytest.raises(NotFinite, match=f"v of population 'p' is inf before step {step}: neuron 0"):
        net.simulate(1.0)
    assert net.current_step == step

    with pytest.warns(UserWarning, match="what is saved is damaged, infinite or NaN: v of population 'p'"):
        net.save(tmp_path / "damaged.npz")
    other, _, _ = blowing_up()
    with pytest.warns(UserWarning, match="what was loaded is damaged, infinite or NaN: v of population 'p'"):
        other.load(tmp_path / "damaged.npz")
    assert other.damage == net.damage

    pop.v = pop.r = 0.0
    net.simulate(1.0)
    assert (net.damage, "damaged" in repr(net)) == ("", False)
    other.reset()
    other.simulate(1.0)


def test_check_can_be_switched_off():
    net, pop, _ = blowing_up(check_finite=False)
    net.simulate(100.0)

    assert np.isinf(pop.v[0])
    with pytest.raises(InvalidArgument, match="check_finite: expected True or False, got 'no'"):
        eg.Network().config(check_finite="no")


@pytest.mark.parametrize("backend", BACKENDS)
def test_weight_is_named_by_its_neurons(backend):
    net = eg.Network(dt=1.0, seed=1)
    pre = net.create(3, eg.Neuron("r = 1.0"), name="pre")
    post = net.create(2, eg.Neuron("k = 1.0", "r = 0.0"), name="post")
    learning = eg.Synapse(equations="dw/dt = post.k*w*w")
    proj = net.connect(pre, post, "exc", learning, name="learning").all_to_all(0.5)
    net.compile(backend=backend)
    post.k = [0.0, 1.0]
    proj.w = [[0.5, 0.5, 0.5], [0.5, 0.4, 0.6]]
    with pytest.raises(NotFinite, match="w of projection 'learning' became inf in step .*: synapse\\(2, 1\\)") as e:
        net.simulate(100.0)

    assert (e.value.path, e.value.element) == ("projections/learning/w", (2, 1))
    assert math.isfinite(e.value.before["w"])
    assert net.current_step == e.value.step + 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_arrives_is_found_in_the_neuron(backend):
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(4, eg.Neuron(equations="n = t", spike="n == 3.0"), name="pre")
    post = net.create(4, eg.IF_curr_exp, name="post")
    proj = net.connect(pop, post, "exc").one_to_one(eg.Uniform(0.1, 0.2))
    net.compile(backend=backend)
    proj.w = [[0.1], [0.1], [np.nan], [0.1]]
    with pytest.raises(NotFinite, match="g_exc of population 'post' became nan in step 4, at 4 ms: neuron 2") as e:
        net.simulate(10.0)

    assert e.value.before["g_exc"] == 0.0
    assert proj.size == 4


@pytest.mark.parametrize("backend", BACKENDS)
def test_runge_kutta_that_leaps_into_the_spike_stops(backend):
    """The exponential of AdEx overflows in a stage, and infinity less infinity is NaN."""
    cell = eg.Neuron(
        parameters="tau = 9.37 : population\n cur = 3.0 : population",
        equations="""
            dv/dt = (-70.6 - v + 2.0*exp((v + 50.4)/2.0) - w + 33.0*cur)/tau : rk4, init=-70.6
            dw/dt = (4.0*(v + 70.6) - w)/144.0 : rk4
        """,
        spike="v > 0.0",
        reset="v = -70.6 ; w += 2.0",
        name="AdEx",
    )
    net = eg.Network(dt=0.1, seed=1)
    net.create(2, cell, name="p")
    net.compile(backend=backend)
    with pytest.raises(NotFinite, match=r"of population 'p' became -?(nan|inf) in step \d+, at .* ms: neuron 0") as e:
        net.simulate(200.0)

    assert -60.0 < e.value.before["v"] < 0.0


def test_values_that_are_assigned_anew_are_no_state():
    net = eg.Network(dt=1.0, seed=1)
    text = "x = 1.0/a\n y = a/a\n r = if isnan(y): clip(x, 0.0, 2.0) else: y"
    pop = net.create(2, eg.Neuron("a = 0.0", text), name="p")
    net.compile()
    net.simulate(10.0)

    assert (pop.r.tolist(), net.damage) == ([2.0, 2.0], "")


def test_rate_is_state_since_synapses_read_it_in_the_next_step():
    net = eg.Network(dt=1.0, seed=1)
    net.create(2, eg.Neuron("a = 0.0", "r = a/a"), name="p")
    net.compile()
    with pytest.raises(NotFinite, match="r of population 'p' became nan in step 0"):
        net.simulate(10.0)


def test_state_that_a_user_breaks_is_found_before_the_run():
    net, pop, _ = blowing_up()
    pop.v[7] = np.nan
    with pytest.raises(NotFinite, match="v of population 'p' is nan before step 0: neuron 7\n  now: v = nan"):
        net.simulate(10.0)

    assert net.current_step == 0


@each("runs", [0, 1])
def test_damage_is_found_without_laying_out_what_only_runs_need(runs):
    """That would take memory like that of the weights, in every save after values were set."""
    net = eg.Network(dt=1.0, seed=1)
    pre, post = (net.create(8, eg.Izhikevich, name=name) for name in ("pre", "post"))
    synapses = net.connect(pre, post, "exc", eg.STDP(), name="s").all_to_all(weights=0.1, delays=eg.Uniform(1.0, 5.0))
    net.compile()
    net.simulate(float(runs))
    derived = net._keeper.runner.derived
    before = net._core.rows["projections/s"]
    synapses.y = -np.arange(64.0)  # from now on one value per synapse
    synapses.w = np.full(64, np.nan)
    post.v = np.inf
    found = net.damage

    assert found == "v of population 'post' (8 of 8), w of projection 's' (64 of 64)"
    assert derived.moved == [synapses._core]
    assert net._core.rows["projections/s"] is before

    post.v, synapses.w = -65.0, 0.1
    net.simulate(1.0)
    after = net._core.rows["projections/s"]
    assert (derived.moved, after is before, after.column_slot is before.column_slot) == ([], False, True)


@pytest.mark.parametrize(("name", "backend"), matrix(networks.CASES, ["c", "numpy"], 1))
def test_everything_that_a_run_changes_can_be_brought_back(name, backend):
    net = networks.started(name, backend=backend)
    before, steps = (23, 17) if backend == "c" else (13, 5)  # the interpreter takes its time
    networks.run(net, before)
    check = net._keeper.runner.check
    check._follow()
    kept, digest = check._copy(), net.digest()
    networks.run(net, steps)
    after = net.digest()
    assert after != digest
    kept.restore(net._core.state, check._written.everything)
    assert net.digest() == digest
    networks.run(net, steps)

    assert net.digest() == after


def test_step_is_known_after_a_user_has_written_between_runs():
    net, pop, _ = blowing_up()
    net.simulate(3.0)
    pop.k = 0.11
    with pytest.raises(NotFinite) as caught:
        net.simulate(100.0)

    assert (net.current_step, "became inf in step" in str(caught.value)) == (caught.value.step + 1, True)


@each("call", ["step", "simulate"])
def test_single_steps_share_a_look_and_the_network_stays_where_the_user_has_seen_it(call):
    net, pop, _ = blowing_up()
    step, done = first_step()[0], 0
    run_one = net.step if call == "step" else lambda: net.simulate(0.1)
    found = None
    while found is None:
        try:
            run_one()
        except NotFinite as error:
            found = error
        else:
            done += 1

    assert str(found).startswith(f"v of population 'p' became inf in step {step}, at ")
    stands = "at the end of that step" if done == step else f"after {done + 1} steps"  # as time allowed a look
    assert f"the network stands {stands}" in str(found)
    assert (found.step, found.after["v"]) == (step, math.inf)
    assert step <= done <= step + finite.CALLS
    assert net.current_step == done + 1
    assert np.isinf(pop.v[0])


def run_one_by_one(net, n_steps):
    for _ in range(n_steps):
        net.step()


def test_disturbed_look_is_not_taken_for_a_dear_one():
    net, _, _ = blowing_up()
    net.step()
    net._keeper.runner.check._looked_s = 1.0
    for _ in range(first_step()[0] - 1):
        net.step()
    with pytest.raises(NotFinite):
        run_one_by_one(net, finite.CALLS + 2)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_reads_its_own_value_is_state_however_it_is_written(backend):
    def becomes_infinite(equations, parameters="a = 0.0"):
        net = eg.Network(dt=0.1, seed=1)
        net.create(2, eg.Neuron(parameters, f"{equations}\n r = 0.0"), name="p")
        net.compile(backend=backend)
        with pytest.raises(NotFinite, match="of population 'p' became (inf|nan) in step"):
            net.simulate(200.0)

    itself = ("x = 2.0*x + 1.0", "y = x*x + 2.0\n x = y", "x = x + dt*(1.0 - x)/a", "x = ite(t > 50.0, 2*x, 1.0)")
    for equations in itself:
        becomes_infinite(equations)


def test_end_of_a_run_is_looked_at_in_neurons_however_long_that_takes(monkeypatch):
    monkeypatch.setattr(finite, "AT_ONCE", 0)
    net, pop, _ = blowing_up()
    net.simulate(1.0)
    net._keeper.runner.check._looked_s = 1e9
    with pytest.raises(NotFinite):
        net.simulate(10.0)


def test_first_run_with_tables_knows_the_step_and_a_second_one_stays():
    cell = eg.Neuron(
        "T = 20.0", "dv/dt = g_exc + (if t >= T: (T - T)/(T - T) else: 0.0)", spike="v > 1.0", reset="v = 0"
    )
    net = eg.Network(dt=1.0, seed=1)
    pop = net.create(60, cell, name="a")
    net.connect(pop, pop, "exc", eg.STDP).all_to_all(0.1)
    net.compile()
    with pytest.raises(NotFinite, match="v of population 'a' became nan in step 20, at 20 ms"):
        net.simulate(50.0)
    with pytest.raises(NotFinite, match="v of population 'a' is nan before step 21"):
        net.simulate(50.0)

    assert net.current_step == 21


def test_step_of_another_time_line_is_not_named():
    net, pop, _ = blowing_up()
    net.simulate(2.0)
    net.current_step = 5
    pop.v[3] = np.nan
    with pytest.raises(NotFinite, match="v of population 'p' is nan before step 5: neuron 3"):
        net.simulate(3.0)


def test_interrupt_while_it_finds_out_what_a_run_writes_does_no_harm(monkeypatch):
    net, *_ = blowing_up()
    monkeypatch.setattr(written, "extents", lambda state, paths: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        net.simulate(1.0)
    monkeypatch.undo()
    with pytest.raises(NotFinite):
        net.simulate(100.0)
