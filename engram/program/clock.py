"""Setting the clock of a network: it stands at another step, and nothing else has happened.

What counts from a moment moves along: spikes in flight arrive as much later as they would have, traces and ``t_last``
are as old as before, monitors go on in their rhythm. Learning periods and random draws follow from the step itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engram.errors import InvalidArgument
from engram.program.program import Program
from engram.program.units import steps_exactly
from engram.telling import told

__all__ = ["set_step", "set_time"]

LAST = 2**53  # floats count no further


def set_time(program: Program, ms: Any) -> None:
    """Let ``ms`` be the time simulated so far.

    Raises:
        InvalidArgument: if it is no whole number of steps, 0 or more.
    """
    set_step(program, steps_exactly(ms, program.dt, "time"))


def set_step(program: Program, step: Any) -> None:
    """Let ``step`` be the number of finished steps.

    Raises:
        InvalidArgument: if it is no whole number from 0 to 2^53.
    """
    if isinstance(step, bool) or not isinstance(step, int | np.integer) or not 0 <= step <= LAST:
        what = f"current_step: expected a whole number from 0 to 2^53, got {told(step)}"
        raise InvalidArgument(f"{what}\n  help: it counts steps; net.time = 100.0 sets the clock in ms.")
    with program.lock:
        program.usable()
        moved = int(step) - program.state.step
        for monitor in program.monitors.values() if program.compiled else ():
            monitor.move(moved)
        program.state.set_step(int(step))
