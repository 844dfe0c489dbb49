"""Neurons against closed forms, published facts, and NumPy loops of the same update."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.integrate import solve_ivp

import engram as eg
from benchmarks.independent import Cell, integrate
from engram import models
from engram.errors import InvalidArgument
from tests.cases import each

Array = npt.NDArray[np.float64]
BACKENDS = pytest.mark.parametrize("backend", ["numpy", pytest.param("c", marks=pytest.mark.cc)])


def run(
    neuron: eg.Neuron, n_steps: int, dt_ms: float = 0.1, n: int = 1, backend: str = "c", **values: Any
) -> tuple[Any, dict[str, Any]]:
    """Simulate neurons without input; return the population and what its monitor recorded."""
    net = eg.Network(dt=dt_ms, seed=11)
    population = net.create(n, neuron)
    population.set(values)
    names = [v for v in ("v", "u", "w", "r", "alpha_exc") if v in population.variables]
    monitor = net.monitor(population, [*names, *(["spike"] if population.is_spiking else [])])
    net.compile(backend=backend)
    net.simulate(n_steps * dt_ms)
    return population, monitor.get()


# -- leaky integrator -------------------------------------------------------------------------------------


@BACKENDS
def test_leaky_integrator_is_exact_for_a_constant_input(backend: str) -> None:
    baseline = np.array([1.0, 0.2, -0.5])

    _, data = run(models.LeakyIntegrator(tau=7.0, T=0.3), 60, 0.5, 3, backend, B=baseline)

    t = 0.5 * np.arange(1, 61)[:, None]
    v = baseline * (1.0 - np.exp(-t / 7.0))
    np.testing.assert_allclose(data["v"], v, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(data["r"], np.maximum(v - 0.3, 0.0), rtol=1e-13, atol=1e-13)


@BACKENDS
def test_leaky_integrator_adds_excitation_and_subtracts_inhibition(backend: str) -> None:
    net = eg.Network(dt=1.0, seed=1)
    source = net.create(2, eg.Neuron(parameters="r = 0.0", equations=""))
    source.r = [3.0, 1.0]
    population = net.create(1, models.LeakyIntegrator(tau=10.0, B=0.5))
    net.connect(source, population, "exc").all_to_all(weights=2.0)
    net.connect(source, population, "inh").all_to_all(weights=0.25)
    net.compile(backend=backend)

    net.simulate(5.0)

    assert population.v[0] == pytest.approx((8.0 - 1.0 + 0.5) * (1.0 - np.exp(-0.5)), rel=1e-13)


# -- Izhikevich -------------------------------------------------------------------------------------------


def izhikevich_loop(current: Array, n_steps: int, dt_ms: float, a: float, b: float, c: float, d: float) -> Any:
    """Euler's method for the equations of the paper; returns v, u, spikes as (steps, n)."""
    v, u = np.full(len(current), c), np.full(len(current), b * c)
    rows = []
    for _ in range(n_steps):
        dv = 0.04 * (v * v) + 5.0 * v + 140.0 - u + current
        du = a * (b * v - u)
        v, u = v + dt_ms * dv, u + dt_ms * du
        fired = v > 30.0
        v, u = np.where(fired, c, v), np.where(fired, u + d, u)
        rows.append((v, u, fired))
    return (np.array(x) for x in zip(*rows, strict=True))


@BACKENDS
def test_izhikevich_equals_a_loop_of_the_same_update_to_the_bit(backend: str) -> None:
    current = np.linspace(0.0, 15.0, 7)

    _, data = run(models.Izhikevich(a=0.1, d=2.0), 400, 0.5, 7, backend, i_offset=current)

    v, u, fired = izhikevich_loop(current, 400, 0.5, 0.1, 0.2, -65.0, 2.0)
    assert data["v"].tobytes() == v.tobytes()
    assert data["u"].tobytes() == u.tobytes()
    assert [data["spike"][k] for k in range(7)] == [np.flatnonzero(fired[:, k]).tolist() for k in range(7)]
    assert fired.sum() > 50


