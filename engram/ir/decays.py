"""Tables of decays: how an event-driven variable has changed after 0, 1, 2 ... steps.

Where tau is one value for a projection, a lookup replaces an exponential (or phi1). The entries are computed by
operations that are equal on every machine and for every backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.ir.interpret import evaluate
from engram.ir.nodes import DecayTable, reads
from engram.state.elementary import draw_exp
from engram.state.tree import State

__all__ = ["FilledTable", "decay_table", "gain_table"]

MOST_ENTRIES = 1 << 16  # half a MiB; what was longer ago is computed
TERMS = 20  # of the series of phi1 below 1: the first left out is below 1e-19
ZERO_BELOW = -746.0  # exp() of it underflows to 0


class FilledTable:
    """A table in the tree, and what it follows from.

    Args:
        state: the tree.
        path: of the table.
        table: what it holds.
        places: in the tree, of what tau is made of, by symbol.
        dt_ms: step.
    """

    def __init__(self, state: State, path: str, table: DecayTable, places: Mapping[str, str], dt_ms: float) -> None:
        self._state, self._path, self._table, self._dt_ms = state, path, table, dt_ms
        symbols = set[str]().union(*map(reads, table.parameters))
        self._places = {symbol: places[symbol] for symbol in symbols if symbol in places}
        self._filled_for = b""
        self._filled: npt.NDArray[Any] | None = None  # somebody else may have put another in its place

    def fill(self) -> None:
        """Put the table in its place, unless the one that is there is right."""
        parameters = [self._state.array(path) for path in self._places.values()]
        now = b"tau of" + b"".join(p.tobytes() for p in parameters)
        if now == self._filled_for and self._state.array(self._path) is self._filled:
            return
        values: dict[str, Any] = dict(zip(self._places, (p.reshape(-1) for p in parameters), strict=True))
        values["dt"] = np.float64(self._dt_ms)
        numbers = [float(np.reshape(evaluate(e, values), -1)[0]) for e in self._table.parameters]
        slot = self._state.slot(self._path)
        table = decay_table if self._table.decay is None else gain_table
        entries = table(*numbers, self._dt_ms, slot.dtype.name)
        self._state.put(slot.with_shape(entries.shape), entries)
        self._filled_for, self._filled = now, self._state.array(self._path)


@lru_cache(maxsize=32)
def decay_table(tau_ms: float, dt_ms: float, dtype: str = "float64") -> npt.NDArray[Any]:
    """Return ``exp(-k*dt/tau)`` for k = 0, 1 ... until it is 0, at most 65,536 entries of a dtype; read-only."""
    with np.errstate(all="ignore"):  # a tau of 0 or infinity
        exponent = _until_nothing_is_left(-(np.arange(MOST_ENTRIES, dtype=np.float64) * dt_ms / tau_ms))
        return _read_only(draw_exp(exponent), dtype)


@lru_cache(maxsize=32)
def gain_table(tau_ms: float, decay: float, dt_ms: float, dtype: str = "float64") -> npt.NDArray[Any]:
    """Return ``k*dt/tau*phi1(-decay*k*dt/tau)`` for k = 0, 1 ... until exp() is 0, of at most 65,536 entries."""
    with np.errstate(all="ignore"):
        over = np.arange(MOST_ENTRIES, dtype=np.float64) * dt_ms / tau_ms
        exponent = _until_nothing_is_left(-(decay * over))
        series = np.ones_like(exponent)
        for k in range(TERMS, 1, -1):
            series = 1.0 + exponent / k * series
        phi1 = np.where(np.abs(exponent) < 1.0, series, (draw_exp(exponent) - 1.0) / exponent)
        return _read_only(over[: len(exponent)] * phi1, dtype)


def _until_nothing_is_left(exponent: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the exponents up to the first whose exp() is 0."""
    is_over = exponent < ZERO_BELOW
    return exponent[: 1 + int(np.argmax(is_over))] if is_over.any() else exponent


def _read_only(entries: npt.NDArray[np.float64], dtype: str) -> npt.NDArray[Any]:
    table = entries.astype(dtype)
    table.flags.writeable = False
    return table
