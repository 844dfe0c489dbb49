"""The job of the engine that delivers the spikes of packed rows; as in ``engine_jobs.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import CompileError
from engram.ir.jobs import Access, EngineJob, Moment
from engram.ir.rows import Together
from engram.ir.told import Field, Structure, Told
from engram.ir.work import PLACE, RANK, Count, Run
from engram.state import names
from engram.state.tree import State

__all__ = ["Arrival", "Deliver"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Arrival(Structure):
    """Where spikes of packed rows arrive.

    Args:
        target: a conductance.
        open: bools that must all be true.
        ranges: where those of its neurons begin that one thread has, and the end of the last.
    """

    name = "arrival"
    fields = (
        Field("low", Told.FIRST, "target"),
        Field("high", Told.BEHIND, "target"),
        Field("n_flags", Told.COUNT, "open"),
        Field("flag", Told.STARTS, "open"),
    )

    target: str
    open: tuple[str, ...]
    ranges: tuple[int, ...]


@dataclass(frozen=True)
class Deliver(EngineJob):
    """Add the weights of packed rows to the conductances that the spikes of this step reach.

    Args:
        rows: key of the packed rows.
        spikes: the list of spikes, ``populations/exc/history``.
        arrivals: for each projection of the rows, in their order.
        weight: the place of the one weight that serves all; empty if synapses have their own.
    """

    name = "deliver"
    file = "packed"
    fields = (
        Field("spikes", Told.SPIKES, "spikes"),
        Field("packed", Told.PACKED, "rows"),
        Field("weight", Told.START, "weight"),
        Field("weight_is_float", Told.IS_FLOAT, "weight"),
        Field("target", Told.ARENA, "target"),
        Field("target_is_float", Told.IS_FLOAT, "target"),
        Field("arrival", Arrival, "arrivals"),
        Field("n_arrivals", Told.COUNT, "arrivals"),
    )

    rows: str
    spikes: str
    arrivals: tuple[Arrival, ...]
    weight: str

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Writes the range of the arena that the thread has."""
        reached = (
            Access(arrival.target, writes=True, in_range=True, ranges=arrival.ranges) for arrival in self.arrivals
        )
        return (Access(f"{self.spikes}/{names.RANK}", writes=False, in_range=False), *reached)

    @property
    def target(self) -> str:
        """The first of the conductances, which all lie in one arena."""
        return self.arrivals[0].target

    def check(self, state: State, packed: Mapping[str, Together]) -> None:
        """Refuse rows that were packed for conductances at other places, or for a longer history."""
        rows, remembered = packed[self.rows], len(state.array(f"{self.spikes}/{names.RANK}"))
        places = {path: state.arena(arrival.target) for path, arrival in zip(rows.paths, self.arrivals, strict=True)}
        arena = state.arena(self.target)[0]
        if rows.longest_delay > remembered or any(
            found is not arena or first != rows.place(path)[0] for path, (found, first) in places.items()
        ):
            raise CompileError(f"{self.rows} was packed for another arena or history\n  help: this is our bug.")

    @property
    def label(self) -> tuple[str, str]:
        """For the projections."""
        more = len(self.arrivals) - 1
        return self.name, self.rows + (f" and {more} more" if more else "")

    def count(self, run: Run, calls: int) -> Count:
        """Count synapses, and the parts of rows that were visited."""
        rows, spiked = run.packed[self.rows], run.spiked[self.spikes]
        is_open = [all(run.state[flag] for flag in arrival.open) for arrival in self.arrivals]
        paths = [path for path, opened in zip(rows.paths, is_open, strict=True) if opened]
        events = visits = 0
        for d, delay in enumerate(rows.delays.tolist()):
            arrived = spiked.arrived(delay)
            visits += int(arrived.sum()) if paths else 0
            whole = all(is_open)
            lengths = rows.row_lengths(d) if whole else sum(_alone(run.state, path, delay) for path in paths)
            events += int((arrived * lengths).sum())
        each = rows.synapse_bytes + 2 * run.state[self.target].itemsize
        return Count(events, "synapses", events * each + visits * (RANK + PLACE + 2 * rows.offsets.itemsize))

    def interpret(self, now: Moment) -> None:
        """Refuse: the interpreter has no packed rows, and each projection its kernel."""
        raise TypeError(f"{self.rows} is packed, which is for C only")


def _alone(state: State, path: str, delay: int) -> Array:
    """Return how many synapses each row of one projection has at a delay."""
    start, steps = state[f"{path}/{names.ROW_START}"], state[f"{path}/{names.DELAY_STEPS}"]
    if steps.shape == ():
        return np.diff(start) * (int(steps) == delay)
    before = np.concatenate([[0], np.cumsum(steps == delay)])
    lengths: Array = before[start[1:]] - before[start[:-1]]
    return lengths
