"""Intervals between spikes are those of small loops."""

import statistics
from itertools import pairwise

import pytest

import engram as eg
from tests.analysis.examples import SPIKES, drawn, structured


def intervals(steps, dt):
    return [(b - a) * dt for a, b in pairwise(steps)]


def test_intervals_are_differences_of_times_in_ms():
    assert eg.inter_spike_interval(SPIKES, dt=0.5) == [1.5, 2.0, 0.5, 3.0, 5.0]
    assert eg.inter_spike_interval(SPIKES, per_neuron=True) == {0: [3.0, 4.0], 2: [1.0, 6.0, 10.0]}
    assert eg.inter_spike_interval(structured(SPIKES), ranks=[2, 1, 0]) == [1.0, 6.0, 10.0, 3.0, 4.0]
    assert eg.inter_spike_interval({}) == eg.inter_spike_interval({0: [3], 1: []}) == []


def test_variation_is_that_of_neurons_with_two_intervals_or_more():
    spikes = drawn(6, neurons=30, most=6)
    expected = {
        rank: statistics.pstdev(found) / statistics.fmean(found)
        for rank, steps in spikes.items()
        if len(found := intervals(steps, 0.1)) >= 2
    }

    assert eg.coefficient_of_variation(spikes, per_neuron=True, dt=0.1) == pytest.approx(expected)
    assert eg.coefficient_of_variation(spikes) == pytest.approx(list(expected.values()))
    assert eg.coefficient_of_variation(spikes, ranks=list(expected)[:1]) == pytest.approx([*expected.values()][:1])
    assert eg.coefficient_of_variation({0: [1, 2]}) == eg.coefficient_of_variation({}) == []


def test_what_reaches_over_a_pause_is_no_interval():
    spikes = {0: [1, 4, 20, 22, 25], 1: [3, 21]}
    recorded = [(0, 3), (3, 10), (20, 30)]  # from 3 to 3 nothing was missed

    assert eg.inter_spike_interval(spikes, per_neuron=True, recorded=recorded) == {0: [3.0, 2.0, 3.0]}
    assert eg.coefficient_of_variation(spikes, recorded=recorded) == pytest.approx(
        [statistics.pstdev([3, 2, 3]) * 3 / 8]
    )
