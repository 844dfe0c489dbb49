"""SPEC 5: conductances, refractoriness, reset, axonal spikes, firing rates."""

from __future__ import annotations

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.spec.running import alone, connected, sink, source, watch


def spikes_of(net, pop, backend, steps):
    """The steps in which neuron 0 spiked."""
    return [k for k, ranks in enumerate(watch(net, backend, steps, lambda: pop.spike)) if 0 in ranks]


def one(neuron, dt=1.0, n=1):
    net = eg.Network(dt=dt, seed=1)
    return net, net.create(n, neuron)


# -- conductances ------------------------------------------------------------------------------------------


def test_conductance_without_an_equation_acts_in_one_step(backend):
    net, _, post, _ = connected(source(1, 2), eg.Neuron(equations="v += g_exc\n x = g_exc", spike="v > 99"), w=2.0)
    v, x, g = watch(net, backend, 6, lambda: post.v[0], lambda: post.x[0], lambda: post.g_exc[0])

    assert v == [0, 0, 2, 4, 4, 4]
    assert x == [0, 0, 2, 2, 0, 0]
    assert g == [0] * 6


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("g_exc *= 0.5", [0, 0, 2, 3, 1.5]),
        ("g_exc -= 1", [-1, -2, 1, 4, 3]),
        ("g_exc = 0.25*g_exc", [0, 0, 1, 1.25, 0.3125]),
        ("x = 2*g_exc", [0, 0, 0, 0, 0]),
    ],
)
def test_conductance_that_any_statement_changes_is_not_reset(backend, statement, expected):
    net, _, post, _ = connected(source(1, 2), sink(statement), w=4.0)

    assert watch(net, backend, 5, lambda: post.g_exc[0]) == expected


def test_conductance_that_only_events_assign_is_instantaneous(backend):
    neuron = eg.Neuron(equations="v = v + g_exc", spike="v > 5", reset="v = 0\ng_exc = 3")
    net, _, post, _ = connected(source(1, 2), neuron, w=4.0)

    assert watch(net, backend, 6, lambda: post.v[0]) == [0, 0, 4, 0, 3, 3]


def test_conductance_with_an_equation_is_incremented_and_decays(backend):
    net, _, post, _ = connected(source(1, 2), sink("2*dg_exc/dt = -g_exc"), w=4.0)

    assert watch(net, backend, 5, lambda: post.g_exc[0]) == [0, 0, 2, 3, 1.5]


def test_target_that_is_not_read_is_accepted(backend):
    net, pre, post, _ = connected(source(1), eg.Neuron(equations="v = v + 1", spike="v > 99"))
    net.connect(pre, post, "other").all_to_all(1.0)
    values = watch(net, backend, 4, lambda: post.v[0])

    assert values == [1, 2, 3, 4]


# -- refractoriness ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dt", "period", "steps"), [(1.0, 3.0, 3), (0.5, 1.7, 3), (0.1, 0.3, 3), (1.0, 0.9, 0), (0.1, 2.0, 20)]
)
def test_neuron_is_frozen_for_the_whole_steps_of_its_period(dt, period, steps, backend):
    """A quotient within 1e-6 of a whole number is that number: int(0.3/0.1) is 2."""
    net, pop = one(eg.Neuron(equations="v = 2.0", spike="v > 1.0", refractory=period), dt)

    assert spikes_of(net, pop, backend, 3 * (steps + 1)) == [0, steps + 1, 2 * steps + 2]


def test_frozen_means_local_variables_but_not_conductances_and_not_global_ones(backend):
    neuron = eg.Neuron(
        equations="""
            z = z + 1.0 : population
            dv/dt = 1.0
            u = u + 1.0
            dg_exc/dt = 1.0
        """,
        spike="v > 1.5",
        reset="v = 0.0",
        refractory=2.0,
    )
    net, pop = one(neuron)
    found = watch(net, backend, 6, lambda: pop.v[0], lambda: pop.u[0], lambda: pop.g_exc[0], lambda: pop.z)

    assert found == [[1, 0, 0, 0, 1, 0], [1, 2, 2, 2, 3, 4], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]


@pytest.mark.parametrize("period", [None, 0.0])
def test_no_period_and_period_0_freeze_nobody(period, backend):
    net, pop = one(eg.Neuron(equations="v = 2.0", spike="v > 1.0", refractory=period))

    assert spikes_of(net, pop, backend, 4) == [0, 1, 2, 3]


