"""What ANNarchy left in a ``.mat`` file -> values by name.

In: a file. Out: a dictionary. MATLAB knows no single numbers, no rows without columns and no lists of texts: numbers
are 1 by 1, vectors one row, lists of texts a matrix of letters filled up with blanks. ``content.py`` makes of all of
these what they were.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engram.storage.annarchy.plain import Budget
from engram.storage.annarchy.sizes import check_length
from engram.storage.contract import Reader
from engram.storage.gzip_stream import MAX_RATIO
from engram.storage.mat.order import to_rows
from engram.storage.mat.read import Numbers, read_variables

__all__ = ["read_matlab"]


def read_matlab(file: Reader) -> dict[str, Any]:
    """Return the variables of a file by name; structs are dictionaries, cells lists.

    Raises:
        DamagedFile, UnsupportedFile: if it is damaged, or holds what numbers and texts don't need.
    """
    budget = Budget(MAX_RATIO * file.size)
    return _dictionary(read_variables(file), budget)


def _dictionary(given: dict[str, Any], budget: Budget) -> dict[str, Any]:
    """Return values by name; long ones are read last, when others have said how long they may be."""
    found: dict[str, Any] = {}
    for name in sorted(given, key=lambda name: _length(given[name])):
        check_length(found, name, _length(given[name]))
        found[name] = _plain(given[name], budget)
    return {name: found[name] for name in given}


def _length(value: Any) -> int:
    return math.prod(value.dims) if isinstance(value, Numbers) else 1


def _plain(value: Any, budget: Budget) -> Any:
    if isinstance(value, dict):
        return _dictionary(value, budget)
    if isinstance(value, list):
        return [one.rstrip(" ") if isinstance(one, str) else _plain(one, budget) for one in value]
    if not isinstance(value, Numbers):
        return value
    dtype = value.place.dtype
    budget.spend(math.prod(value.dims) * dtype.itemsize)
    content = bytearray()
    for piece in to_rows(value.place, value.dims):
        content += piece
    found = np.frombuffer(content, dtype).reshape(value.dims)
    if value.is_logical:
        found = found.astype(np.bool_)
    return found.reshape(()) if found.size == 1 else found.reshape(-1) if len(found) == 1 and found.ndim == 2 else found
