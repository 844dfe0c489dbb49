"""The two jobs of the engine that reduce the values of a population to one number; as in ``engine_jobs.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engram.ir.jobs import Access, EngineJob, Moment
from engram.ir.reductions import REDUCTIONS, block_length, is_within_ranges, reduce
from engram.ir.told import Field, Handover, Told
from engram.ir.work import Count, Run

__all__ = ["Combine", "Reduce"]

SUM = 8  # bytes: of a block of neurons


@dataclass(frozen=True)
class _OfReduction(EngineJob):
    """A part of reducing the values of a population to one number.

    Args:
        op: mean, min, max, norm1 or norm2.
        path: of the values.
        result: the place of the number.
        n: neurons.
    """

    file = "reductions"
    fields = (
        Field("data", Told.START, "path"),
        Field("n", Told.NUMBER, "n"),
        Field("kind", Told.TYPE, "path"),
        Field("op", Told.NUMBER, "number"),
        Field("block", Told.NUMBER, "block"),
        Field("sum", Told.HANDOVER, "sums"),
        Field("result", Told.START, "result"),
    )

    op: str
    path: str
    result: str
    n: int

    @property
    def number(self) -> int:
        """The number of the operation."""
        return REDUCTIONS.index(self.op)

    @property
    def block(self) -> int:
        """Neurons of a block."""
        return block_length(self.n)

    @property
    def sums(self) -> Handover:
        """The sums of blocks."""
        return Handover(f"{self.result}/sums", -(-self.n // self.block))

    @property
    def label(self) -> tuple[str, str]:
        """For the values."""
        return self.name, self.path


@dataclass(frozen=True)
class Reduce(_OfReduction):
    """Find the sums of blocks of neurons, of which :class:`Combine` makes one number over a population."""

    name = "reduce"

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """Every thread reads its own blocks."""
        in_range = is_within_ranges(self.n)
        return Access(self.path, writes=False, in_range=in_range), Access(self.sums.name, writes=True, in_range=True)

    def count(self, run: Run, calls: int) -> Count:
        """Count values, which are read."""
        return run.values([self.path], calls)

    def interpret(self, now: Moment) -> None:
        """Leave it to :class:`Combine`: here is one thread."""


@dataclass(frozen=True)
class Combine(_OfReduction):
    """Put the sums of blocks together."""

    name = "combine"

    @cached_property
    def accesses(self) -> tuple[Access, ...]:
        """One thread reads what all have found."""
        sums = Access(self.sums.name, writes=False, in_range=False)
        return sums, Access(self.result, writes=True, in_range=False)

    def count(self, run: Run, calls: int) -> Count:
        """Count numbers, of which each takes all sums."""
        return Count(calls, "steps", calls * SUM * self.sums.n)

    def interpret(self, now: Moment) -> None:
        """Reduce the values, in the order in which all threads do."""
        now.state.array(self.result)[...] = reduce(self.op, now.state.array(self.path))
