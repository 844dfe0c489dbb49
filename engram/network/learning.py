"""Learning of projections: switched on with a period, and off, for one projection or for many at once.

Called by :class:`Projection` and :class:`Network`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engram.errors import InvalidArgument
from engram.ir.nodes import OFFSET_SYMBOL, PERIOD_SYMBOL
from engram.network.owner import is_among
from engram.network.units import steps_truncated, warn_of_rest

if TYPE_CHECKING:
    from engram.network.network import Network
    from engram.network.projection import Projection

__all__ = ["asked_projections", "learning_steps"]


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
            f"not period={period!r:.60}, offset={offset!r:.60}"
        )
    for name, given, taken in (("period", period, steps), ("offset", offset, late)):
        if given is not None and where is not None:
            warn_of_rest(given, taken, dt_ms, f"{where}: {name}")
    return {PERIOD_SYMBOL: steps, OFFSET_SYMBOL: late}


def asked_projections(network: Network, asked: Any) -> list[Projection]:
    """Return the projections that a call is about: all of the network for None.

    Raises:
        InvalidArgument: if something is no projection of the network.
    """
    known = network.get_projections()
    if asked is None:
        return known
    listed = list(asked) if isinstance(asked, list | tuple) else [asked]
    for one in listed:
        if not is_among(network._projections, one):
            what = f"expected projections of this network, got {one!r:.60}"
            raise InvalidArgument(f"{what}\n  help: give a list of them, or nothing for all.")
    return listed