def test_period_may_be_a_parameter(backend):
    net, pop = one(eg.Neuron(parameters="wait = 2.0", equations="v = 2.0", spike="v > 1.0", refractory="wait"))
    first = spikes_of(net, pop, backend, 7)
    pop.wait = 1.0
    later = [k for k, s in enumerate(watch(net, backend, 6, lambda: pop.spike, compiled=True)) if len(s)]

    assert first == [0, 3, 6]
    assert later == [2, 4]  # still resting for two steps from the spike before


def test_period_may_be_a_variable_that_is_read_at_the_spike(backend):
    neuron = eg.Neuron(equations="v = 2.0\n wait = wait + 1.0", spike="v > 1.0", reset="wait += 0.0", refractory="wait")
    net, pop = one(neuron)

    assert spikes_of(net, pop, backend, 12) == [0, 2, 5, 9]


@pytest.mark.parametrize("compile_first", [False, True])
def test_refractory_can_be_set_for_each_neuron_before_and_after_compile(compile_first, backend):
    """Section 19: arrays before compile are accepted, and it can be read back."""
    net, pop = one(eg.Neuron(equations="v = 2.0", spike="v > 1.0", refractory=5.0), n=3)
    if compile_first:
        net.compile(backend=backend)
    pop.refractory = np.array([0.0, 1.0, 3.0])
    seen = watch(net, backend, 6, lambda: pop.spike.tolist(), compiled=compile_first)

    assert seen == [[0, 1, 2], [0], [0, 1], [0], [0, 1, 2], [0]]
    assert pop.refractory.tolist() == [0.0, 1.0, 3.0]


def test_scalar_refractory_replaces_that_of_the_neuron(backend):
    net, pop = one(eg.Neuron(equations="v = 2.0", spike="v > 1.0", refractory=5.0))
    pop.refractory = 1.0

    assert spikes_of(net, pop, backend, 5) == [0, 2, 4]
    assert pop.refractory == 1.0


def test_period_may_be_set_where_the_model_has_none(backend):
    net, pop = one(eg.Neuron(equations="dv/dt = 1.0", spike="v > 2.5", reset="v = 0"))
    pop.refractory = 5.0

    assert spikes_of(net, pop, backend, 30) == [2, 10, 18, 26]
    net, late = one(eg.Neuron(equations="dv/dt = 1.0", spike="v > 2.5", reset="v = 0"))
    net.compile(backend=backend)
    with pytest.raises(
        InvalidArgument, match="is not part of the model\n  help: give refractory=... to the Neuron, or set"
    ):
        late.refractory = 5.0


def test_implicit_method_holds_the_value_while_frozen(backend):
    """Q5: the reference sets it to 0 there (3, 0, 0, 0, 0, 1.8)."""
    neuron = eg.Neuron(equations="dv/dt = 5.0 - v : implicit", spike="v > 2.0", reset="v = 3.0", refractory=4.0)
    found, spikes = [], []
    net, pop = one(neuron)
    for v, s in zip(*watch(net, backend, 7, lambda: pop.v[0], lambda: len(pop.spike)), strict=True):
        found.append(v)
        spikes.append(s)

    assert found[:5] == [3.0] * 5
    assert spikes == [1, 0, 0, 0, 0, 1, 0]


# -- spike and reset ---------------------------------------------------------------------------------------


def test_reset_runs_in_order_and_the_recorded_value_is_that_after_it(backend):
    net, pop = one(eg.Neuron(equations="v = v + 1\n u = u", spike="v > 1", reset="u = v\n v = u - 5\n u += v"))
    monitor = net.monitor(pop, ["v", "spike"])
    net.compile(backend=backend)
    net.simulate(3)
    record = monitor.get()

    assert record["v"].ravel().tolist() == [1, -3, -2]
    assert pop.u[0] == -1
    assert record["spike"][0] == [1]


def test_shared_variable_is_assigned_by_one_neuron_after_another(backend):
    texts = {"spike": "on == 1.0", "reset": "before = last; count += 1; last = id; order = 10*order + id"}
    shared = "last = last : population, init=-1; count = count : population, int; order = order : population"
    net, pop = one(eg.Neuron("id = 0.0\non = 1.0", f"old = last; before = before; {shared}", **texts), n=5)
    pop.id, pop.on = [1, 2, 3, 4, 5], [0, 1, 1, 0, 1]
    net.compile(backend=backend)
    recorded = net.monitor(pop, ["last", "count"])

    net.step()
    assert (pop.last, pop.count, pop.order) == (5.0, 3, 235.0)
    assert pop.before.tolist() == [0, -1, 2, 0, 3]
    assert pop.old.tolist() == [-1] * 5  # in the update all read what it was before the resets
    net.step()
    assert (pop.count, pop.old.tolist()) == (6, [5.0] * 5)
    assert recorded.get("count").ravel().tolist() == [3, 6]
    net.reset()
    assert (pop.last, pop.count) == (-1.0, 0)


