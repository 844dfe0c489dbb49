"""Each kind of job in a profile, a row each: what it is called, for whom it works, and how much it does.

In: jobs of a schedule and a run that is over. Out: labels and counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engram.explain.profile_counts import PLACE, RANK, Count, Run
from engram.ir.engine_jobs import (
    Combine,
    Deliver,
    FiringRate,
    Join,
    Push,
    RecordSpikes,
    RecordValues,
    Reduce,
    Stop,
    Zero,
)
from engram.ir.jobs import Job, RunKernel
from engram.ir.reductions import block_length
from engram.state import names
from engram.state.tree import State

if TYPE_CHECKING:
    from engram.wiring.packed import PackedRows

__all__ = ["ROWS", "Account"]

Array = npt.NDArray[Any]
Label: TypeAlias = tuple[str, str]  # what a job does, and for which object
STEP = 8  # bytes of the step of a recorded spike
COUNT, RATE = 4, 8  # bytes: the spikes of a neuron in a window, its rate
SUM = 8  # of a block of neurons


@dataclass(frozen=True)
class Account:
    """A kind of job.

    Args:
        label: says what a job does, and for which object.
        count: counts what it did, which ran in so many steps.
    """

    label: Callable[[Any], Label]
    count: Callable[[Run, Any, int], Count]


# -- labels ----------------------------------------------------------------------------------------------------


def _of_kernel(job: RunKernel) -> Label:
    return job.kernel.kind.value, job.projection or job.enabled.removesuffix(f"/{names.ENABLED}")


def _of_rows(job: Deliver) -> Label:
    more = len(job.arrivals) - 1
    return "deliver", job.rows + (f" and {more} more" if more else "")


def _of_record(job: RecordValues | RecordSpikes, record: str) -> Label:
    return f"record {record.removeprefix(job.monitor + '/')}", job.monitor


def _owner(path: str) -> str:
    return "/".join(path.split("/")[:2])


# -- counts ----------------------------------------------------------------------------------------------------


def _delivered(run: Run, job: Deliver, calls: int) -> Count:
    rows, spiked = run.packed[job.rows], run.spiked[job.spikes]
    is_open = [all(run.state[flag] for flag in arrival.open) for arrival in job.arrivals]
    paths = [path for path, opened in zip(rows.paths, is_open, strict=True) if opened]
    events = visits = 0
    for d, delay in enumerate(rows.delays.tolist()):
        arrived = spiked.arrived(delay)
        visits += int(arrived.sum()) if paths else 0
        lengths = _whole(rows, d) if all(is_open) else sum(_alone(run.state, path, delay) for path in paths)
        events += int((arrived * lengths).sum())
    weight = 0 if rows.weight is None else rows.weight.itemsize
    each = rows.index.itemsize + weight + 2 * run.state[job.arrivals[0].target].itemsize
    return Count(events, "synapses", events * each + visits * (RANK + PLACE + 2 * rows.offsets.itemsize))


def _whole(rows: PackedRows, d: int) -> Array:
    """Return how many synapses each packed row has at its delay number ``d``."""
    n_delays = len(rows.delays)
    begin, end = (rows.offsets[:, k : (len(rows.cuts) - 1) * n_delays + k : n_delays] for k in (d, d + 1))
    lengths: Array = (end.astype(np.int64) - begin).sum(axis=1)
    return lengths


def _alone(state: State, path: str, delay: int) -> Array:
    """Return how many synapses each row of one projection has at a delay."""
    start, steps = state[f"{path}/{names.ROW_START}"], state[f"{path}/{names.DELAY_STEPS}"]
    if steps.shape == ():
        return np.diff(start) * (int(steps) == delay)
    before = np.concatenate([[0], np.cumsum(steps == delay)])
    lengths: Array = before[start[1:]] - before[start[:-1]]
    return lengths


def _spikes(run: Run, path: str, each: int) -> Count:
    n = int(run.spiked[path].emitted.sum())
    return Count(n, "spikes", n * each)


def _recorded_spikes(run: Run, job: RecordSpikes, calls: int) -> Count:
    emitted = run.spiked[job.spikes].emitted
    if job.ranks:
        emitted = emitted[run.state[job.ranks]]
    n = int(emitted.sum()) if run.state[f"{job.monitor}/{names.ACTIVE}"] else 0
    return Count(n, "spikes", n * (2 * RANK + STEP))


def _recorded_values(run: Run, job: RecordValues, calls: int) -> Count:
    array, inside = run.state[job.path], job.monitor
    period, offset, origin = (int(run.state[f"{inside}/{name}"]) for name in (names.PERIOD, names.OFFSET, names.ORIGIN))
    samples = run.due(period, origin + offset) if calls and run.state[f"{inside}/{names.ACTIVE}"] else 0
    n = samples * (len(run.state[job.ranks]) if job.ranks else array.size)
    return Count(n, "values", n * 2 * array.itemsize)


def _combined(run: Run, job: Combine, calls: int) -> Count:
    n = job.reduction.n
    return Count(calls, "steps", calls * SUM * -(-n // block_length(n)))


def _values(arrays: Sequence[Array], calls: int, touched: int = 1) -> Count:
    return Count(calls * sum(a.size for a in arrays), "values", calls * touched * sum(a.nbytes for a in arrays))


# -- the table -------------------------------------------------------------------------------------------------

ROWS: dict[type[Job], Account] = {
    RunKernel: Account(_of_kernel, Run.kernel),
    Deliver: Account(_of_rows, _delivered),
    Join: Account(lambda job: ("join", _owner(job.spikes)), lambda run, job, _: _spikes(run, job.spikes, 2 * RANK)),
    FiringRate: Account(
        lambda job: ("firing rate", _owner(job.spikes)),
        # when they enter the window and when they leave it
        lambda run, job, _: _spikes(run, job.spikes, 2 * (RANK + 2 * COUNT + RATE)),
    ),
    Reduce: Account(lambda job: ("reduce", job.path), lambda run, job, calls: _values([run.state[job.path]], calls)),
    Combine: Account(lambda job: ("combine", job.reduction.path), _combined),
    Zero: Account(lambda job: ("zero", job.path), lambda run, job, calls: _values([run.state[job.path]], calls)),
    Push: Account(lambda job: ("push", job.path), lambda run, job, calls: _values([run.state[job.path]], calls, 2)),
    RecordValues: Account(lambda job: _of_record(job, job.record), _recorded_values),
    RecordSpikes: Account(lambda job: _of_record(job, job.rank.removesuffix(f"/{names.RANK}")), _recorded_spikes),
    Stop: Account(
        lambda job: ("stop", "network"),
        lambda run, job, calls: _values([run.state[c.flags] for c in job.conditions], calls),
    ),
}
"""What profiles say of each kind of job."""
