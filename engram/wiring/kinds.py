"""The kinds of connectors, for who only asks which one it is: a module that loads at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engram.wiring.pattern import Pattern

__all__ = ["ALL", "KINDS", "LISTED", "NEAR", "NUMBER", "NUMBERS", "ONE_TO_ONE", "PROBABILITY", "TOTAL", "PatternKind"]


class PatternKind(NamedTuple):
    """What is to be known of a kind of pattern, besides how its cells are drawn: ``rows.py``, ``engram_rules.h``.

    Args:
        name: in C.
        of_row: how many synapses a row has on average, about.
        of_cell: as many a cell has on average, at least; 0: cells are whole rows.
        has_draws: whether columns are drawn: then a block of them is drawn whole, or not at all.
    """

    name: str
    of_row: Callable[[Pattern], float]
    of_cell: float = 0.0
    has_draws: bool = True


KINDS = (
    PatternKind("EG_ALL", lambda pattern: pattern.n_columns, has_draws=False),
    PatternKind("EG_ONE_TO_ONE", lambda pattern: 1.0, has_draws=False),
    PatternKind("EG_PROBABILITY", lambda pattern: pattern.p * pattern.n_columns, of_cell=8.0),
    PatternKind("EG_NUMBER", lambda pattern: pattern.number),
    PatternKind("EG_TOTAL", lambda pattern: pattern.number / max(pattern.n_rows, 1), of_cell=64.0),
)
"""Those of ``eg_pattern``; the place of each is its number."""

NUMBERS = {kind.name: number for number, kind in enumerate(KINDS)}
ALL, ONE_TO_ONE, PROBABILITY, NUMBER, TOTAL = range(5)
NEAR, LISTED = -1, -2  # of connectors that have no pattern: by distance, or synapses were given
