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
from engram.ir.nodes import Kernel
from engram.state.elementary import draw_exp
from engram.state.tree import State

__all__ = ["decay_table", "fill_tables"]

MOST_ENTRIES = 1 << 16  # half a MiB; what was longer ago is computed
ZERO_BELOW = -746.0  # exp() of it underflows to 0


def fill_tables(kernel: Kernel, paths: Mapping[str, str], state: State, dt_ms: float) -> None:
    """Put the tables of a kernel into its arguments.

    Args:
        paths: in the tree, of the kernel's arguments, by symbol.
        dt_ms: step.
    """
    for table in kernel.tables:
        values: dict[str, Any] = {symbol: state[path].reshape(-1) for symbol, path in paths.items()}
        tau_ms = evaluate(table.tau, {**values, "dt": np.float64(dt_ms)})
        path = paths[table.symbol]
        entries = decay_table(float(np.reshape(tau_ms, -1)[0]), dt_ms, state.slot(path).dtype.name)
        if state[path] is not entries:
            state.put(state.slot(path).with_shape(entries.shape), entries)


@lru_cache(maxsize=32)
def decay_table(tau_ms: float, dt_ms: float, dtype: str = "float64") -> npt.NDArray[Any]:
    """Return ``exp(-k*dt/tau)`` for k = 0, 1 ... until it is 0, at most 65,536 entries of a dtype; read-only."""
    with np.errstate(all="ignore"):  # a tau of 0 or infinity
        exponent = -(np.arange(MOST_ENTRIES, dtype=np.float64) * dt_ms / tau_ms)
        length = 1 + int(np.argmax(exponent < ZERO_BELOW)) if (exponent < ZERO_BELOW).any() else MOST_ENTRIES
        entries = draw_exp(exponent[:length]).astype(dtype)
    entries.flags.writeable = False
    return entries
