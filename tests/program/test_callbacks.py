"""Callbacks: called when they are due, free to do what a user may between two steps, and of no other influence."""

import math
import signal

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, NotFinite
from engram.program import finite
from tests.cases import each
from tests.network.small import spiking
from tests.program.test_finite import blowing_up, first_step
from tests.resume.networks import build, run, started

pytestmark = pytest.mark.cc

RUNS = [("c", 1), ("c", 2), ("numpy", 1)]


def network(backend="c", threads=1, **settings):
    """Return (net, p, q, c) of ``small.py``, with a monitor."""
    net, p, q, c = spiking(compiled=False, **settings)
    net.config(num_threads=threads)
    net.monitor(p, ["v", "spike"], name="m")
    net.compile(backend=backend)
    return net, p, q, c


def noted(net, calls, name="f", **times):
    """Declare a callback that notes (name, step, n)."""

    def callback(n):
        calls.append((name, net.current_step, n))

    callback.__name__ = name
    return eg.every(network=net, **times)(callback)


# -- when --------------------------------------------------------------------------------------------------


@each(("backend", "threads"), RUNS)
def test_callbacks_are_called_before_their_steps_in_the_order_of_declaration(backend, threads):
    net, *_ = network(backend, threads, dt=0.5)
    calls = []
    noted(net, calls, "late", period=2.5, offset=-0.5, wait=1.0)
    noted(net, calls, "f", period=1.5)
    run(net, 14)

    assert calls == [
        *(("f", 0, 0), ("f", 3, 1), ("late", 6, 0), ("f", 6, 2)),
        *(("f", 9, 3), ("late", 11, 1), ("f", 12, 4)),
    ]
    calls.clear()
    run(net, 7)
    assert calls == [("f", 14, 0), ("f", 17, 1), ("late", 20, 0), ("f", 20, 2)]  # counted from the call of simulate


def test_only_simulate_calls_and_only_what_is_enabled():
    net = eg.Network(seed=1)
    pop = net.create(2, eg.Neuron(equations="r += 1.0"), stop_condition="r > 3.0")
    calls = []
    callback = noted(net, calls, period=1.0)
    net.compile()
    net.step()
    net.simulate_until(2.0, pop)
    net.simulate(2.0, callbacks=False)
    net.disable_callbacks()
    net.simulate(2.0)
    assert (calls, net.callbacks_enabled()) == ([], False)

    net.enable_callbacks()
    net.simulate(2.0)
    assert (len(calls), net.callbacks_enabled()) == (2, True)
    net.clear_all_callbacks()
    net.simulate(2.0)
    assert len(calls) == 2
    assert callback(7) is None  # the function is as it was


def test_network_has_callbacks_of_its_own():
    net, *_ = network(dt=0.5)
    calls = []

    @net.every(period=1.0, offset=0.5, wait=1.0)
    def note(n):
        calls.append((net.current_step, n))

    net.simulate(4.0)
    assert calls == [(3, 0), (5, 1), (7, 2)]
    with pytest.raises(InvalidArgument, match=r"every\(\): period: expected a multiple of 0.5 ms, got 0.7"):
        net.every(0.7)


def test_what_callbacks_do_to_callbacks_counts_at_once():
    net, *_ = network()
    calls = []

    @eg.every(1.0, network=net)
    def first(n):
        if n == 1:
            noted(net, calls, "new", period=2.0)
        if n == 7:
            net.clear_all_callbacks()

    noted(net, calls, "old", period=3.0, offset=1.0)
    net.simulate(12.0)

    assert calls == [("old", 1, 0), ("new", 2, 1), ("old", 4, 1), ("new", 4, 2), ("new", 6, 3)]


def test_implicit_network_has_callbacks():
    eg.clear()
    eg.Population(2, eg.Neuron(equations="r += 1.0"))
    calls = []
    eg.every(2.0)(calls.append)
    eg.compile()
    eg.simulate(4.0)
    eg.simulate(4.0, callbacks=False)
    eg.disable_callbacks()
    assert not eg.callbacks_enabled()
    eg.enable_callbacks()
    eg.clear_all_callbacks()
    eg.simulate(4.0)
    eg.clear()

    assert calls == [0, 1]


