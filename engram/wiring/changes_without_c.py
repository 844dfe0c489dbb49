"""The work of ``changes.c`` in NumPy, bit for bit, for machines without a C compiler; see ``without_c.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state.draws import synapse_uniform

__all__ = ["OF_CHANGES"]

Array = npt.NDArray[Any]

_AT_ONCE = 1 << 14  # pairs drawn at a time; what the generator needs then stays in cache


def _missing(
    n_rows: int,
    n_columns: int,
    n_all_columns: int,
    no_self: int,
    rows: Array,
    columns: Array,
    row_start: Array,
    ranks: Array,
    n_gone: int,
    gone: Array,
    by_pre: int,
    key: int,
    step: int,
    draw: int,
    proba: float,
    seen: Array,
    row_out: Array,
    column_out: Array,
    count: Array,
) -> None:
    """The pairs of some rows and columns that have no synapse, and that draws choose, row by row."""
    length = row_start[rows + 1] - row_start[rows]
    row = np.repeat(np.arange(n_rows), length)
    k = np.arange(len(row)) + np.repeat(row_start[rows] - (np.cumsum(length) - length), length)
    is_free = np.ones((n_rows, n_all_columns), bool)
    counts = ~np.isin(k, gone)
    is_free[row[counts], ranks[k[counts]]] = False
    if no_self:
        is_free[np.arange(n_rows), rows] = False
    i, j = np.nonzero(is_free[:, columns])
    row, column = rows[i].astype(np.uint32), columns[j].astype(np.uint32)
    if proba < 1.0:
        is_chosen = np.empty(len(row), bool)
        pre, post = (row, column) if by_pre else (column, row)
        _chosen(len(row), pre, post, None, key, step, draw, proba, is_chosen)
        row, column = row[is_chosen], column[is_chosen]
    count[0] = len(row)
    row_out[: len(row)], column_out[: len(row)] = row, column


def _chosen(
    n: int,
    pre: Array,
    post: Array,
    multapse: Array | None,
    key: int,
    step: int,
    draw: int,
    proba: float,
    is_chosen: Array,
) -> None:
    """Whether the uniform draw of each pair is below a number."""
    for low in range(0, n, _AT_ONCE):
        some = slice(low, low + _AT_ONCE)
        number = draw + (0 if multapse is None else multapse[some].astype(np.int64) << 16)
        is_chosen[some] = synapse_uniform(key, pre[some], post[some], step, number) < proba


def _compared(
    n: int,
    width: int,
    values: Array,
    sign: int,
    or_equal: int,
    bound: float,
    capacity: int,
    position: Array,
    count: Array,
) -> None:
    """The positions of those floats that are less than a number, or greater."""
    is_so = {(-1, 0): np.less, (-1, 1): np.less_equal, (1, 0): np.greater, (1, 1): np.greater_equal}[sign, or_equal]
    found = np.flatnonzero(is_so(values, np.float64(bound)))
    count[0] = len(found)
    position[0, : len(found)] = found[:capacity]


OF_CHANGES: dict[str, Callable[..., None]] = {"missing": _missing, "chosen": _chosen, "compared": _compared}