def test_shared_variable_is_assigned_by_spikes_of_both_kinds_in_order_of_rank(backend):
    kinds = {"spike": "kind == 1", "reset": "order = 10*order + 1"}
    kinds |= {"axon_spike": "kind == 2", "axon_reset": "order = 10*order + 2"}
    net, pop = one(eg.Neuron("kind = 0.0", "order = order : population, int", **kinds), n=5)
    pop.kind = [2, 1, 0, 2, 1]
    net.compile(backend=backend)
    net.step()

    assert pop.order == 2121


def test_spikes_are_listed_in_ascending_order(backend):
    net, pop = one(eg.Neuron(parameters="p = 1.0", equations="v = t", spike="modulo(v, p) == 0"), n=4)
    pop.p = [3, 1, 2, 1]

    assert watch(net, backend, 4, lambda: pop.spike.tolist()) == [[0, 1, 2, 3], [1, 3], [1, 2, 3], [0, 1, 3]]


def test_time_of_the_last_spike_is_that_of_its_step(backend):
    found = alone(backend, 5, "x", dt=0.5, equations="n = n + 1\n x = t - t_last", spike="n == 2", reset="n = 0")

    assert found["x"][2:] == [0.5, 1.0, 0.5]


# -- axonal spikes -----------------------------------------------------------------------------------------


def axonal(**texts):
    return eg.Neuron(
        equations="n = n + 1 : int, init=-1\n u = u + 1", spike="n == 4", axon_spike="n >= 2 and n <= 5", **texts
    )


def test_axonal_spike_is_tested_where_the_spike_was_not_and_runs_its_own_reset(backend):
    net, pop = one(axonal(axon_reset="u = 100.0", reset="u = 0.0"))
    u, spikes = watch(net, backend, 7, lambda: pop.u[0], lambda: len(pop.spike))

    assert u == [1, 2, 100, 100, 0, 100, 101]
    assert spikes == [0, 0, 0, 0, 1, 0, 0]


def test_axonal_spikes_do_not_rest_and_are_not_tested_at_rest(backend):
    net, pop = one(axonal(axon_reset="u = -1.0", refractory=1.0))
    # n is frozen in step 5 as well, so step 6 has n = 5
    assert watch(net, backend, 8, lambda: pop.u[0]) == [1, 2, -1, -1, 0, 0, -1, 0]


def test_axonal_spikes_are_delivered_to_their_own_statements_with_the_delay(backend):
    net, _, post, proj = connected(
        axonal(),
        sink(),
        eg.Synapse(pre_spike="g_target += 100*w", pre_axon_spike="g_target += w\n count += 1"),
        delays=2.0,
    )
    g, count = watch(net, backend, 9, lambda: post.g_exc[0], lambda: proj.count[0][0])

    assert g == [0, 0, 0, 0, 1, 2, 102, 103, 103]
    assert count == [0, 0, 0, 0, 1, 2, 2, 3, 3]


def test_axonal_spikes_are_recorded_beside_the_spikes(backend):
    """Q8: ANNarchy 5.0.4.1 can't record them."""
    net, pop = one(axonal(), n=3)
    both, view = net.monitor(pop, ["spike", "axon_spike"]), net.monitor(pop[[2, 0]], "axon_spike")
    net.compile(backend=backend)
    pop.n = [-1, 0, 7]
    net.simulate(8.0)

    assert both.get() == {"spike": {0: [4], 1: [3], 2: []}, "axon_spike": {0: [2, 3, 5], 1: [1, 2, 4], 2: []}}
    assert view.get("axon_spike") == {2: [], 0: [2, 3, 5]}


def test_axonal_spikes_of_neurons_that_have_none_are_not_recorded():
    net, pop = one(source(1))

    with pytest.raises(InvalidArgument, match="has no axonal spikes to record\n  help: give its neurons axon_spike="):
        net.monitor(pop, "axon_spike")


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("axon_transmission", [0, 0, 0, 1, 1, 101, 102, 102, 102]),
        ("transmission", [0, 0, 0, 1, 1, 1, 2, 2, 2]),
    ],
)
def test_axonal_transmission_is_stopped_alone_or_with_all(flag, expected, backend):
    """Axonal spikes in steps 2, 3 and 5, a spike in step 4; off in steps 4 and 5."""
    synapse = eg.Synapse(pre_spike="g_target += 100*w", pre_axon_spike="g_target += w")
    net, _, post, proj = connected(axonal(), sink(), synapse)
    net.compile(backend=backend)
    g = []
    for step in range(9):
        setattr(proj, flag, step not in (4, 5))
        net.step()
        g.append(post.g_exc[0])

    assert g == expected


