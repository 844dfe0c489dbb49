"""Every neuron that is an ODE against an independent integration: errors, their order, spikes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.driven import DRIVEN, reference, simulated, slope, spike_errors, trace_error
from benchmarks.independent import Arrival, Cell, integrate
from tests.cases import each

# name: largest error of the potential in mV at the finest step, spikes, largest error of a spike's time in steps
EXPECTED = {
    "Izhikevich": (0.02, 5, 20.0),
    "IF_curr_exp": (0.001, 3, 2.0),
    "IF_cond_exp": (0.001, 3, 2.0),
    "IF_curr_alpha": (0.001, 3, 4.0),
    "IF_cond_alpha": (0.001, 3, 4.0),
    "EIF_cond_exp_isfa_ista": (0.003, 10, 18.0),
    "EIF_cond_alpha_isfa_ista": (0.003, 10, 16.0),
    "HH_cond_exp": (0.003, 3, 18.0),
}


def test_expectations_cover_every_driven_neuron() -> None:
    assert list(EXPECTED) == list(DRIVEN)


@pytest.mark.cc
@pytest.mark.parametrize("name", DRIVEN)
def test_error_falls_at_the_order_of_the_method(name: str) -> None:
    driven = DRIVEN[name]

    errors = [trace_error(name, dt_ms) for dt_ms in driven.steps_ms]

    assert slope(driven.steps_ms, errors) == pytest.approx(driven.order, abs=0.05)
    halvings = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all(np.abs(np.diff(np.abs(halvings - driven.order))) < 0.05)
    assert abs(halvings[-1] - driven.order) < 0.01
    assert errors[-1] < EXPECTED[name][0]


@pytest.mark.cc
@each("name", DRIVEN)
def test_spikes_are_as_many_and_come_when_they_should(name: str) -> None:
    _, number, steps = EXPECTED[name]

    for dt_ms in DRIVEN[name].steps_ms:
        assert len(simulated(name, dt_ms).spikes) == number
        assert np.abs(spike_errors(name, dt_ms)).max() <= steps * dt_ms


@pytest.mark.cc
@pytest.mark.parametrize("name", DRIVEN)
def test_interpreter_and_compiled_kernels_agree(name: str) -> None:
    dt_ms = 0.0625 if name == "HH_cond_exp" else 0.5

    ours, theirs = simulated(name, dt_ms, "numpy"), simulated(name, dt_ms, "c")

    np.testing.assert_array_equal(ours.spikes, theirs.spikes)
    np.testing.assert_allclose(ours.states, theirs.states, rtol=1e-9)
    if name == "Izhikevich":  # + - * / alone: the same bits
        assert ours.states.tobytes() == theirs.states.tobytes()


def test_independent_integration_of_a_known_solution() -> None:
    """A leak towards 2 from 0 crosses 1 every log(2) ms, is reset to 0 and held for 0.5 ms; a decay goes on."""
    cell = Cell(
        lambda y: np.array([2.0 - y[0], -y[1]]), (0.0, 0.0), 1.0, lambda y: np.array([0.0, y[1]]), 0.5, held=(0,)
    )
    times = np.arange(1, 41) * 0.1

    trace = integrate(cell, times, [Arrival(1.0, 1, 3.0), Arrival(2.0, 1, 1.0)])

    decay = np.where(times > 1.0 + 1e-9, 3.0 * np.exp(1.0 - times), 0.0)
    decay += np.where(times > 2.0 + 1e-9, np.exp(2.0 - times), 0.0)
    period = np.log(2.0) + 0.5
    awake = np.maximum(times - period * np.floor(times / period + 1e-12), 0.0)
    held = awake > np.log(2.0)
    np.testing.assert_allclose(trace.spikes, np.log(2.0) + period * np.arange(3), atol=1e-8)
    np.testing.assert_allclose(trace.states[:, 1], decay, atol=1e-9)
    np.testing.assert_allclose(trace.states[:, 0], np.where(held, 0.0, 2.0 - 2.0 * np.exp(-awake)), atol=1e-8)


def test_independent_integration_counts_crossings_where_nothing_is_reset() -> None:
    cell = Cell(lambda y: np.array([y[1], -y[0]]), (0.0, 1.0), 0.5)

    trace = integrate(cell, np.array([20.0]))

    np.testing.assert_allclose(trace.spikes, np.arcsin(0.5) + 2.0 * np.pi * np.arange(4), atol=1e-8)


def test_reference_of_hodgkin_and_huxley_fires_again_and_again() -> None:
    np.testing.assert_allclose(reference("HH_cond_exp", 0.01).spikes, [7.066, 23.700, 44.440], atol=0.001)
