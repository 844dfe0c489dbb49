"""Monitors: what is recorded when, and what get() and times() return."""

import math
import threading
from dataclasses import replace

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, LoadWarning, NotCompiled, UnknownAttribute
from engram.program import recordable
from tests.cases import each
from tests.network.small import rated, spiking

pytestmark = pytest.mark.cc

COUNTER = eg.Neuron(equations="r = t\n s = t : population", name="counter")


def counting(size=2, dt=1.0, **options):
    net = eg.Network(dt=dt, seed=1)
    p = net.create(size, COUNTER, name="p")
    m = net.monitor(p, ["r", "s"], **options)
    net.compile()
    return net, m


def test_get_when_there_are_samples_returns_and_drops_them():
    net, m = counting((2, 2))
    net.simulate(3.0)

    assert m.get("r", keep=True).shape == (3, 2, 2)
    assert m.get("r", reshape=False, keep=True).shape == (3, 4)
    assert m.get("s", keep=True).tolist() == [0.0, 1.0, 2.0]
    assert set(m.get(keep=True)) == {"r", "s"} == set(m.get(["r", "s"], keep=True))
    assert list(m.get("r", keep=True, force_dict=True)) == ["r"]
    assert m["r"][:, 0, 0].tolist() == m.get("r")[:, 0, 0].tolist() == [0.0, 1.0, 2.0]
    with pytest.warns(eg.EngramWarning, match="since then no time has passed"):
        assert m["r"].shape == (0, 2, 2)
    net.simulate(2.0)
    assert m.get("r")[:, 1, 1].tolist() == [3.0, 4.0]
    assert m.get("s").tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_get_when_samples_fill_many_blocks_returns_all():
    net, m = counting(30000)
    net.simulate(20.0)  # 0.24 MB a row, 1 MiB a block

    assert m.get("r")[:, 12345].tolist() == list(map(float, range(20)))


@each(("period", "offset", "steps"), [(3.0, 0.0, [0, 3, 6, 9]), (3.0, 2.0, [2, 5, 8]), (1.0, 0.0, range(10))])
def test_period_and_offset_choose_the_steps(period, offset, steps):
    net, m = counting(period=period, period_offset=offset)
    net.simulate(10.0)

    assert m.get("s").tolist() == [float(k) for k in steps]
    assert (m.period, m.period_offset) == (period, offset)


def test_period_that_is_no_whole_number_of_steps_is_refused_with_the_two_nearest():
    with pytest.raises(InvalidArgument) as caught:
        counting(dt=0.1, period=0.25)
    assert str(caught.value) == (
        "monitor of 'p': period: expected a multiple of 0.1 ms, got 0.25, which is 2.5 steps\n"
        "  help: give 0.2 or 0.3 ms."
    )


@each("period", [0.3, np.float32(0.3), np.array(0.3)])
def test_period_when_dt_is_small_counts_ms(period):
    net, m = counting(dt=0.1, period=period)
    net.simulate(1.0)

    assert m.get("s").tolist() == pytest.approx([0.0, 0.3, 0.6, 0.9])


def test_pause_and_resume_make_intervals():
    net, m = counting()
    net.simulate(15.0)
    m.pause()
    net.simulate(10.0)
    m.resume()
    net.simulate(20.0)

    assert m.get("s").tolist() == [float(k) for k in (*range(15), *range(25, 45))]
    assert m.times("s") == {"s": {"start": [0, 25], "stop": [15, 45]}}
    m.stop()
    net.simulate(3.0)
    assert m.get("s").tolist() == []


def test_monitor_when_not_started_waits():
    net, m = counting(start=False)
    net.simulate(2.0)
    m.start()
    net.simulate(2.0)

    assert m.get("s").tolist() == [2.0, 3.0]


def test_monitor_when_made_after_compile_records_from_then_on():
    net, m = counting()
    net.simulate(5.0)
    late = net.monitor(net.get_population("p"), "s", period=2.0)
    net.simulate(4.0)

    assert late.get("s").tolist() == [5.0, 7.0]
    assert m.get("s").tolist() == list(map(float, range(9)))


