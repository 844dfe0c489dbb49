"""engram's traces of the reference networks are ANNarchy's: to 1e-9, spikes exactly.

ANNarchy's are files in tests/data/annarchy, written by ``benchmarks/record_reference.py``.
"""

from pathlib import Path

import numpy as np
import pytest

import engram
from tests.cases import each
from tests.reference.differences import EXPECTED
from tests.reference.networks import NETWORKS
from tests.reference.recording import run

DATA = Path(__file__).parents[1] / "data" / "annarchy"
BACKENDS = [pytest.param("c", marks=pytest.mark.cc), "numpy"]


ALWAYS_ZERO = {
    ("sum_of_all", "post.r"),
    ("spike_times", "now_proj.c"),  # t - t_post in post_spike
    ("spike_times", "late_proj.c"),
}


LONG = {"izhikevich", "if_exp", "if_alpha", "eif", "gif"}  # of neurons that tests/models compare on both backends
TRACED = [name for name in NETWORKS if name not in {"hh", *EXPECTED}]
RUNS = [
    *(pytest.param(name, "c", marks=pytest.mark.cc) for name in TRACED),
    *(pytest.param(name, "numpy", marks=pytest.mark.nightly if name in LONG else ()) for name in TRACED),
]


@pytest.fixture(autouse=True)
def _no_global_functions():
    engram.clear()
    yield
    engram.clear()


def recorded(name):
    with np.load(DATA / f"{name}.npz") as file:
        return {key: file[key] for key in file.files}


def assert_equal_traces(got, expected):
    """Name every trace that differs, and where it does first."""
    wrong = []
    for key, values in expected.items():
        if key not in got:
            wrong.append(f"{key}: not recorded")
        elif got[key].shape != values.shape:
            wrong.append(f"{key}: shape {got[key].shape}, expected {values.shape}")
        elif key.endswith(".spike"):
            if not np.array_equal(got[key], values):
                at = int(np.flatnonzero((got[key] != values).any(axis=1))[0])
                wrong.append(f"{key}: spike {at} is (step, rank) {got[key][at]}, expected {values[at]}")
        else:
            close = np.isclose(got[key], values, rtol=1e-9, atol=1e-12, equal_nan=True)
            if not close.all():
                step, element = np.argwhere(~close)[0]
                wrong.append(
                    f"{key}: first at step {step}, element {element}: {got[key][step, element]!r}, "
                    f"expected {values[step, element]!r} ({np.count_nonzero(~close)} of {close.size} differ)"
                )
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.filterwarnings("ignore:.*a delay of .* ms is")
@pytest.mark.parametrize(("name", "backend"), RUNS)
def test_traces_are_those_of_annarchy(name, backend):
    assert_equal_traces(run(engram, name, backend=backend), recorded(name))


@pytest.mark.parametrize("backend", ["c", pytest.param("numpy", marks=pytest.mark.nightly)])
@pytest.mark.cc
def test_traces_of_hodgkin_and_huxley_are_those_of_annarchy(backend):
    """So many steps that the interpreter takes its time."""
    assert_equal_traces(run(engram, "hh", backend=backend), recorded("hh"))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", EXPECTED)
def test_intended_differences_are_what_was_intended(name, backend):
    got = run(engram, name, backend=backend)
    assert_equal_traces(got, EXPECTED[name](NETWORKS[name].steps, legacy=False))
    spikes = {key: values for key, values in recorded(name).items() if key.endswith(".spike")}
    assert_equal_traces(got, spikes)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["stdp", "stp", "event_driven"])
def test_traces_with_the_clock_of_annarchy_are_its_own(name, backend):
    """Q2: for comparison, event-driven variables may miss the step that they miss there."""
    got = run(engram, name, {"event_clock": "annarchy"}, backend=backend)
    assert_equal_traces(got, recorded(name))


@each("name", EXPECTED)
def test_annarchys_numbers_are_understood_where_engram_differs(name):
    steps = NETWORKS[name].steps
    legacy, mended = EXPECTED[name](steps, legacy=True), EXPECTED[name](steps, legacy=False)
    assert_equal_traces(recorded(name), legacy)
    assert any(not np.allclose(legacy[key], mended[key], rtol=1e-3) for key in legacy)


def test_traces_say_something():
    """Every network that can spike does, and no recorded trace is all zeros or has anything but finite numbers."""
    for name in NETWORKS:
        for key, values in recorded(name).items():
            assert values.size, f"{name}: {key} is empty"
            assert np.isfinite(values).all(), f"{name}: {key}"
            assert np.any(values != 0) or (name, key) in ALWAYS_ZERO, f"{name}: {key} is zero"
