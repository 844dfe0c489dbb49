"""What a connector is made of, in numbers: each cell (a row's columns in one block) is a function of it and its place.

In: a connector, sizes and ranges. Out: :class:`Pattern`, ``eg_pattern`` in ``native/c/wiring.c``.
The formulas stand in ``docs/decisions/0009-streams.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.wiring.kinds import KINDS, PROBABILITY

__all__ = ["Cells", "Pattern"]

Array = npt.NDArray[Any]

_NARROWEST = 64  # columns of a block


@dataclass(frozen=True, eq=False)
class Cells:
    """Some cells of a pattern.

    Args:
        rows: (n,) int64.
        blocks: (n,) int64.
        low: (n,) int64, the first column of each.
        high: (n,) int64, the one behind the last.
        excluded: (n,) int64, the column that is left out; that behind the last one of the row where there is none.
    """

    rows: Array
    blocks: Array
    low: Array
    high: Array
    excluded: Array

    @property
    def available(self) -> Array:
        """How many columns may be connected, (n,) int64."""
        has_excluded = (self.low <= self.excluded) & (self.excluded < self.high)
        return np.asarray(self.high - self.low - has_excluded)

    def some(self, which: Array) -> Cells:
        """Return those of a mask or a list of positions."""
        return Cells(self.rows[which], self.blocks[which], self.low[which], self.high[which], self.excluded[which])


@dataclass(frozen=True, eq=False)
class Pattern:
    """A connector in its own orientation.

    Args:
        kind: its number in ``kinds.py``.
        n_rows: size of the side whose rows are drawn.
        n_columns: size of the other side.
        skip_self: whether a row's own column is left out of it.
        number: of distinct columns per row, at most those there are, for ``NUMBER``; of synapses in all, for ``TOTAL``.
        p: of each column; for ``PROBABILITY``.
        key: of the stream of draws.
        excluded: (n_rows,) int64, the column that each row leaves out, -1 if it has none; None: column r of row r.
        rows: [low, high) of those that are wanted; None: all.
        columns: [low, high) of those that are wanted; None: all.
    """

    kind: int
    n_rows: int
    n_columns: int
    skip_self: bool
    number: int
    p: float
    key: int
    excluded: Array | None = None
    rows: tuple[int, int] | None = None
    columns: tuple[int, int] | None = None

    @property
    def row_range(self) -> tuple[int, int]:
        """The rows that are wanted, [low, high)."""
        return self.rows or (0, self.n_rows)

    @property
    def column_range(self) -> tuple[int, int]:
        """The columns that are wanted, [low, high)."""
        return self.columns or (0, self.n_columns)

    @property
    def width(self) -> int:
        """Columns of a block: the smallest power of two, 64 at least, with which cells are large enough; or the row."""
        of_cell = KINDS[self.kind].of_cell
        if not of_cell:
            return max(self.n_columns, 1)
        if self.kind == PROBABILITY:
            share, of = self.p, 1.0
        else:
            share, of = float(self.number), float(self.n_rows) * float(self.n_columns)
        width = _NARROWEST
        while width < self.n_columns and width * share < of_cell * of:
            width *= 2
        return width

    @property
    def drawn_columns(self) -> tuple[int, int]:
        """The columns that are drawn: those that are wanted and, where there are draws, the others of their blocks."""
        low, high = self.column_range
        if not KINDS[self.kind].has_draws:
            return low, high
        width = self.width
        return low // width * width, min(-(-high // width) * width, self.n_columns)

    @property
    def blocks(self) -> tuple[int, int]:
        """The blocks that are drawn, [first, last)."""
        low, high = self.drawn_columns
        return low // self.width, -(-high // self.width)

    @property
    def n_cells(self) -> int:
        """Of the rows and blocks that are drawn."""
        (low, high), (first, last) = self.row_range, self.blocks
        return (high - low) * (last - first)

    def cells(self, numbers: Array) -> Cells:
        """Return some of the cells that are drawn, which are numbered row by row, (n,) int64."""
        (first, last), (low, high), width = self.blocks, self.drawn_columns, self.width
        rows, blocks = np.divmod(numbers, last - first)
        rows, blocks = rows + self.row_range[0], blocks + first
        lows, highs = np.maximum(blocks * width, low), np.minimum(blocks * width + width, high)
        return Cells(rows, blocks, lows, highs, self.left_out(rows))

    def left_out(self, rows: Array) -> Array:
        """Return the column that each of these rows leaves out, int64; ``n_columns`` where there is none."""
        if not self.skip_self:
            return np.full(len(rows), self.n_columns, np.int64)
        columns = rows if self.excluded is None else self.excluded[rows]
        return np.where((columns >= 0) & (columns < self.n_columns), columns, self.n_columns)