# -- what they change --------------------------------------------------------------------------------------


@each("case", ["stdp", "rates", "recorders"])
@each(("backend", "threads"), RUNS)
def test_callback_that_does_nothing_changes_no_bit(case, backend, threads):
    whole, called, split = (started(case, threads=threads, backend=backend) for _ in range(3))
    for net in (called, split):
        eg.every(3 * net.dt, network=net)(lambda n: None)
    run(whole, 20)
    run(called, 20)
    for steps in (1, 8, 11):
        run(split, steps)

    assert called.digest() == split.digest() == whole.digest()


CHANGES = {
    "values": lambda net, p, c: (p.set({"v": eg.Uniform(0.0, 0.5), "b": 0.75}), setattr(c, "gain", 2.0)),
    "draws": lambda net, p, c: p.set({"v": net.default_rng.uniform(0.0, 0.5, p.size)}),
    "weights": lambda net, p, c: setattr(c, "w", eg.Uniform(0.0, 1.0)),
    "delays": lambda net, p, c: setattr(c, "delay", 7.0),
    "monitors": lambda net, p, c: (net.get_monitor("m").pause(), net.monitor(p, "k", name="another")),
    "records": lambda net, p, c: (net.get_monitor("m").get("v"), net.get_monitor("m").stop()),
    "firing rates": lambda net, p, c: p.compute_firing_rate(5.0),
    "learning": lambda net, p, c: net.disable_learning(),
    "threads": lambda net, p, c: net.config(num_threads=3),
}


@each("change", CHANGES)
@each(("backend", "threads"), RUNS)
def test_callback_does_what_a_user_does_between_two_runs(change, backend, threads):
    expected, p, _, c = network(backend, threads)
    run(expected, 10)
    CHANGES[change](expected, p, c)
    run(expected, 10)
    net, p, _, c = network(backend, threads)
    eg.every(100.0, offset=10.0, network=net)(lambda n: CHANGES[change](net, p, c))
    run(net, 20)

    assert net.digest() == expected.digest()


@each(("backend", "threads"), RUNS)
def test_one_weight_may_become_many_while_a_network_runs(backend, threads):
    def wired():
        net = eg.Network(seed=2)
        net.config(num_threads=threads)
        pop = net.create(80, CONSTANT)
        proj = net.connect(pop, pop, "exc").all_to_all(weights=0.01)
        net.compile(backend=backend)
        return net, proj

    expected, proj = wired()
    run(expected, 6)
    proj.w = eg.Uniform(0.0, 0.02)
    run(expected, 6)
    net, proj = wired()
    eg.every(50.0, offset=6.0, network=net)(lambda n: setattr(proj, "w", eg.Uniform(0.0, 0.02)))
    run(net, 12)

    assert net.digest() == expected.digest()
    assert np.ptp(proj.w[0]) > 0.0


CONSTANT = eg.Neuron(equations="dg_exc/dt = -g_exc/5.0\n v += 0.1 + g_exc", spike="v > 1.0", reset="v = 0.0")


# -- errors ------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
@pytest.mark.parametrize(("backend", "threads"), RUNS)
def test_exception_stops_the_run_between_two_steps_and_arrives_as_it_is(tmp_path, backend, threads):
    net = started("stdp", threads=threads, backend=backend)
    error = LookupError("the user's")

    @eg.every(net.dt, network=net)
    def fail(n):
        if net.current_step == 7:
            raise error

    with pytest.raises(LookupError) as caught:
        run(net, 20)
    assert (caught.value, net.current_step) == (error, 7)
    net.save(tmp_path / "stopped.npz")
    net.clear_all_callbacks()
    run(net, 13)
    resumed, whole = build("stdp", seed=5, backend=backend), started("stdp", backend=backend)
    resumed.load(tmp_path / "stopped.npz")
    run(resumed, 13)
    run(whole, 20)

    assert net.digest() == resumed.digest() == whole.digest()


