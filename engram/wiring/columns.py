"""Synapses by the neurons of the side that has no rows, by their positions in canonical order.

In: ranks in canonical order. Out: :class:`Columns`. What loops need of the kind follows from ``wiring/derived.py``,
and has the rows, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.residence import aligned
from engram.wiring.derived import grouped

__all__ = ["Columns", "columns_of"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Columns:
    """The synapses of each column, by ascending row, ties in canonical order.

    Args:
        start: (n_columns + 1,) int64.
        slot: (n_syn,) uint32, their positions in canonical order.
    """

    start: Array
    slot: Array

    @property
    def nbytes(self) -> int:
        """Bytes of both arrays."""
        return self.start.nbytes + self.slot.nbytes


def columns_of(ranks: Array, n_columns: int, *, threads: int = 1) -> Columns:
    """Bring synapses together by column.

    Args:
        ranks: (n_syn,) uint32, the column of each, in canonical order.
        n_columns: all ranks are below it.
        threads: at most so many.
    """
    slot = aligned((len(ranks),), np.uint32)
    return Columns(grouped(ranks, n_columns, items=slot, threads=threads), slot)
