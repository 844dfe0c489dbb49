"""A profile counts exactly what a run did, and changes none of its bits. Times are never compared with anything."""

import math
from dataclasses import replace

import numpy as np
import pytest

import engram as eg
from engram.native.bandwidth import ARRAY_BYTES, bandwidth
from tests.cases import each
from tests.resume.networks import CASES, build, run, started

pytestmark = pytest.mark.cc

NOISY = eg.Neuron(
    parameters="tau = 10.0 : population",
    equations="tau*dv/dt = -v + g_exc + g_inh + 0.8 + 0.9*Normal(0.0, 1.0)",
    spike="v > 1.0",
    reset="v = 0.0",
    name="noisy",
)
BEFORE, DURING = 30, 57  # steps


def steps_of_spikes(net, population, n):
    """Return (steps, ranks) of all spikes so far."""
    monitor = next(m for m in net._monitors.values() if m.object._core is population and "spike" in m.variables)
    lists = monitor.get("spike", keep=True)
    steps = np.concatenate([np.array(lists[rank], int) for rank in range(n)])
    return steps, np.repeat(np.arange(n), [len(lists[rank]) for rank in range(n)])


def arrivals(net, projection):
    """Count pairs of a spike and a synapse that it reaches during the profiled run, one by one."""
    steps, ranks = steps_of_spikes(net, projection._core.pre, projection._core.pre.size)
    wiring = projection._core.connectivity
    pre = wiring.pre_of_synapses()
    delays = np.broadcast_to(wiring.delay_steps, pre.shape).astype(int)
    reached = 0
    for step, rank in zip(steps, ranks, strict=True):
        arrived = step + delays[pre == rank]
        reached += int(((arrived >= BEFORE) & (arrived < BEFORE + DURING)).sum())
    return reached


def emitted(net, population):
    """Count the spikes of the profiled run."""
    steps, _ = steps_of_spikes(net, population._core, population.size)
    return int((steps >= BEFORE).sum())


def profiled(net):
    """Run some steps, then those that are profiled."""
    run(net, BEFORE)
    return net.simulate(DURING * net.dt, profile=True)


def row(profile, job, of):
    """Return the one row of a job of an object."""
    (found,) = (r for r in profile.rows if (r.job, r.of) == (job, of))
    return found


def plain(delays, threads=1, n=130):
    """Return a network of two populations with synapses that only add their weight."""
    net = eg.Network(seed=5)
    net.config(num_threads=threads)
    p, q = net.create(n, NOISY, name="p"), net.create(90, NOISY, name="q")
    forth = net.connect(p, q, "exc", name="forth")
    forth.fixed_probability(0.2, weights=eg.Uniform(0.0, 0.2), delays=delays)
    net.connect(q, p, "inh", name="back").fixed_number_pre(7, weights=-0.1, delays=delays)
    net.monitor(p, "spike")
    net.monitor(q, ["spike", "v"], name="both")
    net.compile()
    return net


@each("threads", [1, 2])
@each("delays", [1.0, 9.0, eg.Uniform(1.0, 20.0)])
def test_arrivals_are_all_pairs_of_a_spike_and_a_synapse_that_meet_in_the_run(delays, threads):
    net = plain(delays, threads)
    profile = profiled(net)
    expected = [arrivals(net, projection) for projection in net.get_projections()]

    assert all(expected)
    assert [row(profile, "deliver", p._core.path).events for p in net.get_projections()] == expected


def test_every_job_of_a_spiking_network_counts_what_it_did():
    net = plain(4.0)
    profile = profiled(net)
    p, q = net.get_populations()
    counted = {(r.job, r.of): (r.calls, r.events, r.unit) for r in profile.rows if r.job != "deliver"}

    assert counted == {
        ("update", "populations/p"): (DURING, DURING * p.size, "neurons"),
        ("update", "populations/q"): (DURING, DURING * q.size, "neurons"),
        ("join", "populations/p"): (DURING, emitted(net, p), "spikes"),
        ("join", "populations/q"): (DURING, emitted(net, q), "spikes"),
        ("record spike", "monitors/Monitor_p"): (DURING, emitted(net, p), "spikes"),
        ("record spike", "monitors/both"): (DURING, emitted(net, q), "spikes"),
        ("record v", "monitors/both"): (DURING, DURING * q.size, "values"),
    }


def test_learning_synapses_count_both_sides():
    net = started("stdp")
    profile = profiled(net)
    forth = net.get_projection("forth")
    steps, ranks = steps_of_spikes(net, forth._core.post, forth._core.post.size)
    per_post = np.bincount(forth._core.connectivity.ranks, minlength=forth._core.post.size)

    assert row(profile, "deliver", forth._core.path).events == arrivals(net, forth) > 0
    assert row(profile, "post_events", forth._core.path).events == per_post[ranks[steps >= BEFORE]].sum() > 0


def test_rates_count_all_synapses_in_the_steps_in_which_they_are_computed():
    net = started("rates")
    profile = profiled(net)
    own, late = net.get_projection("own"), net.get_projection("late")
    learned = sum((step - 0) % 2 == 0 for step in range(BEFORE, BEFORE + DURING))
    sampled = sum(step % 3 == 0 for step in range(BEFORE, BEFORE + DURING))

    assert row(profile, "gather", late._core.path).events == DURING * late.nb_synapses
    assert row(profile, "synapses", own._core.path).events == learned * own.nb_synapses
    assert (
        row(profile, "gather", own._core.path).events == (DURING - learned) * own.nb_synapses
    )  # the others come along
    assert row(profile, "record r", "monitors/Monitor_pop2").events == sampled * 140
    assert row(profile, "zero", "populations/pop2/sum/exc").bytes == DURING * 140 * 8


