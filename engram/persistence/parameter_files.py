"""Files of parameters, which people edit: written from a program, and read into one.

``storage`` is imported when a file is written or read, as in ``files.py``.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from engram.callers import warn
from engram.persistence.paths import Path, checked_path
from engram.program.assigning import assign_all
from engram.program.component import Component
from engram.program.constants import set_constant
from engram.program.program import Program

if TYPE_CHECKING:
    from engram.persistence.keeper import Keeper
    from engram.storage.parameters.values import Attribute

__all__ = ["load_parameters", "save_parameters"]


def save_parameters(keeper: Keeper, file: Path, extra: dict[str, Any] | None) -> None:
    """Write the global parameters; see :meth:`Network.save_parameters`."""
    from engram.storage.parameters.write import write_parameters

    program = keeper.program
    populations = {p.name: _global_parameters(p) for p in program.populations.values()}
    projections = {p.name: _global_parameters(p) for p in program.projections.values()}
    kept = keeper.parameters if extra is None else extra
    keeper.parameters = write_parameters(checked_path(file), populations, projections, kept, program.constants_now)


def _global_parameters(owner: Component) -> dict[str, Any]:
    return {
        a.name: np.asarray(owner.number(a), owner.dtype(a.type))[()]
        for a in owner.spec.attributes
        if a.locality == "global" and not a.is_variable and not a.is_table
    }


def load_parameters(keeper: Keeper, file: Path, global_only: bool, verbose: bool, strict: bool) -> dict[str, Any]:
    """Set parameters from a file; see :meth:`Network.load_parameters`."""
    from engram.storage.parameters.read import read_parameters

    program = keeper.program
    owners: dict[str, dict[str, Component]] = {
        "populations": dict(program.populations),
        "projections": dict(program.projections),
    }
    schema: dict[str, dict[str, Any]] = {
        section: {name: _schema(owner) for name, owner in named.items()} for section, named in owners.items()
    }
    schema["constants"] = {name: _constant_schema(program, name) for name in program.constants}
    found = read_parameters(checked_path(file), schema, global_only=global_only, strict=strict)
    for text in found.warnings:
        warn(text)
    with keeper.runner.callbacks.kept_out("load_parameters()", in_callbacks=True):
        for section, name, attribute, value in found.values:
            if section == "constants":
                set_constant(program, attribute, float(value))
            else:
                assign_all(owners[section][name], {attribute: value})
    keeper.parameters = copy.deepcopy(found.network)
    if verbose:
        for section, name, attribute, value in found.values:
            print(f"{section}/{name}/{attribute} = {value}")  # noqa: T201  asked for
        for path in found.skipped:
            print(f"{path}: skipped")  # noqa: T201
    return found.network


def _constant_schema(program: Program, name: str) -> Attribute:
    from engram.storage.parameters.values import Attribute

    limits = [owner.spec.limit(name) for owner in program.components if name in owner.spec.constants]
    return Attribute(np.dtype(np.float64), "float", limit=next((limit for limit in limits if limit), None))


def _schema(owner: Component) -> dict[str, Attribute]:
    from engram.storage.parameters.values import Attribute

    return {
        a.name: Attribute(
            owner.dtype(a.type), a.type, a.locality == "global", not a.is_variable, owner.spec.limit(a.name)
        )
        for a in owner.spec.attributes
        if not a.is_table
    }