def test_spikes_are_a_dictionary_with_an_entry_for_every_neuron():
    net, p, _, _ = spiking(compiled=False)
    p.b = 0.0
    m = net.monitor(p, ["spike", "v"])
    net.compile()
    net.simulate(2.0)
    p.v = [9, 0, 0, 0, 0, 9]
    net.simulate(3.0)
    found = m.get("spike")

    assert set(found) == set(range(6))
    assert [found[k][:1] for k in (0, 5)] == [[2], [2]]
    assert all(type(step) is int for steps in found.values() for step in steps)
    assert m.get("v")[2, [0, 5]].tolist() == [0.0, 0.0]  # the value after the reset


def test_two_monitors_of_one_population_are_apart():
    net, p, _, _ = spiking(compiled=False)
    a, b = net.monitor(p, "v"), net.monitor(p, ["v", "k"])
    net.compile()
    net.simulate(4.0)

    assert (a.name, b.name) == ("Monitor_p", "Monitor_p_1")
    assert a.get("v").tobytes() == b.get("v", keep=True).tobytes()
    assert b.get("v").shape == (4, 6)


def test_sums_of_rates_are_recorded_as_they_enter_the_neuron():
    net, p, q, _ = rated()
    m = net.monitor(q, ["sum(exc)", "r"])
    p.r = 1.0
    net.simulate(1.0)

    assert m.get("sum(exc)").tolist() == [[2.0, 2.0, 2.0]]


def test_reset_empties_monitors_unless_told_otherwise():
    net, m = counting()
    net.simulate(3.0)
    net.reset(monitors=False)
    net.simulate(1.0)
    assert m.get("s").tolist() == [0.0, 1.0, 2.0, 0.0]
    net.simulate(3.0)
    net.reset()
    net.simulate(2.0)

    assert m.get("s").tolist() == [0.0, 1.0]
    assert m.times("s") == {"s": {"start": [0], "stop": [2]}}


def test_load_without_the_samples_of_a_monitor_empties_it_and_it_goes_on(tmp_path):
    net, m = counting(period=2.0)
    net.simulate(3.0)
    net.save(tmp_path / "without.npz", monitors=False)
    net.save(tmp_path / "with.npz")
    both = (
        "monitor 'Monitor_p' of this network is empty.*\nthe samples that monitor 'Monitor_p' had were dropped\n  help"
    )
    with pytest.warns(LoadWarning, match=both):
        net.load(tmp_path / "without.npz")
    net.simulate(4.0)
    found = m.get("s").tolist()
    with pytest.warns(LoadWarning, match="the samples that monitor 'Monitor_p' had were dropped"):
        net.load(tmp_path / "with.npz", monitors=False)
    net.simulate(1.0)
    m.pause()
    m.start()
    net.simulate(3.0)

    assert found == [4.0, 6.0]
    assert m.get("s").tolist() == [4.0, 6.0]


@each(
    ("variables", "options", "said"),
    [
        (["V"], {}, "did you mean 'v'"),
        (["b"], {}, "'b' is a parameter of population 'p'; only variables can be recorded"),
        (["v", "v"], {}, "named twice"),
        ([3], {}, "variables must be text or a list of names, not"),
        (["sum(exc)"], {}, "no rate-coded input 'exc'"),
        (["v"], {"period": 0.0}, "period must be at least one step"),
        (["v"], {"period": 2.0, "period_offset": 2.0}, "period_offset below it"),
        (["v"], {"period": "often"}, "expected a number of ms"),
        (["v"], {"period": np.True_}, "expected a number of ms"),
        (["v"], {"period": math.nan}, "expected a finite number of ms, got nan"),
        (["v"], {"period": 2.5}, "a multiple of 1 ms, got 2.5, which is 2.5 steps\n  help: give 2 or 3 ms"),
        (["v"], {"period": 0.25}, "monitor of 'p': period: .*, got 0.25, which is 0.25 steps\n  help: give 1 ms"),
        (["v"], {"period": 3.0, "period_offset": 0.5}, "period_offset: expected .*\n  help: give 0 or 1 ms"),
        ("", {}, r"'p' that records nothing\n  help: net.monitor\(pop, 'spike'\); 'p' has spike, .* v, .*by start"),
        (["v"], {"name": "a/b"}, "'a/b' can't be a name"),
        (["v"], {"name": 3}, "name must be text or None, not 3"),
        (["v"], {"name": "taken"}, "monitor 'taken' exists already"),
    ],
)
def test_monitor_of_what_cannot_be_is_refused_and_leaves_none(variables, options, said):
    net, p, _, _ = spiking(compiled=False)
    net.monitor(p, "k", name="taken")

    with pytest.raises((InvalidArgument, UnknownAttribute), match=said):
        net.monitor(p, variables, **options)
    net.compile()
    assert [m for m in net._monitors] == ["taken"]  # noqa: C416  the keys are what is tested