@pytest.mark.cc
def test_izhikevich_rests_where_the_nullclines_cross() -> None:
    """0.04 v^2 + 5 v + 140 - 0.2 v = 0 has the roots -70 and -50; the lower one is stable."""
    _, data = run(models.Izhikevich(), 8000, 0.5)

    assert data["v"][-1, 0] == pytest.approx(-70.0, abs=1e-9)
    assert data["u"][-1, 0] == pytest.approx(-14.0, abs=1e-9)
    assert data["spike"][0] == []


@pytest.mark.cc
def test_izhikevich_fires_from_the_current_at_which_rest_loses_its_stability() -> None:
    """Rest is stable while 0.08 v + 5 < a, so to v = -62.25 and I = -(0.04 v^2 + 4.8 v + 140) = 3.7975."""
    _, data = run(models.Izhikevich(), 20000, 0.1, 3, i_offset=[3.7, 3.9, 10.0])

    late = [sum(n > 10000 for n in data["spike"][k]) for k in range(3)]
    intervals = np.diff(data["spike"][2])
    assert late[0] == 0
    assert 0 < late[1] < late[2]
    assert intervals[0] < intervals[1] == pytest.approx(intervals[-1], abs=2)  # spike-frequency adaptation


@BACKENDS
def test_izhikevich_noise_has_the_deviation_asked_for(backend: str) -> None:
    net = eg.Network(dt=1.0, seed=5)
    population = net.create(4000, models.Izhikevich(noise=2.5))
    monitor = net.monitor(population, "I")
    net.compile(backend=backend)

    net.step()

    current = monitor.get("I")[0]
    assert abs(current.mean()) < 4.0 * 2.5 / np.sqrt(4000)
    assert current.std() == pytest.approx(2.5, rel=4.0 / np.sqrt(8000))


@BACKENDS
def test_izhikevich_input_acts_in_one_step(backend: str) -> None:
    net = eg.Network(dt=1.0, seed=5)
    once = net.create(1, eg.Neuron(equations="x = t", spike="x == 2.0"))
    population = net.create(1, models.Izhikevich())
    net.connect(once, population, "exc").all_to_all(weights=3.0)
    net.connect(once, population, "inh").all_to_all(weights=1.0)
    monitor = net.monitor(population, "I")
    net.compile(backend=backend)

    net.simulate(6.0)

    assert monitor.get("I")[:, 0].tolist() == [0.0, 0.0, 0.0, 2.0, 0.0, 0.0]


# -- leaky integrate-and-fire -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", [models.IF_curr_exp, models.IF_cond_exp, models.IF_curr_alpha, models.IF_cond_alpha])
@BACKENDS
def test_integrate_and_fire_below_threshold_is_exact(model: type[eg.Neuron], backend: str) -> None:
    current = np.array([0.0, 0.3, 0.74, -1.0])

    _, data = run(model(cm=0.5, tau_m=10.0), 300, 0.1, 4, backend, i_offset=current)

    t = 0.1 * np.arange(1, 301)[:, None]
    np.testing.assert_allclose(data["v"], -65.0 + current * 20.0 * (1.0 - np.exp(-t / 10.0)), rtol=1e-12)


@pytest.mark.cc
@each("model", [models.IF_curr_exp, models.IF_cond_exp, models.IF_curr_alpha, models.IF_cond_alpha])
def test_integrate_and_fire_intervals_have_their_closed_form(model: type[eg.Neuron]) -> None:
    """The potential passes the threshold tau*log(RI/(RI - 15)) after a reset, and rests before that."""
    current, dt_ms, tau_refrac = np.array([0.74, 0.8, 1.0, 1.5, 3.0]), 0.1, 2.0

    _, data = run(model(tau_refrac=tau_refrac), 10000, dt_ms, 5, i_offset=current)

    drive = 20.0 * current[1:]
    rise = np.floor(20.0 * np.log(drive / (drive - 15.0)) / dt_ms) + 1.0  # steps until v > v_thresh
    assert data["spike"][0] == []
    for k, steps in enumerate(rise, start=1):
        first, period = int(steps) - 1, int(steps + tau_refrac / dt_ms)
        assert data["spike"][k] == list(range(first, 10000, period))


WEIGHT = 0.001


