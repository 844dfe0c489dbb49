"""Numbers, ranks and texts as dictionaries of ANNarchy hold them, in boxes, lists or arrays -> arrays and texts.

In: what a file has, and its place there for messages. Out: the value, or a DamagedFile that says what it is instead.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from engram.errors import DamagedFile
from engram.storage.document import short

__all__ = ["array_of", "fail", "number_of", "ranks_of", "text_of", "texts_of"]

Array = npt.NDArray[Any]


def text_of(place: str, given: object) -> str:
    """Return a text."""
    if isinstance(given, np.ndarray) and given.shape == () and given.dtype.kind == "U":
        given = given.item()
    if type(given) is not str:
        fail(place, f"expected a text, got {short(given)}")
    return given


def texts_of(place: str, given: object) -> list[str]:
    """Return a list of names; MATLAB writes one name as a text."""
    if isinstance(given, np.ndarray):
        given = [] if not given.size else given.tolist()
    if type(given) is str:
        return [given]
    if type(given) is not list or not {*map(type, given)} <= {str}:
        fail(place, f"expected a list of names, got {short(given)}")
    return given


def number_of(place: str, given: object) -> Array:
    """Return one number as an array of shape ()."""
    found = array_of(place, given)
    if found.size != 1:
        fail(place, f"expected a number, got {short(given)}")
    return found.reshape(())


def ranks_of(place: str, given: object) -> Array:
    """Return whole numbers, 0 or more, as (n,) int64."""
    found = array_of(place, given)
    if found.ndim > 1 or (found.size and (found.dtype.kind not in "iu" or found.min() < 0)):
        fail(place, f"expected whole numbers, 0 or more, got {short(given)}")
    return found.reshape(-1).astype(np.int64)


def array_of(place: str, given: object) -> Array:
    """Return numbers as an array of bool, int64 or what floats they are."""
    if isinstance(given, np.ndarray):
        found = given
    elif type(given) in (bool, int, float) or (type(given) is list and {*map(type, given)} <= {bool, int, float}):
        try:
            found = np.array(given)
        except (ValueError, OverflowError):
            fail(place, f"expected numbers, got {short(given)}")
    else:
        fail(place, f"expected numbers, got {short(given)}")
    if not found.size:
        found = found.astype(np.int64)
    if found.dtype.kind not in "biuf":
        fail(place, f"expected numbers, got {short(given)}")
    return found.astype(np.int64) if found.dtype.kind == "i" else found


def fail(place: str, what: str) -> NoReturn:
    """Raise DamagedFile."""
    raise DamagedFile(f"{place}: {what}")
