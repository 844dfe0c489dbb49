"""Which shape a value takes in the network when it has another one in the file.

In: the slots of both sides. Out: a shape, or None where there is no way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from engram.state.slots import Layout, Role, Slot

__all__ = ["Lengths", "target_shape"]

Lengths: TypeAlias = Mapping[str, int]  # number of synapses in the file, by object


def target_shape(theirs: Slot, mine: Slot, lengths: Lengths) -> tuple[int, ...] | None:
    """Return the shape that the network's array has after the load; None if the file's value doesn't fit."""
    if mine.layout is not Layout.PLAIN:
        return _of_history(theirs.shape, mine)
    if theirs.shape == mine.shape:
        return mine.shape
    length = lengths.get(mine.owner)
    if mine.lifted and (theirs.shape == mine.lifted or mine.shape == mine.lifted):
        return _of_lifted(theirs.shape, mine)
    if mine.may_be_single and (theirs.shape == () or mine.shape == ()):
        return theirs.shape
    is_one = mine.shape == () and not mine.free_length  # of the network's own: a clock, a switch
    if mine.hidden and (is_one or (theirs.shape == () and mine.role is Role.WIRING)):
        return None
    if theirs.shape == ():  # one value for all
        return (length, *mine.shape[1:]) if mine.free_length and length is not None else mine.shape
    if mine.shape == ():  # taken if all are equal
        return ()
    fits = mine.free_length and len(theirs.shape) == len(mine.shape) and theirs.shape[1:] == mine.shape[1:]
    return theirs.shape if fits else None


def _of_lifted(shape: tuple[int, ...], mine: Slot) -> tuple[int, ...] | None:
    """One side has a value per neuron: the file's form is taken, be it that or one per synapse."""
    if shape == ():
        return mine.shape
    return shape if shape == mine.lifted or len(shape) == 1 else None


def _of_history(shape: tuple[int, ...], mine: Slot) -> tuple[int, ...] | None:
    if len(shape) != len(mine.shape) or shape[1:] != mine.shape[1:]:
        return None
    is_free = mine.free_length or mine.layout is not Layout.RING  # spikes and records are as long as they are
    return shape if is_free or shape == mine.shape else None
