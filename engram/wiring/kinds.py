"""The kinds of connectors, for who only asks which one it is: a module that loads at once."""

from __future__ import annotations

__all__ = ["ALL", "LISTED", "NEAR", "NUMBER", "ONE_TO_ONE", "PATTERNS", "PROBABILITY", "TOTAL"]

ALL, ONE_TO_ONE, PROBABILITY, NUMBER, TOTAL = range(5)  # the kinds of eg_pattern
PATTERNS = {
    **{"EG_ALL": ALL, "EG_ONE_TO_ONE": ONE_TO_ONE, "EG_PROBABILITY": PROBABILITY, "EG_NUMBER": NUMBER},
    **{"EG_TOTAL": TOTAL, "EG_KINDS": TOTAL + 1},
}
"""Their names in C, and how many there are."""
NEAR, LISTED = -1, -2  # of connectors that have no pattern: by distance, or synapses were given
