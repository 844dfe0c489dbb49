"""Learning periods: from ms, as they are given, to steps."""

from __future__ import annotations

from engram.errors import InvalidArgument
from engram.ir.nodes import OFFSET_SYMBOL, PERIOD_SYMBOL
from engram.program.units import steps_truncated, warn_of_rest
from engram.telling import told

__all__ = ["learning_steps"]


def learning_steps(
    dt_ms: float, period: float | None, offset: float | None, where: str | None = None
) -> dict[str, int]:
    """Return period and offset in steps, by the names of their slots.

    Args:
        dt_ms: of a step.
        period, offset: in ms; None: one step, and none.
        where: for messages; given, warns of what is no whole number of steps.

    Raises:
        InvalidArgument: if the period is shorter than a step, or the offset not below the period.
    """
    steps = 1 if period is None else steps_truncated(period, dt_ms, "period")
    late = 0 if offset is None else steps_truncated(offset, dt_ms, "offset")
    if steps < 1 or late >= steps:
        raise InvalidArgument(
            f"{where or 'learning'}: period must be at least one step ({dt_ms:g} ms) and offset below it, "
            f"not period={told(period)}, offset={told(offset)}"
            "\n  help: enable_learning(period=10.0, offset=0.0), in ms."
        )
    for name, given, taken in (("period", period, steps), ("offset", offset, late)):
        if given is not None and where is not None:
            warn_of_rest(given, taken, dt_ms, f"{where}: {name}")
    return {PERIOD_SYMBOL: steps, OFFSET_SYMBOL: late}
