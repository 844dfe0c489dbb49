"""The synapses of a projection as loops walk them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy.typing as npt

__all__ = ["InFlight", "Rows", "Together"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class InFlight:
    """Spikes that were in flight when delays changed, each at one synapse; see ``eg_in_flight`` in ``engram.h``.

    Args:
        since: () int64, the step of the change: what was emitted before it arrives from here alone.
        arrives: (n,) uint16, when, in steps after it, ascending.
        emitted: (n,) uint16, in steps before it, descending where they arrive at once.
        synapse: (n,) uint32, positions, ascending where they were emitted at once.
        pre: (n,) uint32, the ranks of their presynaptic neurons.
    """

    since: Array
    arrives: Array
    emitted: Array
    synapse: Array
    pre: Array

    def arriving(self, step: int) -> slice:
        """Return which of them arrive in a step."""
        after = step - int(self.since)
        return slice(int(self.arrives.searchsorted(after)), int(self.arrives.searchsorted(after, "right")))


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
    in_flight: InFlight | None = None
    axons_in_flight: InFlight | None = None


class Together(Protocol):
    """The rows of several projections of one population, packed; see ``wiring/packed.py``.

    Attributes:
        delays: (K,) int64, those that occur, ascending, in steps.
        offsets: where each delay begins in each row; see ``eg_packed`` in ``engram_packed.h``.
    """

    @property
    def paths(self) -> tuple[str, ...]:
        """The projections, in the order of their targets."""

    delays: Array
    offsets: Array

    @property
    def synapse_bytes(self) -> int:
        """What is read of a synapse."""

    def row_lengths(self, delay: int) -> Array:
        """Return how many synapses each row has of the delay with that number, (n_pre,) int64."""

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
