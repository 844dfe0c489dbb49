"""How messages tell a value that a user gave: short, and what it is rather than what is in it.

In: anything. Out: a few words, on one line. A matrix, a table or a long list is told by its kind and shape.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

__all__ = ["told", "typed"]

MOST = 60  # characters
MANY = 1_000  # values that nobody looks at
NOUNS = {"ndarray": "array", "NoneType": "None"}


def told(value: Any, most: int = MOST) -> str:
    """Return how a message tells a value: as it was typed if that is short and on one line, else what it is.

    Args:
        most: characters of what is told as it was typed.
    """
    if isinstance(value, np.generic | np.ndarray) and value.shape == ():
        value = value.item()
    if type(value) is float:
        return typed(value)
    if isinstance(value, str | bytes):
        shown = repr(value[:most])
        return shown if len(shown) <= most and len(value) <= most else f"{shown[: most - 4]}{shown[-1]} ..."
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if own := getattr(type(value), "_told", None):  # of models: they have members, and are no list of these
        return str(own(value))
    count = len(value) if isinstance(value, Collection) and not isinstance(value, type) else 0
    shape = _shape(value)
    values = value.tolist() if shape and len(shape) == 1 and shape[0] <= MANY and hasattr(value, "tolist") else value
    shown = repr(values) if count <= MANY and (values is not value or not shape) else ""
    if shown and len(shown) <= most and "\n" not in shown:
        return shown
    if shape:
        return f"{_noun(value)} of shape {shape}"
    if count:
        return f"{_noun(value)} of {count}"
    return _noun(value) if "\n" in shown else f"{shown[: most - 4]} ..."


def typed(number: float) -> str:
    """Return a number as a user would have typed it: 0.3, not 0.30000000000000004."""
    rounded = float(f"{number:.12g}")
    return repr(rounded if abs(rounded - number) <= 1e-12 * abs(number) else number)


def _shape(value: Any) -> tuple[int, ...]:
    """Return the shape of an array or a table, () of everything else."""
    shape = None if isinstance(value, type) else getattr(value, "shape", None)
    return shape if isinstance(shape, tuple) and all(isinstance(length, int) for length in shape) else ()


def _noun(value: Any) -> str:
    name = type(value).__name__
    noun = NOUNS.get(name, name)
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