def test_synapses_that_are_switched_off_and_populations_that_are_disabled_count_nothing():
    net = plain(eg.Uniform(1.0, 5.0))
    net.get_projection("forth").transmission = False
    net.get_population("p").disable()
    profile = profiled(net)

    assert row(profile, "deliver", "projections/forth").events == 0
    assert row(profile, "deliver", "projections/forth").bytes == 0
    assert row(profile, "update", "populations/p").events == 0
    assert row(profile, "join", "populations/p").events == 0
    assert row(profile, "update", "populations/q").events == DURING * 90


def test_monitor_of_a_view_counts_its_neurons_only():
    net = eg.Network(seed=5)
    p = net.create(130, NOISY, name="p")
    whole, part = net.monitor(p, "spike"), net.monitor(p[10:20], ["spike", "v"], name="part")
    net.compile()
    profile = net.simulate(200.0, profile=True)
    some = sum(len(whole.get("spike", keep=True)[rank]) for rank in range(10, 20))

    assert row(profile, "record spike", "monitors/part").events == some > 0
    assert row(profile, "record v", "monitors/part").events == 200 * 10
    assert part.get("v").shape == (200, 10)


def test_bytes_of_an_update_are_those_of_its_arrays_and_more_where_neurons_spike():
    net = eg.Network(seed=1)
    neuron = eg.Neuron(parameters="a = 1.0\n down = 3.0", equations="x += a", spike="x > 3.5", reset="x -= down")
    p = net.create(70, neuron, name="p")
    p.a = np.arange(70) % 2  # every second one spikes in steps 3, 6 and 9
    net.compile()
    profile = net.simulate(10.0, profile=True)

    x, a, down, last_spike, rank = 16, 8, 8, 16, 4
    assert row(profile, "join", "populations/p").events == 35 * 3
    assert row(profile, "update", "populations/p").bytes == 10 * 70 * (x + a) + 35 * 3 * (down + last_spike + rank)


@each("name", CASES)
@each("threads", [1, 3])
def test_results_are_the_same_bits_with_and_without(name, threads):
    measured, twin = started(name, threads=threads), started(name)
    profiled(measured)
    run(twin, BEFORE + DURING)

    assert measured.digest() == twin.digest()


def test_profile_when_not_asked_for_is_none():
    assert build("stdp").simulate(3.0) is None


def test_interpreter_has_no_profile():
    net = build("rates", backend="numpy")
    with pytest.raises(
        eg.EngramError, match=r"needs compiled kernels, .*\n  help: compile the network with backend='c'"
    ):
        net.simulate(3.0, profile=True)

    assert net.current_step == 0


def test_implicit_network_has_one_too():
    eg.Population(3, NOISY)
    eg.compile()
    profile = eg.simulate(4.0, profile=True)

    assert profile.steps == 4
    assert [r.job for r in profile.rows] == ["update", "join"]


def test_numbers_of_a_row_follow_from_its_counts_and_times():
    profile = profiled(started("stdp", threads=2))
    total = sum(r.time_s + r.wait_s for r in profile.rows)

    assert profile.threads == 2.0
    assert profile.wall_s >= profile.engine_s > 0.0
    assert 0.0 <= profile.elsewhere <= 1.0
    assert profile.wait_s == sum(r.wait_s for r in profile.rows)
    for r in profile.rows:
        assert r.time_s >= 0.0
        assert r.wait_s >= 0.0
        assert math.isclose(r.share, r.time_s / total)
        assert math.isclose(r.ns_per_event * r.events, r.time_s * 1e9 if r.events else 0.0)
        assert math.isclose(r.gb_per_s * r.time_s, 2 * r.bytes / 1e9)
        assert math.isclose(r.of_memory * profile.memory_gb_per_s, r.gb_per_s)


def test_table_has_a_line_for_each_job_with_the_longest_first():
    profile = profiled(started("stdp"))
    head, rule, *lines = profile.table().splitlines()
    times = [float(line.split("|")[3]) for line in lines]

    assert len(lines) == len(profile.rows)
    assert times == sorted(times, reverse=True)
    assert {len(line) for line in (head, rule, *lines)} == {len(head)}
    assert [c.strip() for c in head.strip("|").split("|")][:3] == ["job", "of", "time ms"]
    assert set(rule) <= set("|-: ")
    assert profile.table() in str(profile)


def test_table_when_nothing_happened_has_dashes_and_no_infinity():
    net = plain(3.0)
    profile = net.simulate(0.0, profile=True)

    assert profile.steps == 0
    assert {r.events for r in profile.rows} == {0}
    assert "inf" not in str(profile)
    assert "nan" not in str(profile)


def test_rows_are_records_that_programs_can_change_and_compare():
    profile = profiled(started("stdp"))

    assert replace(profile.rows[0], time_s=0.0) != profile.rows[0]


def test_bandwidth_is_measured_once():
    found = bandwidth(1)

    assert found > 0.0
    assert bandwidth(1) is found
    assert ARRAY_BYTES % 8 == 0


def test_condition_that_ends_runs_is_told_of_its_population():
    net = eg.Network(seed=1)
    net.create(2, NOISY, name="p", stop_condition="v > 5.0 : any")
    net.compile()

    profile = net.simulate(2.0, profile=True)

    assert {row.of for row in profile.rows} == {"populations/p", "network"}
