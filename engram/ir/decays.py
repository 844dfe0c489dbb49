"""Tables of decays: by how much an event-driven variable has decayed after 0, 1, 2 ... steps.

Where tau is one value for a projection, a lookup replaces an exponential. The entries are computed by operations that
are equal on every machine and for every backend. Called by ``network/compiling.py`` before each run.
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

__all__ = ["FilledTable", "decay_table"]

MOST_ENTRIES = 1 << 16  # half a MiB; what was longer ago is computed
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
        self._state, self._path, self._tau, self._dt_ms = state, path, table.tau, dt_ms
        self._places = {symbol: places[symbol] for symbol in reads(table.tau) if symbol in places}
        self._filled_for = b""

    def fill(self) -> None:
        """Put the table in its place, unless the one that is there is right."""
        parameters = [self._state.array(path) for path in self._places.values()]
        now = b"tau of" + b"".join(p.tobytes() for p in parameters)
        if now == self._filled_for:
            return
        values: dict[str, Any] = dict(zip(self._places, (p.reshape(-1) for p in parameters), strict=True))
        tau_ms = evaluate(self._tau, {**values, "dt": np.float64(self._dt_ms)})
        slot = self._state.slot(self._path)
        entries = decay_table(float(np.reshape(tau_ms, -1)[0]), self._dt_ms, slot.dtype.name)
        self._state.put(slot.with_shape(entries.shape), entries)
        self._filled_for = now


@lru_cache(maxsize=32)
def decay_table(tau_ms: float, dt_ms: float, dtype: str = "float64") -> npt.NDArray[Any]:
    """Return ``exp(-k*dt/tau)`` for k = 0, 1 ... until it is 0, at most 65,536 entries of a dtype; read-only."""
    with np.errstate(all="ignore"):  # a tau of 0 or infinity
        exponent = -(np.arange(MOST_ENTRIES, dtype=np.float64) * dt_ms / tau_ms)
        length = 1 + int(np.argmax(exponent < ZERO_BELOW)) if (exponent < ZERO_BELOW).any() else MOST_ENTRIES
        entries = draw_exp(exponent[:length]).astype(dtype)
    entries.flags.writeable = False
    return entries
