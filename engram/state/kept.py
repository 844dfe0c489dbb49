"""The state of a moment, to which a tree can be brought back as long as nothing but a run has changed it.

In: the paths that a run writes. Out: copies. Records only grow: of them no more is kept than where they ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engram.state.extents import Extent
from engram.state.residence import Array, Mark
from engram.state.tree import State

__all__ = ["Kept"]


@dataclass(frozen=True)
class Kept:
    """The state of a moment.

    Args:
        step: number of finished steps.
        copies: of the extents, in order.
        marks: where the records ended, by path.
    """

    step: int
    copies: tuple[Array, ...]
    marks: dict[str, Mark]

    @classmethod
    def of(cls, state: State, parts: Sequence[Extent], records: Sequence[str]) -> Kept:
        """Keep the present state: all that a run writes, the clock too."""
        marks = {path: state.blocks(path).mark() for path in records}
        return cls(state.step, tuple(part.values(state).copy() for part in parts), marks)

    def restore(self, state: State, parts: Sequence[Extent]) -> None:
        """Bring a tree back to it."""
        for part, copy in zip(parts, self.copies, strict=True):
            part.values(state)[...] = copy
        for path, mark in self.marks.items():
            state.blocks(path).back_to(mark)
        state.written += 1
