"""Which synapses end at each post neuron, kept for the projections that somebody asked for last.

At most so many bytes for one network.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engram.wiring.columns import Columns

__all__ = ["KeptColumns"]

MOST_BYTES = 64 << 20  # of all projections together; a synapse has 4


class KeptColumns:
    """The columns of some projections of a network."""

    def __init__(self) -> None:
        self._kept = weakref.WeakKeyDictionary[Any, "Columns"]()  # in the order in which they were made

    @property
    def nbytes(self) -> int:
        """Bytes of all that is kept."""
        return sum(columns.nbytes for columns in self._kept.values())

    def known(self, owner: object) -> Columns | None:
        """Return what is kept for an owner, or None."""
        return self._kept.get(owner)

    def of(self, owner: object, nbytes: int, make: Callable[[], Columns]) -> Columns | None:
        """Return the columns of an owner, made if they are not kept; None if they are too large for that.

        Args:
            owner: what is kept goes with it.
            nbytes: that the columns have; the oldest others go if there is no room for them.
            make: makes them.
        """
        kept = self._kept.get(owner)
        if kept is None and nbytes <= MOST_BYTES:
            for oldest in [*self._kept]:
                if self.nbytes + nbytes > MOST_BYTES:
                    self._kept.pop(oldest, None)
            kept = self._kept[owner] = make()
        return kept
