"""The kinds of connectors, for who only asks which one it is: a module that loads at once."""

from __future__ import annotations

__all__ = ["ALL", "LISTED", "NEAR", "NUMBER", "ONE_TO_ONE", "PROBABILITY", "TOTAL"]

ALL, ONE_TO_ONE, PROBABILITY, NUMBER, TOTAL = range(5)  # the kinds of eg_pattern
NEAR, LISTED = -1, -2  # of connectors that have no pattern: by distance, or synapses were given