def test_monitor_of_another_object_is_refused():
    net, _, _, _ = spiking(compiled=False)
    other, p, _, _ = rated()

    with pytest.raises(InvalidArgument, match="belongs to another network"):
        net.monitor(p, "r")
    with pytest.raises(InvalidArgument, match="rate-coded and has no spikes"):
        other.monitor(p, "spike")


def test_get_of_what_is_not_recorded_or_not_compiled_is_refused():
    net, p, _, _ = spiking(compiled=False)
    m = net.monitor(p, "v")
    with pytest.raises(InvalidArgument, match=r"does not record 'k'\n  help: it records v"):
        m.get("k")
    with pytest.raises(NotCompiled, match="call compile"):
        m.get("v")


def test_recorded_values_are_copies():
    net, m = counting()
    net.simulate(2.0)
    m.get("r", keep=True)[...] = 99.0

    assert np.max(m.get("r")) == 1.0


@pytest.mark.parametrize("compiled", [False, True])
def test_monitor_that_is_removed_is_gone_from_runs_and_files(compiled, tmp_path):
    nets = [eg.Network(seed=1) for _ in range(2)]
    for net in nets:
        net.create(3, eg.Neuron(equations="dr/dt = 1.0 - r"), name="p")
    net, without = nets
    gone, kept = (net.monitor(net.get_population("p"), "r", name=name) for name in ("gone", "kept"))
    without.monitor(without.get_population("p"), "r", name="kept")
    for one in nets:
        one.compile() if compiled else None
    if compiled:
        net.simulate(3.0)
        without.simulate(3.0)
    gone.remove()
    if not compiled:
        net.compile()
        without.compile()
    for one in nets:
        one.simulate(2.0)
    net.save(tmp_path / "n.npz")

    assert net.get_monitors() == [kept]
    assert net.digest() == without.digest() == eg.open(tmp_path / "n.npz").digest()
    for call in (gone.get, gone.start, gone.times, gone.reset, gone.remove):
        with pytest.raises(InvalidArgument, match="monitor 'gone' was removed"):
            call()
    again = net.monitor(net.get_population("p")[1:], "r", period=2.0, name="gone")
    net.simulate(4.0)
    assert again.get("r").shape == (2, 2)


def test_another_period_begins_where_nothing_is_recorded():
    net, m = counting(start=False)
    m.start(["s", "r"], period=2.0)
    assert (m.period, m.period_offset) == (2.0, 0.0)
    net.simulate(4.0)
    with pytest.raises(InvalidArgument, match="has begun to record with another period"):
        m.start(period=3.0)
    m.pause()
    assert m.get("s").tolist() == [0.0, 2.0]
    m.get("r")
    m.start(period=3.0)
    net.simulate(8.0)
    assert m.get("s").tolist() == [6.0, 9.0]
    m.pause()
    with pytest.raises(InvalidArgument, match="switches all variables together, r with s\n  help: another one records"):
        m.start("s")
    with pytest.raises(UnknownAttribute, match="no attribute 'y'"):
        m.start(["r", "s", "y"])
    assert (m.variables, m._core.active) == (["r", "s"], False)


