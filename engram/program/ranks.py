"""Sizes of populations and ranks of neurons, as users and blueprints give them, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engram.errors import InvalidArgument
from engram.program.neurons import Neurons

__all__ = ["checked_geometry", "checked_ranks", "no_ranks", "ranks_at"]

Array = npt.NDArray[Any]


def checked_geometry(geometry: Any) -> tuple[int, ...]:
    """Return a geometry as a tuple.

    Raises:
        InvalidArgument: if it is no size, or too large.
    """
    sizes = geometry if isinstance(geometry, tuple | list) else (geometry,)
    if not sizes or any(isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1 for n in sizes):
        raise InvalidArgument(f"geometry must be a whole number or a tuple of them, 1 or more each, not {geometry!r}")
    if int(np.prod([int(n) for n in sizes], dtype=np.float64)) >= 2**32:
        raise InvalidArgument(f"a population has at most 2^32 - 1 neurons, geometry {geometry!r} has more")
    return tuple(int(n) for n in sizes)


def checked_ranks(population: Neurons, ranks: Any) -> Array:
    """Return ranks of some neurons, (n,) int64.

    Raises:
        InvalidArgument: if one is repeated or out of range.
    """
    try:
        chosen = np.asarray(ranks)
    except ValueError:  # lists of different lengths
        raise no_ranks(population, ranks) from None
    if chosen.ndim != 1 or (chosen.size and chosen.dtype.kind not in "iu"):
        raise no_ranks(population, ranks)
    chosen = chosen.astype(np.int64)
    if chosen.size and not (chosen.min() >= 0 and chosen.max() < population.size):
        raise InvalidArgument(f"population {population.name!r} has ranks 0 to {population.size - 1}, not {ranks!r:.60}")
    ascending = np.sort(chosen)  # np.unique would load numpy.ma, which takes long; np.bincount may need much memory
    if (ascending[1:] == ascending[:-1]).any():
        raise InvalidArgument(f"a rank of population {population.name!r} occurs twice in {ranks!r:.60}")
    return chosen


def no_ranks(population: Neurons, ranks: Any) -> InvalidArgument:
    """Return the error of what is no list of ranks."""
    return InvalidArgument(f"ranks of population {population.name!r} must be whole numbers, not {ranks!r:.60}")


def ranks_at(population: Neurons, key: Any) -> Array:
    """Return the ranks at some coordinates, as NumPy would index the geometry; a number for one neuron.

    Raises:
        InvalidArgument: if they are out of range.
    """
    try:
        return np.asarray(np.arange(population.size).reshape(population.geometry)[key])
    except IndexError as error:
        raise InvalidArgument(f"population {population.name!r} has geometry {population.geometry}: {error}") from None
