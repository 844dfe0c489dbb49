"""Synapses against closed forms, and against NumPy loops of the same update. Elapsed times are the true ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import engram as eg
from engram import models
from tests.cases import each

Array = npt.NDArray[np.float64]
BACKENDS = pytest.mark.parametrize("backend", ["numpy", pytest.param("c", marks=pytest.mark.cc)])
EQUAL = {"rtol": 1e-12, "atol": 1e-14}


def once(net: eg.Network, at_ms: Array, name: str) -> Any:
    """Create neurons that spike once each, at the given times, whatever arrives."""
    neuron = eg.Neuron(parameters="at = 0.0", equations="x = g_exc", spike="abs(t - at) < dt/2.0", name="once")
    population = net.create(len(at_ms), neuron, name=name)
    population.at = at_ms
    return population


def weights(projection: Any) -> Array:
    return np.array(projection.w, np.float64)


# -- rate-coded -------------------------------------------------------------------------------------------


def learn(synapse: eg.Synapse, start: Array, inputs: Array, dt_ms: float, backend: str, linear: bool = True) -> Any:
    """Show inputs (steps, pre) to neurons whose rates are their summed inputs; return the projection and all rates."""
    net = eg.Network(dt=dt_ms, seed=1)
    pre = net.create(inputs.shape[1], eg.Neuron(parameters="r = 0.0", name="input"))
    post = net.create(len(start), eg.Neuron(equations="r = sum(exc)" if linear else "r = 2.0 + sum(exc)", name="sum"))
    projection = net.connect(pre, post, "exc", synapse)
    projection.all_to_all(weights=0.0, force_multiple_weights=True)
    net.compile(backend=backend)
    projection.w = start.tolist()
    rates = []
    for row in inputs:
        pre.r = row
        net.step()
        rates.append(post.r)
    return projection, np.array(rates)


def random_inputs(n_steps: int, n: int) -> Array:
    return np.random.default_rng(3).uniform(-0.2, 1.0, (n_steps, n))


START = np.random.default_rng(4).uniform(0.0, 0.5, (3, 5))


def hebb(w: Array, pre: Array, post: Array, theta: Array, dt_ms: float) -> Array:
    return w + dt_ms * (0.02 * pre * post)


def oja(w: Array, pre: Array, post: Array, theta: Array, dt_ms: float) -> Array:
    return w + dt_ms * (0.02 * (pre * post - 0.7 * post**2 * w))


def ibcm(w: Array, pre: Array, post: Array, theta: Array, dt_ms: float) -> Array:
    return w + dt_ms * (0.02 * post * (post - theta) * pre)


RULES = {
    "Hebb": (models.Hebb(eta=0.02), hebb),
    "Oja": (models.Oja(eta=0.02, alpha=0.7), oja),
    "IBCM": (models.IBCM(eta=0.02, tau=20.0), ibcm),
}


@pytest.mark.parametrize("rule", RULES)
@BACKENDS
def test_rule_equals_a_loop_of_the_same_update(rule: str, backend: str) -> None:
    """Weights see the rates of the same step, and theta after its change: what is per neuron comes first."""
    synapse, update = RULES[rule]
    inputs, dt_ms = random_inputs(60, 5), 0.5

    projection, rates = learn(synapse, START, inputs, dt_ms, backend)

    w, theta = START.copy(), np.zeros((3, 1))
    for pre, rate in zip(inputs, rates, strict=True):
        post = (w * pre).sum(axis=1)
        np.testing.assert_allclose(rate, post, **EQUAL)
        theta = theta + (1.0 - np.exp(-dt_ms / 20.0)) * (post[:, None] ** 2 - theta)
        w = np.maximum(update(w, pre, post[:, None], theta, dt_ms), 0.0)
    np.testing.assert_allclose(weights(projection), w, **EQUAL)
    if rule == "IBCM":
        np.testing.assert_allclose(np.ravel(projection.theta), theta[:, 0], **EQUAL)


@pytest.mark.cc
@each("rule", ["Hebb", "Oja"])
def test_rule_gives_the_same_bits_compiled_and_interpreted(rule: str) -> None:
    results = [learn(RULES[rule][0], START, random_inputs(60, 5), 0.5, backend) for backend in ("numpy", "c")]

    assert weights(results[0][0]).tobytes() == weights(results[1][0]).tobytes()
    assert results[0][1].tobytes() == results[1][1].tobytes()


@BACKENDS
def test_weights_stop_at_zero(backend: str) -> None:
    inputs = np.tile([[-1.0, 1.0]], (20, 1))

    projection, rates = learn(models.Hebb(eta=0.5), np.array([[0.3, 0.2]]), inputs, 1.0, backend, linear=False)

    # the first synapse falls by 0.5*post in each step; 2.0 + sum is the rate
    assert weights(projection)[0, 0] == 0.0
    assert (rates > 0.0).all()


@BACKENDS
def test_hebb_grows_exponentially_with_a_constant_input(backend: str) -> None:
    """w = x*y0/|x|^2 (1 + eta |x|^2 dt)^n where w starts along x."""
    x, n_steps = np.array([0.5, 1.0, 0.2]), 40

    projection, _ = learn(models.Hebb(), 0.1 * x[None, :], np.tile(x, (n_steps, 1)), 1.0, backend)

    np.testing.assert_allclose(weights(projection)[0], 0.1 * x * (1.0 + 0.01 * (x @ x)) ** n_steps, **EQUAL)


@pytest.mark.cc
def test_oja_goes_to_the_principal_component_of_length_one_over_root_alpha() -> None:
    x = np.array([0.5, 1.0, 0.2])
    inputs = np.tile(x, (400, 1)) * np.random.default_rng(1).choice([1.0, 0.5], 400)[:, None]

    projection, _ = learn(models.Oja(eta=0.1, alpha=4.0), np.array([[0.3, 0.1, 0.9]]), inputs, 1.0, "c")

    np.testing.assert_allclose(weights(projection)[0], x / np.linalg.norm(x) / 2.0, rtol=1e-9)


@pytest.mark.cc
def test_ibcm_settles_where_the_rate_is_its_own_square() -> None:
    x = np.array([0.5, 1.0])

    projection, rates = learn(models.IBCM(eta=0.05, tau=5.0), np.array([[0.4, 0.3]]), np.tile(x, (2000, 1)), 1.0, "c")

    assert rates[-1, 0] == pytest.approx(1.0, rel=1e-6)
    assert np.ravel(projection.theta)[0] == pytest.approx(1.0, rel=1e-6)


@BACKENDS
def test_ibcm_threshold_follows_the_squared_rate_exactly(backend: str) -> None:
    """One theta per postsynaptic neuron, (1 - exp(-t/tau)) r^2 for a rate that stays."""
    net = eg.Network(dt=1.0, seed=1)
    pre = net.create(4, eg.Neuron(parameters="r = 0.0", name="input"))
    post = net.create(2, eg.Neuron(parameters="r = 0.0", name="output"))
    pre.r, post.r = 0.0, [2.0, 3.0]
    projection = net.connect(pre, post, "exc", models.IBCM())
    projection.all_to_all(weights=0.5)
    net.compile(backend=backend)

    net.simulate(50.0)

    np.testing.assert_allclose(np.ravel(projection.theta), np.array([4.0, 9.0]) * -np.expm1(-50.0 / 2000.0), rtol=1e-12)
    assert (weights(projection) == 0.5).all()


# -- short-term plasticity --------------------------------------------------------------------------------


def amplitudes(synapse: eg.Synapse, interval: int, n: int, backend: str, dt_ms: float = 1.0, delay: float = 1.0) -> Any:
    """Send n spikes, one every ``interval`` steps, through a synapse of weight 2; return what each added to g."""
    net = eg.Network(dt=dt_ms, seed=1)
    source = net.create(1, eg.Neuron(parameters=f"every = {interval} : int", spike="modulo(round(t/dt), every) == 0"))
    target = net.create(1, eg.Neuron(equations="x = g_exc", spike="x > 1000000.0"))
    projection = net.connect(source, target, "exc", synapse)
    projection.all_to_all(weights=2.0, delays=delay)
    monitor = net.monitor(target, "g_exc")
    net.compile(backend=backend)
    net.simulate((interval * (n - 1) + 1) * dt_ms + delay)
    g = monitor.get("g_exc")[:, 0]
    return projection, g[round(delay / dt_ms) :: interval]


CASES = {"depressing": (100.0, 0.01, 0.5), "facilitating": (20.0, 300.0, 0.1), "mixed": (130.0, 530.0, 0.3)}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("delay", [1.0, 7.0])
@BACKENDS
def test_short_term_plasticity_follows_tsodyks_and_markram(case: str, delay: float, backend: str) -> None:
    tau_rec, tau_facil, use = CASES[case]
    interval, n = 15, 12

    _, g = amplitudes(models.STP(tau_rec, tau_facil, use), interval, n, backend, delay=delay)

    recovered, kept = np.exp(-interval / tau_rec), np.exp(-interval / tau_facil)
    x, u, expected = 1.0, use, []
    for _ in range(n):
        expected.append(2.0 * u * x)
        x, u = 1.0 + (x * (1.0 - u) - 1.0) * recovered, use + (u + use * (1.0 - u) - use) * kept
    np.testing.assert_allclose(g[:n], expected, rtol=1e-12)


@pytest.mark.cc
@each("case", CASES)
@each("dt_ms", [1.0, 0.25])
def test_regular_spikes_reach_the_steady_state_whatever_the_step(case: str, dt_ms: float) -> None:
    """u = U/(1 - (1 - U) f), x = (1 - e)/(1 - (1 - u) e), with f and e the decays over one interval."""
    tau_rec, tau_facil, use = CASES[case]
    interval_ms = 20.0

    _, g = amplitudes(models.STP(tau_rec, tau_facil, use), round(interval_ms / dt_ms), 400, "c", dt_ms)

    e, f = np.exp(-interval_ms / tau_rec), np.exp(-interval_ms / tau_facil)
    u = use / (1.0 - (1.0 - use) * f)
    x = (1.0 - e) / (1.0 - (1.0 - u) * e)
    assert g[-1] == pytest.approx(2.0 * u * x, rel=1e-9)


@BACKENDS
def test_first_spike_uses_what_is_used_at_rest(backend: str) -> None:
    projection, g = amplitudes(models.STP(U=0.3), 50, 1, backend)

    assert g[0] == pytest.approx(2.0 * 0.3, rel=1e-15)
    assert projection.x[0][0] == pytest.approx(0.7, rel=1e-15)
    assert projection.u[0][0] == pytest.approx(0.3 + 0.3 * 0.7, rel=1e-15)


# -- spike-timing dependent plasticity --------------------------------------------------------------------

LAGS = np.array([-60.0, -33.0, -20.0, -7.0, -2.0, -1.0, 0.0, 1.0, 2.0, 8.0, 20.0, 41.0, 60.0])


@pytest.mark.parametrize("delay", [1.0, 4.0])
@pytest.mark.parametrize("dt_ms", [1.0, 0.5])
@BACKENDS
def test_isolated_pairs_trace_the_window(delay: float, dt_ms: float, backend: str) -> None:
    """The lag counts from the arrival of the presynaptic spike; at lag 0 the arrival comes first."""
    net = eg.Network(dt=dt_ms, seed=1)
    pre = once(net, np.full(len(LAGS), 100.0 - delay), "pre")
    post = once(net, 100.0 + LAGS, "post")
    synapse = models.STDP(tau_plus=17.0, tau_minus=34.0, A_plus=0.02, A_minus=0.015, w_max=2.0)
    projection = net.connect(pre, post, "exc", synapse)
    projection.one_to_one(weights=1.0, delays=delay)
    net.compile(backend=backend)

    net.simulate(200.0)

    change = weights(projection)[:, 0] - 1.0
    window = np.where(LAGS >= 0.0, 0.04 * np.exp(-LAGS / 17.0), -0.03 * np.exp(LAGS / 34.0))
    np.testing.assert_allclose(change, window, rtol=1e-11)


def all_pairs(pre: list[int], post: list[int], n_steps: int, delay: int, synapse: dict[str, float]) -> float:
    """Sum over all earlier spikes at each event: the arrivals of a step come before its postsynaptic spikes."""
    w, arrivals = synapse["w"], [n + delay for n in pre]
    for n in range(n_steps):
        if n in arrivals:
            y = sum(np.exp(-(n - m) / synapse["tau_minus"]) for m in post if m < n)
            w = min(max(w - synapse["A_minus"] * y * synapse["w_max"], synapse["w_min"]), synapse["w_max"])
        if n in post:
            x = sum(np.exp(-(n - m) / synapse["tau_plus"]) for m in arrivals if m <= n)
            w = min(max(w + synapse["A_plus"] * x * synapse["w_max"], synapse["w_min"]), synapse["w_max"])
    return w


@pytest.mark.parametrize("delay", [1, 3])
@BACKENDS
def test_weights_add_up_over_all_pairs_of_spikes(delay: int, backend: str) -> None:
    net = eg.Network(dt=1.0, seed=8)
    noisy = eg.Neuron(equations="x = g_exc; p = Uniform(0.0, 1.0)", spike="p < 0.1")
    pre, post = net.create(6, noisy, name="pre"), net.create(5, noisy, name="post")
    values = {"tau_plus": 12.0, "tau_minus": 25.0, "A_plus": 0.2, "A_minus": 0.08, "w_min": 0.1, "w_max": 0.9}
    projection = net.connect(pre, post, "exc", models.STDP(**values))
    projection.all_to_all(weights=0.4, delays=float(delay))
    monitors = [net.monitor(p, "spike") for p in (pre, post)]
    net.compile(backend=backend)

    net.simulate(150.0)

    before, after = (m.get("spike") for m in monitors)
    expected = [[all_pairs(before[j], after[i], 150, delay, {**values, "w": 0.4}) for j in range(6)] for i in range(5)]
    np.testing.assert_allclose(weights(projection), expected, rtol=1e-11)
    assert (weights(projection) == 0.9).any()
    assert (weights(projection) == 0.1).any()


@BACKENDS
def test_arrival_transmits_the_weight_from_before_its_change(backend: str) -> None:
    net = eg.Network(dt=1.0, seed=1)
    pre, post = once(net, np.array([20.0]), "pre"), once(net, np.array([15.0]), "post")
    projection = net.connect(pre, post, "exc", models.STDP(A_minus=0.5))
    projection.all_to_all(weights=0.8)
    monitor = net.monitor(post, "g_exc")
    net.compile(backend=backend)

    net.simulate(30.0)

    assert monitor.get("g_exc")[:, 0].max() == 0.8
    assert weights(projection)[0, 0] == pytest.approx(0.8 - 0.5 * np.exp(-6.0 / 20.0), rel=1e-12)
