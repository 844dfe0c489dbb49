"""Jobs that return to Python: wherever in a step they stand, it is the same step; and what they raise there is said."""

import math

import pytest

from engram.errors import BrokenNetwork, NotFinite
from engram.ir.jobs import Call
from engram.ir.schedule import Schedule
from engram.program import finite
from engram.program.derived import Derived
from engram.program.schedule import Phase
from tests.cases import each
from tests.program.test_finite import blowing_up, first_step
from tests.resume.networks import run, started

pytestmark = pytest.mark.cc

OF_OWNERS = [phase for phase in Phase if phase not in (Phase.EARLY, Phase.LATE)]


def add_calls(net, function, period=3, phases=OF_OWNERS):
    """Give every population and projection a call in each phase that they have."""
    for phase in phases:
        for owner in net._core.components:
            call = Call(
                "call", owner.path, lambda step: step + -step % period, lambda step, at=phase: function(step, at)
            )
            net._keeper.runner.derived.phases[owner.path].setdefault(phase, []).append(call)
    net._core.changes += 1


@each("case", ["stdp", "rates"])
@each(("backend", "threads"), [("c", 1), ("c", 2), ("c", 3), ("numpy", 1)])
def test_calls_between_any_jobs_change_no_bit(case, backend, threads):
    net, whole, calls = started(case, threads=threads, backend=backend), started(case, backend=backend), []
    add_calls(net, lambda step, phase: calls.append((step, phase, net.current_step)))
    first = net.current_step
    run(net, 20)
    run(whole, 20)

    assert net.digest() == whole.digest()
    assert {step for step, *_ in calls} == {step for step in range(first, first + 20) if step % 3 == 0}
    assert all(step == now for step, _, now in calls)  # the clock moves when the step is done


@pytest.mark.parametrize("n_steps", [1, 4])
def test_what_is_to_be_run_is_asked_for_under_the_lock(monkeypatch, n_steps):
    net, asked, follow = started("stdp"), [], Derived.follow
    monkeypatch.setattr(Derived, "follow", lambda self: (asked.append(net._core.lock._is_owned()), follow(self))[1])
    net.simulate(n_steps * net.dt)
    assert asked
    assert all(asked)


def test_call_in_a_step_is_counted_in_profiles():
    net, whole = started("stdp", threads=2), started("stdp")
    add_calls(net, lambda step, phase: None, phases=[Phase.UPDATE])
    first = net.current_step
    profile = net.simulate(20 * net.dt, profile=True)
    run(whole, 20)

    assert net.digest() == whole.digest()
    due = len([step for step in range(first, first + 20) if step % 3 == 0])
    assert [row.calls for row in profile.rows if row.job == "call"] == [due] * 2
    assert {row.calls for row in profile.rows if row.job == "update"} == {20}


@each("backend", ["c", "numpy"])
def test_step_that_a_call_breaks_off_leaves_a_broken_network(backend):
    def fail(step, phase):
        raise OSError("a rank is gone")

    net = started("stdp", backend=backend)
    add_calls(net, fail, period=50, phases=[Phase.AFTER])
    step = next(s for s in range(net.current_step, net.current_step + 50) if s % 50 == 0)
    with pytest.raises(OSError, match="a rank is gone"):
        run(net, 50)
    assert net.current_step == step
    with pytest.raises(BrokenNetwork, match=rf"step {step} failed half way \(OSError: a rank is gone\)"):
        run(net, 1)
    with pytest.raises(BrokenNetwork):
        net.save("nowhere.npz")


@pytest.mark.parametrize("backend", ["c", "numpy"])
def test_step_that_became_infinite_is_found_wherever_calls_are(monkeypatch, backend):
    monkeypatch.setattr(finite, "KEEPING", math.inf)  # before each stretch, and only then it looks
    monkeypatch.setattr(finite, "LOOKING", 0.0)
    net, _, _ = blowing_up(backend)
    calls = []
    add_calls(net, lambda step, phase: calls.append(step), period=7, phases=[Phase.AFTER])
    with pytest.raises(NotFinite) as caught:
        net.simulate(1000.0)

    assert caught.value.step == first_step()[0]
    assert len(calls) == len(set(calls)) > 1


def test_schedule_keeps_calls_apart_with_their_places():
    call = Call("call", "", lambda step: None, print)
    net = started("stdp")
    a, b, *_ = net._keeper.runner.derived.jobs
    schedule = Schedule([call, a, b, call])

    assert tuple(schedule) == (a, b)
    assert schedule.calls == ((0, call), (2, call))
