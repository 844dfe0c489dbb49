"""The synapses of a projection within reach: a row, a column, a pair or single positions, without decoding the rest.

In: a compiled projection, whose synapses may be arrays or stand in packed rows with others. Out: positions in canonical
order, which are void when the synapses change, and values at them.

Which synapses end at a post neuron rows by pre don't say. That is kept beside them (:class:`KeptColumns`), or is what
the loops have already; where it is too large for that, rows are searched.
"""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.program.lifting import lifted_side
from engram.program.packing import packed_rows
from engram.program.synapses import Synapses
from engram.state import names

if TYPE_CHECKING:
    from engram.wiring.columns import Columns

__all__ = ["Reach", "as_lists", "reach_of"]

Array = npt.NDArray[Any]


def reach_of(projection: Synapses) -> Reach:
    """Return the synapses of a projection one by one.

    Raises:
        NotCompiled: if there are none yet.
    """
    projection.check_wired()
    known: Reach | None = projection.memo.get("reach")
    if known is None:
        known = projection.memo["reach"] = Reach(projection)
    return known


def as_lists(per_post: Array, ordered: Array) -> list[Any]:
    """Return values by post, then pre, (n_syn,), as a list for each post neuron that has synapses."""
    ends = np.cumsum(per_post).tolist()
    return [ordered[low:high].tolist() for low, high in itertools.pairwise([0, *ends]) if high > low]


class Reach:
    """The synapses of a projection as they are now; made anew when others have taken their places.

    Args:
        projection: with synapses.
    """

    def __init__(self, projection: Synapses) -> None:
        self._projection = projection
        self._by_post = projection.by == "post"
        self._n_columns = (projection.pre if self._by_post else projection.post).size

    @property
    def n_syn(self) -> int:
        """Number of synapses."""
        return self._projection.n_syn

    @property
    def _row_start(self) -> Array:
        return self._projection.value(names.ROW_START)

    # -- which they are ----------------------------------------------------------------------------------

    def of_pair(self, pre: int, post: int) -> Array:
        """Return the positions of the synapses of a pair, (n,) int64, ascending; several are multapses."""
        row, column = (post, pre) if self._by_post else (pre, post)
        return self._search(row, row + 1, column)

    def of_pre(self, pre: int) -> Array:
        """Return the positions of the synapses that begin at a neuron, (n,) int64, ascending."""
        if self._by_post:
            return self._search(0, len(self._row_start) - 1, pre)
        return np.arange(*self._row_start[pre : pre + 2])

    def of_post(self, post: int) -> Array:
        """Return the positions of the synapses that end at a neuron, (n,) int64, by pre, ties in canonical order."""
        if self._by_post:
            return np.arange(*self._row_start[post : post + 2])
        columns = self._columns()
        if columns is None:
            return self._search(0, len(self._row_start) - 1, post)
        low, high = columns.start[post : post + 2]
        return columns.slot[low:high].astype(np.int64)

    def _search(self, low: int, high: int, column: int) -> Array:
        rows = packed_rows(self._projection)
        if rows is None:
            return self._projection.connectivity.search(low, high, column)
        return rows.search(self._projection.path, low, high, column)

    def pre_of(self, positions: Array) -> Array:
        """Return the pre ranks of some synapses, (n,) int64."""
        return self._column_of(positions) if self._by_post else self._row_of(positions)

    def post_of(self, positions: Array) -> Array:
        """Return the post ranks of some synapses, (n,) int64."""
        return self._row_of(positions) if self._by_post else self._column_of(positions)

    def _row_of(self, positions: Array) -> Array:
        return np.asarray(self._row_start.searchsorted(positions, "right") - 1)

    def _column_of(self, positions: Array) -> Array:
        return self._read(self._projection.ranks_name, positions).astype(np.int64)

    # -- all of them, by post neuron ---------------------------------------------------------------------

    @cached_property
    def per_post(self) -> Array:
        """Number of synapses of each post neuron, (n_post,) int64."""
        if self._by_post:
            return np.diff(self._row_start)
        known = self._known_columns()
        if known is not None:
            return np.diff(known.start)
        return np.bincount(self._projection.value(self._projection.ranks_name), minlength=self._n_columns)

    @property
    def post_ranks(self) -> list[int]:
        """Ranks of the post neurons that have synapses, ascending."""
        return np.flatnonzero(self.per_post).tolist()  # type: ignore[no-any-return]  # of NumPy

    def in_order(self, values: Array) -> Array:
        """Bring values in canonical order, (n_syn,), into that by post, then pre."""
        order = self._order()
        return values if order is None else values[order]

    def in_canonical_order(self, values: Array) -> Array:
        """Bring values by post, then pre, (n_syn,), into canonical order."""
        order = self._order()
        if order is None:
            return values
        back = np.empty_like(values)
        back[order] = values
        return back

    def pre_in_order(self) -> Array:
        """Return the pre ranks by post, ascending in each, (n_syn,) uint32."""
        if self._by_post:
            return self._projection.value(self._projection.ranks_name)
        return self.in_order(np.repeat(np.arange(self._projection.pre.size, dtype=np.uint32), np.diff(self._row_start)))

    def _order(self) -> Array | None:
        """Return the positions of all synapses by post, then pre; None if they stand so."""
        if self._by_post:
            return None
        columns = self._columns()
        return self._made().slot if columns is None else columns.slot

    def _columns(self) -> Columns | None:
        """Return the columns, which are kept if possible; None if they are too many."""
        known, nbytes = self._known_columns(), 4 * self.n_syn + 8 * (self._n_columns + 1)
        return self._projection.program.kept_columns.of(self, nbytes, self._made) if known is None else known

    def _known_columns(self) -> Columns | None:
        """Return the columns if they are kept, or if loops have them."""
        from engram.wiring.columns import Columns  # loaded with synapses: importing engram must be quick

        projection = self._projection
        rows = projection.program.rows.get(projection.path)
        # those of synapses that were there before may not have gone yet
        if rows is None or rows.rank is not projection.value(projection.ranks_name):
            return projection.program.kept_columns.known(self)
        if rows.column_start is not None and rows.column_slot is not None:
            return Columns(rows.column_start, rows.column_slot)
        return projection.program.kept_columns.known(self)

    def _made(self) -> Columns:
        from engram.wiring.columns import columns_of  # as above

        projection = self._projection
        ranks = projection.value(projection.ranks_name)
        return columns_of(ranks, self._n_columns, threads=projection.program.threads)

    # -- values ------------------------------------------------------------------------------------------

    def values(self, name: str, positions: Array) -> Array:
        """Return the values of an attribute, or of another slot, at some synapses: (n,), or () if it is one number."""
        if self._projection.program.state.slot(self._projection.place(name)).shape == ():
            return self._projection.value(name)
        return self._read(name, self.elements(name, positions))

    def elements(self, name: str, positions: Array) -> Array:
        """Return which elements of a slot belong to some synapses; those per neuron belong to several."""
        attribute = self._projection.spec.attribute(name)
        side = lifted_side(self._projection, name)
        if side == "post" or (attribute is not None and attribute.locality == "semiglobal"):
            return self.post_of(positions)
        return self.pre_of(positions) if side == "pre" else positions

    def _read(self, name: str, elements: Array) -> Array:
        return self._projection.program.state.read(self._projection.place(name), elements)
