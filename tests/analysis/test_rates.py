"""Rates over time are those of small loops."""

from itertools import pairwise

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.analysis.examples import SPIKES, drawn, structured
from tests.cases import each


def held(spikes, first, end, dt):
    rates = np.zeros((len(spikes), end - first))
    for row, steps in enumerate(spikes.values()):
        for a, b in pairwise(steps):
            for step in range(max(a, first), min(b, end)):
                rates[row, step - first] = 1000.0 / ((b - a) * dt)
    return rates


def low_pass(values, dt, smooth):
    smoothed = values.copy()
    for t in range(values.shape[-1] - 1):
        smoothed[..., t + 1] = smoothed[..., t] + (values[..., t + 1] - smoothed[..., t]) * dt / smooth
    return smoothed


@each("window", [None, (0, 200), (60, 130), (190, 300), (500, 600)])
@each("smooth", [0.0, 5.0])
def test_rate_of_each_neuron_is_one_over_the_interval_that_lasts(window, smooth):
    spikes = drawn(4)
    first, end = window or (min(s for v in spikes.values() for s in v), max(s for v in spikes.values() for s in v))
    expected = held(spikes, first, end, 0.5)
    found = eg.smoothed_rate(spikes, smooth, 0.5, window)

    np.testing.assert_allclose(found, low_pass(expected, 0.5, smooth) if smooth else expected, rtol=1e-12, atol=1e-9)


@each("smooth", [0.0, 0.5, 5.0])
def test_rate_of_the_population_is_the_share_that_spikes(smooth):
    spikes = drawn(5)
    expected = np.zeros(201)
    for steps in spikes.values():
        for step in steps:
            expected[step] += 1000.0 / 0.5 / len(spikes)
    found = eg.population_rate(spikes, smooth, 0.5, (0, 200))

    expected = low_pass(expected, 0.5, smooth) if smooth > 0.5 else expected
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-9)


def test_rates_of_a_dictionary_go_from_the_first_spike_to_the_last():
    assert eg.smoothed_rate(SPIKES).shape == (4, 18)
    assert eg.population_rate(SPIKES).tolist() == [250.0 * n for n in eg.histogram(SPIKES)]
    assert eg.population_rate(SPIKES, 4.0)[[0, 4, 18]].tolist() == pytest.approx([250.0, 187.5, 73.48498493])


def test_rates_of_an_array_are_those_of_the_dictionary():
    array, ranks = structured(SPIKES), [*SPIKES]

    assert eg.smoothed_rate(array, ranks=ranks).tobytes() == eg.smoothed_rate(SPIKES).tobytes()
    assert eg.population_rate(array, ranks=ranks).tobytes() == eg.population_rate(SPIKES).tobytes()
    with pytest.raises(InvalidArgument, match="doesn't say which neurons were recorded"):
        eg.population_rate(array)


def test_without_spikes_rates_are_zero_where_a_window_is_given_and_else_empty():
    silent = {0: [], 1: []}

    assert eg.smoothed_rate(silent, 2.0).shape == (2, 0)
    assert eg.population_rate(silent, 2.0).shape == eg.population_rate({}).shape == (0,)
    assert eg.smoothed_rate(silent, 2.0, recording_window=(0, 3)).tolist() == [[0.0] * 3] * 2
    assert eg.population_rate(silent, 2.0, recording_window=(0, 3)).tolist() == [0.0] * 4


@each("smooth", [-1.0, np.nan, "a"])
def test_smoothing_that_cannot_be_is_refused(smooth):
    with pytest.raises(InvalidArgument, match="smooth: expected ms, 0 or more, got"):
        eg.smoothed_rate(SPIKES, smooth)


def test_rate_is_not_held_over_a_pause():
    spikes = {0: [1, 4, 20, 22, 25], 1: [3, 21]}
    recorded = [(0, 3), (3, 10), (20, 30)]  # from 3 to 3 nothing was missed
    found = eg.smoothed_rate(spikes, dt=0.5, recording_window=(0, 30), recorded=recorded)
    parts = [held({rank: [step for step in steps if begin <= step < end] for rank, steps in spikes.items()}, 0, 30, 0.5)
             for begin, end in ((0, 10), (20, 30))]  # fmt: skip

    assert found.tolist() == (parts[0] + parts[1]).tolist()
    assert found.any(axis=1).tolist() == [True, False]
