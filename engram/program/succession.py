"""What loops need after one change of synapses, made of what they had before it: quicker than from the synapses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy.typing as npt

if TYPE_CHECKING:
    from engram.ir.rows import Rows
    from engram.wiring.changes import Changes
    from engram.wiring.derived import Segments, Transposed

__all__ = ["Succession"]

Array = npt.NDArray[Any]


class Succession(NamedTuple):
    """One change of synapses.

    Args:
        ranks: of the synapses afterwards.
        filled: what ``State.filled`` was.
        changes: it.
        before: the rows of before.
        pre_in_flight: which neurons emitted what is in flight since, by the list in which it stands.
    """

    ranks: Array
    filled: int
    changes: Changes
    before: Rows
    pre_in_flight: dict[str, Array]

    def columns(self) -> Transposed | None:
        """Return the columns, if those of before are known."""
        from engram.wiring.derived import Transposed  # with synapses: importing engram must be quick

        start, slot, rank = self.before.column_start, self.before.column_slot, self.before.column_pre
        if start is None or slot is None or rank is None:
            return None
        turned = self.changes.turned(Transposed(start, slot, rank))
        for name, array in (("slot", slot), ("rank", rank)):
            self.changes.spares.give(name, array)
        return turned

    def segments(self) -> Segments | None:
        """Return where delays begin, if that follows from where they did."""
        from engram.wiring.derived import Segments  # as above

        starts = self.before.segment
        return None if starts is None else self.changes.segments(Segments(self.before.delay, starts))
