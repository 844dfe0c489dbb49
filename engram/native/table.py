"""The table of jobs that the engine walks, in memory that C and Python share.

In: a program. Out: ``eg_program``, for call after call. A job that is the same as before, and whose arrays stand
where they stood, keeps its structure; only the others are bound anew.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping

import numpy as np

from engram.ir.jobs import Job
from engram.native.binding import Binder, Bound, Prepared, Record
from engram.native.bound_jobs import bind
from engram.native.pool import MAX_THREADS
from engram.native.shared import Shared
from engram.native.structures import LINE, Pointer, ProgramC
from engram.state import names
from engram.state.residence import aligned
from engram.state.tree import State

__all__ = ["Table"]


class Table:
    """The jobs of the programs that are run on one tree, one program after another.

    Attributes:
        program: what stands in the table; None if that is not complete.
        structure: the ``eg_program``.
    """

    def __init__(self, state: State, dt_ms: float) -> None:
        self._state, self._dt_ms = state, dt_ms
        self._shared = Shared(state)
        self._clock = state.array(f"{names.NETWORK}/{names.STEP}")
        self._bound: dict[int, Bound] = {}  # by the identity of the job, which it keeps alive
        self._records: list[Record] = []
        self._version = -1
        self.program: Prepared | None = None
        self.structure = ProgramC()

    def fits(self, program: Prepared) -> bool:
        """Whether this program stands in it, and leads to where the values are."""
        return self.program is program and self._version == self._state.version

    def lay_out(self, program: Prepared) -> None:
        """Let a program stand in the table, with the keys of the coming steps.

        It may be interrupted at any moment: then everything is bound anew.
        """
        state, self.program = self._state, None
        known, self._bound = self._bound, {}
        version, epoch = state.version, state.step >> 32
        self._shared.renew(program.rows, program.threads)
        bound_job = self._binding(program, known, (program.seed, epoch), version != self._version)
        bound = [bound_job(job) for job in program.jobs]
        self._records = [job.record for job in bound if job.record is not None]
        for number, record in enumerate(self._records):
            record.block.number = number
        self._fill(bound, program.jobs.barriers if program.threads > 1 else (False,) * len(bound), epoch)
        self._bound = {id(job.job): job for job in bound}
        self._version, self.program = version, program

    def prepare(self, program: Prepared) -> None:
        """Do what C asks for: the keys of the coming steps, and room in all records."""
        if self.structure.key_epoch != self._state.step >> 32:
            self.lay_out(program)
        for record in self._records:
            record.make_room()

    def _binding(
        self, program: Prepared, known: Mapping[int, Bound], key: tuple[int, int], has_moved: bool
    ) -> Callable[[Job], Bound]:
        state, binder = self._state, Binder(program, self._shared, key)

        def bound_job(job: Job) -> Bound:
            bound = known.get(id(job))
            if bound is not None and bound.fits(program, key) and not (has_moved and not bound.is_there(state)):
                return bound
            return bind(binder, job)

        return bound_job

    def _fill(self, bound: list[Bound], barriers: tuple[bool, ...], epoch: int) -> None:
        """Make the ``eg_program``, and keep what it points to."""
        entries = np.empty((len(bound), 4), np.int64)  # eg_entry
        entries[:, 0], entries[:, 1] = [job.run for job in bound], [job.arg for job in bound]
        entries[:, 2], entries[:, 3] = barriers, [job.enabled for job in bound]
        blocks = (Pointer * len(self._records))(*(ctypes.addressof(record.block) for record in self._records))
        stride = -(-len(self._records) // LINE) * LINE
        recorded = aligned((MAX_THREADS, stride), np.int64)
        ahead = self._shared.all_ahead()
        sums = (Pointer * len(ahead))(*(ctypes.addressof(one.structure) for one in ahead))
        structure = ProgramC(
            *(entries.ctypes.data, len(bound), ctypes.addressof(blocks), len(blocks)),
            *(recorded.ctypes.data, stride, ctypes.addressof(sums), len(ahead)),
            *(self._clock.ctypes.data, self._dt_ms, epoch, -1, 0),
        )
        structure.keeps = bound, entries, blocks, recorded, sums, ahead, self._clock
        self.structure = structure

    def spikes(self, path: str) -> int:
        """Return the address of the ``eg_spikes`` of a list."""
        return ctypes.addressof(self._shared.spikes(path).structure)