@pytest.mark.parametrize("is_compiled", [True, False])
def test_variables_that_are_started_later_are_recorded_beside_the_others(is_compiled, tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    p = net.create(2, eg.Neuron(equations="v = t\n s = t : population", spike="v > 2.5", name="n"), name="p")
    m = net.monitor(p[[1]], "v")
    if is_compiled:
        net.compile()
        net.simulate(2.0)
    m.start(["s", "spike"])
    if not is_compiled:
        net.compile()
    net.simulate(2.0)
    net.save(tmp_path / "n.engram")
    again, other = net.copy(), eg.open(tmp_path / "n.engram")

    assert again.digest() == net.digest() == other.digest()
    for one in (net, again, other):
        one.simulate(1.0)
        found = one.get_monitor("Monitor_p").get()
        first = 2 if is_compiled else 0
        assert found["v"].tolist() == [[float(k)] for k in range(first + 3)]
        assert found["s"].tolist() == [float(k) for k in range(first, first + 3)]
        assert found["spike"] == {1: [3, 4] if is_compiled else []}


@pytest.mark.parametrize("geometry", [3, (2, 2), (2, 1, 3)])
def test_what_is_fetched_where_nothing_was_recorded_has_no_rows(geometry, tmp_path):
    net, m = counting(geometry)
    n = m.object.size

    with pytest.warns(eg.EngramWarning, match="has recorded no step yet: what it gives is empty"):
        assert m.get("r", reshape=False).shape == (0, n)
    assert {name: values.shape for name, values in m.get(reshape=False).items()} == {"r": (0, n), "s": (0,)}
    assert m.recording("r").samples["r"].rows.shape == (0, n)
    m.save(tmp_path / "m.npz")
    eg.MonitorList([m]).save_all(tmp_path / "all.npz")

    assert np.load(tmp_path / "m.npz")["r"].shape == np.load(tmp_path / "all.npz")["p/r"].shape == (0, n)


def test_network_removes_a_monitor_by_itself_or_by_name():
    net = eg.Network(seed=1)
    pop = net.create(3, eg.Izhikevich)
    one, other = net.monitor(pop, "v", name="one"), net.monitor(pop, "v", name="other")
    net.compile(backend="numpy")
    net.remove(one)
    net.remove("other")

    assert net.get_monitors() == []
    with pytest.raises(InvalidArgument, match="monitor 'other' was removed"):
        other.get()
    for given in (pop, "pop0"):
        with pytest.raises(
            InvalidArgument, match=r"population 'pop0' can't be removed: monitors alone can\n  help: net\."
        ):
            net.remove(given)
    with pytest.raises(InvalidArgument, match="there is no monitor 'x'\n  help: there are none"):
        net.remove("x")


def test_what_is_read_by_name_stays_and_a_second_get_says_that_the_first_forgot():
    net = eg.Network(seed=1)
    m = net.monitor(net.create(3, eg.Izhikevich), ["v", "spike"], name="m")
    net.compile(backend="numpy")
    net.simulate(5.0)

    assert len(m["v"]) == len(m["v"]) == len(m.get("v")) == 5
    with pytest.warns(eg.EngramWarning, match="get.. has handed out what was recorded of 'v' and forgotten it"):
        assert len(m.get("v")) == 0
    net.simulate(1.0)
    assert len(m.get("v")) == 1
    net.reset()
    with pytest.warns(eg.EngramWarning, match="has recorded no step yet"):
        assert len(m.get("v")) == 0  # nothing was handed out since


def test_row_of_a_quantity_that_is_not_like_its_value_is_refused(monkeypatch):
    """C copies bytes."""
    wrong = {"sample": lambda *_: ((2,), np.dtype(np.float32))}
    rows = [replace(row, **wrong) if row.knows("sum(exc)") else row for row in recordable.QUANTITIES]
    monkeypatch.setattr("engram.program.recordable.QUANTITIES", rows)
    net = eg.Network(dt=1.0)
    p = net.create(2, eg.Neuron(equations="r = sum(exc)"))
    net.connect(p, p, "exc").all_to_all(0.5)
    net.monitor(p, "sum(exc)")
    with pytest.raises(AssertionError, match=r"sum\(exc\): its row is not"):
        net.compile()


def test_monitor_goes_through_its_variables_as_a_dictionary_through_its_keys():
    net = eg.Network()
    monitor = net.monitor(net.create(2, eg.Izhikevich), ["v", "spike"])

    assert (list(monitor), len(monitor), "v" in monitor, "r" in monitor) == (["v", "spike"], 2, True, False)


def test_monitor_waits_for_the_end_of_what_another_thread_runs():
    net, pop, _, _ = spiking()
    m = net.monitor(pop, "spike")
    net.simulate(5.0)
    calls = [
        lambda: m.get("spike", keep=True),
        lambda: m.raster_plot(keep=True),
        m.recording,
        lambda: net.monitor(pop, "spike", name="more"),
        m.pause,
        m.resume,
        m.stop,
        m.start,
        m.reset,
        m.remove,
    ]
    for call in calls:
        other = threading.Thread(target=call)
        with net._core.lock:
            other.start()
            other.join(0.05)
            assert other.is_alive(), call
        other.join(60.0)
        assert not other.is_alive()