def test_axonal_transmission_is_saved(backend, tmp_path):
    nets = []
    for _ in range(2):
        synapse = eg.Synapse(pre_axon_spike="g_target += w")
        net, _, post, proj = connected(axonal(), sink(), synapse, delays=2.0)
        proj.axon_transmission = len(nets) == 1
        net.compile(backend=backend)
        nets.append((net, proj, post))
    net, proj, post = nets[0]
    net.simulate(4.0)
    net.save(tmp_path / "a.npz")
    nets[1][0].load(tmp_path / "a.npz")
    for each, _, _ in nets:
        each.simulate(5.0)

    assert [p.axon_transmission for _, p, _ in nets] == [False, False]
    assert [p.g_exc[0] for _, _, p in nets] == [1.0, 1.0]  # of the spike in step 4
    assert nets[1][0].digest() == net.digest()


# -- firing rates ------------------------------------------------------------------------------------------


def test_firing_rate_is_0_until_asked_for(backend):
    net, pop = one(eg.Neuron(equations="v = 2.0", spike="v > 1.0"))

    assert watch(net, backend, 3, lambda: pop.r[0]) == [0, 0, 0]


@pytest.mark.parametrize("dt", [1.0, 0.5])
def test_firing_rate_counts_the_spikes_of_the_window(dt, backend):
    net, pop = one(source(1, 2, 6), dt)
    pop.compute_firing_rate(4.0 * dt)
    rate = 1000.0 / (4.0 * dt)
    found = watch(net, backend, 12, lambda: pop.r[0] / rate)

    assert found == [0, 1, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0]


def test_firing_rate_of_a_window_that_is_rounded_is_that_of_the_steps_taken_which_is_said(backend):
    net, pop = one(source(1, 2, 6), 0.1)
    with pytest.warns(UserWarning, match="window: 0.31 ms are 3.1 steps of dt=0.1 ms: 0.3 ms are taken, 3 steps"):
        pop.compute_firing_rate(0.31)

    found = watch(net, backend, 6, lambda: round(pop.r[0] * 0.3 / 1000.0, 9))
    assert found == [0, 1, 2, 2, 1, 0]


def test_firing_rate_when_asked_for_later_counts_the_spikes_that_are_remembered(backend):
    """A delay of four steps remembers four; a window that changes goes on from there."""
    net, pop, _, _ = connected(source(1, 2, 3, 5, 6), sink(), delays=4.0)
    net.compile(backend=backend)
    net.simulate(4.0)
    pop.compute_firing_rate(10.0)
    first = [pop.r[0], *watch(net, backend, 2, lambda: pop.r[0], compiled=True)]
    said = "counts spikes over 10 ms, and now over 2 ms: there is one window\n  help: monitor.smoothed"
    with pytest.warns(eg.EngramWarning, match=said):
        pop.compute_firing_rate(2.0)
    second = [pop.r[0], *watch(net, backend, 3, lambda: pop.r[0], compiled=True)]

    assert first == [300, 300, 400]
    assert second == [500, 1000, 500, 0]


def test_memory_that_is_short_for_a_window_is_said_with_the_population(monkeypatch):
    net, pop, _, _ = connected(source(1, 2), sink())
    net.compile()

    def short(state, path, longest):
        raise MemoryError("too much")

    monkeypatch.setattr(type(pop._core.program.state), "longer", short)
    with pytest.raises(
        MemoryError, match=f"the last 1001 ms of population '{pop.name}': too much\n  help: give compute_"
    ):
        pop.compute_firing_rate(1000.0)
    assert pop._core.rate_window == 0


def test_second_window_before_compile_takes_the_place_of_the_first_which_is_said():
    net, pop = one(source(1, 2, 6))
    pop.compute_firing_rate(4.0)
    pop.compute_firing_rate(4.0)  # says nothing new
    with pytest.warns(eg.EngramWarning, match="over 4 ms, and now over 2 ms: there is one window"):
        pop.compute_firing_rate(2.0)
    assert watch(net, "numpy", 3, lambda: pop.r[0]) == [0, 500, 1000]
