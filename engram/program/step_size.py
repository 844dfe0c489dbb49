"""Whether the step goes with what was given: time constants that explicit methods must follow, rates of spikes, delays.

In: populations and projections, and values that are to be set. Out: warnings, each once for a time constant or rate
of an object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engram.callers import warn
from engram.language.methods import METHODS
from engram.program.component import Component
from engram.program.synapses import Synapses
from engram.program.units import in_ms

if TYPE_CHECKING:
    from engram.ir.spec import Chance, Pace
    from engram.program.program import Program

__all__ = ["caution", "caution_of_delay", "caution_of_delays"]

Array = npt.NDArray[Any]
ROUNDING = 1e-6  # relative: 0.1 in float32 is no shorter than a step of 0.1 ms


def caution(owner: Any, new: Mapping[str, Any] | None = None, elements: Callable[[str], Any] | None = None) -> None:
    """Warn of values that don't go with the step, of each once; before compile none is known.

    Args:
        owner: population or projection.
        new: values that parameters and constants, by name, are to have; by default all that it has are looked at.
        elements: index of the elements that they are for among the values of a parameter; they are for all by default.
    """
    spec = owner.spec
    if not (spec.paces or spec.chances) or not owner.program.compiled:
        return
    if new is not None and spec.paced.isdisjoint(new):  # most assignments are of variables
        return
    texts: dict[str, str] = {}
    for pace in spec.paces:
        what = _expression(pace)
        is_asked = (new is None or pace.powers.keys() & new.keys()) and what not in owner.warned
        if is_asked and METHODS[_method(owner, pace)].is_explicit:
            texts.setdefault(what, _too_slow(owner, pace, _shortest_ms(owner, pace, new or {}, elements)))
    for chance in spec.chances:
        name = chance.parameter
        if (new is None or name in new) and name not in owner.warned:
            texts[name] = _too_rare(owner, chance, owner.value(name) if new is None else new[name])
    for what, text in texts.items():
        if text:
            owner.warned.add(what)
            warn(f"{owner.section[:-1]} {owner.name!r}: {text}")


def caution_of_delays(program: Program) -> None:
    """Warn once of delays, one number for all synapses, that are no whole number of steps; 0 asks for the shortest."""
    asked = ((one, one.draft.connection.delays) for one in program.projections.values() if one.draft.connection)
    rounded = ((one, delay) for one, delay in asked if isinstance(delay, int | float) and _is_rounded(delay, program))
    few = [*islice(rounded, 2)]
    if few:
        caution_of_delay(*few[0], "; others are rounded, too" if len(few) > 1 else "")


def caution_of_delay(projection: Synapses, delay_ms: float, others: str = "") -> None:
    """Warn if a delay is no whole number of steps; see above."""
    program = projection.program
    if _is_rounded(delay_ms, program):
        taken = in_ms(max(1, round(delay_ms / program.dt)), program.dt)
        steps = f"{delay_ms / program.dt:.6g} steps of dt = {program.dt:g} ms"
        what = f"{projection.where}: a delay of {delay_ms:.12g} ms is {steps}: {taken:.12g} ms is taken{others}"
        warn(f"{what}\n  help: give a multiple of dt, or make dt shorter.")


def _is_rounded(delay_ms: float, program: Program) -> bool:
    steps = delay_ms / program.dt
    return delay_ms > 0 and abs(steps - max(1, round(steps))) > ROUNDING


def _method(owner: Component, pace: Pace) -> str:
    return pace.method or owner.program.config.method


def _expression(pace: Pace) -> str:
    """Return a time constant as text: ``tau``, ``C/g``, ``1/k``, ``0.05``."""
    above = [name if power == 1 else f"{name}^{power}" for name, power in pace.powers.items() if power > 0]
    below = [name if power == -1 else f"{name}^{-power}" for name, power in pace.powers.items() if power < 0]
    if abs(pace.factor) != 1 or not above:
        above.insert(0, f"{abs(pace.factor):g}")
    divisor = f"({'*'.join(below)})" if len(below) > 1 else "".join(below)
    return f"{'-' * (pace.factor < 0)}{'*'.join(above)}{'/' * bool(below)}{divisor}"


def _shortest_ms(owner: Any, pace: Pace, new: Mapping[str, Any], elements: Callable[[str], Any] | None) -> float:
    """Return the smallest time constant above 0 that elements have with new values; infinite if none has one."""
    localities = {a.locality for a in map(owner.spec.attribute, pace.powers) if a is not None}
    is_spread = elements is None and localities >= {"local", "semiglobal"}  # one for many synapses beside one for each
    product: Any = pace.factor
    with np.errstate(all="ignore"):
        for name, power in pace.powers.items():
            attribute = owner.spec.attribute(name)
            if name in new:
                values = np.asarray(new[name])
            elif attribute is None:
                values = np.asarray(owner.program.constant(name))
            else:
                values = owner.value(name)
                values = values.reshape(-1)[elements(name)] if elements is not None and values.shape else values
            if is_spread and attribute is not None and attribute.locality == "semiglobal" and values.shape:
                values = values[owner.connectivity.post_of_synapses()]
            product = product * (values if power == 1 else np.float_power(values, power))
    return float(np.min(product, initial=np.inf, where=np.greater(product, 0)))


def _too_slow(owner: Component, pace: Pace, shortest_ms: float) -> str:
    """Return the warning of steps that are longer than a time constant; "" if they are not."""
    step_ms, of_what = owner.program.dt, "dt"
    if isinstance(owner, Synapses) and owner.learning_period > 1:
        step_ms, of_what = step_ms * owner.learning_period, "the learning period"
    if step_ms <= shortest_ms * (1 + ROUNDING):
        return ""
    tau = f"{_expression(pace)} = " if pace.powers else ""
    what = f"{of_what} = {step_ms:g} ms is longer than {tau}{shortest_ms:g} ms, the time constant of"
    what += f" {pace.variable}, which the method {_method(owner, pace)!r} can't follow"
    other = "write ': exponential' behind the equation, or " if pace.is_linear else ""
    return f"{what}\n  help: {other}make {of_what} shorter."


def _too_rare(owner: Component, chance: Chance, values: Array) -> str:
    """Return the warning of rates above one spike per step; "" if they are not."""
    dt_ms = owner.program.dt
    highest, most = float(np.max(values, initial=-np.inf)), chance.most / dt_ms
    if not highest > most * (1 + ROUNDING):
        return ""
    what = f"{chance.parameter} = {highest:g} is above {most:g}, which is a spike in every step of {dt_ms:g} ms"
    return f"{what}\n  help: make dt shorter than {chance.most / highest:g} ms, or let more neurons share the rate."
