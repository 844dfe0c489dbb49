"""What one step does, to the bit: order of evaluation, refractoriness, event times, delays. Expected values by hand."""

import math

import numpy as np
import pytest

import engram as eg


@pytest.fixture(params=[pytest.param("c", marks=pytest.mark.cc), "numpy"])
def backend(request):
    return request.param


def one(neuron, backend, dt=1.0, variables=(), size=1, **config):
    """A network of one population, compiled, with a monitor."""
    net = eg.Network(dt=dt, seed=1)
    net.config(**config)
    p = net.create(size, neuron, name="p")
    m = net.monitor(p, list(variables))
    net.compile(backend=backend)
    return net, p, m


def recorded(neuron, backend, variables, steps, dt=1.0, **config):
    net, _, m = one(neuron, backend, dt, variables, **config)
    net.simulate(steps * dt)
    return [np.ravel(m.get(name)).tolist() for name in variables]


# -- neurons ---------------------------------------------------------------------------------------------


def test_block_of_odes_is_simultaneous_and_an_assignment_ends_it(backend):
    neuron = eg.Neuron(equations="da/dt=1; db/dt=a; c=a+b; dd/dt=c; r=0", name="blocks")

    assert recorded(neuron, backend, "abcd", 3) == [[1, 2, 3], [0, 1, 3], [1, 3, 6], [1, 4, 10]]


def test_globals_come_first_whatever_the_order_of_the_text(backend):
    neuron = eg.Neuron(equations="x = g\n g = t + 1.0 : population\n r = g - x", name="globals first")

    assert recorded(neuron, backend, ["x", "g", "r"], 3) == [[1, 2, 3], [1, 2, 3], [0, 0, 0]]


def test_clamps_act_at_once_so_that_later_statements_see_them(backend):
    neuron = eg.Neuron(equations="x += 2.0 : max = 3.0\n y = x\n dz/dt = -1.0 : min = -1.5\n r = z", name="clamps")
    x = [2.0, 3.0, 3.0]
    z = [-1.0, -1.5, -1.5]

    assert recorded(neuron, backend, ["x", "y", "z", "r"], 3) == [x, x, z, z]


def test_clock_when_a_step_runs_stands_at_its_beginning(backend):
    neuron = eg.Neuron(equations="x = t\n y = dt\n r = 0.0", name="clock")

    assert recorded(neuron, backend, ["x", "y"], 4, dt=0.1) == [[0.0, 0.1, 0.2, 3 * 0.1], [0.1] * 4]


def test_integers_when_divided_are_floats_and_when_stored_are_truncated(backend):
    equations = "x = 7/2\n y = 1/n\n k = -7/2 : int\n m = modulo(-7, 3)\n r = 0.0"
    neuron = eg.Neuron(parameters="n = 3 : int", equations=equations, name="ints")

    assert recorded(neuron, backend, ["x", "y", "k", "m"], 1) == [[3.5], [1 / 3], [-3], [-1.0]]


ONE_STEP = {"explicit": 0.5, "exponential": math.exp(-0.5)}


@pytest.mark.parametrize("method", ONE_STEP)
@pytest.mark.parametrize("how", ["flag", "setting"])
def test_method_when_it_makes_one_step_gives_the_value_of_the_table(backend, method, how):
    flag = f", {method}" if how == "flag" else ""
    neuron = eg.Neuron(equations=f"dr/dt = -0.5*r : init = 1.0{flag}", name=f"one step {flag}")
    ((value,),) = recorded(neuron, backend, ["r"], 1, **({} if flag else {"method": method}))

    assert value == pytest.approx(ONE_STEP[method], rel=1e-15)


@pytest.mark.parametrize(
    ("ms", "dt", "frozen"),
    [(0.0, 1.0, 0), (1.0, 1.0, 1), (3.0, 1.0, 3), (1.7, 0.5, 3), (0.3, 0.1, 3), (0.7, 0.1, 7), (0.99, 1.0, 0)],
)
def test_neuron_when_refractory_is_frozen_for_whole_steps(backend, ms, dt, frozen):
    """A neuron that spikes in step n rests in n+1 ... n+N with N = int(refractory/dt), and updates again in n+N+1."""
    equations = "x += 1.0\n s += 1.0 : population"
    neuron = eg.Neuron(equations=equations, spike="x > 1.5", reset="x = 0.0", refractory=ms, name=f"rests {ms}")
    net, _, m = one(neuron, backend, dt, ["x", "s", "spike"])
    net.simulate(20 * dt)
    x, s, spikes = m.get("x")[:, 0].tolist(), m.get("s").tolist(), m.get("spike")[0]

    cycle = [1.0, 0.0, *[0.0] * frozen]
    assert x == (cycle * 20)[:20]
    assert spikes == list(range(1, 20, frozen + 2))
    assert s == list(range(1, 21))


