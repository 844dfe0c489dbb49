"""What a connector is made of, in numbers: each row is a function of it and of the row's index.

In: a connector and sizes. Out: :class:`Pattern`, ``eg_pattern`` in ``native/c/wiring.c``. Made by
``wiring/connect.py``, read by ``wiring/native.py`` and ``wiring/rows.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ALL", "NUMBER", "ONE_TO_ONE", "PROBABILITY", "TOTAL", "Pattern"]

Array = npt.NDArray[Any]

ALL, ONE_TO_ONE, PROBABILITY, NUMBER, TOTAL = range(5)  # the kinds of eg_pattern


@dataclass(frozen=True, eq=False)
class Pattern:
    """A connector in its own orientation.

    Args:
        kind: ``ALL``, ``ONE_TO_ONE``, ``PROBABILITY``, ``NUMBER`` or ``TOTAL``.
        n_rows: size of the side whose rows are drawn.
        n_columns: size of the other side.
        skip_self: whether a row's own column is left out of it.
        number: of distinct columns per row, at most those there are, for ``NUMBER``; of synapses in all, for ``TOTAL``.
        p: of each column; for ``PROBABILITY``.
        key: of the stream of draws.
        own: (n_rows,) int64, the own column of each row, -1 if it has none; None: column r of row r.
    """

    kind: int
    n_rows: int
    n_columns: int
    skip_self: bool
    number: int
    p: float
    key: int
    own: Array | None = None

    def left_out(self, rows: Array) -> Array:
        """Return the column that each of these rows leaves out, int64; ``n_columns`` where there is none."""
        if not self.skip_self:
            return np.full(len(rows), self.n_columns, np.int64)
        columns = rows if self.own is None else self.own[rows]
        return np.where((columns >= 0) & (columns < self.n_columns), columns, self.n_columns)