def pulse(model: eg.Neuron, dt_ms: float, variables: list[str]) -> dict[str, Array]:
    """Let one excitatory spike arrive at time 1, too weak to make the neuron fire; record 20 ms."""
    net = eg.Network(dt=dt_ms, seed=1)
    once = net.create(1, eg.Neuron(equations="x = t", spike="x < dt/2"))
    population = net.create(1, model)
    net.connect(once, population, "exc").all_to_all(weights=WEIGHT, delays=1.0)
    monitor = net.monitor(population, variables)
    net.compile()
    net.simulate(20.0)
    return {name: values[:, 0] for name, values in monitor.get().items()}


ALPHA = [models.IF_curr_alpha, models.IF_cond_alpha, models.EIF_cond_alpha_isfa_ista]
EXPONENTIAL = [models.IF_curr_exp, models.IF_cond_exp, models.EIF_cond_exp_isfa_ista, models.HH_cond_exp]


@pytest.mark.cc
@each("model", ALPHA)
def test_alpha_function_is_right_to_second_order(model: type[eg.Neuron]) -> None:
    """w (s/tau) exp(1 - s/tau): the dt in gmax cancels the first-order error."""
    errors, steps = [], [0.5, 0.25, 0.125, 0.0625]
    for dt_ms in steps:
        trace = pulse(model(tau_syn_E=3.0), dt_ms, ["alpha_exc"])["alpha_exc"] / WEIGHT
        s = np.maximum(dt_ms * np.arange(1, len(trace) + 1) - 1.0, 0.0)
        errors.append(np.abs(trace - s / 3.0 * np.exp(1.0 - s / 3.0)).max())

    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(2.0, abs=0.05)
    assert errors[-1] < 1e-3


@pytest.mark.cc
@each("model", EXPONENTIAL)
def test_conductance_decays_exactly(model: type[eg.Neuron]) -> None:
    trace = pulse(model(tau_syn_E=3.0), 0.1, ["g_exc"])["g_exc"]

    # a sample is the value after arrivals and before the decay of its step
    s = 0.1 * np.arange(len(trace)) - 1.0
    np.testing.assert_allclose(trace, np.where(s > -0.05, WEIGHT * np.exp(-s / 3.0), 0.0), rtol=1e-12)


REFRACTORY = {"tau_refrac": 5.0, "tau_syn_E": 2.0}


@pytest.mark.parametrize("model", [models.IF_curr_alpha, models.IF_cond_alpha])
@BACKENDS
def test_input_that_arrives_as_a_refractory_period_begins_acts_after_it(model: type[eg.Neuron], backend: str) -> None:
    """A spike in step 0, an input in step 1: from 5.1 ms on the potential follows the alpha function that it began."""
    is_current, dt_ms, ends = model is models.IF_curr_alpha, 0.05, {}
    for way in ("published", "annarchy"):
        net = eg.Network(dt=dt_ms, seed=1)
        once = net.create(1, eg.Neuron(equations="x = t", spike="x < dt/2"))
        population = net.create(1, model(refractoriness=way, **REFRACTORY))
        population.v = -40.0
        net.connect(once, population, "exc").all_to_all(weights=2.0 if is_current else 0.03)
        monitor = net.monitor(population, ["v", "spike"])
        net.compile(backend=backend)
        net.simulate(12.0)
        assert monitor.get("spike")[0] == [0]
        ends[way] = monitor.get("v")[:, 0]

    def rate(t_ms: float, v: Array) -> Array:
        s = (t_ms - dt_ms) / 2.0
        alpha = s * np.exp(1.0 - s)
        return np.asarray((-65.0 - v) / 20.0 + (2.0 * alpha if is_current else 0.03 * alpha * (0.0 - v)))

    first = round(5.0 / dt_ms) + 1
    t = dt_ms * np.arange(first + 1, len(ends["published"]) + 1)
    v = solve_ivp(rate, (first * dt_ms, 12.0 + 1e-9), [-65.0], t_eval=t, rtol=1e-10, atol=1e-12).y[0]
    assert np.all(ends["published"][:first] == -65.0)
    assert v[-1] > -63.0
    np.testing.assert_allclose(ends["published"][first:], v, atol=0.03)
    assert v[-1] - ends["annarchy"][-1] > 1.0


