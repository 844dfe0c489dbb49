"""How long arrays of a file may be, from what stands beside them: asked before they are read.

In: the dictionary of an object or a network, as far as it is known, and the length of one of its values. A file of
a few MB can describe GB of zeros; where its own facts say that they can't be, no memory is spent on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engram.storage.annarchy.given import fail
from engram.storage.pickles.arrays import Array, Bytes

__all__ = ["check_length", "check_lengths"]

_CLOCK = ("time_step", "net_id")
_OF_POPULATION = ("attributes", "geometry")


def check_lengths(root: object) -> None:
    """Refuse arrays of a pickle that are longer than its other values say; it was gone through, and not read."""
    for one in (root, *root.values()) if type(root) is dict else ():
        for name, value in one.items() if type(one) is dict else ():
            if type(value) is Array and isinstance(value.data, Bytes):
                check_length(one, name, math.prod(value.shape))


def check_length(beside: Mapping[str, Any], name: str, length: int) -> None:
    """Raise DamagedFile where a value of so many elements can't stand beside these.

    Args:
        beside: values by name, or what stands for them; what is not known yet may be missing.
    """
    if all(one in beside for one in _OF_POPULATION):
        size = _whole(beside.get("size"))
        if name == "size" and length != 1:
            fail(name, f"expected a number, got {length} values")
        if size is not None and length > max(size, 1) and name in _texts(beside.get("variables")):
            fail(name, f"{length} values in a population of size {size}")
    elif name in _CLOCK and length != 1 and "post_ranks" not in beside:
        fail(name, f"expected a number, got {length} values")


def _whole(value: object) -> int | None:
    if type(value) is Array and value.type is not None and value.type.kind in "iu" and isinstance(value.data, Bytes):
        value = np.frombuffer(value.data.data or b"", value.type)
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "iu":
        value = value.item()
    return value if type(value) is int else None


def _texts(value: object) -> list[Any]:
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return [*value.tolist()]
    return value if type(value) is list else [value]