def test_conductances_when_the_neuron_rests_go_on(backend):
    equations = "dg_exc/dt = -0.5*g_exc\n x += 1.0"
    neuron = eg.Neuron(equations=equations, spike="x > 0.5", reset="x = 0.0", refractory=10.0, name="conductance")
    net, p, _ = one(neuron, backend)
    p.g_exc = 8.0
    net.simulate(4.0)

    assert (p.g_exc.tolist(), p.x.tolist()) == ([0.5], [0.0])


def test_refractory_when_it_names_a_parameter_is_read_when_the_spike_happens(backend):
    neuron = eg.Neuron(
        parameters="rest = 2.0", equations="x += 1.0", spike="x > 0.5", reset="x = 0.0", refractory="rest", name="named"
    )
    net, p, m = one(neuron, backend, 1.0, ["spike"])
    net.simulate(1.0)
    p.rest = 0.0
    net.simulate(3.0)
    p.rest = 5.0
    net.simulate(9.0)

    # rests 2 steps after step 0 whatever it is set to then, none after 3, five after 4
    assert m.get("spike")[0] == [0, 3, 4, 10]


def test_spike_condition_when_it_is_a_number_is_true_where_it_is_not_zero(backend):
    neuron = eg.Neuron(equations="v = 1.0", spike="modulo(t, 3)", reset="v = 5.0", name="modulo")
    net, _, m = one(neuron, backend, 1.0, ["spike", "v"])
    net.simulate(7.0)

    assert m.get("spike")[0] == [1, 2, 4, 5]
    assert m.get("v")[:, 0].tolist() == [1.0, 5.0, 5.0, 1.0, 5.0, 5.0, 1.0]  # after the reset


def test_reset_statements_run_one_after_the_other(backend):
    reset = "v = 3.0 ; u = v ; v *= 2.0 ; u += v"
    net, p, _ = one(eg.Neuron(equations="v += 1.0\n u = u", spike="v > 0.5", reset=reset, name="sequence"), backend)
    net.simulate(1.0)

    assert (p.v.tolist(), p.u.tolist()) == ([6.0], [9.0])


def test_conductance_without_an_equation_acts_in_one_step(backend):
    neuron = eg.Neuron(equations="x += g_exc", spike="x < 0.0", reset="x = 0.0", name="instantaneous")
    net, p, _ = one(neuron, backend)
    p.g_exc = 2.0
    net.simulate(3.0)

    assert (p.x.tolist(), p.g_exc.tolist()) == ([2.0], [0.0])


# -- spiking projections ---------------------------------------------------------------------------------

AT = eg.Neuron(
    parameters="a = -1.0\n b = -1.0\n c = -1.0",
    equations="n = n + g_exc",
    spike="t == a or t == b or t == c",
    reset="n = n",
    name="spikes at",
)


def pair(synapse, backend, pre=(), post=(), delays=0.0, weights=1.0, dt=1.0, neuron=AT):
    """One neuron onto another; ``pre`` and ``post`` spike at these times in ms."""
    net = eg.Network(dt=dt, seed=1)
    p, q = net.create(1, neuron, name="p"), net.create(1, neuron, name="q")
    for population, times in ((p, pre), (q, post)):
        population.set(dict(zip("abc", times, strict=False)))
    c = net.connect(p, q, "exc", synapse, name="c")
    c.all_to_all(weights=weights, delays=delays, force_multiple_weights=True)
    m = net.monitor(q, ["n", "g_exc"])
    net.compile(backend=backend)
    return net, c, m


DELAYS = [
    *[(0.0, 1.0, 1), (1.0, 1.0, 1), (3.0, 1.0, 3), (0.0, 0.5, 1), (0.74, 0.5, 1)],
    *[(0.76, 0.5, 2), (1.25, 0.5, 2), (1.75, 0.5, 4), (0.3, 0.1, 3)],
]


@pytest.mark.filterwarnings("ignore:.*a delay of .* ms is")
@pytest.mark.parametrize(("delay", "dt", "steps"), DELAYS)
def test_delay_when_rounded_to_steps_is_when_the_spike_arrives(backend, delay, dt, steps):
    net, c, m = pair(None, backend, pre=[2 * dt], delays=delay, dt=dt)
    net.simulate(12 * dt)

    assert c.delay == pytest.approx(steps * dt)
    assert m.get("n")[:, 0].tolist() == [0.0] * (2 + steps) + [1.0] * (10 - steps)


