"""One remembered value: whose it is, what it looks like, what it is for.

In: what a model, a projection or a monitor must remember. Out: :class:`Slot`, the description of one value.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Any, NamedTuple

import numpy as np

from engram.state import names

__all__ = ["Layout", "OnReset", "Role", "Slot", "phases_of"]


class Role(str, Enum):
    """What a slot is for. All roles but ``scratch`` are saved."""

    PARAMETER = "parameter"  # set by the user, constant during a run
    STATE = "state"  # changes during a run
    TIME = "time"  # a state that holds step numbers: moved when the clock isn't loaded along with it
    WIRING = "wiring"  # who is connected to whom, and how late
    RECORD = "record"  # what a monitor collected
    SCRATCH = "scratch"  # written before it is read in every step; never saved


class Layout(str, Enum):
    """How the array in memory relates to the value that is saved (``state/tree.py`` converts)."""

    PLAIN = "plain"  # the array is the value
    RING = "ring"  # row ``s % length`` holds step s; saved oldest first
    SPIKES = "spikes"  # (length, n) lists of ranks; the sibling slot ``count`` (a RING) has their lengths; saved joined
    TABLE = "table"  # the array is the value, as long as it is, whatever else its owner has
    BLOCKS = "blocks"  # a record: blocks of rows that only grow; saved joined


class OnReset(str, Enum):
    """What a reset of its object does with a value."""

    KEEP = "keep"  # nothing: what was switched, drawn or recorded stays
    INITIAL = "initial"  # it becomes that of the sibling slot ``init/<name>``
    ZERO = "zero"
    NEVER = "never"  # the step of events that did not happen
    NOW = "now"  # the present step: from then on hold the values that are given along with it
    FORGET = "forget"  # a past: nobody has emitted anything, and values were always as they are now


class Slot(NamedTuple):
    """Describes one value of the tree; a tuple, since files have many and other classes take longer to make.

    Args:
        owner: the object that it belongs to: ``populations/exc``, or ``network``; empty for what is in a file alone.
        name: below the owner: ``v``, ``history/rank``; segments are never empty.
        shape: of the value as it is saved; ``()`` for a number. C order.
        dtype: one of bool, (u)int8 to (u)int64, float32, float64. Little-endian in files.
        role: see :class:`Role`.
        unit: as the user would write it; empty if unknown.
        hidden: true for what is no attribute of the user's model (spikes in flight, counters, flags ...).
            A file of engram's that lacks one is damaged, since resume needs all of them.
        free_length: the first axis may differ between file and network (synapses, histories, records);
            the network then takes an array of the file's length.
        may_be_single: one number may stand for one per element (weights, delays); the network then
            takes the file's form, whichever that is.
        below: every element must be less than this (ranks); None where nothing is to be checked.
        offsets: the array must start at 0, never decrease and end at the number of elements of the
            owner's free-length slots (row starts).
        layout: see :class:`Layout`.
        lifted: the shape that the value has where one element stands for all synapses of a neuron: (n_pre, 1) or
            (1, n_post); empty if it never does. The network then takes the file's form, whichever that is.
        on_reset: see :class:`OnReset`; a matter of the network's, not of the file's.
    """

    owner: str
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    role: Role
    unit: str = ""
    hidden: bool = False
    free_length: bool = False
    may_be_single: bool = False
    below: int | None = None
    offsets: bool = False
    layout: Layout = Layout.PLAIN
    lifted: tuple[int, ...] = ()
    on_reset: OnReset = OnReset.KEEP

    @classmethod
    def at(cls, path: str, *facts: Any, **more: Any) -> Slot:
        """Return the slot with that path."""
        return cls(*phases_of(path), *facts, **more)

    @property
    def path(self) -> str:
        """Where the value stands in the tree: ``populations/exc/v``, ``network/step``."""
        return f"{self.owner}/{self.name}" if self.owner else self.name

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Number of bytes of the value."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def is_long(self) -> bool:
        """Whether the first axis has the free length: there is one element per synapse (step of a history, sample)."""
        return self.is_long_as(self.shape)

    def is_long_as(self, shape: tuple[int, ...]) -> bool:
        """Say whether a value of this shape would be long."""
        return self.free_length and shape not in ((), self.lifted)

    @property
    def least(self) -> int | None:
        """The least that an element can be (periods, delays); None: anything."""
        return names.LEAST.get(self.name)

    @property
    def is_past(self) -> bool:
        """Whether it holds what was in the steps before."""
        return self.layout in (Layout.RING, Layout.SPIKES)

    def with_shape(self, shape: tuple[int, ...]) -> Slot:
        """Return the same slot with another shape."""
        return self if shape == self.shape else self._replace(shape=shape)


def phases_of(path: str) -> tuple[str, str]:
    """Return the owner and the name of a slot from its path."""
    section, _, rest = path.partition("/")
    if not rest:
        return "", section
    if section == "network":
        return section, rest
    owner, _, name = rest.partition("/")
    return f"{section}/{owner}", name
