"""Jobs as C structures: pointers into the tree, taken when a run begins.

In: a program of jobs and their compiled kernels. Out: for each job the function that the engine calls and its argument,
which serves as long as the values stay where they are. What structures are filled with stands in
``native/bound_jobs.py``; here is what that needs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

import numpy.typing as npt

from engram.ir.jobs import Job
from engram.ir.rows import Rows, Together
from engram.ir.schedule import Schedule
from engram.native.shared import Ahead, Shared, SpikeList, WalkedRows
from engram.native.structures import Pointer
from engram.state.residence import Blocks
from engram.state.tree import State

__all__ = ["Binder", "Bound", "Prepared", "Record"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Prepared:
    """What is run, for as long as no kernel or connectivity changes.

    Args:
        jobs: of one step, in order.
        code: compiled kernels by the key that jobs name.
        state: the tree.
        rows: of each projection, by path.
        packed: rows of several projections, by the key that jobs name.
        seed: of the network.
        threads: at most so many take part; of one alone nobody has to wait for another.
    """

    jobs: Schedule
    code: Mapping[str, ctypes.CDLL]
    state: State
    rows: Mapping[str, Rows]
    packed: Mapping[str, Together]
    seed: int
    threads: int


@dataclass(eq=False)
class Bound:
    """A job as the engine walks it.

    Args:
        job: which it is.
        run, arg: addresses of its function and of the structure that this gets.
        enabled: address of the bool that says whether it runs; 0: always.
        arrays: those of the tree that the structure leads to, by path; it keeps none of them alive.
        packed: key of the rows that it delivers, they, and how they were cut; the same holds for them.
        key: seed and upper half of the steps of its random draws; None if it draws nothing.
        record: what it fills.
        keeps: what must live as long as the structure.
    """

    job: Job
    run: int = 0
    arg: int = 0
    enabled: int = 0
    arrays: list[tuple[str, ref[Array]]] = field(default_factory=list)
    packed: tuple[str, ref[Together], ref[Array]] | None = None
    key: tuple[int, int] | None = None
    record: Record | None = None
    keeps: list[Any] = field(default_factory=list)

    def is_there(self, state: State) -> bool:
        """Whether the arrays that it leads to are still those of the tree."""
        return all(state.array(path) is array() for path, array in self.arrays)

    def fits(self, program: Prepared, key: tuple[int, int]) -> bool:
        """Whether, wherever the arrays of the tree are, it is the job of this program, and has these keys."""
        if self.packed is not None:
            key_of_rows, rows, cuts = self.packed
            now = program.packed[key_of_rows]
            return now is rows() and now.cuts is cuts()
        return self.key is None or self.key == key


@dataclass(frozen=True, eq=False)
class Record:
    """An ``eg_record_block``, and the records of the tree that it leads to: spikes have their step beside them.

    Args:
        least: rows for which there must be room before a step.
    """

    block: Any
    parts: tuple[Blocks, ...]
    least: int

    def make_room(self) -> None:
        """Begin new blocks where the next step might not fit."""
        for part in self.parts:
            if part.room < self.least:
                part.grow(self.least)


class Binder:
    """What binding the jobs of a program needs, one after another.

    Args:
        shared: the structures that jobs have in common.
        key: seed and upper half of the steps to come.

    Attributes:
        bound: the present job.
        functions: where the functions are, by the class of the job.
    """

    bound: Bound

    def __init__(self, program: Prepared, shared: Shared, key: tuple[int, int]) -> None:
        self.program, self.shared, self.key = program, shared, key
        self.functions: dict[type[Job], int] = {}

    def begin(self, job: Job) -> Bound:
        """Let a job be the present one."""
        self.bound = Bound(job)
        return self.bound

    def __getitem__(self, path: str) -> Array:
        """Return an array of the tree, and take note that the present job leads to it."""
        array = self.program.state.array(path)
        self.bound.arrays.append((path, ref(array)))
        return array

    def at(self, path: str) -> int:
        """Return where an array of the tree begins, and take the same note."""
        return self[path].ctypes.data

    def keep(self, structure: Any) -> int:
        """Return the address of a structure, which lives as long as the present job."""
        self.bound.keeps.append(structure)
        return ctypes.addressof(structure)

    def keep_shared(self, shared: SpikeList | WalkedRows | Ahead) -> int:
        """Return the address of a structure that jobs have in common."""
        self.bound.keeps.append(shared)
        return ctypes.addressof(shared.structure)

    def handover(self, name: str, n: int) -> int:
        """Return the address of ``n`` numbers that jobs have in common."""
        handover = self.shared.handover(name, n)
        self.bound.keeps.append(handover)
        return handover.address

    def spikes(self, path: str) -> int:
        """Return the address of the ``eg_spikes`` of a list."""
        return self.keep_shared(self.shared.spikes(path))

    def packed(self, key: str) -> int:
        """Return the address of the ``eg_packed`` of some rows, and take note how they are cut."""
        rows = self.program.packed[key]
        self.bound.packed = key, ref(rows), ref(rows.cuts)
        return self.keep(rows.view())

    def pointers(self, arrays: Sequence[Array]) -> int:
        """Return the address of a list of where arrays begin."""
        return self.keep((Pointer * max(1, len(arrays)))(*(a.ctypes.data for a in arrays)))