def test_conductance_is_recorded_after_arrival_and_before_the_update(backend):
    neuron = eg.Neuron(
        parameters="a = -1.0",
        equations="dg_exc/dt = -0.5*g_exc\n n = g_exc",
        spike="t == a",
        reset="n = n",
        name="decays",
    )
    net, _, m = pair(None, backend, pre=[1.0], weights=8.0, neuron=neuron)
    net.simulate(5.0)

    assert m.get("g_exc")[:, 0].tolist() == [0.0, 0.0, 8.0, 4.0, 2.0]
    assert m.get("n")[:, 0].tolist() == [0.0, 0.0, 4.0, 2.0, 1.0]


def test_pre_spike_changes_conductances_first_wherever_they_stand(backend):
    synapse = eg.Synapse(pre_spike="w = 5.0 ; g_target += w ; w += 1.0", name="w before g")
    net, c, m = pair(synapse, backend, pre=[0.0, 3.0], weights=2.0)
    net.simulate(6.0)

    assert m.get("g_exc")[:, 0].tolist() == [0.0, 2.0, 0.0, 0.0, 6.0, 0.0]
    assert c.w == [[6.0]]


def test_pre_spike_without_a_conductance_gets_the_usual_one(backend):
    net, c, m = pair(eg.Synapse(pre_spike="w += 1.0", name="adds"), backend, pre=[0.0], weights=2.0)
    net.simulate(3.0)

    assert (m.get("g_exc")[:, 0].tolist(), c.w) == ([0.0, 2.0, 0.0], [[3.0]])


TRACE = eg.Synapse(
    parameters="tau = 10.0 : projection",
    equations="dx/dt = -x/tau : event-driven",
    pre_spike="g_target += w ; x += 1.0",
    name="trace",
)


def test_event_driven_variable_decays_by_the_true_time_between_events(backend):
    """Pre events in steps 3, 6 and 7: x = 1, exp(-.3) + 1, (exp(-.3) + 1)*exp(-.1) + 1."""
    net, c, _ = pair(TRACE, backend, pre=[2.0, 5.0, 6.0])
    found = []
    for steps in (4, 3, 1):
        net.simulate(steps)
        found += c.x[0]
    first = math.exp(-0.3) + 1.0

    assert found == pytest.approx([1.0, first, first * math.exp(-0.1) + 1.0], rel=1e-15)
    net.simulate(50.0)
    assert c.x[0] == found[-1:]  # what is read is the stored value


def test_trace_of_the_other_side_is_evaluated_and_not_stored(backend):
    synapse = eg.Synapse(
        parameters="tau = 10.0 : projection",
        equations="dx/dt = -x/tau : event-driven",
        pre_spike="g_target += w ; x += 1.0",
        post_spike="w = x",
        name="evaluates",
    )
    net, c, _ = pair(synapse, backend, pre=[2.0], post=[7.0, 9.0])
    net.simulate(8.0)  # the event of step 3 and the post spike of step 7
    first = c.w[0][0]
    net.simulate(3.0)

    assert (first, c.w[0][0]) == pytest.approx((math.exp(-0.4), math.exp(-0.6)), rel=1e-15)
    assert c.x == [[1.0]]


def test_variable_of_both_sides_is_advanced_at_both(backend):
    synapse = eg.Synapse(
        parameters="tau = 10.0",
        equations="dz/dt = (2.0 - z)/tau : event-driven",
        pre_spike="g_target += w ; z += 1.0",
        post_spike="z *= 0.5",
        name="both",
    )
    net, c, _ = pair(synapse, backend, pre=[2.0], post=[7.0])
    c.z = 2.0
    net.simulate(4.0)
    at_pre = c.z[0][0]
    net.simulate(5.0)

    assert at_pre == pytest.approx(3.0, rel=1e-15)
    assert c.z[0][0] == pytest.approx(0.5 * (2.0 + 1.0 * math.exp(-0.4)), rel=1e-15)


def test_post_spike_happens_in_the_step_of_the_spike(backend):
    synapse = eg.Synapse(pre_spike="g_target += w", post_spike="w += 1.0 ; moment = t", name="moment")
    net, c, _ = pair(synapse, backend, post=[3.0])
    net.simulate(3.0)
    before = c.w
    net.simulate(1.0)

    assert (before, c.w, c.moment) == ([[1.0]], [[2.0]], [[3.0]])


def test_pre_and_post_in_one_step_run_in_that_order(backend):
    synapse = eg.Synapse(pre_spike="g_target += w ; w += 1.0", post_spike="w *= 10.0", name="order")
    net, c, _ = pair(synapse, backend, pre=[2.0], post=[3.0])
    net.simulate(4.0)

    assert c.w == [[20.0]]


