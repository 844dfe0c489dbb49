"""What is done to Python's own objects and not to handles: elements assigned, attributes and elements deleted."""

from __future__ import annotations

from typing import Any, NoReturn

from engram.callers import shortened
from engram.errors import InvalidArgument, UnknownAttribute
from engram.telling import told

__all__ = ["Fixed"]


class Fixed:
    """Has the elements and attributes that its model and its connector say; messages say what can be done instead."""

    @shortened
    def __setitem__(self, place: Any, value: Any) -> NoReturn:
        said = f"[{told(place, 40)}]"
        raise InvalidArgument(
            f"elements of {told(self, 90)} can't be assigned\n"
            f"  help: their attributes can: x{said}.name = {told(value, 40)}, with the name of an attribute."
        )

    @shortened
    def __delitem__(self, place: Any) -> NoReturn:
        advice = "dendrite.prune_synapse(rank) removes a synapse; pop.disable() stops the neurons of a population."
        raise InvalidArgument(f"elements of {told(self, 90)} can't be deleted\n  help: {advice}")

    @shortened
    def __delattr__(self, name: str) -> None:
        if name in vars(self):
            object.__delattr__(self, name)
            return
        raise UnknownAttribute(
            f"{name!r} of {told(self, 90)} can't be deleted\n"
            "  help: its attributes are those of the model: make another."
        )
