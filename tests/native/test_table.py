"""The table of jobs that C walks: what is bound anew when something moved, and what lasts from call to call."""

from dataclasses import replace

import numpy as np
import pytest

from engram.ir.schedule import Schedule
from engram.native.engine import Engine
from engram.native.shared import Shared
from engram.native.structures import LINE
from engram.state.slots import Layout
from tests.cases import each
from tests.resume.networks import run, started

pytestmark = pytest.mark.cc


def bound(net):
    """The structures of the jobs, by identity of the job."""
    return dict(net._keeper.runner.derived.engine._table._bound)


@each("name", ["stdp", "rates"])
def test_jobs_whose_arrays_moved_are_bound_anew_and_no_others(name):
    net, twin = started(name), started(name)
    run(net, 5)
    before, state = bound(net), net._core.state
    population = net.get_populations()[0]
    path = f"{population._core.path}/{'v' if name == 'stdp' else 'r'}"
    moved = state.read(path)
    state.array(path)[...] = np.nan  # nobody may read it again
    state.put(state.slot(path), moved)
    run(net, 5)
    run(twin, 10)
    anew = {job.job for key, job in bound(net).items() if job is not before[key]}

    assert anew == {
        job for job in net._keeper.runner.derived.jobs if any(access.path == path for access in job.accesses)
    }
    assert net.digest() == twin.digest()


@each("name", ["stdp", "rates", "resting"])
def test_jobs_that_stood_in_the_last_schedule_are_not_bound_anew(name):
    net, twin = started(name), started(name)
    run(net, 5)
    before, program = bound(net), net._keeper.runner.derived.engine._program
    jobs = Schedule(
        [*net._keeper.runner.derived.jobs[:-1], replace(net._keeper.runner.derived.jobs[-1])]
    )  # the last one is equal, but another
    facts = (program.code, program.state, program.rows, program.packed, net.dt, program.seed)
    net._keeper.runner.derived._engine, net._keeper.runner.derived._jobs = (
        Engine(jobs, *facts, before=net._keeper.runner.derived.engine),
        jobs,
    )
    run(net, 5)
    run(twin, 10)
    now = bound(net)

    assert [now[id(job)] is before.get(id(job)) for job in jobs] == [True] * (len(jobs) - 1) + [False]
    assert net.digest() == twin.digest()


@each("name", ["stdp", "shared"])
@each("at", [2**31 - 4, 2**32 - 4])
def test_steps_beyond_32_bits_are_those_of_the_interpreter(name, at):
    nets = [started(name, backend=backend) for backend in ("c", "numpy")]
    for net in nets:
        run(net, 2)
        net.current_step = at
        run(net, 8)  # the keys of draws change at 2^32

    assert nets[0].digest() == nets[1].digest()
    assert nets[0].current_step == at + 8


class TestSumsPutAside:
    """They last from call to call, until something is written into the tree."""

    def network(self):
        net = started("rates")
        net.get_projection("own").enable_learning()
        return net

    def whole(self, steps, write=lambda net: None, at=0):
        net = self.network()
        run(net, at)
        write(net)
        run(net, steps - at)
        return net.digest()

    def test_calls_of_one_step_take_them_from_the_call_before(self):
        net = self.network()
        for _ in range(12):
            run(net, 1)
        for place in net._keeper.runner.derived.engine._table._shared.all_ahead():
            assert place.ready[0] == 12
            place._sums += 1.0  # proof that the next step reads them
        run(net, 1)

        assert net.digest() != self.whole(13)

    @each("counts", [True, False])
    def test_write_is_what_makes_them_void(self, counts):
        def write(net):
            net.get_projection("own").w = 0.005

        expected = self.whole(12, write, at=6)
        net = self.network()
        run(net, 6)
        before = net._core.state.written
        write(net)
        if not counts:
            net._core.state.written = net._keeper.runner.derived._filled_at = before
        run(net, 6)

        assert (net.digest() == expected) == counts

    def test_other_threads_have_other_shares_of_them(self):
        expected = self.whole(12)
        net = self.network()
        for k in range(12):
            net.config(num_threads=1 + k % 3)
            run(net, 1)

        assert net.digest() == expected


def test_room_for_what_threads_find_grows_with_their_number_in_the_middle_of_a_step():
    state = started("stdp")._core.state
    shared = Shared(state)
    shared.renew({}, 2)
    spikes = shared.spikes(
        next(slot.path for slot in state.slots_as_made() if slot.layout is Layout.SPIKES).removesuffix("/rank")
    )
    spikes._found_count[LINE] = 7  # the second thread's
    shared.renew({}, 3)

    assert spikes._found_count.tolist() == [0] * LINE + [7] + [0] * (2 * LINE - 1)
    assert spikes.structure.found_count == spikes._found_count.ctypes.data
