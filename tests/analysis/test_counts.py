"""Rasters, histograms and mean rates are those of small loops."""

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument
from tests.analysis.examples import SPIKES, drawn, structured
from tests.cases import each


def test_raster_has_times_in_ms_by_neuron_and_then_by_time():
    times, ranks = eg.raster_plot(SPIKES, dt=0.5)
    of_array = eg.raster_plot(structured(SPIKES, 0.5), dt=0.5)

    assert times.tolist() == [1.0, 2.5, 4.5, 1.5, 2.0, 5.0, 10.0, 3.5]
    assert ranks.tolist() == [0, 0, 0, 2, 2, 2, 2, 5]
    assert [part.tobytes() for part in of_array] == [times.tobytes(), ranks.tobytes()]


def test_histogram_counts_from_the_first_spike_to_the_last():
    assert eg.histogram(SPIKES).tolist() == [1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert eg.histogram(SPIKES, bins=2.5, dt=0.5).tolist() == [4, 3, 0, 1]


@each("per_neuron", [False, True])
@each("window", [None, (0, 199), (50, 120), (150, 400)])
def test_histogram_is_that_of_a_loop(window, per_neuron):
    spikes, steps_of_bin = drawn(3), 7
    first, last = window or (min(s for v in spikes.values() for s in v), max(s for v in spikes.values() for s in v))
    expected = np.zeros((len(spikes), (last - first) // steps_of_bin + 1), int)
    for row, steps in enumerate(spikes.values()):
        for step in steps:
            if first <= step <= last:
                expected[row, (step - first) // steps_of_bin] += 1
    found = eg.histogram(spikes, bins=0.7, per_neuron=per_neuron, recording_window=window, dt=0.1)

    assert found.tolist() == (expected if per_neuron else expected.sum(axis=0)).tolist()


def test_mean_rate_is_over_all_recorded_neurons_and_the_duration_in_steps():
    array = structured(SPIKES)

    assert eg.mean_fr(SPIKES, duration=40, dt=0.5) == 8 / 4 / 20.0 * 1000.0
    assert eg.mean_fr(SPIKES) == 8 / 4 / 18.0 * 1000.0
    assert eg.mean_fr(array, 40, ranks=[*SPIKES]) == eg.mean_fr(SPIKES, 40)
    assert eg.mean_fr(SPIKES, 40, ranks=[0, 1]) == 3 / 2 / 40.0 * 1000.0


def test_without_spikes_there_is_nothing_to_count():
    silent = {0: [], 1: []}

    assert [len(part) for part in eg.raster_plot(silent)] == [0, 0]
    assert eg.histogram(silent).shape == (0,)
    assert eg.histogram(silent, per_neuron=True).shape == (2, 0)
    assert eg.histogram(silent, recording_window=(0, 3)).tolist() == [0, 0, 0, 0]
    assert eg.mean_fr(silent) == eg.mean_fr(silent, 100) == 0.0


@each(
    ("call", "said"),
    [
        (lambda: eg.histogram(SPIKES, bins=-1.0), "bins: expected ms above 0, got -1.0"),
        (lambda: eg.histogram(SPIKES, bins=np.nan), "bins: expected ms above 0, got nan"),
        (
            lambda: eg.histogram(SPIKES, bins=0.25, dt=0.1),
            "bins: expected a multiple of dt=0.1 ms, got 0.25, which is 2.5 steps\n  help: give 0.2 or 0.3 ms",
        ),
        (lambda: eg.histogram(SPIKES, bins=0.5), r"which is 0.5 steps\n  help: give 1 ms"),
        (lambda: eg.histogram(SPIKES, recording_window=(5, 2)), r"expected \(first step, last step\), got \(5, 2\)"),
        (lambda: eg.histogram(SPIKES, recording_window=(0.5, 2)), "recording_window: expected"),
        (lambda: eg.histogram(SPIKES, recording_window=(0, np.nan)), "recording_window: expected"),
        (lambda: eg.histogram(SPIKES, recording_window=3), "recording_window: expected"),
        (lambda: eg.mean_fr({}), "mean_fr.*no neuron whose rate could be taken"),
        (
            lambda: eg.mean_fr({0: [4], 1: [4]}),
            "all spikes are in one step\n  help: give the duration .* duration=1000",
        ),
        (lambda: eg.mean_fr(SPIKES, 0), "duration: expected steps above 0, got 0"),
        (lambda: eg.mean_fr(SPIKES, np.nan), "duration: expected steps above 0, got nan"),
        (
            lambda: eg.mean_fr(structured(SPIKES)),
            "doesn't say which neurons were recorded.*\n  help: .*ranks=pop.ranks",
        ),
    ],
)
def test_what_cannot_be_counted_is_refused(call, said):
    with pytest.raises(InvalidArgument, match=said):
        call()
