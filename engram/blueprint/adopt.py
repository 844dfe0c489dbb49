"""What a network is after the values of another have been loaded: itself, begun as that one.

In: its blueprint and that of a file, whose values it has now. Out: a blueprint. Concerns of fields decide: of those
that say how things begin, and how synapses are drawn, the file's win.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from engram.blueprint.fields import Concern, concern_of, order_of, table_of
from engram.blueprint.records import Blueprint

__all__ = ["adopted"]

Test = Callable[[str], bool]
BOTH = (Concern.START, Concern.RECIPE)


def adopted(mine: Blueprint, theirs: Blueprint, is_loaded: Test, is_same: Test = bool) -> Blueprint:
    """Return a network's blueprint with the beginnings of a file's, and its notes about them.

    Args:
        is_loaded: whether the values of an object have come from the file, by its path.
        is_same: whether it has the same model there; else only its recipe is that of the file.
    """
    changed: dict[str, Any] = {}
    for part in fields(Blueprint):
        value, other = getattr(mine, part.name), getattr(theirs, part.name)
        if concern_of(part) is Concern.START:
            changed[part.name] = other
        elif is_dataclass(value):
            changed[part.name] = _begun(value, other)
        elif concern_of(part) is None:
            by_name = {one.name: one for one in other if order_of(part) is None or is_loaded(f"{part.name}/{one.name}")}
            changed[part.name] = tuple(
                _begun(one, by_name.get(one.name, one), BOTH if is_same(f"{part.name}/{one.name}") else BOTH[1:])
                for one in value
            )
    return replace(mine, **changed)


def _begun(mine: Any, theirs: Any, concerns: tuple[Concern, ...] = BOTH) -> Any:
    """Return a record with the other's fields that say how it begins, or how it is connected."""
    changed: dict[str, Any] = {}
    for one in fields(mine):
        value, other = getattr(mine, one.name), getattr(theirs, one.name)
        concern = concern_of(one)
        if concern in concerns:
            changed[one.name] = other
        elif concern is None and table_of(one) is None:
            changed[one.name] = _begun(value, other, concerns)
    return replace(mine, **changed) if changed else mine
