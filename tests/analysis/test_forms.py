"""The forms in which spikes may be given, and what is refused."""

import numpy as np
import pytest

import engram as eg
from engram.analysis.forms import spikes_of
from engram.errors import InvalidArgument
from tests.analysis.examples import SPIKES, drawn, structured
from tests.cases import each


def test_all_forms_give_the_same_spikes():
    spikes = drawn()
    with_some = {rank: spikes[rank] for rank in sorted(spikes) if spikes[rank]}
    array = structured(spikes, 0.1)
    shuffled = np.random.default_rng(2).permutation(array)

    assert spikes_of(spikes).to_dict() == spikes
    assert spikes_of({k: np.array(v[::-1], float) for k, v in spikes.items()}).to_dict() == spikes
    assert spikes_of(array, 0.1).to_dict() == spikes_of(shuffled, 0.1).to_dict() == with_some
    assert spikes_of((array["time"], array["rank"]), 0.1).to_dict() == with_some
    assert spikes_of(array, 0.1).of(list(spikes)).to_dict() == spikes


def test_ranks_beyond_16_bits_are_told_apart():
    spikes = {70000: [1, 3], 70000 - 65536: [2], 3: [0, 3]}

    assert spikes_of(structured(spikes)).of([70000, 4464, 3, 8]).to_dict() == {**spikes, 8: []}


@each(
    ("spikes", "said"),
    [
        (None, r"spikes: expected a dictionary {rank: \[steps\]}, .*, got None\n  help: monitor.get\('spike'\) gives"),
        ([1, 2], "expected a dictionary"),
        ((np.zeros(2), np.zeros(3)), "expected a dictionary"),
        ({"spike": SPIKES}, r"expected ranks as keys, got names: 'spike'\n  help: give one of them, spikes\['spike'\]"),
        ({-1: [2]}, "spikes: ranks: expected whole numbers from 0 to below 2147483648, got -1"),
        ({0: 3}, "spikes: steps of neuron 0: expected a list of steps, got 3"),
        ({0: [1.5]}, "steps of neuron 0: expected whole numbers, got 1.5"),
        ({0: [np.nan]}, "steps of neuron 0: expected whole numbers, got nan"),
        ({0: [[1], [2, 3]]}, "steps of neuron 0: expected whole numbers, got"),
        ({0: ["a"]}, "steps of neuron 0: expected whole numbers, got"),
        (np.zeros(2, [("step", int), ("rank", int)]), r"expected fields 'time' and 'rank', got \('step', 'rank'\)"),
        ((np.array([1.0, np.nan]), np.array([0, 1])), "expected times in ms, got nan"),
        (([[1], [2, 3]], [0, 1]), r"expected times in ms, got \[\[1\], \[2, 3\]\]"),
        ((["a"], [0]), r"expected times in ms, got \['a'\]"),
        ((np.array([1.0, 2.5]), np.array([0, 1])), r"2.5 is no multiple of dt=1\n  help: .*, dt=net.dt"),
        ((np.array([1.0]), np.array([0.5])), "ranks: expected whole numbers from 0 .*, got 0.5"),
    ],
)
def test_what_are_no_spikes_is_refused(spikes, said):
    with pytest.raises(InvalidArgument, match=said):
        eg.raster_plot(spikes)


@each("dt", [0, -1.0, np.nan, np.inf, "1", True])
def test_step_that_cannot_be_is_refused(dt):
    with pytest.raises(InvalidArgument, match="dt: expected ms above 0, got"):
        eg.raster_plot(SPIKES, dt)


@each(
    ("ranks", "said"),
    [
        ([0, 3, 4], "ranks: neurons 3, 4 were not recorded\n  help: recorded are 0, 1, 2, 5"),
        (3, "ranks: neuron 3 was not recorded"),
        ([0, 0], "a neuron is named twice"),
        ([-1], "ranks: expected whole numbers from 0"),
        ("all", "ranks: expected whole numbers"),
    ],
)
def test_neurons_that_were_not_recorded_are_refused(ranks, said):
    with pytest.raises(InvalidArgument, match=said):
        eg.inter_spike_interval(SPIKES, ranks)