def test_ctrl_c_in_a_callback_ends_the_run_there():
    net, *_ = network()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    eg.every(4.0, offset=2.0, network=net)(lambda n: signal.raise_signal(signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            net.simulate(10.0)
    finally:
        signal.signal(signal.SIGINT, before)
    assert net.current_step == 2
    net.step()


@pytest.mark.parametrize(
    ("what", "name"),
    [
        (lambda net, p, file: net.simulate(1.0), r"simulate\(\)"),
        (lambda net, p, file: net.step(), r"step\(\)"),
        (lambda net, p, file: net.simulate_until(1.0, p), r"simulate_until\(\)"),
        (lambda net, p, file: net.reset(), r"reset\(\)"),
        (lambda net, p, file: net.load(file), r"load\(\)"),
        (lambda net, p, file: p.load(file), r"load\(\)"),
        (lambda net, p, file: setattr(net, "time", 0.0), "set the clock"),
    ],
)
def test_callback_can_not_run_its_network_or_take_it_elsewhere(tmp_path, what, name):
    net, p, *_ = network()
    net.save(tmp_path / "file.npz")
    eg.every(5.0, offset=3.0, network=net)(lambda n: what(net, p, tmp_path / "file.npz"))
    message = rf"can't {name} in a callback \('<lambda>'\): its network is simulating\n  help: do it after simulate"
    with pytest.raises(InvalidArgument, match=message):
        net.simulate(10.0)
    assert net.current_step == 3
    net.step()  # outside it is as always


def test_callback_may_run_another_network():
    net, *_ = network()
    other, *_ = network()
    eg.every(5.0, network=net)(lambda n: other.simulate(1.0))
    net.simulate(10.0)
    assert other.current_step == 2


def no_argument():
    return None


async def later(n):
    return None


@each(
    ("declare", "message"),
    [
        (lambda net: eg.every(0.25, network=net), r"every\(\): period: expected a multiple of 0.1 ms, got 0.25"),
        (lambda net: eg.every(1.0, 0.25, network=net), r"every\(\): offset: expected a multiple"),
        (lambda net: eg.every(1.0, -0.25, network=net), r"offset, from the end of the period: expected a multiple"),
        (lambda net: eg.every(1.0, wait=-1.0, network=net), r"every\(\): wait: expected ms, 0 or more, got -1.0"),
        (lambda net: eg.every(0.0, network=net), "period must be at least one step"),
        (lambda net: eg.every(1.0, 1.0, network=net), "offset smaller than it, whatever its sign, not period=1.0"),
        (lambda net: eg.every(no_argument), "period: expected a number of ms, got the function no_argument"),
        (lambda net: eg.every(1.0, network=net)(3), r"every\(\): expected a function, got 3\n  help: write @net.every"),
        (lambda net: eg.every(1.0, network=net)(no_argument), "'no_argument' can't be called with one number"),
        (lambda net: eg.every(1.0, network=net)(later), "'later' only begins when it is called"),
    ],
)
def test_what_can_not_be_a_callback_is_refused_where_it_is_declared(declare, message):
    net = eg.Network(dt=0.1)
    with pytest.raises(InvalidArgument, match=message):
        declare(net)
    assert list(net._keeper.runner.callbacks) == []


def test_step_that_does_not_fit_a_callback_is_refused():
    net = eg.Network(dt=0.5)
    calls = []
    noted(net, calls, period=1.5)
    with pytest.raises(InvalidArgument, match="dt can't be 1 ms: callback 'f': period: expected a multiple of 1 ms"):
        net.config(dt=1.0)
    net.config(dt=0.1)
    net.create(1, eg.Neuron(equations="r += 1.0"))
    net.compile()
    run(net, 16)
    assert (net.dt, calls) == (0.1, [("f", 0, 0), ("f", 15, 1)])


# -- files, the finite check, profiles ---------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_file_names_the_callbacks_that_it_can_not_hold(tmp_path):
    net, p, *_ = network()
    noted(net, [], "f", period=10.0)
    noted(net, [], "g", period=5.0, offset=-1.0, wait=20.0)
    named = ("callback 'f' every 10 ms", "callback 'g' every 5 ms, offset -1 ms, wait 20 ms")

    assert net.save(tmp_path / "f.npz").not_saved == named
    assert network()[0].load(tmp_path / "f.npz").not_saved == named
    assert p.save(tmp_path / "p.npz").not_saved == ()


@pytest.mark.filterwarnings("ignore::engram.errors.LoadWarning")
def test_file_saved_in_a_callback_resumes_to_the_bit(tmp_path):
    net = started("stdp")
    eg.every(100.0, offset=9 * net.dt, network=net)(lambda n: net.save(tmp_path / "f.npz"))
    run(net, 15)
    resumed = build("stdp", seed=5)
    resumed.load(tmp_path / "f.npz")
    assert resumed.current_step == 9
    run(resumed, 6)
    assert resumed.digest() == net.digest()


@pytest.fixture
def unhurried(monkeypatch):
    """What is done only if it takes next to no time is done, however busy the machine is."""
    monkeypatch.setattr(finite, "AT_ONCE", math.inf)
    monkeypatch.setattr(finite, "ALWAYS_KEPT_S", math.inf)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("writes", [False, True])
@pytest.mark.parametrize(("backend", "threads"), RUNS)
def test_step_that_became_infinite_is_found_and_no_call_is_made_twice(backend, threads, writes):
    net, pop, _ = blowing_up(backend, threads)
    calls = []

    @eg.every(1.0, network=net)
    def look(n):
        calls.append(net.current_step)
        if writes:
            pop.k = 0.1

    step, _ = first_step()
    with pytest.raises(NotFinite, match=f"v of population 'p' became inf in step {step}, ") as caught:
        net.simulate(1000.0)

    assert caught.value.step == step
    assert net.current_step == step + 1
    assert calls == list(range(0, step + 1, 10))


@pytest.mark.usefixtures("unhurried")
def test_what_a_callback_damages_is_said_before_the_next_step():
    net, pop, _ = blowing_up()
    eg.every(1000.0, offset=2.0, network=net)(lambda n: pop[7:8].set({"v": math.nan}))
    with pytest.raises(NotFinite, match="v of population 'p' is nan before step 20: neuron 7"):
        net.simulate(10.0)
    assert net.current_step == 20


def test_where_looking_is_dear_nothing_is_repeated_over_calls_that_write(monkeypatch):
    net, pop, _ = blowing_up()
    for name in ("LOOKING", "KEEPING", "KEEPING_ANEW", "LOOKING_BEFORE_CALLS", "ALWAYS_KEPT_S", "AT_ONCE"):
        monkeypatch.setattr(finite, name, 0.0)  # at the end only
    calls = []

    @eg.every(1.0, network=net)
    def write(n):
        calls.append(net.current_step)
        pop.k = 0.1

    with pytest.raises(NotFinite, match=r"became (inf|nan) in one of the steps \d+ to 1999, or was set"):
        net.simulate(200.0)
    assert calls == list(range(0, 2000, 10))


def test_profile_has_a_row_for_each_callback():
    net = started("stdp", threads=2)
    calls = []
    noted(net, calls, "f", period=5 * net.dt)
    profile = net.simulate(20 * net.dt, profile=True)
    row = profile.rows[0]

    assert (row.job, row.of, row.calls, row.events, row.unit, row.bytes) == ("callback", "f", 4, 4, "calls", 0)
    assert len(calls) == 4
    assert "callback" in str(profile)
    whole = started("stdp")
    run(whole, 20)
    assert net.digest() == whole.digest()


def test_jobs_that_change_in_a_profiled_run_are_refused():
    net, p, *_ = network()
    eg.every(50.0, offset=4.0, network=net)(lambda n: net.monitor(p, "k"))
    with pytest.raises(InvalidArgument, match="the jobs of the network have changed during the run, before step 4"):
        net.simulate(10.0, profile=True)
    net.clear_all_callbacks()
    net.simulate(10.0, profile=True)
    assert net.current_step == 14
