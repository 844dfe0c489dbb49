"""What a monitor has recorded, as arrays that know when each sample was taken."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engram.analysis.forms import RECORD
from engram.analysis.spikes import Spikes
from engram.errors import InvalidArgument
from engram.program.units import in_ms

__all__ = ["Recording", "Samples"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Samples:
    """Values of a variable, (t, *geometry), or (t,) if it is global, and the steps at which they were taken, (t,)."""

    steps: Array
    values: Array

    @property
    def rows(self) -> Array:
        """The values of each time in a row, (t, n), also where there are no times."""
        return self.values.reshape(len(self.values), math.prod(self.values.shape[1:]))


@dataclass(frozen=True)
class Recording:
    """All that was asked of a monitor.

    Args:
        monitor: its name, for messages.
        dt_ms: ms per step.
        neurons: (n,) ranks of those that were recorded; of synapses those of their presynaptic neurons.
        samples: by variable.
        spikes: by variable, ``spike`` or ``axon_spike``.
        intervals: from which step to before which one it recorded.
        posts: (n,) ranks of the postsynaptic neurons of synapses; None of neurons.
        has_gaps: of synapses that come and go: NaN says that one was not there.
    """

    monitor: str
    dt_ms: float
    neurons: Array
    samples: dict[str, Samples]
    spikes: dict[str, Spikes]
    intervals: list[tuple[int, int]]
    posts: Array | None = None
    has_gaps: bool = False

    def events(self, name: str) -> Array:
        """Return spikes as a structured array of (time, rank), in the order of time, (n,)."""
        found = self.spikes[name]
        steps, ranks = found.steps, found.ranks
        order = np.lexsort((ranks, steps))
        events = np.empty(len(steps), RECORD)
        events["time"], events["rank"] = in_ms(steps[order], self.dt_ms), ranks[order]
        return events

    def common_steps(self) -> Array:
        """Return the steps at which all variables were sampled, (t,).

        Raises:
            InvalidArgument: if some have been fetched before, so that they have fewer samples.
        """
        if not self.samples:
            return np.zeros(0, np.int64)
        lengths = {name: len(found.steps) for name, found in self.samples.items()}
        if len(set(lengths.values())) > 1:
            counted = ", ".join(f"{name} has {n}" for name, n in lengths.items())
            raise InvalidArgument(
                f"monitor {self.monitor!r}: its variables have not the same number of samples: {counted}\n"
                "  help: ask for one variable, or fetch them together."
            )
        return next(iter(self.samples.values())).steps