@each(
    ("model", "argument"),
    [(models.IF_cond_alpha, "refractoriness"), (models.GIF_curr, "refractoriness"), (models.HH_cond_exp, "rates")],
)
def test_other_ways_than_the_two_are_refused(model: type[eg.Neuron], argument: str) -> None:
    with pytest.raises(
        InvalidArgument, match=rf"{model.__name__}: {argument} must be '\w+' or 'annarchy', not 'neuron'"
    ):
        model(**{argument: "neuron"})


# -- adaptive exponential ---------------------------------------------------------------------------------

ADAPTIVE = [models.EIF_cond_exp_isfa_ista, models.EIF_cond_alpha_isfa_ista]


def adaptive_rest(current_nA: Array) -> Array:
    """The lower root of -(v - E) + D exp((v - T)/D) - (a (v - E) - I)/g, by bisection below the threshold."""
    g = 0.281 / 9.3667
    low, high = np.full(len(current_nA), -90.0), np.full(len(current_nA), -50.4)
    for _ in range(100):
        v = (low + high) / 2.0
        force = -(v + 70.6) + 2.0 * np.exp((v + 50.4) / 2.0) + (current_nA - 0.004 * (v + 70.6)) / g
        low, high = np.where(force > 0.0, v, low), np.where(force > 0.0, high, v)
    return low


@pytest.mark.cc
@each("model", ADAPTIVE)
def test_adaptive_neuron_rests_at_the_fixed_point(model: type[eg.Neuron]) -> None:
    current = np.array([-0.2, 0.0, 0.2, 0.4])

    _, data = run(model(), 40000, 0.1, 4, i_offset=current)

    v = adaptive_rest(current)
    np.testing.assert_allclose(data["v"][-1], v, rtol=1e-9)
    np.testing.assert_allclose(data["w"][-1], 0.004 * (v + 70.6), atol=1e-9)
    assert sum(map(len, data["spike"].values())) == 0


@pytest.mark.cc
@each("model", ADAPTIVE)
def test_adaptive_neuron_loses_its_rest_at_the_published_current(model: type[eg.Neuron]) -> None:
    """Touboul & Brette 2008, Biol Cybern 99:319-334: where tau_m/tau_w < a/g rest ends by a Hopf bifurcation."""
    g, a = 0.281 / 9.3667, 0.004
    ratio = 9.3667 / 144.0
    published = (g + a) * (20.2 - 2.0 + 2.0 * np.log(1.0 + ratio)) + 2.0 * g * (a / g - ratio)
    current = published + np.array([-0.002, 0.002])
    v = -50.4 + 2.0 * np.log(1.0 + ratio) + np.array([-0.05, 0.05])  # near the fixed point there

    _, data = run(model(), 300000, 0.01, 2, i_offset=current, v=adaptive_rest(current) + 0.001, w=a * (v + 70.6))

    assert data["spike"][0] == []
    assert data["spike"][1] != []


@pytest.mark.cc
def test_adaptation_grows_by_b_at_each_spike() -> None:
    _, data = run(models.EIF_cond_exp_isfa_ista(a=0.0, i_offset=1.0, tau_refrac=0.0), 3000, 0.1)

    spikes, w = data["spike"][0], data["w"][:, 0]
    assert len(spikes) > 5
    for n in spikes:
        assert w[n] == pytest.approx(w[n - 1] * (1.0 - 0.1 / 144.0) + 0.0805, rel=1e-12)