@pytest.mark.parametrize(("flag", "w", "count", "g"), [("transmission", 1.0, 0.0, 0.0), ("plasticity", 1.0, 1.0, 1.0)])
def test_flags_when_false_stop_what_they_name(backend, flag, w, count, g):
    synapse = eg.Synapse(pre_spike="g_target += w ; w += 1.0 ; count += 1.0", post_spike="w += 5.0", name="flags")
    net, c, m = pair(synapse, backend, pre=[0.0], post=[2.0])
    setattr(c, flag, False)
    net.simulate(4.0)

    assert (c.w, c.count) == ([[w]], [[count]])
    assert m.get("g_exc").max() == g


def test_sum_of_arriving_weights_runs_oldest_first_then_by_rank(backend):
    """The order of additions is fixed: largest delay first, then pre rank; other orders give other bits."""
    net = eg.Network(seed=3)
    p, q = net.create(40, AT, name="p"), net.create(2, AT, name="q")
    p.a = np.arange(40) % 4 + 0.0
    c = net.connect(p, q, "exc", name="c").all_to_all(weights=eg.Uniform(0.0, 1.0), delays=eg.Uniform(1.0, 6.0))
    m = net.monitor(q, "g_exc")
    net.compile(backend=backend)
    net.simulate(12.0)
    expected = np.zeros((12, 2))
    for step in range(12):
        for post, synapses in enumerate(zip(c.pre_ranks, c.w, c.delay, strict=True)):
            due = [(-delay, rank, w) for rank, w, delay in zip(*synapses, strict=True) if rank % 4 + delay == step]
            for _, _, w in sorted(due):
                expected[step, post] += w

    assert np.count_nonzero(expected) > 10
    assert m.get("g_exc").tobytes() == expected.tobytes()


# -- rate-coded projections ------------------------------------------------------------------------------

RAMP = eg.Neuron(parameters="first = 0.0", equations="r = t : init = first", name="ramp")
SUMS = eg.Neuron(equations="x = sum(exc)\n r = 0.0", name="sums")


def rates(delays, backend, steps=6, dt=1.0):
    net = eg.Network(dt=dt, seed=1)
    p, q = net.create(1, RAMP, name="p"), net.create(1, SUMS, name="q")
    p.first = -7.0
    net.connect(p, q, "exc", name="c").all_to_all(weights=1.0, delays=delays)
    m = net.monitor(q, ["sum(exc)", "x"])
    net.compile(backend=backend)
    net.simulate(steps * dt)
    assert m.get("sum(exc)", keep=True).tobytes() == m.get("x", keep=True).tobytes()
    return m.get("x")[:, 0].tolist()


def test_rate_when_read_without_delay_is_that_of_the_last_step(backend):
    assert rates(0.0, backend) == [-7.0, 0.0, 1.0, 2.0, 3.0, 4.0]


def test_rate_when_read_with_delay_3_is_that_of_three_steps_ago(backend):
    assert rates(3.0, backend) == [-7.0, -7.0, -7.0, 0.0, 1.0, 2.0]


def test_rate_when_each_synapse_has_a_delay_reads_each_its_own(backend):
    assert rates(eg.Uniform(2.999, 3.001), backend) == rates(3.0, backend)


def test_sum_when_there_are_many_terms_has_eight_accumulators_and_a_fixed_tree(backend):
    net = eg.Network(seed=8)
    p, q = net.create(101, RAMP, name="p"), net.create(3, SUMS, name="q")
    p.first = eg.Uniform(0.0, 1.0)
    c = net.connect(p, q, "exc", name="c").all_to_all(weights=eg.Uniform(-1.0, 1.0))
    net.compile(backend=backend)
    r = p.r
    net.simulate(1.0)
    terms = np.array(c.w) * r
    a = np.zeros((8, 3))
    for k in range(101):
        a[k % 8] += terms[:, k]
    expected = ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))

    assert q.x.tobytes() == expected.tobytes()
    assert q.sum("exc").tobytes() == expected.tobytes()
    assert q.x.tobytes() != np.cumsum(terms, axis=1)[:, -1].tobytes()  # another order, other bits


def test_projections_of_one_target_add_up(backend):
    net = eg.Network(seed=1)
    p, q = net.create(2, RAMP, name="p"), net.create(1, SUMS, name="q")
    p.first = 1.0
    net.connect(p, q, "exc", name="a").all_to_all(weights=2.0)
    net.connect(p, q, "exc", name="b").all_to_all(weights=0.5, delays=2.0)
    net.compile(backend=backend)
    net.simulate(1.0)

    assert q.x.tolist() == [5.0]
