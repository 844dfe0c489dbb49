"""Which neurons of a population spiked in a step, read out of its list of spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.state import names
from engram.state.tree import State

__all__ = ["spiked_in"]

Array = npt.NDArray[Any]


def spiked_in(state: State, spikes: str, step: int) -> Array:
    """Return the ranks that spiked in a step, ascending, int64.

    Args:
        spikes: the list of spikes, ``populations/exc/history``.
    """
    history = state.array(f"{spikes}/{names.RANK}")
    row = step % len(history)
    ranks: Array = history[row, : state.array(f"{spikes}/{names.COUNT}")[row]].astype(np.int64)
    return ranks
