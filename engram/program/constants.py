"""Constants of networks: numbers that equations know by name, and that can be changed while a network lives."""

from __future__ import annotations

import math
from typing import Any
from weakref import WeakSet

import numpy as np

from engram.errors import InvalidArgument
from engram.models.registry import REGISTRY
from engram.program.limits import check_limit
from engram.program.places import network_path
from engram.program.program import Program
from engram.program.step_size import caution
from engram.state import names
from engram.state.spelling import spelled
from engram.telling import told

__all__ = ["PROGRAMS", "check_constant", "checked_constant", "declare_constant", "set_constant", "set_in_all"]

PROGRAMS: WeakSet[Program] = WeakSet()  # of all networks that live, so that constants of all reach them


def checked_constant(name: Any, value: Any) -> float:
    """Return the value of a constant to be.

    Raises:
        InvalidArgument: if the name can't stand in equations or means something there already, or the value is no
            finite number.
    """
    if isinstance(name, str):
        name = spelled(name, "the name of a constant")
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        what = f"a constant needs a name that equations can use, not {told(name)}"
        raise InvalidArgument(f"{what}\n  help: letters, digits and _: eg.Constant('C_m', 0.1).")
    from engram.language.scope import may_be_constant  # scripts without constants need none of it

    if not may_be_constant(name):
        meaning = "equations call conductances so" if name.startswith("g_") else "it is reserved in equations"
        other = f"G_{name[2:]}" if name.startswith("g_") else f"{name.lstrip('_')}_0"
        raise InvalidArgument(
            f"a constant can't be named {name!r}: {meaning}\n  help: choose another, such as {other!r}."
        )
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not _is_finite(value):
        raise InvalidArgument(f"constant {name!r}: expected a finite number, got {told(value)}")
    return float(value)


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the largest float
        return False


def check_constant(program: Program, name: str, value: float) -> None:
    """Refuse a value of a constant with which an equation could not be computed; warn if steps are too long."""
    for component in program.components:
        if name in component.spec.constants:
            check_limit(component, name, np.asarray(value))
            caution(component, {name: value})


def set_constant(program: Program, name: str, value: float) -> None:
    """Give a constant of a network another value, or before compile one; later its equations know no other name."""
    if program.compiled and name not in program.constants:
        return
    check_constant(program, name, value)
    if network_path(names.constant(name)) in program.state:
        program.write(names.constant(name), value)
    else:
        program.constants[name] = value


def declare_constant(program: Program, name: str, value: float) -> None:
    """Make a number known to the equations of one network by name, or give it another value.

    Raises:
        InvalidArgument: if one of them can't be, or the name is new after compile.
    """
    number = checked_constant(name, value)
    if name not in program.constants:
        program.not_compiled(f"add the constant {name!r}")
    set_constant(program, name, number)
    if not program.compiled:
        program.declared_constants.add(name)
    REGISTRY.names.add(name)


def set_in_all(name: str, value: float) -> None:
    """Give a constant a value in this process, and in the networks that know it: in all of them or in none."""
    programs = list(PROGRAMS)
    for program in programs:
        check_constant(program, name, value)
    REGISTRY.declare(name, value)
    for program in programs:
        set_constant(program, name, value)