@pytest.mark.cc
def test_adaptation_goes_on_in_the_refractory_period() -> None:
    """Against an independent integration of the paper's equations; in ANNarchy's way the second spike is 5 ms late."""

    def rate(y: Array) -> Array:
        onset = 2.0 * np.exp((y[0] + 50.4) / 2.0)
        return np.array([(-70.6 - y[0] + onset + 9.3667 / 0.281 * (0.6 - y[1])) / 9.3667, -y[1] / 144.0])

    cell = Cell(rate, (-68.0, 0.0), -40.0, lambda y: np.array([-68.0, y[1] + 0.0805]), 5.0, (0,))
    expected = integrate(cell, np.array([600.0])).spikes

    found = {}
    for way in ("published", "annarchy"):
        model = models.EIF_cond_exp_isfa_ista(
            tau_refrac=5.0, a=0.0, i_offset=0.6, v_reset=-68.0, b=0.0805, refractoriness=way
        )
        found[way] = 0.01 * (np.array(run(model, 60000, 0.01)[1]["spike"][0]) + 1.0)

    np.testing.assert_allclose(found["published"], expected, rtol=1e-3)
    assert len(expected) == len(found["annarchy"]) > 3
    assert found["annarchy"][0] == found["published"][0]
    assert found["annarchy"][1] - found["published"][1] > 4.0


def wall_loop(n_steps: int, dt_ms: float, rest: int) -> list[int]:
    """Euler's method for an integrate-and-fire neuron with adaptation and the threshold -50.4; 1 nA, b = 0.02."""
    v, w, spikes, left = -70.6, 0.0, list[int](), 0
    for n in range(n_steps):
        dv, dw = (-70.6 - v) / 9.3667 + (1.0 - w) / 0.281, -w / 144.0
        v, w = v + dt_ms * dv * (left == 0), w + dt_ms * dw
        if left == 0 and v > -50.4:
            spikes.append(n)
            v, w, left = -70.6, w + 0.02, rest
        else:
            left = max(left - 1, 0)
    return spikes


@pytest.mark.parametrize("model", ADAPTIVE)
@BACKENDS
def test_adaptive_neuron_without_onset_spikes_at_its_threshold(model: type[eg.Neuron], backend: str) -> None:
    """The limit of small delta_T, also for some neurons of a population: the first passage takes 8.73 ms."""
    onset = np.array([0.0, 0.0, 1e-3, 0.1, 2.0])

    _, data = run(model(i_offset=1.0, a=0.0, b=0.02, tau_refrac=2.0, delta_T=0.0), 600, 0.1, 5, backend, delta_T=onset)

    spikes = [data["spike"][k] for k in range(5)]
    assert np.isfinite(data["v"]).all()
    assert np.isfinite(data["w"]).all()
    assert spikes[0] == spikes[1] == wall_loop(600, 0.1, 20)
    assert spikes[0][0] == int(9.3667 * np.log(100 / 3 / (100 / 3 - 20.2)) / 0.1) - 1
    assert [spikes[0][0], spikes[2][0]] == [86, 87]  # an onset of no width, but of a step
    assert spikes[2][0] < spikes[3][0] < spikes[4][0]


# -- Hodgkin and Huxley -----------------------------------------------------------------------------------


@pytest.mark.parametrize("v", [-48.0, -50.0, -23.0])
@BACKENDS
def test_hodgkin_huxley_rates_have_their_limits_where_they_are_0_over_0(v: float, backend: str) -> None:
    population, data = run(models.HH_cond_exp(), 1, 0.01, 1, backend, v=v)

    x = v + 63.0
    limit = {15.0: ("an", 0.16), 13.0: ("am", 1.28), 40.0: ("bm", 1.4)}[x]
    assert population.get(limit[0])[0] == pytest.approx(limit[1], rel=1e-15)
    assert np.isfinite(data["v"]).all()


@pytest.mark.cc
@each("rates", ["traub", "annarchy"])
def test_hodgkin_huxley_rests_where_all_currents_cancel(rates: str) -> None:
    population, data = run(models.HH_cond_exp(rates=rates), 20000, 0.05)

    v, x = data["v"][-1, 0], data["v"][-1, 0] + 63.0
    an, bn = 0.032 * (15 - x) / np.expm1((15 - x) / 5), 0.5 * np.exp((10 - x) / 40)
    am, bm = 0.32 * (13 - x) / np.expm1((13 - x) / 4), 0.28 * (x - 40) / np.expm1((x - 40) / 5)
    ah, bh = 0.128 * np.exp((17 - x) / 18), 4 / (1 + np.exp((40 - x) / 5 if rates == "traub" else 10 - x))
    n, m, h = an / (an + bn), am / (am + bm), ah / (ah + bh)
    current = 0.01 * (-65 - v) + 6 * n**4 * (-90 - v) + 20 * m**3 * h * (50 - v)
    assert abs(current) < 1e-9
    assert [population.get(k)[0] for k in "nmh"] == pytest.approx([n, m, h], rel=1e-9)


