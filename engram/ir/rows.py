"""The synapses of a projection as loops walk them. Made by ``network/compiling.py`` for engine and interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

__all__ = ["Rows"]

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
