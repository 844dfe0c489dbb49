"""Where threads must wait for each other: between any two jobs of which one needs what the other wrote elsewhere."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from engram.ir.engine_jobs import Join, Push, Zero
from engram.ir.jobs import Access, Touching
from engram.ir.kernel_job import RunKernel
from engram.ir.nodes import Argument, Index, Kernel, KernelKind, Place
from engram.ir.recordings import RecordValues
from engram.ir.reducing import Combine, Reduce
from engram.ir.schedule import Schedule
from tests.cases import each


@dataclass(frozen=True)
class Touches(Touching):
    """A job that touches what it is told to."""

    touched: tuple[Access, ...]

    @property
    def accesses(self):
        return self.touched


def reads(path, in_range=True):
    return Touches((Access(path, writes=False, in_range=in_range),))


def writes(path, in_range=True):
    return Touches((Access(path, writes=True, in_range=in_range),))


def conflict(a, b):
    return any(
        x.path == y.path and (x.writes or y.writes) and not (x.in_range and y.in_range and x.ranges == y.ranges)
        for x in a.accesses
        for y in b.accesses
    )


def meant(jobs):
    """Compare every job with all since the last barrier, in two steps: what barriers are by definition."""
    waits, since = [False] * len(jobs), []
    for k in [*range(len(jobs)), *range(len(jobs))]:
        if waits[k] or any(conflict(jobs[k], job) for job in since):
            waits[k], since = True, []
        since.append(jobs[k])
    return tuple(waits)


ACCESSES = st.builds(
    Access, st.sampled_from("abc"), st.booleans(), st.booleans(), st.sampled_from([(), (0, 2), (0, 3)])
)
SCHEDULES = st.lists(st.lists(ACCESSES, max_size=3).map(lambda found: Touches(tuple(found))), max_size=9)


@each(
    ("jobs", "expected"),
    [
        ([], ()),
        ([writes("a"), reads("a")], (False, False)),  # each thread its own elements
        ([writes("a"), reads("b", in_range=False)], (False, False)),  # different values
        ([reads("a", in_range=False), reads("a", in_range=False)], (False, False)),  # nobody writes
        ([writes("a"), reads("a", in_range=False)], (True, True)),  # before reading, and before the next step writes
        ([reads("a", in_range=False), writes("a")], (True, True)),
        (
            [writes("a"), writes("b"), reads("a", in_range=False), reads("b", in_range=False)],
            (True, False, True, False),
        ),
        ([writes("a", in_range=False)], (True,)),  # the next step writes it again
    ],
)
def test_barriers_stand_where_values_cross_from_thread_to_thread(jobs, expected):
    assert Schedule(jobs).barriers == expected


def test_values_of_presynaptic_neurons_are_stored_when_all_threads_have_read_them():
    def job(kind, written):
        return RunKernel(Kernel("k", kind, (Argument(Place("x"), "float64", Index.PRE, written),)), "", ("x",), 10)

    walk, store = job(KernelKind.DELIVER, written=False), job(KernelKind.PRE_EVENTS, written=True)

    assert Schedule([walk, store]).barriers == (True, True)
    assert Schedule([store, store]).barriers == (False, False)  # each thread its own neurons


@settings(deadline=None)
@given(SCHEDULES)
def test_barriers_part_every_two_jobs_that_conflict_in_this_step_and_the_next(jobs):
    waits = Schedule(jobs).barriers
    twice, waits_twice = [*jobs, *jobs], [*waits, *waits]

    assert waits == meant(jobs)
    for first in range(len(jobs)):
        for second in range(first + 1, first + len(jobs) + 1):
            if conflict(twice[first], twice[second]):
                assert any(waits_twice[first + 1 : second + 1]), (first, second, waits)


def test_kernel_says_what_it_reads_elsewhere():
    arguments = (
        Argument(Place("w"), "float64", Index.SYNAPSE, written=True),
        Argument(Place("r", "pre"), "float64", Index.PRE),
        Argument(Place("v", "post"), "float64", Index.POST),
        Argument(Place("tau"), "float64", Index.ONE),
    )
    kernel = Kernel("k", KernelKind.GATHER, arguments)
    paths = ("projections/c/w", "populations/p/r", "populations/q/v", "projections/c/tau")
    found = set(RunKernel(kernel, "", paths, 3, 3).accesses)

    assert found == {
        Access("projections/c/w", writes=True, in_range=True),
        Access("populations/p/r", writes=False, in_range=False),
        Access("populations/q/v", writes=False, in_range=True),
        Access("projections/c/tau", writes=False, in_range=False),
    }


def test_jobs_of_the_engine_need_two_barriers_a_step_for_spikes():
    kernel = Kernel("k", KernelKind.UPDATE, (Argument(Place("v"), "float64", Index.OWN, written=True),))
    deliver = Kernel(
        "d", KernelKind.DELIVER, (Argument(Place(what="conductance"), "float64", Index.POST, written=True),)
    )
    p = "populations/p"
    jobs = [
        Zero(f"{p}/sum/exc", f"{p}/enabled"),
        RunKernel(deliver, "", (f"{p}/g_exc",), 3, 3, spikes=f"{p}/history", projection="projections/c"),
        RunKernel(kernel, "", (f"{p}/v",), 3, spikes=f"{p}/history"),
        Join(p, f"{p}/history", f"{p}/enabled"),
        Push(f"{p}/v", f"{p}/history/v"),
        RecordValues("v", "monitors/m", f"{p}/v", "monitors/m/v"),
    ]

    assert Schedule(jobs).barriers == (False, True, False, True, False, False)


@each(("n", "expected"), [(65535, (False, False, False, True, False)), (65536, (False, True, False, True, False))])
def test_threads_wait_once_for_all_reductions_and_before_long_blocks_that_are_no_ranges(n, expected):
    """Blocks of 64 neurons are those that a thread has updated itself."""
    kernel = Kernel("k", KernelKind.UPDATE, (Argument(Place("v"), "float64", Index.OWN, written=True),))
    reduced = [(op, "populations/p/v", f"populations/p/internal/op/{op}.v", n) for op in ("mean", "max")]
    reader = Kernel(
        "g", KernelKind.GLOBALS, (Argument(Place("v", what="over", operation="mean"), "float64", Index.ONE),)
    )
    jobs = [
        RunKernel(kernel, "", ("populations/p/v",), n),
        *(Reduce(*each) for each in reduced),
        *(Combine(*each) for each in reduced),
    ]

    schedule = Schedule([RunKernel(reader, "", (reduced[0][2],), n), *jobs])

    assert schedule.barriers == (True, *expected)
