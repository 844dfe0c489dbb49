"""Whether steps are short enough: for the time constants that explicit methods must follow, and for rates of spikes.

In: populations and projections, and values that are to be set. Out: warnings, each once for a parameter of an object.
Called by compile, and whenever attributes are set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.ir.nodes import PERIOD_SYMBOL

if TYPE_CHECKING:
    from engram.ir.spec import Chance, Pace
    from engram.network.population import Population
    from engram.network.projection import Projection

__all__ = ["caution", "caution_all"]

Array = npt.NDArray[Any]
EXPLICIT = ("explicit", "midpoint", "rk4")
ROUNDING = 1e-6  # relative: 0.1 in float32 is no shorter than a step of 0.1 ms


def caution_all(owner: Population | Projection) -> None:
    """Warn of all parameters of an object whose present values don't go with the step; called after compile."""
    parameters = [pace.parameter for pace in owner._spec.paces] + [chance.parameter for chance in owner._spec.chances]
    for name in dict.fromkeys(parameters):
        caution(owner, name, owner._value(name))


def caution(owner: Any, name: str, values: Array) -> None:
    """Warn, once, if values that a parameter has or is to have don't go with the step; before compile none is known.

    Args:
        owner: population or projection.
        name: of the attribute.
        values: all of it, or those of some elements.
    """
    spec = owner._spec
    if not (spec.paces or spec.chances) or not owner._network.compiled or name in owner._warned:
        return
    pace = next((p for p in spec.paces if p.parameter == name and _method(owner, p) in EXPLICIT), None)
    chance = next((c for c in spec.chances if c.parameter == name), None)
    text = "" if pace is None else _too_slow(owner, pace, values)
    text = text or ("" if chance is None else _too_rare(owner, chance, values))
    if text:
        owner._warned.add(name)
        warn(f"{owner._section[:-1]} {owner.name!r}: {text}")


def _method(owner: Population | Projection, pace: Pace) -> str:
    return pace.method or owner._network._config.method


def _too_slow(owner: Population | Projection, pace: Pace, values: Array) -> str:
    """Return the warning of steps that are longer than a time constant; "" if they are not."""
    step_ms, of_what = owner._network.dt, "dt"
    if owner._section == "projections" and owner._learning[PERIOD_SYMBOL] > 1:
        step_ms, of_what = step_ms * owner._learning[PERIOD_SYMBOL], "the learning period"
    shortest_ms = float(np.min(values, initial=np.inf, where=values > 0))
    if step_ms <= shortest_ms * (1 + ROUNDING):
        return ""
    what = f"{of_what} = {step_ms:g} ms is longer than {pace.parameter} = {shortest_ms:g} ms, the time constant of"
    what += f" {pace.variable}, which the method {_method(owner, pace)!r} can't follow"
    other = "write ': exponential' behind the equation, or " if pace.is_linear else ""
    return f"{what}\n  help: {other}make {of_what} shorter."


def _too_rare(owner: Population | Projection, chance: Chance, values: Array) -> str:
    """Return the warning of rates above one spike per step; "" if they are not."""
    dt_ms = owner._network.dt
    highest, most = float(np.max(values, initial=-np.inf)), chance.most / dt_ms
    if not highest > most * (1 + ROUNDING):
        return ""
    what = f"{chance.parameter} = {highest:g} is above {most:g}, which is a spike in every step of {dt_ms:g} ms"
    return f"{what}\n  help: make dt shorter than {chance.most / highest:g} ms, or let more neurons share the rate."