@pytest.mark.cc
def test_hodgkin_huxley_fires_again_and_again_at_a_constant_current() -> None:
    """Faster with more current; with ANNarchy's inactivation of sodium it never does."""
    current = [0.1, 0.2, 0.5, 1.0, 2.0]

    found = {
        rates: [
            len(x) for x in run(models.HH_cond_exp(rates=rates), 20000, 0.01, 5, i_offset=current)[1]["spike"].values()
        ]
        for rates in ("traub", "annarchy")
    }

    assert found["traub"] == sorted(found["traub"])
    assert min(found["traub"][1:]) > 5
    assert max(found["annarchy"]) <= 1


# -- generalized integrate-and-fire -----------------------------------------------------------------------

ESCAPE = [models.GIF_curr, models.GIF_curr_exp]


@pytest.mark.parametrize("model", ESCAPE)
@BACKENDS
def test_escape_neuron_fires_at_the_hazard(model: type[eg.Neuron], backend: str) -> None:
    """u stays 5 mV above v = u_th: 10*exp(1) Hz, one draw per neuron and step."""
    n, n_steps = 500, 400
    _, data = run(model(u_r=-45.0, I_ext=0.0, J_v=0.0), n_steps, 1.0, n, backend)

    counts = np.array([len(data["spike"][k]) for k in range(n)])
    p = 0.01 * np.e
    assert counts.sum() == pytest.approx(n * n_steps * p, abs=4.0 * np.sqrt(n * n_steps * p * (1.0 - p)))
    assert counts.var() == pytest.approx(n_steps * p * (1.0 - p), rel=4.0 * np.sqrt(2.0 / n))


@pytest.mark.cc
@each("model", ESCAPE)
def test_escape_neuron_charges_to_first_order(model: type[eg.Neuron]) -> None:
    """Without hazard u goes to u_r + R*I_ext = -65 + 15 mV: Euler's method, the network's default."""
    errors, steps = [], [0.4, 0.2, 0.1, 0.05]
    for dt_ms in steps:
        _, data = run(model(c=0.0), round(20.0 / dt_ms), dt_ms)
        t = dt_ms * np.arange(1, len(data["u"]) + 1)
        errors.append(np.abs(data["u"][:, 0] - (-50.0 - 15.0 * np.exp(-t / 10.0))).max())

    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("way", ["published", "annarchy"])
@pytest.mark.parametrize("make", ESCAPE)
@BACKENDS
def test_escape_neuron_raises_its_threshold_and_rests(make: type[eg.Neuron], way: str, backend: str) -> None:
    """A hazard above 1000/dt: a spike in every step that is not refractory. The threshold decays in all of them."""
    model = make(c=1e30, refractory_period=3.0, refractoriness=way)

    population, data = run(model, 9, 1.0, 1, backend)

    assert data["spike"][0] == [0, 4, 8]
    v = -50.0
    for step in range(9):
        if way == "published" or step in (0, 4, 8):
            v = v + 1.0 * (-(v + 50.0) / 1000.0)
        v += 1.0 if step in (0, 4, 8) else 0.0
    assert population.v[0] == pytest.approx(v, rel=1e-12)
    assert population.u[0] == -65.0


@BACKENDS
def test_escape_current_decays_by_the_method_of_the_network(backend: str) -> None:
    net = eg.Network(dt=1.0, seed=1)
    population = net.create(1, models.GIF_curr_exp(c=0.0))
    population.g_exc = 100.0
    net.compile(backend=backend)

    net.simulate(2.0)

    assert population.g_exc[0] == pytest.approx(100.0 * 0.8**2, rel=1e-14)
    # u reads the current before its decay: -65, then with 100 pA, then with 80 pA
    u = -65.0
    for g in (100.0, 80.0):
        u += (-u - 65.0 + 15.0 + 0.04 * g) / 10.0
    assert population.u[0] == pytest.approx(u, rel=1e-14)
