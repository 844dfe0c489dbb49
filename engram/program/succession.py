"""What loops need after one change of synapses, made of what they had before it: quicker than from the synapses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from engram.ir.rows import Rows
    from engram.wiring.derived import Segments, Transposed
    from engram.wiring.moves import Changes

__all__ = ["NOTHING", "Known", "Succession", "known_of"]

Array = npt.NDArray[Any]
MOST = 1 << 31  # synapses by whose numbers, which have a sign, columns are moved


class Known(NamedTuple):
    """What loops had beside the synapses, who have it no longer: some of it changes in place.

    Args:
        columns: the synapses of each post neuron.
        segments: where delays begin.
        short: ranks in half as many bytes.
    """

    columns: Transposed | None
    segments: Segments | None
    short: Array | None


NOTHING = Known(None, None, None)


def known_of(rows: Rows) -> Known:
    """Return it of some rows, which nobody may use any more."""
    from engram.wiring.derived import Segments, Transposed  # with synapses: importing engram must be quick

    start, slot, rank = rows.column_start, rows.column_slot, rows.column_pre
    columns = None
    if start is not None and slot is not None and rank is not None and len(slot) < MOST:
        columns = Transposed(start, slot, rank)
    segments = None if rows.segment is None else Segments(rows.delay, rows.segment)
    return Known(columns, segments, rows.short_rank)


class Succession(NamedTuple):
    """One change of synapses, of which loops know nothing yet; each method may be called once.

    Args:
        ranks: of the synapses afterwards.
        filled: what ``State.filled`` was.
        changes: it; None if only delays are others.
        known: what loops had, if they no longer have it; where delays begin now, if that follows.
        pre_in_flight: which neurons emitted what is in flight since, by the list in which it stands.
    """

    ranks: Array
    filled: int
    changes: Changes | None
    known: Known
    pre_in_flight: dict[str, Array]

    def columns(self) -> Transposed | None:
        """Return the columns, if those of before are known."""
        if self.changes is None or self.known.columns is None:
            return None
        return self.changes.turned(self.known.columns)

    def short(self) -> Array | None:
        """Return the ranks in half as many bytes, if those of before are known."""
        from engram.state.room import in_place, roomy
        from engram.wiring.moves import Exchange  # as above

        if self.changes is None or self.known.short is None:
            return None
        n, fresh = self.changes.n_after, self.changes.column.astype(np.uint16)
        out = in_place([self.known.short], n) if self.changes.is_native else None
        out = roomy(n, np.uint16) if out is None else out
        self.changes.exchange([Exchange(self.known.short, fresh, out)])
        return out
