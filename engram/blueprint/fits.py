"""Do a blueprint and the values of a file belong together? Whose they are, and how many there are.

In: a blueprint that was read, and the slots of the file. Out: nothing, or an error that names the place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields

from engram.blueprint.fields import order_of
from engram.blueprint.records import Blueprint
from engram.errors import DamagedFile
from engram.state.slots import Layout, Slot

__all__ = ["check_fit", "check_owners"]

_OBJECTS = tuple(one.name for one in fields(Blueprint) if order_of(one) is not None)


def check_fit(blueprint: Blueprint, kind: str, slots: Iterable[Slot]) -> None:
    """Raise DamagedFile where values have more or fewer elements than the blueprint says.

    Args:
        kind: ``network``, or that of the one object that the file is about.
    """
    if kind != "network":
        _check_single(blueprint, kind)
    sizes = {f"populations/{one.name}": math.prod(one.geometry) for one in blueprint.populations}
    sides = {
        f"projections/{one.name}": tuple(sizes[f"populations/{side.population}"] for side in (one.pre, one.post))
        for one in blueprint.projections
    }
    for slot in slots:
        if slot.layout is not Layout.PLAIN or slot.free_length or not slot.shape:
            continue
        if slot.owner in sizes:
            _check(slot, math.prod(slot.shape), {sizes[slot.owner]}, "neurons")
        elif slot.owner in sides and slot.offsets:
            _check(slot, slot.shape[0] - 1, {*sides[slot.owner]}, "rows")


def check_owners(blueprint: Blueprint, owners: Iterable[str]) -> None:
    """Raise DamagedFile where values are of nothing that the blueprint has."""
    known = {f"{section}/{one.name}" for section in _OBJECTS for one in getattr(blueprint, section)} | {"network"}
    unknown = next((owner for owner in owners if owner not in known), None)
    if unknown is not None:
        raise DamagedFile(f"it holds values of {unknown!r}, which its blueprint lacks")


def _check_single(blueprint: Blueprint, kind: str) -> None:
    count = {section: len(getattr(blueprint, section)) for section in _OBJECTS}
    most = {
        "populations": 2 if kind == "projection" else 1,
        "projections": 1 if kind == "projection" else 0,
        "monitors": 0,
    }
    if count[f"{kind}s"] != 1 or any(count[section] > most[section] for section in _OBJECTS):
        got = ", ".join(f"{number} {section}" for section, number in count.items())
        raise DamagedFile(f"as the file of one {kind} it has the blueprint of {got}")


def _check(slot: Slot, got: int, allowed: set[int], what: str) -> None:
    if got not in allowed:
        said = " or ".join(map(str, sorted(allowed)))
        raise DamagedFile(f"{slot.path}: values of {got} {what}, the blueprint says {said}")
