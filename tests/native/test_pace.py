"""How long calls into the engine are, and how many threads they get, with given times instead of measured ones."""

import itertools
from collections import Counter

import pytest

from engram.native.pace import LATEST_S, STRETCH_S, TRIAL_S, Pace
from tests.cases import each
from tests.interrupts import interrupted


@pytest.fixture(autouse=True)
def _all_threads():
    """Override the fixture of the same name that makes every network use all its threads."""


def calls(pace, step_s, most, n_calls, left=10**9):
    """Make ``n_calls`` calls in which a step takes ``step_s(threads)`` seconds; return (steps, threads) of each."""
    made = []
    for _ in range(n_calls):
        steps, threads = pace.next(left, most)
        made.append((steps, threads))
        pace.took(steps, steps * step_s(threads))
    return made


def shared(work_s, barrier_s):
    """A step whose work is shared out, with barriers between threads."""
    return lambda threads: work_s / threads + (barrier_s * threads if threads > 1 else 0.0)


@each("step_s", [1e-6, 3e-5, 1e-3, 0.02])
def test_calls_when_a_step_takes_a_while_last_as_long_as_wanted(step_s):
    steps = [n for n, _ in calls(Pace(), lambda threads: step_s, 1, 30)]

    assert steps[0] == 1
    assert steps[-1] == pytest.approx(STRETCH_S / step_s, rel=0.01, abs=1)
    assert all(b <= 4 * a for a, b in itertools.pairwise(steps))


def test_step_that_is_longer_than_a_call_is_made_alone():
    assert {n for n, _ in calls(Pace(), lambda threads: 0.3, 2, 30)} == {1}


def test_calls_are_not_longer_than_what_is_left():
    assert calls(Pace(), lambda threads: 1e-6, 1, 20, left=7)[-1] == (7, 1)


@each(
    ("work_s", "barrier_s", "most", "expected"),
    [
        (5e-6, 4e-6, 2, 1),  # a small step on a busy machine
        (5e-6, 0.0, 1, 1),
        (1e-3, 1e-6, 2, 2),
        (1e-3, 1e-6, 6, 6),
        (1e-4, 3e-6, 16, 4),  # more of them wait more than they work
        (1e-3, 1e-2, 8, 1),
    ],
)
def test_number_of_threads_is_the_best_one(work_s, barrier_s, most, expected):
    made = [threads for _, threads in calls(Pace(), shared(work_s, barrier_s), most, 60)]

    assert Counter(made).most_common(1)[0][0] == expected
    assert made[0] == 1


def test_threads_while_they_are_tried_get_short_calls_and_never_too_many():
    made = calls(Pace(), shared(1e-4, 1e-6), 4, 30)
    settled = made.index(made[-1])
    trial_s = sum(steps * shared(1e-4, 1e-6)(threads) for steps, threads in made[:settled])

    assert {threads for _, threads in made} == {1, 2, 4}
    assert trial_s < 30 * TRIAL_S


def test_threads_when_other_programs_take_the_cores_are_given_up_at_once():
    pace = Pace()
    calls(pace, shared(1e-3, 1e-6), 2, 200)
    before = pace.threads
    made = calls(pace, shared(1e-3, 5e-3), 2, 12)

    assert (before, pace.threads) == (2, 1)
    assert [threads for _, threads in made].count(2) <= 6


def test_threads_when_work_grows_become_more_in_time():
    pace = Pace()
    calls(pace, shared(5e-6, 4e-6), 2, 100)
    before = pace.threads
    calls(pace, shared(1e-3, 4e-6), 2, int(LATEST_S / STRETCH_S) + 50)

    assert (before, pace.threads) == (1, 2)


def test_trials_that_change_nothing_become_rare():
    """A trial with more threads than the machine has free takes long."""
    made = [threads for _, threads in calls(Pace(), shared(1e-3, 1e-1), 2, 2000)]

    assert made.count(2) <= 3 * 15


def test_threads_when_the_limit_is_lowered_are_as_many_at_once():
    pace = Pace()
    calls(pace, shared(1e-3, 1e-6), 4, 100)

    assert pace.next(100, 2)[1] <= 2
    assert pace.next(100, 1)[1] == 1


def test_one_disturbed_call_does_not_decide():
    """Another program takes the core during the first call with two threads."""
    pace, disturbed = Pace(), []

    def step_s(threads):
        if threads == 2 and not disturbed:
            disturbed.append(True)
            return 1.0
        return shared(1e-3, 1e-6)(threads)

    calls(pace, step_s, 2, 100)

    assert pace.threads == 2


def test_call_that_did_nothing_teaches_nothing():
    pace = Pace()
    pace.next(10, 2)
    pace.took(0, 1.0)

    assert pace.next(10, 2) == (1, 1)


def test_pace_when_interrupted_at_any_bytecode_goes_on():
    def work(pace):
        calls(pace, shared(1e-3, 1e-6), 4, 4)

    n, pace = 1, Pace()
    while interrupted(n, lambda: work(pace)):  # noqa: B023  called at once
        work(pace)
        n, pace = n + 1, Pace()

    assert n > 100
