"""The synapses of a projection as loops walk them. Made by ``program/compiling.py`` for engine and interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy.typing as npt

__all__ = ["Rows", "Together"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """The synapses of one projection as the loops walk them; see ``eg_rows`` in ``engram.h``."""

    start: Array
    rank: Array
    delay: Array
    segment: Array | None
    delay_of: Array | None
    column_start: Array | None
    column_slot: Array | None
    column_pre: Array | None
    multapse: Array | None
    short_rank: Array | None = None


class Together(Protocol):
    """The rows of several projections of one population, packed; see ``wiring/packed.py``."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The projections, in the order of their targets."""

    @property
    def cuts(self) -> Array:
        """Where the slices of threads begin, and the end of the last; another array when the rows are cut otherwise."""

    @property
    def longest_delay(self) -> int:
        """In steps, at least 1."""

    def place(self, path: str) -> tuple[int, int]:
        """Return the first target of a projection, and the one after its last."""

    def view(self) -> Any:
        """Return the structure that C walks."""
