"""Setting the clock of a network: it stands at another step, and nothing else has happened.

What counts from a moment moves along: spikes in flight arrive as much later as they would have, traces and ``t_last``
are as old as before, monitors go on in their rhythm. Learning periods and random draws follow from the step itself.
Called by :class:`Network`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engram.errors import InvalidArgument
from engram.network.units import steps_exactly

if TYPE_CHECKING:
    from engram.network.network import Network

__all__ = ["set_step", "set_time"]

LAST = 2**53  # floats count no further


def set_time(network: Network, ms: Any) -> None:
    """Let ``ms`` be the time simulated so far.

    Raises:
        InvalidArgument: if it is no whole number of steps, 0 or more.
    """
    set_step(network, steps_exactly(ms, network.dt, "time"))


def set_step(network: Network, step: Any) -> None:
    """Let ``step`` be the number of finished steps.

    Raises:
        InvalidArgument: if it is no whole number from 0 to 2^53.
    """
    if isinstance(step, bool) or not isinstance(step, int | np.integer) or not 0 <= step <= LAST:
        raise InvalidArgument(f"current_step: expected a whole number from 0 to 2^53, got {step!r:.60}")
    network._callbacks.refuse("set the clock")
    with network._lock:
        network._usable()
        moved = int(step) - network._state.step
        for monitor in network._monitors.values() if network.compiled else ():
            monitor._move(moved)
        network._state.set_step(int(step))
